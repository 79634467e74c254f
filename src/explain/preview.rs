//! What the server would do with a request, and why: the stub that would answer, those that are tried before it, and those that
//! would answer too but come later.
//!
//! The engine decides, in a dry run. This compares the request with the other stubs; `preview_text` and `preview_json` render it.

use std::sync::Arc;

use crate::engine::{DryRun, DryRunAnswer, DryRunVerdict, Engine, MountedStub, preferred_stub};
use crate::message::{Request, RequestDraft};
use crate::model::Timestamp;

use super::comparison::{Comparison, EXPLAIN_STEPS, compare_within};
use super::explanation::Explanation;
use super::near_miss::{Distance, distance, matches_path, path_similarity};
use super::near_stub::NearStub;

/// What the server would do with a request.
#[derive(Debug)]
pub struct Preview {
    /// The request itself.
    pub request: RequestDraft,
    /// The stub that would answer, with its answer.
    pub answering: Option<Answering>,
    /// Stubs that are tried before it and do not match, in the order in which they are tried: those of the same path, and a few
    /// whose path is similar. If no stub answers, those that the request prefers or that are armed.
    pub before: Vec<NearStub>,
    /// How many more stubs of the same path are tried before it.
    pub more_same_path: usize,
    /// How many more stubs of other paths are tried before it.
    pub more_other_paths: usize,
    /// The first of the stubs that would answer too, but are tried later.
    pub after: Vec<NearStub>,
    /// How many more of them there are.
    pub more_after: usize,
    /// On-demand stubs that would answer the request if it preferred them.
    pub on_demand: Vec<String>,
    /// Why no stub answers, if none does.
    pub explanation: Option<Explanation>,
    /// Why the other stubs are not known: comparing the request with them was ended.
    pub unfinished: Option<String>,
}

/// The stub that would answer.
#[derive(Debug)]
pub struct Answering {
    /// Its conditions, which all hold.
    pub stub: NearStub,
    /// What it would send and change.
    pub dry_run: DryRunAnswer,
}

/// The most stubs that are shown of those tried before.
const MAX_BEFORE: usize = 10;
/// The most of them that may have another path.
const MAX_SIMILAR: usize = 3;
/// Another path is similar from this similarity on.
const MIN_SIMILARITY: f64 = 0.6;
/// The most stubs that are named of those that would answer too.
const MAX_AFTER: usize = 5;

/// Previews a request as if it were sent now: nothing is recorded or counted, and no state changes.
pub fn preview(engine: &Engine, request: &Request, now: Timestamp) -> Preview {
    let DryRun { snapshot, verdict } = engine.dry_run(request, now);
    let comparison = Comparison { snapshot: &snapshot, request, now };
    let set = comparison.set();
    match verdict {
        DryRunVerdict::Answers(dry_run) => comparison.answered(*dry_run),
        DryRunVerdict::Unmatched => comparison.unmatched(Explanation::bounded(comparison)),
        DryRunVerdict::Undecided(reason) => comparison.unmatched(Explanation::undecided(set, request, reason)),
        DryRunVerdict::UnknownPreference(name) => comparison.unmatched(Explanation::unknown_stub(set, name, request)),
    }
}

impl<'a> Comparison<'a> {
    fn answered(self, dry_run: DryRunAnswer) -> Preview {
        let mounted = &dry_run.mounted;
        let compared = compare_within(EXPLAIN_STEPS, || (self.around(mounted), self.near_stub(mounted)));
        let (around, stub, unfinished) = match compared {
            Ok((around, stub)) => (around, stub, None),
            Err(reason) => (self.before(&[]), NearStub::bare(mounted), Some(reason)),
        };
        Preview { answering: Some(Answering { stub, dry_run }), unfinished, ..around }
    }

    /// Compares the stubs that are tried before and after the one that answers.
    fn around(self, mounted: &Arc<MountedStub>) -> Preview {
        let mut tried = self.preferred_or_armed();
        let on_demand = self.on_demand(&tried);
        let also_match: Vec<_> = self.later(mounted, &tried).filter(|mounted| self.would_answer(mounted)).collect();
        tried.extend(self.set().stubs().iter().filter(|mounted| !mounted.stub.on_demand));
        let place = tried.iter().position(|other| Arc::ptr_eq(other, mounted)).unwrap_or(tried.len());
        let earlier = &tried[..place];
        Preview {
            after: also_match.iter().take(MAX_AFTER).map(|mounted| self.near_stub(mounted)).collect(),
            more_after: also_match.len().saturating_sub(MAX_AFTER),
            on_demand,
            ..self.before(earlier)
        }
    }

