//! Finds files in folders.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::diagnostic::Diagnostic;
use super::regular_file::non_file_kind;

/// The scenario files that were found, and the folders that were searched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundFiles {
    /// Sorted by path, each once.
    pub files: Vec<PathBuf>,
    /// All folders that were searched.
    pub folders: Vec<PathBuf>,
    /// An error for each path that does not exist or cannot be read.
    pub diagnostics: Vec<Diagnostic>,
    /// A warning for each `*.toml` in a folder that is a pipe, a device or a socket.
    pub skipped: Vec<Diagnostic>,
}

/// Returns the warning about an entry of a folder that is skipped because it is not a file.
pub(super) fn skipped_warning(path: &Path, kind: &str) -> Diagnostic {
    let message = format!("this is {kind}, not a file, and is skipped");
    Diagnostic::for_file(&path.display().to_string(), message).into_warning()
}

/// Files and folders of other tools that are often beside scenario files. They are never scenario files.
const OF_OTHER_TOOLS: [&str; 3] = ["Cargo.toml", "pyproject.toml", "node_modules"];

/// Finds scenario files: the named ones, and every `*.toml` in and below named folders. Names that begin with a dot are
/// skipped, and so are the files and folders of other tools.
pub fn find_files(paths: &[PathBuf]) -> FoundFiles {
    let mut found = FoundFiles::default();
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
                found.diagnostics.push(Diagnostic::for_file(&path.display().to_string(), message));
            }
        }
    }
    found.files.sort_unstable();
    found.folders.sort_unstable();
    let mut seen = HashSet::new();
    found.skipped.sort_by(|one, other| one.file.cmp(&other.file));
    found.skipped.dedup();
    found.files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    found
}

/// Adds the scenario files in and below a folder. Each folder is searched once, so symbolic links cannot cause a loop.
fn walk(top: &Path, found: &mut FoundFiles, seen: &mut HashSet<PathBuf>) {
    let mut waiting = vec![top.to_owned()];
    while let Some(folder) = waiting.pop() {
        if !folder.canonicalize().is_ok_and(|real| seen.insert(real)) {
            continue;
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                let name = folder.display().to_string();
                found.diagnostics.push(Diagnostic::for_file(&name, format!("cannot read this folder: {error}")));
                continue;
            }
        };
        found.folders.push(folder);
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if name.to_string_lossy().starts_with('.') || OF_OTHER_TOOLS.iter().any(|other| name == *other) {
                continue;
            }
            // Only links need another call, for the type of the target. A broken link is reported later, when it is read.
            let kind = match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => non_file_kind(kind),
                _ => fs::metadata(&path).ok().and_then(|known| non_file_kind(known.file_type())),
            };
            match kind {
                Some("a folder") => waiting.push(path),
                _ if path.extension().is_none_or(|ending| ending != "toml") => {}
                Some(kind) => found.skipped.push(skipped_warning(&path, kind)),
                None => found.files.push(path),
            }
        }
    }
}
