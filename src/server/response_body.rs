//! The body of an answer while it is sent: at once, slowly, truncated, or produced piece by piece.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Sleep, sleep_until};

use crate::journal::Sending;
use crate::model::{Delivery, Dribble, WireFault};
use crate::respond::{AnswerBody, BodyPieces};

use super::connection_context::{AbortedResponse, ConnectionContext, ResponseAbort};

/// A body as hyper sends it.
pub(super) struct ResponseBody {
    /// The bytes that have not been sent yet.
    left: Bytes,
    pace: Pace,
    /// Reports to the journal how it is sent, if the request is in the journal.
    tracked: Option<Tracked>,
}

/// Reports to the journal how an answer is sent. It is dropped when hyper needs no more of the answer.
pub(super) struct Tracked {
    sending: Arc<Sending>,
    /// When the request was received.
    started: Instant,
    is_over: bool,
}

impl Tracked {
    /// Begins to send an answer. It is over at once if it has no body on the wire.
    pub(super) fn begin(sending: Arc<Sending>, started: Instant, is_over: bool) -> Tracked {
        sending.begin(started.elapsed());
        Tracked { sending, started, is_over }
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        match self.is_over {
            true => self.sending.end(self.started.elapsed()),
            false => self.sending.leave(),
        }
    }
}

enum Pace {
    AtOnce,
    Slowly(Box<Dribbler>),
    Produced(Producing),
    /// The answer is aborted after the bytes that are left, although this many more bytes were announced.
    Truncated {
        missing: u64,
        abort: ResponseAbort,
    },
}

/// A body that is produced piece by piece, on threads that may take long. The next piece is produced when hyper has room for it.
enum Producing {
    Waiting(BodyPieces),
    Working(JoinHandle<(BodyPieces, Option<Bytes>)>),
    Over,
}

/// A body that is sent in chunks over some time.
struct Dribbler {
    chunks: Chunks,
    /// How many chunks have been sent.
    sent: u32,
    /// When the head was sent.
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Completes when the server stops. An answer that would take longer than the grace is then aborted.
    stopped: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    grace: Duration,
    is_over: bool,
    abort: ResponseAbort,
}

/// A body in chunks, which are counted from 1.
#[derive(Clone, Copy)]
struct Chunks {
    length: usize,
    count: u32,
    over: Duration,
}

/// The longest time that a dribble takes.
const MAX_DURATION: Duration = Duration::from_secs(60 * 60);

impl ResponseBody {
    pub(super) fn new(
        body: AnswerBody,
        delivery: Option<Delivery>,
        connection: &Arc<ConnectionContext>,
        tracked: Option<Tracked>,
    ) -> ResponseBody {
        let (left, pace) = ResponseBody::paced(body, delivery, connection);
        let mut body = ResponseBody { left, pace, tracked };
        body.note_end();
        body
    }

    fn paced(body: AnswerBody, delivery: Option<Delivery>, connection: &Arc<ConnectionContext>) -> (Bytes, Pace) {
        let body = match body {
            AnswerBody::Whole(body) => body,
            AnswerBody::Stream(stream) => {
                return (Bytes::new(), Pace::Produced(Producing::Waiting(stream.pieces())));
            }
        };
        match delivery {
            Some(Delivery::Dribble(dribble)) => {
                let chunks = Chunks::new(body.len(), dribble);
                (body, Pace::Slowly(Box::new(Dribbler::new(chunks, connection))))
            }
            Some(Delivery::Fault(fault @ WireFault::Truncate)) => {
                let sent = fault.sent_length(body.len());
                let missing = (body.len() - sent) as u64;
                (body.slice(..sent), Pace::Truncated { missing, abort: ResponseAbort::new(connection) })
            }
            _ => (body, Pace::AtOnce),
        }
    }

    /// Notes whether hyper has taken all that is sent of the body.
    fn note_end(&mut self) {
        if let Some(tracked) = &mut self.tracked {
            tracked.is_over |= match &self.pace {
                Pace::Produced(producing) => matches!(producing, Producing::Over),
                Pace::AtOnce | Pace::Slowly(_) | Pace::Truncated { .. } => self.left.is_empty(),
            };
        }
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, AbortedResponse>>> {
        let ResponseBody { left, pace, .. } = self;
        let size = match pace {
            Pace::Produced(producing) => return producing.poll_next(cx),
            Pace::Truncated { abort, .. } if left.is_empty() => {
                return abort.poll(cx).map(|broken| Some(Err(broken)));
            }
            _ if left.is_empty() => return Poll::Ready(None),
            Pace::Slowly(slowly) => match ready!(slowly.poll_next(cx)) {
                Ok(size) => size,
                Err(broken) => return Poll::Ready(Some(Err(broken))),
            },
            Pace::AtOnce | Pace::Truncated { .. } => left.len(),
        };
        Poll::Ready(Some(Ok(left.split_to(size.min(left.len())))))
    }
}

impl Chunks {
    /// Cuts a body so that no chunk is empty.
    fn new(length: usize, dribble: Dribble) -> Chunks {
        let most = u32::try_from(length).unwrap_or(u32::MAX).max(1);
        Chunks { length, count: dribble.chunks.clamp(1, most), over: dribble.over.min(MAX_DURATION) }
    }

