//! The journal over HTTP in our own form: everything that is known of a request and of its answer.

#![cfg(all(feature = "admin", feature = "templates", feature = "files"))]
#![allow(missing_docs)]

mod support;

use std::time::{Duration, Instant};

use cannery::engine::Settings;
use cannery::journal::Limits;
use cannery::model::Json;
use cannery::server::ServerSettings;
use support::{Folder, Running, at, member_names};

const SHOP: &str = r#"
[[stub]]
name = "take an order"
request = { method = "POST", path = "/orders" }
response = { status = 201, reason = "Taken", headers.X-Order = "yes", text = "taken" }

[[stub]]
name = "in turn"
request.path = "/turn"
responses = [{ text = "first" }, { text = "second" }]

[[stub]]
name = "echo"
request.path = "/echo"
response.text = "{{request.body}}"

[[stub]]
name = "bytes"
request.path = "/bytes"
response = { headers.Content-Type = "image/png", base64 = "/wA=" }

[[stub]]
name = "late"
request.path = "/late"
response = { text = "late", delay = "400ms" }
"#;

fn shop(limits: Limits) -> Running {
    let folder = Folder::new();
    let path = folder.write("shop.toml", SHOP);
    let server = ServerSettings { cors: true, ..ServerSettings::default() };
    Running::start_at(&[path], Settings { journal: limits, ..Settings::default() }, server)
}

/// Returns the entries, newest first.
fn entries(server: &Running, parameters: &str) -> Vec<Json> {
    let listed = server.admin("GET", &format!("/journal{parameters}"), "");
    let Json::Array(entries) = at(&listed, "entries") else { panic!("{listed}") };
    entries.clone()
}

fn newest(server: &Running) -> Json {
    entries(server, "?limit=1").swap_remove(0)
}

