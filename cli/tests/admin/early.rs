//! Requests to the admin API that are refused before they are read whole.

use crate::support::Connection;
use crate::{Shop, at, bytes, fault};

const LIMIT: &[&str] = &["--max-body", "100"];

#[test]
fn a_body_that_is_too_large_is_reported_as_an_error_of_the_api() {
    let shop = Shop::open(LIMIT);
    let before = shop.state();

    let reply = shop.ask("POST /__admin/stubs", &[&shop.host()], &"x".repeat(101));

    assert_eq!((reply.status, reply.header("content-type")), (413, Some("application/json")));
    assert!(fault(&reply).0.contains("101 bytes, more than the 100 that `--max-body` allows"), "{}", reply.text());
    assert_eq!(shop.state(), before);
}

#[test]
fn access_is_checked_before_the_size_of_the_body() {
    let shop = Shop::open(&[LIMIT, &["--admin-token", "made-up", "--cors"]].concat());
    let body = "x".repeat(101);

    let page = shop.ask("POST /__admin/stubs", &[&shop.host(), "Origin: http://evil.example"], &body);
    let name = shop.ask("POST /__admin/stubs", &["Host: evil.example"], &body);
    let token = shop.ask("POST /__admin/stubs", &[&shop.host()], &body);

    assert_eq!((page.status, page.header("access-control-allow-origin"), name.status), (403, None, 403));
    assert_eq!((token.status, fault(&token).1.as_str()), (401, "Authorization"));
}

#[test]
fn a_page_that_is_allowed_can_read_that_its_body_is_too_large() {
    let shop = Shop::open(&[LIMIT, &["--admin-origin", "http://app.test"]].concat());

    let reply = shop.ask("POST /__admin/stubs", &[&shop.host(), "Origin: http://app.test"], &"x".repeat(101));

    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (413, Some("http://app.test")));
}

#[test]
fn an_incomplete_call_is_not_recorded() {
    let shop = Shop::open(&[]);
    let whole = bytes("POST /__admin/stubs", &[&shop.host()], "{\"name\": \"never whole\"}");

    let mut connection = Connection::to(shop.addr());
    connection.write(&whole[..whole.len() - 1]);
    connection.shut_down_writing();
    connection.rest();

    let journal = shop.ask("GET /__admin/requests", &[&shop.host()], "").json();
    assert_eq!(at(&journal, "meta.total").to_string(), "0");
}
