//! A recorded request.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;

use crate::message::{BaseLength, Head, Protocol, Request};
use crate::model::{Place, Timestamp, WireFault};

use super::AnswerRecord;

/// A recorded request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number, counted from 1 over the lifetime of the engine. A reset does not restart the count.
    pub number: u64,
    /// The request line and headers as sent, or the raw bytes if they were not HTTP. A request over HTTP/2 is recorded in the form of
    /// HTTP/1.1: the authority as Host, names in lower case, and headers in any order.
    pub head: Head,
    /// How much of its path is the base under which the engine got it.
    pub base: BaseLength,
    /// The body as sent, or its first bytes if it was truncated.
    pub body: Bytes,
    /// What was truncated, if the body is not whole.
    pub cut: Option<Cut>,
    /// When it was received.
    pub received_at: Timestamp,
    /// The address of the client.
    pub client: Option<IpAddr>,
    /// The protocol over which it was received.
    pub protocol: Protocol,
    /// The outcome.
    pub outcome: Outcome,
    /// The status of its answer; `None` until the answer is decided, which is before it is sent.
    pub status: Option<u16>,
    /// The fault on the wire that the stub specifies. If no response is sent, there is no status.
    pub fault: Option<WireFault>,
    /// Its answer; `None` until the answer is decided, which is before it is sent.
    pub answer: Option<AnswerRecord>,
}

/// The outcome of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A stub answered.
    Stub(Arc<StubRef>),
    /// No stub answered.
    Unmatched,
    /// It was refused before any stub was tried, for this reason.
    Refused(String),
    /// The server answered it as a browser's CORS preflight.
    Preflight,
}

/// The stub that answered, as it was at that time.
#[derive(Debug, PartialEq)]
pub struct StubRef {
    /// A UUID that is derived from the stub's file and name, so it changes only with them.
    pub id: String,
    /// Its name, or a description of its position.
    pub name: String,
    /// The name of its scenario.
    pub scenario: String,
    /// Its position in its file.
    pub place: Place,
}

/// What is known of a body of which only the first bytes were kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The length in bytes. If not all of it was read, the body is at least this long.
    pub length: u64,
    /// Whether all of it was read.
    pub complete: bool,
    /// SHA-256 of all that was read, in hexadecimal; `None` if nothing was read.
    pub sha256: Option<String>,
}

impl Entry {
    /// Returns its identifier, in the form that WireMock's clients expect: a UUID.
    pub fn id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.number)
    }

    /// Returns the number in an identifier from [`Entry::id`].
    pub fn number_of(id: &str) -> Option<u64> {
        u64::from_str_radix(id.strip_prefix("00000000-0000-4000-8000-")?, 16).ok()
    }

    /// Returns the entry of a request, without number and answer.
    pub fn new(request: &Request, outcome: Outcome) -> Entry {
        Entry {
            number: 0,
            head: request.head().clone(),
            base: request.base_length(),
            body: request.body().clone(),
            cut: None,
            received_at: request.received_at(),
            client: request.client(),
            protocol: request.protocol(),
            outcome,
            status: None,
            fault: None,
            answer: None,
        }
    }

    /// Sets its answer.
    pub fn set_answer(&mut self, answer: AnswerRecord) {
        (self.status, self.fault) = (answer.sent_status(), answer.fault());
        self.answer = Some(answer);
    }

    /// Returns the request, to read its parsed views.
    pub fn request(&self) -> Request {
        let request = Request::new(self.head.clone(), self.body.clone(), self.client, self.received_at)
            .with_base(self.base)
            .over(self.protocol);
        match self.outcome {
            Outcome::Refused(_) => request,
            // The body was unpacked when it was answered, within a limit that may be larger than the default.
            _ => request.unpacked_within(usize::MAX),
        }
    }

    /// Returns the stub that answered.
    pub fn stub(&self) -> Option<&StubRef> {
        match &self.outcome {
            Outcome::Stub(stub) => Some(stub),
            _ => None,
        }
    }

    /// Whether no stub answered it. A preflight that the server answered does not count.
    pub fn is_unmatched(&self) -> bool {
        self.outcome.is_unmatched()
    }
}

impl Outcome {
    pub(super) fn is_unmatched(&self) -> bool {
        matches!(self, Outcome::Unmatched | Outcome::Refused(_))
    }

    /// Whether two outcomes are the same stub, or the same kind without a text. It does not compare contents.
    pub(super) fn is(&self, other: &Outcome) -> bool {
        match (self, other) {
            (Outcome::Stub(stub), Outcome::Stub(other)) => Arc::ptr_eq(stub, other),
            (Outcome::Unmatched, Outcome::Unmatched) | (Outcome::Preflight, Outcome::Preflight) => true,
            _ => false,
        }
    }
}
