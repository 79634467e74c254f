//! `cannery check`: what is wrong with scenario files, and whether their examples hold.
//!
//! People read it on stderr, whatever the format; stdout has a line that sums it up, or what a program asked for.

mod json;
mod suites;

use std::collections::HashMap;
use std::process::ExitCode;

use cannery::check::{self, Complaint, Played};
use cannery::formats::{Diagnostic, Diagnostics, Severity, Streams};
use cannery::message::visible;

use crate::args::CheckArgs;
use crate::exit::{BAD_SCENARIO, EXPECTATION_FAILED, Failure};
use crate::output::{say, say_json, say_text, tell};
use crate::report::ReportFormat;
use crate::words::counted;

/// More differences of one example than these are counted only.
const MOST_DIFFERENCES: usize = 20;

/// What came of a check.
struct Checked {
    scenarios: usize,
    stubs: usize,
    /// What is wrong with files that do not load; the warnings of those that do.
    diagnostics: Vec<Diagnostic>,
    played: Vec<Played>,
    /// The names of the scenarios by their files.
    names: HashMap<String, String>,
    deny_warnings: bool,
}

/// Checks, and says by the exit code what came of it.
pub fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let checked = Checked::of(args);
    checked.tell();
    match args.format {
        ReportFormat::Text => checked.sum_up(),
        ReportFormat::Json => say_json(&json::json(&checked).pretty()),
        ReportFormat::Junit => say_text(&(suites::report(&checked).to_junit() + "\n")),
    }
    Ok(checked.exit_code())
}

impl Checked {
    fn of(args: &CheckArgs) -> Checked {
        let deny_warnings = args.deny_warnings;
        let check::Loading { outcome, passed_over, .. } = check::load_fully(&args.paths, Streams::Read);
        match outcome {
            Err(Diagnostics(diagnostics)) => Checked {
                scenarios: 0,
                stubs: 0,
                diagnostics,
                played: Vec::new(),
                names: HashMap::new(),
                deny_warnings,
            },
            Ok(catalogue) => Checked {
                scenarios: catalogue.scenarios.len(),
                stubs: catalogue.stubs.stubs().len(),
                diagnostics: passed_over.into_iter().chain(check::warnings(&catalogue)).collect(),
                played: check::play_all(&catalogue.scenarios, &catalogue.stubs),
                names: catalogue.scenarios.iter().map(|one| (one.file.clone(), one.name.clone())).collect(),
                deny_warnings,
            },
        }
    }

    fn is_loaded(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning)
    }

    fn failed(&self) -> impl Iterator<Item = &Played> {
        self.played.iter().filter(|played| !played.complaints.is_empty())
    }

    fn is_good(&self) -> bool {
        let is_denied = self.deny_warnings && !self.diagnostics.is_empty();
        self.is_loaded() && !is_denied && self.failed().next().is_none()
    }

    fn exit_code(&self) -> ExitCode {
        match (self.is_loaded(), self.is_good()) {
            (false, _) => ExitCode::from(BAD_SCENARIO),
            (true, false) => ExitCode::from(EXPECTATION_FAILED),
            (true, true) => ExitCode::SUCCESS,
        }
    }

    /// Tells people.
    fn tell(&self) {
        if !self.diagnostics.is_empty() {
            let between = if self.is_loaded() { "\n" } else { "" };
            tell(format_args!("{}{between}", Diagnostics(self.diagnostics.clone()).render(true).trim_end()));
        }
        for example in self.failed() {
            let [scenario, name, file] = [&example.scenario, &example.name, &example.file].map(|text| visible(text));
            tell(format_args!("failed: {scenario}: {name} ({file}:{})", example.line));
            differences(&example.complaints).lines().for_each(|line| tell(format!("  {line}").trim_end()));
        }
    }

    /// One line for whoever only wants to know how it went; a set that does not load has none.
    fn sum_up(&self) {
        if !self.is_loaded() {
            return;
        }
        let (scenarios, stubs) = (counted(self.scenarios, "scenario"), counted(self.stubs, "stub"));
        let warnings = match self.diagnostics.len() {
            0 => String::new(),
            count => format!(", {}", counted(count, "warning")),
        };
        let examples = counted(self.played.len(), "example");
        say(format_args!("{scenarios}, {stubs}, {examples}: {} failed{warnings}", self.failed().count()));
    }
}

/// The differences of one example, a line or more each.
fn differences(complaints: &[Complaint]) -> String {
    let mut lines: Vec<String> = complaints.iter().take(MOST_DIFFERENCES).map(Complaint::to_string).collect();
    let more = complaints.len().saturating_sub(MOST_DIFFERENCES);
    if more > 0 {
        lines.push(format!("... and {}", counted(more, "more difference")));
    }
    lines.join("\n")
}
