//! The journal keeps the answer to each request: what was sent, and when.

#![allow(missing_docs)]
#![cfg(all(feature = "admin", feature = "files", feature = "templates"))]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use cannery::engine::Settings;
use cannery::server::ServerSettings;
use cannery::{MockServer, SentAnswer, WireFault, given, status};
use support::{Connection, Folder, Reply, Running, request, wait_until};

fn send(server: &MockServer, method: &str, target: &str, body: &[u8]) -> Reply {
    let mut connection = Connection::to(server.addr());
    connection.write(&request(method, target, &[], body));
    connection.read_to(method)
}

fn get(server: &MockServer, target: &str) -> Reply {
    send(server, "GET", target, b"")
}

/// The answers in the order of their requests.
fn answers(server: &MockServer) -> Vec<SentAnswer> {
    server.received().iter().map(|request| request.answer().expect("an answer").clone()).collect()
}

fn last(server: &MockServer) -> SentAnswer {
    answers(server).pop().expect("a request")
}

/// Drops a server whose answers fail the test on purpose.
fn drop_failed(server: MockServer) {
    assert!(catch_unwind(AssertUnwindSafe(|| drop(server))).is_err(), "a failed answer fails the test");
}

#[test]
fn an_answer_is_recorded_with_status_headers_body_and_times() {
    let server = MockServer::start();
    let answer = status(201).reason("Made").header("X-A", "1").header("X-B", "2").text("made");
    server.stub(given::post("/").respond(answer));

    let reply = send(&server, "POST", "/", b"x");

    let answer = last(&server);
    assert_eq!((answer.status(), answer.reason(), answer.turn()), (201, Some("Made"), None));
    let headers: Vec<_> = answer.headers().collect();
    assert_eq!(headers, [("X-A", "1"), ("X-B", "2"), ("Content-Type", "text/plain; charset=utf-8")]);
    assert_eq!((answer.header("x-a"), answer.body()), (Some("1"), Some(&reply.body[..])));
    assert_eq!((answer.body_length(), answer.is_body_evicted()), (Some(4), false));
    wait_until("the end is recorded", || last(&server).last_byte_after().is_some());
    let answer = last(&server);
    assert!(answer.first_byte_after() <= answer.last_byte_after() && answer.first_byte_after().is_some());
    assert_eq!((answer.bytes_sent(), answer.has_client_left()), (4, false));
}

#[test]
fn an_answer_is_in_the_journal_before_its_first_byte_and_its_times_are_added_later() {
    let server = MockServer::start();
    const DELAY: Duration = Duration::from_millis(400);
    server.stub(given::get("/").respond(status(200).text("late").delay(DELAY)));
    let mut connection = Connection::to(server.addr());
    connection.write(&request("GET", "/", &[], b""));

    wait_until("the request is recorded", || !server.received().is_empty());
    let early = last(&server);
    assert_eq!((early.status(), early.body()), (200, Some(&b"late"[..])));
    assert_eq!((early.first_byte_after(), early.last_byte_after(), early.bytes_sent()), (None, None, 0));

    connection.read();
    wait_until("what was read before sees the end too", || early.last_byte_after().is_some());
    assert!(early.first_byte_after().expect("it was sent") >= DELAY);
}

#[test]
fn the_place_of_a_response_in_its_sequence_is_recorded() {
    let server = MockServer::start();
    server.stub(given::get("/").responses([status(200).text("one"), status(503).text("two")]));

    (0..3).for_each(|_| drop(get(&server, "/")));

    let recorded: Vec<_> = answers(&server).iter().map(|answer| (answer.status(), answer.turn())).collect();
    assert_eq!(recorded, [(200, Some((1, 2))), (503, Some((2, 2))), (503, Some((2, 2)))]);
}

