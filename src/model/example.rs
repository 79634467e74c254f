//! An example: a request and the answer it must get, as a test inside the file.

use bytes::Bytes;

use super::{Json, WireFault};

/// A request to play against the whole set, and the expected answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Example {
    /// The name by which `after` of another example refers to it.
    pub name: String,
    /// The stub that must answer.
    pub stub: Option<String>,
    /// The request to send.
    pub request: ExampleRequest,
    /// The expected answer.
    pub response: ExampleResponse,
    /// Examples to play before it, on the same engine.
    pub after: Vec<String>,
    /// States to set before it, by machine.
    pub state: Vec<(String, String)>,
    /// States that must be reached after it, by machine.
    pub state_after: Vec<(String, String)>,
    /// The time at which it is played, in RFC 3339.
    pub now: Option<String>,
    /// JSONPaths or XPaths whose value may differ.
    pub ignore: Vec<String>,
    /// The line in its file, counted from 1; 0 if it has none.
    pub line: usize,
}

/// The request of an example.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExampleRequest {
    /// `GET` if it is not specified.
    pub method: String,
    /// Path and query as they are sent.
    pub url: String,
    /// Names and values, in order.
    pub headers: Vec<(String, Vec<String>)>,
    /// The body to send.
    pub body: Option<ExampleBody>,
}

/// The answer that an example expects. A field that is `None` or empty may have any value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExampleResponse {
    /// The status.
    pub status: Option<u16>,
    /// The fault of the connection. Such an answer has no whole body.
    pub fault: Option<WireFault>,
    /// The reason phrase.
    pub reason: Option<String>,
    /// Names and the values that are expected.
    pub headers: Vec<(String, Vec<String>)>,
    /// The expected body. JSON and XML are compared by their content.
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
    /// A file of the scenario's folder: its path and contents.
    File(String, Bytes),
    /// Bytes.
    Base64(Bytes),
}
