//! Writes files whole or not at all: a full disk must not leave half of one.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Puts a text in a file's place, with these permissions if any are given. It is written beside the file and takes its place
/// by its name.
///
/// # Errors
/// If it cannot be written; then the file is as it was.
pub fn replace(file: &Path, text: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // What begins with a dot is no scenario file, should anybody look meanwhile.
    let beside = file.with_file_name(format!(".{name}.{}", std::process::id()));
    create(&beside, text, permissions)?;
    fs::rename(&beside, file).inspect_err(|_| remove(&beside))
}

/// Writes a file that is not there yet, and the folders that it needs.
///
/// # Errors
/// If it is there already, or cannot be written; then everything is as it was.
pub fn create_with_folders(file: &Path, text: &[u8]) -> io::Result<()> {
    let missing: Vec<PathBuf> =
        file.ancestors().skip(1).take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
    let folders = missing.iter().filter(|folder| !folder.as_os_str().is_empty());
    let made = match folders.clone().next() {
        Some(innermost) => fs::create_dir_all(innermost),
        None => Ok(()),
    };
    made.and_then(|()| create(file, text, None)).inspect_err(|_| {
        // Only those that are empty go: somebody else may have put something into one.
        folders.for_each(|folder| drop(fs::remove_dir(folder)));
    })
}

/// Writes a file that is not there yet.
fn create(file: &Path, text: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).open(file)?;
    let permitted = permissions.map_or(Ok(()), |permissions| new.set_permissions(permissions));
    // A full disk may show only once the bytes must be on it.
    permitted.and_then(|()| new.write_all(text)).and_then(|()| new.sync_all()).inspect_err(|_| remove(file))
}

/// Nothing more can be done about a file that cannot be removed.
fn remove(file: &Path) {
    if let Err(error) = fs::remove_file(file)
        && error.kind() != ErrorKind::NotFound
    {
        crate::output::eprint(format_args!("{} cannot be removed: {error}", file.display()));
    }
}
