//! What would become of a request, and why: the stub that would answer, those that are asked before it, and those that
//! would answer as well but come later.
//!
//! It looks at what was decided and decides nothing itself; `render_preview` writes it.

use std::sync::Arc;

use crate::matching::Distance;
use crate::message::{Request, RequestDraft};
use crate::model::Timestamp;

use super::commit::Commit;
use super::decide::Choice;
use super::decision_state::DecisionState;
use super::explanation::{EXPLAIN_STEPS, compare_within, near, would_answer};
use super::prefer::preferred_stub;
use super::set::StubList;
use super::{Answer, Explanation, MountedStub, NearStub, StubSet};

/// What would become of a request.
#[derive(Debug)]
pub struct Preview {
    /// The request itself.
    pub request: RequestDraft,
    /// The stub that would answer, with what it would.
    pub answering: Option<Answering>,
    /// Stubs that are asked before it and do not answer, in the order in which they are asked: those of the same path,
    /// and a few whose path is nearly that. Where none answers, those that were asked for by name.
    pub before: Vec<NearStub>,
    /// How many more are asked before it, and are of the same path.
    pub more_of_the_path: usize,
    /// How many more are asked before it, and are of another path.
    pub more_of_others: usize,
    /// The first of those that would answer as well, but are asked later.
    pub after: Vec<NearStub>,
    /// How many more would.
    pub more_after: usize,
    /// On-demand stubs that would answer it if they were asked for.
    pub on_demand: Vec<String>,
    /// Why no stub answers, if none does.
    pub explanation: Option<Explanation>,
    /// Why the other stubs are not known: comparing the request with them was ended.
    pub unfinished: Option<String>,
}

/// The stub that would answer.
#[derive(Debug)]
pub struct Answering {
    /// The stub itself.
    pub live: Arc<MountedStub>,
    /// Its conditions, which all hold.
    pub stub: NearStub,
    /// The name by which the request asks for it, if it is on demand.
    pub preferred_as: Option<String>,
    /// The name by which it is armed, and for how many requests.
    pub armed: Option<(String, u64)>,
    /// What it would answer.
    pub foreseen: PreviewedAnswer,
    /// Where its machine would go.
    pub transition: Option<Transition>,
}

/// An answer that is not sent.
#[derive(Debug)]
pub struct PreviewedAnswer {
    /// Which of several responses it is, counted from 1, and of how many.
    pub turn: Option<(usize, usize)>,
    /// What would be sent.
    pub answer: Arc<Answer>,
    /// Why the stub's answer cannot be made, if it cannot; what is sent then has the reason.
    pub failure: Option<String>,
}

/// A machine that would go from a state to another, or stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The machine.
    pub machine: String,
    /// The state that it is in.
    pub from: String,
    /// The state that it would be in.
    pub to: String,
}

/// How many stubs are shown that are asked before.
const MOST_BEFORE: usize = 10;
/// How many of those may be of another path.
const MOST_ALIKE: usize = 3;
/// How like a path must be to be shown.
const ALIKE: f64 = 0.6;
/// How many stubs are named that would answer as well.
const MOST_AFTER: usize = 5;

/// A request, and what it meets.
#[derive(Clone, Copy)]
pub(super) struct PreviewContext<'a> {
    pub(super) set: &'a StubSet,
    pub(super) view: &'a DecisionState,
    pub(super) request: &'a Request,
    pub(super) now: Timestamp,
}

impl<'a> PreviewContext<'a> {
    pub(super) fn answered(self, choice: &Choice<'_>, commit: &Commit<'_>, foreseen: PreviewedAnswer) -> Preview {
        let live = choice.live;
        let armed = commit.armed_as.clone().map(|name| (name, self.view.arming.times_for(live)));
        let transition = commit.transition.map(|(machine, next_state)| Transition {
            machine: machine.to_owned(),
            from: self.view.state(self.set, machine).to_owned(),
            to: next_state.to_owned(),
        });
        let (around, stub, unfinished) = match compare_within(EXPLAIN_STEPS, || (self.around(live), self.near(live))) {
            Ok((around, stub)) => (around, stub, None),
            Err(reason) => (self.before(&[]), NearStub::bare(live), Some(reason)),
        };
        let preferred_as = choice.preferred_as.clone();
        let answering = Answering { live: live.clone(), stub, preferred_as, armed, foreseen, transition };
        Preview { answering: Some(answering), unfinished, ..around }
    }

