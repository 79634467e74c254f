//! The part of the state that a decision looks at: states of machines, and what is armed.

use super::StubSet;
use super::arming::Arming;

/// Which of all states this is: counted up at each change of a machine or of what is armed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct StateVersion(u64);

/// Replaced as a whole when it changes.
#[derive(Debug, Clone, Default)]
pub(super) struct DecisionState {
    version: StateVersion,
    /// States by machine, in order of their names; one that is not here is in its first.
    states: Vec<(String, String)>,
    pub(super) arming: Arming,
}

impl DecisionState {
    pub(super) fn version(&self) -> StateVersion {
        self.version
    }

    /// Notes that it has changed.
    pub(super) fn count_up(&mut self) {
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

    /// The machines that are not in their first states, with these.
    pub(super) fn moved<'a>(&'a self, set: &'a StubSet) -> impl Iterator<Item = (&'a str, &'a str)> {
        let first = |(machine, _): &'a (String, String)| (machine.as_str(), set.initial_state(machine));
        self.states.iter().filter(|(machine, state)| set.initial_state(machine) != state).map(first)
    }

    /// Puts all machines into their first states, and disarms everything.
    pub(super) fn start_over(&mut self) {
        self.states.clear();
        self.arming = Arming::default();
    }

    fn place(&self, machine: &str) -> Result<usize, usize> {
        self.states.binary_search_by(|(known, _)| known.as_str().cmp(machine))
    }
}
