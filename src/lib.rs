//! A mock HTTP server for tests, whose verdicts can be trusted.
//!
//! A client is written against an HTTP API that is remote, costly, rate-limited or gone. [`MockServer`] replaces it. It
//! answers as the test or a scenario file specifies, and records every request before it answers. If a request differs from what
//! was expected, it explains the difference.
//!
//! # Five minutes
//!
//! ```toml
//! [dev-dependencies]
//! cannery = "0.1"
//! ```
//!
//! The same API works in `#[test]` and `#[tokio::test]`. Servers run in the background, on ports of their own, and only waiting is
//! `async`.
//!
//! ```
//! use cannery::{MockServer, given, matches, status};
//! use serde_json::json;
//!
//! let server = MockServer::start(); // a free port; ready when it returns
//! let orders = server.stub(
//!     given::get("/orders/{id}")
//!         .query("page", matches(r"^\d+$"))
//!         .respond(status(200).json(json!({ "id": "{{request.path_params.id}}" })).template(true))
//!         .expect(1), // checked when `server` is dropped
//! );
//!
//! // The code under test sends its requests to `server.uri()`.
//! let mut reply = ureq::get(server.url("/orders/7?page=1")).call().unwrap();
//!
//! assert_eq!(reply.body_mut().read_to_string().unwrap(), r#"{"id":"7"}"#);
//! assert_eq!(orders.calls(), 1);
//! ```
//!
//! **A stub** is a request and its answer. [`given`] describes the request with the keys of a scenario file: `header`, `query`,
//! `path_param`, `cookie`, `json`, `json_includes`, `json_path`, `xml`, `xpath`, `document`, `form`, `body` and more, each with a
//! value or a matcher ([`matches()`], [`contains`], [`one_of`], [`present`], [`absent`], [`not`], [`len`], [`gt`], ...), or
//! [`matching`](Given::matching) for a closure. Then comes one answer: [`respond`](Given::respond),
//! [`responses`](Given::responses) one after another, [`respond_with`](Given::respond_with) a closure, or a
//! [`batch`](Given::batch) in which each item has its own result. Strings of an answer are templates (`{{request.method}}`)
//! if it has [`template(true)`](Response::template), and in a batch.
//!
//! **If several stubs match,** the one that was added last answers, unless a [`priority`](StubBuilder::priority) changes the
//! order. Stubs of files come after those of the test.
//!
//! **Verdicts.** [`verify`](MockServer::verify) compares the number of requests that match with a number, or a range such as `1..`. A request is
//! recorded before its answer can be read, so none is missing right after a client returns. If the count
//! differs, the test fails, and shows what was expected and the nearest requests, condition by condition, with bodies compared by path:
//!
//! ```text
//! expected 1 request, received 0:
//!   POST /orders
//!     header Authorization: present
//!     json: {"id":7,"lines":[{"count":2}]}
//!
//! nearest of 1 other:
//!   1. POST /orders  (404: no stub answered)
//!     ok  method: POST
//!     ok  path: /orders
//!     no  header Authorization: present
//!         is: missing
//!         Send the header `Authorization`.
//!     no  json: {"id":7,"lines":[{"count":2}]}
//!         is: 3 at $.lines[0].count, expected 2
//! ```
//!
//! **Received requests** can be inspected: [`received`](MockServer::received),
//! [`received_matching`](MockServer::received_matching), [`unmatched`](MockServer::unmatched); each has
//! [`json::<T>()`](ReceivedRequest::json), [`header`](ReceivedRequest::header), [`query`](ReceivedRequest::query) and the rest.
//!
//! ```
//! # use cannery::{MockServer, given, status};
//! # let server = MockServer::start();
//! #[derive(serde::Deserialize)]
//! struct Order {
//!     lines: Vec<String>,
//! }
//!
//! ureq::post(server.url("/orders")).send(r#"{"lines": ["a", "b"]}"#).ok();
//!
//! assert_eq!(server.received().only().json::<Order>().lines, ["a", "b"]);
//! ```
//!
//! **In the background.** If the code under test sends requests in the background, [`wait_for`](MockServer::wait_for) waits until
//! they have arrived: `.await` it, or call `.blocking()`.
//!
//! **Files.** [`MockServer::serving`] serves the same scenario files as `cannery serve`. Documented
//! failures in them are on demand, and are [armed](MockServer::arm) by name. States are [read](MockServer::state) and
//! [set](MockServer::set_state).
//!
//! ```
//! use cannery::{MockServer, given, present};
//!
//! let groove = MockServer::serving("scenarios/groove");
//! let add = "/1/content/music/collection/add";
//!
//! groove.arm("TOO_MANY_REQUESTS"); // for the next request
//! let refused = ureq::post(groove.url(format!("{add}?accessToken=x")))
//!     .header("Authorization", "XBL3.0 x=1;y")
//!     .content_type("application/json")
//!     .send(r#"{"TrackIds": []}"#);
//!
//! assert!(matches!(refused, Err(ureq::Error::StatusCode(429))));
//! groove.verify(given::post(add).header("Authorization", present()), 1);
//! ```
//!
//! **Faults.** [`Response::delay`], [`Response::dribble`] and [`Response::fault`] make answers late, slow or truncated, or send no answer, as a
//! real network does. [`fail_on_unmatched`](ServerBuilder::fail_on_unmatched) fails a test whose client
//! sent a request that no stub answers.
//!
//! # Features
//!
//! | feature | | for |
//! |---|---|---|
//! | `files` | default | scenario files: [`MockServer::serving`] |
//! | `admin` | default | the HTTP API over a server: `ServerBuilder::admin`; brings `files` |
//! | `templates` | default | `{{ }}` in answers |
//! | `xpath` | default | conditions by XPath |
//! | `gzip` | default | compressed bodies of requests and answers |
//! | `json-schema` | | conditions by JSON Schema |
//! | `tls` | | HTTPS: `ServerBuilder::https` |
//! | `http2` | | HTTP/2, by ALPN and by prior knowledge |
//! | `check` | | the program `cannery` alone; brings `files` |
//!
//! No feature changes the behaviour of crates that your own code uses too.
//!
//! # Prior art
//!
//! [wiremock-rs](https://docs.rs/wiremock) taught Rust what an isolated mock server per test feels like, and that
//! expectations belong on the mock; [mockito](https://docs.rs/mockito) that a failed assertion should show the nearest request as
//! a diff; [httpmock](https://docs.rs/httpmock) that sync and async tests deserve one API, and mocks a file format. The engine's
//! ideas (priorities, near misses, scenarios as state machines, faults) are [WireMock](https://wiremock.org)'s, from Java.
//! The repository has migration guides for the three Rust libraries, under `docs/how-to`.
//!
//! # What else is here
//!
//! Items that this page does not list are internal: they are public for the program `cannery` alone and may change in any release.

