//! Scenario files that were read and compiled.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::StubSet;
use crate::formats::{self, Diagnostic, Diagnostics, Loaded, Source, Streams, sort_by_place};
use crate::matching::check_mask;
use crate::model::{Fault, KeyPath, Scenario};

/// Scenarios that were read and compiled, ready to be served.
#[derive(Debug)]
pub struct Catalogue {
    /// In the order of their files.
    pub scenarios: Vec<Scenario>,
    /// The text of each scenario, in the same order.
    pub sources: Vec<Source>,
    /// All of their stubs, compiled.
    pub stubs: Arc<StubSet>,
}

/// Reads and compiles the scenario files at some paths, and all scenario files in and below folders.
///
/// # Errors
/// Everything that is wrong in any of them.
pub fn load(paths: &[PathBuf]) -> Result<Catalogue, Diagnostics> {
    load_with_report(paths, Streams::Read).outcome
}

/// The result of loading scenario files.
#[derive(Debug)]
pub struct LoadReport {
    /// The scenarios, or all errors in them.
    pub outcome: Result<Catalogue, Diagnostics>,
    /// The files and folders that the scenarios name. Some may not exist. A watcher of scenario files must watch these too.
    pub referenced_files: BTreeSet<PathBuf>,
    /// A warning for each pipe, device or socket in a folder. These are skipped.
    pub skipped: Vec<Diagnostic>,
}

/// Loads scenario files like [`load`], and also reports referenced and skipped files. With [`Streams::Refuse`] it never
/// blocks on a pipe or device.
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
            // A fault in the defaults of a file is reported for each of its stubs.
            diagnostics.dedup();
            Err(Diagnostics(diagnostics))
        }
    }
}

/// Returns the faults in the `ignore` paths of examples.
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
