//! Chooses the stub that answers a request.
//!
//! On-demand stubs that the request or somebody else asked for come first, then the candidates of the index in
//! order of precedence. The first whose every condition holds wins; the rest are not asked. Why the others failed
//! is the explanation's business.

use std::sync::Arc;

use crate::matching::{Asked, Panicked, PathParams};
use crate::message::Request;
use crate::model::Timestamp;

use super::live::View;
use super::prefer::preferred_stub;
use super::{LiveStub, StubSet};

/// What was decided, and whether that hung on the state that was looked at.
#[derive(Debug)]
pub(super) struct Decision<'a> {
    pub(super) verdict: Verdict<'a>,
    /// Whether another state could have led to another verdict.
    pub(super) looked_at_state: bool,
}

#[derive(Debug)]
pub(super) enum Verdict<'a> {
    Answers(Choice<'a>),
    Unmatched,
    /// The request prefers a stub of a name that there is not.
    UnknownPreference(String),
    /// A closure of a stub panicked: the stub, and what the closure said.
    Panicked(&'a LiveStub, Panicked),
}

/// The stub that answers.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    pub(super) live: &'a Arc<LiveStub>,
    pub(super) params: PathParams,
    /// The name under which it was armed, of which one request is used up.
    pub(super) armed_as: Option<String>,
    /// The name under which the request preferred it.
    pub(super) preferred_as: Option<String>,
}

pub(super) fn decide<'a>(set: &'a StubSet, view: &'a View, request: &'a Request, now: Timestamp) -> Decision<'a> {
    let mut asking = Asking { view, request, now, asked: Asked::default(), looked_at_state: false, panicked: None };
    let verdict = asking.verdict(set);
    let verdict = asking.panicked.take().map_or(verdict, |(live, panicked)| Verdict::Panicked(live, panicked));
    Decision { verdict, looked_at_state: asking.looked_at_state }
}

struct Asking<'a> {
    view: &'a View,
    request: &'a Request,
    now: Timestamp,
    asked: Asked<'a>,
    looked_at_state: bool,
    /// The first closure that did: what comes after it does not count.
    panicked: Option<(&'a LiveStub, Panicked)>,
}

impl<'a> Asking<'a> {
    fn verdict(&mut self, set: &'a StubSet) -> Verdict<'a> {
        if let Some(name) = preferred_stub(self.request) {
            let stubs = set.asked_for(&name);
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
                let name = self.view.arming.name_for(live)?.to_owned();
                let choice = self.ask(set, live)?;
                Some(Choice { armed_as: Some(name), ..choice })
            });
            if let Some(choice) = armed {
                return Verdict::Answers(choice);
            }
        }
        let candidates = set.candidates(self.request);
        self.asked = Asked::by(candidates.iter().map(|live| live.pattern()));
        let mut ordinary = candidates.into_iter();
        ordinary.find_map(|live| self.ask(set, live)).map_or(Verdict::Unmatched, Verdict::Answers)
    }

    fn ask(&mut self, set: &StubSet, live: &'a Arc<LiveStub>) -> Option<Choice<'a>> {
        match live.pattern.holds(self.request, self.now, &mut self.asked) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(panicked) => {
                self.panicked.get_or_insert_with(|| (live, panicked));
                return None;
            }
        }
        if let Some(wanted) = &live.stub.when_state {
            self.looked_at_state = true;
            if self.view.state(set, &live.stub.state_machine) != wanted {
                return None;
            }
        }
        Some(Choice { live, params: self.asked.take_params(), armed_as: None, preferred_as: None })
    }
}
