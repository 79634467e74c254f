//! What loads, but cannot have been meant: stubs that never answer or specify no response, states that nothing reaches,
//! responses that are never sent, phrases that get lost, values that are always there.
//!
//! A warning is given only where it is certain; what might be so is left to the examples.

mod computed;
mod contradiction;
mod covers;
mod implied;
mod impossible;
mod reason;
mod shadowed;
mod states;
mod unanswered;
mod value;
mod words;

use std::collections::HashSet;

use crate::engine::LiveStub;
use crate::formats::Diagnostic;
use crate::model::Fault;

use super::Catalogue;
use value::Judge;

/// The scenario's place in its set, and what is odd there.
type Found = (usize, Fault);

/// All warnings of a catalogue, by file and line.
pub fn warnings(catalogue: &Catalogue) -> Vec<Diagnostic> {
    let (scenarios, set) = (catalogue.scenarios.as_slice(), &*catalogue.stubs);
    let judge = Judge::default();
    let mut found: Vec<Found> = Vec::new();
    let mut dead: HashSet<(&str, usize)> = HashSet::new();
    for (place, scenario) in scenarios.iter().enumerate() {
        for stub in &scenario.stubs {
            if let Some(fault) = impossible::impossible(&judge, stub) {
                dead.insert((&*stub.place.file, stub.place.index));
                found.push((place, fault));
            }
        }
    }
    let is_dead = |live: &LiveStub| dead.contains(&(&*live.stub.place.file, live.stub.place.index));
    found.extend(shadowed::shadowed(&judge, scenarios, set, &is_dead));
    found.extend(states::states(scenarios, set));
    found.extend(reason::reasons(scenarios));
    found.extend(computed::computed(scenarios));
    found.extend(unanswered::unanswered(scenarios));
    located(&found, catalogue)
}

/// The warnings at their places, in the order of the files; one about a file's defaults shows in each of its stubs, and
/// is told once.
fn located(found: &[Found], catalogue: &Catalogue) -> Vec<Diagnostic> {
    let mut told: Vec<(usize, Diagnostic)> =
        found.iter().map(|(place, fault)| (*place, catalogue.sources[*place].warn(fault))).collect();
    told.sort_by_key(|(place, diagnostic)| (*place, diagnostic.line, diagnostic.column));
    let mut seen = HashSet::new();
    told.retain(|(place, one)| seen.insert((*place, one.line, one.column, one.message.clone())));
    told.into_iter().map(|(_, diagnostic)| diagnostic).collect()
}
