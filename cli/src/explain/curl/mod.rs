//! A request from a curl command: the one that curl itself would send.
//!
//! Options that change nothing about the request are skipped with their values. An option that is not supported or not known
//! is refused by its name, because nobody could tell what it would have changed.

mod command;
mod data;
mod form;
mod options;
mod url;

use std::io;

use cannery::message::RequestDraft;

use super::shell::{self, ShellError};
use command::Command;
use options::{Meaning, find_long, find_short};

/// Reads a file that a command names.
pub type Files<'a> = &'a dyn Fn(&str) -> io::Result<Vec<u8>>;

/// Why a text is no curl command that can be understood.
#[derive(Debug, thiserror::Error)]
pub enum CurlError {
    /// Not one command of a shell.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// Another command.
    #[error("a command that begins with `curl` is needed")]
    NotCurl,
    /// An option that is not in the table.
    #[error("curl's option `{0}` is not understood")]
    Unknown(String),
    /// An option that curl has, and that is not supported here.
    #[error("curl's option {0} is not supported: {1}")]
    Unsupported(String, &'static str),
    /// An option without the value that it needs.
    #[error("curl's option `{0}` needs a value")]
    NoValue(String),
    /// No URL.
    #[error("the curl command has no URL")]
    NoUrl,
    /// Several requests at once.
    #[error("the curl command sends several requests: {0}")]
    Several(&'static str),
    /// A URL that curl expands.
    #[error(
        "curl expands `{{...}}` and `[...]` in the URL `{0}` to several requests, which is not supported: write one URL, or \
         add `-g` (`--globoff`) to send the URL as it is written"
    )]
    Glob(String),
    /// A URL that cannot be asked by HTTP.
    #[error("curl's URL `{0}` {1}")]
    Url(String, &'static str),
    /// A value that cannot be taken.
    #[error("curl's option `{0}`: {1}")]
    Value(&'static str, String),
    /// A file that cannot be read.
    #[error("the curl command reads {0}: {1}")]
    File(String, io::Error),
    /// Options that exclude each other.
    #[error("curl takes only one of {0}")]
    Conflict(&'static str),
}

/// The request that a command would send.
pub fn draft(text: &str, files: Files<'_>) -> Result<RequestDraft, CurlError> {
    let words = shell::words(text)?;
    let mut words = words.into_iter().skip_while(|word| matches!(word.as_slice(), b"$" | b"%"));
    let program = words.next().unwrap_or_default();
    let name = program.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    if !matches!(name, b"curl" | b"curl.exe") {
        return Err(CurlError::NotCurl);
    }
    let mut command = Command::default();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        match word.as_slice() {
            b"--" if !only_urls => only_urls = true,
            [b'-', b'-', name @ ..] if !only_urls => long(&lossy(name), &mut words, &mut command, files)?,
            [b'-', first, ..] if !only_urls && *first != b'-' => short(&word[1..], &mut words, &mut command, files)?,
            _ => command.add_url(&word)?,
        }
    }
    command.draft()
}

type Words<'a> = dyn Iterator<Item = Vec<u8>> + 'a;

fn long(name: &str, words: &mut Words<'_>, command: &mut Command, files: Files<'_>) -> Result<(), CurlError> {
    let unknown = || CurlError::Unknown(format!("--{name}"));
    let option = match find_long(name) {
        Some(option) => option,
        // What can be switched on can be switched off.
        None => match name.strip_prefix("no-").and_then(find_long).map(|option| option.meaning) {
            Some(Meaning::Nothing) => return Ok(()),
            _ => return Err(unknown()),
        },
    };
    let value = match option.meaning.takes_value() {
        true => words.next().ok_or_else(|| CurlError::NoValue(format!("--{name}")))?,
        false => Vec::new(),
    };
    command.apply(option, value, files)
}

/// Letters without values may stand together, and a value may follow its letter at once.
fn short(letters: &[u8], words: &mut Words<'_>, command: &mut Command, files: Files<'_>) -> Result<(), CurlError> {
    for (place, letter) in letters.iter().enumerate() {
        let shown = || format!("-{}", char::from(*letter));
        let option = find_short(*letter).ok_or_else(|| CurlError::Unknown(shown()))?;
        if option.meaning.takes_value() {
            let value = match &letters[place + 1..] {
                [] => words.next().ok_or_else(|| CurlError::NoValue(shown()))?,
                value => value.to_vec(),
            };
            return command.apply(option, value, files);
        }
        command.apply(option, Vec::new(), files)?;
    }
    Ok(())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
