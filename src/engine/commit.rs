//! What a decision changes, as plain data, and the result of applying it.
//!
//! Deciding changes nothing, and responding uses only what was decided and what was counted. So a commit can be applied anywhere.
//! Here the `store` applies it, under one short lock.

use super::MountedStub;
use super::decision_state::StateVersion;

/// What a decision changes. The default changes no count and no state; the request is recorded anyway.
#[derive(Debug, Default)]
pub(super) struct Commit<'a> {
    /// The stub that answers, whose call is counted.
    pub(super) stub: Option<&'a MountedStub>,
    /// The state machine that the stub moves, and its next state.
    pub(super) transition: Option<(&'a str, &'a str)>,
    /// The name under which the stub was armed. One of its requests is consumed.
    pub(super) armed_as: Option<String>,
    /// The version of the state on which the decision depends. If it has changed, nothing is committed. `None` if the decision depends
    /// on no state.
    pub(super) expected_state: Option<StateVersion>,
}

impl<'a> Commit<'a> {
    /// Returns what changes if a stub answers.
    pub(super) fn for_stub(stub: &'a MountedStub, armed_as: Option<String>) -> Commit<'a> {
        let next_state = stub.stub.then_state.as_deref();
        let transition = next_state.map(|state| (stub.stub.state_machine.as_str(), state));
        Commit { stub: Some(stub), transition, armed_as, expected_state: None }
    }
}

/// What a commit counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Committed {
    /// How often the stub had answered before, which is the place of its response in the sequence, counted from 0.
    pub(super) call: u64,
}

/// The state on which a decision depends has changed since then. Nothing was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StaleDecision;
