//! The answer to a recorded request: what was sent, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;

use crate::model::WireFault;
use crate::respond::{Answer, AnswerBody, Header};

/// The journal keeps this many bytes of a body that it alone keeps.
const KEPT: usize = 64 * 1024;

/// Headers with more bytes than this are evicted with the body.
const LARGE_HEAD: usize = 1024;

/// The answer to a recorded request.
///
/// What the stub keeps anyway, such as a constant body, is shared. The rest has a budget in the journal: the bodies of the oldest
/// answers are evicted first.
#[derive(Debug, Clone)]
pub struct AnswerRecord {
    /// Without its body if that was evicted.
    answer: Arc<Answer>,
    /// The length of the whole body; `None` if it is produced while it is sent.
    length: Option<usize>,
    turn: Option<(u32, u32)>,
    /// The number of bytes that evicting the body would free.
    own_bytes: usize,
    evicted: Evicted,
    sending: Arc<Sending>,
}

/// The parts of an answer that were evicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evicted {
    Nothing,
    Body,
    BodyAndHeaders,
}

/// How an answer is sent. The connection fills this while others may read it: a time is `None` until it is known.
#[derive(Debug, Default)]
pub struct Sending {
    /// In nanoseconds since the request was received, plus 1; 0 if it is not known yet.
    first: AtomicU64,
    last: AtomicU64,
    bytes: AtomicU64,
    has_client_left: AtomicBool,
}

impl AnswerRecord {
    /// Returns the record of an answer that only the journal keeps.
    pub fn new(answer: &Arc<Answer>) -> AnswerRecord {
        let kept = match &answer.body {
            AnswerBody::Whole(body) if body.len() <= KEPT => answer.clone(),
            AnswerBody::Whole(body) => Arc::new(with_body(answer, Bytes::copy_from_slice(&body[..KEPT]))),
            AnswerBody::Stream(_) => Arc::new(with_body(answer, Bytes::new())),
        };
        let own_bytes = kept.body.whole().map_or(0, Bytes::len) + large_head(&kept);
        AnswerRecord { length: answer.body.whole().map(Bytes::len), ..AnswerRecord::sharing(kept, own_bytes) }
    }

    /// Returns the record of an answer of a stub. Parts that the stub keeps anyway, all or the body, do not count in the budget.
    ///
    /// `turn` is the number of the response, counted from 1, and the number of responses, if the stub has several.
    pub fn of_stub(answer: &Arc<Answer>, turn: Option<(usize, usize)>) -> AnswerRecord {
        let is_body_kept = answer.body.whole().is_some_and(|body| !body.is_empty() && !body.is_unique());
        let record = match Arc::strong_count(answer) {
            1 if is_body_kept => AnswerRecord::sharing(answer.clone(), large_head(answer)),
            1 => AnswerRecord::new(answer),
            _ => AnswerRecord::sharing(answer.clone(), 0),
        };
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        AnswerRecord { turn: turn.map(|(turn, of)| (small(turn), small(of))), ..record }
    }

    fn sharing(answer: Arc<Answer>, own_bytes: usize) -> AnswerRecord {
        let length = answer.body.whole().map(Bytes::len);
        AnswerRecord { answer, length, turn: None, own_bytes, evicted: Evicted::Nothing, sending: Arc::default() }
    }

    /// Returns the status. A fault may have withheld the whole answer.
    pub fn status(&self) -> u16 {
        self.answer.status
    }

    /// Returns the status if a response was sent.
    pub(super) fn sent_status(&self) -> Option<u16> {
        self.answer.sends_response().then_some(self.answer.status)
    }

    /// Returns the fault on the wire, if there was one.
    pub fn fault(&self) -> Option<WireFault> {
        self.answer.fault()
    }

    /// Returns the delay that the stub specified.
    pub fn delay(&self) -> Duration {
        self.answer.delay
    }

    /// Returns the reason phrase, if it differs from the standard one.
    pub fn reason(&self) -> Option<&str> {
        self.answer.reason.as_deref()
    }

