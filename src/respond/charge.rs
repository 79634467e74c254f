//! Counts what an answer takes while it is made, against the limits of one request.
//!
//! Bytes are charged before the memory for them is taken where their number is known, and right after it where one step
//! makes them. So an answer exceeds its limit by one value at most.

use std::io;

use crate::budget::{self, Exceeded};
use crate::model::Json;

/// What a value of a document counts besides its text: about the memory that it takes until it is written.
pub(super) const NODE: usize = 64;

/// The same for a value that is copied from JSON.
pub(super) const COPY: usize = 32;

/// So many bytes of text are one step to look at.
const BYTES_PER_STEP: usize = 16;

/// Charges bytes that are rendered.
pub(super) fn bytes(count: usize) -> Result<(), Exceeded> {
    allowed(budget::render(count))
}

/// Charges steps.
pub(super) fn steps(count: usize) -> Result<(), Exceeded> {
    allowed(budget::spend(count))
}

/// Charges the steps of going through a text.
pub(super) fn reading(text: &str) -> Result<(), Exceeded> {
    steps(1 + text.len() / BYTES_PER_STEP)
}

/// Charges a text that is about to be copied into the answer.
pub(super) fn text(text: &str) -> Result<(), Exceeded> {
    reading(text)?;
    bytes(text.len())
}

/// Copies a text into a value of its own, which is charged.
pub(super) fn copy_of_text(source: &str) -> Result<String, Exceeded> {
    bytes(COPY)?;
    text(source)?;
    Ok(source.to_owned())
}

/// Charges a copy of a value, before it is made.
pub(super) fn copy(json: &Json) -> Result<(), Exceeded> {
    bytes(COPY)?;
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => steps(1),
        Json::String(string) => text(string),
        Json::Array(items) => {
            steps(1)?;
            items.iter().try_for_each(copy)
        }
        Json::Object(members) => {
            steps(1)?;
            members.iter().try_for_each(|(name, value)| {
                bytes(COPY)?;
                text(name)?;
                copy(value)
            })
        }
    }
}

/// Charges the steps of looking at all of a value.
pub(super) fn visit(json: &Json) -> Result<(), Exceeded> {
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => steps(1),
        Json::String(string) => reading(string),
        Json::Array(items) => {
            steps(1)?;
            items.iter().try_for_each(visit)
        }
        Json::Object(members) => {
            steps(1)?;
            members.iter().try_for_each(|(name, value)| {
                reading(name)?;
                visit(value)
            })
        }
    }
}

/// Returns what [`copy`] charges for a value.
pub(super) fn size_of_copy(json: &Json) -> usize {
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => COPY,
        Json::String(text) => COPY + text.len(),
        Json::Array(items) => COPY + items.iter().map(size_of_copy).sum::<usize>(),
        Json::Object(members) => {
            COPY + members.iter().map(|(name, value)| COPY + name.len() + size_of_copy(value)).sum::<usize>()
        }
    }
}

/// Writes a value as compact JSON, each byte of which is charged.
pub(super) fn json_text(json: &Json) -> Result<String, Exceeded> {
    visit(json)?;
    let mut writer = Writer { out: Vec::new(), exceeded: None };
    let written = serde_json::to_writer(&mut writer, json);
    match (writer.exceeded, written) {
        (Some(exceeded), _) => Err(exceeded),
        (None, written) => {
            written.expect("memory takes all that is written to it");
            Ok(String::from_utf8(writer.out).expect("JSON is text"))
        }
    }
}

/// Memory that takes no more than the limit.
struct Writer {
    out: Vec<u8>,
    exceeded: Option<Exceeded>,
}

impl io::Write for Writer {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if let Err(exceeded) = bytes(buffer.len()) {
            self.exceeded = Some(exceeded);
            return Err(io::Error::other(exceeded));
        }
        self.out.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of a document that is being written, as far as they were not charged when its values were made.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    paid: usize,
}

impl Ledger {
    /// Notes that as many bytes were charged before.
    pub(super) fn credit(&mut self, bytes: usize) {
        self.paid = self.paid.saturating_add(bytes);
    }

    /// Charges what was written beyond all that is paid for.
    pub(super) fn settle(&mut self, written: usize) -> Result<(), Exceeded> {
        steps(1)?;
        match written.checked_sub(self.paid) {
            None | Some(0) => Ok(()),
            Some(more) => {
                self.paid = written;
                bytes(more)
            }
        }
    }
}

fn allowed(allowed: bool) -> Result<(), Exceeded> {
    if allowed {
        return Ok(());
    }
    Err(budget::exceeded().expect("a refusal has its limit"))
}
