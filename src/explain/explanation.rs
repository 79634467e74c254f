//! Why no stub answers a request: the nearest stubs, condition by condition.

use crate::engine::{Engine, StubSet};
use crate::message::{Request, Secrets};
use crate::model::Timestamp;

use super::comparison::{Comparison, EXPLAIN_STEPS, compare_within};
use super::near_miss::Distance;
use super::near_stub::NearStub;

/// Why a request was not answered by any stub.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The request's method.
    pub method: String,
    /// The request's target as sent.
    pub target: String,
    /// The name of an on-demand stub that the request prefers and that does not exist, with the names that do.
    pub unknown_stub: Option<(String, Vec<String>)>,
    /// The nearest stubs, nearest first, at most three. A stub that shares nothing with the request is not among them.
    pub nearest: Vec<NearStub>,
    /// On-demand stubs that would answer the request if it preferred them.
    pub on_demand: Vec<String>,
    /// How many stubs there are.
    pub stubs: usize,
    /// Why the files do not load, if the stubs are older than the files.
    pub stale: Option<String>,
    /// Why the request is answered with a 500: whether a stub matches cannot be decided.
    pub undecided: Option<String>,
    /// Why the nearest stubs are not known: comparing the request with them was ended.
    pub unfinished: Option<String>,
    /// The secrets of the request, which redacted texts leave out.
    pub secrets: Secrets,
}

/// The number of nearest stubs in an explanation.
pub(super) const MAX_NEAREST: usize = 3;

/// Explains why no stub would answer a request if it were sent now. The request is not recorded.
pub fn explain(engine: &Engine, request: &Request, now: Timestamp) -> Explanation {
    Explanation::bounded(Comparison { snapshot: &engine.snapshot(), request, now })
}

impl Explanation {
    /// Explains within a number of steps.
    ///
    /// # Errors
    /// Returns why it was ended: the steps were not enough, or the code of Cannery panicked.
    pub(super) fn within(comparison: Comparison<'_>, steps: u64) -> Result<Explanation, String> {
        compare_within(steps, || Explanation::new(comparison))
    }

    /// Explains within the usual number of steps. If it was ended, the explanation has the reason instead of the nearest stubs.
    pub(super) fn bounded(comparison: Comparison<'_>) -> Explanation {
        Explanation::within(comparison, EXPLAIN_STEPS).unwrap_or_else(|reason| Explanation {
            unfinished: Some(reason),
            ..Explanation::bare(comparison.set(), comparison.request)
        })
    }

    /// Explains a request that is answered with a 500 for a reason.
    pub(super) fn undecided(set: &StubSet, request: &Request, reason: String) -> Explanation {
        Explanation { undecided: Some(reason), ..Explanation::bare(set, request) }
    }

    /// Explains a request that prefers a stub of a name that no on-demand stub has.
    pub(super) fn unknown_stub(set: &StubSet, name: String, request: &Request) -> Explanation {
        Explanation { unknown_stub: Some((name, set.on_demand_names())), ..Explanation::bare(set, request) }
    }

    /// Creates an explanation without the stubs, which have not been compared yet.
    fn bare(set: &StubSet, request: &Request) -> Explanation {
        Explanation {
            method: request.method().to_owned(),
            target: request.head().target().to_owned(),
            unknown_stub: None,
            nearest: Vec::new(),
            on_demand: Vec::new(),
            stubs: set.len(),
            stale: set.freshness().and_then(|freshness| freshness.problem.clone()),
            undecided: None,
            unfinished: None,
            secrets: Secrets::from_request(request),
        }
    }

    fn new(comparison: Comparison<'_>) -> Explanation {
        let (set, request) = (comparison.set(), comparison.request);
        let mut compared = set.near(request);
        compared.retain(|mounted| comparison.is_near(mounted));
        let mut ranked: Vec<(Distance, usize)> =
            compared.iter().map(|mounted| comparison.distance(mounted)).zip(0..).collect();
        ranked.sort_unstable();
        let nearest = ranked.iter().take(MAX_NEAREST).map(|(_, place)| comparison.near_stub(compared[*place]));
        let on_demand = set.on_demand_candidates(request).into_iter();
        let on_demand = on_demand.filter(|mounted| comparison.would_answer(mounted));
        Explanation {
            nearest: nearest.collect(),
            on_demand: on_demand.map(|mounted| mounted.reference.name.clone()).collect(),
            ..Explanation::bare(set, request)
        }
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::engine::{Freshness, Settings};
    use crate::formats::{NoFiles, Syntax, read_scenario, read_stub};
    use crate::message::Head;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn set() -> StubSet {
        let (scenario, _) =
            read_scenario("[[stub]]\nrequest.path = '/a'\n", "shop.toml", &NoFiles).expect("a scenario");
        StubSet::compile(&[scenario]).expect("a set")
    }

    #[test]
    fn an_explanation_reports_stale_files_until_they_are_loaded() {
        let engine = Engine::new(set().into(), Settings::default());
        let request = |path| Request::new(Head::compose("GET", path, []), Bytes::new(), None, AT);
        let stale = || explain(&engine, &request("/b"), AT).stale;
        assert_eq!(stale(), None);

        engine.set_freshness(Freshness { at: AT, problem: Some("broken".to_owned()) });
        let (added, _) = read_stub("request.path = '/c'", Syntax::Toml, "x", "x", &NoFiles).expect("a stub");
        engine.add(added).expect("a stub");
        assert_eq!(stale().as_deref(), Some("broken"), "adding a stub does not correct the files");

        engine.reload(&set(), AT);
        assert_eq!(stale(), None);
        assert_eq!(engine.handle(&request("/c"), AT, None).answer.status, 200, "an added stub stays");
    }
}
