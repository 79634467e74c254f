//! Loads scenario files and folders of them.
//!
//! All errors of all files are reported at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::model::{Fault, KeyPath, Scenario};

use super::body_files::Folder;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::folder::{FoundFiles, find_files, skipped_warning};
use super::native::{PartialScenario, check_across, read};
use super::regular_file::{ReadFault, Streams, read_whole};
use super::source::Source;
use super::utf8::text;
use super::words::in_backticks;

/// The scenarios that were loaded, and their texts in the same order.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Sorted by path.
    pub scenarios: Vec<Scenario>,
    /// The text of each scenario.
    pub sources: Vec<Source>,
    /// The faultless stubs of files with faults, each file with its text. Compiling them finds the remaining faults.
    pub partial: Vec<(Scenario, Source)>,
    /// The files and folders that the scenarios name, sorted. Some may not exist.
    pub referenced_files: BTreeSet<PathBuf>,
    /// A warning for each thing in a folder that is skipped because it is not a file.
    pub skipped: Vec<Diagnostic>,
}

/// Loads scenario files, and every `*.toml` in and below folders. Names that begin with a dot are skipped.
///
/// Pipes and devices are read only if they are named and `streams` allows it. In folders everything that is not a file is
/// skipped with a warning.
///
/// Good files are returned even if others have faults, so that compiling them reports their faults in the same run.
pub fn load(paths: &[PathBuf], streams: Streams) -> (Loaded, Diagnostics) {
    let FoundFiles { files, mut diagnostics, skipped, .. } = find_files(paths);
    if files.is_empty() && diagnostics.is_empty() {
        let shown = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let help = "Name a scenario file, or a folder with `*.toml` files in it.";
        diagnostics
            .push(Diagnostic::for_file(&shown, "there is no scenario file here").with_help(Some(help.to_owned())));
        diagnostics.extend(skipped.iter().cloned());
    }
    let mut loaded = Loaded {
        scenarios: Vec::new(),
        sources: Vec::new(),
        partial: Vec::new(),
        referenced_files: BTreeSet::new(),
        skipped,
    };
    // Only a named path may be a pipe.
    let named: HashSet<&PathBuf> = paths.iter().collect();
    for file in &files {
        let streams = if named.contains(file) { streams } else { Streams::Refuse };
        match read_file(file, streams, &mut loaded) {
            Ok(PartialScenario { scenario: Some(scenario), source, faults }) if faults.is_empty() => {
                loaded.scenarios.push(scenario);
                loaded.sources.push(source);
            }
            Ok(read) => {
                diagnostics.extend(read.source.locate_all(&read.faults));
                let source = read.source.clone();
                loaded.partial.extend(read.faultless_stubs().map(|scenario| (scenario, source)));
            }
            Err(faults) => diagnostics.extend(faults),
        }
    }
    // A name may be defined in a file that could not be read, so names across files are checked only if all are good.
    diagnostics.extend(check_set(&loaded, diagnostics.is_empty()));
    (loaded, Diagnostics(diagnostics))
}

fn read_file(file: &Path, streams: Streams, loaded: &mut Loaded) -> Result<PartialScenario, Vec<Diagnostic>> {
    let name = file.display().to_string();
    let bytes = read_whole(file, streams).map_err(|fault| {
        let message = match fault {
            ReadFault::Io(error) => format!("cannot read this file: {error}"),
            ReadFault::NotAFile(kind) => format!("cannot read this: it is {kind}, not a file"),
            ReadFault::TooLarge => "a scenario file must be at most 64 MiB".to_owned(),
        };
        vec![Diagnostic::for_file(&name, message)]
    })?;
    let text = text(bytes, &name)?;
    let folder = Folder::for_scenario(file);
    let read = read(&text, &name, &folder);
    let (requested, skipped) = folder.into_requested();
    loaded.referenced_files.extend(requested);
    let known: HashSet<String> = loaded.skipped.iter().map(|warning| warning.file.clone()).collect();
    let new =
        skipped.iter().map(|(path, kind)| skipped_warning(path, kind)).filter(|warning| !known.contains(&warning.file));
    loaded.skipped.extend(new);
    read
}

/// Checks names and references across files. `is_complete` is false if some file has faults.
fn check_set(loaded: &Loaded, is_complete: bool) -> Vec<Diagnostic> {
    let mut by_name: HashMap<&str, &Scenario> = HashMap::new();
    let mut diagnostics = Vec::new();
    for (scenario, source) in loaded.scenarios.iter().zip(&loaded.sources) {
        if let Some(first) = by_name.get(scenario.name.as_str()) {
            let message = format!(
                "names of scenarios must be unique, found {} in {} and {}",
                in_backticks(&scenario.name),
                in_backticks(&first.file),
                in_backticks(&scenario.file)
            );
            let fault = Fault::value(&KeyPath::top().key("name"), message).with_label("the second of this name");
            diagnostics
                .push(source.locate(&fault.with_help("Give one of them a `name` of its own at the top of its file.")));
        } else {
            by_name.insert(&scenario.name, scenario);
        }
    }
    if is_complete {
        for (scenario, source) in loaded.scenarios.iter().zip(&loaded.sources) {
            diagnostics.extend(source.locate_all(&check_across(scenario, &by_name)));
        }
    }
    diagnostics
}
