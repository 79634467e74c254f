//! The stubs of a set of scenarios, compiled and in order of precedence.
//!
//! Those of the files are one layer. Each stub that is added while running starts a layer of its own, and layers of
//! nearly one size become one: so adding many, one after the other, indexes each of them a few times and no more, and
//! a request looks into a handful of layers.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use once_cell::sync::OnceCell;
use smallvec::SmallVec;

use crate::journal::StubRef;
use crate::matching::SharedConditions;
use crate::message::Request;
use crate::model::{Expect, Fault, KeyPath, Scenario};

use super::freshness::Freshness;
use super::identity;
use super::layer::{Layer, in_order};
use super::mounted::{Code, MountedStub};

/// Stubs in order of precedence. Few may match one request, and those need no memory.
pub(super) type Found<'a> = SmallVec<[&'a Arc<MountedStub>; 16]>;

/// All that is wrong with the contents of a set: the scenario's place in it, and the fault.
pub type SetFaults = Vec<(usize, Fault)>;

/// Stubs in order of precedence: lower priority first; then those added while running, newest first; then those of
/// files, by path and from top to bottom.
#[derive(Debug, Default)]
pub struct StubSet {
    files: Arc<Layer>,
    /// Those added while running: each layer is several times as large as the next.
    added: Vec<Arc<Layer>>,
    /// Initial states by machine, in order of their names.
    machines: Arc<Vec<(String, String)>>,
    freshness: Option<Arc<Freshness>>,
    /// All of them, once somebody asks, if there is more than one layer.
    all: OnceCell<Vec<Arc<MountedStub>>>,
}

/// A layer is at least this many times as large as the next.
const GROWTH: usize = 4;

/// Of no more stubs than these each is compared with a request that none answers.
const FEW: usize = 128;

/// The state of a machine that no scenario of its name gives another.
const FIRST_STATE: &str = "Started";

impl StubSet {
    /// Compiles scenarios, which come in the order of their files.
    ///
    /// # Errors
    /// All that is wrong, at paths such as `stub[0].request.headers.Accept`.
    pub fn compile(scenarios: &[Scenario]) -> Result<StubSet, SetFaults> {
        let (mut stubs, mut all_faults) = (Vec::new(), SetFaults::new());
        for (place, scenario) in scenarios.iter().enumerate() {
            let mut faults = Vec::new();
            let mut shared = SharedConditions::new(&scenario.representation);
            for stub in &scenario.stubs {
                let number = stubs.len();
                let at = KeyPath::top().key("stub").index(stub.place.index);
                let (id, name) = (identity::written(stub), stub.display_name());
                let reference = StubRef { id, name, scenario: scenario.name.clone(), place: stub.place.clone() };
                let code = Code::default();
                let live = MountedStub::compile(stub, code, reference, None, &at, &mut faults, &mut shared);
                stubs.push(Arc::new(MountedStub { place: number, ..live }));
            }
            all_faults.extend(faults.into_iter().map(|fault| (place, fault)));
        }
        if !all_faults.is_empty() {
            return Err(all_faults);
        }
        let mut machines: Vec<_> = scenarios.iter().map(|s| (s.name.clone(), s.initial_state.clone())).collect();
        machines.sort_unstable();
        let files = Layer::of(stubs.iter().collect());
        if stubs.len() > FEW {
            // Else the first request that none answers would take milliseconds, and hold others up.
            files.near_paths();
        }
        Ok(StubSet { files: Arc::new(files), machines: Arc::new(machines), ..StubSet::default() })
    }

    /// The same set with other layers of stubs that were added.
    fn with_layers(&self, added: Vec<Arc<Layer>>) -> StubSet {
        StubSet {
            files: self.files.clone(),
            added,
            machines: self.machines.clone(),
            freshness: self.freshness.clone(),
            all: OnceCell::new(),
        }
    }

    /// The same set with a stub more.
    #[must_use]
    pub(super) fn with(&self, live: &Arc<MountedStub>) -> StubSet {
        let mut stubs = vec![live];
        let mut kept = self.added.as_slice();
        while let Some((last, before)) = kept.split_last()
            && last.stubs().len() < GROWTH * stubs.len()
        {
            stubs.extend(last.stubs());
            kept = before;
        }
        let mut layers = kept.to_vec();
        layers.push(Arc::new(Layer::of(stubs)));
        self.with_layers(layers)
    }

    /// The same set without a stub that was added, or with another in its place.
    #[must_use]
    pub(super) fn with_instead(&self, id: &str, instead: Option<&Arc<MountedStub>>) -> StubSet {
        let mut layers = self.added.clone();
        for layer in layers.iter_mut().filter(|layer| layer.find(id).is_some()) {
            let others = layer.stubs().iter().filter(|live| live.reference.id != id);
            *layer = Arc::new(Layer::of(others.chain(instead).collect()));
        }
        layers.retain(|layer| !layer.stubs().is_empty());
        self.with_layers(layers)
    }

    /// The same set without those that were added.
    #[must_use]
    pub(super) fn without_added(&self) -> StubSet {
        self.with_layers(Vec::new())
    }

    /// The same set with the stubs that were added to another.
    #[must_use]
    pub(super) fn with_added_of(&self, other: &StubSet) -> StubSet {
        self.with_layers(other.added.clone())
    }

    /// The same set, known to stand so to its files.
    #[must_use]
    pub(super) fn with_freshness(&self, freshness: Freshness) -> StubSet {
        StubSet { freshness: Some(Arc::new(freshness)), ..self.with_layers(self.added.clone()) }
    }

