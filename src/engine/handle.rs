//! Handles one request: decides, commits, responds, each within a number of steps.
//!
//! Each thread that answers has other requests to answer too, so a request is first tried there with few steps
//! ([`Engine::handle_at_once`]). If they are not enough, [`Engine::finish`] does the rest on a thread that may take long. Deciding and
//! responding change nothing, so they are done again; a commit is done once.

use std::sync::Arc;

use crate::budget::{Budget, within};
use crate::journal::{AnswerRecord, Entry, Outcome};
use crate::matching::{PathParams, caught};
use crate::message::{Request, visible, visible_lines};
use crate::model::Timestamp;
use crate::respond::{Context, Seed};

use super::commit::{Committed, StaleDecision};
use super::decide::{Choice, Decision, decide};
use super::engine::Engine;
use super::exchange::{Exchange, Unexplained};
use super::prepared::Prepared;
use super::snapshot::Snapshot;
use super::{Answer, MountedStub};

/// The limits of deciding and of responding.
#[derive(Clone, Copy)]
pub(super) struct StepLimits {
    decide: u64,
    pub(super) respond: Budget,
    /// Whether an exceeded limit is final. If not, the request is tried again with larger limits.
    is_last: bool,
}

/// The limits on a thread that also answers other requests: a few tenths of a millisecond each.
const AT_ONCE_STEPS: u64 = 50_000;
const AT_ONCE_RENDERED: u64 = 256 * 1024;

/// The steps of deciding which stub answers a request: about half a second.
pub(super) const DECIDE_STEPS: u64 = 50_000_000;

/// The steps of rendering one answer: about half a second.
const RENDER_STEPS: u64 = 20_000_000;

/// Why an answer could not be rendered.
pub(super) struct Failure {
    reason: String,
    /// Whether a limit was exceeded, which a larger budget might not have.
    is_exceeded: bool,
}

/// A request that took too many steps to be answered at once.
#[derive(Debug)]
pub(crate) struct Unfinished(Stage);

#[derive(Debug)]
enum Stage {
    /// Nothing was changed.
    Undecided,
    /// A stub was chosen and committed, but has not answered yet.
    Unanswered(Box<Unanswered>),
}

/// A choice that is committed and in the journal.
#[derive(Debug)]
struct Unanswered {
    entry: Entry,
    mounted: Arc<MountedStub>,
    params: PathParams,
    preferred_as: Option<String>,
    committed: Committed,
}

impl Engine {
    /// Answers a request: it is in the journal before this returns. If no stub answers, the answer is a 404 without the reason,
    /// which `explain` adds.
    ///
    /// `otherwise` is the answer of the caller if no stub matches, with its outcome in the journal.
    pub fn handle(&self, request: &Request, now: Timestamp, otherwise: Option<(Outcome, Answer)>) -> Exchange {
        match self.try_handle(request, now, otherwise.as_ref(), self.full_limits()) {
            Ok(exchange) => exchange,
            Err(stage) => self.finish(Unfinished(stage), request, now, otherwise),
        }
    }

    /// As [`Engine::handle`], if that takes few steps.
    ///
    /// # Errors
    /// Returns what [`Engine::finish`] needs to do the rest, on a thread that may take long.
    pub(crate) fn handle_at_once(
        &self,
        request: &Request,
        now: Timestamp,
        otherwise: Option<(Outcome, Answer)>,
    ) -> Result<Exchange, Unfinished> {
        self.try_handle(request, now, otherwise.as_ref(), self.quick_limits()).map_err(Unfinished)
    }

    /// Finishes a request that took too many steps at first. The arguments must be the same.
    pub(crate) fn finish(
        &self,
        unfinished: Unfinished,
        request: &Request,
        now: Timestamp,
        otherwise: Option<(Outcome, Answer)>,
    ) -> Exchange {
        match unfinished.0 {
            Stage::Undecided => self.handle(request, now, otherwise),
            Stage::Unanswered(unanswered) => {
                let Unanswered { entry, mounted, params, preferred_as, committed } = *unanswered;
                let choice = Choice { mounted: &mounted, params, preferred_as };
                let budget = self.full_limits().respond;
                let responded = self.respond_within(&choice, request, now, committed, budget);
                self.answered(entry, &choice, committed, responded)
            }
        }
    }

    fn quick_limits(&self) -> StepLimits {
        let rendered = AT_ONCE_RENDERED.min(self.settings.max_rendered);
        StepLimits { decide: AT_ONCE_STEPS, respond: Budget { steps: AT_ONCE_STEPS, rendered }, is_last: false }
    }

    pub(super) fn full_limits(&self) -> StepLimits {
        let respond = Budget { steps: RENDER_STEPS, rendered: self.settings.max_rendered };
        StepLimits { decide: DECIDE_STEPS, respond, is_last: true }
    }

