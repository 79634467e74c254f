//! The journal over HTTP in WireMock's form: entries, queries, and the answers to queries that evictions make uncertain.

#![cfg(feature = "admin")]
#![allow(missing_docs)]

mod support;

use std::sync::Arc;

use cannery::engine::Settings;
use cannery::journal::Limits;
use cannery::model::Json;
use cannery::server::ServerSettings;
use support::{Folder, Reply, Running, at, member_names};

const ANY: &str = r#"
[[stub]]
name = "anything under a"
request.path = "/a/{*rest}"
response.text = "A"
"#;

fn bounded(limits: Limits) -> Running {
    let folder = Folder::new();
    let path = folder.write("any.toml", ANY);
    Running::start_at(&[path], Settings { journal: limits, ..Settings::default() }, ServerSettings::default())
}

fn ask(server: &Running, path: &str, pattern: &str) -> Reply {
    server.send("POST", &format!("/__admin/requests/{path}"), &[("Content-Type", "application/json")], pattern)
}

fn count(server: &Running, pattern: &str) -> String {
    let reply = ask(server, "count", pattern);
    assert_eq!(reply.status, 200, "{}", reply.text());
    at(&reply.json(), "count").to_string()
}

#[test]
fn an_entry_has_wiremocks_form() {
    let server = Running::with(ANY);
    let headers = [("X-H", "v"), ("Cookie", "c1=v1; c2=v2"), ("Content-Type", "application/x-www-form-urlencoded")];
    server.send("POST", "/a/b?q=1&q=2&z=3", &headers, "x=1&y=2&y=3");

    let entry = at(&server.admin("GET", "/requests", ""), "requests.0").clone();
    let sent = at(&entry, "request");
    assert_eq!(at(sent, "url").as_str(), Some("/a/b?q=1&q=2&z=3"));
    assert_eq!(at(sent, "absoluteUrl").as_str(), Some("http://localhost/a/b?q=1&q=2&z=3"));
    assert_eq!(at(sent, "method").as_str(), Some("POST"));
    assert_eq!(at(sent, "cookies").to_string(), r#"{"c1":"v1","c2":"v2"}"#);
    assert_eq!(at(sent, "queryParams.q").to_string(), r#"{"key":"q","values":["1","2"]}"#);
    assert_eq!(at(sent, "formParams.y.values").to_string(), r#"["2","3"]"#);
    assert_eq!(at(sent, "bodyAsBase64").as_str(), Some("eD0xJnk9MiZ5PTM="));
    assert_eq!(at(sent, "clientIp").as_str(), Some("127.0.0.1"));
    assert_eq!((at(&entry, "wasMatched"), at(&entry, "response.status")), (&Json::Bool(true), &Json::from(200)));
    assert_eq!(at(&entry, "stubMapping.name").as_str(), Some("anything under a"));

    let id = at(&entry, "id").as_str().expect("an id");
    assert_eq!(server.admin("GET", &format!("/requests/{id}"), ""), entry);
    assert_eq!(server.send("GET", "/__admin/requests/nothing", &[], "").status, 404);
}

/// WireMock's Java client rejects a list with any other member. The member_names are those that WireMock 3.13.2 sends.
#[test]
fn an_entry_has_wiremocks_members_and_no_others() {
    const REQUEST: &str = "url absoluteUrl method scheme protocol host port clientIp headers cookies queryParams formParams \
                           browserProxyRequest loggedDate loggedDateString bodyAsBase64 body";
    const TIMES: &str = "addedDelay processTime responseSendTime serveTime totalTime";
    let words = |words: &'static str| words.split_ascii_whitespace().collect::<Vec<_>>();
    let server = Running::with(ANY);
    server.get("/a/1");
    server.get("/elsewhere");
    let mut broken = server.connect();
    broken.write(b"not HTTP\r\n\r\n");
    broken.read();

    let listed = loop {
        let listed = server.admin("GET", "/requests?explain=20", "");
        if at(&listed, "requests.2") != &Json::Null {
            break listed;
        }
    };

    assert_eq!(member_names(&listed), ["requests", "meta", "requestJournalDisabled"]);
    assert_eq!(at(&listed, "meta").to_string(), r#"{"total":3}"#);
    const EVENT: &str = "id request responseDefinition response wasMatched timing subEvents";
    const RESPONSE: &str = "status headers bodyAsBase64 body";
    let with_stub = format!("{EVENT} stubMapping");
    let expected = [(EVENT, "status bodyAsBase64 body"), (EVENT, RESPONSE), (&*with_stub, RESPONSE)];
    for (place, (members, of_response)) in expected.into_iter().enumerate() {
        let event = at(&listed, &format!("requests.{place}"));
        assert_eq!(member_names(event), members.split(' ').collect::<Vec<_>>());
        assert_eq!(member_names(at(event, "request")), words(REQUEST));
        assert_eq!(member_names(at(event, "timing")), words(TIMES));
        assert_eq!(member_names(at(event, "response")), of_response.split(' ').collect::<Vec<_>>());
        assert_eq!(at(event, "subEvents").to_string(), "[]");
    }
    let event = at(&listed, "requests.2");
    assert_eq!(member_names(at(event, "stubMapping")), ["id", "name", "request", "response", "uuid"]);
    assert_eq!(at(event, "response.body").as_str(), Some("A"));
    assert_eq!(at(event, "response.bodyAsBase64").as_str(), Some("QQ=="));
    assert_eq!(at(event, "responseDefinition").to_string(), r#"{"status":200}"#);
    let unmatched = at(&listed, "requests.1.responseDefinition").to_string();
    assert_eq!(unmatched, r#"{"status":404,"fromConfiguredStub":false}"#);
    for found in [ask(&server, "find", "{}").json(), server.admin("GET", "/requests/unmatched", "")] {
        assert_eq!(member_names(&found), ["requests", "requestJournalDisabled"]);
        assert_eq!(member_names(at(&found, "requests.0")), words(REQUEST));
    }
}

/// WireMock's faults send nothing of the answer.
#[test]
fn a_fault_has_wiremocks_name_if_there_is_one() {
    let faults = ["reset", "empty", "garbage", "truncate"];
    let stub = |fault: &str| {
        let sent = if fault == "truncate" { "status = 203, text = 'abcd', " } else { "" };
        format!("[[stub]]\nrequest.path = '/{fault}'\nresponse = {{ {sent}fault = '{fault}' }}\n")
    };
    let server = Running::with(&faults.map(stub).concat());
    for fault in faults {
        let mut connection = server.connect();
        connection.write(&support::request("GET", &format!("/{fault}"), &[], b""));
        connection.rest();
    }

    let listed = server.admin("GET", "/requests", "");

    let member = |place: usize, path: &str| at(&listed, &format!("requests.{place}.{path}")).clone();
    let member_names = ["CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "RANDOM_DATA_THEN_CLOSE"];
    for (place, name) in member_names.into_iter().rev().enumerate() {
        for path in ["response", "responseDefinition"] {
            assert_eq!(member(place + 1, &format!("{path}.fault")), Json::from(name));
            assert_eq!(member(place + 1, &format!("{path}.status")).to_string(), "200");
        }
        assert_eq!(member(place + 1, "response.body"), Json::from(""));
    }
    assert_eq!((member(0, "response.fault"), member(0, "response.body")), (Json::Null, Json::from("abcd")));
    assert_eq!(member(0, "response.status").to_string(), "203");
}

#[test]
fn requests_are_counted_and_found_by_wiremocks_patterns() {
    let server = Running::with(ANY);
    server.get("/a/1?x=1");
    server.send("POST", "/a/1", &[("X-H", "Value")], r#"{"n":1,"l":[1,2],"o":{"p":"q"}}"#);
    server.send("POST", "/a/2", &[], "plain text");
    server.get("/elsewhere");

    for (pattern, expected) in [
        ("{}", "4"),
        ("", "4"),
        (r#"{"method":"ANY"}"#, "4"),
        (r#"{"method":"POST"}"#, "2"),
        (r#"{"url":"/a/1"}"#, "1"),
        (r#"{"url":"/a/1?x=1"}"#, "1"),
        (r#"{"urlPattern":"/a/1.*"}"#, "2"),
        (r#"{"urlPattern":"/a/"}"#, "0"),
        (r#"{"urlPath":"/a/1"}"#, "2"),
        (r#"{"urlPathPattern":"/a/[0-9]"}"#, "3"),
        (r#"{"urlPathTemplate":"/a/{id}"}"#, "3"),
        (r#"{"headers":{"x-h":{"equalTo":"Value"}}}"#, "1"),
        (r#"{"headers":{"x-h":{"equalTo":"VALUE"}}}"#, "0"),
        (r#"{"headers":{"x-h":{"equalTo":"VALUE","caseInsensitive":true}}}"#, "1"),
        (r#"{"headers":{"X-H":{"absent":true}}}"#, "3"),
        (r#"{"queryParameters":{"x":{"matches":"[0-9]"}}}"#, "1"),
        (r#"{"bodyPatterns":[{"equalTo":"plain text"}]}"#, "1"),
        (r#"{"bodyPatterns":[{"contains":"text"},{"matches":"plain.*"}]}"#, "1"),
        (r#"{"bodyPatterns":[{"equalToJson":{"n":1.0,"l":[1,2],"o":{"p":"q"}}}]}"#, "1"),
        (r#"{"bodyPatterns":[{"equalToJson":"{\"n\":1,\"l\":[2,1]}"}]}"#, "0"),
        (
            r#"{"bodyPatterns":[{"equalToJson":"{\"n\":1,\"l\":[2,1]}","ignoreArrayOrder":true,"ignoreExtraElements":true}]}"#,
            "1",
        ),
        (r#"{"bodyPatterns":[{"matchesJsonPath":"$.o.p"}]}"#, "1"),
        (r#"{"bodyPatterns":[{"matchesJsonPath":{"expression":"$.o.p","equalTo":"q"}}]}"#, "1"),
        (r#"{"bodyPatterns":[{"matchesJsonPath":{"expression":"$.o.p","equalTo":"z"}}]}"#, "0"),
    ] {
        assert_eq!(count(&server, pattern), expected, "{pattern}");
    }
    let found = ask(&server, "find", r#"{"urlPathPattern":"/a/1"}"#).json();
    assert_eq!(at(&found, "requests.0.method").as_str(), Some("GET"));
    assert_eq!(at(&found, "requests.1.method").as_str(), Some("POST"));
    let unmatched = server.admin("GET", "/requests/unmatched", "");
    assert_eq!(at(&unmatched, "requests.0.url").as_str(), Some("/elsewhere"));
    assert_eq!(at(&unmatched, "requests.1"), &Json::Null);
    assert_eq!(
        at(&server.admin("GET", "/requests?unmatched=true&limit=1", ""), "requests.0.wasMatched"),
        &Json::Bool(false)
    );
}

#[test]
fn an_unsupported_part_of_a_pattern_is_named() {
    let server = Running::with(ANY);
    for (pattern, pointer) in [
        (r#"{"urlx":"/"}"#, "/urlx"),
        (r#"{"headers":{"A":{"doesNotMatch":"x"}}}"#, "/headers/A/doesNotMatch"),
        (r#"{"bodyPatterns":[{"equalToXml":"<a/>"}]}"#, "/bodyPatterns/0/equalToXml"),
        (r#"{"bodyPatterns":[{"contains":"a"},{"matches":"("}]}"#, "/bodyPatterns/1/matches"),
        (r#"{"cookies":{}}"#, "/cookies"),
        (r#"{"method":7}"#, "/method"),
        (r#"{"queryParameters":{"q":{}}}"#, "/queryParameters/q"),
        (r#"{"bodyPatterns":[{"matchesJsonPath":"a b"}]}"#, "/bodyPatterns/0/matchesJsonPath"),
        ("{", ""),
    ] {
        let reply = ask(&server, "count", pattern);
        assert_eq!(reply.status, 422, "{pattern}");
        assert_eq!(at(&reply.json(), "errors.0.source.pointer").as_str(), Some(pointer), "{pattern}");
    }
}

#[test]
fn a_count_is_refused_if_it_depends_on_evicted_entries() {
    let server = bounded(Limits { entries: 3, bytes: 1 << 20 });
    (0..5).for_each(|n| drop(server.get(&format!("/a/{n}"))));

    let refused = ask(&server, "count", "{}");
    assert_eq!(refused.status, 409);
    assert_eq!(at(&refused.json(), "errors.0.atLeast").to_string(), "3");
    assert!(refused.text().contains("since the last reset (2)"), "{}", refused.text());
    assert_eq!(ask(&server, "find", "{}").status, 409);
    let exact_members = r#"{"count":3,"requestJournalDisabled":false}"#;
    assert_eq!(ask(&server, "count?at_least=3", "{}").json().to_string(), exact_members);
    assert_eq!(ask(&server, "count?at_least=4", "{}").status, 409);
    assert_eq!(at(&ask(&server, "count?incomplete=true", "{}").json(), "count").to_string(), "3");

    let listed = server.admin("GET", "/requests", "");
    assert_eq!(at(&listed, "meta").to_string(), r#"{"total":3}"#);
    let evicted = server.send("GET", "/__admin/requests/00000000-0000-4000-8000-000000000001", &[], "");
    assert!(evicted.status == 404 && evicted.text().contains("evicted"), "{}", evicted.text());
    assert_eq!(at(&server.admin("GET", "/stubs", ""), "stubs.0.calls").to_string(), "5");

    server.admin("DELETE", "/requests", "");
    assert_eq!(count(&server, "{}"), "0");
    assert_eq!(at(&server.admin("GET", "/stubs", ""), "stubs.0.calls").to_string(), "0");
}

#[test]
fn a_truncated_body_is_neither_a_match_nor_a_mismatch() {
    let server = bounded(Limits { entries: 10, bytes: 3000 });
    server.send("POST", "/a/1", &[], "x".repeat(5000));

    assert_eq!(count(&server, r#"{"urlPath":"/a/1"}"#), "1");
    assert_eq!(count(&server, r#"{"urlPath":"/a/2","bodyPatterns":[{"contains":"y"}]}"#), "0");
    let refused = ask(&server, "count", r#"{"bodyPatterns":[{"contains":"y"}]}"#);
    assert!(
        refused.status == 409 && refused.text().contains("bodies were truncated (requests: 1)"),
        "{}",
        refused.text()
    );
}

#[test]
fn a_request_is_recorded_before_its_answer_can_be_read() {
    let server = Arc::new(Running::with(ANY));
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let server = server.clone();
            std::thread::spawn(move || {
                let mut connection = server.connect();
                for n in 1..=100 {
                    let target = format!("/a/{client}");
                    connection.write(&support::request("GET", &target, &[], b""));
                    connection.read();
                    let entries = server.engine.journal().entries;
                    let mine = entries.iter().filter(|entry| entry.head.target() == target).count();
                    assert_eq!(mine, n);
                }
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().expect("every answer was recorded"));
    assert_eq!(count(&server, "{}"), "800");
}

#[test]
fn calls_of_the_admin_api_are_not_recorded() {
    let server = Running::with(ANY);
    server.admin("GET", "/health", "");
    server.send("GET", "/__admin/no/such", &[], "");
    server.send("POST", "/__admin/requests/count", &[], "x".repeat(17 * 1024 * 1024));

    assert_eq!(count(&server, "{}"), "0");
    let health = server.admin("GET", "/health", "");
    assert_eq!((at(&health, "status").as_str(), at(&health, "stubs").to_string().as_str()), (Some("healthy"), "1"));
    let wrong = server.send("PATCH", "/__admin/requests", &[], "");
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD, DELETE")));
    assert_eq!(server.send("GET", "/__administrator", &[], "").status, 404);
    assert_eq!(count(&server, "{}"), "1");
}
