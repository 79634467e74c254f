//! The outcome of a check as one JSON object.

use cannery::check::{Mismatch, PlayedExample};
use cannery::formats::Diagnostic;
use cannery::model::Json;

use super::outcome::CheckOutcome;

/// Returns the whole object. docs/reference/cli.md shows its shape.
pub fn json(outcome: &CheckOutcome) -> Json {
    Json::from([
        ("good", outcome.is_good().into()),
        ("scenarios", outcome.scenarios.into()),
        ("stubs", outcome.stubs.into()),
        ("failed", outcome.failed().count().into()),
        ("diagnostics", Json::Array(outcome.diagnostics.iter().map(diagnostic).collect())),
        ("examples", Json::Array(outcome.played.iter().map(example).collect())),
    ])
}

fn diagnostic(diagnostic: &Diagnostic) -> Json {
    Json::from([
        ("severity", diagnostic.severity.name().into()),
        ("file", diagnostic.file.as_str().into()),
        ("line", diagnostic.line.into()),
        ("column", diagnostic.column.into()),
        ("key", diagnostic.at.to_string().into()),
        ("message", diagnostic.message.as_str().into()),
        ("help", optional(diagnostic.help.as_deref())),
    ])
}

fn example(played: &PlayedExample) -> Json {
    Json::from([
        ("scenario", played.scenario.as_str().into()),
        ("name", played.name.as_str().into()),
        ("file", played.file.as_str().into()),
        ("line", played.line.into()),
        ("passed", played.mismatches.is_empty().into()),
        ("differences", Json::Array(played.mismatches.iter().map(difference).collect())),
    ])
}

fn difference(mismatch: &Mismatch) -> Json {
    Json::from([
        ("at", mismatch.about.as_str().into()),
        ("expected", optional(mismatch.expected.as_deref())),
        ("actual", optional(mismatch.actual.as_deref())),
        ("text", optional(mismatch.text.as_deref())),
    ])
}

fn optional(text: Option<&str>) -> Json {
    text.map_or(Json::Null, Json::from)
}
