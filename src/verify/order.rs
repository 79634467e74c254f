//! Checks that requests came one after another, perhaps with others in between.

use std::fmt::Write as _;

use crate::explain::Style;
use crate::journal::{Entry, JournalContents};
use crate::matching::CompiledPattern;
use crate::model::Timestamp;

use super::count::{Verdict, matches};
use super::nearest::{describe_pattern, explain_nearest};
use super::summary::{RequestSummary, eviction_text, list};

/// Whether requests that match these patterns came in this order.
#[derive(Debug)]
pub(crate) struct OrderVerdict<'a> {
    pub(crate) verdict: Verdict,
    /// The requests that were found, each after the one before: one for each of the first patterns.
    pub(crate) found: Vec<&'a Entry>,
    journal: &'a JournalContents,
    patterns: &'a [CompiledPattern],
    now: Timestamp,
}

impl<'a> OrderVerdict<'a> {
    /// Looks for each pattern after the first request that matched the pattern before it.
    pub(crate) fn new(
        journal: &'a JournalContents,
        patterns: &'a [CompiledPattern],
        now: Timestamp,
    ) -> OrderVerdict<'a> {
        let mut entries = journal.entries.iter().map(|entry| &**entry);
        let found: Vec<_> =
            patterns.iter().map_while(|pattern| entries.find(|entry| matches(pattern, entry, now))).collect();
        let verdict = if journal.evicted > 0 {
            Verdict::Unknown
        } else if found.len() == patterns.len() {
            Verdict::Met
        } else {
            Verdict::Unmet
        };
        OrderVerdict { verdict, found, journal, patterns, now }
    }

    /// Explains the verdict: which pattern is missing, and what came instead. Returns an empty text if it is met.
    pub(crate) fn text(&self, style: Style) -> String {
        match self.verdict {
            Verdict::Met => String::new(),
            Verdict::Unknown => eviction_text(self.journal),
            Verdict::Unmet => self.violation(style),
        }
    }

    fn violation(&self, style: Style) -> String {
        let missing = self.found.len();
        let pattern = &self.patterns[missing];
        let (count, place) = (self.patterns.len(), nth(missing + 1));
        let mut text = format!("expected {count} requests in this order, and the {place} is missing:\n");
        self.list_patterns(&mut text);
        let last = self.found.last();
        let entries: Vec<&Entry> = self.journal.entries.iter().map(|entry| &**entry).collect();
        let passed = last.map_or(0, |last| last.number);
        let (earlier, later) = entries.split_at(entries.partition_point(|entry| entry.number <= passed));
        match (earlier.iter().find(|entry| matches(pattern, entry, self.now)), last) {
            (Some(early), Some(last)) => {
                let [early, last] = [early, last].map(|entry| RequestSummary::from(*entry));
                let _ = writeln!(text, "\nit came, but before: {early}\n  and must come after: {last}");
            }
            _ => explain_nearest(pattern, later, self.now, style, &mut text),
        }
        let _ = write!(text, "\nreceived {}{}\n", entries.len(), list(entries.iter().copied()));
        text
    }

    /// Lists the patterns by number, with the requests that were found for them.
    fn list_patterns(&self, text: &mut String) {
        for (place, pattern) in self.patterns.iter().enumerate() {
            let mut lines = String::new();
            describe_pattern(pattern, &mut lines);
            // The number is written into the indentation of the description.
            let _ = write!(text, "{:>3}.{}", place + 1, &lines[1..]);
            match self.found.get(place) {
                Some(entry) => drop(writeln!(text, "      came: {}", RequestSummary::from(*entry))),
                None if place == self.found.len() => text.push_str("      missing\n"),
                None => {}
            }
        }
    }
}

fn nth(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::nth;

    #[test]
    fn ordinal_numbers_have_their_endings() {
        let numbers = [1, 2, 3, 4, 11, 12, 13, 21, 111, 122];

        let endings = numbers.map(nth);

        assert_eq!(endings, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "122nd"]);
    }
}
