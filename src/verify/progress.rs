//! Counts the requests that match a pattern while they come.

use crate::journal::JournalSnapshot;
use crate::matching::CompiledPattern;
use crate::model::{Expect, Timestamp};

use super::count::matches;

/// How many requests match a pattern so far. Each request is compared once, however often the journal is read.
#[derive(Debug, Default)]
pub(crate) struct RunningCount {
    /// The number of the request before the last reset of the journal.
    since: u64,
    /// The number of the last request that was compared.
    seen: u64,
    received: u64,
}

/// What a running count says about an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// As many requests as expected came, and the journal evicted none.
    Met,
    /// More requests than expected came.
    Exceeded,
    /// Further requests may decide it.
    Open,
}

impl RunningCount {
    /// Compares the requests that came since the last update. Starts again if the journal was reset in between.
    pub(crate) fn update(
        &mut self,
        journal: &JournalSnapshot,
        pattern: &CompiledPattern,
        expected: Expect,
        now: Timestamp,
    ) -> Progress {
        if self.since != journal.since() {
            *self = RunningCount { since: journal.since(), ..RunningCount::default() };
        }
        for entry in journal.after(self.seen) {
            self.seen = entry.number;
            self.received += u64::from(matches(pattern, &entry, now));
        }
        if expected.max.is_some_and(|max| self.received > max) {
            Progress::Exceeded
        } else if expected.is_met_by(self.received) && journal.evicted() == 0 {
            Progress::Met
        } else {
            Progress::Open
        }
    }
}
