//! Chooses the stub that answers a request.
//!
//! On-demand stubs that the request or somebody else asked for come first, then the candidates of the index in
//! order of precedence. The first whose every condition holds wins; the rest are not asked. Why the others failed
//! is the explanation's business.

use std::sync::Arc;

use crate::matching::PathParams;
use crate::message::Request;
use crate::model::Timestamp;

use super::live::View;
use super::prefer::preferred_stub;
use super::{LiveStub, StubSet};

/// What was decided, and whether that hung on the state that was looked at.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) verdict: Verdict,
    /// Whether another state could have led to another verdict.
    pub(super) looked_at_state: bool,
}

#[derive(Debug)]
pub(super) enum Verdict {
    Answers(Choice),
    Unmatched,
    /// The request prefers a stub of a name that there is not.
    UnknownPreference(String),
}

/// The stub that answers.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) live: Arc<LiveStub>,
    pub(super) params: PathParams,
    /// The name under which it was armed, of which one request is used up.
    pub(super) armed_as: Option<String>,
    /// The name under which the request preferred it.
    pub(super) preferred_as: Option<String>,
}

pub(super) fn decide(set: &StubSet, view: &View, request: &Request, now: Timestamp) -> Decision {
    let mut asking = Asking { view, request, now, looked_at_state: false };
    let verdict = asking.verdict(set);
    Decision { verdict, looked_at_state: asking.looked_at_state }
}

struct Asking<'a> {
    view: &'a View,
    request: &'a Request,
    now: Timestamp,
    looked_at_state: bool,
}

impl Asking<'_> {
    fn verdict(&mut self, set: &StubSet) -> Verdict {
        if let Some(name) = preferred_stub(self.request) {
            let chosen = set.asked_for(&name).map(|mut stubs| stubs.find_map(|live| self.ask(set, live)));
            match chosen {
                None => return Verdict::UnknownPreference(name),
                Some(Some(choice)) => return Verdict::Answers(Choice { preferred_as: Some(name), ..choice }),
                Some(None) => {}
            }
        }
        if !self.view.arming.is_empty() {
            self.looked_at_state = true;
            let armed = set.candidates(self.request).filter(|live| live.stub.on_demand).find_map(|live| {
                let name = self.view.arming.name_for(live)?.to_owned();
                let choice = self.ask(set, live)?;
                Some(Choice { armed_as: Some(name), ..choice })
            });
            if let Some(choice) = armed {
                return Verdict::Answers(choice);
            }
        }
        let ordinary = set.candidates(self.request).filter(|live| !live.stub.on_demand);
        ordinary.into_iter().find_map(|live| self.ask(set, live)).map_or(Verdict::Unmatched, Verdict::Answers)
    }

    fn ask(&mut self, set: &StubSet, live: &Arc<LiveStub>) -> Option<Choice> {
        let params = live.pattern.matches(self.request, self.now)?;
        if let Some(wanted) = &live.stub.when_state {
            self.looked_at_state = true;
            if self.view.state(set, &live.stub.state_machine) != wanted {
                return None;
            }
        }
        Some(Choice { live: live.clone(), params, armed_as: None, preferred_as: None })
    }
}