#[test]
fn a_constant_body_is_shared_and_of_a_rendered_body_64_kib_are_kept() {
    let server = MockServer::start();
    let long = "0123456789".repeat(20_000);
    let rendered = long.clone();
    server.stub(given::get("/constant").respond(status(200).text(long.clone())));
    server.stub(given::get("/rendered").respond_with(move |_| status(200).text(rendered.clone())));

    get(&server, "/constant");
    get(&server, "/constant");
    assert_eq!(get(&server, "/rendered").text(), long);

    let [first, second, rendered] = answers(&server).try_into().expect("three answers");
    let pointer = |answer: &SentAnswer| answer.body().map(<[u8]>::as_ptr);
    assert_eq!((first.body(), pointer(&first)), (Some(long.as_bytes()), pointer(&second)));
    assert_eq!((rendered.body(), rendered.body_length()), (Some(&long.as_bytes()[..64 * 1024]), Some(200_000)));
    wait_until("all of it is sent", || last(&server).bytes_sent() == 200_000);
}

#[test]
fn bodies_of_answers_have_their_own_budget_and_evict_no_request() {
    let server = MockServer::start();
    let rendered = "x".repeat(64 * 1024);
    server.stub(given::get("/rendered").respond_with(move |_| status(200).header("X-A", "a").text(rendered.clone())));
    server.stub(given::get("/constant").respond(status(200).text("constant")));
    get(&server, "/constant");
    let mut connection = Connection::to(server.addr());

    for _ in 0..300 {
        connection.write(&request("GET", "/rendered", &[], b""));
        connection.read();
    }

    let answers = answers(&server);
    assert_eq!((answers.len(), answers[0].body()), (301, Some(&b"constant"[..])));
    let (evicted, left) = answers[1..].split_at(300 - 256);
    for answer in evicted {
        assert_eq!((answer.status(), answer.header("x-a"), answer.body()), (200, Some("a"), None));
        assert_eq!((answer.is_body_evicted(), answer.body_length()), (true, Some(64 * 1024)));
    }
    assert!(left.iter().all(|answer| !answer.is_body_evicted() && answer.body().is_some()));
    server.reset_requests();
    get(&server, "/rendered");
    assert!(last(&server).body().is_some(), "a reset empties the budget");
}

#[test]
fn long_headers_of_one_request_are_evicted_with_the_body() {
    let server = MockServer::start();
    let long = "h".repeat(30_000);
    server.stub(given::get("/").respond_with(move |_| status(200).header("X-Long", long.clone())));
    let mut connection = Connection::to(server.addr());

    for _ in 0..600 {
        connection.write(&request("GET", "/", &[], b""));
        connection.read();
    }

    let answers = answers(&server);
    let evicted = answers.iter().filter(|answer| answer.header("x-long").is_none()).count();
    assert!(evicted > 0 && answers.iter().take(evicted).all(SentAnswer::is_body_evicted), "{evicted}");
    assert!(16 * 1024 * 1024 / 30_000 >= answers.len() - evicted, "{evicted}");
}

#[test]
fn refusals_failures_and_404s_are_recorded_as_they_were_sent() {
    let server = MockServer::builder().max_body(100).start();
    server.stub(given::post("/").respond(status(200)));
    server.stub(given::get("/panics").respond_with(|_| panic!("on purpose")));
    server.stub(given::get("/template").respond(status(200).text("{{request.query.missing}}").template(true)));

    let replies = [
        get(&server, "/unknown"),
        get(&server, "/unknown"),
        send(&server, "POST", "/", &[b'x'; 101]),
        get(&server, "/panics"),
        get(&server, "/template"),
    ];

    assert_eq!(replies.each_ref().map(|reply| reply.status), [404, 404, 413, 500, 500]);
    for (reply, answer) in replies.iter().zip(answers(&server)) {
        assert_eq!((answer.status(), answer.body()), (reply.status, Some(&reply.body[..])));
        assert_eq!(answer.header("content-type"), reply.header("content-type"));
    }
    let mut connection = Connection::to(server.addr());
    connection.write(b"no HTTP at all\r\n\r\n");
    let (reply, _) = connection.rest();
    assert!(reply.starts_with("HTTP/1.1 400 "), "{reply}");
    wait_until("it is recorded", || server.received().len() == 6);
    assert_eq!((last(&server).status(), last(&server).body()), (400, Some(&b""[..])));
    drop_failed(server);
}

