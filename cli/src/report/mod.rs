//! A report on many cases, for programs.
//!
//! Plain data that the commands create and `junit` renders.

mod junit;

use clap::ValueEnum;

/// How an outcome is written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// A line that sums it up
    Text,
    /// One JSON object
    Json,
    /// JUnit's XML, which CI servers show
    Junit,
}

/// The outcomes of all cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In the order in which they are shown.
    pub suites: Vec<Suite>,
}

/// The cases of one scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suite {
    /// The name of the scenario.
    pub name: String,
    /// The file of the scenario.
    pub file: String,
    /// In the order of the file.
    pub cases: Vec<Case>,
    /// Further text, such as warnings; may be empty.
    pub output: String,
}

/// One case, such as an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The line in the file, from 1; 0 if it has none.
    pub line: usize,
    /// Its outcome.
    pub outcome: CaseOutcome,
}

/// The outcome of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseOutcome {
    /// As expected.
    Passed,
    /// Not as expected: how it differs. The first line is a summary.
    Failed(String),
    /// Not run: the reason.
    Skipped(String),
    /// It could not be run: the reason. The first line is a summary.
    Errored(String),
}
