//! The journal at one moment, as a reader takes it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::page::Page;
use super::{Entry, Limits};

/// The entries that are left, still in their pages, and the counts of those that were evicted.
///
/// It is cheap to clone, because all snapshots share the pages, and it is read without a lock.
#[derive(Debug, Clone, Default)]
pub struct JournalSnapshot {
    /// Oldest first.
    pub(super) pages: VecDeque<Arc<Page>>,
    /// The place of the oldest entry on the first page. The entries before it were evicted.
    pub(super) oldest_place: usize,
    /// The number of entries that are left.
    pub(super) left: usize,
    pub(super) bytes: usize,
    pub(super) limits: Limits,
    /// The number of the last request before the last reset.
    pub(super) since: u64,
    pub(super) evicted: u64,
    pub(super) evicted_unmatched: u64,
}

/// The contents of the journal at one moment.
#[derive(Debug, Clone)]
pub struct JournalContents {
    /// The entries that are left, oldest first.
    pub entries: Vec<Arc<Entry>>,
    /// The number of entries that were evicted since the last reset.
    pub evicted: u64,
    /// How many of the evicted ones no stub had answered.
    pub evicted_unmatched: u64,
    /// The memory that the entries take, in bytes.
    pub bytes: usize,
    /// The limits of the journal.
    pub limits: Limits,
}

impl JournalContents {
    /// Returns how many requests were recorded since the last reset.
    pub fn total(&self) -> u64 {
        self.entries.len() as u64 + self.evicted
    }
}

impl JournalSnapshot {
    /// Returns the number of the last request before the last reset; 0 if there was none.
    pub fn since(&self) -> u64 {
        self.since
    }

    /// Returns how many entries are left.
    pub fn len(&self) -> usize {
        self.left
    }

    /// Whether no entry is left.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Returns the memory that the entries take, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the limits of the journal.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns how many entries were evicted since the last reset.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Whether the entry with a number was evicted since the last reset.
    pub fn has_evicted(&self, number: u64) -> bool {
        number > self.since && number - self.since <= self.evicted
    }

    /// Returns how many of the evicted entries no stub had answered.
    pub fn evicted_unmatched(&self) -> u64 {
        self.evicted_unmatched
    }

    /// Returns how many requests were recorded since the last reset.
    pub fn total(&self) -> u64 {
        self.left as u64 + self.evicted
    }

    /// Returns the entries after a number, oldest first. Each is copied out of its page only when the iterator reaches it.
    pub fn after(&self, number: u64) -> impl DoubleEndedIterator<Item = Entry> {
        self.pages.iter().enumerate().flat_map(move |(index, page)| {
            let from = if index == 0 { self.oldest_place } else { 0 };
            (from.max(page.place_after(number))..page.len()).map(|place| page.read(place))
        })
    }

    /// Returns the entry with a number, if it is left.
    pub fn entry(&self, number: u64) -> Option<Entry> {
        let (page, place) = self.locate(number)?;
        Some(self.pages[page].read(place))
    }

    /// Returns the index of the page that has the entry with a number, and the entry's place on it, if it is left.
    pub(super) fn locate(&self, number: u64) -> Option<(usize, usize)> {
        let after = self.pages.partition_point(|page| page.first() <= number);
        let page = after.checked_sub(1)?;
        let place = self.pages[page].place(number)?;
        (page > 0 || place >= self.oldest_place).then_some((page, place))
    }

    /// Reads all entries.
    pub fn read(self) -> JournalContents {
        let mut entries = Vec::with_capacity(self.left);
        entries.extend(self.after(0).map(Arc::new));
        let JournalSnapshot { bytes, limits, evicted, evicted_unmatched, .. } = self;
        JournalContents { entries, evicted, evicted_unmatched, bytes, limits }
    }
}
