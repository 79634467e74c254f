//! Finds probable mistakes in files that load: stubs that never answer or specify no response, states that are never reached,
//! responses that are never sent, reason phrases that HTTP/2 drops, conditions that are always true, and what
//! cannot be meant.
//!
//! A warning is given only if it is certain. Examples find other mistakes.

mod computed;
mod contradiction;
mod covers;
mod implied;
mod impossible;
mod reason;
mod shadowed;
mod states;
mod unanswered;
mod unlikely;
mod value;
mod words;

use std::collections::HashSet;

use crate::engine::MountedStub;
use crate::formats::Diagnostic;
use crate::model::Fault;

use super::Catalogue;
use value::Judge;

/// A warning, and the position of its scenario in the catalogue.
type Found = (usize, Fault);

/// Returns all warnings of a catalogue, by file and line.
pub fn warnings(catalogue: &Catalogue) -> Vec<Diagnostic> {
    let (scenarios, set) = (catalogue.scenarios.as_slice(), &*catalogue.stubs);
    let judge = Judge::default();
    let mut found: Vec<Found> = Vec::new();
    let mut known_dead: HashSet<(&str, usize)> = HashSet::new();
    for (place, scenario) in scenarios.iter().enumerate() {
        for stub in &scenario.stubs {
            if let Some(fault) = impossible::impossible(&judge, stub) {
                known_dead.insert((&*stub.place.file, stub.place.index));
                found.push((place, fault));
            }
        }
    }
    let is_dead = |mounted: &MountedStub| known_dead.contains(&(&*mounted.stub.place.file, mounted.stub.place.index));
    found.extend(shadowed::shadowed(&judge, scenarios, set, &is_dead));
    found.extend(states::states(scenarios, set));
    found.extend(reason::reasons(scenarios));
    found.extend(computed::computed(scenarios));
    found.extend(unanswered::unanswered(scenarios));
    found.extend(unlikely::unlikely(scenarios));
    located(&found, catalogue)
}

/// Locates the warnings in their files, in the order of the files. A warning about the defaults of a file is found for each
/// of its stubs, and is reported once.
fn located(found: &[Found], catalogue: &Catalogue) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<(usize, Diagnostic)> =
        found.iter().map(|(place, fault)| (*place, catalogue.sources[*place].locate_warning(fault))).collect();
    diagnostics.sort_by_key(|(place, diagnostic)| (*place, diagnostic.line, diagnostic.column));
    let mut seen = HashSet::new();
    diagnostics.retain(|(place, one)| seen.insert((*place, one.line, one.column, one.message.clone())));
    diagnostics.into_iter().map(|(_, diagnostic)| diagnostic).collect()
}
