//! Renders the outcome as text for people, as JSON for programs, and as a report for CI.

use cannery::check::drift::{Finding, Findings};
use cannery::message::{redacted_target, visible};
use cannery::model::Json;

use crate::count::counted;
use crate::report::{Case, CaseOutcome, Report, Suite};

use super::outcome::{ExampleOutcome, Outcome};
use super::verdict::Verdict;

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const PLAIN: &str = "\x1b[0m";

/// Longer lines are cut in the text for people, and so are further lines.
const MAX_LINE_CHARS: usize = 200;
const MAX_LINES: usize = 20;

/// Renders a line for each example, with its findings below it.
pub fn text(outcomes: &[ExampleOutcome], verdict: Verdict) -> String {
    let mut text = String::new();
    for example in outcomes {
        let (colour, word) = match &example.outcome {
            Outcome::Answered(_, findings) if findings.drifts.is_empty() => (GREEN, "ok"),
            Outcome::Answered(..) => (RED, "drift"),
            Outcome::Skipped(_) => (YELLOW, "skipped"),
            Outcome::Unreached(_) => (RED, "unreached"),
        };
        let ExampleOutcome { scenario, name, file, line, method, target, .. } = example;
        let [scenario, name, file] = [scenario, name, file].map(|text| visible(text));
        text.push_str(&format!("{colour}{word}{PLAIN} {scenario}: {name} ({file}:{line})\n"));
        match &example.outcome {
            Outcome::Answered(_, findings) if !findings.drifts.is_empty() => {
                text.push_str(&format!("  {}\n", visible(&format!("{method} {target}"))));
                text.push_str(&render_findings(findings));
            }
            Outcome::Answered(_, findings) => text.push_str(&render_findings(findings)),
            Outcome::Skipped(why) | Outcome::Unreached(why) => text.push_str(&format!("  {}\n", visible(why))),
        }
    }
    text.push_str(&format!("\n{}: {} as promised, ", counted(verdict.examples, "example"), verdict.kept));
    text.push_str(&format!("{} drifted, {} skipped", verdict.drifted, verdict.skipped));
    if verdict.unreached > 0 {
        text.push_str(&format!(", {} unreached", verdict.unreached));
    }
    if verdict.notes > 0 {
        text.push_str(&format!("; {}", counted(verdict.notes, "note")));
    }
    text.push('\n');
    text
}

/// Renders drifts, then notes, each with what was promised (`-`) and what was received (`+`).
fn render_findings(findings: &Findings) -> String {
    let drifts = findings.drifts.iter().map(|finding| ("", finding));
    let all = drifts.chain(findings.notes.iter().map(|finding| ("note: ", finding)));
    all.map(|(kind, finding)| {
        let Finding { at, what, promised, actual, .. } = finding;
        let sides = side(RED, '-', promised.as_deref()) + &side(GREEN, '+', actual.as_deref());
        format!("  {kind}{}: {}\n{sides}", cut(&visible(at)), visible(what))
    })
    .collect()
}

fn side(colour: &str, sign: char, text: Option<&str>) -> String {
    let Some(text) = text else { return String::new() };
    let lines: Vec<&str> = text.lines().collect();
    let mut rendered: String = lines
        .iter()
        .take(MAX_LINES)
        .map(|line| format!("    {colour}{sign} {}{PLAIN}\n", cut(&visible(line))))
        .collect();
    if lines.len() > MAX_LINES {
        rendered.push_str(&format!("    {sign} and {} more\n", counted(lines.len() - MAX_LINES, "line")));
    }
    rendered
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(MAX_LINE_CHARS) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line.to_owned(),
    }
}

/// Renders one object with every example.
pub fn json(against: &str, outcomes: &[ExampleOutcome], verdict: Verdict) -> Json {
    Json::from([
        ("against", (&*redacted_target(against)).into()),
        ("verdict", verdict.name().into()),
        ("kept", verdict.kept.into()),
        ("drifted", verdict.drifted.into()),
        ("skipped", verdict.skipped.into()),
        ("unreached", verdict.unreached.into()),
        ("examples", outcomes.iter().map(example_json).collect::<Vec<_>>().into()),
    ])
}

fn example_json(example: &ExampleOutcome) -> Json {
    let mut json = Json::from([
        ("scenario", example.scenario.as_str().into()),
        ("name", example.name.as_str().into()),
        ("file", example.file.as_str().into()),
        ("line", example.line.into()),
        ("method", example.method.as_str().into()),
        ("url", example.target.as_str().into()),
    ]);
    match &example.outcome {
        Outcome::Answered(status, findings) => {
            let outcome = if findings.drifts.is_empty() { "kept" } else { "drifted" };
            json.set("outcome", outcome.into());
            json.set("status", usize::from(*status).into());
            json.set("drifts", findings.drifts.iter().map(finding_json).collect::<Vec<_>>().into());
            json.set("notes", findings.notes.iter().map(finding_json).collect::<Vec<_>>().into());
        }
        Outcome::Skipped(why) => {
            json.set("outcome", "skipped".into());
            json.set("reason", why.as_str().into());
        }
        Outcome::Unreached(why) => {
            json.set("outcome", "unreached".into());
            json.set("reason", why.as_str().into());
        }
    }
    json
}

fn finding_json(finding: &Finding) -> Json {
    let side = |text: &Option<String>| text.as_deref().map_or(Json::Null, Json::from);
    Json::from([
        ("at", finding.at.as_str().into()),
        ("kind", finding.kind.name().into()),
        ("what", finding.what.as_str().into()),
        ("promised", side(&finding.promised)),
        ("actual", side(&finding.actual)),
    ])
}

/// Returns a suite for each file, with a case for each example.
pub fn junit(outcomes: &[ExampleOutcome]) -> Report {
    let mut report = Report::default();
    for example in outcomes {
        let outcome = match &example.outcome {
            Outcome::Answered(_, findings) if findings.drifts.is_empty() => CaseOutcome::Passed,
            Outcome::Answered(_, findings) => CaseOutcome::Failed(failure(example, findings)),
            Outcome::Skipped(why) => CaseOutcome::Skipped(why.clone()),
            Outcome::Unreached(why) => CaseOutcome::Errored(why.clone()),
        };
        let case = Case { name: example.name.clone(), line: example.line, outcome };
        match report.suites.last_mut().filter(|suite| suite.file == example.file) {
            Some(suite) => suite.cases.push(case),
            None => report.suites.push(Suite {
                name: example.scenario.clone(),
                file: example.file.clone(),
                cases: vec![case],
                output: String::new(),
            }),
        }
    }
    report
}

fn failure(example: &ExampleOutcome, findings: &Findings) -> String {
    let places = counted(findings.drifts.len(), "drift");
    let ExampleOutcome { file, line, method, target, .. } = example;
    let head = format!("{places} ({file}:{line})\n{method} {target}\n");
    [RED, GREEN, YELLOW, PLAIN].iter().fold(head + &render_findings(findings), |text, colour| text.replace(colour, ""))
}
