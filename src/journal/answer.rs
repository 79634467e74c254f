//! The answer to a recorded request: what was sent, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;

use crate::model::WireFault;
use crate::respond::{Answer, AnswerBody, Header};

/// Of a body that nobody else keeps, this many bytes are kept.
const KEPT: usize = 64 * 1024;

/// Headers of more bytes than this go with the body.
const LARGE_HEAD: usize = 1024;

/// The answer to a recorded request.
///
/// What the stub keeps anyway, such as a constant body, is referred to. The rest has a budget in the journal: the bodies of the oldest
/// answers go first.
#[derive(Debug, Clone)]
pub struct AnswerRecord {
    /// Without its body if that is gone.
    answer: Arc<Answer>,
    /// The length of the whole body; `None` if it is produced while it is sent.
    length: Option<usize>,
    turn: Option<(u32, u32)>,
    /// How many bytes would be freed if the body went.
    own: usize,
    evicted: Evicted,
    sending: Arc<Sending>,
}

/// What of an answer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evicted {
    Nothing,
    Body,
    BodyAndHeaders,
}

/// How an answer is sent. The connection fills this while others may read it: a time is `None` until then.
#[derive(Debug, Default)]
pub struct Sending {
    /// In nanoseconds since the request came, plus 1; 0 if it is not known yet.
    first: AtomicU64,
    last: AtomicU64,
    bytes: AtomicU64,
    has_client_left: AtomicBool,
}

impl AnswerRecord {
    /// The record of an answer all of whose bytes are charged to the journal.
    pub fn new(answer: &Arc<Answer>) -> AnswerRecord {
        let kept = match &answer.body {
            AnswerBody::Whole(body) if body.len() <= KEPT => answer.clone(),
            AnswerBody::Whole(body) => Arc::new(with_body(answer, Bytes::copy_from_slice(&body[..KEPT]))),
            AnswerBody::Stream(_) => Arc::new(with_body(answer, Bytes::new())),
        };
        let own = kept.body.whole().map_or(0, Bytes::len) + large_head(&kept);
        AnswerRecord { length: answer.body.whole().map(Bytes::len), ..AnswerRecord::referring(kept, own) }
    }

    /// The record of an answer of a stub. What the stub keeps of it anyway, all or the body, costs nothing.
    ///
    /// `turn` says which of several responses it is, counted from 1, and of how many.
    pub fn of_stub(answer: &Arc<Answer>, turn: Option<(usize, usize)>) -> AnswerRecord {
        let is_body_kept = answer.body.whole().is_some_and(|body| !body.is_empty() && !body.is_unique());
        let record = match Arc::strong_count(answer) {
            1 if is_body_kept => AnswerRecord::referring(answer.clone(), large_head(answer)),
            1 => AnswerRecord::new(answer),
            _ => AnswerRecord::referring(answer.clone(), 0),
        };
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        AnswerRecord { turn: turn.map(|(turn, of)| (small(turn), small(of))), ..record }
    }

    fn referring(answer: Arc<Answer>, own: usize) -> AnswerRecord {
        let length = answer.body.whole().map(Bytes::len);
        AnswerRecord { answer, length, turn: None, own, evicted: Evicted::Nothing, sending: Arc::default() }
    }

    /// The status. A fault may have kept all of the answer back.
    pub fn status(&self) -> u16 {
        self.answer.status
    }

    /// The status if the client was sent any.
    pub(super) fn sent_status(&self) -> Option<u16> {
        self.answer.sends_response().then_some(self.answer.status)
    }

    /// What went wrong on the wire.
    pub fn fault(&self) -> Option<WireFault> {
        self.answer.fault()
    }

    /// How long the stub made the client wait for it.
    pub fn delay(&self) -> Duration {
        self.answer.delay
    }

    /// The reason phrase, if it differs from the standard one.
    pub fn reason(&self) -> Option<&str> {
        self.answer.reason.as_deref()
    }

    /// The headers in the order in which they were sent, without those that HTTP itself needs, such as Content-Length, and without a
    /// Content-Encoding that the server chose. `None` if they are long and gone with the body.
    pub fn headers(&self) -> Option<&[Header]> {
        (self.evicted != Evicted::BodyAndHeaders).then_some(&self.answer.headers)
    }

    /// The body, or its first 64 KiB if it was made for this request alone. `None` if it was produced while it was sent, or is gone.
    pub fn body(&self) -> Option<&Bytes> {
        self.answer.body.whole().filter(|_| self.length.is_some() && !self.is_body_evicted())
    }

    /// The length of the whole body. A fault may have kept some of it back. `None` if it was produced while it was sent.
    pub fn body_length(&self) -> Option<usize> {
        self.length
    }

    /// Whether the body is gone, since the answers took more room than the journal has for them.
    pub fn is_body_evicted(&self) -> bool {
        self.evicted != Evicted::Nothing
    }

    /// Which of several responses it is, counted from 1, and of how many; `None` if the stub has one.
    pub fn turn(&self) -> Option<(usize, usize)> {
        self.turn.map(|(turn, of)| (turn as usize, of as usize))
    }

    /// How it is sent.
    pub fn sending(&self) -> &Arc<Sending> {
        &self.sending
    }

    /// The same answer, which is sent instead of another that was recorded before.
    pub(crate) fn instead_of(self, other: &AnswerRecord) -> AnswerRecord {
        AnswerRecord { turn: other.turn, sending: other.sending.clone(), ..self }
    }

    /// How many bytes would be freed if the body went.
    pub(super) fn own(&self) -> usize {
        self.own
    }

    /// Evicts the body, if nobody else keeps it. Returns how many bytes that freed.
    pub(super) fn evict(&mut self) -> usize {
        let own = std::mem::take(&mut self.own);
        if own > 0 {
            let answer = Arc::make_mut(&mut self.answer);
            answer.body = AnswerBody::default();
            self.evicted = Evicted::Body;
            if large_head(answer) > 0 {
                (answer.headers, answer.reason) = (Vec::new(), None);
                self.evicted = Evicted::BodyAndHeaders;
            }
        }
        own
    }
}

fn with_body(answer: &Answer, body: Bytes) -> Answer {
    let Answer { status, reason, headers, delay, delivery, .. } = answer.clone();
    Answer { status, reason, headers, body: body.into(), delay, delivery }
}

/// The size of headers that go with the body; 0 if they are short and stay.
fn large_head(answer: &Answer) -> usize {
    let headers: usize = answer.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    let size = headers + answer.reason.as_ref().map_or(0, String::len);
    if size > LARGE_HEAD { size } else { 0 }
}

impl Sending {
    /// From the arrival of the request until the server began to send the answer, delays included.
    pub fn first_byte(&self) -> Option<Duration> {
        time(&self.first)
    }

    /// From the arrival of the request until the connection had taken all that is sent of the answer.
    pub fn last_byte(&self) -> Option<Duration> {
        time(&self.last)
    }

    /// How many bytes of the body the connection has taken so far, as they are sent.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the connection ended after the server had begun to send and before it had taken all of the answer: the client went away.
    pub fn has_client_left(&self) -> bool {
        self.has_client_left.load(Ordering::Relaxed)
    }

    /// Notes that the server begins to send the answer.
    pub(crate) fn begin(&self, after: Duration) {
        set_time(&self.first, after);
    }

    /// Notes that the connection took some bytes of the body.
    pub(crate) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Notes that the connection took the end of the answer.
    pub(crate) fn end(&self, after: Duration) {
        set_time(&self.last, after);
    }

    /// Notes that the client went away.
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
