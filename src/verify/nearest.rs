//! Describes a pattern, and explains the requests that are nearest to it, condition by condition.

use std::fmt::Write as _;

use crate::explain::{ConditionReport, Distance, Style, describe_conditions, distance, report_conditions, report_line};
use crate::journal::Entry;
use crate::matching::CompiledPattern;
use crate::message::Redaction;
use crate::model::Timestamp;

use super::summary::RequestSummary;

/// Describes the conditions of a pattern: method and path on one line, each of the others on its own.
pub(super) fn describe_pattern(pattern: &CompiledPattern, text: &mut String) {
    let conditions = describe_conditions(pattern);
    let (line, others): (Vec<_>, Vec<_>) =
        conditions.into_iter().partition(|(subject, _)| matches!(subject.as_str(), "method" | "path"));
    let line: Vec<String> = line.into_iter().map(|(_, expected)| expected).collect();
    let line = if line.is_empty() { "any request".to_owned() } else { line.join(" ") };
    let _ = writeln!(text, "  {line}");
    for (subject, expected) in others {
        let _ = writeln!(text, "    {subject}: {expected}");
    }
}

/// The most requests that are explained.
const NEAREST: usize = 3;

/// A request that does not match a pattern.
#[derive(Debug)]
struct NearRequest<'a> {
    entry: &'a Entry,
    /// Each condition of the pattern, and whether it holds.
    conditions: Vec<ConditionReport>,
}

/// Returns the requests that are nearest to a pattern, nearest first.
fn nearest<'a>(pattern: &CompiledPattern, entries: &[&'a Entry], now: Timestamp) -> Vec<NearRequest<'a>> {
    let distances = entries.iter().map(|entry| distance(pattern, &entry.request(), now));
    let mut ranked: Vec<(Distance, usize)> = distances.zip(0..).collect();
    ranked.sort_unstable();
    let nearest = ranked.into_iter().take(NEAREST).map(|(_, place)| entries[place]);
    nearest.map(|entry| NearRequest { entry, conditions: report_conditions(pattern, &entry.request(), now) }).collect()
}

/// Explains the nearest of the requests that do not match a pattern.
pub(super) fn explain_nearest(
    pattern: &CompiledPattern,
    entries: &[&Entry],
    now: Timestamp,
    style: Style,
    text: &mut String,
) {
    let count = match entries.len() {
        0 => {
            text.push_str("\nno other request came\n");
            return;
        }
        1 => "1 other".to_owned(),
        count => format!("{count} others"),
    };
    let _ = writeln!(text, "\nnearest of {count}:");
    for request in nearest(pattern, entries, now) {
        let _ = writeln!(text, "  {}", RequestSummary::from(request.entry));
        for report in &request.conditions {
            let mut lines = String::new();
            report_line(report, style, &Redaction::default(), &mut lines);
            lines.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
    }
}
