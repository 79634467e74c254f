//! Failure messages of verification, word for word.

mod client;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use cannery::{MockServer, absent, contains, given, matches, present, status};
use client::{get, post};
use serde_json::json;

const JSON: &str = "application/json";
const ADD: &str = "/1/content/music/collection/add";

/// Returns the message that code panics with.
fn panic_message(code: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(code)).expect_err("a panic");
    let text = payload.downcast_ref::<String>().cloned();
    text.unwrap_or_else(|| (*payload.downcast_ref::<&str>().expect("a text")).to_owned())
}

/// Replaces ports, lines of this file and the user agent, which differ between runs and versions.
fn mask_variable_parts(text: &str) -> String {
    let replaced = [
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"(tests.harness_verdicts\.rs):\d+(:\d+)?", "$1:LINE"),
        (r"(?i)user-agent: .*", "user-agent: CLIENT"),
    ];
    replaced.iter().fold(text.to_owned(), |text, (pattern, with)| {
        regex::Regex::new(pattern).expect("a pattern").replace_all(&text, *with).into_owned()
    })
}

/// Compares the message that code panics with to the snapshot.
macro_rules! assert_panic_snapshot {
    ($code:expr) => {
        insta::assert_snapshot!(mask_variable_parts(&panic_message(|| $code)))
    };
}

#[test]
fn no_request_was_received() {
    let server = MockServer::start();

    assert_panic_snapshot!(server.verify(given::post(ADD).header("Authorization", present()), 1));
}

#[cfg(all(feature = "files", feature = "templates"))]
#[test]
fn the_nearest_request_is_shown_by_field() {
    let groove = MockServer::serving("scenarios/groove");
    post(&groove, &format!("{ADD}?accessToken=x"), JSON, r#"{"TrackIds":[]}"#);
    get(&groove, "/elsewhere");
    client::send(&groove, "DELETE", ADD, &[("Authorization", "XBL3.0 x=1;y")], "");

    assert_panic_snapshot!(
        groove.verify(given::post(ADD).header("Authorization", present()).query("accessToken", present()), 1)
    );
}

#[test]
fn bodies_are_compared_by_path_and_by_line() {
    let server = MockServer::start();
    server.stub(given::any("/{*all}").respond(status(200)));
    post(
        &server,
        "/json",
        JSON,
        r#"{"order":{"id":8,"lines":[{"sku":"a","count":1},{"sku":"b","count":3}],"note":"x"}}"#,
    );
    post(&server, "/xml", "text/xml", "<order id='8'><line sku='a'>1</line></order>");
    post(&server, "/text", "text/plain", "first\nsecond\nthird\nfourth\n");

    let expected = json!({"order": {"id": 7, "lines": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}]}});
    assert_panic_snapshot!(server.verify(given::post("/json").json(expected), 1));
    assert_panic_snapshot!(server.verify(given::post("/xml").xml("<order id='7'><line sku='a'>2</line></order>"), 1));
    assert_panic_snapshot!(server.verify(given::post("/text").body("first\nsecond\n3rd\nfourth\n"), 1));
}

#[test]
fn huge_values_are_truncated() {
    let server = MockServer::start();
    server.stub(given::any("/{*all}").respond(status(200)));
    let items: Vec<_> = (0..5000).map(|number| json!({"number": number})).collect();
    post(&server, "/items", JSON, &json!(items).to_string());
    post(&server, "/text", "text/plain", &"line\n".repeat(5000));
    for number in 0..30 {
        get(&server, &format!("/many/{number}"));
    }

    let other: Vec<_> = (0..5000).map(|number| json!({"number": number + 1})).collect();
    assert_panic_snapshot!(server.verify(given::post("/items").json(other), 1));
    assert_panic_snapshot!(server.verify(given::post("/text").body("other\n".repeat(5000)), 1));
    assert_panic_snapshot!(server.verify(given::get("/many/{number}"), 29));
}

