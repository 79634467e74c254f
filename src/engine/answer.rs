//! What an engine has sent.

use std::time::Duration;

use bytes::Bytes;

use crate::model::{Delivery, WireFault};
use crate::respond::{Concrete, Header};

/// What is to be sent, after which delay, and how.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// From 200 to 999.
    pub status: u16,
    /// The reason phrase, where it must be another than the standard one.
    pub reason: Option<String>,
    /// In the order in which they are sent.
    pub headers: Vec<Header>,
    /// The body, as it is before any Content-Encoding.
    pub body: Bytes,
    /// How long to wait first.
    pub delay: Duration,
    /// How it goes out, where it does not go out at once and whole.
    pub delivery: Option<Delivery>,
}

impl Answer {
    /// A text of our own.
    pub(crate) fn plain(status: u16, text: String) -> Answer {
        Answer { status, headers: own_headers("text/plain; charset=utf-8"), body: text.into(), ..Answer::default() }
    }

    /// What goes wrong on the wire instead of an answer, or within it.
    pub fn fault(&self) -> Option<WireFault> {
        self.delivery.and_then(Delivery::fault)
    }

    /// How many bytes of the body are sent: a fault keeps some or all of them back.
    pub fn sent_length(&self) -> usize {
        self.fault().map_or(self.body.len(), |fault| fault.sent_of(self.body.len()))
    }

    /// Whether the client sees a status at all.
    pub fn sends_response(&self) -> bool {
        self.fault().is_none_or(WireFault::sends_response)
    }
}

/// The headers of a text of our own. It may quote the request, so a browser must not take it for anything else than it is.
pub(crate) fn own_headers(media_type: &'static str) -> Vec<Header> {
    vec![("Content-Type".into(), media_type.into()), ("X-Content-Type-Options".into(), "nosniff".into())]
}

impl From<Concrete> for Answer {
    fn from(concrete: Concrete) -> Answer {
        let Concrete { status, reason, headers, body, delay, delivery } = concrete;
        Answer { status, reason, headers, body, delay, delivery }
    }
}
