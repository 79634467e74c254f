//! The stubs that were called more or less often than their `expect` allows, each with its requests and the nearest others.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::engine::{Engine, Expectation, MountedStub};
use crate::explain::Style;
use crate::journal::{Entry, JournalContents};
use crate::model::{Expect, Timestamp};

use super::nearest::{describe_pattern, explain_nearest};
use super::summary::{eviction_text, list};

/// A stub that was called more or less often than it must be. The count is exact even if the journal evicted requests.
#[derive(Debug)]
pub(crate) struct UnmetExpectation {
    pub(crate) expectation: Expectation,
    stub: Arc<MountedStub>,
}

/// Returns every `expect` that is not met, in order of precedence.
pub(crate) fn unmet_expectations(engine: &Engine) -> Vec<UnmetExpectation> {
    if engine.all_met() {
        return Vec::new();
    }
    let set = engine.stubs();
    let unmet = engine.expectations().into_iter().filter(|expectation| !expectation.is_met());
    let with_stub = unmet.filter_map(|expectation| {
        let stub = set.find(&expectation.stub.id)?.clone();
        Some(UnmetExpectation { expectation, stub })
    });
    with_stub.collect()
}

/// Returns the expectation of a stub if it is not met. A stub without an `expect` must be called at least once.
pub(crate) fn unmet_expectation(engine: &Engine, stub: &Arc<MountedStub>) -> Option<UnmetExpectation> {
    let expect = stub.stub.expect.unwrap_or(Expect { min: 1, max: None });
    let expectation = Expectation { stub: stub.reference.clone(), expect, calls: engine.totals(stub).calls };
    (!expectation.is_met()).then(|| UnmetExpectation { expectation, stub: stub.clone() })
}

impl UnmetExpectation {
    /// Explains it: the conditions of the stub, the requests that it answered, and the nearest others if it was called too
    /// seldom.
    pub(crate) fn text(&self, journal: &JournalContents, now: Timestamp, style: Style) -> String {
        let Expectation { stub: reference, expect, calls } = &self.expectation;
        let got = if *calls == 0 { "none".to_owned() } else { calls.to_string() };
        let mut text = format!(
            "the stub `{}` ({}:{}) expected {expect}, got {got}:\n",
            reference.name, reference.place.file, reference.place.line
        );
        let pattern = self.stub.pattern();
        describe_pattern(pattern, &mut text);
        let entries = journal.entries.iter().map(|entry| &**entry);
        let (answered, others): (Vec<&Entry>, Vec<_>) =
            entries.partition(|entry| entry.stub().is_some_and(|stub| stub.id == reference.id));
        if *calls < expect.min {
            explain_nearest(pattern, &others, now, style, &mut text);
        }
        if !answered.is_empty() {
            let _ = write!(text, "\nit answered{}\n", list(answered.iter().copied()));
        }
        if journal.evicted > 0 {
            let _ = writeln!(text, "\n{}", eviction_text(journal));
        }
        text
    }
}
