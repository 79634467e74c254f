//! Reads the files that a scenario names: bodies and schemas in the scenario's folder, never outside it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;

use crate::model::{Fault, KeyPath};

use super::regular_file::{MAX_BYTES, ReadFault, Streams, non_file_kind, read_whole};
use super::words::{closest_name, in_backticks};

/// The most files that a template may choose from.
const MAX_FILES: usize = 1000;

/// Reads the files that a scenario names.
pub trait BodyFiles {
    /// Reads one file. Its path is relative to the scenario's folder.
    ///
    /// # Errors
    /// If the file does not exist, is outside the folder, or cannot be read.
    fn read(&self, path: &str) -> Result<Bytes, FileFault>;

    /// Reads every file whose path begins with `folder`, sorted by path. `folder` is empty or ends with `/`, and
    /// each path begins with it.
    ///
    /// # Errors
    /// If the folder does not exist, is outside the scenario's folder, or has too many files.
    fn under(&self, folder: &str) -> Result<Vec<(String, Bytes)>, FileFault>;
}

/// The reason why a file that a scenario names cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// The remedy: a sentence.
    pub help: Option<String>,
}

impl std::error::Error for FileFault {}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl FileFault {
    fn new(message: impl Into<String>) -> FileFault {
        FileFault { message: message.into(), help: None }
    }

    fn with_help(self, help: impl Into<String>) -> FileFault {
        FileFault { help: Some(help.into()), ..self }
    }

    /// Turns this into a fault of the value that names the file.
    pub(super) fn into_fault(self, at: &KeyPath) -> Fault {
        let fault = Fault { help: self.help, ..Fault::value(at, self.message) };
        fault.with_label("cannot be used")
    }
}

/// Reads no files: a stub that is sent to the admin API has no folder.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl BodyFiles for NoFiles {
    fn read(&self, _: &str) -> Result<Bytes, FileFault> {
        Err(no_folder())
    }

    fn under(&self, _: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
        Err(no_folder())
    }
}

fn no_folder() -> FileFault {
    FileFault::new("a stub that is sent to the admin API must not name files")
        .with_help("Send the body itself, with `json`, `xml`, `text` or `base64`.")
}

/// Reads files from the folder of a scenario file, each at most once.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    // Many stubs may name the same body. One thread reads a scenario file, so no lock is needed.
    read: RefCell<HashMap<PathBuf, Bytes>>,
    requested: RefCell<BTreeSet<PathBuf>>,
    skipped: RefCell<BTreeMap<PathBuf, &'static str>>,
}

impl Folder {
    /// Returns the reader for the folder of a scenario file.
    pub fn for_scenario(scenario: &Path) -> Folder {
        let parent = scenario.parent().filter(|parent| !parent.as_os_str().is_empty());
        Folder {
            root: parent.unwrap_or(Path::new(".")).to_owned(),
            read: RefCell::default(),
            requested: RefCell::default(),
            skipped: RefCell::default(),
        }
    }

    /// Returns every requested file and folder, even if it does not exist. Also returns each entry of those folders that was
    /// skipped because it is not a file, with what it is.
    pub(super) fn into_requested(self) -> (BTreeSet<PathBuf>, BTreeMap<PathBuf, &'static str>) {
        (self.requested.into_inner(), self.skipped.into_inner())
    }

    /// Returns the file to which a path leads, if it is in the folder.
    fn resolve(&self, path: &str) -> Result<PathBuf, FileFault> {
        let outside = || {
            FileFault::new(format!("{} must be in the scenario's own folder, or below it", in_backticks(path)))
                .with_help(
                    "Put the file into the scenario's folder, or a folder below it, and write the path from there.",
                )
        };
        let mut depth = 0_i32;
        for component in Path::new(path).components() {
            depth += match component {
                Component::Normal(_) => 1,
                Component::CurDir => 0,
                Component::ParentDir => -1,
                Component::RootDir | Component::Prefix(_) => return Err(outside()),
            };
            if depth < 0 {
                return Err(outside());
            }
        }
        self.requested.borrow_mut().insert(self.root.join(path));
        let real = self.root.join(path).canonicalize().map_err(|error| self.unreadable(&self.shown(path), &error))?;
        let root = self.root.canonicalize().map_err(|error| self.unreadable(&self.root, &error))?;
        // A symbolic link may lead out of the folder.
        if real.starts_with(root) { Ok(real) } else { Err(outside()) }
    }

