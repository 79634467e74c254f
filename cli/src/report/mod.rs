//! What became of many cases, as programs read it.
//!
//! Plain data: the commands fill it in, and a format of its own file writes it.

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

/// What became of all that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In the order in which they are shown.
    pub suites: Vec<Suite>,
}

/// The cases of one scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suite {
    /// What its cases have in common: the scenario's name.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// In the order of the file.
    pub cases: Vec<Case>,
    /// What else there is to say; nothing where it is empty.
    pub output: String,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Counted from 1; 0 where it stands on no line.
    pub line: usize,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is as expected.
    Passed,
    /// It is not, and in what; the first line sums it up.
    Failed(String),
    /// It was not tried, and why.
    Skipped(String),
    /// It could not be tried, and why; the first line sums it up.
    Errored(String),
}
