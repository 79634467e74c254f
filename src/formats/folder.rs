//! Loads scenario files and folders of them.
//!
//! Everything that is wrong with any of the files is told at once.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Fault, KeyPath, Scenario};

use super::body_files::{Folder, LIMIT_BYTES};
use super::diagnostic::{Diagnostic, Diagnostics, Lines};
use super::source::Source;
use super::written::tick;
use super::{Read, read, references};

/// The scenarios of a set, and the texts they were read from, in the same order.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// By path.
    pub scenarios: Vec<Scenario>,
    /// The text of each of them.
    pub sources: Vec<Source>,
    /// Of files with faults the stubs that have none so far, each with its text: whoever compiles them finds the rest.
    pub unsound: Vec<(Scenario, Source)>,
}

/// Loads scenario files, and every `*.toml` in and below folders; what begins with a dot is left out.
///
/// Those that can be read are given back whatever is wrong with others, so that the rooms above find their faults in
/// the same run.
pub fn load(paths: &[PathBuf]) -> (Loaded, Diagnostics) {
    let mut told = Vec::new();
    let files = scenario_files(paths, &mut told);
    if files.is_empty() && told.is_empty() {
        let shown = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let help = "Name a scenario file, or a folder with `*.toml` files in it.";
        told.push(Diagnostic::of_file(&shown, "there is no scenario file here").helped(Some(help.to_owned())));
    }
    let mut loaded = Loaded { scenarios: Vec::new(), sources: Vec::new(), unsound: Vec::new() };
    for file in &files {
        match read_file(file) {
            Ok(Read { scenario: Some(scenario), source, faults }) if faults.is_empty() => {
                loaded.scenarios.push(scenario);
                loaded.sources.push(source);
            }
            Ok(read) => {
                told.extend(read.source.locate_all(&read.faults));
                let source = read.source.clone();
                loaded.unsound.extend(read.sound_stubs().map(|scenario| (scenario, source)));
            }
            Err(faults) => told.extend(faults),
        }
    }
    // What a file that is not there would have named is not missed.
    told.extend(check_set(&loaded, told.is_empty()));
    (loaded, Diagnostics(told))
}

fn read_file(file: &Path) -> Result<Read, Vec<Diagnostic>> {
    let name = file.display().to_string();
    let refused = |message: String| vec![Diagnostic::of_file(&name, message)];
    let known = fs::metadata(file).map_err(|error| refused(format!("cannot read this file: {error}")))?;
    if known.len() > LIMIT_BYTES {
        return Err(refused("this file is larger than 64 MiB".to_owned()));
    }
    let bytes = fs::read(file).map_err(|error| refused(format!("cannot read this file: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| vec![not_utf8(&name, &error)])?;
    read(&text, &name, &Folder::of(file))
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Diagnostic {
    let at = error.utf8_error().valid_up_to();
    // As many bytes as characters may become three times as many, but the text before the place stays as it is.
    let text = String::from_utf8_lossy(error.as_bytes());
    let help = "Save the file as UTF-8.".to_owned();
    Diagnostic::of_file(name, "this file is not UTF-8").helped(Some(help)).placed(
        &Lines::of(&text),
        &text,
        &(at..at + 1),
        "no character",
    )
}

/// The files to load, by path, each once.
fn scenario_files(paths: &[PathBuf], told: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut seen_folders = HashSet::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(known) if known.is_dir() => walk(path, &mut files, &mut seen_folders, told),
            Ok(_) => files.push(path.clone()),
            Err(error) => {
                let message = match error.kind() {
                    std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
                    _ => format!("cannot read this: {error}"),
                };
                told.push(Diagnostic::of_file(&path.display().to_string(), message));
            }
        }
    }
    files.sort();
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    files
}

/// Adds the scenario files in and below a folder. A link that leads back up ends where it was before.
fn walk(top: &Path, files: &mut Vec<PathBuf>, seen: &mut HashSet<PathBuf>, told: &mut Vec<Diagnostic>) {
    let mut waiting = vec![top.to_owned()];
    while let Some(folder) = waiting.pop() {
        if !folder.canonicalize().is_ok_and(|real| seen.insert(real)) {
            continue;
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                let name = folder.display().to_string();
                told.push(Diagnostic::of_file(&name, format!("cannot read this folder: {error}")));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                files.push(path);
            }
        }
    }
}

/// What is wrong between the files, though each for itself is good.
fn check_set(loaded: &Loaded, whole: bool) -> Vec<Diagnostic> {
    let mut by_name: HashMap<&str, &Scenario> = HashMap::new();
    let mut told = Vec::new();
    for (scenario, source) in loaded.scenarios.iter().zip(&loaded.sources) {
        if let Some(first) = by_name.get(scenario.name.as_str()) {
            let message = format!(
                "two scenarios are named {}: {} and {}",
                tick(&scenario.name),
                tick(&first.file),
                tick(&scenario.file)
            );
            let fault = Fault::value(&KeyPath::top().key("name"), message).labelled("the second of this name");
            told.push(source.locate(&fault.helped("Give one of them a `name` of its own at the top of its file.")));
        } else {
            by_name.insert(&scenario.name, scenario);
        }
    }
    if whole {
        for (scenario, source) in loaded.scenarios.iter().zip(&loaded.sources) {
            told.extend(source.locate_all(&references::check_across(scenario, &by_name)));
        }
    }
    told
}
