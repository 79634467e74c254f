//! What came of sending an example.

use cannery::check::drift::Findings;

/// An example and what came of it, without secrets.
pub struct ExampleOutcome {
    pub scenario: String,
    pub name: String,
    pub file: String,
    pub line: usize,
    pub method: String,
    pub target: String,
    pub outcome: Outcome,
}

/// What came of an example.
pub enum Outcome {
    /// It was answered with this status; it drifted where there are drifts.
    Answered(u16, Findings),
    /// It was not sent.
    Skipped(String),
    /// It was not answered.
    Unreached(String),
}
