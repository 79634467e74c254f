//! Keeps the head of each request of a connection as it was sent, for the journal.
//!
//! hyper returns header names in lower case and groups values by name. The journal has them as they were sent. The stream
//! feeds the bytes that it reads, and the code that answers takes the heads. If no head can be found, hyper's view of it
//! is used instead.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;

use crate::lock::lock;
use crate::message::Head;

use super::head_parser::HeadParser;
use super::idle_check::Awaited;

/// The heads of one connection. Shared between its stream and the code that answers.
#[derive(Default)]
pub(super) struct HeadRecorder {
    parser: Mutex<HeadParser>,
    /// Whether a request has been taken that is not answered yet.
    is_answering: AtomicBool,
    /// Whether the client was silent for too long within a body.
    is_body_silent: AtomicBool,
}

impl HeadRecorder {
    /// A recorder that keeps nothing, for HTTP/2.
    pub(super) fn disabled() -> HeadRecorder {
        HeadRecorder { parser: Mutex::new(HeadParser::disabled()), ..HeadRecorder::default() }
    }

    /// Reads bytes that the client sent.
    pub(super) fn feed(&self, bytes: &[u8]) {
        self.parser().feed(bytes);
    }

    /// Returns the head of the request that hyper has just read, if it was found.
    pub(super) fn take(&self) -> Option<Head> {
        self.is_answering.store(true, Ordering::Relaxed);
        self.parser().take()
    }

    /// Notes that the request whose head was taken is answered.
    pub(super) fn answered(&self) {
        self.is_answering.store(false, Ordering::Relaxed);
    }

    /// Whether [`HeadRecorder::is_body_silent`] is valid for the body that is read now, because its framing can be followed.
    pub(super) fn follows_body(&self) -> bool {
        self.parser().is_following()
    }

    /// Whether the client was silent for too long within the body that is read now.
    pub(super) fn is_body_silent(&self) -> bool {
        self.is_body_silent.load(Ordering::Relaxed)
    }

    /// Notes that the client was silent for too long within a body.
    pub(super) fn set_body_silent(&self) {
        self.is_body_silent.store(true, Ordering::Relaxed);
    }

    /// What the connection waits for if it has nothing to read. `None` while a request is being answered.
    pub(super) fn awaited(&self) -> Option<Awaited> {
        let parser = self.parser();
        match self.is_answering.load(Ordering::Relaxed) {
            true => parser.rest_of_body(),
            false => Some(parser.next_head()),
        }
    }

    /// Returns the bytes that came instead of a head, after hyper has refused them.
    pub(super) fn take_refused(&self) -> Option<Bytes> {
        self.parser().take_refused()
    }

    fn parser(&self) -> MutexGuard<'_, HeadParser> {
        lock(&self.parser)
    }
}
