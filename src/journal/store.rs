//! The pages of the journal, bounded by the count of their entries and by their bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use crate::message::Sha256;

use super::page::{Page, weight};
use super::{AnswerRecord, Cut, Entry};

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// At most this many entries.
    pub entries: usize,
    /// At most this many bytes, all entries together.
    pub bytes: usize,
}

impl Default for Limits {
    /// 10,000 entries, 64 MiB.
    fn default() -> Limits {
        Limits { entries: 10_000, bytes: 64 * 1024 * 1024 }
    }
}

impl Limits {
    /// Cuts a body that alone would fill the journal down to its first bytes, its length and its hash. To hash it takes a while,
    /// and is for whoever has not locked the journal yet.
    pub fn fit(self, entry: &mut Entry) {
        let weight = weight(entry);
        if weight <= self.bytes {
            return;
        }
        let room = self.bytes.saturating_sub(weight - entry.body.len()).min(entry.body.len());
        if entry.cut.is_none() {
            let mut hash = Sha256::new();
            hash.update(&entry.body);
            entry.cut = Some(Cut { length: entry.body.len() as u64, complete: true, sha256: Some(hash.finish()) });
        }
        entry.body = Bytes::copy_from_slice(&entry.body[..room]);
    }
}

/// This many bytes of answers are kept, all entries together, besides those that stubs keep anyway.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Records requests.
#[derive(Debug)]
pub struct Journal {
    held: JournalSnapshot,
    recorded: u64,
    /// How many bytes the answers of entries that are left keep alone.
    answer_bytes: usize,
    /// The number of the oldest entry whose answer may keep any.
    answers_from: u64,
    /// How many bytes they may keep.
    answer_limit: usize,
    /// A page whose entries are all gone, for its room.
    spare: Option<Page>,
}

/// The entries that are left, still in their pages, and what is known of those that are gone. It costs little to take, and
/// it is read without a lock.
#[derive(Debug, Clone, Default)]
pub struct JournalSnapshot {
    /// Oldest first; all who took them have the same ones.
    pages: VecDeque<Arc<Page>>,
    /// How many entries of the first page are gone.
    gone: usize,
    /// How many are left.
    left: usize,
    bytes: usize,
    limits: Limits,
    /// The number of the last request before the last reset.
    since: u64,
    evicted: u64,
    evicted_unmatched: u64,
}

/// The journal at one moment.
#[derive(Debug, Clone)]
pub struct JournalContents {
    /// What is left, oldest first.
    pub entries: Vec<Arc<Entry>>,
    /// How many are gone since the last reset.
    pub evicted: u64,
    /// How many of those no stub had answered.
    pub evicted_unmatched: u64,
    /// What the entries take, in bytes.
    pub bytes: usize,
    /// How much is kept.
    pub limits: Limits,
}

impl JournalContents {
    /// How many requests were recorded since the last reset.
    pub fn total(&self) -> u64 {
        self.entries.len() as u64 + self.evicted
    }
}

impl JournalSnapshot {
    /// The number of the last request before the last reset; 0 if there was none.
    pub fn since(&self) -> u64 {
        self.since
    }

    /// How many are left.
    pub fn len(&self) -> usize {
        self.left
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// What those that are left take, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How much is kept.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// How many are gone since the last reset.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Whether the entry of a number is one of those.
    pub fn has_evicted(&self, number: u64) -> bool {
        number > self.since && number - self.since <= self.evicted
    }

    /// How many of those no stub had answered.
    pub fn evicted_unmatched(&self) -> u64 {
        self.evicted_unmatched
    }

    /// How many requests were recorded since the last reset.
    pub fn total(&self) -> u64 {
        self.left as u64 + self.evicted
    }

    /// The entries after a number, oldest first, each read when its turn comes.
    pub fn after(&self, number: u64) -> impl DoubleEndedIterator<Item = Entry> {
        self.pages.iter().enumerate().flat_map(move |(place, page)| {
            let from = if place == 0 { self.gone } else { 0 };
            (from.max(page.place_after(number))..page.len()).map(|place| page.read(place))
        })
    }

    /// The entry of a number, if it is left.
    pub fn entry(&self, number: u64) -> Option<Entry> {
        let after = self.pages.partition_point(|page| page.first() <= number);
        let page = after.checked_sub(1)?;
        let place = self.pages[page].place(number)?;
        (page > 0 || place >= self.gone).then(|| self.pages[page].read(place))
    }

    /// Reads all of it.
    pub fn read(self) -> JournalContents {
        let mut entries = Vec::with_capacity(self.left);
        entries.extend(self.after(0).map(Arc::new));
        let JournalSnapshot { bytes, limits, evicted, evicted_unmatched, .. } = self;
        JournalContents { entries, evicted, evicted_unmatched, bytes, limits }
    }
}

impl Journal {
    /// An empty journal.
    pub fn new(limits: Limits) -> Journal {
        Journal {
            held: JournalSnapshot { limits, ..JournalSnapshot::default() },
            recorded: 0,
            answer_bytes: 0,
            answers_from: 1,
            answer_limit: ANSWER_BYTES,
            spare: None,
        }
    }

