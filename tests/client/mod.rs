//! An HTTP client like that of a user's test. An error status is an ordinary answer.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::Duration;

use cannery::MockServer;
use ureq::Agent;
use ureq::http::{Request, Response};

pub fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true);
    config.timeout_global(Some(Duration::from_secs(30))).build().into()
}

/// The status and body of an answer.
pub type Reply = (u16, String);

pub fn get(server: &MockServer, target: &str) -> Reply {
    send(server, "GET", target, &[], "")
}

pub fn post(server: &MockServer, target: &str, media: &str, body: &str) -> Reply {
    send(server, "POST", target, &[("Content-Type", media)], body)
}

pub fn send(server: &MockServer, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut response = answer(server, method, target, headers, body);
    let text = response.body_mut().read_to_string().expect("a body");
    (response.status().as_u16(), text)
}

pub fn answer(
    server: &MockServer,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response<ureq::Body> {
    let mut request = Request::builder().method(method).uri(server.url(target));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if body.is_empty() {
        agent().run(request.body(()).expect("a request")).expect("an answer")
    } else {
        agent().run(request.body(body).expect("a request")).expect("an answer")
    }
}
