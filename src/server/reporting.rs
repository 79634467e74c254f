//! Reports the answer of a request to the observer, and to the journal if it changes after it was recorded.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::engine::Answer;
use crate::explain::ExplainedExchange;
use crate::journal::{Entry, Outcome};
use crate::matching::{Panicked, caught};
use crate::message::{Head, Protocol, Request};
use crate::model::Timestamp;

use super::complete_request::CompleteRequest;
use super::connection_context::ConnectionContext;
use super::observe::Observed;
use super::router::{EngineId, Route};
use super::server_context::ServerContext;

impl CompleteRequest {
    /// Reports an exchange. Returns what to send.
    pub(super) fn report(&mut self, mut exchange: ExplainedExchange) -> Arc<Answer> {
        let observed = caught(|| self.observe(&exchange));
        self.keep_record(&mut exchange.entry);
        match observed {
            Ok(()) => exchange.answer,
            Err(panicked) => {
                let answer = self.correct(&panicked);
                self.observe_failure(&exchange.entry, &answer, &panic_text(&panicked));
                answer
            }
        }
    }

    /// Takes the record of the answer from an entry, which is needed until the answer is sent.
    pub(super) fn keep_record(&mut self, entry: &mut Entry) {
        self.record = entry.answer.take().map(|answer| (entry.number, answer));
    }

    /// Records a request whose handling panicked, and reports it. Returns its 500.
    pub(super) fn fail_unrecorded(&mut self, id: EngineId, panicked: &Panicked) -> Arc<Answer> {
        let (answer, reason) = (panic_answer(panicked), panic_text(panicked));
        let mut entry = self.engine(id).refuse(&self.request, None, &answer, reason.clone());
        self.observe_failure(&entry, &answer, &reason);
        self.keep_record(&mut entry);
        answer
    }

    /// Reports that answering on a reserved path panicked, which is not recorded. Returns the 500.
    pub(super) fn fail_reserved(&self, panicked: &Panicked) -> Arc<Answer> {
        let (answer, reason) = (panic_answer(panicked), panic_text(panicked));
        self.observe_failure(&Entry::new(&self.request, Outcome::Refused(reason.clone())), &answer, &reason);
        answer
    }

    /// Writes into the journal that a request is answered with a 500, although it had another answer. Returns the 500.
    pub(super) fn correct(&mut self, panicked: &Panicked) -> Arc<Answer> {
        let answer = panic_answer(panicked);
        self.record_instead(&answer);
        answer
    }

    /// Writes into the journal that another answer is sent than the one that it has.
    pub(super) fn record_instead(&mut self, answer: &Arc<Answer>) {
        if let (Route::Engine(engine), Some((number, record))) = (self.route, &mut self.record) {
            let engine = self.connection.server.router.engine(engine);
            *record = engine.correct_answer(*number, record, answer);
        }
    }

    /// Reports that a request is refused, for this reason.
    pub(super) fn observe_refusal(&self, entry: &Entry, answer: &Answer, reason: &str) {
        self.server().observe_refusal(entry, answer.status, answer.sent_length(), self.started.elapsed(), reason);
    }

    /// As [`CompleteRequest::observe_refusal`] after a panic, which the observer may have caused.
    fn observe_failure(&self, entry: &Entry, answer: &Answer, reason: &str) {
        let _ = caught(|| self.observe_refusal(entry, answer, reason));
    }

    fn observe(&self, exchange: &ExplainedExchange) {
        self.server().observer.exchange(&Observed {
            entry: &exchange.entry,
            status: exchange.answer.status,
            length: exchange.answer.sent_length(),
            took: self.started.elapsed(),
            delay: exchange.answer.delay,
            delivery: exchange.answer.delivery,
            explanation: exchange.explanation.as_deref(),
            explained_before: exchange.explained_before,
            failure: exchange.failure.as_deref(),
        });
    }
}

impl ServerContext {
    /// Records bytes that were not HTTP. hyper has answered them with an error and no body.
    pub(super) fn record_broken(&self, connection: &ConnectionContext, error: &hyper::Error) {
        let Some(raw) = connection.heads.take_refused() else { return };
        let status = if error.is_parse_too_large() { 431 } else { 400 };
        let reason = format!("not an HTTP request: {error}");
        let request = Request::new(Head::salvage(&raw), Bytes::new(), connection.client, Timestamp::now());
        let mut request = request.over(Protocol { secure: connection.secure, ..Protocol::default() });
        let Route::Engine(engine) = self.router.route(&mut request) else { return };
        let answer = Arc::new(Answer { status, ..Answer::default() });
        let entry = self.router.engine(engine).refuse(&request, None, &answer, reason.clone());
        self.observe_refusal(&entry, status, Some(0), Duration::ZERO, &reason);
    }

    fn observe_refusal(&self, entry: &Entry, status: u16, length: Option<usize>, took: Duration, reason: &str) {
        let delay = Duration::ZERO;
        self.observer.exchange(&Observed {
            entry,
            status,
            length,
            took,
            delay,
            delivery: None,
            explanation: None,
            explained_before: false,
            failure: Some(reason),
        });
    }
}

/// The text of the 500 after a panic.
fn panic_text(panicked: &Panicked) -> String {
    format!("an internal error in Cannery: handling this request panicked: {}", panicked.0)
}

fn panic_answer(panicked: &Panicked) -> Arc<Answer> {
    Arc::new(Answer::plain(500, format!("{}\n", panic_text(panicked))))
}