    /// Records a request, gives it the next number, and evicts the oldest if there is no room.
    ///
    /// If it does not [fit](Limits::fit), it is cut here, which takes its time. Returns the large bodies that were evicted:
    /// to free them takes a while, and is for whoever has unlocked the journal.
    #[must_use]
    pub fn record(&mut self, entry: &mut Entry) -> Vec<Bytes> {
        self.recorded += 1;
        entry.number = self.recorded;
        let Limits { entries, bytes } = self.held.limits;
        self.held.limits.fit(entry);
        self.page_for(entry).write(entry);
        self.held.left += 1;
        self.held.bytes += weight(entry);
        self.answer_bytes += entry.answer.as_ref().map_or(0, AnswerRecord::own);
        let mut gone = Vec::new();
        while self.held.left > entries || self.held.bytes > bytes {
            gone.extend(self.evict());
        }
        self.evict_answers();
        gone
    }

    /// The page that an entry is written to.
    fn page_for(&mut self, entry: &Entry) -> &mut Page {
        let pages = &mut self.held.pages;
        if !pages.back().is_some_and(|last| last.takes(entry)) {
            let mut page = self.spare.take().unwrap_or_default();
            page.start(entry.number);
            // The first one grows with what comes: most tests send a few requests.
            if let Some(before) = pages.back() {
                page.reserve_like(before);
            }
            pages.push_back(Arc::new(page));
        }
        // One that somebody reads is copied, and is theirs from then on.
        Arc::make_mut(pages.back_mut().expect("there is one by now"))
    }

    /// Evicts the oldest entry, of which there is one, and returns its body if it is large.
    fn evict(&mut self) -> Option<Bytes> {
        let held = &mut self.held;
        let place = held.gone;
        let first = held.pages.front_mut().expect("an entry stands on a page");
        held.bytes -= first.weight(place);
        self.answer_bytes -= first.own_of_answer(place);
        // Whoever reads the page keeps what he reads.
        if let Some(first) = Arc::get_mut(first) {
            first.evict_answer(place);
        }
        held.evicted_unmatched += u64::from(first.is_unmatched(place));
        held.evicted += 1;
        held.left -= 1;
        held.gone += 1;
        // The page may stay for long, because it has other entries.
        let body = first.is_body_apart(place).then(|| Arc::make_mut(first).let_go_of_body(place)).flatten();
        if held.gone == first.len() {
            held.gone = 0;
            let page = held.pages.pop_front();
            self.keep_room_of(page);
        }
        body
    }

    fn keep_room_of(&mut self, page: Option<Arc<Page>>) {
        let page = page.and_then(|page| Arc::try_unwrap(page).ok()).filter(Page::is_usual);
        self.spare = page.or(self.spare.take());
    }

    /// Notes the answer of an entry, if it is still there.
    pub fn answer(&mut self, number: u64, answer: AnswerRecord) {
        let after = self.held.pages.partition_point(|page| page.first() <= number);
        let Some(page) = after.checked_sub(1) else { return };
        let is_first = page == 0;
        let page = &mut self.held.pages[page];
        let Some(place) = page.place(number).filter(|place| !is_first || *place >= self.held.gone) else { return };
        self.answer_bytes = self.answer_bytes + answer.own() - page.own_of_answer(place);
        Arc::make_mut(page).set_answer(place, answer);
        self.answers_from = self.answers_from.min(number);
        self.evict_answers();
    }

    /// Evicts the bodies of the oldest answers until the others have room.
    fn evict_answers(&mut self) {
        let held = &mut self.held;
        while self.answer_bytes > self.answer_limit && self.answers_from <= self.recorded {
            let after = held.pages.partition_point(|page| page.first() <= self.answers_from);
            let page = after.checked_sub(1).map(|page| &mut held.pages[page]);
            if let Some(page) = page
                && let Some(place) = page.place(self.answers_from)
                && page.own_of_answer(place) > 0
            {
                self.answer_bytes -= Arc::make_mut(page).evict_answer(place);
            }
            self.answers_from += 1;
        }
    }

