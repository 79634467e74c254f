//! What is kept, evicted and counted, in the journal and in the budget of its answers.

use std::collections::VecDeque;
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
    Entry::new(&request, Outcome::Unmatched)
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
fn the_oldest_entries_are_evicted_and_counted() {
    let mut journal = Journal::new(Limits { entries: 2, bytes: 1 << 20 });
    for _ in 0..5 {
        record(&mut journal, 1);
    }

    let contents = journal.snapshot().read();
    assert_eq!(contents.entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [4, 5]);
    assert_eq!((contents.evicted, contents.evicted_unmatched, contents.total()), (3, 3, 5));

    drop(journal.clear());
    let next = record(&mut journal, 1);
    assert_eq!((next.number, journal.snapshot().since(), journal.snapshot().read().evicted), (6, 5, 0));
    assert_eq!(Entry::number_of(&next.id()), Some(6));
}

#[test]
fn a_body_beyond_the_limit_leaves_its_beginning_length_and_hash() {
    let mut journal = Journal::new(Limits { entries: 9, bytes: 2000 });
    let kept = record(&mut journal, 5000);

    let cut = kept.cut.as_ref().expect("cut");
    assert_eq!((cut.length, cut.complete), (5000, true));
    assert!(!kept.body.is_empty() && kept.body.len() < 2000);
    assert_eq!(journal.snapshot().read().entries.len(), 1);
}

/// Bytes that count how many of their kind were freed.
struct FreedBytes(Vec<u8>, Arc<AtomicUsize>);

impl AsRef<[u8]> for FreedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for FreedBytes {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_large_body_is_freed_with_its_entry_even_if_its_page_was_read() {
    let mut journal = Journal::new(Limits { entries: 3, bytes: 1 << 20 });
    let freed = Arc::new(AtomicUsize::new(0));
    let freed_by = |journal: &mut Journal| {
        let mut entry = entry("/", 0);
        entry.body = Bytes::from_owner(FreedBytes(vec![b'x'; 20_000], freed.clone()));
        let gone = journal.record(&mut entry);
        drop(entry);
        let before = freed.load(Ordering::Relaxed);
        drop(gone);
        freed.load(Ordering::Relaxed) - before
    };
    let each: Vec<_> = (0..5).map(|_| freed_by(&mut journal)).collect();
    assert_eq!(each, [0, 0, 0, 1, 1], "an evicted body is freed only when the caller drops it");

    let snapshot = journal.snapshot();
    assert_eq!(freed_by(&mut journal), 0, "a snapshot still has the body");
    drop(snapshot);
    assert_eq!((freed.load(Ordering::Relaxed), freed_by(&mut journal)), (3, 1));

    let gone = journal.clear();
    assert_eq!(freed.load(Ordering::Relaxed), 4);
    drop(gone);
    assert_eq!(freed.load(Ordering::Relaxed), 7);
}

#[test]
fn an_answer_is_recorded_if_its_entry_is_still_there() {
    let mut journal = Journal::new(Limits { entries: 2, bytes: 1 << 20 });
    let numbers: Vec<u64> = (0..3).map(|_| record(&mut journal, 40_000).number).collect();
    let before = journal.snapshot();
    for number in numbers {
        journal.answer(number, answer(200 + number as u16, 0));
    }

    let statuses =
        |snapshot: JournalSnapshot| snapshot.read().entries.iter().map(|entry| entry.status).collect::<Vec<_>>();
    assert_eq!(statuses(journal.snapshot()), [Some(202), Some(203)]);
    assert_eq!(statuses(before), [None, None], "a snapshot does not change");
}

proptest! {
    #[test]
    fn the_newest_answers_keep_their_bodies_within_the_budget(
        steps in proptest::collection::vec((0usize..4000, 0u64..4, any::<bool>()), 0..60),
        limit in 0usize..12_000,
    ) {
        let mut journal = Journal::new(Limits { entries: 12, bytes: 1 << 20 });
        journal.answers.set_limit(limit);
        let mut readers = Vec::new();
        for (size, late, is_read) in steps {
            // Seven entries fill a page.
            let mut entry = entry("/", 9_000);
            if late == 0 {
                entry.set_answer(answer(200, size));
            }
            drop(journal.record(&mut entry));
            if late > 0 {
                // Some entries get their answer after later requests have come, and some get two answers.
                journal.answer(entry.number.saturating_sub(late - 1), answer(201, size));
            }
            readers.extend(is_read.then(|| journal.snapshot()));

            let all = journal.snapshot().read().entries;
            let answers: Vec<_> = all.iter().filter_map(|entry| entry.answer.as_ref()).collect();
            let own: usize = answers.iter().map(|answer| answer.own_bytes()).sum();
            assert!(own == journal.answers.used() && own <= limit, "{own} of {limit}");
            let bodies = answers.iter().filter_map(|answer| answer.body());
            assert_eq!(bodies.map(Bytes::len).sum::<usize>(), own);
            assert!(answers.iter().all(|answer| answer.is_body_evicted() == answer.body().is_none()));
        }
        drop(journal.clear());
        assert_eq!(journal.answers.used(), 0);
    }

    #[test]
    fn neither_limit_is_ever_exceeded(bodies in proptest::collection::vec(0usize..4000, 0..40), entries in 0usize..10, bytes in 0usize..9000) {
        let mut journal = Journal::new(Limits { entries, bytes });
        for (place, body) in bodies.iter().enumerate() {
            record(&mut journal, *body);
            let snapshot = journal.snapshot().read();
            assert!(snapshot.entries.len() <= entries && snapshot.bytes <= bytes);
            assert_eq!(snapshot.total(), place as u64 + 1);
            assert_eq!(snapshot.bytes, snapshot.entries.iter().map(|entry| weight(entry)).sum::<usize>());
        }
    }

    #[test]
    fn snapshots_read_what_was_written_when_they_were_taken(
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
                taken.push((journal.snapshot(), written.clone()));
            }
        }
        for (snapshot, expected) in taken {
            let backwards: Vec<u64> = snapshot.after(0).rev().map(|entry| entry.number).collect();
            let numbers = |from| snapshot.after(from).map(|entry| entry.number).collect::<Vec<_>>();
            let all: Vec<u64> = expected.iter().map(|entry| entry.number).collect();
            assert!(backwards.iter().rev().eq(&all));
            let one = |number| snapshot.entry(number).map(|entry| entry.number);
            assert!(all.iter().all(|number| one(*number) == Some(*number)));
            assert_eq!((one(0), one(all[0] - 1), one(all[all.len() - 1] + 1), snapshot.len()), (None, None, None, all.len()));
            for from in [0, all[all.len() / 2], all[all.len() - 1], u64::MAX] {
                assert_eq!(numbers(from), all.iter().copied().filter(|number| *number > from).collect::<Vec<_>>());
            }
            let read = snapshot.read().entries;
            let parts = |entry: &Entry| (entry.number, entry.head.raw().to_vec(), entry.body.clone(), entry.received_at);
            assert_eq!(read.iter().map(|entry| parts(entry)).collect::<Vec<_>>(), expected.iter().map(parts).collect::<Vec<_>>());
            assert!(read.iter().zip(&expected).all(|(read, written)| read.head.headers().eq(written.head.headers())));
        }
    }
}
