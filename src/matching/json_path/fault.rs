//! Why a text is not a JSONPath, where, and how to correct it.

use std::fmt;
use std::ops::Range;

use crate::model::{Fault, KeyPath};

/// Why a text is not a JSONPath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPathFault {
    /// What is wrong: lower case, no full stop, without the position.
    pub message: String,
    /// The bytes of the path that are wrong; empty at its end.
    pub at: Range<usize>,
    /// The position in characters, counted from 1.
    pub character: usize,
    /// How to correct it: a sentence.
    pub help: String,
}

impl std::error::Error for JsonPathFault {}

impl fmt::Display for JsonPathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at character {}", self.message, self.character)
    }
}

impl JsonPathFault {
    /// Returns it as a fault of the value at a path of a scenario.
    pub fn into_value_fault(self, at: &KeyPath) -> Fault {
        let range = self.at.clone();
        Fault::value(at, format!("not a JSONPath: {self}")).with_help(self.help).within(range.start, range.end)
    }

    /// Returns it as a fault of the last key of a path of a scenario.
    pub fn into_key_fault(self, at: &KeyPath) -> Fault {
        let range = self.at.clone();
        Fault::key(at, format!("not a JSONPath: {self}")).with_help(self.help).within_key(range.start, range.end)
    }
}
