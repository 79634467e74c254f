//! Answers requests, and explains those that no stub answers.
//!
//! An explanation is first tried with few steps, on the thread that answers. If they are not enough, it is made on a thread that
//! may take long. The engine does the same with a request.

use std::convert::Infallible;
use std::sync::Arc;

use crate::engine::{Answer, Engine, Exchange, Snapshot, Unexplained, Unfinished};
use crate::journal::{AnswerRecord, Entry, Outcome};
use crate::message::Request;
use crate::model::Timestamp;
use crate::respond::own_headers;

use super::cache::{CachedExplanation, ExplanationCache};
use super::comparison::Comparison;
use super::explanation::Explanation;

/// The steps of an explanation on a thread that also answers other requests.
const EXPLAIN_AT_ONCE_STEPS: u64 = 100_000;

/// A request with its answer, and the reason if no stub answered.
#[derive(Debug)]
pub struct ExplainedExchange {
    /// The entry of the journal.
    pub entry: Entry,
    /// What to send. If no stub answered, it contains the explanation.
    pub answer: Arc<Answer>,
    /// Why the stub's answer could not be made, if it could not.
    pub failure: Option<String>,
    /// Why no stub answered, if none did.
    pub explanation: Option<Arc<Explanation>>,
    /// Whether the explanation was made for an earlier, equal request.
    pub explained_before: bool,
}

/// A request that takes too many steps to be answered and explained at once.
#[derive(Debug)]
pub(crate) enum UnfinishedExchange {
    Unanswered(Unfinished),
    Unexplained(Box<Exchange>),
}

/// An exchange without an explanation.
impl From<Exchange> for ExplainedExchange {
    fn from(exchange: Exchange) -> ExplainedExchange {
        let Exchange { entry, answer, failure, .. } = exchange;
        ExplainedExchange { entry, answer, failure, explanation: None, explained_before: false }
    }
}

/// Answers a request as [`Engine::handle`] does, and explains why if no stub answers.
pub fn handle(
    engine: &Engine,
    request: &Request,
    now: Timestamp,
    otherwise: Option<(Outcome, Answer)>,
) -> ExplainedExchange {
    complete(engine, engine.handle(request, now, otherwise), request)
}

/// As [`handle`], if that takes few steps.
///
/// # Errors
/// Returns what [`finish`] needs to do the rest, on a thread that may take long.
pub(crate) fn handle_at_once(
    engine: &Engine,
    request: &Request,
    now: Timestamp,
    otherwise: Option<(Outcome, Answer)>,
) -> Result<ExplainedExchange, UnfinishedExchange> {
    let exchange = engine.handle_at_once(request, now, otherwise).map_err(UnfinishedExchange::Unanswered)?;
    let Some(unexplained) = &exchange.unexplained else { return Ok(exchange.into()) };
    let explain = |comparison: Comparison<'_>| Explanation::within(comparison, EXPLAIN_AT_ONCE_STEPS);
    match find_or_explain(unexplained, request, explain) {
        Ok(found) => Ok(with_explanation(engine, exchange, found)),
        Err(_reason) => Err(UnfinishedExchange::Unexplained(Box::new(exchange))),
    }
}

/// Finishes a request that took too many steps at first. The arguments must be the same.
pub(crate) fn finish(
    engine: &Engine,
    unfinished: UnfinishedExchange,
    request: &Request,
    now: Timestamp,
    otherwise: Option<(Outcome, Answer)>,
) -> ExplainedExchange {
    let exchange = match unfinished {
        UnfinishedExchange::Unanswered(unfinished) => engine.finish(unfinished, request, now, otherwise),
        UnfinishedExchange::Unexplained(exchange) => *exchange,
    };
    complete(engine, exchange, request)
}

/// Explains why no stub answered, if none did, in the answer and in the journal.
pub fn complete(engine: &Engine, exchange: Exchange, request: &Request) -> ExplainedExchange {
    let Some(unexplained) = &exchange.unexplained else { return exchange.into() };
    let explain = |comparison: Comparison<'_>| Ok::<_, Infallible>(Explanation::bounded(comparison));
    let Ok(found) = find_or_explain(unexplained, request, explain);
    with_explanation(engine, exchange, found)
}

/// Returns why no stub answered, and whether that was made for an earlier, equal request.
fn find_or_explain<E>(
    unexplained: &Unexplained,
    request: &Request,
    explain: impl FnOnce(Comparison<'_>) -> Result<Explanation, E>,
) -> Result<(CachedExplanation, bool), E> {
    let Unexplained { snapshot, now, unknown_stub } = unexplained;
    let snapshot: &Snapshot = snapshot;
    let explain = || match unknown_stub {
        Some(name) => Ok(Explanation::unknown_stub(&snapshot.set, name.clone(), request)),
        None => explain(Comparison { snapshot, request, now: *now }),
    };
    // The result of a closure depends on more than the request.
    match snapshot.set.has_code() {
        true => Ok((CachedExplanation::new(explain()?, request), false)),
        false => snapshot.cache::<ExplanationCache>().find_or_explain(request, *now, explain),
    }
}

/// Puts an explanation into the answer, and writes that into the journal too.
fn with_explanation(engine: &Engine, exchange: Exchange, found: (CachedExplanation, bool)) -> ExplainedExchange {
    let (CachedExplanation { explanation, media_type, body }, explained_before) = found;
    let Exchange { mut entry, mut answer, failure, .. } = exchange;
    let changed = Arc::make_mut(&mut answer);
    changed.headers.extend(own_headers(media_type));
    changed.body = body.into();
    entry.set_answer(AnswerRecord::new(&answer));
    engine.note_answer(&entry);
    ExplainedExchange { entry, answer, failure, explanation: Some(explanation), explained_before }
}
