//! Takes a connection out of hyper's hands, for an ending that hyper cannot be asked for.
//!
//! Who answers asks for it. hyper flushes a stream only when it has written all that it holds, so the stream is taken at
//! the next flush: what was answered before on the same connection has been sent by then. hyper sees an error and ends;
//! whoever serves the connection then has the stream to himself. How it ends is `ending`'s business.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::ending::Ending;

/// Asked for by those who answer, carried out by the stream.
pub(super) struct Handover<S>(Arc<Shared<S>>);

struct Shared<S> {
    ending: OnceLock<Ending>,
    stream: Mutex<Option<S>>,
    /// When the server's grace is over, once it stops.
    over_at: OnceLock<Instant>,
}

impl<S> Clone for Handover<S> {
    fn clone(&self) -> Self {
        Handover(self.0.clone())
    }
}

impl<S> Default for Handover<S> {
    fn default() -> Self {
        Handover(Arc::new(Shared { ending: OnceLock::new(), stream: Mutex::new(None), over_at: OnceLock::new() }))
    }
}

impl<S> Handover<S> {
    /// Asks for the stream from within what hyper polls, and has hyper flush. The first who asks says how it ends.
    pub(super) fn ask(&self, ending: Ending, cx: &Context<'_>) {
        if self.0.ending.set(ending).is_ok() {
            cx.waker().wake_by_ref();
        }
    }

    /// Asks for the stream, and never returns: hyper lets go of whoever waits.
    pub(super) async fn hand_over(&self, ending: Ending) -> Infallible {
        poll_fn(|cx| {
            self.ask(ending, cx);
            Poll::Pending
        })
        .await
    }

    /// Notes that the server stops, and how long what is in flight may take.
    pub(super) fn stop_within(&self, grace: Duration) {
        // The first stop counts; a grace beyond all time has no end.
        if let Some(end) = Instant::now().checked_add(grace) {
            let _ = self.0.over_at.set(end);
        }
    }

    /// Whether the server stops, and will have stopped before this.
    pub(super) fn is_over_at(&self, moment: Instant) -> bool {
        self.0.over_at.get().is_some_and(|end| moment > *end)
    }

    /// Leaves the stream here where it was asked for. An error where it is gone.
    pub(super) fn flushed(&self, stream: &mut Option<S>) -> io::Result<()> {
        if self.0.ending.get().is_none() {
            return Ok(());
        }
        if let Some(stream) = stream.take() {
            *self.stream() = Some(stream);
        }
        Err(gone())
    }

    /// The stream and how it is to end, once hyper is done with it.
    pub(super) fn take(&self) -> Option<(S, Ending)> {
        let stream = self.stream().take()?;
        Some((stream, *self.0.ending.get()?))
    }

    fn stream(&self) -> MutexGuard<'_, Option<S>> {
        // Nothing in here panics while it is held.
        self.0.stream.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// What hyper is told of a stream that was taken from it.
pub(super) fn gone() -> io::Error {
    io::ErrorKind::NotConnected.into()
}
