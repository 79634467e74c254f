//! Chooses the stub that answers a request.
//!
//! On-demand stubs come first: those that the request prefers, then those that are armed. After them come the candidates of the index
//! in order of precedence. The first stub whose conditions all hold answers, and the rest are not compared. If it cannot be decided
//! whether a stub matches, no later stub may answer, and the request is answered with a 500.
//!
//! `explanation` shows why the other stubs do not match.

use std::sync::Arc;

use crate::budget::{Budget, within};
use crate::matching::{Exceeded, MatchContext, PathParams, Undecided, caught};
use crate::message::Request;
use crate::model::Timestamp;

use super::commit::Commit;
use super::decision_state::DecisionState;
use super::prefer::preferred_stub;
use super::{MountedStub, StubSet};

/// A verdict, and what it changes.
#[derive(Debug)]
pub(super) struct Decision<'a> {
    pub(super) verdict: Verdict<'a>,
    pub(super) commit: Commit<'a>,
}

/// Which stub answers a request.
#[derive(Debug)]
pub(super) enum Verdict<'a> {
    Answers(Choice<'a>),
    Unmatched,
    /// The request prefers an on-demand stub of this name, and there is none.
    UnknownPreference(String),
    /// It cannot be decided whether a stub matches, so no other may answer. The stub is `None` if none was being compared.
    Undecided(Option<&'a MountedStub>, Cause),
}

/// Why a request could not be decided.
#[derive(Debug)]
pub(super) enum Cause {
    /// It cannot be decided whether a stub matches.
    Stub(Undecided),
    /// Finding the candidates exceeded a limit.
    Exceeded(Exceeded),
    /// The code of Cannery itself panicked.
    Panicked(String),
}

impl Verdict<'_> {
    /// Whether a limit was exceeded, so that a larger budget may lead to another verdict.
    pub(super) fn is_exceeded(&self) -> bool {
        matches!(self, Verdict::Undecided(_, Cause::Exceeded(_) | Cause::Stub(Undecided::Exceeded { .. })))
    }
}

/// The stub that answers.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    pub(super) mounted: &'a Arc<MountedStub>,
    pub(super) params: PathParams,
    /// The name under which the request preferred it.
    pub(super) preferred_as: Option<String>,
}

/// Decides which stub answers, within a number of steps.
pub(super) fn decide<'a>(
    set: &'a StubSet,
    decision_state: &'a DecisionState,
    request: &'a Request,
    now: Timestamp,
    steps: u64,
) -> Decision<'a> {
    let mut decider = Decider {
        decision_state,
        request,
        now,
        context: MatchContext::default(),
        depends_on_state: false,
        armed_as: None,
        current: None,
        undecided: None,
    };
    let budget = Budget::of_steps(steps);
    let decided = caught(|| within(budget, || decider.verdict(set)));
    let verdict = match (decided, decider.undecided.take()) {
        (Err(panicked), _) => Verdict::Undecided(decider.current, Cause::Panicked(panicked.0)),
        (Ok(_), Some((mounted, undecided))) => Verdict::Undecided(Some(mounted), Cause::Stub(undecided)),
        (Ok(Err(limit)), None) => Verdict::Undecided(None, Cause::Exceeded(limit)),
        (Ok(Ok(verdict)), None) => verdict,
    };
    let commit = match &verdict {
        Verdict::Answers(choice) => Commit::for_stub(choice.mounted, decider.armed_as),
        Verdict::Unmatched | Verdict::UnknownPreference(_) | Verdict::Undecided(..) => Commit::default(),
    };
    let expected_state = decider.depends_on_state.then(|| decision_state.version());
    Decision { verdict, commit: Commit { expected_state, ..commit } }
}

struct Decider<'a> {
    decision_state: &'a DecisionState,
    request: &'a Request,
    now: Timestamp,
    context: MatchContext<'a>,
    /// Whether another state could lead to another verdict.
    depends_on_state: bool,
    /// The name under which the stub that answers was armed.
    armed_as: Option<String>,
    /// The stub that was compared last.
    current: Option<&'a MountedStub>,
    /// The stub that could not be decided. None is compared after it.
    undecided: Option<(&'a MountedStub, Undecided)>,
}

impl<'a> Decider<'a> {
    fn verdict(&mut self, set: &'a StubSet) -> Verdict<'a> {
        if let Some(name) = preferred_stub(self.request) {
            let stubs = set.on_demand_named(&name);
            if stubs.is_empty() {
                return Verdict::UnknownPreference(name);
            }
            if let Some(choice) = stubs.into_iter().find_map(|mounted| self.choose(set, mounted)) {
                return Verdict::Answers(Choice { preferred_as: Some(name), ..choice });
            }
        }
        if !self.decision_state.arming.is_empty() {
            self.depends_on_state = true;
            let armed = set.on_demand_candidates(self.request).into_iter().find_map(|mounted| {
                let name = self.decision_state.arming.name_for(mounted)?;
                Some((self.choose(set, mounted)?, name.to_owned()))
            });
            if let Some((choice, name)) = armed {
                self.armed_as = Some(name);
                return Verdict::Answers(choice);
            }
        }
        let candidates = set.candidates(self.request);
        self.context = MatchContext::new(candidates.iter().map(|mounted| mounted.pattern()));
        let mut ordinary = candidates.into_iter();
        ordinary.find_map(|mounted| self.choose(set, mounted)).map_or(Verdict::Unmatched, Verdict::Answers)
    }

    /// Returns a stub as the choice if it matches.
    fn choose(&mut self, set: &StubSet, mounted: &'a Arc<MountedStub>) -> Option<Choice<'a>> {
        if self.undecided.is_some() {
            return None;
        }
        self.current = Some(mounted);
        match mounted.pattern.holds(self.request, self.now, &mut self.context) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(undecided) => {
                self.undecided = Some((mounted, undecided));
                return None;
            }
        }
        if let Some(expected) = &mounted.stub.when_state {
            self.depends_on_state = true;
            if self.decision_state.state(set, &mounted.stub.state_machine) != expected {
                return None;
            }
        }
        Some(Choice { mounted, params: self.context.take_params(), preferred_as: None })
    }
}
