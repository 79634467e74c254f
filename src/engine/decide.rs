//! Chooses the stub that answers a request.
//!
//! If a condition of a stub cannot be decided, no later stub is asked: the request is answered with a 500.
//!
//! On-demand stubs that the request or somebody else asked for come first, then the candidates of the index in
//! order of precedence. The first whose every condition holds wins; the rest are not asked. Why the others failed
//! is the explanation's business.

use std::sync::Arc;

use crate::budget::{Budget, within};
use crate::matching::{Exceeded, MatchContext, PathParams, Undecided, caught};
use crate::message::Request;
use crate::model::Timestamp;

use super::commit::Commit;
use super::decision_state::DecisionState;
use super::prefer::preferred_stub;
use super::{MountedStub, StubSet};

/// What was decided, and what that changes.
#[derive(Debug)]
pub(super) struct Decision<'a> {
    pub(super) verdict: Verdict<'a>,
    pub(super) commit: Commit<'a>,
}

#[derive(Debug)]
pub(super) enum Verdict<'a> {
    Answers(Choice<'a>),
    Unmatched,
    /// The request prefers a stub, and none has this name.
    UnknownPreference(String),
    /// It is not known whether a stub matches, so that no other may answer. There is no stub if it happened between stubs.
    Undecided(Option<&'a MountedStub>, Cause),
}

/// Why a request could not be decided.
#[derive(Debug)]
pub(super) enum Cause {
    /// Whether a stub matches is not known.
    Stub(Undecided),
    /// Finding the stubs to ask exceeded a limit.
    Exceeded(Exceeded),
    /// The code of Cannery itself panicked.
    Panicked(String),
}

impl Verdict<'_> {
    /// Whether a limit was exceeded, which a larger budget might not have.
    pub(super) fn is_exceeded(&self) -> bool {
        matches!(self, Verdict::Undecided(_, Cause::Exceeded(_) | Cause::Stub(Undecided::Exceeded { .. })))
    }
}

/// The stub that answers.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    pub(super) live: &'a Arc<MountedStub>,
    pub(super) params: PathParams,
    /// The name under which the request preferred it.
    pub(super) preferred_as: Option<String>,
}

/// Decides within a number of steps.
pub(super) fn decide<'a>(
    set: &'a StubSet,
    view: &'a DecisionState,
    request: &'a Request,
    now: Timestamp,
    steps: u64,
) -> Decision<'a> {
    let mut asking = Asking {
        view,
        request,
        now,
        asked: MatchContext::default(),
        looked_at_state: false,
        armed_as: None,
        current: None,
        undecided: None,
    };
    let budget = Budget::of_steps(steps);
    let decided = caught(|| within(budget, || asking.verdict(set)));
    let verdict = match (decided, asking.undecided.take()) {
        (Err(panicked), _) => Verdict::Undecided(asking.current, Cause::Panicked(panicked.0)),
        (Ok(_), Some((live, undecided))) => Verdict::Undecided(Some(live), Cause::Stub(undecided)),
        (Ok(Err(limit)), None) => Verdict::Undecided(None, Cause::Exceeded(limit)),
        (Ok(Ok(verdict)), None) => verdict,
    };
    let commit = match &verdict {
        Verdict::Answers(choice) => Commit::of_stub(choice.live, asking.armed_as),
        Verdict::Unmatched | Verdict::UnknownPreference(_) | Verdict::Undecided(..) => Commit::default(),
    };
    let expected_state = asking.looked_at_state.then(|| view.version());
    Decision { verdict, commit: Commit { expected_state, ..commit } }
}

struct Asking<'a> {
    view: &'a DecisionState,
    request: &'a Request,
    now: Timestamp,
    asked: MatchContext<'a>,
    /// Whether another state could have led to another verdict.
    looked_at_state: bool,
    /// The name under which the stub that answers was armed.
    armed_as: Option<String>,
    /// The stub that was asked last.
    current: Option<&'a MountedStub>,
    /// The first stub that was not decided. None is asked after it.
    undecided: Option<(&'a MountedStub, Undecided)>,
}

impl<'a> Asking<'a> {
    fn verdict(&mut self, set: &'a StubSet) -> Verdict<'a> {
        if let Some(name) = preferred_stub(self.request) {
            let stubs = set.on_demand_named(&name);
            if stubs.is_empty() {
                return Verdict::UnknownPreference(name);
            }
            if let Some(choice) = stubs.into_iter().find_map(|live| self.ask(set, live)) {
                return Verdict::Answers(Choice { preferred_as: Some(name), ..choice });
            }
        }
        if !self.view.arming.is_empty() {
            self.looked_at_state = true;
            let armed = set.on_demand_candidates(self.request).into_iter().find_map(|live| {
                let name = self.view.arming.name_for(live)?;
                Some((self.ask(set, live)?, name.to_owned()))
            });
            if let Some((choice, name)) = armed {
                self.armed_as = Some(name);
                return Verdict::Answers(choice);
            }
        }
        let candidates = set.candidates(self.request);
        self.asked = MatchContext::new(candidates.iter().map(|live| live.pattern()));
        let mut ordinary = candidates.into_iter();
        ordinary.find_map(|live| self.ask(set, live)).map_or(Verdict::Unmatched, Verdict::Answers)
    }

    fn ask(&mut self, set: &StubSet, live: &'a Arc<MountedStub>) -> Option<Choice<'a>> {
        if self.undecided.is_some() {
            return None;
        }
        self.current = Some(live);
        match live.pattern.holds(self.request, self.now, &mut self.asked) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(undecided) => {
                self.undecided = Some((live, undecided));
                return None;
            }
        }
        if let Some(wanted) = &live.stub.when_state {
            self.looked_at_state = true;
            if self.view.state(set, &live.stub.state_machine) != wanted {
                return None;
            }
        }
        Some(Choice { live, params: self.asked.take_params(), preferred_as: None })
    }
}
