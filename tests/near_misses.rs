//! The nearest stub is the one that was meant, for the usual mistakes.
//!
//! `near-misses/` has 60 requests that no stub answers, each with one or two usual mistakes or meant for another server. The
//! stub that was meant was named twice, independently and without knowledge of the ranking. A case on which the two names
//! differ does not count.

#![cfg(all(feature = "admin", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use cannery::model::Json;
use support::{Folder, Running, at};

const SET: &str = "tests/near-misses/stubs.toml";

fn read(name: &str) -> Json {
    let text = std::fs::read(support::repository(&format!("tests/near-misses/{name}"))).expect("a file of the set");
    Json::parse(&text).expect("JSON")
}

fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn headers(request: &Json) -> Vec<(&str, &str)> {
    match request.get("headers") {
        Some(Json::Object(headers)) => {
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a text"))).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the names of the nearest stubs, nearest first.
fn nearest(server: &Running, request: &Json) -> Vec<String> {
    let (method, target) = (text(request, "method"), text(request, "target"));
    let got = server.send(method, target, &headers(request), text(request, "body"));
    assert_eq!(got.status, 404, "{method} {target}");
    let journal = server.get("/__admin/journal?limit=1&explain=1").json();
    let Json::Array(entries) = at(&journal, "entries") else { panic!("a list: {journal}") };
    let explanation = text(&entries[0], "explanation");
    let named = explanation.lines().filter_map(|line| {
        let (place, name) = line.split_once(": ")?;
        ["nearest", "second", "third"].contains(&place).then_some(name)
    });
    named.filter_map(|name| Some(name.rsplit_once("  (")?.0.to_owned())).collect()
}

#[test]
fn the_stub_that_was_meant_is_the_nearest() {
    let server = Running::serving(SET);
    let (first, second) = (read("named-1.json"), read("named-2.json"));
    let Json::Array(requests) = read("requests.json") else { panic!("a list") };
    let (mut compared, mut wrong) = (0, Vec::new());
    for request in &requests {
        let id = request.get("id").expect("an id").to_string();
        let meant = first.get(&id).expect("a name");
        if second.get(&id) != Some(meant) {
            continue;
        }
        compared += 1;
        let found = nearest(&server, request);
        if found.first().map(String::as_str) != meant.as_str() {
            wrong.push(format!(
                "{} {}: meant {meant}, found {found:?}",
                text(request, "method"),
                text(request, "target")
            ));
        }
    }
    assert_eq!((compared, wrong), (60, Vec::<String>::new()));
}

#[test]
fn a_base_path_too_much_or_too_little_is_named() {
    let server = Running::serving(SET);
    let explained = |method: &str, target: &str| server.send(method, target, &[], "").text();

    let too_much = explained("GET", "/mock/v1/payments/pay_7");
    assert!(too_much.contains("The request has `/mock` before the stub's path."), "{too_much}");
    let too_little = explained("GET", "/payments/pay_7");
    assert!(too_little.contains("The stub's path begins with `/v1`, which the request lacks."), "{too_little}");
    let empty = explained("GET", "/v1//payments");
    assert!(empty.contains("The request's path has an empty segment"), "{empty}");
}

#[test]
fn stubs_without_a_path_come_after_one_with_a_similar_path() {
    let folder = Folder::new();
    let without = "[[stub]]\nrequest = { headers.X-Chaos = 'N' }\nresponse.text = 'x'\n";
    let stubs: String = (0..3).map(|number| without.replace('N', &number.to_string())).collect();
    let order =
        "[[stub]]\nname = 'an order'\nrequest = { method = 'GET', path = '/orders/{id}' }\nresponse.text = 'x'\n";
    let file = folder.write("orders.toml", &format!("{stubs}{order}"));
    let server = Running::start_at(&[file], Default::default(), Default::default());
    for (method, path) in [("GET", "/orders/7/"), ("GET", "/order/7"), ("GET", "/Orders/7"), ("DELETE", "/orders/7")] {
        let text = server.send(method, path, &[], "").text();
        assert!(text.contains("nearest: an order"), "{method} {path}: {text}");
    }
}

#[test]
fn head_for_get_has_a_remedy() {
    let server = Running::serving(SET);
    server.send("HEAD", "/v1/payments/pay_7", &[], "");
    let journal = server.get("/__admin/journal?limit=1&explain=1").text();
    assert!(journal.contains(r#"write `method = [\"GET\", \"HEAD\"]`: HEAD does not match GET."#), "{journal}");
}

#[test]
fn where_no_stub_is_similar_one_line_says_so() {
    let server = Running::serving(SET);
    let text = server.get("/favicon.ico").text();
    assert_eq!(text, "no stub answers GET /favicon.ico, and none of the 27 stubs is similar\n");

    let folder = Folder::new();
    let file = folder.write("one.toml", "[[stub]]\nrequest.path = '/orders'\nresponse.text = 'x'\n");
    let server = Running::start_at(&[file], Default::default(), Default::default());
    assert_eq!(server.get("/users").text(), "no stub answers GET /users, and the only stub is not similar\n");
}
