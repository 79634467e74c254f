//! The stubs of a set of scenarios, compiled and in order of precedence.
//!
//! The files' stubs are one layer. Each stub that is added while running starts a layer of its own, and layers of similar size are
//! merged. So each of many added stubs is indexed only a few times, and a request is looked up in a handful of layers.

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
use super::layer::{Layer, sort_by_precedence};
use super::mounted::{Code, MountedStub};

/// Stubs in order of precedence. Few may match one request, and a list of few needs no memory of its own.
pub(crate) type StubList<'a> = SmallVec<[&'a Arc<MountedStub>; 16]>;

/// Everything that is wrong with the contents of a set: the scenario's place in it, and the fault.
pub type SetFaults = Vec<(usize, Fault)>;

/// Stubs in order of precedence. A lower priority comes first. Within a priority the stubs that were added while running come first,
/// newest first. The files' stubs follow, by path and from top to bottom.
#[derive(Debug, Default)]
pub struct StubSet {
    files: Arc<Layer>,
    /// The layers of the stubs that were added while running. Each is several times as large as the next.
    added: Vec<Arc<Layer>>,
    /// The initial states of machines, sorted by the names of the machines.
    machines: Arc<Vec<(String, String)>>,
    freshness: Option<Arc<Freshness>>,
    /// All stubs, if there is more than one layer. Made when it is first needed.
    all: OnceCell<Vec<Arc<MountedStub>>>,
}

/// A layer has at least this many times as many stubs as the next.
const GROWTH: usize = 4;

/// If there are at most this many stubs, each is compared with a request that none answers.
const MOST_COMPARED: usize = 128;

/// The initial state of a machine, unless the scenario of its name specifies another.
const INITIAL_STATE: &str = "Started";

impl StubSet {
    /// Compiles scenarios, given in the order of their files.
    ///
    /// # Errors
    /// Returns everything that is wrong, at paths such as `stub[0].request.headers.Accept`.
    pub fn compile(scenarios: &[Scenario]) -> Result<StubSet, SetFaults> {
        let (mut stubs, mut all_faults) = (Vec::new(), SetFaults::new());
        for (place, scenario) in scenarios.iter().enumerate() {
            let mut faults = Vec::new();
            let mut shared = SharedConditions::new(&scenario.representation);
            for stub in &scenario.stubs {
                let number = stubs.len();
                let at = KeyPath::top().key("stub").index(stub.place.index);
                let (id, name) = (identity::file_stub_id(stub), stub.display_name());
                let reference = StubRef { id, name, scenario: scenario.name.clone(), place: stub.place.clone() };
                let code = Code::default();
                let mounted = MountedStub::compile(stub, code, reference, None, &at, &mut faults, &mut shared);
                stubs.push(Arc::new(MountedStub { place: number, ..mounted }));
            }
            all_faults.extend(faults.into_iter().map(|fault| (place, fault)));
        }
        if !all_faults.is_empty() {
            return Err(all_faults);
        }
        let mut machines: Vec<_> = scenarios.iter().map(|s| (s.name.clone(), s.initial_state.clone())).collect();
        machines.sort_unstable();
        let files = Layer::new(stubs.iter().collect());
        if stubs.len() > MOST_COMPARED {
            // Otherwise the first request that no stub answers would take milliseconds, and delay others.
            files.near_paths();
        }
        Ok(StubSet { files: Arc::new(files), machines: Arc::new(machines), ..StubSet::default() })
    }

    /// Returns the same set with other layers of added stubs.
    fn with_layers(&self, added: Vec<Arc<Layer>>) -> StubSet {
        StubSet {
            files: self.files.clone(),
            added,
            machines: self.machines.clone(),
            freshness: self.freshness.clone(),
            all: OnceCell::new(),
        }
    }

    /// Returns the same set with one more stub.
    #[must_use]
    pub(super) fn with(&self, mounted: &Arc<MountedStub>) -> StubSet {
        let mut stubs = vec![mounted];
        let mut kept = self.added.as_slice();
        while let Some((last, before)) = kept.split_last()
            && last.stubs().len() < GROWTH * stubs.len()
        {
            stubs.extend(last.stubs());
            kept = before;
        }
        let mut layers = kept.to_vec();
        layers.push(Arc::new(Layer::new(stubs)));
        self.with_layers(layers)
    }

    /// Returns the same set with an added stub replaced by another, or removed.
    #[must_use]
    pub(super) fn with_replaced(&self, id: &str, replacement: Option<&Arc<MountedStub>>) -> StubSet {
        let mut layers = self.added.clone();
        for layer in layers.iter_mut().filter(|layer| layer.find(id).is_some()) {
            let others = layer.stubs().iter().filter(|mounted| mounted.reference.id != id);
            *layer = Arc::new(Layer::new(others.chain(replacement).collect()));
        }
        layers.retain(|layer| !layer.stubs().is_empty());
        self.with_layers(layers)
    }

    /// Returns the same set without the added stubs.
    #[must_use]
    pub(super) fn without_added(&self) -> StubSet {
        self.with_layers(Vec::new())
    }

    /// Returns the same set with the added stubs of another set.
    #[must_use]
    pub(super) fn with_added_of(&self, other: &StubSet) -> StubSet {
        self.with_layers(other.added.clone())
    }

    /// Returns the same set with another freshness.
    #[must_use]
    pub(super) fn with_freshness(&self, freshness: Freshness) -> StubSet {
        StubSet { freshness: Some(Arc::new(freshness)), ..self.with_layers(self.added.clone()) }
    }

