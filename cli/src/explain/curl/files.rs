//! The files that a curl command names.

use std::io;

use crate::explain::shell::lossy;

use super::error::CurlError;

/// A function that reads a file of the command.
pub type Files<'a> = &'a dyn Fn(&str) -> io::Result<Vec<u8>>;

/// Returns the contents of a file that an option names.
pub fn read(option: &str, path: &[u8], files: Files<'_>) -> Result<Vec<u8>, CurlError> {
    let path = lossy(path);
    files(&path).map_err(|error| CurlError::File(format!("`{path}` for `--{option}`"), error))
}
