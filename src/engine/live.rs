//! What changes while an engine runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::HashMap;

use crate::journal::Journal;

use super::arming::Arming;
use super::decide::Choice;
use super::served::Shelves;
use super::{LiveStub, StubSet};

/// The part of the live state that a decision looks at; swapped whole when it changes.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    /// States by machine, in order of their names; one that is not here is in its first.
    states: Vec<(String, String)>,
    pub(super) arming: Arming,
}

impl View {
    pub(super) fn state<'a>(&'a self, set: &'a StubSet, machine: &str) -> &'a str {
        match self.place(machine) {
            Ok(place) => &self.states[place].1,
            Err(_) => set.first_state(machine),
        }
    }

    pub(super) fn set_state(&mut self, machine: &str, state: &str) {
        match self.place(machine) {
            Ok(place) => state.clone_into(&mut self.states[place].1),
            Err(place) => self.states.insert(place, (machine.to_owned(), state.to_owned())),
        }
    }

    fn place(&self, machine: &str) -> Result<usize, usize> {
        self.states.binary_search_by(|(known, _)| known.as_str().cmp(machine))
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

/// How often one stub has answered, kept by the stub itself. It changes only while [`Live`] is locked.
#[derive(Debug, Default)]
pub(super) struct Count {
    calls: AtomicU64,
    sequence: AtomicU64,
}

impl Count {
    fn totals(&self) -> Totals {
        Totals { calls: self.calls.load(Ordering::Relaxed), sequence: self.sequence.load(Ordering::Relaxed) }
    }

    fn set(&self, totals: Totals) {
        self.calls.store(totals.calls, Ordering::Relaxed);
        self.sequence.store(totals.sequence, Ordering::Relaxed);
    }
}

/// All of it, under one lock.
#[derive(Debug)]
pub(super) struct Live {
    set: Arc<StubSet>,
    view: Arc<View>,
    /// Of stubs of files by their identity, which outlives a reload. Those added while running count for themselves.
    totals: HashMap<String, Totals>,
    pub(super) journal: Journal,
}

impl Live {
    pub(super) fn new(set: Arc<StubSet>, view: Arc<View>, journal: Journal) -> Live {
        Live { set, view, totals: HashMap::default(), journal }
    }

    pub(super) fn set(&self) -> &Arc<StubSet> {
        &self.set
    }

    pub(super) fn view(&self) -> &Arc<View> {
        &self.view
    }

    /// Serves another set, and gives back the one before it.
    pub(super) fn serve(&mut self, set: Arc<StubSet>, shelves: &Shelves) -> Arc<StubSet> {
        let old = std::mem::replace(&mut self.set, set);
        shelves.put(&self.set, &self.view);
        old
    }

    /// Changes what a decision looks at.
    pub(super) fn change(&mut self, shelves: &Shelves, change: impl FnOnce(&mut View)) {
        change(Arc::make_mut(&mut self.view));
        shelves.put(&self.set, &self.view);
    }

    /// Makes a choice true: counts it, moves its machine, uses up what was armed. Gives how often the stub had answered before.
    pub(super) fn apply(&mut self, choice: &Choice<'_>, shelves: &Shelves) -> u64 {
        let live = choice.live;
        let mut before = 0;
        self.count(live, |totals| {
            before = totals.sequence;
            *totals = Totals { calls: totals.calls + 1, sequence: before + 1 };
        });
        if live.stub.then_state.is_some() || choice.armed_as.is_some() {
            self.change(shelves, |view| {
                if let Some(state) = &live.stub.then_state {
                    view.set_state(&live.stub.state_machine, state);
                }
                if let Some(name) = &choice.armed_as {
                    view.arming.spend(name);
                }
            });
        }
        before
    }

    pub(super) fn totals(&self, live: &LiveStub) -> Totals {
        match &live.count {
            Some(count) => count.totals(),
            None => self.totals.get(&live.reference.id).copied().unwrap_or_default(),
        }
    }

    fn count(&mut self, live: &LiveStub, change: impl FnOnce(&mut Totals)) {
        match &live.count {
            Some(count) => {
                let mut totals = count.totals();
                change(&mut totals);
                count.set(totals);
            }
            None => match self.totals.get_mut(&live.reference.id) {
                Some(known) => change(known),
                None => change(self.totals.entry(live.reference.id.clone()).or_default()),
            },
        }
    }

    /// Forgets the counts, those of stubs that were added too, and leaves sequences where they are.
    pub(super) fn forget_calls<'a>(&mut self, added: impl Iterator<Item = &'a Arc<LiveStub>>) {
        self.totals.values_mut().for_each(|totals| totals.calls = 0);
        for live in added {
            self.count(live, |totals| totals.calls = 0);
        }
    }

    /// Forgets counts, sequences, states and arming.
    pub(super) fn start_over(&mut self, shelves: &Shelves) {
        self.totals.clear();
        self.change(shelves, |view| *view = View::default());
    }

    /// Forgets the counts of a stub that was added and is gone.
    pub(super) fn forget(&mut self, live: &LiveStub) {
        self.count(live, |totals| *totals = Totals::default());
    }
}