    /// Returns the path including the scenario's folder, for messages.
    fn shown(&self, path: &str) -> PathBuf {
        let joined = self.root.join(path);
        joined.strip_prefix("./").map(Path::to_owned).unwrap_or(joined)
    }

    fn unreadable(&self, full: &Path, error: &io::Error) -> FileFault {
        let shown = in_backticks(&full.display().to_string());
        if error.kind() != io::ErrorKind::NotFound {
            return FileFault::new(format!("cannot read {shown}: {error}"));
        }
        let name = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let siblings = full.parent().map(names_in).unwrap_or_default();
        let noun = if full.as_os_str().to_string_lossy().ends_with('/') {
            "folder"
        } else {
            "file"
        };
        let fault = FileFault::new(format!("there is no {noun} {shown}"));
        match closest_name(&name, siblings.iter().map(String::as_str)) {
            Some(near) => fault.with_help(format!("did you mean {}?", in_backticks(near))),
            None => fault.with_help("Write the path relative to the scenario's folder."),
        }
    }

    fn read_resolved(&self, real: &Path, shown: &Path) -> Result<Bytes, FileFault> {
        if let Some(bytes) = self.read.borrow().get(real) {
            return Ok(bytes.clone());
        }
        let name = in_backticks(&shown.display().to_string());
        let bytes = read_whole(real, Streams::Refuse).map_err(|fault| match fault {
            ReadFault::Io(error) => self.unreadable(shown, &error),
            ReadFault::NotAFile("a folder") => FileFault::new(format!("{name} is not a file")),
            ReadFault::NotAFile(kind) => FileFault::new(format!("{name} is {kind}, not a file")),
            ReadFault::TooLarge => FileFault::new(format!("{name} must be at most 64 MiB")),
        })?;
        let bytes = Bytes::from(bytes);
        self.read.borrow_mut().insert(real.to_owned(), bytes.clone());
        Ok(bytes)
    }
}

impl BodyFiles for Folder {
    fn read(&self, path: &str) -> Result<Bytes, FileFault> {
        if path.is_empty() {
            return Err(FileFault::new("the name of a file must not be empty"));
        }
        let real = self.resolve(path)?;
        self.read_resolved(&real, &self.shown(path))
    }

    fn under(&self, folder: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
        let top = self.resolve(folder)?;
        let root = self.root.canonicalize().map_err(|error| self.unreadable(&self.root, &error))?;
        let mut found = Vec::new();
        let mut total = 0;
        let mut waiting = vec![(top, folder.to_owned())];
        while let Some((real, prefix)) = waiting.pop() {
            for name in names_in(&real) {
                let (path, real) = (format!("{prefix}{name}"), real.join(&name));
                let Ok(real) = real.canonicalize() else { continue };
                let kind = fs::metadata(&real).ok().and_then(|known| non_file_kind(known.file_type()));
                if let Some(kind) = kind.filter(|kind| *kind != "a folder") {
                    self.skipped.borrow_mut().insert(self.shown(&path), kind);
                    continue;
                }
                // A template must not name a file outside the folder, so links to such files are left out.
                if !real.starts_with(&root) {
                    continue;
                }
                if kind.is_some() {
                    // A deeper path is a loop of symbolic links.
                    if path.matches('/').count() < 32 {
                        waiting.push((real, format!("{path}/")));
                    }
                    continue;
                }
                let bytes = self.read_resolved(&real, &self.shown(&path))?;
                total += bytes.len() as u64;
                found.push((path, bytes));
                if found.len() > MAX_FILES || total > MAX_BYTES {
                    return Err(folder_too_large(folder));
                }
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

fn folder_too_large(folder: &str) -> FileFault {
    let shown = if folder.is_empty() {
        "the scenario's folder".to_owned()
    } else {
        in_backticks(folder)
    };
    FileFault::new(format!("{shown} must have at most 1,000 files and 64 MiB for a template to choose from"))
        .with_help("Begin the path with a folder that holds only these bodies.")
}

/// Returns the names in a folder, sorted; none if it cannot be read.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}