    /// The stubs that are asked before and after the one that answers.
    fn around(self, live: &'a Arc<MountedStub>) -> Preview {
        let mut asked = self.asked_for();
        let on_demand = self.on_demand(&asked);
        let as_well: Vec<_> = self.later(live, &asked).filter(|live| self.would_answer(live)).collect();
        asked.extend(self.set.stubs().iter().filter(|live| !live.stub.on_demand));
        let place = asked.iter().position(|other| Arc::ptr_eq(other, live)).unwrap_or(asked.len());
        let earlier = &asked[..place];
        Preview {
            after: as_well.iter().take(MOST_AFTER).map(|live| self.near(live)).collect(),
            more_after: as_well.len().saturating_sub(MOST_AFTER),
            on_demand,
            ..self.before(earlier)
        }
    }

    pub(super) fn unmatched(self, explanation: Explanation) -> Preview {
        let on_demand = explanation.on_demand.clone();
        // A request that prefers a stub that does not exist is refused before any is asked.
        let asked = if explanation.unknown_stub.is_some() {
            StubList::new()
        } else {
            self.asked_for()
        };
        let (before, unfinished) = match compare_within(EXPLAIN_STEPS, || self.before(&asked)) {
            Ok(before) => (before, None),
            Err(reason) => (self.before(&[]), Some(reason)),
        };
        Preview { explanation: Some(explanation), on_demand, unfinished, ..before }
    }

    /// On-demand stubs that the request or somebody else asks for, in the order in which they are asked.
    fn asked_for(self) -> StubList<'a> {
        let name = preferred_stub(self.request);
        let mut asked = name.as_deref().map(|name| self.set.on_demand_named(name)).unwrap_or_default();
        let is_preferred = |live: &MountedStub| {
            name.as_ref().is_some_and(|name| *name == live.reference.name || *name == live.full_name())
        };
        if !self.view.arming.is_empty() {
            let armed =
                self.set.stubs().iter().filter(|live| {
                    live.stub.on_demand && !is_preferred(live) && self.view.arming.name_for(live).is_some()
                });
            asked.extend(armed);
        }
        asked
    }

    /// Those that may match and come after one, on-demand stubs that are asked for among them.
    fn later(self, live: &MountedStub, asked: &[&'a Arc<MountedStub>]) -> impl Iterator<Item = &'a Arc<MountedStub>> {
        let place = asked.iter().position(|other| std::ptr::eq(&***other, live));
        let of_asked = place.map_or_else(Vec::new, |place| asked[place + 1..].to_vec());
        let rank = live.rank();
        let ordinary = self.set.candidates(self.request).into_iter();
        of_asked.into_iter().chain(ordinary.filter(move |other| place.is_some() || other.rank() > rank))
    }

    /// The nearest of those that are asked before, in the order in which they are.
    fn before(self, earlier: &[&'a Arc<MountedStub>]) -> Preview {
        let mut same: Vec<(Distance, usize)> = Vec::new();
        let mut alike: Vec<(Distance, usize)> = Vec::new();
        for (place, live) in earlier.iter().enumerate() {
            if live.pattern.fits_path(self.request, self.now) {
                same.push((live.pattern.distance(self.request, self.now), place));
            } else if self.is_alike(live) {
                alike.push((live.pattern.distance(self.request, self.now), place));
            }
        }
        same.sort_unstable();
        alike.sort_unstable();
        let of_the_path = same.len();
        same.truncate(MOST_BEFORE);
        alike.truncate(MOST_ALIKE.min(MOST_BEFORE - same.len()));
        let mut shown: Vec<usize> = same.iter().chain(&alike).map(|(_, place)| *place).collect();
        shown.sort_unstable();
        Preview {
            request: RequestDraft::from_request(self.request),
            answering: None,
            before: shown.iter().map(|place| self.near(earlier[*place])).collect(),
            more_of_the_path: of_the_path - same.len(),
            more_of_others: earlier.len() - of_the_path - alike.len(),
            after: Vec::new(),
            more_after: 0,
            on_demand: Vec::new(),
            explanation: None,
            unfinished: None,
        }
    }

    /// Whether the path alone may be mistaken: one with another method too is not near.
    fn is_alike(self, live: &MountedStub) -> bool {
        let method = self.request.method();
        let takes = live.pattern.methods().is_none_or(|methods| methods.iter().any(|one| one == method));
        takes && live.pattern.path_likeness(self.request) >= ALIKE
    }

    /// Those that nobody asks for and that would answer.
    fn on_demand(self, asked: &[&Arc<MountedStub>]) -> Vec<String> {
        let would = self.set.on_demand_candidates(self.request).into_iter().filter(|live| self.would_answer(live));
        let unasked = would.filter(|live| !asked.iter().any(|other| Arc::ptr_eq(other, live)));
        unasked.map(|live| live.reference.name.clone()).collect()
    }

    fn near(self, live: &MountedStub) -> NearStub {
        near(self.set, self.view, live, self.request, self.now)
    }

    fn would_answer(self, live: &MountedStub) -> bool {
        would_answer(self.set, self.view, live, self.request, self.now)
    }
}
