//! What is sent in answer to a request: status, headers and body, and how they are sent.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::model::{Delivery, WireFault};

/// The name and the value of a header of an answer. Those that most answers have need no memory of their own.
pub type Header = (Cow<'static, str>, Cow<'static, str>);

/// What to send, after which delay, and how.
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

/// A body that is produced piece by piece, each when the client has taken the one before.
///
/// It is the recipe, not the production: an answer stays a value that can be copied. Producing a piece may take long, but must not
/// wait for anything else.
#[derive(Clone)]
pub struct BodyStream(Arc<dyn Fn() -> BodyPieces + Send + Sync>);

impl BodyStream {
    /// A body whose production the function starts.
    pub fn new(start: impl Fn() -> BodyPieces + Send + Sync + 'static) -> BodyStream {
        BodyStream(Arc::new(start))
    }

    /// Starts to produce the body.
    pub fn pieces(&self) -> BodyPieces {
        (self.0)()
    }
}

/// Streams are equal only if they are one.
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
    /// The bytes of a whole body.
    pub fn whole(&self) -> Option<&Bytes> {
        match self {
            AnswerBody::Whole(bytes) => Some(bytes),
            AnswerBody::Stream(_) => None,
        }
    }

    /// All bytes of the body. This produces all of a stream.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            AnswerBody::Whole(bytes) => bytes.clone(),
            AnswerBody::Stream(stream) => stream.pieces().flatten().collect(),
        }
    }

    /// Whether it is known to have no bytes.
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
    /// A text of Cannery itself.
    pub(crate) fn plain(status: u16, text: String) -> Answer {
        Answer { status, headers: own_headers("text/plain; charset=utf-8"), body: text.into(), ..Answer::default() }
    }

    /// The fault of the connection that replaces the answer, or ends it.
    pub fn fault(&self) -> Option<WireFault> {
        self.delivery.and_then(Delivery::fault)
    }

    /// The number of bytes of the body that are sent: a fault keeps some or all of them back. `None` for a stream.
    pub fn sent_length(&self) -> Option<usize> {
        let length = self.body.whole()?.len();
        Some(self.fault().map_or(length, |fault| fault.sent_length(length)))
    }

    /// Whether the client sees a status at all.
    pub fn sends_response(&self) -> bool {
        self.fault().is_none_or(WireFault::sends_response)
    }
}

/// The headers of a text of Cannery itself. It may quote the request, so a browser must not take it for anything else than it is.
pub(crate) fn own_headers(media_type: &'static str) -> Vec<Header> {
    vec![("Content-Type".into(), media_type.into()), ("X-Content-Type-Options".into(), "nosniff".into())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_produced_anew_each_time_and_equal_only_to_itself() {
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
