//! The answer to a request: status, headers and body, and how they are sent.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::model::{Delivery, WireFault};

/// The name and the value of a header of an answer. The names and values that most answers have are not allocated.
pub type Header = (Cow<'static, str>, Cow<'static, str>);

/// An answer: what to send, after which delay, and how.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// From 200 to 999.
    pub status: u16,
    /// The reason phrase, if it must differ from the standard one.
    pub reason: Option<String>,
    /// In the order in which they are sent.
    pub headers: Vec<Header>,
    /// The body before any Content-Encoding that the server adds.
    pub body: AnswerBody,
    /// How long to wait before sending.
    pub delay: Duration,
    /// How the answer is sent, if not at once and whole. It applies to whole bodies only.
    pub delivery: Option<Delivery>,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerBody {
    /// All of its bytes.
    Whole(Bytes),
    /// A body that is produced while it is sent.
    Stream(BodyStream),
}

/// The pieces of a body in order. None of them is empty.
pub type BodyPieces = Box<dyn Iterator<Item = Bytes> + Send>;

/// A body that is produced piece by piece, each after the client has received the one before.
///
/// It is the function that starts the production, so an answer can be cloned. Producing a piece may take long, but must not
/// wait for anything else.
#[derive(Clone)]
pub struct BodyStream(Arc<dyn Fn() -> BodyPieces + Send + Sync>);

impl BodyStream {
    /// Returns a body that the function starts to produce.
    pub fn new(start: impl Fn() -> BodyPieces + Send + Sync + 'static) -> BodyStream {
        BodyStream(Arc::new(start))
    }

    /// Starts to produce the body.
    pub fn pieces(&self) -> BodyPieces {
        (self.0)()
    }
}

/// Streams are equal only if they share one function.
impl PartialEq for BodyStream {
    fn eq(&self, other: &BodyStream) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyStream")
    }
}

impl AnswerBody {
    /// Returns the bytes of a whole body.
    pub fn whole(&self) -> Option<&Bytes> {
        match self {
            AnswerBody::Whole(bytes) => Some(bytes),
            AnswerBody::Stream(_) => None,
        }
    }

    /// Returns all bytes of the body. This produces a whole stream.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            AnswerBody::Whole(bytes) => bytes.clone(),
            AnswerBody::Stream(stream) => stream.pieces().flatten().collect(),
        }
    }

    /// Whether the body is known to be empty.
    pub fn is_empty(&self) -> bool {
        self.whole().is_some_and(Bytes::is_empty)
    }
}

impl Default for AnswerBody {
    fn default() -> AnswerBody {
        AnswerBody::Whole(Bytes::new())
    }
}

impl<B: Into<Bytes>> From<B> for AnswerBody {
    fn from(bytes: B) -> AnswerBody {
        AnswerBody::Whole(bytes.into())
    }
}

impl Answer {
    /// Returns an answer with a text of Cannery itself.
    pub(crate) fn plain(status: u16, text: String) -> Answer {
        Answer { status, headers: own_headers("text/plain; charset=utf-8"), body: text.into(), ..Answer::default() }
    }

    /// Returns the fault that replaces the answer or cuts it short.
    pub fn fault(&self) -> Option<WireFault> {
        self.delivery.and_then(Delivery::fault)
    }

    /// Returns how many bytes of the body are sent: a fault may withhold some or all of them. `None` for a stream.
    pub fn sent_length(&self) -> Option<usize> {
        let length = self.body.whole()?.len();
        Some(self.fault().map_or(length, |fault| fault.sent_length(length)))
    }

    /// Whether the client sees a status at all.
    pub fn sends_response(&self) -> bool {
        self.fault().is_none_or(WireFault::sends_response)
    }
}

/// Returns the headers of a text of Cannery itself. The text may quote the request, so a browser must not guess another type.
pub(crate) fn own_headers(media_type: &'static str) -> Vec<Header> {
    vec![("Content-Type".into(), media_type.into()), ("X-Content-Type-Options".into(), "nosniff".into())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_can_be_produced_repeatedly_and_equals_only_itself() {
        let stream = || {
            let pieces = [Bytes::from("one "), Bytes::from("two")];
            BodyStream::new(move || Box::new(pieces.clone().into_iter()))
        };
        let body = AnswerBody::Stream(stream());

        assert_eq!([body.to_bytes(), body.to_bytes()], ["one two", "one two"]);
        assert_eq!((body.whole(), body.is_empty()), (None, false));
        assert_eq!(body, body.clone());
        assert_ne!(body, AnswerBody::Stream(stream()));
        assert_eq!(Answer { body, ..Answer::default() }.sent_length(), None);
    }
}
