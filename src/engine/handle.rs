//! Handles one request: decides, commits, responds, explains, each within a number of steps.
//!
//! Requests are answered on threads that others wait for, so each is tried there with few steps at first
//! ([`Engine::handle_at_once`]). If they are not enough, the rest is done on a thread that may take long
//! ([`Engine::finish`]): deciding and responding change nothing, so they are simply done again, and what was committed stays
//! committed once.

use std::sync::Arc;

use crate::budget::{Budget, within};
use crate::journal::{AnswerRecord, Entry, Outcome};
use crate::matching::{PathParams, caught};
use crate::message::{Request, visible, visible_lines};
use crate::model::Timestamp;
use crate::respond::{Context, Seed};

use super::commit::{Committed, StateChanged};
use super::decide::{Choice, Decision, Verdict, decide};
use super::engine::Engine;
use super::exchange::{Exchange, Unexplained};
use super::prepared::{Prepared, undecided_text};
use super::preview::{Preview, PreviewContext, PreviewedAnswer};
use super::snapshot::Snapshot;
use super::{Answer, Explanation, MountedStub};

/// The limits of deciding and responding, each by itself.
#[derive(Clone, Copy)]
struct Effort {
    decide: u64,
    respond: Budget,
    /// Whether an exceeded limit is the request's answer, and not a reason to try again with a larger one.
    is_last: bool,
}

/// The limits on a thread that answers others meanwhile, each by itself: a few tenths of a millisecond.
const AT_ONCE_STEPS: u64 = 50_000;
const AT_ONCE_RENDERED: u64 = 256 * 1024;

/// The steps of deciding which stub answers a request: about half a second.
const DECIDE_STEPS: u64 = 50_000_000;

/// The steps of rendering one answer: about half a second.
const RENDER_STEPS: u64 = 20_000_000;

/// Why an answer could not be rendered.
struct Failure {
    reason: String,
    /// Whether a limit was exceeded, which a larger budget might not have.
    is_exceeded: bool,
}

/// A request that takes too many steps to be answered at once.
#[derive(Debug)]
pub(crate) struct Unfinished(Stage);

#[derive(Debug)]
enum Stage {
    /// Nothing was changed.
    Undecided,
    /// A stub was chosen, which has yet to answer.
    Unanswered(Box<Unanswered>),
    /// No stub answers, and it is not known why.
    Unexplained(Box<Exchange>),
}

/// A choice that is committed, and that is in the journal.
#[derive(Debug)]
struct Unanswered {
    entry: Entry,
    live: Arc<MountedStub>,
    params: PathParams,
    preferred_as: Option<String>,
    committed: Committed,
}

impl Engine {
    /// Answers a request: it is in the journal before this returns.
    ///
    /// `otherwise` is what the caller answers itself if no stub does, with what the journal calls it.
    pub fn handle(&self, request: &Request, now: Timestamp, otherwise: Option<(Outcome, Answer)>) -> Exchange {
        self.explained(self.handle_unexplained(request, now, otherwise), request)
    }

    /// Explains why no stub answered, if that is left open, in the journal too.
    fn explained(&self, mut exchange: Exchange, request: &Request) -> Exchange {
        if exchange.is_unexplained() {
            exchange.explain(request);
            self.note_answer(&exchange.entry);
        }
        exchange
    }

