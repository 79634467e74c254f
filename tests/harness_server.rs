//! How a server starts, its address, and what it reports about its requests.

#![allow(missing_docs)]

mod client;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use cannery::{Delay, MockServer, Timestamp, given, status};
use client::{get, send};

#[test]
fn a_server_knows_its_address_and_urls() {
    let server = MockServer::start();

    assert!(server.addr().ip().is_loopback() && server.port() == server.addr().port());
    assert_eq!(server.uri(), format!("http://127.0.0.1:{}", server.port()));
    assert_eq!((server.url("/a"), server.url("a")), (format!("{}/a", server.uri()), format!("{}/a", server.uri())));
    assert_eq!(format!("{server:?}"), format!("MockServer({})", server.uri()));
    let other = MockServer::builder().bind_address("127.0.0.2".parse().expect("an address")).start();
    assert!(other.uri().starts_with("http://127.0.0.2:"));
    assert_eq!(get(&other, "/").0, 404);
}

#[cfg(all(feature = "files", feature = "templates"))]
#[test]
fn files_and_stubs_are_served_side_by_side() {
    let server = MockServer::builder().scenarios("scenarios/basics/welcome.toml").scenarios("scenarios/groove").start();
    const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];
    let add = "/1/content/music/collection/add?accessToken=x";
    assert_eq!(send(&server, "POST", add, JSON, r#"{"TrackIds":[]}"#).0, 401);

    server.stub(given::post("/1/content/{*rest}").respond(status(418)));

    assert_eq!(send(&server, "POST", add, JSON, r#"{"TrackIds":[]}"#).0, 418);
}

#[cfg(all(feature = "files", feature = "templates"))]
#[test]
fn an_expectation_of_a_file_is_checked_too() {
    let folder = std::env::temp_dir().join(format!("cannery-expect-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("a.toml"), "[[stub]]\nname = 'once'\nexpect = 1\nrequest.path = '/a'\n")
        .expect("a file");
    let server = MockServer::serving(&folder);
    std::fs::remove_dir_all(&folder).expect("the folder exists");

    let checked = std::panic::AssertUnwindSafe(|| server.verify_expected());
    let message = std::panic::catch_unwind(checked).expect_err("the stub was not called");
    let message = message.downcast_ref::<String>().expect("a text");
    assert!(
        message.contains("the stub `once` (") && message.contains("a.toml:1) expected 1 call, got none"),
        "{message}"
    );
    get(&server, "/a");
    server.verify_expected();
}

#[cfg(feature = "templates")]
#[test]
fn an_answer_that_renders_too_much_is_a_500() {
    let server = MockServer::builder().max_rendered(100).start();
    server.stub(given::post("/").respond(status(200).text("{{request.body}}").template(true)));

    assert_eq!(send(&server, "POST", "/", &[], &"x".repeat(100)).0, 200);
    let (status, text) = send(&server, "POST", "/", &[], &"x".repeat(101));
    assert_eq!(status, 500);
    let reason = "it renders more than the 100 bytes that `--max-rendered` allows for one answer";
    assert!(text.contains(reason), "{text}");
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(server))).expect_err("the test fails");
    let failed = failed.downcast_ref::<String>().expect("a text");
    assert!(failed.contains(reason), "{failed}");
}

#[test]
fn a_body_that_is_too_large_is_refused_and_recorded() {
    let server = MockServer::builder().max_body(10).start();
    server.stub(given::post("/").respond(status(200)));

    assert_eq!(send(&server, "POST", "/", &[], "0123456789").0, 200);
    assert_eq!(send(&server, "POST", "/", &[], "0123456789a").0, 413);
    assert_eq!((server.received().len(), server.unmatched().only().status()), (2, Some(413)));
}

#[cfg(feature = "templates")]
#[test]
fn random_values_depend_on_the_seed() {
    let drawn = |seed| {
        let server = MockServer::builder().seed(seed).start();
        server.stub(given::get("/").respond(status(200).text("{{random_int 1 1000000}}").template(true)));
        get(&server, "/").1
    };

    assert_eq!(drawn(7), drawn(7));
    assert_ne!(drawn(7), drawn(8));
}

#[test]
fn a_custom_reason_phrase_is_sent() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(404).reason("Gone Fishing").delay(Delay::Fixed(Default::default()))));

    let mut stream = TcpStream::connect(server.addr()).expect("the server listens");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("the server reads");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("the server answers");

    assert!(reply.starts_with("HTTP/1.1 404 Gone Fishing\r\n"), "{reply}");
}

#[test]
fn a_handle_has_the_requests_that_its_stub_answered() {
    let server = MockServer::start();
    let (a, b) = (
        server.stub(given::get("/a").respond(status(200)).named("a")),
        server.stub(given::get("/b").respond(status(200))),
    );
    let before = Timestamp::now();
    send(&server, "GET", "/a?x=1&x=2&y", &[("X-H", "1"), ("x-h", "2")], "");
    get(&server, "/b");

    let received = a.received();
    let request = received.only();
    assert_eq!((a.calls(), b.calls(), b.received().only().number()), (1, 1, 2));
    assert_eq!((request.target(), request.path(), request.stub()), ("/a?x=1&x=2&y", "/a", Some("a")));
    assert_eq!(request.queries("x").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(request.header_values("X-h").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!((request.query("y"), request.query("z")), (Some(""), None));
    assert!(before <= request.received_at() && request.received_at() <= Timestamp::now());
    assert_eq!(server.received().into_iter().map(|request| request.number()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((&server.received()).into_iter().count(), 2);
}
