//! Distinguishes values that are written in the file from values that templates render.
//!
//! The stubs are compiled once more with a mark before each expression of their answers. A value that has the mark in the
//! rendered answer comes from a template. A value without it is written in the file.

use std::sync::Arc;

use bytes::Bytes;

use crate::message::MediaType;
use crate::model::{Body, Json, Response, Scenario, StubAnswer};
use crate::respond::output_tags;

/// Precedes what a template renders. This code point is a Unicode noncharacter for internal use, so no file has it.
pub(super) const MARK: char = '\u{fdd0}';

/// The origin of a promised value.
#[derive(Debug)]
pub(super) enum Origin<'a, T> {
    /// It is written in the file, with everything in it.
    Written,
    /// A template renders it, with everything in it.
    Template,
    /// The marks in this value show the origin.
    Marked(&'a T),
}

impl<T> Clone for Origin<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Origin<'_, T> {}

impl<'a, T> Origin<'a, T> {
    /// Returns the origin of a nested value. A value that the marked answer does not have is written in the example.
    pub(super) fn inside(self, find: impl FnOnce(&'a T) -> Option<&'a T>) -> Origin<'a, T> {
        match self {
            Origin::Marked(value) => find(value).map_or(Origin::Written, Origin::Marked),
            other => other,
        }
    }

    /// Returns whether a template renders it. `marked` tests a value for the mark.
    pub(super) fn is_from_template(self, marked: impl FnOnce(&'a T) -> bool) -> bool {
        match self {
            Origin::Written => false,
            Origin::Template => true,
            Origin::Marked(value) => marked(value),
        }
    }
}

/// Returns the scenarios with marks in all of their answers.
pub(super) fn marked_scenarios(scenarios: &[Scenario]) -> Vec<Scenario> {
    let mut scenarios = scenarios.to_vec();
    for stub in scenarios.iter_mut().flat_map(|scenario| &mut scenario.stubs) {
        match &mut Arc::make_mut(stub).answer {
            StubAnswer::Response(response) => mark_response(response),
            StubAnswer::Responses(responses, _) => responses.iter_mut().for_each(mark_response),
            StubAnswer::Batch(batch, frame) => {
                if frame.has_templates() {
                    batch.cases.iter_mut().for_each(|case| mark_json(&mut case.result));
                    let merges = [&mut batch.some_failed, &mut batch.all_failed, &mut batch.none_failed];
                    let members = merges.into_iter().flatten().flat_map(|merge| &mut merge.members);
                    members.for_each(|(_, value)| mark_json(value));
                }
                mark_response(frame);
            }
        }
    }
    scenarios
}

fn mark_response(response: &mut Response) {
    if !response.has_templates() {
        return;
    }
    for (name, values) in &mut response.headers {
        let is_content_type = name.eq_ignore_ascii_case("content-type");
        values.iter_mut().for_each(|value| *value = if is_content_type { in_utf8(value) } else { marked(value) });
    }
    match &mut response.body {
        None | Some(Body::Base64(_)) => {}
        Some(Body::Json(json) | Body::Document(json)) => mark_json(json),
        Some(Body::Xml(text) | Body::Text(text)) => *text = marked(text),
        Some(Body::File(file)) => {
            for (_, bytes) in &mut file.files {
                if let Ok(text) = std::str::from_utf8(bytes) {
                    *bytes = Bytes::from(marked(text));
                }
            }
        }
    }
}

/// Returns the Content-Type with the charset UTF-8, because other charsets do not have the mark.
fn in_utf8(content_type: &str) -> String {
    match MediaType::parse(content_type).filter(|media| media.parameter("charset").is_some()) {
        Some(media) if output_tags(content_type).is_empty() => format!("{}; charset=utf-8", media.essence),
        _ => marked(content_type),
    }
}

fn mark_json(json: &mut Json) {
    match json {
        Json::String(text) => *text = marked(text),
        Json::Array(items) => items.iter_mut().for_each(mark_json),
        Json::Object(members) => members.iter_mut().for_each(|(_, value)| mark_json(value)),
        _ => {}
    }
}

/// Returns the source of a template with the mark before each tag that renders a value or opens a block.
fn marked(source: &str) -> String {
    let mut text = String::with_capacity(source.len() + MARK.len_utf8());
    let mut from = 0;
    for tag in output_tags(source) {
        text.push_str(&source[from..tag]);
        text.push(MARK);
        from = tag;
    }
    text.push_str(&source[from..]);
    text
}

#[cfg(all(test, feature = "templates"))]
mod tests {
    use super::*;

    #[test]
    fn expressions_and_blocks_are_marked_and_nothing_else() {
        let shown = |source: &str| marked(source).replace(MARK, "!");

        assert_eq!(shown("a {{b}} {{{c}}} {{~d~}}"), "a !{{b}} !{{{c}}} !{{~d~}}");
        assert_eq!(shown(r"{{#if a}}b{{else}}c{{/if}}"), "!{{#if a}}b{{else}}c{{/if}}");
        assert_eq!(shown(r"\{{a}} {{!-- b --}}"), r"\{{a}} {{!-- b --}}");
        assert_eq!(shown(r"\\{{a}} {{{{raw}}}}{{b}}{{{{/raw}}}}"), r"\\!{{a}} {{{{raw}}}}{{b}}{{{{/raw}}}}");
        assert_eq!(
            shown(r#"{{upper "{{"}}{{#each b}}{{c}}{{/each}}"#),
            r#"!{{upper "{{"}}!{{#each b}}!{{c}}{{/each}}"#
        );
        assert_eq!(shown("no template"), "no template");
    }
}