    /// What there is now.
    pub fn hold(&self) -> JournalSnapshot {
        self.held.clone()
    }

    /// Forgets all entries, and that others were evicted. Numbers go on, and the room of one page is kept.
    ///
    /// Gives back what there was: to free it takes a while, and is for whoever has unlocked the journal.
    #[must_use]
    pub fn clear(&mut self) -> JournalSnapshot {
        let empty = JournalSnapshot { limits: self.held.limits, since: self.recorded, ..JournalSnapshot::default() };
        let mut gone = std::mem::replace(&mut self.held, empty);
        (self.answer_bytes, self.answers_from) = (0, self.recorded + 1);
        if gone.pages.back().is_some_and(|last| last.is_usual()) {
            let last = gone.pages.pop_back();
            self.keep_room_of(last);
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::{any, proptest};

    use super::*;
    use crate::journal::Outcome;
    use crate::message::{Head, Request};
    use crate::model::Timestamp;
    use crate::respond::Answer;

    fn entry(target: &str, body: usize) -> Entry {
        let head = Head::compose("POST", target, [("A", &b"b"[..])]);
        let request = Request::new(head, Bytes::from(vec![b'x'; body]), None, Timestamp::UNIX_EPOCH);
        Entry::of(&request, Outcome::Unmatched)
    }

    fn answer(status: u16, body: usize) -> AnswerRecord {
        AnswerRecord::new(&Arc::new(Answer { status, body: vec![b'x'; body].into(), ..Answer::default() }))
    }

    fn record(journal: &mut Journal, body: usize) -> Entry {
        let mut entry = entry("/", body);
        drop(journal.record(&mut entry));
        entry
    }

    #[test]
    fn the_oldest_go_and_are_counted() {
        let mut journal = Journal::new(Limits { entries: 2, bytes: 1 << 20 });
        for _ in 0..5 {
            record(&mut journal, 1);
        }

        let snapshot = journal.hold().read();
        assert_eq!(snapshot.entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [4, 5]);
        assert_eq!((snapshot.evicted, snapshot.evicted_unmatched, snapshot.total()), (3, 3, 5));

        drop(journal.clear());
        let next = record(&mut journal, 1);
        assert_eq!((next.number, journal.hold().since(), journal.hold().read().evicted), (6, 5, 0));
        assert_eq!(Entry::number_of(&next.id()), Some(6));
    }

    #[test]
    fn a_body_beyond_the_limit_leaves_its_beginning_length_and_hash() {
        let mut journal = Journal::new(Limits { entries: 9, bytes: 2000 });
        let kept = record(&mut journal, 5000);

        let cut = kept.cut.as_ref().expect("cut");
        assert_eq!((cut.length, cut.complete), (5000, true));
        assert!(!kept.body.is_empty() && kept.body.len() < 2000);
        assert_eq!(journal.hold().read().entries.len(), 1);
    }

    /// Bytes that tell when they are freed.
    struct Told(Vec<u8>, Arc<AtomicUsize>);

    impl AsRef<[u8]> for Told {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    impl Drop for Told {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_large_body_is_freed_with_its_entry_whoever_has_read_the_page() {
        let mut journal = Journal::new(Limits { entries: 3, bytes: 1 << 20 });
        let freed = Arc::new(AtomicUsize::new(0));
        let freed_by = |journal: &mut Journal| {
            let mut entry = entry("/", 0);
            entry.body = Bytes::from_owner(Told(vec![b'x'; 20_000], freed.clone()));
            let gone = journal.record(&mut entry);
            drop(entry);
            let before = freed.load(Ordering::Relaxed);
            drop(gone);
            freed.load(Ordering::Relaxed) - before
        };
        let each: Vec<_> = (0..5).map(|_| freed_by(&mut journal)).collect();
        assert_eq!(each, [0, 0, 0, 1, 1], "not before it is given back");

        let held = journal.hold();
        assert_eq!(freed_by(&mut journal), 0, "somebody reads it");
        drop(held);
        assert_eq!((freed.load(Ordering::Relaxed), freed_by(&mut journal)), (3, 1));

        let gone = journal.clear();
        assert_eq!(freed.load(Ordering::Relaxed), 4);
        drop(gone);
        assert_eq!(freed.load(Ordering::Relaxed), 7);
    }

    #[test]
    fn what_an_entry_got_is_noted_where_it_is_still_there() {
        let mut journal = Journal::new(Limits { entries: 2, bytes: 1 << 20 });
        let numbers: Vec<u64> = (0..3).map(|_| record(&mut journal, 40_000).number).collect();
        let before = journal.hold();
        for number in numbers {
            journal.answer(number, answer(200 + number as u16, 0));
        }

        let statuses = |held: JournalSnapshot| held.read().entries.iter().map(|entry| entry.status).collect::<Vec<_>>();
        assert_eq!(statuses(journal.hold()), [Some(202), Some(203)]);
        assert_eq!(statuses(before), [None, None], "what was taken does not change");
    }

    proptest! {
        #[test]
        fn the_newest_answers_have_their_bodies_as_far_as_there_is_room(
            steps in proptest::collection::vec((0usize..4000, 0u64..4, any::<bool>()), 0..60),
            limit in 0usize..12_000,
        ) {
            let mut journal = Journal::new(Limits { entries: 12, bytes: 1 << 20 });
            journal.answer_limit = limit;
            let mut readers = Vec::new();
            for (size, late, is_read) in steps {
                let mut entry = entry("/", 0);
                if late == 0 {
                    entry.set_answer(answer(200, size));
                }
                drop(journal.record(&mut entry));
                if late > 0 {
                    // Some are answered later than requests that came after them, and some twice.
                    journal.answer(entry.number.saturating_sub(late - 1), answer(201, size));
                }
                readers.extend(is_read.then(|| journal.hold()));

                let all = journal.hold().read().entries;
                let answers: Vec<_> = all.iter().filter_map(|entry| entry.answer.as_ref()).collect();
                let own: usize = answers.iter().map(|answer| answer.own()).sum();
                assert!(own == journal.answer_bytes && own <= limit, "{own} of {limit}");
                let bodies = answers.iter().filter_map(|answer| answer.body());
                assert_eq!(bodies.map(Bytes::len).sum::<usize>(), own);
                assert!(answers.iter().all(|answer| answer.is_body_evicted() == answer.body().is_none()));
            }
            drop(journal.clear());
            assert_eq!(journal.answer_bytes, 0);
        }

        #[test]
        fn neither_limit_is_ever_passed(bodies in proptest::collection::vec(0usize..4000, 0..40), entries in 0usize..10, bytes in 0usize..9000) {
            let mut journal = Journal::new(Limits { entries, bytes });
            for (place, body) in bodies.iter().enumerate() {
                record(&mut journal, *body);
                let snapshot = journal.hold().read();
                assert!(snapshot.entries.len() <= entries && snapshot.bytes <= bytes);
                assert_eq!(snapshot.total(), place as u64 + 1);
                assert_eq!(snapshot.bytes, snapshot.entries.iter().map(|entry| weight(entry)).sum::<usize>());
            }
        }

        #[test]
        fn what_is_read_is_what_was_written_whoever_else_reads(
            requests in proptest::collection::vec(("/[a-z]{0,9}", 0usize..40_000, any::<bool>()), 0..60),
            limit in 1usize..20,
        ) {
            let mut journal = Journal::new(Limits { entries: limit, bytes: 1 << 20 });
            let (mut written, mut taken) = (VecDeque::new(), Vec::new());
            for (target, body, is_read) in &requests {
                let mut entry = entry(target, *body);
                drop(journal.record(&mut entry));
                written.push_back(entry);
                if written.len() > limit {
                    written.pop_front();
                }
                if *is_read {
                    taken.push((journal.hold(), written.clone()));
                }
            }
            for (held, expected) in taken {
                let backwards: Vec<u64> = held.after(0).rev().map(|entry| entry.number).collect();
                let numbers = |from| held.after(from).map(|entry| entry.number).collect::<Vec<_>>();
                let all: Vec<u64> = expected.iter().map(|entry| entry.number).collect();
                assert!(backwards.iter().rev().eq(&all));
                let one = |number| held.entry(number).map(|entry| entry.number);
                assert!(all.iter().all(|number| one(*number) == Some(*number)));
                assert_eq!((one(0), one(all[0] - 1), one(all[all.len() - 1] + 1), held.len()), (None, None, None, all.len()));
                for from in [0, all[all.len() / 2], all[all.len() - 1], u64::MAX] {
                    assert_eq!(numbers(from), all.iter().copied().filter(|number| *number > from).collect::<Vec<_>>());
                }
                let read = held.read().entries;
                let of = |entry: &Entry| (entry.number, entry.head.raw().to_vec(), entry.body.clone(), entry.received_at);
                assert_eq!(read.iter().map(|entry| of(entry)).collect::<Vec<_>>(), expected.iter().map(of).collect::<Vec<_>>());
                assert!(read.iter().zip(&expected).all(|(read, written)| read.head.headers().eq(written.head.headers())));
            }
        }
    }
}
