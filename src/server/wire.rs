//! Sees the bytes of a connection go by and keeps the head of each request as it was sent.
//!
//! hyper gives header names in lower case and values grouped by name; the journal promises them as they came. So
//! the framing of requests (RFC 9112 §6) is followed here far enough to know where each head begins. Where that
//! cannot be followed, nothing is kept for the rest of the connection and hyper's own view serves instead.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::message::Head;

use super::handover::{Handover, gone};
use super::stream::Stream;

/// A stream whose requests are watched, and which can be taken out of hyper's hands.
pub(super) struct Wire {
    /// What was read before it was known what is spoken.
    ahead: Bytes,
    stream: Option<Stream>,
    heads: Heads,
    handover: Handover,
}

/// The heads that went by and were not taken yet; shared between the stream and who serves it.
#[derive(Clone, Default)]
pub(super) struct Heads(Arc<Mutex<Watch>>);

#[derive(Default)]
struct Watch {
    state: State,
    head: Vec<u8>,
    ready: VecDeque<Head>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    #[default]
    Head,
    /// So many bytes of a body are to come.
    Body(u64),
    /// In the line that says how long the next chunk is: its length so far, and whether its digits are over.
    ChunkSize(u64, bool),
    /// So many bytes of a chunk, with the line end after it, are to come.
    Chunk(u64),
    /// In the lines after the last chunk: how long the current one is.
    Trailer(u64),
    /// A head that is not HTTP, kept as it is.
    Broken,
    /// Nothing can be told any more.
    Lost,
}

/// hyper refuses heads of about this size.
const LARGEST_HEAD: usize = 512 * 1024;

impl Wire {
    /// A stream of which some bytes have been read already; without `watched` no heads are kept.
    pub(super) fn new(stream: Stream, ahead: Bytes, watched: bool) -> (Wire, Heads, Handover) {
        let (heads, handover) = (Heads::default(), Handover::default());
        if !watched {
            heads.lock().state = State::Lost;
        }
        (Wire { ahead, stream: Some(stream), heads: heads.clone(), handover: handover.clone() }, heads, handover)
    }

    fn stream(&mut self) -> io::Result<Pin<&mut Stream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(gone)
    }
}

impl Heads {
    /// The head of the next request that is served.
    pub(super) fn take(&self) -> Option<Head> {
        self.lock().ready.pop_front()
    }

    /// What was sent where a head should have been, after hyper gave the connection up.
    pub(super) fn take_broken(&self) -> Option<Bytes> {
        let mut watch = self.lock();
        let unfinished = matches!(watch.state, State::Broken | State::Head) && !watch.head.is_empty();
        unfinished.then(|| std::mem::take(&mut watch.head).into())
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        // Nothing in here panics while it is held.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Watch {
    fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.state != State::Lost {
            let used = self.step(bytes);
            bytes = &bytes[used..];
        }
    }

    /// Takes some of the bytes, at least one, and says how many.
    fn step(&mut self, bytes: &[u8]) -> usize {
        match self.state {
            State::Head => return self.head(bytes),
            State::Body(left) => return self.skip(left, bytes, State::Body, State::Head),
            State::Chunk(left) => return self.skip(left, bytes, State::Chunk, State::ChunkSize(0, false)),
            State::ChunkSize(size, over) => self.state = chunk_size(size, over, bytes[0]),
            State::Trailer(length) => {
                self.state = match bytes[0] {
                    b'\n' if length == 0 => State::Head,
                    b'\n' => State::Trailer(0),
                    b'\r' => State::Trailer(length),
                    _ => State::Trailer(length + 1),
                }
            }
            State::Broken | State::Lost => return bytes.len(),
        }
        1
    }

    fn skip(&mut self, left: u64, bytes: &[u8], same: fn(u64) -> State, next: State) -> usize {
        let used = left.min(bytes.len() as u64);
        self.state = if used == left { next } else { same(left - used) };
        used as usize
    }

