//! Loads scenario files and folders of them.
//!
//! Everything that is wrong with any of the files is told at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Fault, KeyPath, Scenario};

use super::body_files::Folder;
use super::diagnostic::{Diagnostic, Diagnostics, Lines};
use super::native::{Read, read, references};
use super::regular_file::{ReadFault, Streams, read_whole, what_else};
use super::source::Source;
use super::words::tick;

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
    /// A warning for each thing in a folder that is passed over, because it is not a file.
    pub passed_over: Vec<Diagnostic>,
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
    /// A warning for each `*.toml` in a folder that is a pipe, a device or a socket.
    pub passed_over: Vec<Diagnostic>,
}

/// Loads scenario files, and every `*.toml` in and below folders; what begins with a dot is left out.
///
/// Pipes and devices are read only if they are named and `streams` allows it. In folders whatever is not a file is passed
/// over, with a warning.
///
/// Those that can be read are given back whatever is wrong with others, so that the rooms above find their faults in
/// the same run.
pub fn load(paths: &[PathBuf], streams: Streams) -> (Loaded, Diagnostics) {
    let Found { files, mut told, passed_over, .. } = find(paths);
    if files.is_empty() && told.is_empty() {
        let shown = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let help = "Name a scenario file, or a folder with `*.toml` files in it.";
        told.push(Diagnostic::of_file(&shown, "there is no scenario file here").helped(Some(help.to_owned())));
        told.extend(passed_over.iter().cloned());
    }
    let mut loaded = Loaded {
        scenarios: Vec::new(),
        sources: Vec::new(),
        unsound: Vec::new(),
        beside: BTreeSet::new(),
        passed_over,
    };
    // What is found in a folder is a file; only what is named may be a pipe.
    let named: HashSet<&PathBuf> = paths.iter().collect();
    for file in &files {
        let streams = if named.contains(file) { streams } else { Streams::Refuse };
        match read_file(file, streams, &mut loaded) {
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

fn read_file(file: &Path, streams: Streams, loaded: &mut Loaded) -> Result<Read, Vec<Diagnostic>> {
    let name = file.display().to_string();
    let bytes = read_whole(file, streams).map_err(|fault| {
        let message = match fault {
            ReadFault::Io(error) => format!("cannot read this file: {error}"),
            ReadFault::NotAFile(kind) => format!("cannot read this: it is {kind}, not a file"),
            ReadFault::TooLarge => "this file is larger than 64 MiB".to_owned(),
        };
        vec![Diagnostic::of_file(&name, message)]
    })?;
    let text = text(bytes, &name)?;
    let folder = Folder::of(file);
    let read = read(&text, &name, &folder);
    let (asked, passed_over) = folder.into_asked();
    loaded.beside.extend(asked);
    let known: HashSet<String> = loaded.passed_over.iter().map(|warning| warning.file.clone()).collect();
    let new =
        passed_over.iter().map(|(path, kind)| passed(path, kind)).filter(|warning| !known.contains(&warning.file));
    loaded.passed_over.extend(new);
    read
}

/// The warning of something in a folder that is not read.
fn passed(path: &Path, kind: &str) -> Diagnostic {
    let message = format!("this is {kind}, not a file, and is passed over");
    Diagnostic::of_file(&path.display().to_string(), message).into_warning()
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
    found.passed_over.sort_by(|one, other| one.file.cmp(&other.file));
    found.passed_over.dedup();
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
            // Most entries say what they are; only where a link leads must be asked. One that leads nowhere is a file
            // that cannot be read.
            let kind = match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => what_else(kind),
                _ => fs::metadata(&path).ok().and_then(|known| what_else(known.file_type())),
            };
            match kind {
                Some("a folder") => waiting.push(path),
                _ if path.extension().is_none_or(|ending| ending != "toml") => {}
                Some(kind) => found.passed_over.push(passed(&path, kind)),
                None => found.files.push(path),
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
