//! What a decision changes, as plain data, and what came of it.
//!
//! Deciding changes nothing, and responding uses only what was decided and what was counted. So whoever applies a commit may do it
//! anywhere: here that is the `store`, under one short lock.

use super::MountedStub;
use super::decision_state::StateVersion;

/// What a decision changes. The default counts and moves nothing; the request is recorded all the same.
#[derive(Debug, Default)]
pub(super) struct Commit<'a> {
    /// The stub that answers, whose call is counted.
    pub(super) stub: Option<&'a MountedStub>,
    /// The state machine that the stub moves, and the state that it is in then.
    pub(super) transition: Option<(&'a str, &'a str)>,
    /// The name under which the stub was armed, of which one request is used up.
    pub(super) armed_as: Option<String>,
    /// The state on which the decision depends: nothing is committed if it has changed. `None` if it depends on no state.
    pub(super) expected_state: Option<StateVersion>,
}

impl<'a> Commit<'a> {
    /// What changes if a stub answers.
    pub(super) fn of_stub(stub: &'a MountedStub, armed_as: Option<String>) -> Commit<'a> {
        let next_state = stub.stub.then_state.as_deref();
        let transition = next_state.map(|state| (stub.stub.state_machine.as_str(), state));
        Commit { stub: Some(stub), transition, armed_as, expected_state: None }
    }
}

/// What a commit counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Committed {
    /// How often the stub had answered before: its place in the sequence of responses, from 0.
    pub(super) call: u64,
}

/// The state on which a decision depends has changed since, so that nothing was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StaleDecision;
