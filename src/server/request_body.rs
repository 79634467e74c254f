//! Reads the body of a request, up to a limit.

use std::error::Error as _;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Frame, Incoming};
use tokio::time::{Sleep, sleep};

use crate::journal::Cut;
use crate::message::Sha256;

use super::head_recorder::HeadRecorder;
use super::server_context::ServerContext;

/// The result of reading a body.
pub(super) enum ReceivedBody {
    /// All of it.
    Complete(Bytes),
    /// Its first bytes, and the length and hash of the whole body as far as they are known.
    TooLarge(Bytes, Cut),
    /// What was read before the error, and the error.
    Broken(Bytes, Cut, BodyError),
}

/// Why a body was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BodyError {
    /// The client closed the connection or reset the stream.
    Gone,
    /// The client sent nothing for [`SILENCE_TIMEOUT`].
    Silent,
    /// The body took longer than this.
    TimedOut(Duration),
    /// The chunked coding is malformed, for this reason.
    Malformed(String),
}

impl BodyError {
    /// The status of the answer.
    pub(super) fn status(&self) -> u16 {
        match self {
            BodyError::Malformed(_) => 400,
            BodyError::Gone | BodyError::Silent | BodyError::TimedOut(_) => 408,
        }
    }

    fn from_hyper(error: &hyper::Error) -> BodyError {
        let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
        match source.filter(|source| matches!(source.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
        {
            Some(malformed) => BodyError::Malformed(malformed.to_string()),
            None => BodyError::Gone,
        }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyError::Gone => f.write_str("the client went away before the end of the body"),
            BodyError::Silent => f.write_str("the client sent nothing for 30 seconds within the body"),
            BodyError::TimedOut(limit) => {
                write!(f, "the body did not arrive within the {limit:?} that `--body-timeout` allows")
            }
            BodyError::Malformed(reason) => write!(f, "the body is not valid chunked transfer coding: {reason}"),
        }
    }
}

/// At most this much spare capacity is kept behind a body.
const MAX_SPARE: usize = 16 * 1024;

/// How much is kept of a body that is too large.
const KEPT_PREFIX: usize = 64 * 1024;

/// A body that is too large is still read to its end, so that the client reads the answer, and the journal gets length and
/// hash. But at most this many times the limit is read.
const MAX_TIMES_LIMIT: u64 = 16;

/// The first allocation for a body. The buffer then grows with what arrives, because a client can claim any length.
const FIRST_ALLOCATION: usize = 16 * 1024;

/// How long a client may send nothing within a body.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);

/// After this many bytes of a body the task yields to the other requests of its thread.
const YIELD_AFTER: usize = 128 * 1024;

/// Reads a body. `heads` reports that the client was silent for too long, if its connection checks that.
pub(super) async fn read_body(
    mut body: Incoming,
    server: &ServerContext,
    heads: Option<&HeadRecorder>,
    started: Instant,
) -> ReceivedBody {
    let limit = server.settings.max_body;
    let most = (limit as u64).saturating_mul(MAX_TIMES_LIMIT);
    let declared = body.size_hint().lower();
    if declared > most {
        return ReceivedBody::TooLarge(Bytes::new(), Cut { length: declared, complete: false, sha256: None });
    }
    let mut kept = BytesMut::with_capacity(declared.min(limit as u64).min(FIRST_ALLOCATION as u64) as usize);
    let mut large: Option<Box<OversizedBody>> = None;
    let mut wait = BodyReader { heads, started, limit: server.settings.body_timeout, deadline: None, silence: None };
    let mut unyielded = 0;
    loop {
        let frame = match wait.next_of(&mut body).await {
            Ok(None) => break,
            Ok(Some(frame)) => frame,
            Err(reason) => return broken(kept, large, reason),
        };
        let Ok(data) = frame.into_data() else { continue };
        unyielded += data.len();
        if unyielded >= YIELD_AFTER {
            unyielded = 0;
            tokio::task::yield_now().await;
            // If the next piece is always there, `next_of` never waits, and so never checks the time.
            if wait.is_over() {
                return broken(kept, large, BodyError::TimedOut(wait.limit));
            }
        }
        match &mut large {
            None if kept.len() + data.len() <= limit => kept.extend_from_slice(&data),
            None => {
                let mut started = OversizedBody::after(&kept);
                started.add(&data);
                kept.extend_from_slice(&data[..data.len().min(KEPT_PREFIX)]);
                kept.truncate(KEPT_PREFIX);
                large = Some(Box::new(started));
            }
            Some(large) => large.add(&data),
        }
        if let Some(large) = large.as_ref().filter(|large| large.length > most) {
            let cut = Cut { complete: false, sha256: None, length: large.length };
            return ReceivedBody::TooLarge(Bytes::copy_from_slice(&kept), cut);
        }
    }
    match large {
        None => ReceivedBody::Complete(without_spare(kept)),
        Some(large) => ReceivedBody::TooLarge(Bytes::copy_from_slice(&kept), large.cut(true)),
    }
}

/// Returns a body without much spare capacity. A buffer that grew may have as much again, and the journal would keep it.
fn without_spare(kept: BytesMut) -> Bytes {
    if kept.capacity() - kept.len() > MAX_SPARE {
        Bytes::copy_from_slice(&kept)
    } else {
        kept.freeze()
    }
}

/// Waits for the pieces of a body, within time limits.
struct BodyReader<'a> {
    heads: Option<&'a HeadRecorder>,
    started: Instant,
    /// How long the whole body may take.
    limit: Duration,
    /// Set when the body has to be waited for. Most bodies arrive with their head.
    deadline: Option<Pin<Box<Sleep>>>,
    /// The same for the next piece, if the connection does not check for silence.
    silence: Option<Pin<Box<Sleep>>>,
}

