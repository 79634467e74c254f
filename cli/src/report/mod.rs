//! What came of a run, as data, for the programs of a CI.

mod junit;

/// Everything that was run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In the order of the files.
    pub suites: Vec<Suite>,
}

/// What was run of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// The scenario.
    pub name: String,
    /// The file.
    pub file: String,
    /// In the order of the file.
    pub cases: Vec<Case>,
}

/// One thing that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Where it stands in the file, counted from 1.
    pub line: usize,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not, and this is how.
    Failed(String),
    /// It was not run, for this reason.
    Skipped(String),
    /// It could not be run to its end.
    Errored(String),
}
