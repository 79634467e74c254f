//! The budget of the answers: how many bytes of bodies the journal alone keeps in memory.

use std::sync::Arc;

use super::{AnswerRecord, JournalSnapshot};

/// The journal keeps at most this many bytes of answers, besides those that stubs keep anyway.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Counts the bytes of answers that nothing but the journal keeps, and evicts those of the oldest entries first.
///
/// It never evicts an entry: only the body of its answer, and long headers with it.
#[derive(Debug)]
pub(super) struct AnswerBudget {
    used: usize,
    limit: usize,
    /// Answers of entries before this number have no bytes left that count.
    oldest: u64,
}

impl AnswerBudget {
    pub(super) fn new() -> AnswerBudget {
        AnswerBudget { used: 0, limit: ANSWER_BYTES, oldest: 1 }
    }

    /// Counts the answer of a new entry.
    pub(super) fn add(&mut self, answer: Option<&AnswerRecord>) {
        self.used += answer.map_or(0, AnswerRecord::own_bytes);
    }

    /// Counts an answer that an entry is given later, instead of its previous one, which counted `previous` bytes.
    pub(super) fn replace(&mut self, number: u64, previous: usize, answer: &AnswerRecord) {
        self.used = self.used + answer.own_bytes() - previous;
        self.oldest = self.oldest.min(number);
    }

    /// Stops counting the bytes of an answer that is gone with its entry.
    pub(super) fn remove(&mut self, bytes: usize) {
        self.used -= bytes;
    }

    /// Starts again after all entries up to a number were removed.
    pub(super) fn clear(&mut self, last: u64) {
        (self.used, self.oldest) = (0, last + 1);
    }

    /// Evicts the bodies of the oldest answers until the rest is within the limit. `last` is the number of the newest entry.
    pub(super) fn evict(&mut self, entries: &mut JournalSnapshot, last: u64) {
        while self.used > self.limit && self.oldest <= last {
            if let Some((page, place)) = entries.locate(self.oldest)
                && entries.pages[page].own_bytes_of_answer(place) > 0
            {
                self.used -= Arc::make_mut(&mut entries.pages[page]).evict_answer(place);
            }
            self.oldest += 1;
        }
    }
}

#[cfg(test)]
impl AnswerBudget {
    pub(super) fn used(&self) -> usize {
        self.used
    }

    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }
}
