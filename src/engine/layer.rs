//! Stubs that are indexed together: the files' stubs, or some of those that were added while running.
//!
//! A layer never changes. A `StubSet` is made of layers.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::HashMap;
use once_cell::sync::OnceCell;

use crate::matching::{NearPaths, StubIndex};
use crate::message::Request;

use super::MountedStub;

/// Stubs in order of precedence, with their indexes.
#[derive(Debug, Default)]
pub(super) struct Layer {
    stubs: Vec<Arc<MountedStub>>,
    /// The stubs that are not on demand.
    ordinary: Lookup,
    on_demand: Lookup,
    /// The numbers of the on-demand stubs by name (a stub's name and `scenario/name`), sorted by name.
    names: Vec<(String, Vec<usize>)>,
    /// The first stub that moves a machine to a state, sorted by machine and state.
    leading: Vec<((String, String), usize)>,
    /// The stubs that expect a number of calls.
    expecting: Vec<usize>,
    /// The names of the scenarios to which the stubs belong.
    scenarios: BTreeSet<String>,
    ids: OnceCell<HashMap<String, usize>>,
    near_paths: OnceCell<NearPaths>,
    has_code: bool,
}

/// Finds the numbers of the stubs that may match.
#[derive(Debug)]
enum Lookup {
    /// The numbers of all stubs, because they are so few that an index costs more than it saves.
    All(Vec<usize>),
    Indexed(StubIndex),
}

/// At most this many stubs have no index.
const MOST_UNINDEXED: usize = 3;

impl Default for Lookup {
    fn default() -> Lookup {
        Lookup::All(Vec::new())
    }
}

impl Lookup {
    fn new(stubs: &[Arc<MountedStub>], numbers: Vec<usize>) -> Lookup {
        if stubs.len() <= MOST_UNINDEXED {
            Lookup::All(numbers)
        } else {
            Lookup::Indexed(StubIndex::new(numbers.into_iter().map(|number| (number, &stubs[number].pattern))))
        }
    }

    fn candidates(&self, request: &Request) -> Cow<'_, [usize]> {
        match self {
            Lookup::All(numbers) => Cow::Borrowed(numbers),
            Lookup::Indexed(index) => index.candidates(request),
        }
    }

    fn first_of_path(&self, request: &Request) -> Vec<usize> {
        match self {
            Lookup::All(numbers) => numbers.clone(),
            Lookup::Indexed(index) => index.first_of_path(request),
        }
    }
}

/// Sorts stubs by precedence.
pub(super) fn sort_by_precedence(stubs: &mut [&Arc<MountedStub>]) {
    stubs.sort_unstable_by_key(|mounted| mounted.rank());
}

/// Groups numbers by name. The names are sorted, and so are the numbers of each.
fn group_by_name(mut named: Vec<(String, usize)>) -> Vec<(String, Vec<usize>)> {
    named.sort_unstable();
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (name, number) in named {
        match groups.last_mut() {
            Some((last, numbers)) if *last == name => numbers.push(number),
            _ => groups.push((name, vec![number])),
        }
    }
    groups
}

impl Layer {
    /// Makes a layer of stubs, given in any order.
    pub(super) fn new(mut stubs: Vec<&Arc<MountedStub>>) -> Layer {
        sort_by_precedence(&mut stubs);
        let stubs: Vec<_> = stubs.into_iter().cloned().collect();
        let (mut ordinary, mut on_demand, mut has_code) = (Vec::new(), Vec::new(), false);
        let (mut names, mut leading) = (Vec::new(), Vec::new());
        let (mut expecting, mut scenarios) = (Vec::new(), BTreeSet::new());
        for (number, mounted) in stubs.iter().enumerate() {
            has_code |= mounted.has_code();
            if !mounted.stub.on_demand {
                ordinary.push(number);
            } else {
                on_demand.push(number);
                names.push((mounted.reference.name.clone(), number));
                names.push((mounted.full_name(), number));
            }
            if mounted.stub.expect.is_some() {
                expecting.push(number);
            }
            if !scenarios.contains(&mounted.reference.scenario) {
                scenarios.insert(mounted.reference.scenario.clone());
            }
            if let Some(state) = &mounted.stub.then_state {
                leading.push(((mounted.stub.state_machine.clone(), state.clone()), number));
            }
        }
        let (ordinary, on_demand) = (Lookup::new(&stubs, ordinary), Lookup::new(&stubs, on_demand));
        let names = group_by_name(names);
        leading.sort_unstable();
        leading.dedup_by(|next, first| next.0 == first.0);
        let (ids, near_paths) = (OnceCell::new(), OnceCell::new());
        Layer { stubs, ordinary, on_demand, names, leading, expecting, scenarios, ids, near_paths, has_code }
    }

