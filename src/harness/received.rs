//! Received requests, for the assertions of a test.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;

use once_cell::sync::OnceCell;
use serde_core::de::DeserializeOwned;

use crate::explain::shortened;
use crate::journal::{Entry, Outcome};
use crate::message::{Request, header_text, visible, visible_lines};
use crate::model::{Timestamp, WireFault};
use crate::verify::{RequestSummary, list};

use super::sent_answer::SentAnswer;

/// A received request with its outcome.
pub struct ReceivedRequest {
    request: Request,
    number: u64,
    outcome: Option<Outcome>,
    status: Option<u16>,
    fault: Option<WireFault>,
    answer: Option<SentAnswer>,
    headers: OnceCell<Vec<(String, String)>>,
    text: OnceCell<String>,
}

impl ReceivedRequest {
    /// Creates the view of a journal entry.
    pub(super) fn from_entry(entry: &Entry) -> ReceivedRequest {
        ReceivedRequest {
            number: entry.number,
            outcome: Some(entry.outcome.clone()),
            status: entry.status,
            fault: entry.fault,
            answer: entry.answer.clone().map(SentAnswer::new),
            ..ReceivedRequest::unanswered(&entry.request())
        }
    }

    /// Creates the view of a request that is being answered.
    pub(super) fn unanswered(request: &Request) -> ReceivedRequest {
        ReceivedRequest {
            request: request.again(),
            number: 0,
            outcome: None,
            status: None,
            fault: None,
            answer: None,
            headers: OnceCell::new(),
            text: OnceCell::new(),
        }
    }

    /// The number of the request among all that the server received, starting at 1. It is 0 while the request is being answered.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.request.method()
    }

    /// The path as sent, still encoded.
    pub fn path(&self) -> &str {
        self.request.path()
    }

    /// Path and query as sent.
    pub fn target(&self) -> &str {
        self.request.head().target()
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.request.query().iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter, decoded.
    pub fn queries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.request.query().iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let first = self.headers().iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        first.map(|(_, value)| value.as_str())
    }

    /// All values of a header, its name in any case.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.headers().iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// All headers as sent, in the same order.
    pub fn headers(&self) -> &[(String, String)] {
        self.headers.get_or_init(|| {
            let sent = self.request.head().headers();
            sent.map(|(name, value)| (name.to_owned(), header_text(value).into_owned())).collect()
        })
    }

    /// The body as sent, after chunks were joined.
    pub fn body(&self) -> &[u8] {
        self.request.body()
    }

    /// The body as text, after any Content-Encoding was decoded.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| self.request.text().into_owned())
    }

    /// The body, parsed as JSON into a type.
    ///
    /// # Panics
    /// Panics if the body is not JSON of this type; the message names the path.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        self.try_json().unwrap_or_else(|error| panic!("{error}\n\n{self:?}"))
    }

    /// Like [`ReceivedRequest::json`], but returns the error.
    ///
    /// # Errors
    /// Returns the path at which the body is not JSON of this type.
    pub fn try_json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        let content = self.request.content();
        let reader = &mut serde_json::Deserializer::from_slice(content);
        let value = serde_path_to_error::deserialize(&mut *reader).map_err(|error| JsonError {
            path: match error.path().to_string().as_str() {
                "." => "$".to_owned(),
                path if path.starts_with('[') => format!("${path}"),
                path => format!("$.{path}"),
            },
            reason: error.inner().to_string(),
        })?;
        let end = |error: serde_json::Error| JsonError { path: "$".to_owned(), reason: error.to_string() };
        reader.end().map_err(end)?;
        Ok(value)
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        self.request.scheme()
    }

    /// The address that it came from.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.request.client()
    }

    /// When it was received.
    pub fn received_at(&self) -> Timestamp {
        self.request.received_at()
    }

    /// The name of the stub that answered; `None` if no stub did.
    pub fn stub(&self) -> Option<&str> {
        match &self.outcome {
            Some(Outcome::Stub(stub)) => Some(&stub.name),
            _ => None,
        }
    }

    /// The status of the answer; `None` while the request is being answered, and if a fault replaced the answer.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The fault on the wire, if the stub has one.
    pub fn fault(&self) -> Option<WireFault> {
        self.fault
    }

    /// The answer; `None` while it is being made.
    pub fn answer(&self) -> Option<&SentAnswer> {
        self.answer.as_ref()
    }

    pub(super) fn summary(&self) -> RequestSummary<'_> {
        RequestSummary {
            number: self.number,
            head: self.request.head(),
            status: self.status,
            fault: self.fault,
            outcome: self.outcome.as_ref(),
        }
    }
}

/// Why a body is not JSON of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonError {
    /// A path such as `$.orders[2].id`; `$` is the whole body.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl Error for JsonError {}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body is not of this type: {}: {}", self.path, self.reason)
    }
}

/// The request as an HTTP message.
impl fmt::Debug for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.summary())?;
        self.headers().iter().try_for_each(|(name, value)| writeln!(f, "{}: {}", visible(name), visible(value)))?;
        if !self.body().is_empty() {
            write!(f, "\n{}", shown_body(&self.request))?;
        }
        Ok(())
    }
}

/// The most characters of a body that a text shows.
const MAX_SHOWN_BODY: usize = 2000;

fn shown_body(request: &Request) -> String {
    match request.strict_text() {
        Some(text) => visible_lines(&shortened(&text, MAX_SHOWN_BODY)).into_owned(),
        None => format!("({} bytes that are not text)", request.content().len()),
    }
}

/// The requests that a server received, oldest first.
#[derive(Default)]
pub struct Received(Vec<ReceivedRequest>);

impl Received {
    pub(super) fn new(requests: Vec<ReceivedRequest>) -> Received {
        Received(requests)
    }

    /// Returns the only request.
    ///
    /// # Panics
    /// Panics if no request or several requests came.
    #[track_caller]
    pub fn only(&self) -> &ReceivedRequest {
        match self.0.as_slice() {
            [only] => only,
            all => {
                panic!("expected 1 request, received {}{}", all.len(), list(all.iter().map(ReceivedRequest::summary)))
            }
        }
    }

    /// Returns the only request, by value.
    ///
    /// # Panics
    /// Panics if no request or several requests came.
    #[track_caller]
    pub fn one(mut self) -> ReceivedRequest {
        self.only();
        self.0.remove(0)
    }
}

impl Deref for Received {
    type Target = [ReceivedRequest];

    fn deref(&self) -> &[ReceivedRequest] {
        &self.0
    }
}

impl IntoIterator for Received {
    type Item = ReceivedRequest;
    type IntoIter = std::vec::IntoIter<ReceivedRequest>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Received {
    type Item = &'a ReceivedRequest;
    type IntoIter = std::slice::Iter<'a, ReceivedRequest>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}
