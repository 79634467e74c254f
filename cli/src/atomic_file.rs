//! Writes files atomically, so that a full disk does not leave an incomplete file.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Replaces a file, and sets `permissions` if they are given. The text is written to a temporary file in the same folder,
/// which is then renamed.
///
/// # Errors
/// If the text cannot be written. The file is unchanged then.
pub fn replace(file: &Path, text: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // A name that starts with a dot is not a scenario file, so a server that watches the folder ignores it.
    let temporary = file.with_file_name(format!(".{name}.{}", std::process::id()));
    create(&temporary, text, permissions)?;
    fs::rename(&temporary, file).inspect_err(|_| remove(&temporary))
}

/// Creates a file, and the folders that it needs.
///
/// # Errors
/// If the file exists already or cannot be written. Nothing is left behind then.
pub fn create_with_folders(file: &Path, text: &[u8]) -> io::Result<()> {
    let missing: Vec<PathBuf> =
        file.ancestors().skip(1).take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
    let folders = missing.iter().filter(|folder| !folder.as_os_str().is_empty());
    let made = match folders.clone().next() {
        Some(innermost) => fs::create_dir_all(innermost),
        None => Ok(()),
    };
    made.and_then(|()| create(file, text, None)).inspect_err(|_| {
        // Only empty folders are removed: another program may have put a file into one.
        folders.for_each(|folder| drop(fs::remove_dir(folder)));
    })
}

/// Creates a file. It must not exist already.
fn create(file: &Path, text: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).open(file)?;
    let permitted = permissions.map_or(Ok(()), |permissions| new.set_permissions(permissions));
    // A full disk may be reported only by the sync.
    permitted.and_then(|()| new.write_all(text)).and_then(|()| new.sync_all()).inspect_err(|_| remove(file))
}

/// Removes an incomplete file, or reports that it cannot be removed.
fn remove(file: &Path) {
    if let Err(error) = fs::remove_file(file)
        && error.kind() != ErrorKind::NotFound
    {
        crate::output::eprint(format_args!("{} cannot be removed: {error}", file.display()));
    }
}
