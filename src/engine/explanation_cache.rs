//! Caches why the last few requests were not answered. Such requests come again and again: a client that retries, a load test
//! with a wrong path. Explaining costs many times what answering does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

use crate::lock::lock;
use crate::message::Request;
use crate::model::Timestamp;

use super::Explanation;

/// The explanations of a few requests, the latest at the end. An explanation depends on the request and on what is served only.
#[derive(Debug, Default)]
pub(super) struct ExplanationCache(Mutex<VecDeque<(ExplainedRequest, CachedExplanation)>>);

/// How many are kept: as many as a few clients have of headers of their own.
const KEPT: usize = 8;

/// A request, and when it came.
#[derive(Debug)]
struct ExplainedRequest {
    request: Request,
    /// Dates of HTTP have whole seconds, and so do the conditions that compare them with the present.
    second: i64,
}

/// An explanation, and the body of the 404 that has it.
#[derive(Debug, Clone)]
pub(super) struct CachedExplanation {
    pub(super) explanation: Arc<Explanation>,
    pub(super) media_type: &'static str,
    pub(super) body: Bytes,
}

/// A larger body is not kept to be compared.
const LARGEST: usize = 64 * 1024;

impl ExplanationCache {
    /// Returns why a request is not answered, and whether that was cached. `None` if it was not and `explain` returns none.
    pub(super) fn find_or_explain(
        &self,
        request: &Request,
        now: Timestamp,
        explain: impl FnOnce() -> Option<Explanation>,
    ) -> Option<(CachedExplanation, bool)> {
        let same = |kept: &&(ExplainedRequest, CachedExplanation)| kept.0.is(request, now);
        if let Some((_, cached)) = self.lock().iter().rev().find(same) {
            return Some((cached.clone(), true));
        }
        let cached = CachedExplanation::of(explain()?, request);
        if request.body().len() <= LARGEST {
            let mut kept = self.lock();
            if kept.len() == KEPT {
                kept.pop_front();
            }
            kept.push_back((ExplainedRequest { request: request.again(), second: now.as_second() }, cached.clone()));
        }
        Some((cached, false))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(ExplainedRequest, CachedExplanation)>> {
        lock(&self.0)
    }
}

impl ExplainedRequest {
    /// Whether another request has the same explanation.
    fn is(&self, request: &Request, now: Timestamp) -> bool {
        self.second == now.as_second()
            && self.request.head().raw() == request.head().raw()
            && self.request.body() == request.body()
            && self.request.client() == request.client()
            && self.request.protocol() == request.protocol()
    }
}

impl CachedExplanation {
    pub(super) fn of(explanation: Explanation, request: &Request) -> CachedExplanation {
        let (media_type, body) = explanation.negotiated(request);
        CachedExplanation { explanation: Arc::new(explanation), media_type, body: body.into() }
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;
    use crate::engine::{Engine, Exchange, Settings, StubSet};
    use crate::formats::{NoFiles, read_scenario};
    use crate::message::Head;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn set(text: &str) -> StubSet {
        StubSet::compile(&[read_scenario(text, "shop.toml", &NoFiles).expect("a scenario").0]).expect("a set")
    }

    fn send(engine: &Engine, path: &str, body: &'static str, now: Timestamp) -> Exchange {
        let request = Request::new(Head::compose("GET", path, []), Bytes::from_static(body.as_bytes()), None, now);
        engine.handle(&request, now, None)
    }

    #[test]
    fn only_the_same_request_to_the_same_stubs_is_told_the_same() {
        let engine = Engine::new(set("[[stub]]\nrequest.path = '/a'\nwhen_state = 'b'\n").into(), Settings::default());
        let known = |path, body, now| {
            let exchange = send(&engine, path, body, now);
            let fresh = engine.explain(&exchange.entry.request(), now);
            assert_eq!(exchange.explanation.as_deref(), Some(&fresh));
            let (media_type, body) = fresh.negotiated(&exchange.entry.request());
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