    /// Decides, commits and responds. If the state changes before the commit, it decides again.
    fn try_handle(
        &self,
        request: &Request,
        now: Timestamp,
        otherwise: Option<&(Outcome, Answer)>,
        limits: StepLimits,
    ) -> Result<Exchange, Stage> {
        loop {
            let snapshot = self.snapshot();
            let decision = decide(&snapshot.set, &snapshot.decision_state, request, now, limits.decide);
            if !limits.is_last && decision.verdict.is_exceeded() {
                return Err(Stage::Undecided);
            }
            if let Some(carried_out) = self.carry_out(decision, &snapshot, request, now, otherwise, limits) {
                return carried_out;
            }
        }
    }

    /// Commits a decision and responds. Returns `None` if the state on which the decision depends has changed.
    fn carry_out(
        &self,
        decision: Decision<'_>,
        snapshot: &Arc<Snapshot>,
        request: &Request,
        now: Timestamp,
        otherwise: Option<&(Outcome, Answer)>,
        limits: StepLimits,
    ) -> Option<Result<Exchange, Stage>> {
        let Decision { verdict, commit } = decision;
        let Prepared { outcome, choice, answer, record, failure, unanswered } =
            Prepared::new(request, verdict, otherwise);
        let mut entry = Entry::new(request, outcome);
        if let Some(record) = record {
            entry.set_answer(record);
        }
        let committed = match self.store.commit(&commit, &mut entry) {
            Ok(committed) => committed,
            Err(StaleDecision) => return None,
        };
        let exchange = match (answer, choice) {
            (None, Some(choice)) => match self.respond_within(&choice, request, now, committed, limits.respond) {
                Err(Failure { is_exceeded: true, .. }) if !limits.is_last => {
                    let Choice { mounted, params, preferred_as, .. } = choice;
                    let unanswered = Unanswered { entry, mounted: mounted.clone(), params, preferred_as, committed };
                    return Some(Err(Stage::Unanswered(Box::new(unanswered))));
                }
                responded => self.answered(entry, &choice, committed, responded),
            },
            (answer, _) => Exchange::answered(entry, answer.unwrap_or_default(), failure),
        };
        let unexplained = unanswered.map(|unknown_stub| Unexplained { snapshot: snapshot.clone(), now, unknown_stub });
        Some(Ok(Exchange { unexplained, ..exchange }))
    }

    /// Completes an exchange with the answer of a choice, and writes the answer into the journal.
    fn answered(
        &self,
        mut entry: Entry,
        choice: &Choice<'_>,
        committed: Committed,
        responded: Result<Arc<Answer>, Failure>,
    ) -> Exchange {
        let (answer, failure) = choice.answer_or_failure(responded);
        let turn = choice.mounted.answer.turn(committed.call);
        entry.set_answer(AnswerRecord::of_stub(&answer, turn));
        self.store.record_answer(&entry);
        Exchange::answered(entry, answer, failure)
    }

    /// Renders the answer of a choice within a budget.
    pub(super) fn respond_within(
        &self,
        choice: &Choice<'_>,
        request: &Request,
        now: Timestamp,
        committed: Committed,
        budget: Budget,
    ) -> Result<Arc<Answer>, Failure> {
        let Committed { call } = committed;
        let seed = Seed { base: self.settings.seed, id: &choice.mounted.reference.id, call };
        let context = Context { request, path_params: &choice.params, now, seed };
        // A fault that a limit causes has the place in the scenario, so both are kept.
        let mut rendered = None;
        let within = caught(|| within(budget, || rendered = Some(choice.mounted.answer.respond(&context, call))));
        let failure = |reason: String, is_exceeded| Err(Failure { reason, is_exceeded });
        match (within, rendered) {
            (Err(panicked), _) => {
                failure(format!("an internal error in Cannery: {}", visible_lines(&panicked.to_string())), false)
            }
            (Ok(Err(limit)), Some(Err(fault))) => failure(fault.because_of(limit).to_string(), true),
            (Ok(Err(limit)), _) => failure(limit.to_string(), true),
            (Ok(Ok(())), Some(Err(fault))) => failure(fault.to_string(), false),
            (Ok(Ok(())), Some(Ok(answer))) => Ok(answer),
            (Ok(Ok(())), None) => failure("nothing was rendered".to_owned(), false),
        }
    }

    /// Refuses a request that was read whole, records it, and returns the answer with the reason.
    pub(crate) fn refusal(&self, request: &Request, status: u16, reason: String) -> Exchange {
        let answer = Arc::new(Answer::plain(status, format!("{reason}\n")));
        let entry = self.refuse(request, None, &answer, reason.clone());
        Exchange::answered(entry, answer, Some(reason))
    }
}

impl Choice<'_> {
    /// Returns the answer, or a 500 with the reason, which is returned too.
    pub(super) fn answer_or_failure(&self, responded: Result<Arc<Answer>, Failure>) -> (Arc<Answer>, Option<String>) {
        let (answer, failure) = match responded {
            Ok(answer) => (answer, None),
            Err(Failure { reason, .. }) => {
                let place = &self.mounted.reference.place;
                let text = format!(
                    "the stub `{}` ({}:{}) cannot answer: {reason}\n",
                    visible(&self.mounted.reference.name),
                    visible(&place.file),
                    place.line
                );
                (Arc::new(Answer::plain(500, text.clone())), Some(text))
            }
        };
        (self.with_preference(answer), failure)
    }
}
