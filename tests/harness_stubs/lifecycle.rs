//! The order of stubs, their states, and their removal.

use cannery::{MockServer, given, status};

use super::client::{get, send};

#[test]
fn the_stub_that_was_added_last_answers_unless_another_has_priority() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(201)));
    server.stub(given::get("/").respond(status(202)));
    assert_eq!(get(&server, "/").0, 202);

    server.stub(given::get("/").respond(status(203)).priority(6));
    assert_eq!(get(&server, "/").0, 202);
    server.stub(given::get("/").respond(status(204)).priority(1));
    assert_eq!(get(&server, "/").0, 204);
}

#[test]
fn states_change_with_requests_and_may_be_set() {
    let server = MockServer::start();
    let on = |stub: cannery::StubBuilder| server.stub(stub.in_scenario("order"));
    on(given::post("/pay").respond(status(200)).when_state("Started").then_state("paid"));
    on(given::post("/pay").respond(status(409)).when_state("paid"));

    assert_eq!(server.state("order"), "Started");
    assert_eq!([0; 2].map(|_| send(&server, "POST", "/pay", &[], "").0), [200, 409]);
    assert_eq!(server.state("order"), "paid");
    server.set_state("order", "Started");
    assert_eq!(send(&server, "POST", "/pay", &[], "").0, 200);
}

#[test]
fn an_on_demand_stub_answers_when_it_is_armed() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200)));
    server.stub(given::get("/").respond(status(429)).named("BUSY").on_demand());
    let thrice = || [0; 3].map(|_| get(&server, "/").0);

    assert_eq!(thrice(), [200, 200, 200]);
    server.arm("BUSY");
    assert_eq!(thrice(), [429, 200, 200]);
    server.arm_times("BUSY", 2);
    assert_eq!(thrice(), [429, 429, 200]);
    server.arm_times("BUSY", 2);
    server.disarm("BUSY");
    assert_eq!(thrice(), [200, 200, 200]);
    assert_eq!(send(&server, "GET", "/", &[("Prefer", "stub=BUSY")], "").0, 429);
}

#[test]
fn a_scoped_stub_is_removed_with_its_scope() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200)));
    {
        let scoped = server.stub(given::get("/").respond(status(500)).expect(1)).scoped();
        assert_eq!(get(&server, "/").0, 500);
        assert_eq!(scoped.calls(), 1);
        let _other = server.scoped(given::get("/").respond(status(501)));
        assert_eq!(get(&server, "/").0, 501);
    }
    assert_eq!(get(&server, "/").0, 200);

    let handle = server.stub(given::get("/").respond(status(502)));
    handle.clone().remove();
    assert_eq!((get(&server, "/").0, handle.calls()), (200, 0));
}

#[test]
fn a_reset_removes_the_stubs_and_requests_of_the_test() {
    let server = MockServer::serving("scenarios/basics");
    let handle = server.stub(given::get("/added").respond(status(200)));
    get(&server, "/added");
    get(&server, "/nothing");
    assert_eq!((handle.calls(), server.received().len(), server.unmatched().len()), (1, 2, 1));

    server.reset_requests();
    assert_eq!((handle.calls(), server.received().len()), (0, 0));
    assert_eq!(get(&server, "/added").0, 200);

    server.reset();
    assert_eq!((get(&server, "/added").0, server.received().len()), (404, 1));
}
