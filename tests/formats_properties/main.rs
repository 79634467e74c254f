//! Properties of every stub and every text: a stub that is printed and read again is unchanged, and no text makes the reader panic.

#![cfg(feature = "files")]

mod reading;
mod requests;
mod responses;
mod stubs;
mod values;
#[cfg(feature = "admin")]
mod writing;

use bytes::Bytes;
use cannery::formats::{BodyFiles, FileFault};

/// The only body file that exists.
struct OneFile;

const FILE: &str = "bodies/a.json";
const CONTENT: &[u8] = b"{}";

impl BodyFiles for OneFile {
    fn read(&self, path: &str) -> Result<Bytes, FileFault> {
        let missing = FileFault { message: "there is no such file".to_owned(), help: None };
        (path == FILE).then(|| Bytes::from_static(CONTENT)).ok_or(missing)
    }

    fn under(&self, _: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
        Ok(Vec::new())
    }
}

/// A scenario file with a little of everything.
const VALID: &str = include_str!("../formats_valid.toml");
