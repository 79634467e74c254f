//! What a verdict leads to, as far as it is known before anything is recorded.

use std::sync::Arc;

use crate::journal::{AnswerRecord, Outcome};
use crate::matching::Undecided;
use crate::message::{visible, visible_lines};
use crate::model::Place;

use super::decide::{Cause, Choice, Verdict};
use super::prefer::preference_applied;
use super::{Answer, MountedStub};

/// What becomes of a request.
pub(super) struct Prepared<'a> {
    pub(super) outcome: Outcome,
    pub(super) choice: Option<Choice<'a>>,
    /// What to send; none while the stub that answers has yet to make it.
    pub(super) answer: Option<Arc<Answer>>,
    /// The same for the journal.
    pub(super) record: Option<AnswerRecord>,
    /// Why it is not what a stub would answer.
    pub(super) failure: Option<String>,
    /// If no stub answers: the name of an on-demand stub that the request asks for and that does not exist.
    pub(super) unanswered: Option<Option<String>>,
}

impl<'a> Prepared<'a> {
    /// `otherwise` is what the caller answers itself if no stub does, with what the journal calls it.
    pub(super) fn of(verdict: Verdict<'a>, otherwise: Option<&(Outcome, Answer)>) -> Prepared<'a> {
        let unanswered = |unknown_stub| Prepared {
            unanswered: Some(unknown_stub),
            ..Prepared::by_us(Outcome::Unmatched, Answer { status: 404, ..Answer::default() })
        };
        match (verdict, otherwise) {
            (Verdict::Answers(choice), _) => {
                let outcome = Outcome::Stub(choice.live.reference.clone());
                let answer = choice.live.answer.constant().map(|same| choice.dressed(same.clone()));
                let record = answer.as_ref().map(|answer| AnswerRecord::of_stub(answer, None));
                Prepared { answer, record, choice: Some(choice), ..Prepared::nothing(outcome) }
            }
            (Verdict::Unmatched, Some((outcome, answer))) => Prepared::by_us(outcome.clone(), answer.clone()),
            (Verdict::Unmatched, None) => unanswered(None),
            (Verdict::UnknownPreference(name), _) => unanswered(Some(name)),
            (Verdict::Undecided(live, cause), _) => {
                let text = undecided_text(live, &cause);
                let answer = Answer::plain(500, format!("{text}\n"));
                Prepared { failure: Some(text.clone()), ..Prepared::by_us(Outcome::Refused(text), answer) }
            }
        }
    }

    fn nothing(outcome: Outcome) -> Prepared<'a> {
        Prepared { outcome, choice: None, answer: None, record: None, failure: None, unanswered: None }
    }

    /// An answer of Cannery itself.
    fn by_us(outcome: Outcome, answer: Answer) -> Prepared<'a> {
        let answer = Arc::new(answer);
        Prepared { record: Some(AnswerRecord::new(&answer)), answer: Some(answer), ..Prepared::nothing(outcome) }
    }
}

impl Choice<'_> {
    /// An answer of the stub, with a `Preference-Applied` header if the request preferred it.
    pub(super) fn dressed(&self, mut answer: Arc<Answer>) -> Arc<Answer> {
        if let Some(name) = &self.preferred_as {
            Arc::make_mut(&mut answer).headers.push(("Preference-Applied".into(), preference_applied(name).into()));
        }
        answer
    }
}

/// The text of the 500 that a request gets if it is not known which stub answers it.
pub(super) fn undecided_text(live: Option<&MountedStub>, cause: &Cause) -> String {
    let stub = live.map(|live| {
        let Place { file, line, .. } = &live.reference.place;
        format!("the stub `{}` ({}:{line})", visible(&live.reference.name), visible(file))
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
            format!("a fault of Cannery: comparing {stub} with this request panicked: {}", visible_lines(message))
        }
    }
}
