//! A page: consecutive entries whose bytes share one piece of memory.
//!
//! Appending to allocated memory costs less than an allocation for each part of each request, and readers share a page as
//! a whole. The store decides which pages there are, and how many of their entries are left.

use std::net::IpAddr;

use bytes::Bytes;

use crate::message::{BaseLength, Head, Protocol, Span};
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
    /// The positions of the parts of each head.
    spans: Vec<Span>,
    /// The outcomes of the entries. Entries with the same outcome often share one.
    outcomes: Vec<Outcome>,
}

/// The part of a page that belongs to one entry.
#[derive(Debug, Clone)]
struct Line {
    /// The range of its head in the bytes of the page, and of the head's parts in the spans.
    head: (u32, u32),
    spans: (u32, u32),
    base: BaseLength,
    body: Body,
    cut: Option<Box<Cut>>,
    received_at: Timestamp,
    client: Option<IpAddr>,
    protocol: Protocol,
    /// The index of its outcome.
    outcome: u32,
    status: Option<u16>,
    fault: Option<WireFault>,
    answer: Option<AnswerRecord>,
}

#[derive(Debug, Clone)]
enum Body {
    /// From the end of the head up to this position.
    Until(u32),
    /// A body that is too large to be copied.
    Apart(Bytes),
}

/// A page with this many bytes is full.
const FULL: usize = 64 * 1024;

/// A body of this size or more is not copied to the page.
const LARGE: usize = 16 * 1024;

/// The memory of a line besides its bytes and spans. Lists may have twice the capacity that they use, and `Sending` is allocated
/// separately.
const LINE: usize = 2 * (size_of::<Line>() + size_of::<Outcome>()) + size_of::<Sending>();

/// An equal outcome is looked up among this many of the last ones.
const RECENT: usize = 4;

/// Returns the memory that an entry takes, in bytes.
pub(super) fn weight(entry: &Entry) -> usize {
    weight_of(entry.head.raw().len() + entry.body.len(), entry.head.spans().len())
}

fn weight_of(bytes: usize, spans: usize) -> usize {
    LINE + bytes + spans * size_of::<Span>()
}

impl Page {
    /// Clears the page but keeps its memory. `first` is the number of its next entry.
    pub(super) fn start(&mut self, first: u64) {
        self.first = first;
        self.lines.clear();
        self.bytes.clear();
        self.spans.clear();
        self.outcomes.clear();
    }

    /// Reserves memory for a whole page of entries like those on another page.
    pub(super) fn reserve_like(&mut self, other: &Page) {
        self.bytes.reserve(FULL);
        self.lines.reserve(other.lines.len());
        self.spans.reserve(other.spans.len());
    }

    /// Returns the number of its first entry.
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// Returns the number of its entries.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is room for an entry. An empty page has room for any.
    pub(super) fn has_room_for(&self, entry: &Entry) -> bool {
        self.lines.is_empty() || self.bytes.len() + size_within(entry) <= FULL
    }

    /// Appends an entry.
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
            base: entry.base,
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

    /// Returns the index of an entry's outcome. Entries share the outcome of a stub that answers many requests, because every clone
    /// changes a reference count that all threads use.
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

    /// Returns a copy of the entry at a place.
    pub(super) fn read(&self, place: usize) -> Entry {
        let line = &self.lines[place];
        let body = match &line.body {
            Body::Until(end) => Bytes::copy_from_slice(self.slice((line.head.1, *end))),
            Body::Apart(body) => body.clone(),
        };
        Entry {
            number: self.first + place as u64,
            head: Head::again(self.slice(line.head), &self.spans[line.spans.0 as usize..line.spans.1 as usize]),
            base: line.base,
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

    /// Takes the body of the entry at a place, if it is not in the bytes of the page. The entry must not be read afterwards.
    pub(super) fn take_body(&mut self, place: usize) -> Option<Bytes> {
        let line = &mut self.lines[place];
        match std::mem::replace(&mut line.body, Body::Until(line.head.1)) {
            Body::Apart(body) => Some(body),
            Body::Until(_) => None,
        }
    }

    /// Whether the body of the entry at a place is not in the bytes of the page.
    pub(super) fn is_body_apart(&self, place: usize) -> bool {
        matches!(self.lines[place].body, Body::Apart(_))
    }

    /// Whether its memory is worth keeping: it has the size of most pages, and no entry has a large body that should be freed.
    pub(super) fn is_usual(&self) -> bool {
        let is_size_usual = self.bytes.capacity() <= 2 * FULL && self.spans.capacity() * size_of::<Span>() <= 2 * FULL;
        is_size_usual && !(0..self.len()).any(|place| self.is_body_apart(place))
    }

    /// Returns the memory that the entry at a place takes, like [`weight`].
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

    /// Returns the place of the entry with a number, if it is on this page.
    pub(super) fn place(&self, number: u64) -> Option<usize> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        (place < self.lines.len()).then_some(place)
    }

    /// Returns the place of the first entry after a number, or the end if there is none.
    pub(super) fn place_after(&self, number: u64) -> usize {
        let after = number.saturating_add(1).saturating_sub(self.first);
        usize::try_from(after).unwrap_or(usize::MAX).min(self.lines.len())
    }

    /// Sets the answer of the entry at a place.
    pub(super) fn set_answer(&mut self, place: usize, answer: AnswerRecord) {
        let line = &mut self.lines[place];
        (line.status, line.fault) = (answer.sent_status(), answer.fault());
        line.answer = Some(answer);
    }

    /// Returns how many bytes of the answer at a place only the journal keeps.
    pub(super) fn own_bytes_of_answer(&self, place: usize) -> usize {
        self.lines[place].answer.as_ref().map_or(0, AnswerRecord::own_bytes)
    }

    /// Evicts the body of the answer at a place. Returns how many bytes that freed.
    pub(super) fn evict_answer(&mut self, place: usize) -> usize {
        self.lines[place].answer.as_mut().map_or(0, AnswerRecord::evict)
    }

    fn slice(&self, (start, end): (u32, u32)) -> &[u8] {
        &self.bytes[start as usize..end as usize]
    }
}

/// Returns how many bytes of a page an entry takes.
fn size_within(entry: &Entry) -> usize {
    let body = entry.body.len();
    entry.head.raw().len() + if body < LARGE { body } else { 0 }
}
