//! Takes the stream of a connection away from hyper, for an ending that hyper cannot carry out.
//!
//! The code that answers requests it. hyper flushes a stream only when it has written everything that it holds, so the
//! stream is taken at the next flush: what was answered before on the same connection has been sent by then. hyper gets an
//! error and returns; the task of the connection then owns the stream and ends it (`ending`).

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Waker};

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use crate::lock::lock;

use super::ending::Ending;
use super::stream::Stream;

/// Requested by the code that answers, carried out by the stream.
#[derive(Default)]
pub(super) struct Handover {
    ending: OnceLock<Ending>,
    stream: Mutex<Option<Stream>>,
    /// Wakes the task of the connection: over HTTP/2 answers are made in other tasks.
    connection: Mutex<Option<Waker>>,
    /// Notified of each flush, if any code waits for one.
    flushes: OnceLock<Arc<Notify>>,
}

impl Handover {
    /// Requests the stream. The first request decides how it ends.
    pub(super) fn request(&self, ending: Ending) {
        if self.ending.set(ending).is_ok() {
            self.wake();
        }
    }

    /// Requests the stream, and never returns: hyper drops the future that waits.
    pub(super) async fn hand_over(&self, ending: Ending) -> Infallible {
        self.request(ending);
        pending().await
    }

    /// Makes hyper write what it holds. Completes after its next flush.
    pub(super) fn flush(&self) -> OwnedNotified {
        let flushed = self.flushes.get_or_init(Arc::default).clone().notified_owned();
        self.wake();
        flushed
    }

    /// Notes the task that reads the stream, which is that of the connection.
    pub(super) fn read_by(&self, cx: &Context<'_>) {
        *lock(&self.connection) = Some(cx.waker().clone());
    }

    /// Takes the stream if it was requested, and returns an error then.
    pub(super) fn flushed(&self, stream: &mut Option<Stream>) -> io::Result<()> {
        if let Some(flushes) = self.flushes.get() {
            flushes.notify_waiters();
        }
        if self.ending.get().is_none() {
            return Ok(());
        }
        if let Some(stream) = stream.take() {
            *lock(&self.stream) = Some(stream);
        }
        Err(gone())
    }

    /// Returns the stream and its ending, once hyper has returned.
    pub(super) fn take(&self) -> Option<(Stream, Ending)> {
        let stream = lock(&self.stream).take()?;
        Some((stream, *self.ending.get()?))
    }

    fn wake(&self) {
        let waker = lock(&self.connection).clone();
        waker.into_iter().for_each(Waker::wake);
    }
}

/// The error that hyper gets for a stream that was taken away.
pub(super) fn gone() -> io::Error {
    io::ErrorKind::NotConnected.into()
}
