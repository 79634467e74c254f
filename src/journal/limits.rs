//! The limits of the journal.

use bytes::Bytes;

use crate::message::Sha256;

use super::page::weight;
use super::{Cut, Entry};

/// How much the journal keeps.
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
    /// Cuts a body that alone would fill the journal down to its first bytes, its length and its hash.
    ///
    /// Hashing a large body takes time: call this before you lock the journal.
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