#[test]
fn an_answer_that_is_slow_to_decide_is_recorded_as_it_was_sent() {
    let server = MockServer::start();
    let copies = "{{request.body}}".repeat(3);
    server.stub(given::post("/").respond(status(200).text(copies).template(true)));

    let reply = send(&server, "POST", "/", &[b'x'; 300_000]);

    let answer = last(&server);
    assert_eq!((reply.status, answer.body_length()), (200, Some(900_000)));
    assert_eq!(answer.body(), Some(&[b'x'; 64 * 1024][..]));
}

#[test]
fn bytes_that_a_fault_withholds_are_recorded_as_not_sent() {
    let server = MockServer::start();
    server.stub(given::get("/reset").respond(status(200).text("never").fault(WireFault::Reset)));
    server.stub(given::get("/truncated").respond(status(200).text("0123456789").fault(WireFault::Truncate)));

    for target in ["/reset", "/truncated"] {
        let mut connection = Connection::to(server.addr());
        connection.write(&request("GET", target, &[], b""));
        connection.rest();
    }

    wait_until("the end is recorded", || last(&server).last_byte_after().is_some());
    let [reset, truncated] = answers(&server).try_into().expect("two answers");
    assert_eq!((reset.status(), reset.body()), (200, Some(&b"never"[..])));
    assert_eq!((reset.first_byte_after(), reset.bytes_sent(), reset.has_client_left()), (None, 0, false));
    assert_eq!(
        (truncated.body_length(), truncated.bytes_sent()),
        (Some(10), WireFault::Truncate.sent_length(10) as u64)
    );
    assert!(!truncated.has_client_left());
}

#[test]
fn an_answer_without_a_body_has_its_last_byte_at_once() {
    let server = MockServer::start();
    server.stub(given::anything().respond(status(200).text("not for HEAD")));
    server.stub(given::get("/empty").respond(status(204)));

    send(&server, "HEAD", "/", b"");
    get(&server, "/empty");

    wait_until("both ends are recorded", || answers(&server).iter().all(|answer| answer.last_byte_after().is_some()));
    assert!(answers(&server).iter().all(|answer| answer.bytes_sent() == 0 && !answer.has_client_left()));
    assert_eq!(answers(&server)[0].body(), Some(&b"not for HEAD"[..]));
}

#[test]
fn a_client_that_disconnects_during_an_answer_is_recorded() {
    let server = MockServer::start();
    let slow = status(200).text("x".repeat(1000)).dribble(1000, Duration::from_secs(20));
    server.stub(given::get("/").respond(slow));

    let mut connection = Connection::to(server.addr());
    connection.write(&request("GET", "/", &[], b""));
    wait_until("some of it is sent", || !server.received().is_empty() && last(&server).bytes_sent() > 0);
    assert!(!last(&server).has_client_left());
    drop(connection);

    wait_until("the server notices", || last(&server).has_client_left());
    assert_eq!(last(&server).last_byte_after(), None);
    assert!(last(&server).bytes_sent() < 1000);
}

#[test]
fn cors_headers_and_preference_applied_are_recorded() {
    let folder = Folder::new();
    let path = folder.write("a.toml", "[[stub]]\nname = 'a'\non_demand = true\nresponse.text = 'a'\n");
    let server = Running::start_at(&[path], Settings::default(), ServerSettings { cors: true, ..Default::default() });

    let origin = ("Origin", "https://shop.example");
    let reply = server.send("GET", "/", &[origin, ("Prefer", "stub=a")], "");
    let preflight = server.send("OPTIONS", "/", &[origin, ("Access-Control-Request-Method", "GET")], "");

    assert_eq!((reply.status, preflight.status), (200, 204));
    for (reply, entry) in [reply, preflight].iter().zip(server.engine.journal().entries) {
        let answer = entry.answer.as_ref().expect("an answer");
        let headers = answer.headers().expect("they are short");
        for (name, value) in headers {
            assert_eq!(reply.header(name), Some(&**value), "{name}");
        }
        let sent = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        assert!(sent("access-control-allow-origin"), "{headers:?}");
        assert_eq!(sent("preference-applied"), reply.header("preference-applied").is_some());
    }
}
