//! Reports of faults and dribbles: in the journal, in explanations, by examples, and by stubs that are added.

#![cfg(all(feature = "admin", feature = "check", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use cannery::check::{self, play_all};
use cannery::model::Json;
use support::{FAULT_STUBS, Folder, Running, at};

fn faults() -> Running {
    Running::with(FAULT_STUBS)
}

/// Returns all that a request gets until the connection ends, and whether it ended by a reset.
fn read_to_end(server: &Running, target: &str) -> (String, bool) {
    let mut connection = server.connect();
    connection.write(format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").as_bytes());
    connection.rest()
}

#[test]
fn the_journal_distinguishes_faults_from_answers() {
    let server = faults();
    for target in ["/reset", "/truncate", "/slow"] {
        read_to_end(&server, target);
    }

    let listed = server.admin("GET", "/journal", "");
    let entry = |place: usize| {
        let entry = at(&listed, &format!("entries.{place}"));
        (at(entry, "fault").clone(), at(entry, "answer.status").clone(), at(entry, "outcome").clone())
    };
    assert_eq!(entry(2), (Json::from("reset"), Json::Null, Json::from("stub")));
    assert_eq!(entry(1), (Json::from("truncate"), 203.into(), Json::from("stub")));
    assert_eq!(entry(0), (Json::Null, 200.into(), Json::from("stub")));
}

#[test]
fn an_explanation_shows_the_fault_that_the_client_would_see() {
    let server = faults();
    let explained = ["/reset", "/truncate", "/slow", "/passes", "/late"].map(|target| {
        let explanation = server.admin("POST", "/explain", &format!(r#"{{"url": "{target}"}}"#));
        let text = at(&explanation, "text").as_str().expect("text").to_owned();
        let with = text.split_once("\nwith: ").map_or(text.as_str(), |(_, with)| with);
        let with = with.split("\nbefore it: ").next().unwrap_or_default();
        format!("{target}: {with}\n{}\n", at(&explanation, "response"))
    });

    insta::assert_snapshot!(explained.join("\n"));
}

#[test]
fn a_stub_that_is_added_keeps_its_fault() {
    let server = Running::with("");
    let added = r#"{"request": {"path": "/a"}, "response": {"fault": "empty", "delay": "1ms"}, "expect": {"min": 1}}"#;

    let added_stub = server.admin("POST", "/stubs", added);

    assert_eq!(at(&added_stub, "stub.response").to_string(), r#"{"delay":"1ms","fault":"empty"}"#);
    assert_eq!(at(&added_stub, "stub.expect").to_string(), r#"{"min":1}"#);
    assert_eq!(read_to_end(&server, "/a"), (String::new(), false));
    let dribble = r#"{"request": {"path": "/b"}, "response": {"text": "b", "dribble": {"chunks": 2, "over": "1s"}}}"#;
    let added_stub = server.admin("POST", "/stubs", dribble);
    assert_eq!(at(&added_stub, "stub.response.dribble").to_string(), r#"{"chunks":2,"over":"1s"}"#);
}

#[test]
fn a_rendered_body_that_is_too_short_to_truncate_is_a_500() {
    let server = Running::with(
        "[[stub]]\nrequest.path = '/a'\nresponse = { fault = 'truncate', text = '{{request.query.b}}' }\n",
    );

    let reply = server.get("/a?b=");

    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("cuts a body short, and this answer has none"), "{}", reply.text());
    assert!(read_to_end(&server, "/a?b=12").0.ends_with("\r\n\r\n1"));
}

#[test]
fn a_stub_inherits_the_fault_of_its_file_unless_it_has_its_own_delivery() {
    let server = Running::with(
        r#"
        [response]
        fault = "reset"

        [[stub]]
        request.path = "/as-the-file"
        response.text = "never"

        [[stub]]
        request.path = "/its-own"
        response = { text = "own", dribble = { chunks = 1, over = "1ms" } }
        "#,
    );

    assert_eq!(read_to_end(&server, "/as-the-file"), (String::new(), true));
    assert_eq!(server.get("/its-own").text(), "own");
}

const EXAMPLES: &str = r#"
[[stub]]
name = "reset"
request.path = "/reset"
response.fault = "reset"

[[stub]]
name = "cut"
request.path = "/cut"
response = { status = 203, text = "ab", fault = "truncate" }

[[example]]
name = "it is reset"
request.url = "/reset"
response.fault = "reset"

[[example]]
name = "it is cut"
request.url = "/cut"
response = { status = 203, headers.Content-Type = "text/plain; charset=utf-8", fault = "truncate" }

[[example]]
name = "a fault that nobody expects"
request.url = "/cut"
response.status = 203

[[example]]
name = "another fault"
request.url = "/reset"
response.fault = "stall"
"#;

#[test]
fn an_example_expects_a_fault_by_its_name() {
    let folder = Folder::new();
    let file = folder.write("examples.toml", EXAMPLES);
    let catalogue = check::load(&[file]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));

    let played = play_all(&catalogue.scenarios, &catalogue.stubs);

    let complaints_by_name = played.iter().map(|played| {
        let complaints: Vec<String> =
            played.mismatches.iter().map(|c| format!("{}: {:?} is {:?}", c.about, c.expected, c.actual)).collect();
        (played.name.as_str(), complaints.join("; "))
    });
    let expected = [
        ("it is reset", ""),
        ("it is cut", ""),
        ("a fault that nobody expects", r#"fault: None is Some("\"truncate\"")"#),
        ("another fault", r#"fault: Some("\"stall\"") is Some("\"reset\"")"#),
    ];
    assert_eq!(
        complaints_by_name.collect::<Vec<_>>(),
        expected.map(|(name, complaints)| (name, complaints.to_owned()))
    );
}

#[test]
fn drift_skips_examples_that_expect_a_fault() {
    use cannery::check::drift::{Methods, plan};
    let folder = Folder::new();
    let file = folder.write("examples.toml", EXAMPLES);
    let catalogue = check::load(&[file]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));

    let planned = plan(&catalogue.scenarios, &catalogue.stubs, Methods::All, cannery::model::Timestamp::UNIX_EPOCH);

    let skipped: Vec<String> =
        planned.iter().filter_map(|planned| planned.step.as_ref().err().map(ToString::to_string)).collect();
    assert_eq!(skipped[0], "its answer is the fault `reset`, which a service cannot be made to send");
    assert_eq!(skipped.len(), 4, "{skipped:?}");
}
