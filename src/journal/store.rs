//! The writer of the journal: it records requests and their answers, and evicts the oldest within the [limits](Limits).

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;

use super::answer_budget::AnswerBudget;
use super::page::{Page, weight};
use super::{AnswerRecord, Entry, JournalSnapshot, Limits};

/// Records requests.
#[derive(Debug)]
pub struct Journal {
    current: JournalSnapshot,
    /// The number of the last request.
    recorded: u64,
    answers: AnswerBudget,
    /// A page whose entries are all evicted. Its memory is used again for the next page.
    spare: Option<Page>,
}

impl Journal {
    /// Returns an empty journal.
    pub fn new(limits: Limits) -> Journal {
        let current = JournalSnapshot { limits, ..JournalSnapshot::default() };
        Journal { current, recorded: 0, answers: AnswerBudget::new(), spare: None }
    }

    /// Records a request, assigns it the next number, and evicts the oldest entries if there is no room.
    ///
    /// An entry that does not [fit](Limits::fit) is cut here, which takes time. Returns the large bodies that were evicted: freeing
    /// them takes time as well, so drop them after you have unlocked the journal.
    #[must_use]
    pub fn record(&mut self, entry: &mut Entry) -> Vec<Bytes> {
        self.recorded += 1;
        entry.number = self.recorded;
        let Limits { entries, bytes } = self.current.limits;
        self.current.limits.fit(entry);
        self.page_for(entry).write(entry);
        self.current.left += 1;
        self.current.bytes += weight(entry);
        self.answers.add(entry.answer.as_ref());
        let mut evicted = Vec::new();
        while self.current.left > entries || self.current.bytes > bytes {
            evicted.extend(self.evict());
        }
        self.answers.evict(&mut self.current, self.recorded);
        evicted
    }

    /// Returns the page that an entry is written to.
    fn page_for(&mut self, entry: &Entry) -> &mut Page {
        let pages = &mut self.current.pages;
        if !pages.back().is_some_and(|last| last.has_room_for(entry)) {
            let mut page = self.spare.take().unwrap_or_default();
            page.start(entry.number);
            // The first page grows with its entries, because most tests send only a few requests.
            if let Some(before) = pages.back() {
                page.reserve_like(before);
            }
            pages.push_back(Arc::new(page));
        }
        // A page that a snapshot shares is copied, and the snapshot keeps the original.
        Arc::make_mut(pages.back_mut().expect("a page was added if there was none"))
    }

    /// Evicts the oldest entry, and returns its body if it is large. There must be an entry.
    fn evict(&mut self) -> Option<Bytes> {
        let current = &mut self.current;
        let place = current.oldest_place;
        let first = current.pages.front_mut().expect("an entry is on a page");
        current.bytes -= first.weight(place);
        self.answers.remove(first.own_bytes_of_answer(place));
        // The answer of a page that a snapshot shares is freed with the snapshot.
        if let Some(first) = Arc::get_mut(first) {
            first.evict_answer(place);
        }
        current.evicted_unmatched += u64::from(first.is_unmatched(place));
        current.evicted += 1;
        current.left -= 1;
        current.oldest_place += 1;
        // The page may stay for long because of its other entries, so the body is taken out of it now.
        let body = first.is_body_apart(place).then(|| Arc::make_mut(first).take_body(place)).flatten();
        if current.oldest_place == first.len() {
            current.oldest_place = 0;
            let page = current.pages.pop_front();
            self.keep_as_spare(page);
        }
        body
    }

    /// Keeps a page for its memory, if no snapshot shares it and its size is usual.
    fn keep_as_spare(&mut self, page: Option<Arc<Page>>) {
        let page = page.and_then(|page| Arc::try_unwrap(page).ok()).filter(Page::is_usual);
        self.spare = page.or(self.spare.take());
    }

    /// Adds the answer to an entry, if the entry is still there.
    pub fn answer(&mut self, number: u64, answer: AnswerRecord) {
        let Some((page, place)) = self.current.locate(number) else { return };
        let page = &mut self.current.pages[page];
        self.answers.replace(number, page.own_bytes_of_answer(place), &answer);
        Arc::make_mut(page).set_answer(place, answer);
        self.answers.evict(&mut self.current, self.recorded);
    }

    /// Returns the entries of this moment.
    pub fn snapshot(&self) -> JournalSnapshot {
        self.current.clone()
    }

    /// Removes all entries and resets the counts of evicted ones. Numbers go on, and the memory of one page is kept.
    ///
    /// Returns what was removed: freeing it takes time, so drop it after you have unlocked the journal.
    #[must_use]
    pub fn clear(&mut self) -> JournalSnapshot {
        let empty = JournalSnapshot { limits: self.current.limits, since: self.recorded, ..JournalSnapshot::default() };
        let mut removed = std::mem::replace(&mut self.current, empty);
        self.answers.clear(self.recorded);
        if removed.pages.back().is_some_and(|last| last.is_usual()) {
            let last = removed.pages.pop_back();
            self.keep_as_spare(last);
        }
        removed
    }
}
