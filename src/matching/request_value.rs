//! One value of a request that a matcher looks at, typed or not, and how it compares with JSON.

use std::borrow::Cow;

use crate::budget::spend;
use crate::model::{Json, JsonType, Members, Number};

use super::fold;

/// One value that a matcher looks at.
#[derive(Debug, Clone)]
pub enum RequestValue<'a> {
    /// Text without a type: a header, a query parameter, a leaf of XML. It reads as a number or a boolean if an operator needs
    /// one.
    Text(Cow<'a, str>),
    /// Typed JSON.
    Json(&'a Json),
    /// A list or an object whose leaves are text without a type.
    Untyped(&'a Json),
}

impl<'a> RequestValue<'a> {
    /// Wraps a node of a document. Its leaves have no type if it was read from XML.
    pub fn from_node(json: &'a Json, untyped: bool) -> RequestValue<'a> {
        match json {
            Json::String(text) if untyped => RequestValue::Text(Cow::Borrowed(text)),
            Json::Array(_) | Json::Object(_) if untyped => RequestValue::Untyped(json),
            _ => RequestValue::Json(json),
        }
    }

    /// Wraps text without a type.
    pub fn text(text: impl Into<Cow<'a, str>>) -> RequestValue<'a> {
        RequestValue::Text(text.into())
    }

    /// Returns what text operators see: a scalar as it would be written; `None` for null, lists and objects.
    pub(crate) fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            RequestValue::Text(text) => Some(Cow::Borrowed(text)),
            RequestValue::Json(Json::String(text)) => Some(Cow::Borrowed(text)),
            RequestValue::Json(Json::Number(number)) => Some(Cow::Owned(number.to_string())),
            RequestValue::Json(Json::Bool(truth)) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
            _ => None,
        }
    }

    pub(super) fn as_number(&self) -> Option<Number> {
        match self {
            RequestValue::Text(text) => Number::parse(text),
            RequestValue::Json(Json::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// Returns the steps of the budget that an operator takes to look at the value once.
    pub(super) fn steps(&self) -> usize {
        match self {
            RequestValue::Text(text) => 1 + text.len() / STEP_BYTES,
            RequestValue::Json(Json::String(text)) | RequestValue::Untyped(Json::String(text)) => {
                1 + text.len() / STEP_BYTES
            }
            RequestValue::Json(_) | RequestValue::Untyped(_) => 1,
        }
    }

    pub(super) fn len(&self) -> Option<usize> {
        match self {
            RequestValue::Text(text) => Some(text.chars().count()),
            RequestValue::Json(Json::String(text)) => Some(text.chars().count()),
            RequestValue::Json(Json::Array(items)) | RequestValue::Untyped(Json::Array(items)) => Some(items.len()),
            RequestValue::Json(Json::Object(members)) | RequestValue::Untyped(Json::Object(members)) => {
                Some(members.len())
            }
            _ => None,
        }
    }

    pub(super) fn is_type(&self, expected: JsonType) -> bool {
        let (json, untyped) = match self {
            RequestValue::Text(text) => {
                return match expected {
                    JsonType::String => true,
                    JsonType::Number => Number::parse(text).is_some(),
                    JsonType::Integer => Number::parse(text).is_some_and(|number| number.is_whole()),
                    _ => false,
                };
            }
            RequestValue::Json(json) => (json, false),
            RequestValue::Untyped(json) => (json, true),
        };
        let actual = json.json_type();
        actual == expected || (expected == JsonType::Number && actual == JsonType::Integer && !untyped)
    }

    /// Compares as the operator `equals` does.
    pub(super) fn same(&self, expected: &Json, fold: bool) -> bool {
        match (self, expected) {
            (RequestValue::Text(text), _) => same_text(text, expected, fold),
            (RequestValue::Json(Json::String(actual)), Json::String(expected)) => same_case(actual, expected, fold),
            (RequestValue::Json(actual), _) => actual.same(expected),
            (RequestValue::Untyped(actual), _) => same_untyped(actual, expected, fold),
        }
    }

    /// Returns the items of a list, which `includes` and `values` look at if the list is the only value.
    pub(super) fn items(&self) -> Option<Vec<RequestValue<'_>>> {
        match self {
            RequestValue::Json(Json::Array(items)) => Some(items.iter().map(RequestValue::Json).collect()),
            RequestValue::Untyped(Json::Array(items)) => {
                Some(items.iter().map(|item| RequestValue::from_node(item, true)).collect())
            }
            _ => None,
        }
    }
}

/// The bytes of text that an operator looks at in one step of the budget.
const STEP_BYTES: usize = 16;

fn same_case(a: &str, b: &str, fold: bool) -> bool {
    a == b || (fold && fold::same(a, b))
}

fn same_text(actual: &str, expected: &Json, fold: bool) -> bool {
    match expected {
        Json::String(expected) => same_case(actual, expected, fold),
        Json::Number(expected) => Number::parse(actual).is_some_and(|number| number.same(expected)),
        Json::Bool(expected) => actual == if *expected { "true" } else { "false" },
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}

fn same_untyped(actual: &Json, expected: &Json, fold: bool) -> bool {
    if !spend(1) {
        return false;
    }
    match (actual, expected) {
        (Json::String(text), _) => same_text(text, expected, fold),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_untyped(a, b, fold))
        }
        (Json::Object(a), Json::Object(b)) => {
            let b = Members::new(b);
            a.len() == b.len()
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same_untyped(value, other, fold)))
        }
        _ => actual == expected,
    }
}