#[test]
fn unexpected_requests_are_listed() {
    let server = MockServer::start();
    server.stub(given::get("/orders/{id}").respond(status(200)).named("order"));
    get(&server, "/orders/1");
    get(&server, "/orders/2");

    assert_panic_snapshot!(server.verify(given::get("/orders/{id}"), ..=1));
    server.verify(given::get("/orders/{id}"), 2);
    server.verify(given::get("/orders/{id}"), 1..);
    server.verify(given::get("/orders/{id}"), ..);
    server.verify(given::get("/orders/{id}"), 1..3);
    server.verify(given::get("/orders/{id}"), ..3);
    server.verify(given::get("/orders/{id}"), 2..=2);
    server.verify(given::get("/other"), 0);
}

#[test]
fn a_closure_that_returns_false_is_named() {
    let server = MockServer::start();
    get(&server, "/a?n=1");

    assert_panic_snapshot!(server.verify(given::get("/a").matching(|request| request.query("n") == Some("2")), 1));
}

#[cfg(all(feature = "templates", feature = "xpath"))]
#[test]
fn an_invalid_pattern_is_reported() {
    let server = MockServer::start();

    assert_panic_snapshot!(server.verify(given::get("/a").header("X", matches("(")).json_path("$.[", 1), 1));
    assert_panic_snapshot!(drop(
        server.stub(given::get("a").query("q", matches("*")).respond(status(99).text("{{nothing}}").template(true)),)
    ));
}

#[test]
fn a_violated_order_shows_expected_and_actual() {
    let server = MockServer::start();
    server.stub(given::any("/{*all}").respond(status(200)));
    get(&server, "/ship");
    get(&server, "/order");
    get(&server, "/pay");

    server.verify_order([given::get("/order"), given::get("/pay")]);
    server.verify_order([given::get("/ship"), given::get("/pay")]);
    assert_panic_snapshot!(server.verify_order([given::get("/order"), given::get("/pay"), given::get("/ship")]));
    assert_panic_snapshot!(server.verify_order([given::get("/order"), given::get("/cancel").query("why", present())]));
}

#[test]
fn an_unmet_expectation_panics_on_drop() {
    let server = MockServer::start();
    server
        .stub(given::get("/orders/{id}").query("page", matches(r"^\d+$")).respond(status(200)).expect(2).named("page"));
    get(&server, "/orders/1?page=1");
    get(&server, "/orders/1?page=x");

    assert_panic_snapshot!(drop(server));
}

#[test]
fn an_exceeded_expectation_panics_on_drop() {
    let server = MockServer::start();
    let once = server.stub(given::get("/").respond(status(200)).expect(..=1));
    get(&server, "/");
    once.verify();
    get(&server, "/");

    assert_panic_snapshot!(once.verify());
    assert_panic_snapshot!(drop(server));
}

#[test]
fn a_handle_reports_a_stub_that_was_never_called() {
    let server = MockServer::start();
    let stub = server.stub(given::get("/a").header("Accept", contains("json")).respond(status(200)));

    assert_panic_snapshot!(stub.verify());
}

#[test]
fn a_scoped_stub_is_checked_on_drop() {
    let server = MockServer::start();

    assert_panic_snapshot!(drop(server.scoped(given::get("/a").respond(status(200)).expect(1))));
    drop(server.scoped(given::get("/a").respond(status(200))));
}

#[test]
fn an_unmatched_request_fails_if_none_is_allowed() {
    let server = MockServer::builder().fail_on_unmatched().start();
    server.stub(given::post("/orders").header("Authorization", present()).respond(status(201)));
    assert_eq!(post(&server, "/orders", JSON, "{}").0, 404);
    get(&server, "/ordres");

    assert_panic_snapshot!(drop(server));
}

#[test]
fn a_closure_that_panics_is_a_500_and_a_failed_test() {
    let server = MockServer::start();
    server.stub(given::get("/answer").respond_with(|_| panic!("no answer today")));
    server.stub(given::get("/match").matching(|request| request.query("n").expect("n") == "1").respond(status(200)));
    let (status, body) = get(&server, "/answer");
    assert_eq!((status, body.contains("no answer today")), (500, true));
    assert_eq!((get(&server, "/match").0, get(&server, "/match?n=1").0), (500, 200));
    assert_eq!(server.received().len(), 3);

    assert_panic_snapshot!(drop(server));
}

