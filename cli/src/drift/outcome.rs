//! The outcome of sending an example.

use cannery::check::drift::Findings;

/// An example and its outcome, without secrets.
pub struct ExampleOutcome {
    pub scenario: String,
    pub name: String,
    pub file: String,
    pub line: usize,
    pub method: String,
    pub target: String,
    pub outcome: Outcome,
}

/// The outcome of an example.
pub enum Outcome {
    /// It was answered with this status. It has drifted if there are drifts.
    Answered(u16, Findings),
    /// It was not sent: the reason.
    Skipped(String),
    /// It was not answered: the reason.
    Unreached(String),
}