/// Waits at most ten seconds until the newest entry satisfies a condition, and returns it.
fn newest_once(server: &Running, condition: impl Fn(&Json) -> bool) -> Json {
    let started = Instant::now();
    loop {
        let entry = newest(server);
        if condition(&entry) {
            return entry;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{entry}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn is_sent(entry: &Json) -> bool {
    at(entry, "answer.lastByteMs") != &Json::Null
}

/// Returns the targets of entries.
fn targets(entries: &[Json]) -> Vec<&str> {
    entries.iter().map(|entry| at(entry, "target").as_str().expect("a target")).collect()
}

fn milliseconds(entry: &Json, name: &str) -> f64 {
    at(entry, &format!("answer.{name}")).to_string().parse().expect("a time")
}

#[test]
fn an_entry_has_everything_that_is_known_of_request_and_answer() {
    let server = shop(Limits::default());
    server.send("POST", "/orders?page=1", &[("x-A", "1"), ("X-a", "2")], "caf\u{e9}");

    let entry = newest_once(&server, is_sent);

    let of_request =
        "id number receivedAt method target url scheme protocol clientIp rawHeaders body outcome stub answer";
    assert_eq!(member_names(&entry), of_request.split(' ').collect::<Vec<_>>());
    let of_answer =
        "status reason headers body bodyLength bodyEvicted turn firstByteMs lastByteMs bytesSent clientLeft";
    assert_eq!(member_names(at(&entry, "answer")), of_answer.split(' ').collect::<Vec<_>>());
    for (path, expected) in [
        ("number", "1"),
        ("method", r#""POST""#),
        ("target", r#""/orders?page=1""#),
        ("url", r#""http://localhost/orders?page=1""#),
        ("scheme", r#""http""#),
        ("protocol", r#""HTTP/1.1""#),
        ("clientIp", r#""127.0.0.1""#),
        ("body", "\"caf\u{e9}\""),
        ("outcome", r#""stub""#),
        ("stub.name", r#""take an order""#),
        ("stub.scenario", r#""shop""#),
        ("stub.line", "2"),
        ("answer.status", "201"),
        ("answer.reason", r#""Taken""#),
        ("answer.headers", r#"[["X-Order","yes"],["Content-Type","text/plain; charset=utf-8"]]"#),
        ("answer.body", r#""taken""#),
        ("answer.bodyLength", "5"),
        ("answer.bodyEvicted", "false"),
        ("answer.turn", "null"),
        ("answer.bytesSent", "5"),
        ("answer.clientLeft", "false"),
    ] {
        assert_eq!(at(&entry, path).to_string(), expected, "{path}");
    }
    let headers = at(&entry, "rawHeaders").to_string();
    assert!(headers.contains(r#"["x-A","1"],["X-a","2"]"#), "{headers}");
    assert!(at(&entry, "stub.file").as_str().is_some_and(|file| file.ends_with("shop.toml")), "{entry}");
    assert!(at(&entry, "receivedAt").as_str().is_some_and(|time| time.ends_with('Z')), "{entry}");
    assert!(milliseconds(&entry, "firstByteMs") <= milliseconds(&entry, "lastByteMs"), "{entry}");
    let id = at(&entry, "id").as_str().expect("an id");
    assert_eq!(server.admin("GET", &format!("/journal/{id}"), ""), entry);
}

#[test]
fn an_entry_names_its_stub_or_the_reason_that_none_answered() {
    let server = shop(Limits::default());
    server.get("/turn");
    server.get("/turn");
    server.get("/turn/");
    let preflight = [("Origin", "http://shop.example"), ("Access-Control-Request-Method", "PUT")];
    server.send("OPTIONS", "/orders", &preflight, "");
    let mut connection = server.connect();
    connection.write(b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n");
    assert_eq!(connection.read().status, 400);
    newest_once(&server, |entry| at(entry, "number").to_string() == "5");

    let entries = entries(&server, "?explain=1");

    let member = |path: &str| entries.iter().map(|entry| at(entry, path).to_string()).collect::<Vec<_>>();
    assert_eq!(member("outcome"), [r#""refused""#, r#""preflight""#, r#""unmatched""#, r#""stub""#, r#""stub""#]);
    assert_eq!(member("answer.status"), ["400", "204", "404", "200", "200"]);
    assert_eq!(member("answeredBy"), ["null", r#""cors""#, "null", "null", "null"]);
    assert_eq!(member("answer.turn")[3..], [r#"{"response":2,"of":2}"#, r#"{"response":1,"of":2}"#]);
    assert!(at(&entries[0], "refused").as_str().is_some_and(|reason| reason.contains("not an HTTP request")));
    assert!(at(&entries[2], "explanation").as_str().is_some_and(|text| text.contains("nearest: ")), "{}", entries[2]);
    assert_eq!(member("explanation").iter().filter(|explanation| *explanation != "null").count(), 1);
}

#[test]
fn bodies_that_are_not_text_are_in_base64() {
    let server = shop(Limits::default());
    server.send("POST", "/bytes", &[], [0xe9, b'!']);

    let entry = newest(&server);

    assert_eq!((at(&entry, "bodyAsBase64").as_str(), entry.get("body")), (Some("6SE="), None));
    let answer = at(&entry, "answer");
    assert_eq!((at(answer, "bodyAsBase64").as_str(), answer.get("body")), (Some("/wA="), None));
}

#[test]
fn members_that_are_not_known_yet_are_null() {
    let server = shop(Limits::default());
    let mut connection = server.connect();
    connection.write(&support::request("GET", "/late", &[], b""));

    let early = loop {
        match entries(&server, "").pop() {
            Some(entry) if at(&entry, "answer") != &Json::Null => break entry,
            _ => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let timing = at(&server.admin("GET", "/requests", ""), "requests.0.timing").to_string();
    connection.read();
    let late = newest_once(&server, is_sent);

    assert_eq!((at(&early, "answer.status"), at(&early, "answer.firstByteMs")), (&Json::from(200), &Json::Null));
    assert_eq!((at(&early, "answer.lastByteMs"), at(&early, "answer.bytesSent")), (&Json::Null, &Json::from(0)));
    let expected = r#"{"addedDelay":400,"processTime":null,"responseSendTime":null,"serveTime":null,"totalTime":null}"#;
    assert_eq!(timing, expected);
    assert!(milliseconds(&late, "firstByteMs") >= 400.0, "{late}");
    let total = at(&server.admin("GET", "/requests", ""), "requests.0.timing.totalTime").to_string();
    assert!(total.parse::<f64>().is_ok_and(|total| total >= 400.0), "{total}");
}

#[test]
fn a_long_answer_is_recorded_with_its_beginning_and_its_length() {
    let server = shop(Limits::default());
    // The limit falls within a character.
    let long = format!("x{}", "\u{e9}".repeat(50_000));
    server.send("POST", "/echo", &[], &long);

    let entry = newest(&server);

    assert_eq!(at(&entry, "body").as_str(), Some(long.as_str()));
    let kept = at(&entry, "answer.body").as_str().expect("text");
    assert_eq!((kept.len(), long.starts_with(kept)), (64 * 1024 - 1, true));
    assert_eq!(at(&entry, "answer.bodyLength").to_string(), "100001");
}

#[test]
fn evicted_bodies_of_answers_are_marked() {
    let server = shop(Limits::default());
    let body = vec![b'x'; 64 * 1024];
    let mut connection = server.connect();
    for _ in 0..300 {
        connection.write(&support::request("POST", "/echo", &[], &body));
        assert_eq!(connection.read().status, 200);
    }

    let first = "/00000000-0000-4000-8000-000000000001";
    let oldest = server.admin("GET", &format!("/journal{first}"), "");
    assert_eq!((at(&oldest, "answer.bodyEvicted"), at(&oldest, "answer.body")), (&Json::Bool(true), &Json::Null));
    assert_eq!(at(&oldest, "answer.bodyLength").to_string(), "65536");
    assert_eq!(at(&oldest, "body").as_str().map(str::len), Some(64 * 1024), "the request keeps its body");
    let event = server.admin("GET", &format!("/requests{first}"), "");
    assert_eq!(member_names(at(&event, "response")), ["status", "headers"]);
    assert_eq!(at(&newest(&server), "answer.bodyEvicted"), &Json::Bool(false));
}

#[test]
fn the_counts_are_exact_after_evictions() {
    let server = shop(Limits { entries: 2, bytes: 1 << 20 });
    for target in ["/nowhere", "/turn", "/nowhere", "/turn", "/turn"] {
        server.get(target);
    }

    let listed = server.admin("GET", "/journal", "");

    assert_eq!(member_names(&listed), ["entries", "received", "evicted", "evictedUnmatched", "limits"]);
    let counts = ["received", "evicted", "evictedUnmatched"].map(|name| at(&listed, name).to_string());
    assert_eq!(counts, ["5", "3", "2"]);
    assert_eq!(at(&listed, "limits").to_string(), r#"{"maxEntries":2,"maxBytes":1048576}"#);
    let numbers: Vec<String> = entries(&server, "").iter().map(|entry| at(entry, "number").to_string()).collect();
    assert_eq!(numbers, ["5", "4"]);
    let evicted = server.send("GET", "/__admin/journal/00000000-0000-4000-8000-000000000001", &[], "");
    assert!(evicted.status == 404 && evicted.text().contains("evicted"), "{}", evicted.text());
    let unknown = server.send("GET", "/__admin/journal/nothing", &[], "");
    assert!(unknown.status == 404 && unknown.text().contains("no request has this id"), "{}", unknown.text());
}

#[test]
fn query_parameters_filter_the_list() {
    let server = shop(Limits::default());
    server.get("/turn");
    server.get("/nowhere");
    server.send("POST", "/orders", &[], "");
    let all = entries(&server, "");

    assert_eq!(targets(&all), ["/orders", "/nowhere", "/turn"]);
    assert_eq!(targets(&entries(&server, "?limit=2")), ["/orders", "/nowhere"]);
    assert_eq!(targets(&entries(&server, "?unmatched=true")), ["/nowhere"]);
    let stub = at(&all[2], "stub.id").as_str().expect("an id");
    assert_eq!(targets(&entries(&server, &format!("?stub={stub}"))), ["/turn"]);
    let since = at(&all[1], "receivedAt").as_str().expect("a time");
    assert_eq!(targets(&entries(&server, &format!("?since={since}"))), ["/orders", "/nowhere"]);
    for parameter in ["limit=ten", "explain=x", "since=yesterday", "unmatched=perhaps"] {
        let reply = server.get(&format!("/__admin/journal?{parameter}"));
        let name = parameter.split('=').next();
        let named = reply.json();
        assert_eq!((reply.status, at(&named, "errors.0.source.parameter").as_str()), (400, name));
    }
}
