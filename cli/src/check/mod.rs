//! `cannery check`: reports what is wrong with scenario files, and runs their examples.
//!
//! stderr always has a text for people. stdout has a summary, or the format for programs.

mod json;
mod outcome;
mod suites;

use std::process::ExitCode;

use cannery::formats::Diagnostics;
use cannery::message::visible;

use crate::args::CheckArgs;
use crate::count::counted;
use crate::exit::Failure;
use crate::output::{eprint, print, print_json, print_text};
use crate::report::ReportFormat;

use outcome::{CheckOutcome, render_differences};

/// Checks the files, prints the outcome, and returns it as the exit code.
pub fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let outcome = CheckOutcome::run(args);
    print_for_people(&outcome);
    match args.format {
        ReportFormat::Text => print_summary(&outcome),
        ReportFormat::Json => print_json(&json::json(&outcome).pretty()),
        ReportFormat::Junit => print_text(&(suites::report(&outcome).to_junit() + "\n")),
    }
    Ok(outcome.exit_code())
}

/// Prints diagnostics and failed examples to stderr.
fn print_for_people(outcome: &CheckOutcome) {
    if !outcome.diagnostics.is_empty() {
        let between = if outcome.is_loaded() { "\n" } else { "" };
        eprint(format_args!("{}{between}", Diagnostics(outcome.diagnostics.clone()).render(true).trim_end()));
    }
    for example in outcome.failed() {
        let [scenario, name, file] = [&example.scenario, &example.name, &example.file].map(|text| visible(text));
        eprint(format_args!("failed: {scenario}: {name} ({file}:{})", example.line));
        render_differences(&example.mismatches).lines().for_each(|line| eprint(format!("  {line}").trim_end()));
    }
}

/// Prints a line with the counts, unless the files do not load.
fn print_summary(outcome: &CheckOutcome) {
    if !outcome.is_loaded() {
        return;
    }
    let (scenarios, stubs) = (counted(outcome.scenarios, "scenario"), counted(outcome.stubs, "stub"));
    let warnings = match outcome.diagnostics.len() {
        0 => String::new(),
        count => format!(", {}", counted(count, "warning")),
    };
    let examples = counted(outcome.played.len(), "example");
    print(format_args!("{scenarios}, {stubs}, {examples}: {} failed{warnings}", outcome.failed().count()));
}