    /// Whether any of the stubs is code.
    pub(super) fn has_code(&self) -> bool {
        self.has_code
    }

    /// Returns all stubs in order of precedence.
    pub(super) fn stubs(&self) -> &[Arc<MountedStub>] {
        &self.stubs
    }

    /// Returns the stubs that expect a number of calls.
    pub(super) fn expecting(&self) -> impl Iterator<Item = &Arc<MountedStub>> {
        self.expecting.iter().map(|number| &self.stubs[*number])
    }

    /// Returns the names of the scenarios to which the stubs belong.
    pub(super) fn scenarios(&self) -> &BTreeSet<String> {
        &self.scenarios
    }

    /// Returns the numbers of the ordinary stubs that may match.
    pub(super) fn candidates(&self, request: &Request) -> Cow<'_, [usize]> {
        self.ordinary.candidates(request)
    }

    /// Returns the numbers of the on-demand stubs that may match.
    pub(super) fn on_demand_candidates(&self, request: &Request) -> Cow<'_, [usize]> {
        self.on_demand.candidates(request)
    }

    /// Returns the numbers of the on-demand stubs of a name: a stub's name, or `scenario/name`.
    pub(super) fn on_demand_named(&self, name: &str) -> &[usize] {
        let place = self.names.binary_search_by(|(known, _)| known.as_str().cmp(name));
        place.map_or(&[], |place| self.names[place].1.as_slice())
    }

    /// Returns the first stub that moves a machine to a state.
    pub(super) fn leading_to(&self, machine: &str, state: &str) -> Option<&Arc<MountedStub>> {
        let order = |((known, reached), _): &((String, String), usize)| {
            (known.as_str(), reached.as_str()).cmp(&(machine, state))
        };
        let place = self.leading.binary_search_by(order).ok()?;
        Some(&self.stubs[self.leading[place].1])
    }

    /// Returns the stub with this identity.
    pub(super) fn find(&self, id: &str) -> Option<&Arc<MountedStub>> {
        let ids = self.ids.get_or_init(|| {
            // Equal stubs without a name have the same identity. The first is found, because it is inserted last.
            let reversed = self.stubs.iter().enumerate().rev();
            reversed.map(|(number, mounted)| (mounted.reference.id.clone(), number)).collect()
        });
        ids.get(id).map(|number| &self.stubs[*number])
    }

    /// Returns the index of similar paths. The first call builds it.
    pub(super) fn near_paths(&self) -> &NearPaths {
        self.near_paths.get_or_init(|| {
            let ordinary = self.stubs.iter().enumerate().filter(|(_, mounted)| !mounted.stub.on_demand);
            NearPaths::new(ordinary.map(|(number, mounted)| (number, &mounted.pattern)))
        })
    }

    /// Returns the numbers of the ordinary stubs that are worth comparing with a request that none of them matches: candidates of the
    /// index, the first stubs with its path, and stubs with a similar path. `most` limits each of the first two.
    pub(super) fn near(&self, request: &Request, most: usize) -> Vec<usize> {
        let likely = self.ordinary.candidates(request);
        let mut found = likely[..likely.len().min(most)].to_vec();
        found.extend(self.ordinary.first_of_path(request).into_iter().take(most));
        found.extend(self.near_paths().near(request));
        found.sort_unstable();
        found.dedup();
        found
    }
}
