//! Stubs that never answer because one before them takes every request that they take.
//!
//! Each stub is compared with those only whose path covers its own, and of those that ask for one certain value only
//! with the ones that ask for a value of its own, so that ten thousand stubs on one path are no trouble.

use std::collections::HashMap;

use crate::engine::{LiveStub, StubSet};
use crate::matching::{Key, PathTrie, Subject};
use crate::model::{Fault, KeyPath, Scenario};

use super::Found;
use super::covers::Candidate;
use super::value::Judge;
use super::words::{place_in_words, stub_in_words};

/// A stub is compared with at most so many others; what is beyond goes unwarned.
const MOST_COMPARED: usize = 256;

/// What a stub asks for that tells it from most others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Mark {
    State(String, String),
    Value(Subject, Key),
}

/// The stubs before the one that is looked at, each by the one of its marks that the fewest had before it; those
/// without one are under `None`.
#[derive(Default)]
struct Earlier(HashMap<Option<Mark>, Filed>);

#[derive(Default)]
struct Filed {
    count: usize,
    numbers: PathTrie<Vec<usize>>,
}

impl Earlier {
    fn add(&mut self, live: &LiveStub, number: usize) {
        let sharing = |marks: &Vec<Option<Mark>>| {
            marks.iter().filter_map(|mark| self.0.get(mark)).map(|filed| filed.count).max().unwrap_or_default()
        };
        for mark in needed(live).into_iter().min_by_key(sharing).unwrap_or_else(|| vec![None]) {
            let filed = self.0.entry(mark).or_default();
            filed.count += 1;
            filed.numbers.at(live.pattern().template()).push(number);
        }
    }

    /// The numbers of those that may take all that a stub takes, in order of precedence.
    fn of(&self, live: &LiveStub) -> Vec<usize> {
        let template = live.pattern().template();
        let filed = offered(live).into_iter().map(Some).chain([None]).filter_map(|mark| self.0.get(&mark));
        let numbers = |filed: &'_ Filed| -> Vec<usize> {
            filed.numbers.covering(template).into_iter().flatten().copied().take(MOST_COMPARED).collect()
        };
        let mut found: Vec<usize> = filed.flat_map(numbers).collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(MOST_COMPARED);
        found
    }
}

/// What an earlier stub insists on: of each of these a later one offers some, if all that it takes is taken.
fn needed(live: &LiveStub) -> Vec<Vec<Option<Mark>>> {
    let values = live.pattern().marks().into_iter().filter(|mark| mark.subject != Subject::Method).map(|mark| {
        let of_key = |key| Some(Mark::Value(mark.subject.clone(), key));
        mark.keys.into_iter().map(of_key).collect()
    });
    state_of(live).map(|state| vec![Some(state)]).into_iter().chain(values).collect()
}

fn offered(live: &LiveStub) -> Vec<Mark> {
    let values = live.pattern().offers().into_iter().map(|(subject, key)| Mark::Value(subject, key));
    state_of(live).into_iter().chain(values).collect()
}

fn state_of(live: &LiveStub) -> Option<Mark> {
    let state = live.stub.when_state.as_ref()?;
    Some(Mark::State(live.stub.state_machine.clone(), state.clone()))
}

/// Adds a warning for each stub that never answers for that reason; `dead` are those of which it is known already.
pub(super) fn shadowed(
    judge: &Judge,
    scenarios: &[Scenario],
    set: &StubSet,
    dead: &dyn Fn(&LiveStub) -> bool,
) -> Vec<Found> {
    let places: HashMap<&str, usize> =
        scenarios.iter().enumerate().map(|(place, scenario)| (scenario.file.as_str(), place)).collect();
    let place_of = |live: &LiveStub| places.get(&*live.stub.place.file).copied();
    let mut earlier = Earlier::default();
    let mut warnings = Vec::new();
    for (number, live) in set.stubs().iter().enumerate() {
        let Some(place) = place_of(live).filter(|_| !live.stub.on_demand && !dead(live)) else { continue };
        let later = Candidate { live, representation: &scenarios[place].representation };
        let shadowing = earlier.of(live).into_iter().map(|number| &set.stubs()[number]).find(|other| {
            place_of(other).is_some_and(|place| {
                judge.takes_all_of(Candidate { live: other, representation: &scenarios[place].representation }, later)
            })
        });
        match shadowing {
            Some(other) => warnings.push((place, fault(live, other))),
            // What a shadowed stub takes is taken by the one that shadows it, so only the others are kept.
            None => earlier.add(live, number),
        }
    }
    warnings
}

fn fault(live: &LiveStub, other: &LiveStub) -> Fault {
    let at = KeyPath::top().key("stub").index(live.stub.place.index);
    let (name, shadow) =
        (stub_in_words(&live.stub), format!("{} ({})", stub_in_words(&other.stub), place_in_words(&other.stub)));
    let is_same = live.stub.request == other.stub.request && live.stub.when_state == other.stub.when_state;
    let message = if is_same {
        format!("{name} never answers: {shadow} comes first and asks for the same request")
    } else {
        format!("{name} never answers: {shadow} comes first and takes every request that it takes")
    };
    let help = if is_same {
        "Leave one of them out, or ask for something by which the two differ."
    } else if live.stub.priority != other.stub.priority {
        "The lower `priority` goes first: give this stub one that is lower still, or let the other one ask for more."
    } else if live.stub.place.file == other.stub.place.file {
        "The first stub that matches answers: move this one up, or let the other one ask for more."
    } else {
        "Files go by path, and the first stub that matches answers: give this one a lower `priority`, or let the other one ask for more."
    };
    let at = if live.stub.name.is_some() { at.key("name") } else { at };
    Fault::value(&at, message).labelled("never answers").helped(help)
}
