//! The outcome of a check as a report: a suite for each scenario, a case for each example.

use std::collections::HashMap;

use cannery::check::PlayedExample;
use cannery::formats::{Diagnostic, Diagnostics, Severity};

use crate::report::{Case, CaseOutcome, Report, Suite};

use super::outcome::{CheckOutcome, render_differences};

/// The name of the case that fails for a file's warnings if they are denied.
const WARNINGS: &str = "no warnings";

/// The name of the case of a file that does not load.
const LOADS: &str = "loads";

/// Returns a suite for each file that does not load, or for each scenario with its examples and warnings.
pub fn report(outcome: &CheckOutcome) -> Report {
    let mut suites: Vec<Suite> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut place_of = |file, name: &str, suites: &mut Vec<Suite>| {
        *places.entry(file).or_insert_with(|| {
            suites.push(Suite { name: name.to_owned(), file: file.to_owned(), ..Suite::default() });
            suites.len() - 1
        })
    };
    for played in &outcome.played {
        let place = place_of(played.file.as_str(), &played.scenario, &mut suites);
        suites[place].cases.push(case(played));
    }
    for (file, diagnostics) in by_file(&outcome.diagnostics) {
        let name = outcome.names.get(file).map_or(file, String::as_str);
        let place = place_of(file, name, &mut suites);
        let line = diagnostics.first().map_or(0, |diagnostic| diagnostic.line);
        let is_error = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        let text = Diagnostics(diagnostics).to_string();
        if is_error {
            suites[place].cases.push(Case { name: LOADS.to_owned(), line, outcome: CaseOutcome::Errored(text) });
        } else {
            if outcome.deny_warnings {
                let outcome = CaseOutcome::Failed(text.clone());
                suites[place].cases.push(Case { name: WARNINGS.to_owned(), line, outcome });
            }
            suites[place].output = text;
        }
    }
    Report { suites }
}

fn case(played: &PlayedExample) -> Case {
    let outcome = match played.mismatches.as_slice() {
        [] => CaseOutcome::Passed,
        mismatches => CaseOutcome::Failed(render_differences(mismatches)),
    };
    Case { name: played.name.clone(), line: played.line, outcome }
}

/// Groups diagnostics by file. Files keep their order.
fn by_file(diagnostics: &[Diagnostic]) -> Vec<(&str, Vec<Diagnostic>)> {
    let mut files: Vec<(&str, Vec<Diagnostic>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for diagnostic in diagnostics {
        let place = *places.entry(&diagnostic.file).or_insert_with(|| {
            files.push((&diagnostic.file, Vec::new()));
            files.len() - 1
        });
        files[place].1.push(diagnostic.clone());
    }
    files
}
