//! Renders the body of a 404, which contains the explanation.

use bytes::Bytes;

use crate::message::{Request, accepted, visible_json};

use super::explanation::Explanation;
use super::explanation_text::Style;

/// Returns the media type and the body of the 404: JSON if the client prefers it or accepts both equally, otherwise text.
pub(super) fn explained_body(explanation: &Explanation, request: &Request) -> (&'static str, Bytes) {
    let values: Vec<_> = request.headers("Accept").collect();
    let ranges = accepted(values.iter().map(|value| value.as_ref()));
    let quality = |matches: &dyn Fn(&str) -> bool| {
        ranges.iter().filter(|range| matches(&range.range.essence)).map(|range| range.quality).max().unwrap_or(0)
    };
    let json = quality(&|essence| essence.ends_with("/json") || essence == "application/problem+json");
    let text = quality(&|essence| matches!(essence, "text/plain" | "text/html" | "text/*"));
    if json > 0 && json >= text {
        ("application/problem+json", format!("{}\n", visible_json(&explanation.problem().pretty())).into())
    } else {
        ("text/plain; charset=utf-8", explanation.text(Style::default()).into())
    }
}
