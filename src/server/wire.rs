//! Sees the bytes of a connection go by and keeps the head of each request as it was sent.
//!
//! hyper gives header names in lower case and values grouped by name; the journal promises them as they came. So
//! the framing of requests (RFC 9112 §6) is followed here far enough to know where each head begins; that it is one
//! and where it ends is hyper's to find out, which comes for it then. Where the framing cannot be followed, nothing is
//! kept for the rest of the connection and hyper's own view serves instead.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::lock::lock;
use crate::message::{Head, end_of};

use super::handover::gone;
use super::idle::{Awaited, Idle};
use super::link::Link;
use super::stream::Stream;

/// A stream whose requests are watched, and which can be taken out of hyper's hands.
pub(super) struct Wire {
    /// What was read before it was known what is spoken.
    ahead: Bytes,
    stream: Option<Stream>,
    link: Arc<Link>,
    idle: Idle,
    /// Who read last, as `handover` knows.
    reader: Option<Waker>,
}

/// What went by and was not taken yet; shared between the stream and who serves it.
#[derive(Default)]
pub(super) struct Heads {
    watch: Mutex<Watch>,
    /// Whether a request has been taken that is not answered yet.
    answering: AtomicBool,
    /// Whether the rest of a body is waited for no longer.
    given_up: AtomicBool,
}

#[derive(Default)]
struct Watch {
    state: State,
    /// A head, or the beginning of one, and what has come after it.
    head: Vec<u8>,
    /// How often a head was asked for.
    asked: u64,
    /// How often anything came.
    fed: u64,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// A head is to come, or to be taken.
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
    /// More than a head can be. Some of it is kept.
    Broken,
    /// Nothing can be told any more.
    Lost,
}

/// hyper refuses heads of about this size.
const LARGEST_HEAD: usize = 512 * 1024;

/// No more is read at once, so that who sends much does not hold others up for long.
const AT_ONCE: usize = 64 * 1024;

/// How often a connection that says nothing is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// So many bytes are sent in one piece.
const SMALL: usize = 1024;

/// So many bytes of room are kept from one request to the next.
const KEPT: usize = 2048;

impl Wire {
    /// A stream of which some bytes have been read already.
    pub(super) fn new(stream: Stream, ahead: Bytes, link: Arc<Link>) -> Wire {
        Wire { ahead, stream: Some(stream), link, idle: Idle::every(BETWEEN_LOOKS), reader: None }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut Stream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(gone)
    }

    fn read_some(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buf.remaining() <= AT_ONCE {
            return self.stream()?.poll_read(cx, buf);
        }
        let mut some = ReadBuf::new(buf.initialize_unfilled_to(AT_ONCE));
        ready!(self.stream()?.poll_read(cx, &mut some))?;
        let size = some.filled().len();
        buf.advance(size);
        Poll::Ready(Ok(()))
    }
}

impl Heads {
    /// Where there are none to be kept: another protocol is spoken.
    pub(super) fn unwatched() -> Heads {
        Heads { watch: Mutex::new(Watch { state: State::Lost, ..Watch::default() }), ..Heads::default() }
    }

    /// The head of the next request, once hyper has it.
    pub(super) fn take(&self) -> Option<Head> {
        self.answering.store(true, Ordering::Relaxed);
        self.lock().take()
    }

    /// Notes that the request whose head was taken is answered.
    pub(super) fn answered(&self) {
        self.answering.store(false, Ordering::Relaxed);
    }

    /// Whether the framing of the body that is read now can be followed: then it is told here when that falls silent.
    pub(super) fn follow_body(&self) -> bool {
        self.lock().state != State::Lost
    }

    /// Whether the rest of the body is waited for no longer, since the client has said nothing for long.
    pub(super) fn has_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// What the connection waits for, where it has nothing to read.
    fn awaited(&self) -> Option<Awaited> {
        let watch = self.lock();
        match watch.state {
            _ if !self.answering.load(Ordering::Relaxed) => Some(Awaited::Head(watch.asked)),
            State::Body(_) | State::ChunkSize(..) | State::Chunk(_) | State::Trailer(_) => {
                Some(Awaited::Body(watch.fed))
            }
            State::Head | State::Broken | State::Lost => None,
        }
    }

