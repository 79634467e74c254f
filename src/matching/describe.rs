//! Describes matchers and the values that they are applied to, for explanations.

use std::fmt::Write as _;

use crate::model::{Json, OperatorName};

use super::body::CompiledBody;
use super::condition::CompiledPart;
use super::value::CompiledOperator;
use super::{CompiledMatcher, RequestValue};

/// The most characters of a text that an explanation shows.
const LONGEST: usize = 160;

impl CompiledMatcher {
    /// Returns what the matcher demands, on one line, such as `matches '^\d+$' and len < 9`.
    pub(super) fn describe(&self) -> String {
        let operators: Vec<String> = self.operators.iter().map(CompiledOperator::describe).collect();
        let all = operators.join(" and ");
        if self.ignore_case { format!("{all} (in any case)") } else { all }
    }
}

impl CompiledOperator {
    /// The words of the operator, then its operand.
    fn describe(&self) -> String {
        let each = |matchers: &[CompiledMatcher], between: &str| {
            matchers.iter().map(CompiledMatcher::describe).collect::<Vec<_>>().join(between)
        };
        let (name, operand) = match self {
            CompiledOperator::Equals(json) => return cut(&json.to_string()),
            CompiledOperator::Present(true) => return OperatorName::Present.words().to_owned(),
            CompiledOperator::Present(false) => return "absent".to_owned(),
            CompiledOperator::OneOf(options) => {
                let options: Vec<_> = options.iter().map(Json::to_string).collect();
                (OperatorName::OneOf, cut(&options.join(", ")))
            }
            CompiledOperator::Text(name, _, text) => (*name, quoted(text)),
            CompiledOperator::Matches(pattern) => (OperatorName::Matches, format!("'{}'", cut(pattern.as_str()))),
            CompiledOperator::Len(matcher) => (OperatorName::Len, matcher.describe()),
            CompiledOperator::Type(wanted) => (OperatorName::Type, wanted.name().to_owned()),
            CompiledOperator::Number(name, _, limit) => (*name, limit.to_string()),
            CompiledOperator::Moment(name, _, limit, _) => (*name, limit.clone()),
            CompiledOperator::Includes(matchers) => (OperatorName::Includes, format!("[{}]", each(matchers, ", "))),
            CompiledOperator::Values(matchers) => (OperatorName::Values, format!("[{}]", each(matchers, ", "))),
            CompiledOperator::Not(matcher) => (OperatorName::Not, format!("({})", matcher.describe())),
            CompiledOperator::AnyOf(matchers) => (OperatorName::AnyOf, format!("({})", each(matchers, ") or ("))),
            CompiledOperator::AllOf(matchers) => (OperatorName::AllOf, format!("({})", each(matchers, ") and ("))),
            CompiledOperator::Holds(condition) => return format!("{} {}", condition.subject(), condition.describe()),
        };
        format!("{} {operand}", name.words())
    }
}

impl CompiledBody {
    /// The words of the condition, and its path if it has one.
    pub(super) fn subject(&self) -> String {
        let (name, path) = match self {
            CompiledBody::Json(_) => (OperatorName::Json, None),
            CompiledBody::JsonIncludes(_) => (OperatorName::JsonIncludes, None),
            CompiledBody::JsonPath(path, _) => (OperatorName::JsonPath, Some(path.as_str())),
            CompiledBody::JsonSchema(_) => (OperatorName::JsonSchema, None),
            CompiledBody::Xml(..) => (OperatorName::Xml, None),
            CompiledBody::XPath(path, _) => (OperatorName::XPath, Some(&*path.text)),
            CompiledBody::Document(path, ..) => (OperatorName::Document, Some(path.as_str())),
        };
        path.map_or_else(|| name.words().to_owned(), |path| format!("{} {path}", name.words()))
    }

    /// What the condition demands, without its name.
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
        let mut demands = Vec::new();
        demands.extend(self.filename.as_ref().map(|matcher| format!("filename {}", matcher.describe())));
        demands.extend(self.headers.iter().map(|(name, matcher)| format!("header {name} {}", matcher.describe())));
        demands.extend(self.body.as_ref().map(|matcher| format!("body {}", matcher.describe())));
        demands.extend(self.holds.iter().map(|holds| format!("{} {}", holds.subject(), holds.describe())));
        if demands.is_empty() { "present".to_owned() } else { demands.join(" and ") }
    }
}

/// Describes the values: `missing`, one value, or several.
pub(super) fn shown(values: &[RequestValue<'_>]) -> String {
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

fn show(value: &RequestValue<'_>) -> String {
    match value {
        RequestValue::Text(text) => quoted(text),
        RequestValue::Json(json) | RequestValue::Untyped(json) => {
            let text = json.to_string();
            match json {
                Json::Array(items) if text.len() > LONGEST => format!("{} ({} items)", cut(&text), items.len()),
                _ => cut(&text),
            }
        }
    }
}

/// Quotes a text, escapes its control characters, and cuts it if it is long.
pub(super) fn quoted(text: &str) -> String {
    cut(&Json::from(text).to_string())
}

/// Cuts a text that is too long to be read.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

/// Returns the first `most` characters of a text, and its length if there are more.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}... ({} bytes in all)", &text[..at], text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{KeyPath, Matcher, Operator};

    use super::*;

    fn description(operator: Operator) -> String {
        let mut faults = Vec::new();
        let compiled = CompiledMatcher::compile(&Matcher::from_operator(operator), &KeyPath::top(), &mut faults);
        assert_eq!(faults, []);
        compiled.describe()
    }

    #[test]
    #[cfg(all(feature = "xpath", feature = "json-schema"))]
    fn each_operator_has_a_description_of_its_own() {
        let mut descriptions = Vec::new();
        for name in OperatorName::ALL {
            let description = description(name.example());
            assert!(description.starts_with(name.words()), "{name:?}: {description}");
            descriptions.push(description);
        }

        descriptions.sort_unstable();
        descriptions.dedup();
        assert_eq!(descriptions.len(), OperatorName::ALL.len(), "{descriptions:#?}");
    }

    #[test]
    fn an_operand_follows_the_words_of_its_operator() {
        assert_eq!(description(Operator::StartsWith("a".to_owned())), "starts with \"a\"");
        assert_eq!(description(Operator::Present(false)), "absent");
        assert_eq!(description(Operator::AnyOf(vec!["a".into(), "b".into()])), "any of (\"a\") or (\"b\")");
    }
}
