//! Reports on each condition of a pattern: what it expected, and what it found.

use crate::matching::{
    CompiledBody, CompiledMatcher, CompiledOperator, CompiledPattern, Condition, ConditionInput, basic_auth,
    with_node_values,
};
use crate::message::{Request, Secrets, Unreadable};
use crate::model::{Json, Timestamp};

use super::credentials::{is_about_secret, secrets};
use super::describe::{cut, describe_condition, describe_values, quoted};
use super::difference::{Difference, first_line, json_differences, xml_differences};
use super::near_miss::evaluated_conditions;
use super::remedy::remedy;

/// One condition: what it expected, and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionReport {
    /// What the condition is about, such as `header Authorization`.
    pub subject: String,
    /// The expected value, in words.
    pub expected: String,
    /// The actual value, in words; empty if the condition holds.
    pub actual: String,
    /// Whether the condition holds.
    pub holds: bool,
    /// How to make it hold.
    pub remedy: Option<String>,
    /// Whether the actual value is a secret, which must not appear in a log.
    pub secret: bool,
    /// The secrets that the condition itself contains.
    pub secrets: Secrets,
}

/// Reports on each condition of a pattern. If the path does not match, conditions on placeholders are left out, because they have
/// no values.
pub fn report_conditions(pattern: &CompiledPattern, request: &Request, now: Timestamp) -> Vec<ConditionReport> {
    let matched = pattern.template().map(|template| template.matches(request));
    let params = matched.clone().flatten().unwrap_or_default();
    let input = ConditionInput { request, params: &params, now, projection: None };
    let no_params = matched.is_some_and(|params| params.is_none());
    evaluated_conditions(pattern, &input)
        .filter(|condition| !(no_params && matches!(condition, Condition::PathParam(..))))
        .map(|condition| report(condition, &input))
        .collect()
}

fn report(condition: &Condition, input: &ConditionInput<'_>) -> ConditionReport {
    let holds = condition.holds(input);
    ConditionReport {
        subject: condition.subject(),
        expected: describe_condition(condition),
        actual: if holds { String::new() } else { describe_actual(condition, input) },
        holds,
        remedy: if holds { None } else { remedy(condition, input) },
        secret: is_about_secret(condition),
        secrets: secrets(condition),
    }
}

/// Returns what a condition that does not hold found, in words.
fn describe_actual(condition: &Condition, input: &ConditionInput<'_>) -> String {
    let request = input.request;
    match condition {
        Condition::Method(_) => request.method().to_owned(),
        Condition::Path(_) => cut(request.path()),
        Condition::Malformed(_) => match request.malformed() {
            Some(reason) => reason.to_string(),
            None if request.body().is_empty() => "no body".to_owned(),
            None => "a body that matches its Content-Type".to_owned(),
        },
        Condition::Holds(condition) => found_in_body(condition, request),
        Condition::Form(..) | Condition::Body(_) if request.unreadable().is_some() => {
            request.unreadable().map(|reason| reason.to_string()).unwrap_or_default()
        }
        Condition::Items(path, representation) => match request.document(representation) {
            Err(reason) => reason.to_string(),
            Ok(None) => "no body".to_owned(),
            Ok(Some(document)) => match path.select(&document.root) {
                Ok(nodes) => with_node_values(&nodes, document.untyped, describe_values),
                Err(reason) => reason.to_string(),
            },
        },
        Condition::Part(name, _) => match condition.parts(name, request) {
            Err(reason) => reason.to_string(),
            Ok(parts) if parts.is_empty() => "missing".to_owned(),
            Ok(_) => "different".to_owned(),
        },
        Condition::Code(predicate) => match predicate.holds(request) {
            Ok(_) => "it returned false".to_owned(),
            Err(panicked) => panicked.to_string(),
        },
        Condition::BasicAuth(..) => match basic_auth(request) {
            Some((user, _)) => format!("user {}", quoted(&user)),
            None => "missing".to_owned(),
        },
        Condition::Body(matcher) => match first_differing_line(matcher, &request.text()) {
            Some(text) => text,
            None => describe_values(&condition.values(input)),
        },
        _ => describe_values(&condition.values(input)),
    }
}

/// Describes the first line in which a text differs from the one it should equal; `None` if both have one line.
fn first_differing_line(matcher: &CompiledMatcher, actual: &str) -> Option<String> {
    let [CompiledOperator::Equals(Json::String(expected))] = matcher.operators.as_slice() else { return None };
    let has_lines = expected.contains('\n') || actual.contains('\n');
    (has_lines && !actual.is_empty()).then(|| first_line(expected, actual).map(describe_difference)).flatten()
}

/// Describes one difference.
fn describe_difference(difference: Difference) -> String {
    match (difference.expected, difference.actual) {
        (Some(expected), Some(actual)) => {
            format!("{} at {}, expected {}", cut(&actual), difference.path, cut(&expected))
        }
        (Some(_), None) => format!("nothing at {}", difference.path),
        (None, _) => format!("unexpected {}", difference.path),
    }
}

/// The most differences of a body that are described.
const MAX_DIFFERENCES: usize = 3;

/// Describes what a body condition found; as differences if the condition has a whole value.
fn found_in_body(condition: &CompiledBody, request: &Request) -> String {
    if request.body().is_empty() {
        return "no body".to_owned();
    }
    let found = || -> Result<String, Unreadable> {
        if let Some(selected) = condition.selected(request)? {
            return selected.with_values(describe_values);
        }
        let unread = Unreadable::clone;
        let differences = match condition {
            CompiledBody::Json(expected) => json_differences(expected, request.json().map_err(unread)?, false),
            CompiledBody::JsonIncludes(expected) => json_differences(expected, request.json().map_err(unread)?, true),
            CompiledBody::Xml(_, expected) => xml_differences(expected, request.xml().map_err(unread)?),
            CompiledBody::JsonSchema(schema) => {
                let complaint = schema.complaint(request.json().map_err(unread)?)?;
                return Ok(complaint.unwrap_or_else(|| "not valid".to_owned()));
            }
            CompiledBody::JsonPath(..) | CompiledBody::XPath(..) | CompiledBody::Document(..) => Vec::new(),
        };
        let texts: Vec<String> = differences.into_iter().take(MAX_DIFFERENCES).map(describe_difference).collect();
        Ok(texts.join("; "))
    };
    found().unwrap_or_else(|reason| reason.to_string())
}
