//! The stream of a connection as hyper sees it: what it reads is recorded, and it can be taken away.
//!
//! hyper neither provides the bytes of a head nor returns a connection. So it gets this wrapper, which feeds what it
//! reads to the [`HeadRecorder`], ends connections that are silent for too long, and leaves the stream to the [`Handover`].
//!
//! [`HeadRecorder`]: super::head_recorder::HeadRecorder
//! [`Handover`]: super::handover::Handover

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection_context::ConnectionContext;
use super::handover::gone;
use super::idle_check::{Awaited, IdleCheck};
use super::stream::Stream;

/// A stream whose requests are recorded, and which can be taken away from hyper.
pub(super) struct TappedStream {
    /// What was read before the protocol was known.
    ahead: Bytes,
    /// `None` once it was taken away.
    stream: Option<Stream>,
    connection: Arc<ConnectionContext>,
    idle: IdleCheck,
    /// The task that read last. The handover has its waker too.
    reader: Option<Waker>,
}

/// No more is read at once, so that a client that sends much does not hold others up for long.
const MAX_READ: usize = 64 * 1024;

/// How often a connection is checked for silence.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Up to this many bytes are joined and sent in one piece.
const MAX_JOINED: usize = 1024;

impl TappedStream {
    /// A stream of which the bytes `ahead` have been read already.
    pub(super) fn new(stream: Stream, ahead: Bytes, connection: Arc<ConnectionContext>) -> TappedStream {
        TappedStream { ahead, stream: Some(stream), connection, idle: IdleCheck::new(CHECK_INTERVAL), reader: None }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut Stream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(gone)
    }

    fn read_some(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buf.remaining() <= MAX_READ {
            return self.stream()?.poll_read(cx, buf);
        }
        let mut some = ReadBuf::new(buf.initialize_unfilled_to(MAX_READ));
        ready!(self.stream()?.poll_read(cx, &mut some))?;
        let size = some.filled().len();
        buf.advance(size);
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for TappedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
            self.reader = Some(cx.waker().clone());
            self.connection.handover.read_by(cx);
        }
        let before = buf.filled().len();
        if !self.ahead.is_empty() {
            let size = self.ahead.len().min(buf.remaining());
            buf.put_slice(&self.ahead.split_to(size));
            self.connection.heads.feed(&buf.filled()[before..]);
            return Poll::Ready(Ok(()));
        }
        let polled = self.read_some(cx, buf);
        let TappedStream { connection, idle, .. } = &mut *self;
        match polled {
            Poll::Ready(Ok(())) => connection.heads.feed(&buf.filled()[before..]),
            // Over HTTP/2 pings find out whether the client is there.
            Poll::Pending if !connection.http2 => match idle.timed_out(cx, || connection.heads.awaited()) {
                None => {}
                Some(Awaited::Head(_)) => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                // The code that reads the body is of the same task, and answers.
                Some(Awaited::Body(_)) => {
                    connection.heads.set_body_silent();
                    cx.waker().wake_by_ref();
                }
            },
            _ => {}
        }
        polled
    }
}

impl AsyncWrite for TappedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.stream()?.poll_flush(cx))?;
        let TappedStream { stream, connection, .. } = &mut *self;
        Poll::Ready(connection.handover.flushed(stream))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let size: usize = bufs.iter().map(|buf| buf.len()).sum();
        if bufs.len() < 2 || size > MAX_JOINED {
            return self.stream()?.poll_write_vectored(cx, bufs);
        }
        // Most answers are small, and one piece costs the system less to send than two.
        let (mut joined, mut end) = ([0; MAX_JOINED], 0);
        for buf in bufs {
            joined[end..end + buf.len()].copy_from_slice(buf);
            end += buf.len();
        }
        self.stream()?.poll_write(cx, &joined[..end])
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(Stream::is_write_vectored)
    }
}
