//! Words for what a matcher asks and for what it was shown.

use std::fmt::Write as _;

use crate::model::Json;

use super::body::CompiledBody;
use super::condition::CompiledPart;
use super::value::CompiledOperator;
use super::{CompiledMatcher, Value};

/// Longer texts are cut where people read them.
const LONGEST: usize = 160;

impl CompiledMatcher {
    /// What it asks, on one line, such as `matches '^\d+$' and len < 9`.
    pub(super) fn describe(&self) -> String {
        let asked: Vec<String> = self.operators.iter().map(CompiledOperator::describe).collect();
        let asked = asked.join(" and ");
        if self.ignore_case { format!("{asked} (in any case)") } else { asked }
    }
}

impl CompiledOperator {
    fn describe(&self) -> String {
        let each = |matchers: &[CompiledMatcher], between: &str| {
            matchers.iter().map(CompiledMatcher::describe).collect::<Vec<_>>().join(between)
        };
        match self {
            CompiledOperator::Equals(json) => cut(&json.to_string()),
            CompiledOperator::Contains(text) => format!("contains {}", quoted(text)),
            CompiledOperator::StartsWith(text) => format!("starts with {}", quoted(text)),
            CompiledOperator::EndsWith(text) => format!("ends with {}", quoted(text)),
            CompiledOperator::Matches(pattern) => format!("matches '{}'", cut(pattern.as_str())),
            CompiledOperator::OneOf(options) => {
                format!("one of {}", cut(&options.iter().map(Json::to_string).collect::<Vec<_>>().join(", ")))
            }
            CompiledOperator::Present(true) => "present".to_owned(),
            CompiledOperator::Present(false) => "absent".to_owned(),
            CompiledOperator::Len(matcher) => format!("len {}", matcher.describe()),
            CompiledOperator::Type(wanted) => format!("of type {}", wanted.name()),
            CompiledOperator::Gt(limit) => format!("> {limit}"),
            CompiledOperator::Ge(limit) => format!(">= {limit}"),
            CompiledOperator::Lt(limit) => format!("< {limit}"),
            CompiledOperator::Le(limit) => format!("<= {limit}"),
            CompiledOperator::Before(text, _) => format!("before {text}"),
            CompiledOperator::After(text, _) => format!("after {text}"),
            CompiledOperator::Includes(matchers) => format!("includes [{}]", each(matchers, ", ")),
            CompiledOperator::Values(matchers) => format!("values [{}]", each(matchers, ", ")),
            CompiledOperator::Not(matcher) => format!("not ({})", matcher.describe()),
            CompiledOperator::AnyOf(matchers) => format!("any of ({})", each(matchers, ") or (")),
            CompiledOperator::AllOf(matchers) => format!("all of ({})", each(matchers, ") and (")),
            CompiledOperator::Holds(condition) => format!("{} {}", condition.subject(), condition.describe()),
        }
    }
}

impl CompiledBody {
    /// What the condition is about, by its key.
    pub(super) fn subject(&self) -> String {
        match self {
            CompiledBody::Json(_) => "json".to_owned(),
            CompiledBody::JsonIncludes(_) => "json_includes".to_owned(),
            CompiledBody::JsonPath(path, _) => format!("json_path {}", path.as_str()),
            CompiledBody::JsonSchema(_) => "json_schema".to_owned(),
            CompiledBody::Xml(..) => "xml".to_owned(),
            CompiledBody::XPath(path, _) => format!("xpath {}", path.text),
            CompiledBody::Document(path, ..) => format!("document {}", path.as_str()),
        }
    }

    /// What it asks.
    pub(super) fn describe(&self) -> String {
        match self {
            CompiledBody::Json(json) | CompiledBody::JsonIncludes(json) => cut(&json.to_string()),
            CompiledBody::JsonSchema(schema) => match &schema.file {
                Some(file) => format!("valid by {file}"),
                None => "valid".to_owned(),
            },
            CompiledBody::Xml(text, _) => cut(text),
            CompiledBody::JsonPath(_, matcher)
            | CompiledBody::XPath(_, matcher)
            | CompiledBody::Document(_, matcher, _) => matcher.describe(),
        }
    }
}

impl CompiledPart {
    pub(super) fn describe(&self) -> String {
        let mut asked = Vec::new();
        asked.extend(self.filename.as_ref().map(|matcher| format!("filename {}", matcher.describe())));
        asked.extend(self.headers.iter().map(|(name, matcher)| format!("header {name} {}", matcher.describe())));
        asked.extend(self.body.as_ref().map(|matcher| format!("body {}", matcher.describe())));
        asked.extend(self.holds.iter().map(|holds| format!("{} {}", holds.subject(), holds.describe())));
        if asked.is_empty() { "present".to_owned() } else { asked.join(" and ") }
    }
}

/// What was there: `missing`, one value, or several.
pub(super) fn shown(values: &[Value<'_>]) -> String {
    const SEVERAL: usize = 3;
    let mut text = match values {
        [] => return "missing".to_owned(),
        [one] => return show(one),
        several => several.iter().take(SEVERAL).map(show).collect::<Vec<_>>().join(", "),
    };
    if values.len() > SEVERAL {
        let _ = write!(text, " and {} more", values.len() - SEVERAL);
    }
    text
}

fn show(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Json(json) | Value::Untyped(json) => {
            let text = json.to_string();
            match json {
                Json::Array(items) if text.len() > LONGEST => format!("{} ({} items)", cut(&text), items.len()),
                _ => cut(&text),
            }
        }
    }
}

/// A text in quotes, control characters made visible, cut when it is long.
pub(super) fn quoted(text: &str) -> String {
    cut(&Json::from(text).to_string())
}

/// A text cut to what a person reads.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

/// So many characters of a text, and how long it is where that is not all.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}... ({} bytes in all)", &text[..at], text.len()),
        None => text.to_owned(),
    }
}
