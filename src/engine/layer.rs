//! Stubs that are indexed together: those of the files, or some of those that were added while running.
//!
//! A layer never changes. Which layers make up what is served is the set's business.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::HashMap;
use once_cell::sync::OnceCell;

use crate::matching::{NearPaths, StubIndex};
use crate::message::Request;

use super::MountedStub;

/// Stubs in order of precedence, with what finds them.
#[derive(Debug, Default)]
pub(super) struct Layer {
    stubs: Vec<Arc<MountedStub>>,
    /// Those that answer without being asked for.
    ordinary: Numbers,
    on_demand: Numbers,
    /// On-demand stubs by what they can be asked for, each name with all of its stubs, in order of the names.
    names: Vec<(String, Vec<usize>)>,
    /// The first stub that leads a machine into a state, in order of both.
    leading: Vec<((String, String), usize)>,
    /// Those that say how often they must be called.
    expecting: Vec<usize>,
    /// The names of the scenarios that they are of.
    scenarios: BTreeSet<String>,
    ids: OnceCell<HashMap<String, usize>>,
    near_paths: OnceCell<NearPaths>,
    has_code: bool,
}

/// What finds the numbers of stubs that may match.
#[derive(Debug)]
enum Numbers {
    /// So few that to ask them all costs less than to look them up.
    All(Vec<usize>),
    Indexed(StubIndex),
}

/// How many are so few.
const FEW: usize = 3;

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers::All(Vec::new())
    }
}

impl Numbers {
    fn of(stubs: &[Arc<MountedStub>], those: Vec<usize>) -> Numbers {
        if stubs.len() <= FEW {
            Numbers::All(those)
        } else {
            Numbers::Indexed(StubIndex::new(those.into_iter().map(|number| (number, &stubs[number].pattern))))
        }
    }

    fn candidates(&self, request: &Request) -> Cow<'_, [usize]> {
        match self {
            Numbers::All(numbers) => Cow::Borrowed(numbers),
            Numbers::Indexed(index) => index.candidates(request),
        }
    }

    fn first_of_path(&self, request: &Request) -> Vec<usize> {
        match self {
            Numbers::All(numbers) => numbers.clone(),
            Numbers::Indexed(index) => index.first_of_path(request),
        }
    }
}

/// Puts stubs in order of precedence.
pub(super) fn in_order(stubs: &mut [&Arc<MountedStub>]) {
    stubs.sort_unstable_by_key(|live| live.rank());
}

/// What has one name taken together, in order of the names and of the numbers.
fn grouped(mut named: Vec<(String, usize)>) -> Vec<(String, Vec<usize>)> {
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
    /// A layer of stubs in any order.
    pub(super) fn of(mut stubs: Vec<&Arc<MountedStub>>) -> Layer {
        in_order(&mut stubs);
        let stubs: Vec<_> = stubs.into_iter().cloned().collect();
        let (mut ordinary, mut on_demand, mut has_code) = (Vec::new(), Vec::new(), false);
        let (mut names, mut leading) = (Vec::new(), Vec::new());
        let (mut expecting, mut scenarios) = (Vec::new(), BTreeSet::new());
        for (number, live) in stubs.iter().enumerate() {
            has_code |= live.has_code();
            if !live.stub.on_demand {
                ordinary.push(number);
            } else {
                on_demand.push(number);
                for asked in [live.reference.name.clone(), live.full_name()] {
                    names.push((asked, number));
                }
            }
            if live.stub.expect.is_some() {
                expecting.push(number);
            }
            if !scenarios.contains(&live.reference.scenario) {
                scenarios.insert(live.reference.scenario.clone());
            }
            if let Some(state) = &live.stub.then_state {
                leading.push(((live.stub.state_machine.clone(), state.clone()), number));
            }
        }
        let (ordinary, on_demand) = (Numbers::of(&stubs, ordinary), Numbers::of(&stubs, on_demand));
        let names = grouped(names);
        leading.sort_unstable();
        leading.dedup_by(|next, first| next.0 == first.0);
        let (ids, near_paths) = (OnceCell::new(), OnceCell::new());
        Layer { stubs, ordinary, on_demand, names, leading, expecting, scenarios, ids, near_paths, has_code }
    }

    /// Whether any of them is code.
    pub(super) fn has_code(&self) -> bool {
        self.has_code
    }

    /// All of them in order of precedence.
    pub(super) fn stubs(&self) -> &[Arc<MountedStub>] {
        &self.stubs
    }

    /// Those that say how often they must be called.
    pub(super) fn expecting(&self) -> impl Iterator<Item = &Arc<MountedStub>> {
        self.expecting.iter().map(|number| &self.stubs[*number])
    }

    /// The names of the scenarios that they are of.
    pub(super) fn scenarios(&self) -> &BTreeSet<String> {
        &self.scenarios
    }

    /// The numbers of ordinary stubs that may match.
    pub(super) fn candidates(&self, request: &Request) -> Cow<'_, [usize]> {
        self.ordinary.candidates(request)
    }

    /// The numbers of on-demand stubs that may match.
    pub(super) fn on_demand_candidates(&self, request: &Request) -> Cow<'_, [usize]> {
        self.on_demand.candidates(request)
    }

    /// The numbers of the on-demand stubs that a name asks for.
    pub(super) fn on_demand_named(&self, name: &str) -> &[usize] {
        let place = self.names.binary_search_by(|(known, _)| known.as_str().cmp(name));
        place.map_or(&[], |place| self.names[place].1.as_slice())
    }

    /// The first stub that leads a machine into a state.
    pub(super) fn leading_to(&self, machine: &str, state: &str) -> Option<&Arc<MountedStub>> {
        let of = |((known, reached), _): &((String, String), usize)| {
            (known.as_str(), reached.as_str()).cmp(&(machine, state))
        };
        let place = self.leading.binary_search_by(of).ok()?;
        Some(&self.stubs[self.leading[place].1])
    }

    /// The stub of an identity.
    pub(super) fn find(&self, id: &str) -> Option<&Arc<MountedStub>> {
        let ids = self.ids.get_or_init(|| {
            // Two equal stubs without a name have one identity: it finds the first.
            let last_first = self.stubs.iter().enumerate().rev();
            last_first.map(|(number, live)| (live.reference.id.clone(), number)).collect()
        });
        ids.get(id).map(|number| &self.stubs[*number])
    }

    /// What finds stubs of nearly the path of a request. The first to ask for it waits until it is there.
    pub(super) fn near_paths(&self) -> &NearPaths {
        self.near_paths.get_or_init(|| {
            let ordinary = self.stubs.iter().enumerate().filter(|(_, live)| !live.stub.on_demand);
            NearPaths::new(ordinary.map(|(number, live)| (number, &live.pattern)))
        })
    }

    /// The numbers of ordinary stubs that are worth comparing with a request that none of them matches: those that
    /// may match by what tells them apart, the first of its path, and those whose path is nearly that.
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