    /// What was sent where a head should have been, after hyper gave the connection up.
    pub(super) fn take_broken(&self) -> Option<Bytes> {
        let mut watch = self.lock();
        let unfinished = matches!(watch.state, State::Broken | State::Head) && !watch.head.is_empty();
        unfinished.then(|| {
            let mut head = std::mem::take(&mut watch.head);
            head.truncate(end_of(&head).unwrap_or(head.len()));
            head.into()
        })
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        lock(&self.watch)
    }
}

impl Watch {
    fn feed(&mut self, mut bytes: &[u8]) {
        self.fed += 1;
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
        self.head.extend_from_slice(bytes);
        if self.head.len() > LARGEST_HEAD {
            self.head.truncate(1024);
            self.state = State::Broken;
        }
        bytes.len()
    }

    fn take(&mut self) -> Option<Head> {
        self.asked += 1;
        if self.state != State::Head {
            return None;
        }
        let mut came = std::mem::take(&mut self.head);
        let Some(head) = Head::first_of(&came) else {
            self.state = State::Lost;
            return None;
        };
        self.state = after(&head);
        self.feed(&came[head.raw().len()..]);
        // What a small request needed the next one will; of a large one a connection that waits keeps nothing.
        if self.head.is_empty() && came.capacity() <= KEPT {
            came.clear();
            self.head = came;
        }
        Some(head)
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
///
/// A request with an `Upgrade` header and a CONNECT are framed as any other. No stub can answer 101, so an upgrade never
/// takes place; after a 2xx to CONNECT hyper ends the connection.
fn after(head: &Head) -> State {
    let (mut coding, mut length) = (None, None);
    for (name, value) in head.headers() {
        if name.eq_ignore_ascii_case("transfer-encoding") {
            coding = Some(value);
        } else if name.eq_ignore_ascii_case("content-length") {
            length = length.or(Some(value));
        }
    }
    if let Some(coding) = coding {
        let last = coding.rsplit(|byte| *byte == b',').next().unwrap_or_default();
        let chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
        return if chunked { State::ChunkSize(0, false) } else { State::Lost };
    }
    match length.map(|length| std::str::from_utf8(length).ok()?.trim().parse().ok()) {
        None | Some(Some(0)) => State::Head,
        Some(Some(length)) => State::Body(length),
        Some(None) => State::Lost,
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
            self.reader = Some(cx.waker().clone());
            self.link.handover.read_by(cx);
        }
        let before = buf.filled().len();
        if !self.ahead.is_empty() {
            let size = self.ahead.len().min(buf.remaining());
            buf.put_slice(&self.ahead.split_to(size));
            self.link.heads.lock().feed(&buf.filled()[before..]);
            return Poll::Ready(Ok(()));
        }
        let polled = self.read_some(cx, buf);
        let Wire { link, idle, .. } = &mut *self;
        match polled {
            Poll::Ready(Ok(())) => link.heads.lock().feed(&buf.filled()[before..]),
            // Over HTTP/2 pings find out whether anybody is there.
            Poll::Pending if !link.http2 => match idle.given_up(cx, || link.heads.awaited()) {
                None => {}
                Some(Awaited::Head(_)) => return Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                // Whoever reads the body is of the same task, and answers.
                Some(Awaited::Body(_)) => {
                    link.heads.given_up.store(true, Ordering::Relaxed);
                    cx.waker().wake_by_ref();
                }
            },
            _ => {}
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
        let Wire { stream, link, .. } = &mut *self;
        Poll::Ready(link.handover.flushed(stream))
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
        if bufs.len() < 2 || size > SMALL {
            return self.stream()?.poll_write_vectored(cx, bufs);
        }
        // Most answers are small, and to send one piece costs the system less than to gather two.
        let (mut whole, mut end) = ([0; SMALL], 0);
        for buf in bufs {
            whole[end..end + buf.len()].copy_from_slice(buf);
            end += buf.len();
        }
        self.stream()?.poll_write(cx, &whole[..end])
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

        assert!(heads.take_broken().is_some_and(|bytes| bytes.starts_with(b"GET /\xFF")));
    }
}
