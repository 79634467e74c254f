//! Finds stubs that never answer because an earlier stub matches every request that they match.
//!
//! A stub is compared only with stubs whose path covers its own. Of stubs that require a certain value, it is compared only
//! with those that require one of its own values. So ten thousand stubs with one path take little time.

use std::collections::HashMap;

use crate::engine::{MountedStub, StubSet};
use crate::matching::{IndexKey, PathTrie, RequestField};
use crate::model::{Fault, KeyPath, Scenario};

use super::Found;
use super::covers::ScenarioStub;
use super::value::Judge;
use super::words::{place_in_words, stub_in_words};

/// The maximum number of stubs with which one stub is compared. Stubs beyond it are not searched.
const MAX_COMPARED: usize = 256;

/// A value that a stub requires.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum DemandedValue {
    State(String, String),
    Value(RequestField, IndexKey),
}

/// The stubs before the current one. Each is filed under one value that it requires: the one that the fewest stubs before it
/// require. Stubs that require none are filed under `None`.
#[derive(Default)]
struct Earlier(HashMap<Option<DemandedValue>, StubGroup>);

#[derive(Default)]
struct StubGroup {
    count: usize,
    numbers: PathTrie<Vec<usize>>,
}

impl Earlier {
    fn add(&mut self, mounted: &MountedStub, number: usize) {
        let sharing = |values: &Vec<Option<DemandedValue>>| {
            values.iter().filter_map(|value| self.0.get(value)).map(|group| group.count).max().unwrap_or_default()
        };
        for value in demanded_values(mounted).into_iter().min_by_key(sharing).unwrap_or_else(|| vec![None]) {
            let group = self.0.entry(value).or_default();
            group.count += 1;
            group.numbers.at(mounted.pattern().template()).push(number);
        }
    }

    /// Returns the numbers of the stubs that may match every request that a stub matches, in order of precedence.
    fn possible_shadows(&self, mounted: &MountedStub) -> Vec<usize> {
        let template = mounted.pattern().template();
        let groups = implied_values(mounted).into_iter().map(Some).chain([None]).filter_map(|value| self.0.get(&value));
        let numbers = |group: &'_ StubGroup| -> Vec<usize> {
            group.numbers.covering(template).into_iter().flatten().copied().take(MAX_COMPARED).collect()
        };
        let mut found: Vec<usize> = groups.flat_map(numbers).collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(MAX_COMPARED);
        found
    }
}

/// Returns the values that a stub requires, as lists of alternatives. A later stub that it shadows implies one of each list.
fn demanded_values(mounted: &MountedStub) -> Vec<Vec<Option<DemandedValue>>> {
    let required =
        mounted.pattern().required_keys().into_iter().filter(|required| required.field != RequestField::Method);
    let values = required.map(|required| {
        let of_key = |key| Some(DemandedValue::Value(required.field.clone(), key));
        required.keys.into_iter().map(of_key).collect()
    });
    state_of(mounted).map(|state| vec![Some(state)]).into_iter().chain(values).collect()
}

fn implied_values(mounted: &MountedStub) -> Vec<DemandedValue> {
    let values = mounted.pattern().implied_keys().into_iter().map(|(field, key)| DemandedValue::Value(field, key));
    state_of(mounted).into_iter().chain(values).collect()
}

fn state_of(mounted: &MountedStub) -> Option<DemandedValue> {
    let state = mounted.stub.when_state.as_ref()?;
    Some(DemandedValue::State(mounted.stub.state_machine.clone(), state.clone()))
}

/// Returns a warning for each shadowed stub. Stubs for which `known_dead` is true already have another warning.
pub(super) fn shadowed(
    judge: &Judge,
    scenarios: &[Scenario],
    set: &StubSet,
    known_dead: &dyn Fn(&MountedStub) -> bool,
) -> Vec<Found> {
    let places: HashMap<&str, usize> =
        scenarios.iter().enumerate().map(|(place, scenario)| (scenario.file.as_str(), place)).collect();
    let place_of = |mounted: &MountedStub| places.get(&*mounted.stub.place.file).copied();
    let mut earlier = Earlier::default();
    let mut warnings = Vec::new();
    for (number, mounted) in set.stubs().iter().enumerate() {
        let Some(place) = place_of(mounted).filter(|_| !mounted.stub.on_demand && !known_dead(mounted)) else {
            continue;
        };
        let later = ScenarioStub { mounted, representation: &scenarios[place].representation };
        let shadowing =
            earlier.possible_shadows(mounted).into_iter().map(|number| &set.stubs()[number]).find(|other| {
                place_of(other).is_some_and(|place| {
                    judge.matches_all_of(
                        ScenarioStub { mounted: other, representation: &scenarios[place].representation },
                        later,
                    )
                })
            });
        match shadowing {
            Some(other) => warnings.push((place, fault(mounted, other))),
            // The stub that shadows it matches all of its requests, so a shadowed stub need not be kept.
            None => earlier.add(mounted, number),
        }
    }
    warnings
}

fn fault(mounted: &MountedStub, other: &MountedStub) -> Fault {
    let at = KeyPath::top().key("stub").index(mounted.stub.place.index);
    let (name, shadow) =
        (stub_in_words(&mounted.stub), format!("{} ({})", stub_in_words(&other.stub), place_in_words(&other.stub)));
    let is_same = mounted.stub.request == other.stub.request && mounted.stub.when_state == other.stub.when_state;
    let message = if is_same {
        format!("{name} never answers: {shadow} comes first and matches the same requests")
    } else {
        format!("{name} never answers: {shadow} comes first and matches every request that it matches")
    };
    let help = if is_same {
        "Remove one of them, or add a condition by which the two differ."
    } else if mounted.stub.priority != other.stub.priority {
        "The lower `priority` goes first: give this stub a lower one, or add a condition to the other."
    } else if mounted.stub.place.file == other.stub.place.file {
        "The first stub that matches answers: move this one up, or add a condition to the other."
    } else {
        "Files are sorted by path, and the first stub that matches answers: give this one a lower `priority`, or add a condition to the other."
    };
    let at = if mounted.stub.name.is_some() { at.key("name") } else { at };
    Fault::value(&at, message).with_label("never answers").with_help(help)
}
