//! Loads scenario files and folders of them.
//!
//! Everything that is wrong with any of the files is told at once.

use std::collections::{BTreeSet, HashMap, HashSet};
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
    /// The files and folders beside them that they name, whether they are there or not; sorted.
    pub beside: BTreeSet<PathBuf>,
}

/// Where scenario files were looked for, and which there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// By path, each once.
    pub files: Vec<PathBuf>,
    /// All folders that were looked through.
    pub folders: Vec<PathBuf>,
    /// The paths that are not there or cannot be read.
    pub told: Vec<Diagnostic>,
}

/// Loads scenario files, and every `*.toml` in and below folders; what begins with a dot is left out.
///
/// Those that can be read are given back whatever is wrong with others, so that the rooms above find their faults in
/// the same run.
pub fn load(paths: &[PathBuf]) -> (Loaded, Diagnostics) {
    let Found { files, mut told, .. } = find(paths);
    if files.is_empty() && told.is_empty() {
        let shown = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let help = "Name a scenario file, or a folder with `*.toml` files in it.";
        told.push(Diagnostic::of_file(&shown, "there is no scenario file here").helped(Some(help.to_owned())));
    }
    let mut loaded =
        Loaded { scenarios: Vec::new(), sources: Vec::new(), unsound: Vec::new(), beside: BTreeSet::new() };
    for file in &files {
        match read_file(file, &mut loaded.beside) {
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

fn read_file(file: &Path, beside: &mut BTreeSet<PathBuf>) -> Result<Read, Vec<Diagnostic>> {
    let name = file.display().to_string();
    let refused = |message: String| vec![Diagnostic::of_file(&name, message)];
    let known = fs::metadata(file).map_err(|error| refused(format!("cannot read this file: {error}")))?;
    if known.len() > LIMIT_BYTES {
        return Err(refused("this file is larger than 64 MiB".to_owned()));
    }
    let bytes = fs::read(file).map_err(|error| refused(format!("cannot read this file: {error}")))?;
    let text = text(bytes, &name)?;
    let folder = Folder::of(file);
    let read = read(&text, &name, &folder);
    beside.extend(folder.into_asked());
    read
}

/// A file's text, which is UTF-8.
pub(super) fn text(bytes: Vec<u8>, name: &str) -> Result<String, Vec<Diagnostic>> {
    String::from_utf8(bytes).map_err(|error| vec![not_utf8(name, &error)])
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

/// Looks for scenario files: those named, and every `*.toml` in and below folders that does not begin with a dot.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    let mut seen_folders = HashSet::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(known) if known.is_dir() => walk(path, &mut found, &mut seen_folders),
            Ok(_) => found.files.push(path.clone()),
            Err(error) => {
                let message = match error.kind() {
                    std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
                    _ => format!("cannot read this: {error}"),
                };
                found.told.push(Diagnostic::of_file(&path.display().to_string(), message));
            }
        }
    }
    found.files.sort_unstable();
    found.folders.sort_unstable();
    let mut seen = HashSet::new();
    found.files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    found
}

/// Adds the scenario files in and below a folder. A link that leads back up ends where it was before.
fn walk(top: &Path, found: &mut Found, seen: &mut HashSet<PathBuf>) {
    let mut waiting = vec![top.to_owned()];
    while let Some(folder) = waiting.pop() {
        if !folder.canonicalize().is_ok_and(|real| seen.insert(real)) {
            continue;
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                let name = folder.display().to_string();
                found.told.push(Diagnostic::of_file(&name, format!("cannot read this folder: {error}")));
                continue;
            }
        };
        found.folders.push(folder);
        for entry in entries.flatten() {
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            // Most entries say what they are; only where a link leads must be asked.
            let is_folder = match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => kind.is_dir(),
                _ => path.is_dir(),
            };
            if is_folder {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                found.files.push(path);
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
