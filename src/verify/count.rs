//! Counts the requests that match a pattern, and explains the nearest others if there are too few.

use std::fmt::Write as _;

use crate::explain::Style;
use crate::journal::{Entry, JournalContents};
use crate::matching::CompiledPattern;
use crate::model::{Expect, Timestamp};

use super::nearest::{describe_pattern, explain_nearest};
use super::summary::{eviction_text, list};

/// What is known about an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Met,
    Unmet,
    /// The journal evicted requests, and the rest does not decide it.
    Unknown,
}

/// Returns whether a recorded request matches a pattern.
pub(crate) fn matches(pattern: &CompiledPattern, entry: &Entry, now: Timestamp) -> bool {
    pattern.matches(&entry.request(), now).is_some()
}

/// Judges a count. If the journal is not complete, the count is a lower limit.
fn judge(expected: Expect, count: u64, is_complete: bool) -> Verdict {
    match expected {
        Expect { min, max: None } if count >= min => Verdict::Met,
        Expect { max: Some(max), .. } if count > max => Verdict::Unmet,
        _ if !is_complete => Verdict::Unknown,
        expected if expected.is_met_by(count) => Verdict::Met,
        _ => Verdict::Unmet,
    }
}

/// How many requests match a pattern, compared with how many are expected.
#[derive(Debug)]
pub(crate) struct CountVerdict<'a> {
    pub(crate) verdict: Verdict,
    /// The requests of the journal that match, oldest first.
    pub(crate) matching: Vec<&'a Entry>,
    /// The other requests of the journal.
    others: Vec<&'a Entry>,
    journal: &'a JournalContents,
    pattern: &'a CompiledPattern,
    expected: Expect,
    now: Timestamp,
}

impl<'a> CountVerdict<'a> {
    pub(crate) fn new(
        journal: &'a JournalContents,
        pattern: &'a CompiledPattern,
        expected: Expect,
        now: Timestamp,
    ) -> CountVerdict<'a> {
        let entries = journal.entries.iter().map(|entry| &**entry);
        let (matching, others): (Vec<_>, Vec<_>) = entries.partition(|entry| matches(pattern, entry, now));
        let verdict = judge(expected, matching.len() as u64, journal.evicted == 0);
        CountVerdict { verdict, matching, others, journal, pattern, expected, now }
    }

    /// Explains the verdict: what was expected, what was received, and the nearest other requests if there are too few.
    pub(crate) fn text(&self, style: Style) -> String {
        let CountVerdict { pattern, matching, .. } = self;
        let expected = requests(self.expected);
        if self.verdict == Verdict::Unknown {
            return format!(
                "expected {expected}, and {} of the requests that are left match, which does not decide it: {}",
                matching.len(),
                eviction_text(self.journal)
            );
        }
        let mut text = format!("expected {expected}, received {}:\n", matching.len());
        describe_pattern(pattern, &mut text);
        if self.expected.min > matching.len() as u64 {
            explain_nearest(pattern, &self.others, self.now, style, &mut text);
        }
        if !matching.is_empty() {
            let _ = write!(text, "\nreceived{}\n", list(matching.iter().copied()));
        }
        text
    }
}

/// How many requests are expected, in words.
fn requests(expected: Expect) -> String {
    expected.to_string().replace("calls", "requests").replace("call", "request")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_journal_decides_only_what_it_can() {
        let at_least = |min| Expect { min, max: None };

        assert_eq!(judge(at_least(2), 2, false), Verdict::Met);
        assert_eq!(judge(at_least(2), 1, false), Verdict::Unknown);
        assert_eq!(judge(Expect::exactly(2), 3, false), Verdict::Unmet);
        assert_eq!(judge(Expect::exactly(2), 2, false), Verdict::Unknown);
        assert_eq!(judge(Expect::exactly(2), 2, true), Verdict::Met);
        assert_eq!(judge(Expect::exactly(0), 0, false), Verdict::Unknown);
    }
}
