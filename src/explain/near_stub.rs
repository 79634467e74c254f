//! A stub that nearly answered, with every condition.

use crate::engine::MountedStub;

use super::condition_report::ConditionReport;

/// A stub that nearly answered.
#[derive(Debug, Clone, PartialEq)]
pub struct NearStub {
    /// Its name.
    pub name: String,
    /// The name of its scenario.
    pub scenario: String,
    /// The file that defines it.
    pub file: String,
    /// Counted from 1; 0 if it is in no file.
    pub line: usize,
    /// Every condition with its verdict.
    pub conditions: Vec<ConditionReport>,
}

impl NearStub {
    /// Creates the report on a stub without its conditions.
    pub(super) fn bare(mounted: &MountedStub) -> NearStub {
        NearStub {
            name: mounted.reference.name.clone(),
            scenario: mounted.reference.scenario.clone(),
            file: mounted.reference.place.file.to_string(),
            line: mounted.reference.place.line,
            conditions: Vec::new(),
        }
    }

    /// Returns `file:line`, or the place of a stub that is in no file.
    pub fn location(&self) -> String {
        match self.line {
            0 => self.file.clone(),
            line => format!("{}:{line}", self.file),
        }
    }
}
