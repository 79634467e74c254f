//! What changes while an engine runs.

use std::collections::HashMap;
use std::sync::Arc;

use crate::journal::{Entry, Journal};

use super::StubSet;
use super::arming::Arming;
use super::decide::Choice;

/// The part of the live state that a decision looks at; swapped whole when it changes.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    /// States by machine; one that is not here is in its first.
    states: HashMap<String, String>,
    pub(super) arming: Arming,
}

impl View {
    pub(super) fn state<'a>(&'a self, set: &'a StubSet, machine: &str) -> &'a str {
        self.states.get(machine).map_or_else(|| set.first_state(machine), String::as_str)
    }

    pub(super) fn set_state(&mut self, machine: &str, state: &str) {
        self.states.insert(machine.to_owned(), state.to_owned());
    }
}

/// How often a stub has answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Since the last reset of the journal: what is verified.
    pub calls: u64,
    /// Since the last full reset: which of several responses comes next.
    pub sequence: u64,
}

/// All of it, under one lock.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) view: Arc<View>,
    totals: HashMap<String, Totals>,
    pub(super) journal: Journal,
}

impl Live {
    pub(super) fn new(journal: Journal) -> Live {
        Live { view: Arc::default(), totals: HashMap::new(), journal }
    }

    /// Makes a choice true: counts it, moves its machine, uses up what was armed, records the request. Gives how
    /// often the stub had answered before.
    pub(super) fn commit(&mut self, choice: Option<&Choice>, entry: Entry) -> (u64, Arc<Entry>) {
        let before = choice.map_or(0, |choice| self.apply(choice));
        (before, self.journal.record(entry))
    }

    fn apply(&mut self, choice: &Choice) -> u64 {
        let live = &choice.live;
        let totals = match self.totals.get_mut(&live.reference.id) {
            Some(totals) => totals,
            None => self.totals.entry(live.reference.id.clone()).or_default(),
        };
        let before = totals.sequence;
        totals.calls += 1;
        totals.sequence += 1;
        if live.stub.then_state.is_some() || choice.armed_as.is_some() {
            let view = Arc::make_mut(&mut self.view);
            if let Some(state) = &live.stub.then_state {
                view.set_state(&live.stub.state_machine, state);
            }
            if let Some(name) = &choice.armed_as {
                view.arming.spend(name);
            }
        }
        before
    }

    pub(super) fn totals(&self, id: &str) -> Totals {
        self.totals.get(id).copied().unwrap_or_default()
    }

    /// Forgets the counts, and leaves sequences where they are.
    pub(super) fn forget_calls(&mut self) {
        self.totals.values_mut().for_each(|totals| totals.calls = 0);
    }

    /// Forgets counts, sequences, states and arming.
    pub(super) fn start_over(&mut self) {
        self.totals.clear();
        self.view = Arc::default();
    }

    /// Forgets the counts of a stub that is gone.
    pub(super) fn forget(&mut self, id: &str) {
        self.totals.remove(id);
    }
}
