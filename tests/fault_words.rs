//! What is told of faults and dribbles: in the journal, in explanations, by examples, and by stubs that are added.

#![cfg(all(feature = "admin", feature = "check", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use cannery::check::{self, play_all};
use cannery::model::Json;
use support::{Folder, Running, at};

const FAULTS: &str = r#"
[[stub]]
name = "reset"
request.path = "/reset"
response.fault = "reset"

[[stub]]
name = "truncate"
request.path = "/truncate"
response = { status = 203, fault = "truncate", text = "0123456789" }

[[stub]]
name = "late"
request.path = "/late"
response = { fault = "reset", delay = "200ms" }

[[stub]]
name = "slow"
request.path = "/slow"
response = { text = "0123456789", dribble = { chunks = 4, over = "200ms" } }

[[stub]]
name = "passes"
request.path = "/passes"
responses = [{ fault = "reset" }, { text = "at last" }]
"#;

fn faults() -> Running {
    Running::with(FAULTS)
}

/// Everything that a request gets until the connection ends, and whether that was a reset.
fn fate(server: &Running, target: &str) -> (String, bool) {
    let mut connection = server.connect();
    connection.write(format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").as_bytes());
    connection.rest()
}

#[test]
fn the_journal_tells_faults_from_answers() {
    let server = faults();
    for target in ["/reset", "/truncate", "/slow"] {
        fate(&server, target);
    }

    let listed = server.admin("GET", "/journal", "");
    let told = |place: usize| {
        let event = at(&listed, &format!("entries.{place}"));
        (at(event, "fault").clone(), at(event, "answer.status").clone(), at(event, "outcome").clone())
    };
    assert_eq!(told(2), (Json::from("reset"), Json::Null, Json::from("stub")));
    assert_eq!(told(1), (Json::from("truncate"), 203.into(), Json::from("stub")));
    assert_eq!(told(0), (Json::Null, 200.into(), Json::from("stub")));
}

#[test]
fn an_explanation_says_what_the_client_would_meet() {
    let server = faults();
    let told = ["/reset", "/truncate", "/slow", "/passes", "/late"].map(|target| {
        let told = server.admin("POST", "/explain", &format!(r#"{{"url": "{target}"}}"#));
        let text = at(&told, "text").as_str().expect("text").to_owned();
        let with = text.split_once("\nwith: ").map_or(text.as_str(), |(_, with)| with);
        let with = with.split("\nbefore it: ").next().unwrap_or_default();
        format!("{target}: {with}\n{}\n", at(&told, "response"))
    });

    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_stub_that_is_added_keeps_its_fault() {
    let server = Running::with("");
    let added = r#"{"request": {"path": "/a"}, "response": {"fault": "empty", "delay": "1ms"}, "expect": {"min": 1}}"#;

    let told = server.admin("POST", "/stubs", added);

    assert_eq!(at(&told, "stub.response").to_string(), r#"{"delay":"1ms","fault":"empty"}"#);
    assert_eq!(at(&told, "stub.expect").to_string(), r#"{"min":1}"#);
    assert_eq!(fate(&server, "/a"), (String::new(), false));
    let dribble = r#"{"request": {"path": "/b"}, "response": {"text": "b", "dribble": {"chunks": 2, "over": "1s"}}}"#;
    let told = server.admin("POST", "/stubs", dribble);
    assert_eq!(at(&told, "stub.response.dribble").to_string(), r#"{"chunks":2,"over":"1s"}"#);
}

#[test]
fn a_template_that_leaves_nothing_to_cut_is_told() {
    let server = Running::with(
        "[[stub]]\nrequest.path = '/a'\nresponse = { fault = 'truncate', text = '{{request.query.b}}' }\n",
    );

    let reply = server.get("/a?b=");

    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("cuts a body short, and this answer has none"), "{}", reply.text());
    assert!(fate(&server, "/a?b=12").0.ends_with("\r\n\r\n1"));
}

#[test]
fn defaults_go_down_and_a_stubs_own_way_replaces_them() {
    let server = Running::with(
        r#"
        [response]
        fault = "reset"

        [[stub]]
        request.path = "/as-the-file"
        response.text = "never"

        [[stub]]
        request.path = "/of-its-own"
        response = { text = "own", dribble = { chunks = 1, over = "1ms" } }
        "#,
    );

    assert_eq!(fate(&server, "/as-the-file"), (String::new(), true));
    assert_eq!(server.get("/of-its-own").text(), "own");
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

    let told = played.iter().map(|played| {
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
    assert_eq!(told.collect::<Vec<_>>(), expected.map(|(name, told)| (name, told.to_owned())));
}

#[test]
fn drift_does_not_ask_a_service_for_faults() {
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
