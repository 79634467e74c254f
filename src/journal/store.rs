//! The ring of entries, bounded by count and by bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::message::Sha256;

use super::{Cut, Entry, Outcome};

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// At most so many entries.
    pub entries: usize,
    /// At most so many bytes, all entries together.
    pub bytes: usize,
}

impl Default for Limits {
    /// 10,000 entries, 64 MiB.
    fn default() -> Limits {
        Limits { entries: 10_000, bytes: 64 * 1024 * 1024 }
    }
}

/// The entries that are left, oldest first, and what is known of those that are gone.
#[derive(Debug)]
pub struct Journal {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    limits: Limits,
    recorded: u64,
    evicted: u64,
    evicted_unmatched: u64,
}

/// The journal at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
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

impl Snapshot {
    /// How many requests were recorded since the last reset.
    pub fn total(&self) -> u64 {
        self.entries.len() as u64 + self.evicted
    }
}

impl Journal {
    /// An empty journal.
    pub fn new(limits: Limits) -> Journal {
        Journal { entries: VecDeque::new(), bytes: 0, limits, recorded: 0, evicted: 0, evicted_unmatched: 0 }
    }

    /// Records a request under the next number and lets the oldest go where there is no room.
    ///
    /// A body that alone would fill the journal is kept as its first bytes, its length and its hash.
    pub fn record(&mut self, mut entry: Entry) -> Arc<Entry> {
        self.recorded += 1;
        entry.number = self.recorded;
        if entry.weight() > self.limits.bytes {
            cut(&mut entry, self.limits.bytes);
        }
        let entry = Arc::new(entry);
        self.bytes += entry.weight();
        self.entries.push_back(entry.clone());
        while self.entries.len() > self.limits.entries || self.bytes > self.limits.bytes {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.weight();
            self.evicted += 1;
            self.evicted_unmatched += u64::from(is_unmatched(&oldest));
        }
        entry
    }

    /// What there is now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            entries: self.entries.iter().cloned().collect(),
            evicted: self.evicted,
            evicted_unmatched: self.evicted_unmatched,
            bytes: self.bytes,
            limits: self.limits,
        }
    }

    /// Forgets all entries, and that others were evicted. Numbers go on.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
        self.evicted = 0;
        self.evicted_unmatched = 0;
    }
}

/// Whether a request is one that no stub answered.
pub(super) fn is_unmatched(entry: &Entry) -> bool {
    matches!(entry.outcome, Outcome::Unmatched | Outcome::Refused(_))
}

fn cut(entry: &mut Entry, limit: usize) {
    let without_body = entry.weight() - entry.body.len();
    let room = limit.saturating_sub(without_body).min(entry.body.len());
    if entry.cut.is_none() {
        let mut hash = Sha256::new();
        hash.update(&entry.body);
        entry.cut = Some(Cut { length: entry.body.len() as u64, complete: true, sha256: Some(hash.finish()) });
    }
    entry.body = bytes::Bytes::copy_from_slice(&entry.body[..room]);
}

impl Entry {
    /// Whether no stub answered it; a preflight that the server answered itself is not one of those.
    pub fn is_unmatched(&self) -> bool {
        is_unmatched(self)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use once_cell::sync::OnceCell;
    use proptest::prelude::proptest;

    use super::*;
    use crate::journal::Status;
    use crate::message::{Head, Protocol};
    use crate::model::Timestamp;

    fn entry(body: usize) -> Entry {
        Entry {
            number: 0,
            head: Head::compose("POST", "/", []),
            body: Bytes::from(vec![b'x'; body]),
            cut: None,
            received_at: Timestamp::UNIX_EPOCH,
            client: None,
            protocol: Protocol::default(),
            outcome: Outcome::Unmatched,
            status: Status::default(),
            fault: OnceCell::new(),
        }
    }

    #[test]
    fn the_oldest_go_and_are_counted() {
        let mut journal = Journal::new(Limits { entries: 2, bytes: 1 << 20 });
        for _ in 0..5 {
            journal.record(entry(1));
        }

        let snapshot = journal.snapshot();
        assert_eq!(snapshot.entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [4, 5]);
        assert_eq!((snapshot.evicted, snapshot.evicted_unmatched, snapshot.total()), (3, 3, 5));

        journal.clear();
        let next = journal.record(entry(1));
        assert_eq!((next.number, journal.snapshot().evicted), (6, 0));
        assert_eq!(Entry::number_of(&next.id()), Some(6));
    }

    #[test]
    fn a_body_beyond_the_limit_leaves_its_beginning_length_and_hash() {
        let mut journal = Journal::new(Limits { entries: 9, bytes: 2000 });
        let kept = journal.record(entry(5000));

        let cut = kept.cut.as_ref().expect("cut");
        assert_eq!((cut.length, cut.complete), (5000, true));
        assert!(!kept.body.is_empty() && kept.body.len() < 2000);
        assert_eq!(journal.snapshot().entries.len(), 1);
    }

    proptest! {
        #[test]
        fn neither_limit_is_ever_passed(bodies in proptest::collection::vec(0usize..4000, 0..40), entries in 0usize..10, bytes in 0usize..9000) {
            let mut journal = Journal::new(Limits { entries, bytes });
            for (place, body) in bodies.iter().enumerate() {
                journal.record(entry(*body));
                let snapshot = journal.snapshot();
                assert!(snapshot.entries.len() <= entries && snapshot.bytes <= bytes);
                assert_eq!(snapshot.total(), place as u64 + 1);
                assert_eq!(snapshot.bytes, snapshot.entries.iter().map(|entry| entry.weight()).sum::<usize>());
            }
        }
    }
}
