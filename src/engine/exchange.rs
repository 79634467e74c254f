//! A request with its answer, and why no stub answered.

use std::sync::Arc;

use crate::journal::{AnswerRecord, Entry};
use crate::message::Request;
use crate::model::Timestamp;
use crate::respond::own_headers;

use super::explanation::EXPLAIN_STEPS;
use super::explanation_cache::CachedExplanation;
use super::snapshot::Snapshot;
use super::{Answer, Explanation, StubSet};

/// The steps of an explanation that is made on a thread that answers others meanwhile.
const EXPLAIN_AT_ONCE_STEPS: u64 = 100_000;

/// A request with what became of it.
#[derive(Debug)]
pub struct Exchange {
    /// As it is in the journal.
    pub entry: Entry,
    /// What to send.
    pub answer: Arc<Answer>,
    /// Why no stub answered, if none did.
    pub explanation: Option<Arc<Explanation>>,
    /// Whether the explanation was made for an earlier, equal request.
    pub explained_before: bool,
    /// Why the stub's answer could not be made, if it could not.
    pub failure: Option<String>,
    pub(super) unexplained: Option<Unexplained>,
}

/// All that it takes to find out why no stub answered.
#[derive(Debug)]
pub(super) struct Unexplained {
    pub(super) served: Arc<Snapshot>,
    pub(super) now: Timestamp,
    /// The name of an on-demand stub that the request asks for and that does not exist.
    pub(super) unknown_stub: Option<String>,
}

impl Exchange {
    /// A request with what it gets, for which no explanation is needed.
    pub(super) fn answered(entry: Entry, answer: Arc<Answer>, failure: Option<String>) -> Exchange {
        Exchange { entry, answer, explanation: None, explained_before: false, failure, unexplained: None }
    }

    /// Finds out why no stub answered, if that is left open, and puts it into the answer and into the entry, but not into the journal.
    pub fn explain(&mut self, request: &Request) {
        let explained = self.explain_within(request, EXPLAIN_STEPS, |set, request, reason| {
            Some(Explanation::unfinished(set, request, reason))
        });
        debug_assert!(explained, "an unfinished explanation is one too");
    }

    /// As [`Exchange::explain`], but only if a few steps are enough. Returns whether they were.
    pub(super) fn explain_at_once(&mut self, request: &Request) -> bool {
        self.explain_within(request, EXPLAIN_AT_ONCE_STEPS, |_, _, _| None)
    }

    /// Explains within a number of steps. If they are not enough, `otherwise` may make an explanation with the reason.
    fn explain_within(
        &mut self,
        request: &Request,
        steps: u64,
        otherwise: impl FnOnce(&StubSet, &Request, String) -> Option<Explanation>,
    ) -> bool {
        let Some(Unexplained { served, now, unknown_stub }) = &self.unexplained else { return true };
        let set = &served.set;
        let explain = || match unknown_stub {
            Some(name) => Some(Explanation::unknown_stub(set, name.clone(), request)),
            None => match Explanation::within(set, &served.view, request, *now, steps) {
                Ok(explanation) => Some(explanation),
                Err(reason) => otherwise(set, request, reason),
            },
        };
        // What a closure returns depends on more than the request.
        let explained = match set.has_code() {
            false => served.explained.find_or_explain(request, *now, explain),
            true => explain().map(|explanation| (CachedExplanation::of(explanation, request), false)),
        };
        let Some((cached, before)) = explained else { return false };
        self.unexplained = None;
        let answer = Arc::make_mut(&mut self.answer);
        answer.headers.extend(own_headers(cached.media_type));
        answer.body = cached.body.into();
        self.entry.set_answer(AnswerRecord::new(&self.answer));
        self.explanation = Some(cached.explanation);
        self.explained_before = before;
        true
    }

    /// Whether it is left open why no stub answered.
    pub(super) fn is_unexplained(&self) -> bool {
        self.unexplained.is_some()
    }
}
