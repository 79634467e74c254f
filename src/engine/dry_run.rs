//! Decides and responds without a commit: nothing is recorded or counted, and no state changes.

use std::sync::Arc;

use crate::message::Request;
use crate::model::Timestamp;

use super::commit::Committed;
use super::decide::{Decision, Verdict, decide};
use super::engine::Engine;
use super::handle::DECIDE_STEPS;
use super::prepared::undecided_text;
use super::snapshot::Snapshot;
use super::{Answer, MountedStub};

/// What the engine would do with a request.
#[derive(Debug)]
pub(crate) struct DryRun {
    /// What the decision is based on.
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) verdict: DryRunVerdict,
}

#[derive(Debug)]
pub(crate) enum DryRunVerdict {
    Answers(Box<DryRunAnswer>),
    Unmatched,
    /// The request prefers a stub, and none has this name.
    UnknownPreference(String),
    /// It cannot be decided which stub answers, for this reason.
    Undecided(String),
}

/// The stub that would answer, what it would send and what it would change.
#[derive(Debug)]
pub struct DryRunAnswer {
    /// The stub that would answer.
    pub mounted: Arc<MountedStub>,
    /// The name by which the request prefers it, if it is on demand.
    pub preferred_as: Option<String>,
    /// The name by which it is armed, and for how many requests.
    pub armed: Option<(String, u64)>,
    /// Which of several responses it would send, counted from 1, and of how many.
    pub turn: Option<(usize, usize)>,
    /// What would be sent.
    pub answer: Arc<Answer>,
    /// Why the stub's answer cannot be made, if it cannot; the answer that is sent instead has the reason.
    pub failure: Option<String>,
    /// How the state would change.
    pub transition: Option<Transition>,
}

/// A change of the state of a machine; the state may stay the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The machine.
    pub machine: String,
    /// The state that it is in.
    pub from: String,
    /// The state that it would be in.
    pub to: String,
}

impl Engine {
    /// Decides and responds as if a request were sent now.
    pub(crate) fn dry_run(&self, request: &Request, now: Timestamp) -> DryRun {
        let snapshot = self.snapshot();
        let verdict = self.dry_run_on(&snapshot, request, now);
        DryRun { snapshot, verdict }
    }

    fn dry_run_on(&self, snapshot: &Snapshot, request: &Request, now: Timestamp) -> DryRunVerdict {
        let Snapshot { set, decision_state, .. } = snapshot;
        let Decision { verdict, commit } = decide(set, decision_state, request, now, DECIDE_STEPS);
        let choice = match verdict {
            Verdict::Answers(choice) => choice,
            Verdict::Unmatched => return DryRunVerdict::Unmatched,
            Verdict::UnknownPreference(name) => return DryRunVerdict::UnknownPreference(name),
            Verdict::Undecided(mounted, cause) => return DryRunVerdict::Undecided(undecided_text(mounted, &cause)),
        };
        let call = self.store.totals(choice.mounted).sequence;
        let responded = self.respond_within(&choice, request, now, Committed { call }, self.full_limits().respond);
        let (answer, failure) = choice.answer_or_failure(responded);
        let transition = commit.transition.map(|(machine, next_state)| Transition {
            machine: machine.to_owned(),
            from: decision_state.state(set, machine).to_owned(),
            to: next_state.to_owned(),
        });
        DryRunVerdict::Answers(Box::new(DryRunAnswer {
            mounted: choice.mounted.clone(),
            turn: choice.mounted.answer.turn(call),
            armed: commit.armed_as.map(|name| (name, decision_state.arming.times_for(choice.mounted))),
            preferred_as: choice.preferred_as,
            answer,
            failure,
            transition,
        }))
    }
}
