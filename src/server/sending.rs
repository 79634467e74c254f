//! Sends an answer: at once, after its delay, or as a fault that ends the connection.

use std::sync::Arc;

use bytes::Bytes;

use crate::engine::Answer;
use crate::journal::AnswerRecord;
use crate::model::WireFault;

use super::complete_request::{Answered, CompleteRequest, LARGE, Next, VERY_LARGE};
use super::response_body::Tracked;
use super::router::Route;
use super::{cors, reply};

impl CompleteRequest {
    /// Sends an answer, with the headers for pages of other origins if the server allows them.
    pub(super) fn send(mut self, mut answer: Arc<Answer>) -> Next {
        // The handler of a reserved path decides which origins may read its answers.
        if self.server().settings.cors
            && matches!(self.route, Route::Engine(_))
            && self.request.head().header("Origin").is_some()
        {
            cors::allow(&self.request, Arc::make_mut(&mut answer));
            self.record_instead(&answer);
        }
        match answer.fault().filter(|fault| !fault.sends_response()) {
            None if answer.delay.is_zero() && !self.is_long_to_send(&answer) => Next::Now(self.sent(&answer)),
            fault => Next::Later(Box::pin(self.send_later(answer, fault))),
        }
    }

    async fn send_later(self, answer: Arc<Answer>, fault: Option<WireFault>) -> Answered {
        if !answer.delay.is_zero() {
            tokio::time::sleep(answer.delay).await;
        }
        match fault {
            None if self.is_long_to_send(&answer) => {
                let (mut complete, sent) = self.blocking(move |complete| complete.sent(&answer)).await;
                sent.unwrap_or_else(|panicked| {
                    let answer = complete.correct(&panicked);
                    complete.sent(&answer)
                })
            }
            None => self.sent(&answer),
            Some(fault) => {
                let broken = self.connection.fail(fault).await;
                self.connection.heads.answered();
                Err(broken)
            }
        }
    }

    fn sent(&self, answer: &Answer) -> Answered {
        self.connection.heads.answered();
        let tracked = self.record.as_ref().map(|(_, record)| self.tracked(record));
        Ok(reply::response(&self.request, answer, &self.connection, tracked))
    }

    fn tracked(&self, record: &AnswerRecord) -> Tracked {
        let has_no_body = self.request.method() == "HEAD" || matches!(record.status(), 204 | 304);
        Tracked::begin(record.sending().clone(), self.started, has_no_body)
    }

    /// Whether compressing the answer takes long.
    fn is_long_to_send(&self, answer: &Answer) -> bool {
        let length = answer.body.whole().map_or(0, Bytes::len);
        length > LARGE
            && (length > VERY_LARGE || self.connection.has_concurrent_requests())
            && reply::is_compressed(&self.request, answer)
    }
}
