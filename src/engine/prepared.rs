//! Prepares what follows from a verdict, before anything is recorded.

use std::sync::Arc;

use crate::journal::{AnswerRecord, Outcome};
use crate::matching::Undecided;
use crate::message::{Request, visible, visible_lines};
use crate::model::Place;

use super::decide::{Cause, Choice, Verdict};
use super::prefer::preference_applied;
use super::{Answer, MountedStub};

/// What follows from a verdict.
pub(super) struct Prepared<'a> {
    pub(super) outcome: Outcome,
    pub(super) choice: Option<Choice<'a>>,
    /// What to send; `None` if the stub renders its answer after the commit.
    pub(super) answer: Option<Arc<Answer>>,
    /// The record of the answer for the journal.
    pub(super) record: Option<AnswerRecord>,
    /// Why the answer is not that of a stub.
    pub(super) failure: Option<String>,
    /// If no stub answers: the name of an on-demand stub that the request prefers and that does not exist, if it prefers one.
    pub(super) unanswered: Option<Option<String>>,
}

impl<'a> Prepared<'a> {
    /// Prepares what follows from a verdict. `otherwise` is the answer of the caller if no stub matches, with its outcome in the
    /// journal.
    pub(super) fn new(request: &Request, verdict: Verdict<'a>, otherwise: Option<&(Outcome, Answer)>) -> Prepared<'a> {
        let unanswered = |unknown_stub| Prepared {
            unanswered: Some(unknown_stub),
            ..Prepared::by_cannery(Outcome::Unmatched, Answer { status: 404, ..Answer::default() })
        };
        match (verdict, otherwise) {
            (Verdict::Answers(choice), _) => {
                let outcome = Outcome::Stub(choice.mounted.reference.clone());
                let constant = choice.mounted.answer.constant(request.head());
                let answer = constant.map(|same| choice.with_preference(same.clone()));
                let record = answer.as_ref().map(|answer| AnswerRecord::of_stub(answer, None));
                Prepared { answer, record, choice: Some(choice), ..Prepared::without_answer(outcome) }
            }
            (Verdict::Unmatched, Some((outcome, answer))) => Prepared::by_cannery(outcome.clone(), answer.clone()),
            (Verdict::Unmatched, None) => unanswered(None),
            (Verdict::UnknownPreference(name), _) => unanswered(Some(name)),
            (Verdict::Undecided(mounted, cause), _) => {
                let text = undecided_text(mounted, &cause);
                let answer = Answer::plain(500, format!("{text}\n"));
                Prepared { failure: Some(text.clone()), ..Prepared::by_cannery(Outcome::Refused(text), answer) }
            }
        }
    }

    fn without_answer(outcome: Outcome) -> Prepared<'a> {
        Prepared { outcome, choice: None, answer: None, record: None, failure: None, unanswered: None }
    }

    /// Prepares an answer of Cannery itself.
    fn by_cannery(outcome: Outcome, answer: Answer) -> Prepared<'a> {
        let answer = Arc::new(answer);
        Prepared { record: Some(AnswerRecord::new(&answer)), answer: Some(answer), ..Prepared::without_answer(outcome) }
    }
}

impl Choice<'_> {
    /// Adds the header `Preference-Applied` to an answer of the stub if the request preferred it.
    pub(super) fn with_preference(&self, mut answer: Arc<Answer>) -> Arc<Answer> {
        if let Some(name) = &self.preferred_as {
            Arc::make_mut(&mut answer).headers.push(("Preference-Applied".into(), preference_applied(name).into()));
        }
        answer
    }
}

/// Returns the text of the 500 for a request if it cannot be decided which stub answers it.
pub(super) fn undecided_text(mounted: Option<&MountedStub>, cause: &Cause) -> String {
    let stub = mounted.map(|mounted| {
        let Place { file, line, .. } = &mounted.reference.place;
        format!("the stub `{}` ({}:{line})", visible(&mounted.reference.name), visible(file))
    });
    let stub = stub.as_deref().unwrap_or("the stubs");
    match cause {
        Cause::Stub(Undecided::Closure(panicked)) => {
            format!("a closure of {stub}: {}", visible_lines(&panicked.to_string()))
        }
        Cause::Stub(undecided @ Undecided::Exceeded { .. }) => {
            format!("{stub} cannot be compared with this request: {}", visible(&undecided.to_string()))
        }
        Cause::Exceeded(limit) => format!("{stub} cannot be compared with this request: {limit}"),
        Cause::Panicked(message) => {
            format!(
                "an internal error in Cannery: comparing {stub} with this request panicked: {}",
                visible_lines(message)
            )
        }
    }
}
