//! `cannery check`: what is wrong with scenario files, and whether their examples hold.
//!
//! People read it on stderr, whatever the format; stdout has a line that sums it up, or what a program asked for.

mod json;
mod outcome;
mod suites;

use std::process::ExitCode;

use cannery::formats::Diagnostics;
use cannery::message::visible;

use crate::args::CheckArgs;
use crate::exit::Failure;
use crate::output::{eprint, print, print_json, print_text};
use crate::report::ReportFormat;
use crate::words::counted;

use outcome::{Checked, differences};

/// Checks, and says by the exit code what came of it.
pub fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let checked = Checked::of(args);
    tell_people(&checked);
    match args.format {
        ReportFormat::Text => sum_up(&checked),
        ReportFormat::Json => print_json(&json::json(&checked).pretty()),
        ReportFormat::Junit => print_text(&(suites::report(&checked).to_junit() + "\n")),
    }
    Ok(checked.exit_code())
}

/// Tells people.
fn tell_people(checked: &Checked) {
    if !checked.diagnostics.is_empty() {
        let between = if checked.is_loaded() { "\n" } else { "" };
        eprint(format_args!("{}{between}", Diagnostics(checked.diagnostics.clone()).render(true).trim_end()));
    }
    for example in checked.failed() {
        let [scenario, name, file] = [&example.scenario, &example.name, &example.file].map(|text| visible(text));
        eprint(format_args!("failed: {scenario}: {name} ({file}:{})", example.line));
        differences(&example.complaints).lines().for_each(|line| eprint(format!("  {line}").trim_end()));
    }
}

/// One line for whoever only wants to know how it went; a set that does not load has none.
fn sum_up(checked: &Checked) {
    if !checked.is_loaded() {
        return;
    }
    let (scenarios, stubs) = (counted(checked.scenarios, "scenario"), counted(checked.stubs, "stub"));
    let warnings = match checked.diagnostics.len() {
        0 => String::new(),
        count => format!(", {}", counted(count, "warning")),
    };
    let examples = counted(checked.played.len(), "example");
    print(format_args!("{scenarios}, {stubs}, {examples}: {} failed{warnings}", checked.failed().count()));
}
