//! Finds states that stubs require and no transition reaches, and responses that are never sent because of a state.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::engine::StubSet;
use crate::formats::{backtick_list, did_you_mean, in_backticks};
use crate::model::{Fault, KeyPath, Scenario, Stub, StubAnswer};

use super::Found;
use super::words::stub_in_words;

/// The maximum number of states whose successors are computed.
const MAX_FOLLOWED: usize = 256;

/// A state machine and its transitions.
struct Machine<'a> {
    first: &'a str,
    /// The states to which stubs lead, by the state in which these answer; `None` for any state.
    transitions: HashMap<Option<&'a str>, BTreeSet<&'a str>>,
}

impl<'a> Machine<'a> {
    /// Returns all states that can be reached from a state, including that one.
    fn reached_from(&self, start: &'a str) -> HashSet<&'a str> {
        let mut reached = HashSet::from([start]);
        let mut waiting = vec![start];
        waiting.extend(self.from(None).filter(|state| reached.insert(state)));
        while let Some(state) = waiting.pop() {
            waiting.extend(self.from(Some(state)).filter(|state| reached.insert(state)));
        }
        reached
    }

    fn from(&self, state: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        self.transitions.get(&state).into_iter().flatten().copied()
    }
}

fn machines<'a>(scenarios: &'a [Scenario], set: &'a StubSet) -> BTreeMap<&'a str, Machine<'a>> {
    let mut machines: BTreeMap<&str, Machine<'_>> = BTreeMap::new();
    for stub in scenarios.iter().flat_map(|scenario| &scenario.stubs) {
        let name = stub.state_machine.as_str();
        let machine = machines
            .entry(name)
            .or_insert_with(|| Machine { first: set.initial_state(name), transitions: HashMap::new() });
        if let Some(state) = &stub.then_state {
            machine.transitions.entry(stub.when_state.as_deref()).or_default().insert(state);
        }
    }
    machines
}

/// Returns a warning for each required state that is never reached, and for each list of responses that never gets beyond its
/// first one.
pub(super) fn states(scenarios: &[Scenario], set: &StubSet) -> Vec<Found> {
    let machines = machines(scenarios, set);
    let reached: HashMap<&str, HashSet<&str>> =
        machines.iter().map(|(name, machine)| (*name, machine.reached_from(machine.first))).collect();
    let mut reported = HashSet::new();
    let mut successors: HashMap<(&str, &str), HashSet<&str>> = HashMap::new();
    let mut found = Vec::new();
    for (place, scenario) in scenarios.iter().enumerate() {
        for stub in &scenario.stubs {
            let (Some(required), name) = (stub.when_state.as_deref(), stub.state_machine.as_str()) else { continue };
            let (Some(machine), Some(reached)) = (machines.get(name), reached.get(name)) else { continue };
            if !reached.contains(required) {
                if reported.insert((name, required)) {
                    found.push((place, never_reached(stub, required, machine, reached)));
                }
            } else if let Some((next, fault)) = never_sent(stub, required) {
                let is_known = successors.contains_key(&(name, next));
                if is_known || successors.len() < MAX_FOLLOWED {
                    let after = successors.entry((name, next)).or_insert_with(|| machine.reached_from(next));
                    found.extend(Some((place, fault)).filter(|_| !after.contains(required)));
                }
            }
        }
    }
    found
}

fn never_reached(stub: &Stub, required: &str, machine: &Machine<'_>, reached: &HashSet<&str>) -> Fault {
    let at = KeyPath::top().key("stub").index(stub.place.index).key("when_state");
    let message = format!("{} never reaches the state {}", in_backticks(&stub.state_machine), in_backticks(required));
    let mut sorted: Vec<&str> = reached.iter().copied().collect();
    sorted.sort_unstable();
    let is_a_target = machine.transitions.values().any(|states| states.contains(required));
    let help = if is_a_target {
        format!(
            "The stubs that lead to it require states that are never reached either. Reachable states: {}.",
            backtick_list(sorted)
        )
    } else {
        did_you_mean(required, sorted.iter().copied())
            .unwrap_or_else(|| format!("Reachable states: {}.", backtick_list(sorted)))
    };
    Fault::value(&at, message).with_label("never reached").with_help(help)
}

/// Returns the state to which a stub with several responses leads, and a warning. The warning applies if no transition leads
/// back, because then only the first response is ever sent.
fn never_sent<'a>(stub: &'a Stub, required: &str) -> Option<(&'a str, Fault)> {
    let StubAnswer::Responses(responses, _) = &stub.answer else { return None };
    let next = stub.then_state.as_deref().filter(|next| *next != required && responses.len() > 1)?;
    let at = KeyPath::top().key("stub").index(stub.place.index).key("responses").index(1);
    let message = format!("{} answers only once, so its other responses are never sent", stub_in_words(stub));
    let help = format!(
        "It answers in the state {} and leads to {}, from which nothing leads back.",
        in_backticks(required),
        in_backticks(next)
    );
    Some((next, Fault::value(&at, message).with_label("never sent").with_help(help)))
}
