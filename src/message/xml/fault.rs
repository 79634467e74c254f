//! The error if a text is not XML, and its position.

use std::fmt;

/// The reason why a text is not XML, or not XML that is supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlFault {
    /// What is wrong.
    pub message: String,
    /// The offset in bytes: in the text as UTF-8, or in the bytes as sent if they could not be decoded.
    pub at: u64,
    /// The line, from 1.
    pub line: u64,
    /// The column in that line, in characters, from 1.
    pub column: u64,
}

impl std::error::Error for XmlFault {}

impl fmt::Display for XmlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.message, self.line, self.column)
    }
}

/// The maximum length of a message. A name in it may be as long as the document.
const MAX_MESSAGE_CHARS: usize = 300;

impl XmlFault {
    /// Makes a fault at an offset of a text whose line ends are as they were sent.
    pub(super) fn at(mut message: String, text: &[u8], at: usize) -> XmlFault {
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
            message.truncate(end);
            message.push('…');
        }
        let before = &text[..at.min(text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let is_first_of_character = |byte: &&u8| **byte & 0xc0 != 0x80;
        XmlFault {
            message,
            at: before.len() as u64,
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64,
            column: 1 + before[line_start..].iter().filter(is_first_of_character).count() as u64,
        }
    }
}

/// A fault at an offset of the text with normalised line ends.
#[derive(Debug)]
pub(super) struct ReadError {
    pub(super) message: String,
    /// The offset in bytes; `None` for the current position.
    pub(super) at: Option<usize>,
}

impl From<String> for ReadError {
    fn from(message: String) -> ReadError {
        ReadError { message, at: None }
    }
}

impl From<&str> for ReadError {
    fn from(message: &str) -> ReadError {
        ReadError { message: message.to_owned(), at: None }
    }
}

/// Returns a message of `quick-xml` with a first letter in lower case.
pub(super) fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}