    /// Returns the headers in the order in which they were sent, without those that HTTP itself needs, such as Content-Length, and
    /// without a Content-Encoding that the server chose. `None` if they were long and evicted with the body.
    pub fn headers(&self) -> Option<&[Header]> {
        (self.evicted != Evicted::BodyAndHeaders).then_some(&self.answer.headers)
    }

    /// Returns the body, or its first 64 KiB if it was rendered for this request. `None` if it was streamed or evicted.
    pub fn body(&self) -> Option<&Bytes> {
        self.answer.body.whole().filter(|_| self.length.is_some() && !self.is_body_evicted())
    }

    /// Returns the length of the whole body. A fault may have withheld some of it. `None` if it was streamed.
    pub fn body_length(&self) -> Option<usize> {
        self.length
    }

    /// Whether the body was evicted, because the answers exceeded their budget.
    pub fn is_body_evicted(&self) -> bool {
        self.evicted != Evicted::Nothing
    }

    /// Returns the number of the response, counted from 1, and the number of responses; `None` if the stub has only one.
    pub fn turn(&self) -> Option<(usize, usize)> {
        self.turn.map(|(turn, of)| (turn as usize, of as usize))
    }

    /// Returns how the answer is sent.
    pub fn sending(&self) -> &Arc<Sending> {
        &self.sending
    }

    /// Returns this record with the turn and the sending of another, which was recorded before and is replaced by this one.
    pub(crate) fn instead_of(self, other: &AnswerRecord) -> AnswerRecord {
        AnswerRecord { turn: other.turn, sending: other.sending.clone(), ..self }
    }

    /// Returns the number of bytes that evicting the body would free.
    pub(super) fn own_bytes(&self) -> usize {
        self.own_bytes
    }

    /// Evicts the body, if only the journal keeps it. Returns how many bytes that freed.
    pub(super) fn evict(&mut self) -> usize {
        let own_bytes = std::mem::take(&mut self.own_bytes);
        if own_bytes > 0 {
            let answer = Arc::make_mut(&mut self.answer);
            answer.body = AnswerBody::default();
            self.evicted = Evicted::Body;
            if large_head(answer) > 0 {
                (answer.headers, answer.reason) = (Vec::new(), None);
                self.evicted = Evicted::BodyAndHeaders;
            }
        }
        own_bytes
    }
}

fn with_body(answer: &Answer, body: Bytes) -> Answer {
    let Answer { status, reason, headers, delay, delivery, .. } = answer.clone();
    Answer { status, reason, headers, body: body.into(), delay, delivery }
}

/// Returns the size of headers that are evicted with the body; 0 if they are short and stay.
fn large_head(answer: &Answer) -> usize {
    let headers: usize = answer.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    let size = headers + answer.reason.as_ref().map_or(0, String::len);
    if size > LARGE_HEAD { size } else { 0 }
}

impl Sending {
    /// Returns the time from the arrival of the request until the server began to send the answer, including delays.
    pub fn first_byte(&self) -> Option<Duration> {
        time(&self.first)
    }

    /// Returns the time from the arrival of the request until the connection had accepted the last byte of the answer.
    pub fn last_byte(&self) -> Option<Duration> {
        time(&self.last)
    }

    /// Returns how many bytes of the encoded body the connection has accepted so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the client disconnected after the server had begun to send the answer and before the connection had accepted all of it.
    pub fn has_client_left(&self) -> bool {
        self.has_client_left.load(Ordering::Relaxed)
    }

    /// Records that the server begins to send the answer.
    pub(crate) fn begin(&self, after: Duration) {
        set_time(&self.first, after);
    }

    /// Records that the connection accepted some bytes of the body.
    pub(crate) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Records that the connection accepted the end of the answer.
    pub(crate) fn end(&self, after: Duration) {
        set_time(&self.last, after);
    }

    /// Records that the client disconnected.
    pub(crate) fn leave(&self) {
        self.has_client_left.store(true, Ordering::Relaxed);
    }
}

fn time(nanoseconds: &AtomicU64) -> Option<Duration> {
    nanoseconds.load(Ordering::Acquire).checked_sub(1).map(Duration::from_nanos)
}

fn set_time(nanoseconds: &AtomicU64, time: Duration) {
    let value = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).saturating_add(1);
    nanoseconds.store(value, Ordering::Release);
}
