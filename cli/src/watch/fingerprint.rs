//! Metadata of files, which shows changes without reading the files.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cannery::formats::{FoundFiles, find_files};

/// The metadata of scenario files, and of the files that they name, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    found: FoundFiles,
    /// `None` if there is no file, or its metadata cannot be read.
    stamps: BTreeMap<PathBuf, Option<Stamp>>,
}

/// The metadata that changes when a file is written, replaced, or made readable.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode and change time, because a copy may keep the modification time of its original.
    identity: Option<Identity>,
    /// The same of the link itself, if it is one.
    link: Option<Identity>,
}

#[cfg(unix)]
type Identity = (u64, u64, i64, i64);
#[cfg(not(unix))]
type Identity = ();

/// The maximum depth of folders. Deeper nesting is a loop of links.
const MAX_DEPTH: usize = 32;

impl Fingerprint {
    /// Takes the fingerprint of the scenario files of some paths, and of the files and folders that they name.
    pub fn take(paths: &[PathBuf], referenced_files: &BTreeSet<PathBuf>) -> Fingerprint {
        let found = find_files(paths);
        let mut stamps: BTreeMap<_, _> = found.files.iter().map(|file| (file.clone(), stamp(file))).collect();
        for path in referenced_files {
            add_below(path, &mut stamps);
        }
        Fingerprint { found, stamps }
    }

    /// Returns the files that differ from an earlier fingerprint.
    pub fn differing(&self, earlier: &Fingerprint) -> Vec<PathBuf> {
        let either: BTreeSet<&PathBuf> = self.stamps.keys().chain(earlier.stamps.keys()).collect();
        either.into_iter().filter(|path| self.stamps.get(*path) != earlier.stamps.get(*path)).cloned().collect()
    }

    /// Returns whether a file has become empty.
    pub fn has_emptied(&self, earlier: &Fingerprint) -> bool {
        let length = |stamps: &BTreeMap<PathBuf, Option<Stamp>>, path| {
            stamps.get(path).and_then(Option::as_ref).map(|stamp| stamp.length)
        };
        let emptied = |path| {
            length(&self.stamps, path) == Some(0) && length(&earlier.stamps, path).is_some_and(|length| length > 0)
        };
        self.stamps.keys().any(emptied)
    }

    /// Returns the folders in which a change of a file causes an event, and those above the paths, in which the paths may be
    /// replaced. Links are resolved.
    pub fn folders(&self, paths: &[PathBuf]) -> BTreeSet<PathBuf> {
        let mut folders: HashSet<PathBuf> = self.found.folders.iter().cloned().collect();
        for path in self.stamps.keys().chain(paths) {
            folders.insert(above(path));
            if let Ok(real) = path.canonicalize() {
                folders.insert(above(&real));
            }
        }
        folders.iter().filter_map(|folder| folder.canonicalize().ok()).filter(|folder| folder.is_dir()).collect()
    }
}

/// Returns whether a path is a pipe or a device, which can be read only once.
pub fn is_read_once(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|known| !known.is_file() && !known.is_dir())
}

fn above(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}

/// Adds a file, or everything in and below a folder.
fn add_below(top: &Path, stamps: &mut BTreeMap<PathBuf, Option<Stamp>>) {
    let mut waiting = vec![(top.to_owned(), 0)];
    while let Some((path, depth)) = waiting.pop() {
        if let Ok(entries) = fs::read_dir(&path)
            && depth < MAX_DEPTH
        {
            waiting.extend(entries.flatten().map(|entry| (entry.path(), depth + 1)));
        }
        let stamp = stamp(&path);
        stamps.insert(path, stamp);
    }
}

/// Returns the stamp of a file. A folder has none unless it is a link: the files in it have one.
fn stamp(path: &Path) -> Option<Stamp> {
    let link = fs::symlink_metadata(path).ok().filter(Metadata::is_symlink).map(|known| identity(&known));
    let file = fs::metadata(path).ok().filter(Metadata::is_file);
    if link.is_none() && file.is_none() {
        return None;
    }
    Some(Stamp {
        length: file.as_ref().map_or(0, Metadata::len),
        modified: file.as_ref().and_then(|known| known.modified().ok()),
        identity: file.as_ref().map(identity),
        link,
    })
}

#[cfg(unix)]
fn identity(known: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (known.dev(), known.ino(), known.ctime(), known.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Takes fingerprints of a file before and after a change.
    fn around(name: &str, change: impl Fn(&Path)) -> (Fingerprint, Fingerprint) {
        let folder = std::env::temp_dir().join(format!("cannery-fingerprint-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("a.toml");
        fs::write(&file, "one").expect("a file");
        let look = || Fingerprint::take(std::slice::from_ref(&folder), &BTreeSet::new());
        let before = look();
        change(&file);
        let after = look();
        let _ = fs::remove_dir_all(&folder);
        (before, after)
    }

    #[test]
    fn a_copy_that_keeps_length_and_time_is_another_file() {
        let (before, after) = around("copy", |file| {
            let time = fs::metadata(file).and_then(|known| known.modified()).expect("a time");
            let other = file.with_extension("new");
            fs::write(&other, "two").expect("a file");
            fs::File::options().write(true).open(&other).and_then(|opened| opened.set_modified(time)).expect("a time");
            fs::rename(other, file).expect("a rename");
        });

        assert_eq!(after.differing(&before).len(), 1);
    }

    #[test]
    fn a_file_that_was_emptied_is_told_from_one_that_was_written() {
        let (before, emptied) = around("emptied", |file| fs::write(file, "").expect("a file"));
        assert!(emptied.has_emptied(&before) && !before.has_emptied(&emptied));

        let (before, written) = around("written", |file| fs::write(file, "1").expect("a file"));
        assert!(!written.has_emptied(&before));
    }

    #[test]
    fn what_is_no_scenario_file_does_not_count() {
        let (before, after) = around("other", |file| {
            fs::write(file.with_extension("txt"), "x").expect("a file");
            fs::write(file.with_file_name(".a.toml"), "x").expect("a file");
        });

        assert_eq!(before, after);
    }
}
