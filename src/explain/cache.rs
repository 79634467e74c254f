//! Caches the explanations of the last few unmatched requests. A client that retries, or a load test with a wrong path, sends the
//! same request again and again, and explaining takes many times as long as answering.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

use crate::lock::lock;
use crate::message::Request;
use crate::model::Timestamp;

use super::body::explained_body;
use super::explanation::Explanation;

/// The explanations of a few requests, the latest at the end.
///
/// An explanation depends only on the request and on the snapshot that it is based on, and each snapshot has a cache of its own.
#[derive(Debug, Default)]
pub(super) struct ExplanationCache(Mutex<VecDeque<(ExplainedRequest, CachedExplanation)>>);

/// The number of explanations in the cache: enough for a few clients whose headers differ.
const CAPACITY: usize = 8;

/// A request with a larger body is not cached.
const MAX_BODY: usize = 64 * 1024;

/// A request, and the second in which it was received.
#[derive(Debug)]
struct ExplainedRequest {
    request: Request,
    /// HTTP dates have whole seconds, and so do the conditions that compare them with the current time.
    second: i64,
}

/// An explanation, and the body of the 404 that contains it.
#[derive(Debug, Clone)]
pub(super) struct CachedExplanation {
    pub(super) explanation: Arc<Explanation>,
    pub(super) media_type: &'static str,
    pub(super) body: Bytes,
}

impl ExplanationCache {
    /// Returns the explanation of a request, and whether it was cached.
    ///
    /// # Errors
    /// If it was not cached and `explain` fails.
    pub(super) fn find_or_explain<E>(
        &self,
        request: &Request,
        now: Timestamp,
        explain: impl FnOnce() -> Result<Explanation, E>,
    ) -> Result<(CachedExplanation, bool), E> {
        let same = |kept: &&(ExplainedRequest, CachedExplanation)| kept.0.matches(request, now);
        if let Some((_, cached)) = self.lock().iter().rev().find(same) {
            return Ok((cached.clone(), true));
        }
        let cached = CachedExplanation::new(explain()?, request);
        if request.body().len() <= MAX_BODY {
            let mut kept = self.lock();
            if kept.len() == CAPACITY {
                kept.pop_front();
            }
            kept.push_back((ExplainedRequest { request: request.again(), second: now.as_second() }, cached.clone()));
        }
        Ok((cached, false))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(ExplainedRequest, CachedExplanation)>> {
        lock(&self.0)
    }
}

impl ExplainedRequest {
    /// Returns whether another request has the same explanation.
    fn matches(&self, request: &Request, now: Timestamp) -> bool {
        self.second == now.as_second()
            && self.request.head().raw() == request.head().raw()
            && self.request.base() == request.base()
            && self.request.body() == request.body()
            && self.request.client() == request.client()
            && self.request.protocol() == request.protocol()
    }
}

impl CachedExplanation {
    pub(super) fn new(explanation: Explanation, request: &Request) -> CachedExplanation {
        let (media_type, body) = explained_body(&explanation, request);
        CachedExplanation { explanation: Arc::new(explanation), media_type, body }
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;
    use crate::engine::{Engine, Settings, StubSet};
    use crate::explain::{ExplainedExchange, explain, handle};
    use crate::formats::{NoFiles, read_scenario};
    use crate::message::Head;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn set(text: &str) -> StubSet {
        StubSet::compile(&[read_scenario(text, "shop.toml", &NoFiles).expect("a scenario").0]).expect("a set")
    }

    fn send(engine: &Engine, path: &str, body: &'static str, now: Timestamp) -> ExplainedExchange {
        let request = Request::new(Head::compose("GET", path, []), Bytes::from_static(body.as_bytes()), None, now);
        handle(engine, &request, now, None)
    }

    #[test]
    fn only_an_equal_request_to_the_same_stubs_gets_a_cached_explanation() {
        let engine = Engine::new(set("[[stub]]\nrequest.path = '/a'\nwhen_state = 'b'\n").into(), Settings::default());
        let known = |path, body, now| {
            let exchange = send(&engine, path, body, now);
            let fresh = explain(&engine, &exchange.entry.request(), now);
            assert_eq!(exchange.explanation.as_deref(), Some(&fresh));
            let (media_type, body) = explained_body(&fresh, &exchange.entry.request());
            let answer = &exchange.answer;
            assert_eq!((&answer.body, &*answer.headers[0].1), (&body.into(), media_type));
            exchange.explained_before
        };
        assert_eq!([known("/a", "", NOW), known("/a", "", NOW)], [false, true]);
        assert_eq!([known("/a", "x", NOW), known("/a?b", "x", NOW), known("/a?b", "x", NOW)], [false, false, true]);
        let later = NOW.plus_seconds(1).expect("a time");
        assert_eq!([known("/a?b", "x", later), known("/a?b", "x", later)], [false, true]);

        engine.set_state("shop", "c");
        assert_eq!([known("/a?b", "x", later), known("/a?b", "x", later)], [false, true]);
        engine.reload(&set("[[stub]]\nrequest.path = '/c'\n"), NOW);
        assert_eq!([known("/a?b", "x", later), known("/a?b", "x", later)], [false, true]);
        assert_eq!(engine.journal().entries.iter().filter(|entry| entry.status == Some(404)).count(), 11);
    }
}
