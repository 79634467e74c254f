//! Finds the head of each request in the bytes of a connection.
//!
//! Follows the framing of requests (RFC 9112 §6) far enough to know where each head begins. hyper decides whether it is a head and
//! where it ends; then the head is taken. If the framing cannot be followed, no more heads are found.

use bytes::Bytes;

use crate::message::{Head, end_of};

use super::idle_check::Awaited;

/// Reads the bytes of one connection in pieces of any size.
#[derive(Default)]
pub(super) struct HeadParser {
    state: State,
    /// A head, or the beginning of one, and what has come after it.
    head: Vec<u8>,
    /// How many times a head was taken.
    heads_taken: u64,
    /// How many times bytes were fed.
    fed: u64,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// The bytes of a head are to come, or a head is to be taken.
    #[default]
    Head,
    /// This many bytes of a body are to come.
    Body(u64),
    /// In the line with the length of the next chunk: its length so far, and whether its digits are over.
    ChunkSize(u64, bool),
    /// This many bytes of a chunk, including the line end after it, are to come.
    Chunk(u64),
    /// In the lines after the last chunk: the length of the current line.
    Trailer(u64),
    /// More bytes than a head can have. The first of them are kept.
    TooLong,
    /// The framing cannot be followed.
    Lost,
}

/// hyper refuses heads of about this size.
const MAX_HEAD: usize = 512 * 1024;

/// How much is kept of a head that is too long.
const KEPT_OF_TOO_LONG: usize = 1024;

/// At most this many bytes of room are kept from one request to the next.
const MAX_KEPT_ROOM: usize = 2048;

impl HeadParser {
    /// A parser that finds no heads, for other protocols.
    pub(super) fn disabled() -> HeadParser {
        HeadParser { state: State::Lost, ..HeadParser::default() }
    }

    /// Whether the framing can be followed so far.
    pub(super) fn is_following(&self) -> bool {
        self.state != State::Lost
    }

    /// Reads the next bytes.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        self.fed += 1;
        while !bytes.is_empty() && self.state != State::Lost {
            let used = self.step(bytes);
            bytes = &bytes[used..];
        }
    }

    /// Returns the next head. Called when hyper has found that it is one.
    pub(super) fn take(&mut self) -> Option<Head> {
        self.heads_taken += 1;
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
        // The next request needs the room of a small one. After a large one an idle connection keeps nothing.
        if self.head.is_empty() && came.capacity() <= MAX_KEPT_ROOM {
            came.clear();
            self.head = came;
        }
        Some(head)
    }

    /// Returns the bytes that came instead of a head, after hyper has refused them.
    pub(super) fn take_refused(&mut self) -> Option<Bytes> {
        let is_refused = matches!(self.state, State::TooLong | State::Head) && !self.head.is_empty();
        is_refused.then(|| {
            let mut head = std::mem::take(&mut self.head);
            head.truncate(end_of(&head).unwrap_or(head.len()));
            head.into()
        })
    }

    /// Returns what a connection waits for between two requests.
    pub(super) fn next_head(&self) -> Awaited {
        Awaited::Head(self.heads_taken)
    }

    /// Returns what a connection waits for while it answers the request that was taken last, if that is known.
    pub(super) fn rest_of_body(&self) -> Option<Awaited> {
        match self.state {
            State::Body(_) | State::ChunkSize(..) | State::Chunk(_) | State::Trailer(_) => {
                Some(Awaited::Body(self.fed))
            }
            State::Head | State::TooLong | State::Lost => None,
        }
    }

    /// Reads some of the bytes. Returns how many, at least one.
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
            State::TooLong | State::Lost => return bytes.len(),
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
        if self.head.len() > MAX_HEAD {
            self.head.truncate(KEPT_OF_TOO_LONG);
            self.state = State::TooLong;
        }
        bytes.len()
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

/// The state after a head.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    const CONVERSATION: &[u8] = b"\r\nPOST /1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nab\r\n\r\
        GET /2 HTTP/1.1\r\nX: y\r\n\r\n\
        POST /3 HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5;e=f\r\n\r\n\r\nA\r\n0a\r\n0123456789\r\n0\r\nT: v\r\n\r\n\
        GET /4 HTTP/1.1\r\n\r\n";

    fn targets(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<String> {
        let mut parser = HeadParser::default();
        pieces.for_each(|piece| parser.feed(&piece));
        std::iter::from_fn(|| parser.take()).map(|head| head.target().to_owned()).collect()
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
        fn no_bytes_make_it_panic(pieces in proptest::collection::vec(any::<Vec<u8>>(), 0..5)) {
            targets(pieces.into_iter());
        }
    }

    #[test]
    fn bytes_that_are_not_a_head_are_kept_for_the_journal() {
        let mut parser = HeadParser::default();
        parser.feed(b"GET /\xFF HTTP/1.1\r\nHost: x\r\n\r\n");

        assert!(parser.take_refused().is_some_and(|bytes| bytes.starts_with(b"GET /\xFF")));
    }
}
