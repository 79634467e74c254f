//! Describes conditions, and the values that they are applied to.

use std::fmt::Write as _;

use crate::matching::{
    CompiledBody, CompiledMatcher, CompiledOperator, CompiledPart, CompiledPattern, Condition, PathTest, RequestValue,
};
use crate::model::{Json, OperatorName};

/// The most characters of a text that an explanation shows.
const MAX_CHARS: usize = 160;

/// Describes each condition of a pattern: its subject, and what it requires.
pub fn describe_conditions(pattern: &CompiledPattern) -> Vec<(String, String)> {
    pattern.conditions().map(|condition| (condition.subject(), describe_condition(condition))).collect()
}

/// Returns what a condition requires, in words.
pub(super) fn describe_condition(condition: &Condition) -> String {
    match condition {
        Condition::Method(methods) => methods.join(" or "),
        Condition::Path(PathTest::Template(template)) if template.ignores_case() => {
            format!("{} (in any case)", template.as_str())
        }
        Condition::Path(PathTest::Template(template)) => template.as_str().to_owned(),
        Condition::Malformed(true) => "does not match its Content-Type".to_owned(),
        Condition::Malformed(false) => "matches its Content-Type".to_owned(),
        Condition::Holds(body) => describe_body(body),
        Condition::Items(..) => "an array".to_owned(),
        Condition::Part(_, part) => describe_part(part),
        Condition::Code(predicate) => format!("the closure at {}", predicate.place),
        Condition::BasicAuth(user, password) => {
            format!("user {}, password {}", describe_matcher(user), describe_matcher(password))
        }
        Condition::Path(PathTest::Matcher(matcher))
        | Condition::PathParam(_, matcher)
        | Condition::Scheme(matcher)
        | Condition::Host(matcher)
        | Condition::ClientIp(matcher)
        | Condition::Header(_, matcher)
        | Condition::Query(_, matcher)
        | Condition::Cookie(_, matcher)
        | Condition::Form(_, matcher)
        | Condition::Body(matcher) => describe_matcher(matcher),
    }
}

/// Returns what a matcher requires, on one line, such as `matches '^\d+$' and len < 9`.
fn describe_matcher(matcher: &CompiledMatcher) -> String {
    let operators: Vec<String> = matcher.operators.iter().map(describe_operator).collect();
    let all = operators.join(" and ");
    if matcher.ignore_case { format!("{all} (in any case)") } else { all }
}

/// Returns the words of an operator, then its operand.
fn describe_operator(operator: &CompiledOperator) -> String {
    let each = |matchers: &[CompiledMatcher], between: &str| {
        matchers.iter().map(describe_matcher).collect::<Vec<_>>().join(between)
    };
    let (name, operand) = match operator {
        CompiledOperator::Equals(json) => return cut(&json.to_string()),
        CompiledOperator::Present(true) => return OperatorName::Present.words().to_owned(),
        CompiledOperator::Present(false) => return "absent".to_owned(),
        CompiledOperator::OneOf(options) => {
            let options: Vec<_> = options.iter().map(Json::to_string).collect();
            (OperatorName::OneOf, cut(&options.join(", ")))
        }
        CompiledOperator::Text(name, _, text) => (*name, quoted(text)),
        CompiledOperator::Matches(pattern) => (OperatorName::Matches, format!("'{}'", cut(pattern.as_str()))),
        CompiledOperator::Len(matcher) => (OperatorName::Len, describe_matcher(matcher)),
        CompiledOperator::Type(json_type) => (OperatorName::Type, json_type.name().to_owned()),
        CompiledOperator::Number(name, _, limit) => (*name, limit.to_string()),
        CompiledOperator::Moment(name, _, limit, _) => (*name, limit.clone()),
        CompiledOperator::Includes(matchers) => (OperatorName::Includes, format!("[{}]", each(matchers, ", "))),
        CompiledOperator::Values(matchers) => (OperatorName::Values, format!("[{}]", each(matchers, ", "))),
        CompiledOperator::Not(matcher) => (OperatorName::Not, format!("({})", describe_matcher(matcher))),
        CompiledOperator::AnyOf(matchers) => (OperatorName::AnyOf, format!("({})", each(matchers, ") or ("))),
        CompiledOperator::AllOf(matchers) => (OperatorName::AllOf, format!("({})", each(matchers, ") and ("))),
        CompiledOperator::Holds(body) => return format!("{} {}", body.subject(), describe_body(body)),
    };
    format!("{} {operand}", name.words())
}

/// Returns what a condition on a body requires, without its name.
fn describe_body(body: &CompiledBody) -> String {
    match body {
        CompiledBody::Json(json) | CompiledBody::JsonIncludes(json) => cut(&json.to_string()),
        CompiledBody::JsonSchema(schema) => match &schema.file {
            Some(file) => format!("valid by {file}"),
            None => "valid".to_owned(),
        },
        CompiledBody::Xml(text, _) => cut(text),
        CompiledBody::JsonPath(_, matcher)
        | CompiledBody::XPath(_, matcher)
        | CompiledBody::Document(_, matcher, _) => describe_matcher(matcher),
    }
}

fn describe_part(part: &CompiledPart) -> String {
    let mut requirements = Vec::new();
    requirements.extend(part.filename.as_ref().map(|matcher| format!("filename {}", describe_matcher(matcher))));
    requirements
        .extend(part.headers.iter().map(|(name, matcher)| format!("header {name} {}", describe_matcher(matcher))));
    requirements.extend(part.body.as_ref().map(|matcher| format!("body {}", describe_matcher(matcher))));
    requirements.extend(part.holds.iter().map(|body| format!("{} {}", body.subject(), describe_body(body))));
    if requirements.is_empty() {
        "present".to_owned()
    } else {
        requirements.join(" and ")
    }
}

/// Describes the values: `missing`, one value, or several.
pub(super) fn describe_values(values: &[RequestValue<'_>]) -> String {
    const SEVERAL: usize = 3;
    let mut text = match values {
        [] => return "missing".to_owned(),
        [one] => return describe_value(one),
        several => several.iter().take(SEVERAL).map(describe_value).collect::<Vec<_>>().join(", "),
    };
    if values.len() > SEVERAL {
        let _ = write!(text, " and {} more", values.len() - SEVERAL);
    }
    text
}

fn describe_value(value: &RequestValue<'_>) -> String {
    match value {
        RequestValue::Text(text) => quoted(text),
        RequestValue::Json(json) | RequestValue::Untyped(json) => {
            let text = json.to_string();
            match json {
                Json::Array(items) if text.len() > MAX_CHARS => format!("{} ({} items)", cut(&text), items.len()),
                _ => cut(&text),
            }
        }
    }
}

/// Quotes a text, escapes its control characters, and truncates it if it is long.
pub(super) fn quoted(text: &str) -> String {
    cut(&Json::from(text).to_string())
}

/// Truncates a text that is too long to be read.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
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
        describe_matcher(&compiled)
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
