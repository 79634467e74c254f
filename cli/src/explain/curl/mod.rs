//! Reads the request that a curl command would send.
//!
//! Options that do not change the request are skipped with their values. An option that is not supported or not known is
//! refused by its name, because it may change the request.

mod command;
mod data;
mod error;
mod files;
mod form;
mod options;
mod url;

use cannery::message::RequestDraft;

use super::shell::{self, lossy};
use command::CurlCommand;
use error::CurlError;
use files::Files;
use options::{Meaning, find_long, find_short};

/// Returns the request that a command would send.
pub fn draft(text: &str, files: Files<'_>) -> Result<RequestDraft, CurlError> {
    let words = shell::words(text)?;
    let mut words = words.into_iter().skip_while(|word| matches!(word.as_slice(), b"$" | b"%"));
    let program = words.next().unwrap_or_default();
    let name = program.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    if !matches!(name, b"curl" | b"curl.exe") {
        return Err(CurlError::NotCurl);
    }
    let mut command = CurlCommand::default();
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

fn long(name: &str, words: &mut Words<'_>, command: &mut CurlCommand, files: Files<'_>) -> Result<(), CurlError> {
    let unknown = || CurlError::Unknown(format!("--{name}"));
    let option = match find_long(name) {
        Some(option) => option,
        // `--no-NAME` switches an option off.
        None => match name.strip_prefix("no-").and_then(find_long).map(|option| option.meaning) {
            Some(Meaning::Ignored) => return Ok(()),
            _ => return Err(unknown()),
        },
    };
    let value = match option.meaning.takes_value() {
        true => words.next().ok_or_else(|| CurlError::NoValue(format!("--{name}")))?,
        false => Vec::new(),
    };
    command.apply(option, value, files)
}

/// Reads a word of short options: several letters without values, or a letter directly followed by its value.
fn short(letters: &[u8], words: &mut Words<'_>, command: &mut CurlCommand, files: Files<'_>) -> Result<(), CurlError> {
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

#[cfg(test)]
mod tests;
