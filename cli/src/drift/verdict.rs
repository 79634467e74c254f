//! The verdict on a whole run.

use std::process::ExitCode;

use crate::exit::{EXPECTATION_FAILED, UNREACHED};

use super::outcome::{ExampleOutcome, Outcome};

/// The number of examples with each outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// All examples.
    pub examples: usize,
    /// Answered as promised.
    pub kept: usize,
    /// Answered otherwise.
    pub drifted: usize,
    /// Not sent.
    pub skipped: usize,
    /// Not answered.
    pub unreached: usize,
    /// Findings that break no promise; these are not examples.
    pub notes: usize,
}

impl Verdict {
    /// Counts the outcomes.
    pub fn from_outcomes(outcomes: &[ExampleOutcome]) -> Verdict {
        let mut verdict = Verdict { examples: outcomes.len(), ..Verdict::default() };
        for example in outcomes {
            match &example.outcome {
                Outcome::Skipped(_) => verdict.skipped += 1,
                Outcome::Unreached(_) => verdict.unreached += 1,
                Outcome::Answered(_, findings) => {
                    verdict.notes += findings.notes.len();
                    *(if findings.drifts.is_empty() {
                        &mut verdict.kept
                    } else {
                        &mut verdict.drifted
                    }) += 1;
                }
            }
        }
        verdict
    }

    /// Returns the text that is also printed to stderr in every format.
    pub fn error(&self) -> Option<&'static str> {
        match self {
            Verdict { unreached: 1.., .. } => Some("the service could not be reached for every example"),
            Verdict { kept: 0, drifted: 0, .. } => Some("nothing was compared: no example could be sent"),
            _ => None,
        }
    }

    /// Returns the exit code. A run that has compared nothing fails.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Verdict { unreached: 1.., .. } => ExitCode::from(UNREACHED),
            Verdict { drifted: 1.., .. } | Verdict { kept: 0, .. } => ExitCode::from(EXPECTATION_FAILED),
            _ => ExitCode::SUCCESS,
        }
    }

    /// Returns the verdict as a word for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict { unreached: 1.., .. } => "unreached",
            Verdict { drifted: 1.., .. } => "drifted",
            Verdict { kept: 0, .. } => "nothing compared",
            _ => "kept",
        }
    }
}
