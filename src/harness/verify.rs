//! Counts the requests that match a pattern, and explains the nearest others if there are too few.

use std::fmt::Write as _;

use crate::model::Timestamp;

use crate::engine::report_line;
use crate::journal::{Entry, JournalContents};
use crate::matching::{CompiledPattern, Distance};
use crate::message::Redaction;
use crate::model::{Expect, KeyPath};
use crate::verify::eviction_text;

use super::fault_text::fault_text;
use super::given::{Given, requests};
use super::received::{ReceivedRequest, listed};
use super::shared::Shared;
use super::style::style;

/// Compiles a pattern.
///
/// # Panics
/// Panics if the pattern is wrong.
#[track_caller]
pub(super) fn compiled(given: &Given) -> CompiledPattern {
    let mut faults = Vec::new();
    let top = KeyPath::top();
    let pattern = CompiledPattern::compile(&given.pattern, None, &given.representation, &top, &mut faults);
    if !faults.is_empty() {
        let text: String = faults.iter().map(fault_text).collect();
        panic!("no request can be compared with this pattern:{text}");
    }
    pattern.with_code(&given.closures)
}

pub(super) fn takes(pattern: &CompiledPattern, entry: &Entry) -> bool {
    pattern.matches(&entry.request(), Timestamp::now()).is_some()
}

/// What is known about the number of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Met,
    Unmet,
    /// The journal evicted requests, and the rest does not decide it.
    Unknown,
}

/// Judges a count, which is a lower limit if the journal is not whole.
pub(super) fn judge(expected: Expect, count: u64, is_whole: bool) -> Verdict {
    match expected {
        Expect { min, max: None } if count >= min => Verdict::Met,
        Expect { max: Some(max), .. } if count > max => Verdict::Unmet,
        _ if !is_whole => Verdict::Unknown,
        expected if expected.is_met_by(count) => Verdict::Met,
        _ => Verdict::Unmet,
    }
}

/// Checks how many requests came; the error is a text for people.
pub(super) fn count(shared: &Shared, pattern: &CompiledPattern, expected: Expect) -> Result<(), String> {
    let journal = shared.engine.journal();
    let (came, others): (Vec<_>, Vec<_>) = journal.entries.iter().partition(|entry| takes(pattern, entry));
    match judge(expected, came.len() as u64, journal.evicted == 0) {
        Verdict::Met => Ok(()),
        Verdict::Unknown => Err(format!(
            "expected {}, and {} of the requests that are left match, which does not decide it: {}",
            requests(expected),
            came.len(),
            eviction_text(&journal)
        )),
        Verdict::Unmet => {
            let came: Vec<_> = came.into_iter().map(|entry| ReceivedRequest::from_entry(entry)).collect();
            let others: Vec<_> = others.into_iter().map(|entry| ReceivedRequest::from_entry(entry)).collect();
            let mut text = format!("expected {}, received {}:\n", requests(expected), came.len());
            described(pattern, &mut text);
            if expected.min > came.len() as u64 {
                nearest(pattern, &others, &mut text);
            }
            if !came.is_empty() {
                let _ = write!(text, "\nreceived{}\n", listed(&came));
            }
            Err(text)
        }
    }
}

/// Describes the conditions of a pattern: method and path on one line, each of the others on its own.
pub(super) fn described(pattern: &CompiledPattern, text: &mut String) {
    let conditions = pattern.describe();
    let (line, others): (Vec<_>, Vec<_>) =
        conditions.into_iter().partition(|(subject, _)| matches!(subject.as_str(), "method" | "path"));
    let line: Vec<String> = line.into_iter().map(|(_, expected)| expected).collect();
    let line = if line.is_empty() { "any request".to_owned() } else { line.join(" ") };
    let _ = writeln!(text, "  {line}");
    for (subject, expected) in others {
        let _ = writeln!(text, "    {subject}: {expected}");
    }
}

/// How many of the nearest requests are shown.
const NEAREST: usize = 3;

/// Explains the requests that are nearest to a pattern, condition by condition.
pub(super) fn nearest(pattern: &CompiledPattern, requests: &[ReceivedRequest], text: &mut String) {
    if requests.is_empty() {
        text.push_str("\nno other request came\n");
        return;
    }
    let now = Timestamp::now();
    let distances = requests.iter().map(|request| pattern.distance(request.request(), now));
    let mut ranked: Vec<(Distance, usize)> = distances.zip(0..).collect();
    ranked.sort_unstable();
    let count = if requests.len() == 1 {
        "1 other".to_owned()
    } else {
        format!("{} others", requests.len())
    };
    let _ = writeln!(text, "\nnearest of {count}:");
    let style = style();
    for request in ranked.into_iter().take(NEAREST).map(|(_, place)| &requests[place]) {
        let _ = writeln!(text, "  {}", request.summary());
        for report in pattern.explain(request.request(), now) {
            let mut lines = String::new();
            report_line(&report, style, &Redaction::default(), &mut lines);
            lines.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
    }
}

/// Explains that a stub was called too often or too seldom: its conditions, its requests, and the nearest others.
pub(super) fn stub_called(
    pattern: &CompiledPattern,
    journal: &JournalContents,
    is_its: impl Fn(&Entry) -> bool,
    too_few: bool,
    text: &mut String,
) {
    described(pattern, text);
    let (its, others): (Vec<_>, Vec<_>) = journal.entries.iter().partition(|entry| is_its(entry));
    if too_few {
        let others: Vec<_> = others.into_iter().map(|entry| ReceivedRequest::from_entry(entry)).collect();
        nearest(pattern, &others, text);
    }
    let its: Vec<_> = its.into_iter().map(|entry| ReceivedRequest::from_entry(entry)).collect();
    if !its.is_empty() {
        let _ = write!(text, "\nit answered{}\n", listed(&its));
    }
    if journal.evicted > 0 {
        let _ = writeln!(text, "\n{}", eviction_text(journal));
    }
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
