//! A page: entries that stand one after the other, their bytes in one piece of memory.
//!
//! To write into memory that is there costs less than to ask for some for each part of each request, and a page is shared
//! with whoever reads as one thing. Which pages there are, and how many of their entries count, is the store's business.

use std::net::IpAddr;

use bytes::Bytes;

use crate::message::{Head, Protocol, Span};
use crate::model::{Timestamp, WireFault};

use super::{AnswerRecord, Cut, Entry, Outcome, Sending};

/// Entries in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    /// The number of its first entry.
    first: u64,
    lines: Vec<Line>,
    /// Heads and bodies, one after the other.
    bytes: Vec<u8>,
    /// Where in the heads their parts stand.
    spans: Vec<Span>,
    /// What became of them; those that came to the same often share it.
    outcomes: Vec<Outcome>,
}

/// What a page has of one entry.
#[derive(Debug, Clone)]
struct Line {
    /// Where its head starts and ends in the bytes of the page, and where its parts do in the spans.
    head: (u32, u32),
    spans: (u32, u32),
    body: Body,
    cut: Option<Box<Cut>>,
    received_at: Timestamp,
    client: Option<IpAddr>,
    protocol: Protocol,
    /// The place of what became of it.
    outcome: u32,
    status: Option<u16>,
    fault: Option<WireFault>,
    answer: Option<AnswerRecord>,
}

#[derive(Debug, Clone)]
enum Body {
    /// After the head, as far as here.
    Until(u32),
    /// One that is too large to be copied.
    Apart(Bytes),
}

/// A page with this many bytes is full.
const FULL: usize = 64 * 1024;

/// A body from this size on is kept as it came.
const LARGE: usize = 16 * 1024;

/// What a line takes in memory besides bytes and spans: lists have room for up to as many again. How its answer is sent is apart.
const LINE: usize = 2 * (size_of::<Line>() + size_of::<Outcome>()) + size_of::<Sending>();

/// What became of an entry is looked up among this many of the last ones.
const RECENT: usize = 4;

/// What an entry takes in memory, in bytes.
pub(super) fn weight(entry: &Entry) -> usize {
    weight_of(entry.head.raw().len() + entry.body.len(), entry.head.spans().len())
}

fn weight_of(bytes: usize, spans: usize) -> usize {
    LINE + bytes + spans * size_of::<Span>()
}

impl Page {
    /// Makes it an empty one that keeps its room; the number of its first entry is given.
    pub(super) fn start(&mut self, first: u64) {
        self.first = first;
        self.lines.clear();
        self.bytes.clear();
        self.spans.clear();
        self.outcomes.clear();
    }

    /// Makes room for all that a page holds, if what comes is like what is on another.
    pub(super) fn reserve_like(&mut self, other: &Page) {
        self.bytes.reserve(FULL);
        self.lines.reserve(other.lines.len());
        self.spans.reserve(other.spans.len());
    }

    /// The number of its first entry.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// How many entries stand on it.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is room for an entry. A page that is empty has room for any.
    pub(super) fn has_room_for(&self, entry: &Entry) -> bool {
        self.lines.is_empty() || self.bytes.len() + size_within(entry) <= FULL
    }

    /// Writes an entry to its end.
    pub(super) fn write(&mut self, entry: &Entry) {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(entry.head.raw());
        let head = (start, self.bytes.len() as u32);
        let body = if entry.body.len() < LARGE {
            self.bytes.extend_from_slice(&entry.body);
            Body::Until(self.bytes.len() as u32)
        } else {
            Body::Apart(entry.body.clone())
        };
        let outcome = self.outcome_of(entry);
        let start = self.spans.len() as u32;
        self.spans.extend_from_slice(entry.head.spans());
        self.lines.push(Line {
            head,
            spans: (start, self.spans.len() as u32),
            body,
            cut: entry.cut.clone().map(Box::new),
            received_at: entry.received_at,
            client: entry.client,
            protocol: entry.protocol,
            outcome,
            status: entry.status,
            fault: entry.fault,
            answer: entry.answer.clone(),
        });
    }

    /// The place of what became of an entry. A stub that answers many requests is counted once: all threads change that count.
    fn outcome_of(&mut self, entry: &Entry) -> u32 {
        let recent = self.outcomes.len().saturating_sub(RECENT);
        if let Some(place) = self.outcomes[recent..].iter().position(|known| known.is(&entry.outcome)) {
            return (recent + place) as u32;
        }
        self.outcomes.push(entry.outcome.clone());
        self.outcomes.len() as u32 - 1
    }

