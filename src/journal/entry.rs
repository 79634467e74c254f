//! One request as it was recorded.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;

use crate::message::{BaseLength, Head, Protocol, Request};
use crate::model::{Place, Timestamp, WireFault};

use super::AnswerRecord;

/// A recorded request.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Counted from 1 over the life of the engine; a reset does not start anew.
    pub number: u64,
    /// Request line and headers as sent; for bytes that were not HTTP what there was of them. What came over HTTP/2 stands as
    /// HTTP/1.1 would have it, with the authority as Host, names in lower case and headers in any order.
    pub head: Head,
    /// How much of its path is the base under which the engine got it.
    pub base: BaseLength,
    /// The body as sent, or its first bytes if it was cut.
    pub body: Bytes,
    /// What is missing of the body.
    pub cut: Option<Cut>,
    /// When it was received.
    pub received_at: Timestamp,
    /// The address that it came from.
    pub client: Option<IpAddr>,
    /// Over what it came.
    pub protocol: Protocol,
    /// What became of it.
    pub outcome: Outcome,
    /// The status of its answer; none while it is being made, which is known before it is sent.
    pub status: Option<u16>,
    /// What went wrong on the wire, if the stub asks for that; if nothing of a response is sent there is no status.
    pub fault: Option<WireFault>,
    /// Its answer; `None` while it is being made, which is known before it is sent.
    pub answer: Option<AnswerRecord>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A stub answered.
    Stub(Arc<StubRef>),
    /// No stub did.
    Unmatched,
    /// It was answered before any stub was asked, for this reason.
    Refused(String),
    /// The server answered it as the preflight of a browser.
    Preflight,
}

/// The stub that answered, as it was then.
#[derive(Debug, PartialEq)]
pub struct StubRef {
    /// A UUID made of the stub's identity; the same as long as its file and name are.
    pub id: String,
    /// Its name, or a description by its place.
    pub name: String,
    /// The name of its scenario.
    pub scenario: String,
    /// Where it was written.
    pub place: Place,
}

/// What is known of a body of which only the first bytes were kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The length in bytes: all of it, or at least this if not all was read.
    pub length: u64,
    /// Whether all of it was read.
    pub complete: bool,
    /// SHA-256 of all that was read, in hexadecimal; `None` if nothing was read.
    pub sha256: Option<String>,
}

impl Entry {
    /// An identifier in the form that WireMock's clients expect, a UUID.
    pub fn id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.number)
    }

    /// The number in an identifier that [`Entry::id`] made.
    pub fn number_of(id: &str) -> Option<u64> {
        u64::from_str_radix(id.strip_prefix("00000000-0000-4000-8000-")?, 16).ok()
    }

    /// A request that came, without a number yet and without an answer.
    pub fn of(request: &Request, outcome: Outcome) -> Entry {
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

    /// Notes its answer.
    pub fn set_answer(&mut self, answer: AnswerRecord) {
        (self.status, self.fault) = (answer.sent_status(), answer.fault());
        self.answer = Some(answer);
    }

    /// The request again, to look at its views.
    pub fn request(&self) -> Request {
        let request = Request::new(self.head.clone(), self.body.clone(), self.client, self.received_at)
            .with_base(self.base)
            .over(self.protocol);
        match self.outcome {
            Outcome::Refused(_) => request,
            // It was unpacked when it was answered, within a limit that may be larger than the usual one.
            _ => request.unpacked_within(usize::MAX),
        }
    }

    /// The stub that answered.
    pub fn stub(&self) -> Option<&StubRef> {
        match &self.outcome {
            Outcome::Stub(stub) => Some(stub),
            _ => None,
        }
    }

    /// Whether no stub answered it; a preflight that the server answered itself is not one of those.
    pub fn is_unmatched(&self) -> bool {
        self.outcome.is_unmatched()
    }
}

impl Outcome {
    pub(super) fn is_unmatched(&self) -> bool {
        matches!(self, Outcome::Unmatched | Outcome::Refused(_))
    }

    /// Whether another is the same, without a look at what is written in it.
    pub(super) fn is(&self, other: &Outcome) -> bool {
        match (self, other) {
            (Outcome::Stub(stub), Outcome::Stub(other)) => Arc::ptr_eq(stub, other),
            (Outcome::Unmatched, Outcome::Unmatched) | (Outcome::Preflight, Outcome::Preflight) => true,
            _ => false,
        }
    }
}