#[test]
fn a_test_that_is_already_panicking_does_not_panic_again() {
    let payload = catch_unwind(|| {
        let server = MockServer::start();
        server.stub(given::get("/").respond(status(200)).expect(1));
        let _scoped = server.scoped(given::get("/").respond(status(200)).expect(1));
        panic!("the first reason");
    });

    assert_eq!(payload.expect_err("a panic").downcast_ref::<&str>(), Some(&"the first reason"));
}

#[test]
fn an_incomplete_journal_answers_only_what_it_can_prove() {
    let server = MockServer::builder().journal_limit(3).start();
    let stub = server.stub(given::get("/a").respond(status(200)).expect(5));
    for _ in 0..5 {
        get(&server, "/a");
    }

    server.verify(given::get("/a"), 2..);
    assert_eq!(stub.calls(), 5);
    assert_panic_snapshot!(server.verify(given::get("/a"), 5));
    assert_panic_snapshot!(drop(server.received()));
    assert_panic_snapshot!(server.verify(given::get("/a"), 1));
}

#[test]
fn only_and_one_require_exactly_one_request() {
    let server = MockServer::start();
    assert_panic_snapshot!(drop(server.received().one()));
    get(&server, "/a");
    assert_eq!(server.received().one().path(), "/a");
    get(&server, "/b");

    assert_panic_snapshot!(drop(server.received().only().path().to_owned()));
}

#[test]
fn a_body_that_does_not_deserialize_names_the_path() {
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Order {
        lines: Vec<Line>,
    }
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Line {
        count: u32,
    }
    let server = MockServer::start();
    post(&server, "/", JSON, r#"{"lines":[{"count":1},{"count":"two"}]}"#);

    assert_eq!(server.received().only().json::<serde_json::Value>()["lines"][0]["count"], 1);
    assert_panic_snapshot!(drop(server.received().only().json::<Order>()));
    assert_panic_snapshot!(drop(server.received().only().json::<Vec<u8>>()));
}

#[cfg(all(feature = "files", feature = "templates"))]
#[test]
fn a_request_is_formatted_as_an_http_message() {
    let server = MockServer::serving("scenarios/groove");
    client::send(
        &server,
        "POST",
        &format!("{ADD}?accessToken=x"),
        &[("Content-Type", JSON), ("X-A", "b")],
        r#"{"a":1}"#,
    );

    let received = server.received();
    let request = received.only();
    assert_eq!((request.method(), request.path(), request.query("accessToken")), ("POST", ADD, Some("x")));
    assert_eq!((request.header("x-a"), request.header("x-b"), request.scheme()), (Some("b"), None, "http"));
    assert_eq!((request.body(), request.text()), (&br#"{"a":1}"#[..], r#"{"a":1}"#));
    assert_eq!((request.stub(), request.status()), (Some("user authentication is mandatory"), Some(401)));
    assert!(request.client_ip().is_some_and(|ip| ip.is_loopback()));
    insta::assert_snapshot!(mask_variable_parts(&format!("{request:?}")));
}

#[cfg(all(feature = "files", feature = "templates"))]
#[test]
fn a_server_that_does_not_start_reports_every_fault() {
    let error = MockServer::try_serving("tests/bad/basic-auth-needs-both.toml").expect_err("a bad file").to_string();
    assert!(error.contains("tests/bad/basic-auth-needs-both.toml:"), "{error}");

    let taken = MockServer::start();
    let error = MockServer::builder().port(taken.port()).try_start().expect_err("taken");
    assert!(error.to_string().starts_with(&format!("cannot listen on {}", taken.addr())), "{error}");

    let unknown = panic_message(|| taken.arm("NOTHING"));
    assert!(unknown.contains("no on-demand stub is named `NOTHING`"), "{unknown}");
}

#[test]
fn waiting_ends_with_the_same_verdict_as_verify() {
    let server = MockServer::start();
    get(&server, "/a");

    server.wait_for(given::get("/a"), 1, Duration::from_secs(20)).blocking();
    assert_panic_snapshot!(
        server.wait_for(given::get("/b").header("X", absent()), 1, Duration::from_millis(5)).blocking()
    );
    assert_panic_snapshot!(server.wait_for(given::get("/a"), 0, Duration::from_secs(20)).blocking());
}