    /// Whether it is as new as its files; `None` if nobody watches them.
    pub fn freshness(&self) -> Option<&Freshness> {
        self.freshness.as_deref()
    }

    fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.added.iter().chain([&self.files]).map(|layer| &**layer)
    }

    /// Stubs of each layer by their numbers there, in order of precedence.
    fn gathered<'a>(&'a self, numbers: impl Fn(&'a Layer) -> Cow<'a, [usize]>) -> Found<'a> {
        let (mut found, mut of_several) = (Found::new(), false);
        for layer in self.layers() {
            let numbers = numbers(layer);
            of_several |= !found.is_empty() && !numbers.is_empty();
            found.extend(numbers.iter().map(|number| &layer.stubs()[*number]));
        }
        if of_several {
            in_order(&mut found);
        }
        found
    }

    /// Whether any of the stubs is code.
    pub(super) fn has_code(&self) -> bool {
        self.layers().any(Layer::has_code)
    }

    /// How many stubs there are.
    pub fn len(&self) -> usize {
        self.layers().map(|layer| layer.stubs().len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All stubs in order of precedence.
    pub fn stubs(&self) -> &[Arc<MountedStub>] {
        if self.added.is_empty() {
            return self.files.stubs();
        }
        self.all.get_or_init(|| {
            let mut all: Vec<_> = self.layers().flat_map(Layer::stubs).collect();
            in_order(&mut all);
            all.into_iter().cloned().collect()
        })
    }

    /// The names of the scenarios that its stubs are of.
    pub fn scenarios(&self) -> BTreeSet<&str> {
        self.layers().flat_map(Layer::scenarios).map(String::as_str).collect()
    }

    /// Those that say how often they must be called, in order of precedence.
    pub(super) fn expecting(&self) -> Vec<(&Arc<MountedStub>, Expect)> {
        let mut expecting: Vec<_> = self.layers().flat_map(Layer::expecting).collect();
        in_order(&mut expecting);
        expecting.into_iter().filter_map(|live| Some((live, live.stub.expect?))).collect()
    }

    /// Those that were added while running, in no order.
    pub(super) fn added(&self) -> impl Iterator<Item = &Arc<MountedStub>> {
        self.added.iter().flat_map(|layer| layer.stubs())
    }

    /// The stub of an identity.
    pub fn find(&self, id: &str) -> Option<&Arc<MountedStub>> {
        self.layers().find_map(|layer| layer.find(id))
    }

    /// Ordinary stubs that may match the request, in order of precedence.
    pub(super) fn candidates(&self, request: &Request) -> Found<'_> {
        self.gathered(|layer| layer.candidates(request))
    }

    /// On-demand stubs that may match the request, in order of precedence.
    pub(super) fn on_demand_candidates(&self, request: &Request) -> Found<'_> {
        self.gathered(|layer| layer.on_demand_candidates(request))
    }

    /// Ordinary stubs that are worth comparing with a request that none answers: all if there are few, else some
    /// of its path and some whose path is nearly that.
    pub(super) fn near(&self, request: &Request) -> Found<'_> {
        match self.len() {
            ..=FEW => self.stubs().iter().filter(|live| !live.stub.on_demand).collect(),
            _ => self.gathered(|layer| layer.near(request, FEW).into()),
        }
    }

    /// The first stub that leads a machine into a state.
    pub(super) fn leading_to(&self, machine: &str, state: &str) -> Option<&Arc<MountedStub>> {
        self.layers().filter_map(|layer| layer.leading_to(machine, state)).min_by_key(|live| live.rank())
    }

    /// The on-demand stubs that a name asks for, in order of precedence: a stub's name, or `scenario/name`.
    pub(super) fn asked_for(&self, name: &str) -> Found<'_> {
        self.gathered(|layer| layer.asked_for(name).into())
    }

    /// Whether an on-demand stub can be asked for by a name: its own, or `scenario/name`.
    pub fn is_on_demand(&self, name: &str) -> bool {
        self.layers().any(|layer| !layer.asked_for(name).is_empty())
    }

    /// The names of all on-demand stubs, sorted.
    pub fn on_demand_names(&self) -> Vec<String> {
        let all = self.layers().flat_map(Layer::stubs);
        let names = all.filter(|live| live.stub.on_demand).map(|live| live.reference.name.clone());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The state in which a machine starts.
    pub fn first_state(&self, machine: &str) -> &str {
        let place = self.machines.binary_search_by(|(known, _)| known.as_str().cmp(machine));
        place.map_or(FIRST_STATE, |place| self.machines[place].1.as_str())
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;
    use crate::formats::{NoFiles, read_scenario};

    #[test]
    fn many_adds_leave_a_handful_of_layers_and_index_each_stub_a_few_times() {
        let text = (0..2000).map(|_| "[[stub]]\nrequest.path = '/a'\n").collect::<String>();
        let (scenario, _) = read_scenario(&text, "set.toml", &NoFiles).expect("a scenario");
        let stubs = StubSet::compile(&[scenario]).expect("a set").stubs().to_vec();
        let mut set = StubSet::default();
        let mut indexed = 0;

        for live in &stubs {
            set = set.with(live);
            indexed += set.added.last().map_or(0, |layer| layer.stubs().len());
        }

        assert_eq!(set.len(), stubs.len());
        assert!(set.added.len() <= 6, "{} layers", set.added.len());
        assert!(indexed <= 20 * stubs.len(), "{indexed} times");
    }
}