    fn outcome(&self, line: &Line) -> &Outcome {
        &self.outcomes[line.outcome as usize]
    }

    /// The entry at a place, in bytes of its own.
    pub(super) fn read(&self, place: usize) -> Entry {
        let line = &self.lines[place];
        let body = match &line.body {
            Body::Until(end) => Bytes::copy_from_slice(self.within((line.head.1, *end))),
            Body::Apart(body) => body.clone(),
        };
        Entry {
            number: self.first + place as u64,
            head: Head::again(self.within(line.head), &self.spans[line.spans.0 as usize..line.spans.1 as usize]),
            body,
            cut: line.cut.as_deref().cloned(),
            received_at: line.received_at,
            client: line.client,
            protocol: line.protocol,
            outcome: self.outcome(line).clone(),
            status: line.status,
            fault: line.fault,
            answer: line.answer.clone(),
        }
    }

    /// Releases the body of the entry at a place, if it is apart from the page; the entry is not read any more.
    pub(super) fn take_body(&mut self, place: usize) -> Option<Bytes> {
        let line = &mut self.lines[place];
        match std::mem::replace(&mut line.body, Body::Until(line.head.1)) {
            Body::Apart(body) => Some(body),
            Body::Until(_) => None,
        }
    }

    /// Whether the body of the entry at a place is apart from the page.
    pub(super) fn is_body_apart(&self, place: usize) -> bool {
        matches!(self.lines[place].body, Body::Apart(_))
    }

    /// Whether its room is worth keeping: it is that of most pages, and no large body is freed with its entries.
    pub(super) fn is_usual(&self) -> bool {
        let is_room_usual = self.bytes.capacity() <= 2 * FULL && self.spans.capacity() * size_of::<Span>() <= 2 * FULL;
        is_room_usual && !(0..self.len()).any(|place| self.is_body_apart(place))
    }

    /// What the entry at a place takes in memory, as [`weight`] says.
    pub(super) fn weight(&self, place: usize) -> usize {
        let line = &self.lines[place];
        let bytes = match &line.body {
            Body::Until(end) => (*end - line.head.0) as usize,
            Body::Apart(body) => (line.head.1 - line.head.0) as usize + body.len(),
        };
        weight_of(bytes, (line.spans.1 - line.spans.0) as usize)
    }

    /// Whether no stub answered the entry at a place.
    pub(super) fn is_unmatched(&self, place: usize) -> bool {
        self.outcome(&self.lines[place]).is_unmatched()
    }

    /// The place of the entry of a number, if it is on this page.
    pub(super) fn place(&self, number: u64) -> Option<usize> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        (place < self.lines.len()).then_some(place)
    }

    /// The place of the first entry after a number; that of the end if there is none.
    pub(super) fn place_after(&self, number: u64) -> usize {
        let after = number.saturating_add(1).saturating_sub(self.first);
        usize::try_from(after).unwrap_or(usize::MAX).min(self.lines.len())
    }

    /// Notes the answer of the entry at a place, instead of what it had.
    pub(super) fn set_answer(&mut self, place: usize, answer: AnswerRecord) {
        let line = &mut self.lines[place];
        (line.status, line.fault) = (answer.sent_status(), answer.fault());
        line.answer = Some(answer);
    }

    /// How many bytes of the answer of the entry at a place nobody else keeps.
    pub(super) fn own_of_answer(&self, place: usize) -> usize {
        self.lines[place].answer.as_ref().map_or(0, AnswerRecord::own)
    }

    /// Evicts the body of the answer of the entry at a place. Returns how many bytes that freed.
    pub(super) fn evict_answer(&mut self, place: usize) -> usize {
        self.lines[place].answer.as_mut().map_or(0, AnswerRecord::evict)
    }

    fn within(&self, (start, end): (u32, u32)) -> &[u8] {
        &self.bytes[start as usize..end as usize]
    }
}

/// What an entry takes of the bytes of a page.
fn size_within(entry: &Entry) -> usize {
    let body = entry.body.len();
    entry.head.raw().len() + if body < LARGE { body } else { 0 }
}
