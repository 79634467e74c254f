//! Words for what a warning is about.

use crate::formats::tick;
use crate::model::{BodyCondition, Json, Operator, Stub};

/// Longer values are cut.
const LONGEST: usize = 40;

/// The key of an operator, and its value where that is short enough to help.
pub(super) fn operator_in_words(operator: &Operator) -> String {
    let text = |key: &str, text: &str| with_value(key, &Json::from(text).to_string());
    match operator {
        Operator::Equals(json) => with_value("equals", &json.to_string()),
        Operator::Contains(part) => text("contains", part),
        Operator::StartsWith(part) => text("starts_with", part),
        Operator::EndsWith(part) => text("ends_with", part),
        Operator::Matches(pattern) => with_value("matches", &format!("'{pattern}'")),
        Operator::Present(present) => with_value("present", &present.to_string()),
        Operator::Type(wanted) => text("type", wanted.name()),
        Operator::Gt(limit) => with_value("gt", &limit.to_string()),
        Operator::Ge(limit) => with_value("ge", &limit.to_string()),
        Operator::Lt(limit) => with_value("lt", &limit.to_string()),
        Operator::Le(limit) => with_value("le", &limit.to_string()),
        Operator::Before(moment) => text("before", moment),
        Operator::After(moment) => text("after", moment),
        other => tick(key_of(other)),
    }
}

fn with_value(key: &str, value: &str) -> String {
    match value.char_indices().nth(LONGEST) {
        Some(_) => tick(key),
        None => tick(&format!("{key} = {value}")),
    }
}

/// The key of an operator in a file.
pub(super) fn key_of(operator: &Operator) -> &'static str {
    match operator {
        Operator::Equals(_) => "equals",
        Operator::Contains(_) => "contains",
        Operator::StartsWith(_) => "starts_with",
        Operator::EndsWith(_) => "ends_with",
        Operator::Matches(_) => "matches",
        Operator::OneOf(_) => "one_of",
        Operator::Present(_) => "present",
        Operator::Len(_) => "len",
        Operator::Type(_) => "type",
        Operator::Gt(_) => "gt",
        Operator::Ge(_) => "ge",
        Operator::Lt(_) => "lt",
        Operator::Le(_) => "le",
        Operator::Before(_) => "before",
        Operator::After(_) => "after",
        Operator::Includes(_) => "includes",
        Operator::Values(_) => "values",
        Operator::Not(_) => "not",
        Operator::AnyOf(_) => "any_of",
        Operator::AllOf(_) => "all_of",
        Operator::Holds(condition) => condition_key(condition).0,
    }
}

/// The key of a condition on a body in a file, and its path where it has one.
pub(super) fn condition_key(condition: &BodyCondition) -> (&'static str, Option<&str>) {
    match condition {
        BodyCondition::Json(_) => ("json", None),
        BodyCondition::JsonIncludes(_) => ("json_includes", None),
        BodyCondition::JsonPath(path, _) => ("json_path", Some(path)),
        BodyCondition::JsonSchema(_) => ("json_schema", None),
        BodyCondition::Xml(_) => ("xml", None),
        BodyCondition::XPath(path, ..) => ("xpath", Some(path)),
        BodyCondition::Document(path, _) => ("document", Some(path)),
    }
}

/// What a stub is called: by its name, or by its number in its file.
pub(super) fn stub_in_words(stub: &Stub) -> String {
    match &stub.name {
        Some(name) => tick(name),
        None => stub.called(),
    }
}

/// `file:line` of a stub.
pub(super) fn place_in_words(stub: &Stub) -> String {
    format!("{}:{}", stub.place.file, stub.place.line)
}
