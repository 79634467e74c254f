//! The outcome of a check.

use std::collections::HashMap;
use std::process::ExitCode;

use cannery::check::{self, Mismatch, PlayedExample};
use cannery::formats::{Diagnostic, Diagnostics, Severity, Streams};

use crate::args::CheckArgs;
use crate::count::counted;
use crate::exit::{BAD_SCENARIO, EXPECTATION_FAILED};

/// The maximum number of differences of an example that are shown. Further ones are only counted.
const MAX_DIFFERENCES: usize = 20;

/// The outcome of a check.
pub struct CheckOutcome {
    pub scenarios: usize,
    pub stubs: usize,
    /// The errors if the files do not load, else their warnings.
    pub diagnostics: Vec<Diagnostic>,
    pub played: Vec<PlayedExample>,
    /// The names of the scenarios, by file.
    pub names: HashMap<String, String>,
    pub deny_warnings: bool,
}

impl CheckOutcome {
    pub fn run(args: &CheckArgs) -> CheckOutcome {
        let deny_warnings = args.deny_warnings;
        let check::LoadReport { outcome, skipped, .. } = check::load_with_report(&args.paths, Streams::Read);
        match outcome {
            Err(Diagnostics(diagnostics)) => CheckOutcome {
                scenarios: 0,
                stubs: 0,
                diagnostics,
                played: Vec::new(),
                names: HashMap::new(),
                deny_warnings,
            },
            Ok(catalogue) => CheckOutcome {
                scenarios: catalogue.scenarios.len(),
                stubs: catalogue.stubs.stubs().len(),
                diagnostics: skipped.into_iter().chain(check::warnings(&catalogue)).collect(),
                played: check::play_all(&catalogue.scenarios, &catalogue.stubs),
                names: catalogue.scenarios.iter().map(|one| (one.file.clone(), one.name.clone())).collect(),
                deny_warnings,
            },
        }
    }

    pub fn is_loaded(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning)
    }

    pub fn failed(&self) -> impl Iterator<Item = &PlayedExample> {
        self.played.iter().filter(|played| !played.mismatches.is_empty())
    }

    pub fn is_good(&self) -> bool {
        let is_denied = self.deny_warnings && !self.diagnostics.is_empty();
        self.is_loaded() && !is_denied && self.failed().next().is_none()
    }

    pub fn exit_code(&self) -> ExitCode {
        match (self.is_loaded(), self.is_good()) {
            (false, _) => ExitCode::from(BAD_SCENARIO),
            (true, false) => ExitCode::from(EXPECTATION_FAILED),
            (true, true) => ExitCode::SUCCESS,
        }
    }
}

/// Renders the differences of one example, one or more lines each.
pub fn render_differences(mismatches: &[Mismatch]) -> String {
    let mut lines: Vec<String> = mismatches.iter().take(MAX_DIFFERENCES).map(Mismatch::to_string).collect();
    let more = mismatches.len().saturating_sub(MAX_DIFFERENCES);
    if more > 0 {
        lines.push(format!("... and {}", counted(more, "more difference")));
    }
    lines.join("\n")
}
