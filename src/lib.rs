//! Cannery: a mock HTTP server that serves canned responses from scenario files and records every request.
//!
//! The rooms, from the ground up; each uses only those above it in this list:
//!
//! - [`model`] — what a scenario says, as plain data
//! - [`message`] — what was sent, with its views as JSON, XML, form and document
//! - [`matching`] — a request pattern compiled, its verdict, and how near a request was
//! - [`formats`] — files to model and back, with located diagnostics
//! - [`journal`] — what was received
//! - [`respond`] — an answer made concrete: templates, documents, batches
//! - [`engine`] — request in, answer out, without sockets, files or a clock
//! - [`check`] — files loaded whole, what in them cannot have been meant, and their examples played
//! - [`admin`] — the HTTP API over an engine
//! - [`server`] — sockets
//!
//! A stub answers, and the request is in the journal:
//!
//! ```
//! use cannery::engine::{Engine, Settings, StubSet};
//! use cannery::formats::{NoFiles, read_scenario};
//! use cannery::message::{Head, Request};
//!
//! let text = r#"
//! [[stub]]
//! request = { method = "GET", path = "/hello/{name}" }
//! response.text = "Hello, {{request.path_params.name}}!"
//! "#;
//! let (scenario, _) = read_scenario(text, "hello.toml", &NoFiles).unwrap();
//! let engine = Engine::new(StubSet::compile(&[scenario]).unwrap().into(), Settings::default());
//!
//! let now = jiff::Timestamp::UNIX_EPOCH;
//! let request = Request::new(Head::compose("GET", "/hello/Ada", []), Default::default(), None, now);
//! let exchange = engine.handle(&request, now, None);
//! assert_eq!(exchange.answer.body, "Hello, Ada!");
//! assert_eq!(engine.journal().entries.len(), 1);
//! ```

pub mod admin;
pub mod check;
#[cfg(doctest)]
mod doctests;
pub mod engine;
pub mod formats;
pub mod harness;
pub mod journal;
pub mod matching;
pub mod message;
pub mod model;
pub mod respond;
pub mod server;

pub use harness::matchers::{
    absent, after, all_of, any_of, before, contains, ends_with, equals, ge, gt, includes, le, len, lt, matches, not,
    of_type, one_of, present, starts_with, values,
};
pub use harness::{
    Given, JsonError, MockServer, Received, ReceivedRequest, ScopedStub, ServerBuilder, StartError, StubBuilder,
    StubHandle, Waiting, WrongStub, batch, case, given, status,
};
pub use model::{Delay, Expect, Response, WireFault};
