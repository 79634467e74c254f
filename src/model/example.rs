//! An example: a request and what must come back, which the file carries as its own test.

use bytes::Bytes;

use super::{Json, WireFault};

/// A request to play against the whole set, and what its answer must be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Example {
    /// What `after` of another example calls it by.
    pub name: String,
    /// The stub that must answer.
    pub stub: Option<String>,
    /// What to send.
    pub request: ExampleRequest,
    /// What must come back.
    pub response: ExampleResponse,
    /// Examples to be played before it, on the same engine.
    pub after: Vec<String>,
    /// States to set before, by machine.
    pub state: Vec<(String, String)>,
    /// States that must be reached, by machine.
    pub state_after: Vec<(String, String)>,
    /// The time at which it is played, RFC 3339.
    pub now: Option<String>,
    /// JSONPaths or XPaths whose value may differ.
    pub ignore: Vec<String>,
    /// Counted from 1; 0 where there is none.
    pub line: usize,
}

/// The request of an example.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExampleRequest {
    /// `GET` where it is not said.
    pub method: String,
    /// Path and query, as they go on the wire.
    pub url: String,
    /// Names and values, in order.
    pub headers: Vec<(String, Vec<String>)>,
    /// What is sent.
    pub body: Option<ExampleBody>,
}

/// What an example expects; what is `None` or empty may be anything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExampleResponse {
    /// The status.
    pub status: Option<u16>,
    /// What goes wrong on the wire; such an answer has no whole body.
    pub fault: Option<WireFault>,
    /// The reason phrase.
    pub reason: Option<String>,
    /// Names and the values that must be there.
    pub headers: Vec<(String, Vec<String>)>,
    /// The body, compared as JSON or XML where it is that.
    pub body: Option<ExampleBody>,
}

/// A body of an example.
#[derive(Debug, Clone, PartialEq)]
pub enum ExampleBody {
    /// JSON.
    Json(Json),
    /// XML text.
    Xml(String),
    /// Plain text.
    Text(String),
    /// A file of the scenario's folder: its path and what stands in it.
    File(String, Bytes),
    /// Bytes.
    Base64(Bytes),
}
