//! Scenario files that were read and compiled.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::StubSet;
use crate::formats::{self, Diagnostic, Diagnostics, Loaded, Source, Streams, sort_by_place};
use crate::matching::check_mask;
use crate::model::{Fault, KeyPath, Scenario};

/// Scenarios that are ready to be served.
#[derive(Debug)]
pub struct Catalogue {
    /// In the order of their files.
    pub scenarios: Vec<Scenario>,
    /// The texts that they were read from, in the same order.
    pub sources: Vec<Source>,
    /// All of their stubs, compiled.
    pub stubs: Arc<StubSet>,
}

/// Reads and compiles the scenario files of some paths, folders with all that is in them.
///
/// # Errors
/// Everything that is wrong in any of them.
pub fn load(paths: &[PathBuf]) -> Result<Catalogue, Diagnostics> {
    load_with_report(paths, Streams::Read).outcome
}

/// What came of loading scenario files, with what else there is to know of them.
#[derive(Debug)]
pub struct LoadReport {
    /// The scenarios, or everything that is wrong with them.
    pub outcome: Result<Catalogue, Diagnostics>,
    /// The files and folders beside the scenarios that they name, whether they exist or not: who watches scenario
    /// files must watch those too.
    pub referenced_files: BTreeSet<PathBuf>,
    /// A warning for each pipe, device or socket in a folder: it is passed over.
    pub skipped: Vec<Diagnostic>,
}

/// As [`load`], with what else there is to know. With [`Streams::Refuse`] it never waits for anybody.
pub fn load_with_report(paths: &[PathBuf], streams: Streams) -> LoadReport {
    let (mut loaded, diagnostics) = formats::load(paths, streams);
    let referenced_files = std::mem::take(&mut loaded.referenced_files);
    let skipped = std::mem::take(&mut loaded.skipped);
    LoadReport { outcome: compile(loaded, diagnostics), referenced_files, skipped }
}

fn compile(loaded: Loaded, Diagnostics(mut diagnostics): Diagnostics) -> Result<Catalogue, Diagnostics> {
    let compiled = StubSet::compile(&loaded.scenarios);
    let ignored = loaded
        .scenarios
        .iter()
        .enumerate()
        .flat_map(|(place, scenario)| ignored_faults(scenario).into_iter().map(move |fault| (place, fault)));
    let faults = compiled.as_ref().err().into_iter().flatten().cloned().chain(ignored);
    diagnostics.extend(faults.map(|(place, fault)| loaded.sources[place].locate(&fault)));
    for (scenario, source) in &loaded.partial {
        let faults = StubSet::compile(std::slice::from_ref(scenario)).err().unwrap_or_default();
        diagnostics.extend(faults.iter().map(|(_, fault)| source.locate(fault)));
    }
    match compiled {
        Ok(stubs) if diagnostics.is_empty() => {
            Ok(Catalogue { scenarios: loaded.scenarios, sources: loaded.sources, stubs: Arc::new(stubs) })
        }
        _ => {
            sort_by_place(&mut diagnostics);
            // A fault in a file's defaults shows in each of its stubs.
            diagnostics.dedup();
            Err(Diagnostics(diagnostics))
        }
    }
}

/// Returns the faults of the paths that examples exclude from the comparison.
fn ignored_faults(scenario: &Scenario) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, example) in scenario.examples.iter().enumerate() {
        let at = KeyPath::top().key("example").index(number).key("ignore");
        for (place, path) in example.ignore.iter().enumerate() {
            check_mask(path, &at.index(place), &mut faults);
        }
    }
    faults
}
