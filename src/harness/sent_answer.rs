//! The answer to a request that a server received, for the assertions of a test.

use std::time::Duration;

use crate::journal::AnswerRecord;

/// What a server answered to a request, and when.
///
/// Status, headers and body are known before the first byte is sent. The times are known when sending begins and ends.
#[derive(Debug, Clone)]
pub struct SentAnswer(AnswerRecord);

impl SentAnswer {
    pub(super) fn new(record: AnswerRecord) -> SentAnswer {
        SentAnswer(record)
    }

    /// The status. If the stub has a [fault](super::ReceivedRequest::fault), the answer may not have been sent.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// The reason phrase, if it differs from the standard one.
    pub fn reason(&self) -> Option<&str> {
        self.0.reason()
    }

    /// The first value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The headers in the order in which they were sent. Headers that HTTP itself needs, such as `Content-Length`, and a
    /// `Content-Encoding` that the server chose are not among them. Long headers are [evicted](SentAnswer::is_body_evicted) with
    /// the body.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.headers().into_iter().flatten().map(|(name, value)| (&**name, &**value))
    }

    /// The body before any `Content-Encoding` that the server chose. `None` if it was [evicted](SentAnswer::is_body_evicted).
    ///
    /// The first 64 KiB are kept of a body that was made for this request alone.
    pub fn body(&self) -> Option<&[u8]> {
        self.0.body().map(|body| &**body)
    }

    /// The length of the whole body. If the stub has a fault, less may have been sent.
    pub fn body_length(&self) -> Option<usize> {
        self.0.body_length()
    }

    /// Whether the journal evicted the body. It keeps 16 MiB of bodies that were made for one request alone, and evicts the
    /// oldest first.
    pub fn is_body_evicted(&self) -> bool {
        self.0.is_body_evicted()
    }

    /// Which of several responses it is, starting at 1, and how many there are. `None` if the stub has one response.
    pub fn turn(&self) -> Option<(usize, usize)> {
        self.0.turn()
    }

    /// The time from the arrival of the request until the server began to send the answer, with the delay of the stub. `None` until
    /// then, and if a fault replaced the answer.
    pub fn first_byte_after(&self) -> Option<Duration> {
        self.0.sending().first_byte()
    }

    /// The time from the arrival of the request until the connection had taken the last byte. `None` until then.
    pub fn last_byte_after(&self) -> Option<Duration> {
        self.0.sending().last_byte()
    }

    /// How many bytes of the body the connection has taken so far, as they are sent.
    pub fn bytes_sent(&self) -> u64 {
        self.0.sending().bytes()
    }

    /// Whether the client left: the connection ended after the server began to send, and before it took the last byte.
    pub fn has_client_left(&self) -> bool {
        self.0.sending().has_client_left()
    }
}
