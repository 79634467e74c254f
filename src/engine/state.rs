//! What is served, and how often its stubs have answered.

use std::sync::Arc;

use foldhash::HashMap;

use super::count::Totals;
use super::decision_state::DecisionState;
use super::snapshot::ShardedSnapshot;
use super::{MountedStub, StubSet};

/// All that changes while an engine runs, but for the journal. Only the `store` has it, under its lock.
#[derive(Debug)]
pub(super) struct EngineState {
    set: Arc<StubSet>,
    view: Arc<DecisionState>,
    /// Of stubs of files by their identity, which outlives a reload. Those added while running count for themselves.
    totals: HashMap<String, Totals>,
}

impl EngineState {
    pub(super) fn new(set: Arc<StubSet>, view: Arc<DecisionState>) -> EngineState {
        EngineState { set, view, totals: HashMap::default() }
    }

    pub(super) fn set(&self) -> &Arc<StubSet> {
        &self.set
    }

    pub(super) fn view(&self) -> &Arc<DecisionState> {
        &self.view
    }

    /// The state of a machine.
    pub(super) fn machine_state(&self, machine: &str) -> &str {
        self.view.state(&self.set, machine)
    }

    /// Serves another set, and gives back the one before it.
    pub(super) fn serve(&mut self, set: Arc<StubSet>, snapshots: &ShardedSnapshot) -> Arc<StubSet> {
        let old = std::mem::replace(&mut self.set, set);
        snapshots.put(&self.set, &self.view);
        old
    }

    /// Changes what a decision looks at.
    pub(super) fn change(&mut self, snapshots: &ShardedSnapshot, change: impl FnOnce(&mut DecisionState)) {
        let view = Arc::make_mut(&mut self.view);
        change(view);
        view.count_up();
        snapshots.put(&self.set, &self.view);
    }

    /// Counts a call of a stub. Returns how often it had answered before.
    pub(super) fn count_call(&mut self, live: &MountedStub) -> u64 {
        let mut before = 0;
        self.count(live, |totals| {
            before = totals.sequence;
            *totals = Totals { calls: totals.calls + 1, sequence: before + 1 };
        });
        before
    }

    pub(super) fn totals(&self, live: &MountedStub) -> Totals {
        match &live.count {
            Some(count) => count.totals(),
            None => self.totals.get(&live.reference.id).copied().unwrap_or_default(),
        }
    }

    fn count(&mut self, live: &MountedStub, change: impl FnOnce(&mut Totals)) {
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
    pub(super) fn forget_calls<'a>(&mut self, added: impl Iterator<Item = &'a Arc<MountedStub>>) {
        self.totals.values_mut().for_each(|totals| totals.calls = 0);
        for live in added {
            self.count(live, |totals| totals.calls = 0);
        }
    }

    /// Forgets counts, sequences, states and arming.
    pub(super) fn start_over(&mut self, snapshots: &ShardedSnapshot) {
        self.totals.clear();
        self.change(snapshots, DecisionState::start_over);
    }

    /// Forgets the counts of a stub that was added and is gone.
    pub(super) fn forget(&mut self, live: &MountedStub) {
        self.count(live, |totals| *totals = Totals::default());
    }
}