    /// When a chunk is sent, counted from the head. The last is sent at the end of the whole time.
    fn due(&self, chunk: u32) -> Duration {
        self.over * chunk / self.count
    }

    /// Where in the body a chunk ends.
    fn end(&self, chunk: u32) -> usize {
        let end = self.length as u128 * u128::from(chunk) / u128::from(self.count);
        usize::try_from(end).unwrap_or(self.length)
    }
}

impl Producing {
    /// The next piece. A panic while it is produced aborts the answer.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, AbortedResponse>>> {
        loop {
            match std::mem::replace(self, Producing::Over) {
                Producing::Waiting(mut pieces) => {
                    *self = Producing::Working(spawn_blocking(move || {
                        let next = pieces.next();
                        (pieces, next)
                    }));
                }
                Producing::Working(mut work) => match Pin::new(&mut work).poll(cx) {
                    Poll::Pending => {
                        *self = Producing::Working(work);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok((pieces, Some(piece)))) => {
                        *self = Producing::Waiting(pieces);
                        return Poll::Ready(Some(Ok(piece)));
                    }
                    Poll::Ready(Ok((_, None))) => return Poll::Ready(None),
                    Poll::Ready(Err(_)) => return Poll::Ready(Some(Err(AbortedResponse))),
                },
                Producing::Over => return Poll::Ready(None),
            }
        }
    }
}

impl Dribbler {
    fn new(chunks: Chunks, connection: &Arc<ConnectionContext>) -> Dribbler {
        Dribbler {
            chunks,
            sent: 0,
            since: None,
            timer: None,
            stopped: Some(Box::pin(connection.stop.clone().cancelled_owned())),
            grace: connection.grace(),
            is_over: false,
            abort: ResponseAbort::new(connection),
        }
    }

    /// Returns how many bytes to send next, once they are due.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, AbortedResponse>> {
        let chunks = self.chunks;
        let since = *self.since.get_or_insert_with(Instant::now);
        if let Some(stopped) = &mut self.stopped
            && stopped.as_mut().poll(cx).is_ready()
        {
            self.stopped = None;
            let end = Instant::now().checked_add(self.grace);
            self.is_over = end.is_some_and(|end| since + chunks.over > end);
        }
        if self.is_over {
            return self.abort.poll(cx).map(Err);
        }
        let due = since + chunks.due(self.sent + 1);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due.into())));
        ready!(timer.as_mut().poll(cx));
        self.timer = None;
        self.sent += 1;
        Poll::Ready(Ok(chunks.end(self.sent) - chunks.end(self.sent - 1)))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = AbortedResponse;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AbortedResponse>>> {
        let next = ready!(self.poll_piece(cx));
        self.note_end();
        if let Some(tracked) = &mut self.tracked {
            match &next {
                Some(Ok(piece)) => tracked.sending.add(piece.len()),
                // The server aborts it. The client did not close the connection.
                Some(Err(_)) => tracked.is_over = true,
                None => {}
            }
        }
        Poll::Ready(next.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.pace {
            Pace::Truncated { .. } => false,
            Pace::Produced(producing) => matches!(producing, Producing::Over),
            Pace::AtOnce | Pace::Slowly(_) => self.left.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let missing = match &self.pace {
            Pace::Truncated { missing, .. } => *missing,
            Pace::Produced(_) => return SizeHint::default(),
            Pace::AtOnce | Pace::Slowly(_) => 0,
        };
        SizeHint::with_exact(self.left.len() as u64 + missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn sizes(length: usize, chunks: u32) -> Vec<usize> {
        let chunks = Chunks::new(length, Dribble { chunks, over: SECOND });
        (1..=chunks.count).map(|chunk| chunks.end(chunk) - chunks.end(chunk - 1)).collect()
    }

    #[test]
    fn chunks_have_similar_sizes_and_none_is_empty() {
        assert_eq!(sizes(10, 5), [2, 2, 2, 2, 2]);
        assert_eq!(sizes(7, 3), [2, 2, 3]);
        assert_eq!(sizes(2, 5), [1, 1]);
        assert_eq!(sizes(3, 1), [3]);
    }

    #[test]
    fn chunks_are_sent_at_equal_intervals_and_the_last_at_the_end() {
        let chunks = Chunks::new(10, Dribble { chunks: 4, over: SECOND });

        assert_eq!([1, 2, 4].map(|chunk| chunks.due(chunk).as_millis()), [250, 500, 1000]);
        assert_eq!(Chunks::new(1, Dribble { chunks: u32::MAX, over: Duration::MAX }).due(1), MAX_DURATION);
    }
}