#[cfg(feature = "admin")]
#[doc(hidden)]
pub mod admin;
mod budget;
#[cfg(feature = "files")]
#[doc(hidden)]
pub mod check;
#[cfg(doctest)]
mod doctests;
#[doc(hidden)]
pub mod engine;
#[doc(hidden)]
pub mod explain;
#[cfg(feature = "files")]
#[doc(hidden)]
pub mod formats;
#[doc(hidden)]
pub mod harness;
#[doc(hidden)]
pub mod journal;
#[doc(hidden)]
pub mod lock;
#[doc(hidden)]
pub mod matching;
#[doc(hidden)]
pub mod message;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod respond;
#[doc(hidden)]
pub mod server;
mod verify;

#[cfg(feature = "admin")]
pub use admin::{AdminSettings, AdminToken, HostName, InvalidSetting, Origin};
#[cfg(feature = "files")]
pub use harness::WrongScenarios;
pub use harness::matchers::{
    absent, after, all_of, any_of, before, contains, ends_with, equals, ge, gt, includes, le, len, lt, matches, not,
    of_type, one_of, present, starts_with, values,
};
pub use harness::{
    Given, JsonError, MockServer, Received, ReceivedRequest, ScopedStub, SentAnswer, ServerBuilder, StartError,
    StubBuilder, StubHandle, Waiting, WaitingTask, WrongStub, batch, case, given, matchers, status,
};
pub use model::{
    Batch, BatchCase, Delay, ElementOrder, Expect, InvalidTimestamp, JsonType, Matcher, Number, PartPattern,
    PathPattern, Representation, Response, Timestamp, WireFault, XmlForm,
};
#[cfg(feature = "tls")]
pub use server::tls::IdentityError;
