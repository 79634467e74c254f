//! Charges the memory and the steps of rendering an answer to the limits of one request.
//!
//! Bytes are charged before their memory is allocated if their number is known, or else right after the step that
//! produces them. So an answer exceeds its limit by one value at most.

use crate::budget::{self, Exceeded};
use crate::model::Json;

#[cfg(feature = "templates")]
mod copies;

#[cfg(feature = "templates")]
pub(super) use copies::{copy, copy_of_text, json_text, text, visit};

/// The bytes charged for a value of a document besides its text: about its memory until it is written.
pub(super) const NODE: usize = 64;

/// The same for a value that is copied from JSON.
pub(super) const COPY: usize = 32;

/// Reading this many bytes of text costs one step.
const BYTES_PER_STEP: usize = 16;

/// Charges bytes that are rendered.
pub(super) fn bytes(count: usize) -> Result<(), Exceeded> {
    allowed(budget::render(count))
}

/// Charges steps.
pub(super) fn steps(count: usize) -> Result<(), Exceeded> {
    allowed(budget::spend(count))
}

/// Charges the steps of reading a text.
pub(super) fn reading(text: &str) -> Result<(), Exceeded> {
    steps(1 + text.len() / BYTES_PER_STEP)
}

/// Returns the bytes to charge for a copy of a value.
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

/// Counts the bytes of a document that is being written, minus those that were charged when its values were rendered.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    paid: usize,
}

impl Ledger {
    /// Adds bytes that were charged before.
    pub(super) fn credit(&mut self, bytes: usize) {
        self.paid = self.paid.saturating_add(bytes);
    }

    /// Charges the written bytes beyond those that were already charged.
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
    Err(budget::exceeded().expect("a refused charge has exceeded a limit"))
}