impl BodyReader<'_> {
    /// Returns the next frame of a body, or `None` at its end.
    async fn next_of(&mut self, body: &mut Incoming) -> Result<Option<Frame<Bytes>>, BodyError> {
        poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
            Poll::Ready(next) => {
                self.silence = None;
                Poll::Ready(next.transpose().map_err(|error| BodyError::from_hyper(&error)))
            }
            Poll::Pending => self.poll_end(cx).map(Err),
        })
        .await
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<BodyError> {
        let is_silent = match self.heads {
            Some(heads) => heads.is_body_silent(),
            None => is_elapsed(&mut self.silence, SILENCE_TIMEOUT, cx),
        };
        if is_silent {
            return Poll::Ready(BodyError::Silent);
        }
        let left = self.limit.saturating_sub(self.started.elapsed());
        match is_elapsed(&mut self.deadline, left, cx) {
            true => Poll::Ready(BodyError::TimedOut(self.limit)),
            false => Poll::Pending,
        }
    }

    fn is_over(&self) -> bool {
        self.started.elapsed() >= self.limit
    }
}

/// Whether a timer has elapsed. Starts it if there is none. The task is woken when it elapses.
fn is_elapsed(timer: &mut Option<Pin<Box<Sleep>>>, after: Duration, cx: &mut Context<'_>) -> bool {
    timer.get_or_insert_with(|| Box::pin(sleep(after))).as_mut().poll(cx).is_ready()
}

fn broken(kept: BytesMut, large: Option<Box<OversizedBody>>, reason: BodyError) -> ReceivedBody {
    let cut = large.map_or_else(|| OversizedBody::after(&kept), |large| *large).cut(false);
    ReceivedBody::Broken(Bytes::copy_from_slice(&kept), cut, reason)
}

/// A body that is too large: only its length and hash are computed.
struct OversizedBody {
    length: u64,
    hash: Sha256,
}

impl OversizedBody {
    fn after(kept: &[u8]) -> OversizedBody {
        let mut large = OversizedBody { length: 0, hash: Sha256::new() };
        large.add(kept);
        large
    }

    fn add(&mut self, data: &[u8]) {
        self.length += data.len() as u64;
        self.hash.update(data);
    }

    fn cut(self, complete: bool) -> Cut {
        Cut { length: self.length, complete, sha256: Some(self.hash.finish()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spare_capacity_is_kept_behind_a_body() {
        let mut grown = BytesMut::new();
        (0..1000).for_each(|_| grown.extend_from_slice(&[b'x'; 1000]));
        let room = |bytes: Bytes| {
            let length = bytes.len();
            bytes.try_into_mut().expect("it is the only reference").capacity() - length
        };

        assert!(grown.capacity() > 1_000_000 + MAX_SPARE);
        let (body, small) = (without_spare(grown), without_spare(BytesMut::from(&b"abc"[..])));
        assert_eq!((&body[..], &small[..]), (&[b'x'; 1_000_000][..], &b"abc"[..]));
        assert_eq!((room(body), room(small)), (0, 0));
    }
}