    fn unmatched(self, explanation: Explanation) -> Preview {
        let on_demand = explanation.on_demand.clone();
        // A request that prefers a stub that does not exist is refused before any is tried.
        let tried = if explanation.unknown_stub.is_some() {
            Vec::new()
        } else {
            self.preferred_or_armed()
        };
        let (before, unfinished) = match compare_within(EXPLAIN_STEPS, || self.before(&tried)) {
            Ok(before) => (before, None),
            Err(reason) => (self.before(&[]), Some(reason)),
        };
        Preview { explanation: Some(explanation), on_demand, unfinished, ..before }
    }

    /// Returns the on-demand stubs that the request prefers or that are armed, in the order in which they are tried.
    fn preferred_or_armed(self) -> Vec<&'a Arc<MountedStub>> {
        let name = preferred_stub(self.request);
        let mut tried: Vec<_> = name.iter().flat_map(|name| self.set().on_demand_named(name)).collect();
        let is_preferred = |mounted: &MountedStub| {
            name.as_ref().is_some_and(|name| *name == mounted.reference.name || *name == mounted.full_name())
        };
        tried.extend(self.snapshot.armed_stubs().into_iter().filter(|mounted| !is_preferred(mounted)));
        tried
    }

    /// Returns the stubs that may match and come after one; preferred and armed ones are among them.
    fn later(
        self,
        mounted: &MountedStub,
        on_demand: &[&'a Arc<MountedStub>],
    ) -> impl Iterator<Item = &'a Arc<MountedStub>> {
        let place = on_demand.iter().position(|other| std::ptr::eq(&***other, mounted));
        let of_those = place.map_or_else(Vec::new, |place| on_demand[place + 1..].to_vec());
        let rank = mounted.rank();
        let ordinary = self.set().candidates(self.request).into_iter();
        of_those.into_iter().chain(ordinary.filter(move |other| place.is_some() || other.rank() > rank))
    }

    /// Reports on the nearest of the stubs that are tried before, in the order in which they are tried.
    fn before(self, earlier: &[&Arc<MountedStub>]) -> Preview {
        let mut same: Vec<(Distance, usize)> = Vec::new();
        let mut similar: Vec<(Distance, usize)> = Vec::new();
        for (place, mounted) in earlier.iter().enumerate() {
            let near = match matches_path(mounted.pattern(), self.request, self.now) {
                true => &mut same,
                false if self.is_similar(mounted) => &mut similar,
                false => continue,
            };
            near.push((distance(mounted.pattern(), self.request, self.now), place));
        }
        same.sort_unstable();
        similar.sort_unstable();
        let of_the_path = same.len();
        same.truncate(MAX_BEFORE);
        similar.truncate(MAX_SIMILAR.min(MAX_BEFORE - same.len()));
        let mut shown: Vec<usize> = same.iter().chain(&similar).map(|(_, place)| *place).collect();
        shown.sort_unstable();
        Preview {
            request: RequestDraft::from_request(self.request),
            answering: None,
            before: shown.iter().map(|place| self.near_stub(earlier[*place])).collect(),
            more_same_path: of_the_path - same.len(),
            more_other_paths: earlier.len() - of_the_path - similar.len(),
            after: Vec::new(),
            more_after: 0,
            on_demand: Vec::new(),
            explanation: None,
            unfinished: None,
        }
    }

    /// Returns whether the path may be mistyped. A stub whose method differs too is not near.
    fn is_similar(self, mounted: &MountedStub) -> bool {
        let method = self.request.method();
        let allows_method = mounted.pattern().methods().is_none_or(|methods| methods.iter().any(|one| one == method));
        allows_method && path_similarity(mounted.pattern(), self.request) >= MIN_SIMILARITY
    }

    /// Returns the names of the on-demand stubs that would answer and are neither preferred nor armed.
    fn on_demand(self, tried: &[&Arc<MountedStub>]) -> Vec<String> {
        let answering =
            self.set().on_demand_candidates(self.request).into_iter().filter(|mounted| self.would_answer(mounted));
        let others = answering.filter(|mounted| !tried.iter().any(|other| Arc::ptr_eq(other, mounted)));
        others.map(|mounted| mounted.reference.name.clone()).collect()
    }
}
