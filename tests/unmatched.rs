//! The answer if no stub matches: the nearest stubs, condition by condition, and remedies.
//!
//! `INSTA_UPDATE=always cargo test --test unmatched` rewrites the snapshots; review them before you commit them.

#![cfg(all(feature = "admin", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use cannery::engine::Settings;
use cannery::model::Json;
use cannery::server::ServerSettings;
use support::{Folder, Reply, Running, at, repository};

const SHOP: &str = r#"
[[stub]]
name = "an order is shown"
request = { method = "GET", path = "/orders/{id}", headers.Accept.contains = "json" }
response.json = { id = "{{request.path_params.id}}" }

[[stub]]
name = "an order is placed"
then_state = "placed"
request.method = "POST"
request.path = "/orders"
request.query.dry_run = "true"
request.headers.Authorization.starts_with = "Bearer "
request.json.item = "tea"
request.json.quantity = 2
response.status = 201

[[stub]]
name = "an order is paid for"
when_state = "placed"
request = { method = "POST", path = "/payment", form.amount.matches = "[0-9]+" }

[[stub]]
name = "an order is shipped"
when_state = "paid"
request = { method = "POST", path = "/shipment", xpath."/Shipment/Address".contains = "Street" }

[[stub]]
name = "OUT_OF_STOCK"
on_demand = true
request = { method = "GET", path = "/stock/{item}" }
response.status = 409
"#;

/// Starts a server of the shop. Returns it with the folder of its file.
fn shop() -> (Running, String) {
    let folder = Folder::new();
    let file = folder.write("shop.toml", SHOP);
    let server = Running::start_at(&[file], Settings::default(), ServerSettings::default());
    (server, folder.path.display().to_string())
}

/// Returns the body of a 404 without the path of the temporary folder.
fn body_without_folder(reply: &Reply, folder: &str) -> String {
    assert_eq!(reply.status, 404, "{}", reply.text());
    reply.text().replace(&format!("{folder}/"), "")
}

