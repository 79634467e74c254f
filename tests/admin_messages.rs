//! What the admin API answers to a call that is not valid: what must be, and what was found.

#![allow(missing_docs)]
#![cfg(all(feature = "admin", feature = "files"))]

mod support;

use support::{Running, at};

#[test]
fn a_call_that_is_not_valid_says_what_must_be_and_what_was_found() {
    let server = Running::with("[[stub]]\nname = 'any'\n");

    for (method, path, body, status, detail) in [
        ("POST", "/stubs/arm", "[]", 422, "must be an object, found a list"),
        ("POST", "/stubs/arm", "{", 422, "must be JSON: EOF while parsing an object at line 1 column 1"),
        ("POST", "/stubs/arm", r#"{"name": "any"}"#, 422, "must be `stub` or `times`, found `name`"),
        ("POST", "/stubs/arm", "{}", 422, "must be the name of an on-demand stub, found nothing"),
        ("POST", "/stubs/arm", r#"{"stub": 7}"#, 422, "must be the name of an on-demand stub, found a number"),
        (
            "POST",
            "/stubs/arm",
            r#"{"stub": "any", "times": -1}"#,
            422,
            "must be a whole number that is not negative, found -1",
        ),
        (
            "POST",
            "/explain",
            r#"{"path": "/"}"#,
            422,
            "must be `method`, `url`, `headers`, `body`, `bodyAsBase64` or `now`, found `path`",
        ),
        (
            "POST",
            "/explain",
            r#"{"url": "/", "now": "today"}"#,
            422,
            r#"must be a date of RFC 3339, such as 2026-01-31T12:00:00Z, found "today""#,
        ),
        ("POST", "/requests/count", r#"{"method": null}"#, 422, "must be a string, found null"),
        ("POST", "/requests/count", r#"{"headers": true}"#, 422, "must be an object, found a boolean"),
        ("POST", "/requests/count", r#"{"bodyPatterns": "a"}"#, 422, "must be a list, found a string"),
        (
            "POST",
            "/requests/count",
            r#"{"headers": {"a": {}}}"#,
            422,
            "must have `equalTo`, `contains`, `matches` or `absent`",
        ),
        ("POST", "/requests/count", r#"{"cookies": {}}"#, 422, "`cookies` is not supported"),
        ("GET", "/requests?limit=many", "", 400, "must be a whole number, found `many`"),
        ("GET", "/requests?unmatched=yes", "", 400, "must be true or false, found `yes`"),
        ("GET", "/requests?since=today", "", 400, "must be a date of RFC 3339, found `today`"),
        ("PATCH", "/requests", "", 405, "must be GET, HEAD, DELETE"),
    ] {
        let reply = server.send(method, &format!("/__admin{path}"), &[], body);
        let found = reply.json();
        let found = (reply.status, at(&found, "errors.0.detail").as_str());
        assert_eq!(found, (status, Some(detail)), "{method} {path} {body}");
    }
}

#[test]
fn a_stub_that_is_not_on_demand_cannot_be_armed() {
    let server = Running::with("[[stub]]\nname = 'any'\n");

    let reply = server.send("POST", "/__admin/stubs/arm", &[], r#"{"stub": "any"}"#);

    assert_eq!(reply.status, 409, "{}", reply.text());
    assert_eq!(at(&reply.json(), "errors.0.title").as_str(), Some("the stub is not on demand"));
    let detail = at(&reply.json(), "errors.0.detail").as_str().unwrap_or_default().to_owned();
    assert!(detail.contains("only a stub with `on_demand = true` can be armed"), "{detail}");
    let unknown = server.send("POST", "/__admin/stubs/arm", &[], r#"{"stub": "none"}"#);
    assert_eq!(unknown.status, 404, "{}", unknown.text());
}