    /// Returns whether the set is as new as its files; `None` if they are not watched.
    pub fn freshness(&self) -> Option<&Freshness> {
        self.freshness.as_deref()
    }

    fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.added.iter().chain([&self.files]).map(|layer| &**layer)
    }

    /// Returns the stubs that `numbers` selects in each layer, in order of precedence.
    fn select<'a>(&'a self, numbers: impl Fn(&'a Layer) -> Cow<'a, [usize]>) -> StubList<'a> {
        let (mut found, mut of_several) = (StubList::new(), false);
        for layer in self.layers() {
            let numbers = numbers(layer);
            of_several |= !found.is_empty() && !numbers.is_empty();
            found.extend(numbers.iter().map(|number| &layer.stubs()[*number]));
        }
        if of_several {
            sort_by_precedence(&mut found);
        }
        found
    }

    /// Whether any of the stubs is code.
    pub(crate) fn has_code(&self) -> bool {
        self.layers().any(Layer::has_code)
    }

    /// Returns the number of stubs.
    pub fn len(&self) -> usize {
        self.layers().map(|layer| layer.stubs().len()).sum()
    }

    /// Whether there are no stubs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all stubs in order of precedence.
    pub fn stubs(&self) -> &[Arc<MountedStub>] {
        if self.added.is_empty() {
            return self.files.stubs();
        }
        self.all.get_or_init(|| {
            let mut all: Vec<_> = self.layers().flat_map(Layer::stubs).collect();
            sort_by_precedence(&mut all);
            all.into_iter().cloned().collect()
        })
    }

    /// Returns the names of the scenarios to which the stubs belong.
    pub fn scenarios(&self) -> BTreeSet<&str> {
        self.layers().flat_map(Layer::scenarios).map(String::as_str).collect()
    }

    /// Returns the stubs that expect a number of calls, in order of precedence.
    pub(super) fn expecting(&self) -> Vec<(&Arc<MountedStub>, Expect)> {
        let mut expecting: Vec<_> = self.layers().flat_map(Layer::expecting).collect();
        sort_by_precedence(&mut expecting);
        expecting.into_iter().filter_map(|mounted| Some((mounted, mounted.stub.expect?))).collect()
    }

    /// Returns the stubs that were added while running, in any order.
    pub(super) fn added(&self) -> impl Iterator<Item = &Arc<MountedStub>> {
        self.added.iter().flat_map(|layer| layer.stubs())
    }

    /// Returns the stub with this identity.
    pub fn find(&self, id: &str) -> Option<&Arc<MountedStub>> {
        self.layers().find_map(|layer| layer.find(id))
    }

    /// Returns the ordinary stubs that may match the request, in order of precedence.
    pub(crate) fn candidates(&self, request: &Request) -> StubList<'_> {
        self.select(|layer| layer.candidates(request))
    }

    /// Returns the on-demand stubs that may match the request, in order of precedence.
    pub(crate) fn on_demand_candidates(&self, request: &Request) -> StubList<'_> {
        self.select(|layer| layer.on_demand_candidates(request))
    }

    /// Returns the ordinary stubs that are worth comparing with a request that none answers: all if there are few, otherwise some with
    /// its path and some with a similar path.
    pub(crate) fn near(&self, request: &Request) -> StubList<'_> {
        match self.len() {
            ..=MOST_COMPARED => self.stubs().iter().filter(|mounted| !mounted.stub.on_demand).collect(),
            _ => self.select(|layer| layer.near(request, MOST_COMPARED).into()),
        }
    }

    /// Returns the first stub that moves a machine to a state.
    pub(crate) fn leading_to(&self, machine: &str, state: &str) -> Option<&Arc<MountedStub>> {
        self.layers().filter_map(|layer| layer.leading_to(machine, state)).min_by_key(|mounted| mounted.rank())
    }

    /// Returns the on-demand stubs of a name, in order of precedence. The name is that of a stub, or `scenario/name`.
    pub(crate) fn on_demand_named(&self, name: &str) -> StubList<'_> {
        self.select(|layer| layer.on_demand_named(name).into())
    }

    /// Whether a name is that of an on-demand stub, or `scenario/name` of one.
    pub fn is_on_demand(&self, name: &str) -> bool {
        self.layers().any(|layer| !layer.on_demand_named(name).is_empty())
    }

    /// Returns the names of all on-demand stubs, sorted.
    pub fn on_demand_names(&self) -> Vec<String> {
        let all = self.layers().flat_map(Layer::stubs);
        let names = all.filter(|mounted| mounted.stub.on_demand).map(|mounted| mounted.reference.name.clone());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns the names of the machines of its scenarios, sorted.
    pub(super) fn machines(&self) -> impl Iterator<Item = &str> {
        self.machines.iter().map(|(machine, _)| machine.as_str())
    }

    /// Returns the initial state of a machine.
    pub fn initial_state(&self, machine: &str) -> &str {
        let place = self.machines.binary_search_by(|(known, _)| known.as_str().cmp(machine));
        place.map_or(INITIAL_STATE, |place| self.machines[place].1.as_str())
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

        for mounted in &stubs {
            set = set.with(mounted);
            indexed += set.added.last().map_or(0, |layer| layer.stubs().len());
        }

        assert_eq!(set.len(), stubs.len());
        assert!(set.added.len() <= 6, "{} layers", set.added.len());
        assert!(indexed <= 20 * stubs.len(), "{indexed} times");
    }
}