    fn head(&mut self, bytes: &[u8]) -> usize {
        // Empty lines before a request are allowed (RFC 9112 §2.2).
        if self.head.is_empty() && matches!(bytes[0], b'\r' | b'\n') {
            return 1;
        }
        let before = self.head.len();
        self.head.extend_from_slice(bytes);
        let Some(end) = end_of_head(&self.head, before.saturating_sub(3)) else {
            if self.head.len() > LARGEST_HEAD {
                self.head.truncate(1024);
                self.state = State::Broken;
            }
            return bytes.len();
        };
        self.head.truncate(end);
        match Head::parse(Bytes::copy_from_slice(&self.head)) {
            Ok(head) => {
                self.head.clear();
                self.state = after(&head);
                self.ready.push_back(head);
            }
            Err(_) => self.state = State::Broken,
        }
        end - before
    }
}

fn end_of_head(head: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += head[at..].iter().position(|byte| *byte == b'\n')? + 1;
        if head[..at].ends_with(b"\n\r\n") || head[..at].ends_with(b"\n\n") {
            return Some(at);
        }
    }
}

fn chunk_size(size: u64, over: bool, byte: u8) -> State {
    const LINE_END: u64 = 2;
    match (byte, char::from(byte).to_digit(16)) {
        (b'\n', _) if size == 0 => State::Trailer(0),
        (b'\n', _) => State::Chunk(size.saturating_add(LINE_END)),
        (_, Some(digit)) if !over && size < u64::MAX / 32 => State::ChunkSize(size * 16 + u64::from(digit), false),
        (_, Some(_)) if !over => State::Lost,
        _ => State::ChunkSize(size, true),
    }
}

/// What follows a head.
fn after(head: &Head) -> State {
    if head.method() == "CONNECT" || head.header("upgrade").is_some() {
        return State::Lost;
    }
    if let Some(coding) = head.header_values("transfer-encoding").last() {
        let chunked = coding.rsplit(',').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"));
        return if chunked { State::ChunkSize(0, false) } else { State::Lost };
    }
    match head.header("content-length").map(|length| length.trim().parse()) {
        None | Some(Ok(0)) => State::Head,
        Some(Ok(length)) => State::Body(length),
        Some(Err(_)) => State::Lost,
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.handover.read_by(cx);
        let before = buf.filled().len();
        if !self.ahead.is_empty() {
            let size = self.ahead.len().min(buf.remaining());
            buf.put_slice(&self.ahead.split_to(size));
            self.heads.lock().feed(&buf.filled()[before..]);
            return Poll::Ready(Ok(()));
        }
        let polled = self.stream()?.poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = polled {
            self.heads.lock().feed(&buf.filled()[before..]);
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.stream()?.poll_flush(cx))?;
        let Wire { stream, handover, .. } = &mut *self;
        Poll::Ready(handover.flushed(stream))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(Stream::is_write_vectored)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    const CONVERSATION: &[u8] = b"\r\nPOST /1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nab\r\n\r\
        GET /2 HTTP/1.1\r\nX: y\r\n\r\n\
        POST /3 HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5;e=f\r\n\r\n\r\nA\r\n0a\r\n0123456789\r\n0\r\nT: v\r\n\r\n\
        GET /4 HTTP/1.1\r\n\r\n";

    fn targets(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<String> {
        let heads = Heads::default();
        pieces.for_each(|piece| heads.lock().feed(&piece));
        std::iter::from_fn(|| heads.take()).map(|head| head.target().to_owned()).collect()
    }

    proptest! {
        #[test]
        fn heads_are_found_however_the_bytes_are_cut(cuts in proptest::collection::vec(1usize..40, 1..60)) {
            let mut rest = CONVERSATION.to_vec();
            let mut pieces = Vec::new();
            for cut in cuts {
                let after = rest.split_off(cut.min(rest.len()));
                pieces.push(std::mem::replace(&mut rest, after));
            }
            pieces.push(rest);
            assert_eq!(targets(pieces.into_iter()), ["/1", "/2", "/3", "/4"]);
        }

        #[test]
        fn watching_never_panics(pieces in proptest::collection::vec(any::<Vec<u8>>(), 0..5)) {
            targets(pieces.into_iter());
        }
    }

    #[test]
    fn what_is_not_a_head_is_kept_for_the_journal() {
        let heads = Heads::default();
        heads.lock().feed(b"GET /\xFF HTTP/1.1\r\nHost: x\r\n\r\n");

        assert!(heads.take().is_none());
        assert!(heads.take_broken().is_some_and(|bytes| bytes.starts_with(b"GET /\xFF")));
    }
}
