//! The stubs that are served, and how often they have answered.

use std::sync::Arc;

use foldhash::HashMap;

use super::count::Totals;
use super::decision_state::DecisionState;
use super::snapshot::ShardedSnapshot;
use super::{MountedStub, StubSet};

/// Everything that changes while an engine runs, except the journal. Only the `store` has it, under its lock.
#[derive(Debug)]
pub(super) struct EngineState {
    set: Arc<StubSet>,
    decision_state: Arc<DecisionState>,
    /// The counts of the files' stubs, by identity, so that they survive a reload. Each added stub holds its own count.
    totals: HashMap<String, Totals>,
}

impl EngineState {
    pub(super) fn new(set: Arc<StubSet>) -> EngineState {
        EngineState { set, decision_state: Arc::default(), totals: HashMap::default() }
    }

    pub(super) fn set(&self) -> &Arc<StubSet> {
        &self.set
    }

    pub(super) fn decision_state(&self) -> &Arc<DecisionState> {
        &self.decision_state
    }

    /// Returns the state of a machine.
    pub(super) fn machine_state(&self, machine: &str) -> &str {
        self.decision_state.state(&self.set, machine)
    }

    /// Serves another set. Returns the previous one.
    pub(super) fn serve(&mut self, set: Arc<StubSet>, snapshots: &ShardedSnapshot) -> Arc<StubSet> {
        let old = std::mem::replace(&mut self.set, set);
        snapshots.store(&self.set, &self.decision_state);
        old
    }

    /// Changes the state that decisions depend on.
    pub(super) fn change(&mut self, snapshots: &ShardedSnapshot, change: impl FnOnce(&mut DecisionState)) {
        let decision_state = Arc::make_mut(&mut self.decision_state);
        change(decision_state);
        decision_state.increment_version();
        snapshots.store(&self.set, &self.decision_state);
    }

    /// Counts a call of a stub. Returns how often the stub had answered before.
    pub(super) fn count_call(&mut self, mounted: &MountedStub) -> u64 {
        let mut before = 0;
        self.count(mounted, |totals| {
            before = totals.sequence;
            *totals = Totals { calls: totals.calls + 1, sequence: before + 1 };
        });
        before
    }

    pub(super) fn totals(&self, mounted: &MountedStub) -> Totals {
        match &mounted.count {
            Some(count) => count.totals(),
            None => self.totals.get(&mounted.reference.id).copied().unwrap_or_default(),
        }
    }

    fn count(&mut self, mounted: &MountedStub, change: impl FnOnce(&mut Totals)) {
        match &mounted.count {
            Some(count) => {
                let mut totals = count.totals();
                change(&mut totals);
                count.set(totals);
            }
            None => match self.totals.get_mut(&mounted.reference.id) {
                Some(known) => change(known),
                None => change(self.totals.entry(mounted.reference.id.clone()).or_default()),
            },
        }
    }

    /// Clears the counts of calls, also those of the added stubs. Sequences stay.
    pub(super) fn clear_calls<'a>(&mut self, added: impl Iterator<Item = &'a Arc<MountedStub>>) {
        self.totals.values_mut().for_each(|totals| totals.calls = 0);
        for mounted in added {
            self.count(mounted, |totals| totals.calls = 0);
        }
    }

    /// Clears counts, sequences and states, and disarms all stubs.
    pub(super) fn reset(&mut self, snapshots: &ShardedSnapshot) {
        self.totals.clear();
        self.change(snapshots, DecisionState::reset);
    }

    /// Clears the counts of an added stub that was removed.
    pub(super) fn clear_count(&mut self, mounted: &MountedStub) {
        self.count(mounted, |totals| *totals = Totals::default());
    }
}
