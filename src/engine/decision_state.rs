//! The part of the state that decisions depend on: states of machines, and armed stubs.

use super::StubSet;
use super::arming::Arming;

/// The version of the state. Each change of a machine or of the armed stubs increments it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct StateVersion(u64);

/// The state that decisions depend on. It is replaced as a whole when it changes.
#[derive(Debug, Clone, Default)]
pub(super) struct DecisionState {
    version: StateVersion,
    /// The states of machines, sorted by the names of the machines. A machine that is missing is in its initial state.
    states: Vec<(String, String)>,
    pub(super) arming: Arming,
}

impl DecisionState {
    pub(super) fn version(&self) -> StateVersion {
        self.version
    }

    pub(super) fn increment_version(&mut self) {
        self.version.0 += 1;
    }

    pub(super) fn state<'a>(&'a self, set: &'a StubSet, machine: &str) -> &'a str {
        match self.place(machine) {
            Ok(place) => &self.states[place].1,
            Err(_) => set.initial_state(machine),
        }
    }

    pub(super) fn set_state(&mut self, machine: &str, state: &str) {
        match self.place(machine) {
            Ok(place) => state.clone_into(&mut self.states[place].1),
            Err(place) => self.states.insert(place, (machine.to_owned(), state.to_owned())),
        }
    }

    /// Returns the machines that are not in their initial states, with those initial states.
    pub(super) fn moved<'a>(&'a self, set: &'a StubSet) -> impl Iterator<Item = (&'a str, &'a str)> {
        let initial = |(machine, _): &'a (String, String)| (machine.as_str(), set.initial_state(machine));
        self.states.iter().filter(|(machine, state)| set.initial_state(machine) != state).map(initial)
    }

    /// Puts all machines into their initial states, and disarms everything.
    pub(super) fn reset(&mut self) {
        self.states.clear();
        self.arming = Arming::default();
    }

    fn place(&self, machine: &str) -> Result<usize, usize> {
        self.states.binary_search_by(|(known, _)| known.as_str().cmp(machine))
    }
}
