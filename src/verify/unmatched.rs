//! The requests that no stub answered, and why.

use std::fmt::Write as _;

use crate::engine::Engine;
use crate::explain::{Explanation, Style, explain};
use crate::journal::JournalContents;

use super::summary::eviction_text;

/// The most requests that are explained.
const EXPLAINED: usize = 3;

/// The requests that no stub answered.
#[derive(Debug)]
pub(crate) struct Unmatched<'a> {
    /// How many there are, with those that the journal evicted.
    pub(crate) count: u64,
    /// Why no stub would answer the first of them now.
    pub(crate) explanations: Vec<Explanation>,
    journal: &'a JournalContents,
}

impl<'a> Unmatched<'a> {
    /// Returns the unmatched requests of an engine's journal; `None` if there are none.
    pub(crate) fn find(engine: &Engine, journal: &'a JournalContents) -> Option<Unmatched<'a>> {
        let unmatched: Vec<_> = journal.entries.iter().filter(|entry| entry.is_unmatched()).collect();
        let count = unmatched.len() as u64 + journal.evicted_unmatched;
        let first = unmatched.into_iter().take(EXPLAINED);
        let explanations = first.map(|entry| explain(engine, &entry.request(), entry.received_at)).collect();
        (count > 0).then_some(Unmatched { count, explanations, journal })
    }

    /// Explains the first requests, and counts the others.
    pub(crate) fn text(&self, style: Style) -> String {
        let requests = if self.count == 1 {
            "a request".to_owned()
        } else {
            format!("{} requests", self.count)
        };
        let mut text = format!("no stub answered {requests}:\n");
        for explanation in &self.explanations {
            let _ = write!(text, "\n{}", explanation.text(style));
        }
        if self.count > EXPLAINED as u64 {
            let _ = writeln!(text, "\n... and {} more", self.count - self.explanations.len() as u64);
        }
        if self.journal.evicted_unmatched > 0 {
            let _ = writeln!(text, "\n{}", eviction_text(self.journal));
        }
        text
    }
}