    /// As [`Engine::handle`] for whoever may not read why no stub answered: then the answer is a bare 404 until
    /// [`Exchange::explain`] is called.
    pub fn handle_unexplained(
        &self,
        request: &Request,
        now: Timestamp,
        otherwise: Option<(Outcome, Answer)>,
    ) -> Exchange {
        match self.try_handle(request, now, otherwise.as_ref(), self.whole_effort()) {
            Ok(exchange) => exchange,
            Err(stage) => self.finish_stage(stage, request, now, otherwise),
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
        let mut exchange =
            self.try_handle(request, now, otherwise.as_ref(), self.effort_at_once()).map_err(Unfinished)?;
        if !exchange.is_unexplained() {
            return Ok(exchange);
        }
        match exchange.explain_at_once(request) {
            true => {
                self.note_answer(&exchange.entry);
                Ok(exchange)
            }
            false => Err(Unfinished(Stage::Unexplained(Box::new(exchange)))),
        }
    }

    /// Goes on with a request that took too many steps at first, with the same arguments.
    pub(crate) fn finish(
        &self,
        unfinished: Unfinished,
        request: &Request,
        now: Timestamp,
        otherwise: Option<(Outcome, Answer)>,
    ) -> Exchange {
        self.explained(self.finish_stage(unfinished.0, request, now, otherwise), request)
    }

    fn finish_stage(
        &self,
        stage: Stage,
        request: &Request,
        now: Timestamp,
        otherwise: Option<(Outcome, Answer)>,
    ) -> Exchange {
        match stage {
            Stage::Undecided => self.handle_unexplained(request, now, otherwise),
            Stage::Unexplained(exchange) => *exchange,
            Stage::Unanswered(unanswered) => {
                let Unanswered { entry, live, params, preferred_as, committed } = *unanswered;
                let choice = Choice { live: &live, params, preferred_as };
                let budget = self.whole_effort().respond;
                let responded = self.respond_within(&choice, request, now, committed, budget);
                self.answered(entry, &choice, committed, responded)
            }
        }
    }

    fn effort_at_once(&self) -> Effort {
        let rendered = AT_ONCE_RENDERED.min(self.settings.max_rendered);
        Effort { decide: AT_ONCE_STEPS, respond: Budget { steps: AT_ONCE_STEPS, rendered }, is_last: false }
    }

    fn whole_effort(&self) -> Effort {
        let respond = Budget { steps: RENDER_STEPS, rendered: self.settings.max_rendered };
        Effort { decide: DECIDE_STEPS, respond, is_last: true }
    }

    /// Decides and commits, again if the state has changed meanwhile, and responds.
    fn try_handle(
        &self,
        request: &Request,
        now: Timestamp,
        otherwise: Option<&(Outcome, Answer)>,
        effort: Effort,
    ) -> Result<Exchange, Stage> {
        loop {
            let served = self.store.snapshot();
            let decision = decide(&served.set, &served.view, request, now, effort.decide);
            if !effort.is_last && decision.verdict.is_exceeded() {
                return Err(Stage::Undecided);
            }
            if let Some(carried_out) = self.carry_out(decision, &served, request, now, otherwise, effort) {
                return carried_out;
            }
        }
    }

    /// Commits a decision and responds. `None` if the state on which the decision depends has changed meanwhile.
    fn carry_out(
        &self,
        decision: Decision<'_>,
        served: &Arc<Snapshot>,
        request: &Request,
        now: Timestamp,
        otherwise: Option<&(Outcome, Answer)>,
        effort: Effort,
    ) -> Option<Result<Exchange, Stage>> {
        let Decision { verdict, commit } = decision;
        let Prepared { outcome, choice, answer, record, failure, unanswered } = Prepared::of(verdict, otherwise);
        let mut entry = Entry::new(request, outcome);
        if let Some(record) = record {
            entry.set_answer(record);
        }
        let committed = match self.store.commit(&commit, &mut entry) {
            Ok(committed) => committed,
            Err(StateChanged) => return None,
        };
        let exchange = match (answer, choice) {
            (None, Some(choice)) => match self.respond_within(&choice, request, now, committed, effort.respond) {
                Err(Failure { is_exceeded: true, .. }) if !effort.is_last => {
                    let Choice { live, params, preferred_as, .. } = choice;
                    let unanswered = Unanswered { entry, live: live.clone(), params, preferred_as, committed };
                    return Some(Err(Stage::Unanswered(Box::new(unanswered))));
                }
                responded => self.answered(entry, &choice, committed, responded),
            },
            (answer, _) => Exchange::answered(entry, answer.unwrap_or_default(), failure),
        };
        let unexplained = unanswered.map(|unknown_stub| Unexplained { served: served.clone(), now, unknown_stub });
        Some(Ok(Exchange { unexplained, ..exchange }))
    }

    /// An exchange with what came of the answer of a choice, which is in the journal then.
    fn answered(
        &self,
        mut entry: Entry,
        choice: &Choice<'_>,
        committed: Committed,
        responded: Result<Arc<Answer>, Failure>,
    ) -> Exchange {
        let (answer, failure) = choice.answer_or_failure(responded);
        let turn = choice.live.answer.turn(committed.call);
        entry.set_answer(AnswerRecord::of_stub(&answer, turn));
        self.note_answer(&entry);
        Exchange::answered(entry, answer, failure)
    }

    /// Renders the answer of a choice within a budget.
    fn respond_within(
        &self,
        choice: &Choice<'_>,
        request: &Request,
        now: Timestamp,
        committed: Committed,
        budget: Budget,
    ) -> Result<Arc<Answer>, Failure> {
        let Committed { call } = committed;
        let seed = Seed { base: self.settings.seed, id: &choice.live.reference.id, call };
        let context = Context { request, path_params: &choice.params, now, seed };
        // A fault that a limit causes knows the place in the scenario, so it is kept beside the limit.
        let mut rendered = None;
        let within = caught(|| within(budget, || rendered = Some(choice.live.answer.respond(&context, call))));
        let failure = |reason: String, is_exceeded| Err(Failure { reason, is_exceeded });
        match (within, rendered) {
            (Err(panicked), _) => {
                failure(format!("a fault of Cannery: {}", visible_lines(&panicked.to_string())), false)
            }
            (Ok(Err(limit)), Some(Err(fault))) => failure(fault.because_of(limit).to_string(), true),
            (Ok(Err(limit)), _) => failure(limit.to_string(), true),
            (Ok(Ok(())), Some(Err(fault))) => failure(fault.to_string(), false),
            (Ok(Ok(())), Some(Ok(answer))) => Ok(answer),
            (Ok(Ok(())), None) => failure("nothing was rendered".to_owned(), false),
        }
    }

    /// Refuses a request that came whole, and sends the client the reason. The request is in the journal then.
    pub(crate) fn refusal(&self, request: &Request, status: u16, reason: String) -> Exchange {
        let answer = Arc::new(Answer::plain(status, format!("{reason}\n")));
        let entry = self.refuse(request, None, &answer, reason.clone());
        Exchange::answered(entry, answer, Some(reason))
    }

    /// Why a request would not be answered, as if it had been sent now; it is not recorded.
    pub fn explain(&self, request: &Request, now: Timestamp) -> Explanation {
        let served = self.store.snapshot();
        Explanation::bounded(&served.set, &served.view, request, now)
    }

    /// What would become of a request if it were sent now, and why: nothing is recorded, counted, moved or used up.
    pub fn preview(&self, request: &Request, now: Timestamp) -> Preview {
        let served = self.store.snapshot();
        let Snapshot { set, view, .. } = &*served;
        let Decision { verdict, commit } = decide(set, view, request, now, DECIDE_STEPS);
        let look = PreviewContext { set, view, request, now };
        match verdict {
            Verdict::Answers(choice) => {
                let call = self.store.totals(choice.live).sequence;
                let budget = self.whole_effort().respond;
                let responded = self.respond_within(&choice, request, now, Committed { call }, budget);
                let (answer, failure) = choice.answer_or_failure(responded);
                look.answered(
                    &choice,
                    &commit,
                    PreviewedAnswer { turn: choice.live.answer.turn(call), answer, failure },
                )
            }
            Verdict::Unmatched => look.unmatched(Explanation::bounded(set, view, request, now)),
            Verdict::Undecided(live, cause) => {
                look.unmatched(Explanation::undecided(set, request, undecided_text(live, &cause)))
            }
            Verdict::UnknownPreference(name) => look.unmatched(Explanation::unknown_stub(set, name, request)),
        }
    }
}

impl Choice<'_> {
    /// What is sent: the answer, or a 500 with the reason, which is returned too.
    fn answer_or_failure(&self, responded: Result<Arc<Answer>, Failure>) -> (Arc<Answer>, Option<String>) {
        let (answer, failure) = match responded {
            Ok(answer) => (answer, None),
            Err(Failure { reason, .. }) => {
                let place = &self.live.reference.place;
                let text = format!(
                    "the stub `{}` ({}:{}) cannot answer: {reason}\n",
                    visible(&self.live.reference.name),
                    visible(&place.file),
                    place.line
                );
                (Arc::new(Answer::plain(500, text.clone())), Some(text))
            }
        };
        (self.dressed(answer), failure)
    }
}