#[test]
fn an_extra_slash_is_named() {
    let (server, folder) = shop();
    let reply = server.send("GET", "/orders/7/", &[("Accept", "application/xml")], "");
    insta::assert_snapshot!(body_without_folder(&reply, &folder));
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[test]
fn an_extra_slash_and_a_different_word_are_named() {
    let (server, folder) = shop();

    let reply = server.get("/Orders/7/");

    let body = body_without_folder(&reply, &folder);
    let both = "The request's path ends with a slash, the stub's does not; the request has `Orders` where the stub has `orders`.";
    assert!(body.contains(both), "{body}");
}

#[test]
fn a_different_member_and_a_different_parameter_are_named() {
    let (server, folder) = shop();
    let headers = [("Authorization", "bearer abc"), ("Content-Type", "application/json")];
    let reply = server.send("POST", "/orders?dryrun=true", &headers, r#"{"item":"coffee","quantity":2,"more":1}"#);
    insta::assert_snapshot!(body_without_folder(&reply, &folder));
}

#[test]
fn a_body_that_is_not_json_is_reported() {
    let (server, folder) = shop();
    let headers = [("Authorization", "Bearer abc"), ("Content-Type", "application/json")];
    let reply = server.send("POST", "/orders?dry_run=true", &headers, r#"{"item":"tea","quantity":2"#);
    insta::assert_snapshot!(body_without_folder(&reply, &folder));
}

#[test]
fn a_different_state_and_form_field_are_named() {
    let (server, folder) = shop();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let reply = server.send("POST", "/payment", &form, "amount=ten");
    insta::assert_snapshot!(body_without_folder(&reply, &folder));
}

#[test]
fn an_unreachable_state_is_named() {
    let (server, folder) = shop();
    let headers = [("Content-Type", "application/xml")];
    let reply = server.send("POST", "/shipment", &headers, "<Shipment><Address>Road 1</Address></Shipment>");
    insta::assert_snapshot!(body_without_folder(&reply, &folder));
}

#[test]
fn matching_on_demand_stubs_are_offered() {
    let (server, folder) = shop();
    insta::assert_snapshot!(body_without_folder(&server.get("/stock/tea"), &folder));
}

#[test]
fn an_unknown_preferred_stub_is_answered_with_the_known_ones() {
    let (server, folder) = shop();
    let reply = server.send("GET", "/stock/tea", &[("Prefer", "stub=OUT_OFF_STOCK")], "");
    insta::assert_snapshot!(body_without_folder(&reply, &folder));
}

#[test]
fn programs_get_problem_details() {
    let (server, folder) = shop();
    let accept = [("Accept", "application/problem+json, application/json;q=0.9"), ("X-Unrelated", "1")];
    let reply = server.send("DELETE", "/orders/7", &accept, "");
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    insta::assert_snapshot!(body_without_folder(&reply, &folder));

    let reply = server.send("GET", "/", &[("Accept", "application/problem+json"), ("Prefer", "stub=nothing")], "");
    assert_eq!(at(&reply.json(), "known").to_string(), r#"["OUT_OF_STOCK"]"#);
}

#[test]
fn the_client_chooses_text_or_problem_details() {
    let (server, _) = shop();
    for (accept, expected) in [
        ("*/*", "text/plain; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/plain; charset=utf-8"),
        ("application/json", "application/problem+json"),
        ("application/vnd.api+json, text/*;q=0.1", "text/plain; charset=utf-8"),
        ("application/json;q=0.3, text/plain;q=0.2", "application/problem+json"),
        ("application/json;q=0.2, text/plain;q=0.3", "text/plain; charset=utf-8"),
        ("application/json;q=0", "text/plain; charset=utf-8"),
        ("not a media type", "text/plain; charset=utf-8"),
    ] {
        let reply = server.send("GET", "/nowhere", &[("Accept", accept)], "");
        assert_eq!((reply.status, reply.header("content-type")), (404, Some(expected)), "{accept}");
    }
}

#[test]
fn a_huge_difference_is_truncated() {
    let (server, _) = shop();
    let item = "x".repeat(1 << 20);
    let headers = [("Authorization", "Bearer abc"), ("Content-Type", "application/json")];
    let reply = server.send("POST", "/orders?dry_run=true", &headers, format!(r#"{{"item":"{item}","quantity":2}}"#));
    assert_eq!(reply.status, 404);
    assert!(reply.body.len() < 4096, "{} bytes", reply.body.len());
}

#[test]
fn a_server_without_stubs_reports_that() {
    let server = Running::with("description = 'nothing yet'\n");
    assert_eq!(server.get("/a").text(), "no stub answers GET /a: there are no stubs\n");
}

#[test]
fn the_readme_shows_the_answer_word_for_word() {
    let readme = std::fs::read_to_string(repository("README.md")).expect("the README");
    let block = |language: &str, after: &str| {
        let (_, rest) = readme.split_once(after).expect(after);
        let (_, rest) = rest.split_once(&format!("```{language}\n")).expect(language);
        rest.split_once("```").expect("the end of the block").0.to_owned()
    };
    let folder = Folder::new();
    let file = folder.write("orders.toml", &block("toml file=orders.toml", "## A scenario file"));
    let server = Running::start_at(&[file], Settings::default(), ServerSettings::default());
    // The Accept header that curl sends.
    let reply = server.send("GET", "/orders/7/", &[("Accept", "*/*")], "");
    let folder = folder.path.display().to_string();
    assert_eq!(body_without_folder(&reply, &folder), block("text printed", "A request that no stub answers"));
}

#[test]
fn the_journal_lists_unmatched_requests() {
    let (server, _) = shop();
    server.get("/nowhere");
    let entry = server.admin("GET", "/requests/unmatched", "");
    assert_eq!(at(&entry, "requests.0.url").as_str(), Some("/nowhere"));
    let entry = server.admin("GET", "/requests?unmatched=true", "");
    assert_eq!(at(&entry, "requests.0.wasMatched"), &Json::Bool(false));
    assert_eq!(at(&entry, "requests.0.response.status").to_string(), "404");
}

#[test]
fn the_nearest_of_thousands_is_found_by_its_path() {
    let stub = |n: usize| format!("[[stub]]\nname = 'shop {n}'\nrequest.path = '/shop{n}/orders/{{id}}'\n");
    let server = Running::with(&(0..2000).map(stub).collect::<String>());
    for target in ["/shop1234/order/7", "/Shop1234/orders/7", "/shop1234/orders/7/", "/shop1234/7/orders"] {
        let body = server.send("GET", target, &[], "").text();
        assert!(body.contains("\nnearest: shop 1234  ("), "{body}");
    }
}

#[test]
fn the_nearest_of_thousands_on_one_path_is_found_by_its_value() {
    let stub = |n: usize| {
        format!(
            "[[stub]]\nname = 'order {n}'\nrequest = {{ method = 'POST', path = '/orders', json_path.'$.id' = {n} }}\n"
        )
    };
    let server = Running::with(&(0..2000).map(stub).collect::<String>());
    let body = server.send("PUT", "/orders", &[("Content-Type", "application/json")], r#"{"id":1234}"#).text();
    assert!(body.contains("\nnearest: order 1234  (") && body.contains("no  method: POST"), "{body}");
}
