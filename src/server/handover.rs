//! Takes a connection out of hyper's hands, for an ending that hyper cannot be asked for.
//!
//! Who answers asks for it. hyper flushes a stream only when it has written all that it holds, so the stream is taken at
//! the next flush: what was answered before on the same connection has been sent by then. hyper sees an error and ends;
//! whoever serves the connection then has the stream to himself. How it ends is `ending`'s business.

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

/// Asked for by those who answer, carried out by the stream.
#[derive(Default)]
pub(super) struct Handover {
    ending: OnceLock<Ending>,
    stream: Mutex<Option<Stream>>,
    /// Wakes hyper: over HTTP/2 those who answer are other tasks than the connection.
    connection: Mutex<Option<Waker>>,
    /// Told of each flush, where anybody asks.
    flushes: OnceLock<Arc<Notify>>,
}

impl Handover {
    /// Asks for the stream. The first who asks says how it ends.
    pub(super) fn ask(&self, ending: Ending) {
        if self.ending.set(ending).is_ok() {
            self.wake();
        }
    }

    /// Asks for the stream, and never returns: hyper lets go of whoever waits.
    pub(super) async fn hand_over(&self, ending: Ending) -> Infallible {
        self.ask(ending);
        pending().await
    }

    /// Has hyper write what it holds, and completes after the next time that it has, as far as the client takes it.
    pub(super) fn flush(&self) -> OwnedNotified {
        let flushed = self.flushes.get_or_init(Arc::default).clone().notified_owned();
        self.wake();
        flushed
    }

    /// Notes who reads the stream, which is the connection.
    pub(super) fn read_by(&self, cx: &Context<'_>) {
        *lock(&self.connection) = Some(cx.waker().clone());
    }

    /// Leaves the stream here where it was asked for. An error where it is gone.
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

    /// The stream and how it is to end, once hyper is done with it.
    pub(super) fn take(&self) -> Option<(Stream, Ending)> {
        let stream = lock(&self.stream).take()?;
        Some((stream, *self.ending.get()?))
    }

    fn wake(&self) {
        let waker = lock(&self.connection).clone();
        waker.into_iter().for_each(Waker::wake);
    }
}

/// What hyper is told of a stream that was taken from it.
pub(super) fn gone() -> io::Error {
    io::ErrorKind::NotConnected.into()
}
