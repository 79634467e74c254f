//! Reads matchers: a bare value means `equals`, a table names operators.

use crate::formats::located::{Located, ReadContext};
use crate::formats::tree::{Entry, Value};
use crate::formats::words::{backtick_list, did_you_mean, in_backticks, snake_case};
use crate::model::{Fault, Json, JsonType, Matcher, Operand, Operator, OperatorName};

use super::conditions;
use super::json_value::plain;

const IGNORE_CASE: &str = "ignore_case";

/// A key of a path's table, for the message about this key in another matcher.
const TEMPLATE: &str = "template";

/// Returns the keys that the table of a matcher may have.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    OperatorName::ALL.iter().map(|name| name.key()).chain([IGNORE_CASE, conditions::NAMESPACES])
}

/// Names of operators in other tools whose spelling is too different for a suggestion.
const OTHER_NAMES: [(&str, &str); 18] = [
    ("regex", "matches"),
    ("regexp", "matches"),
    ("pattern", "matches"),
    ("match", "matches"),
    ("eq", "equals"),
    ("equal_to", "equals"),
    ("is", "equals"),
    ("in", "one_of"),
    ("absent", "present"),
    ("exists", "present"),
    ("size", "len"),
    ("length", "len"),
    ("prefix", "starts_with"),
    ("suffix", "ends_with"),
    ("greater_than", "gt"),
    ("less_than", "lt"),
    ("min", "ge"),
    ("max", "le"),
];

/// Reads a matcher.
pub(super) fn matcher(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Matcher> {
    nested(located, false, context)
}

/// Reads a table of matchers by name.
pub(super) fn matchers(located: &Located<'_>, context: &mut ReadContext<'_>) -> Vec<(String, Matcher)> {
    let entries = located.entries(context).unwrap_or_default();
    entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), matcher(&value, context)?))).collect()
}

/// Reads a matcher inside another one. A bare text ignores case if the outer matcher does.
fn nested(located: &Located<'_>, ignore_case: bool, context: &mut ReadContext<'_>) -> Option<Matcher> {
    match &located.node.value {
        Value::String(text) => Some(Matcher { ignore_case, ..Matcher::equals(text.as_str()) }),
        Value::Bool(_) | Value::Integer(_) | Value::Float(_) => plain(located, context).map(Matcher::equals),
        Value::Table(entries) => table(located, entries, context),
        other => {
            let help = match other {
                Value::List(_) => "Write `one_of = […]` for any of these, or `equals = […]` for this very list.",
                Value::Null => "Write `{ \"equals\": null }`.",
                _ => "Put a date in quotes, or compare with `before` or `after`.",
            };
            let message = format!("a matcher must be a string, number, boolean or table, found {}", other.kind());
            context.refuse(located.fault(message).with_label("not a matcher").with_help(help))
        }
    }
}

fn table(located: &Located<'_>, entries: &[Entry], context: &mut ReadContext<'_>) -> Option<Matcher> {
    let faults_before = context.faults.len();
    let ignore_case = match entry(located, IGNORE_CASE) {
        Some(value) => value.boolean(context)?,
        None => false,
    };
    let namespaces = conditions::namespaces(entry(located, conditions::NAMESPACES).as_ref(), context);
    let mut operators = Vec::with_capacity(entries.len());
    for (key, value) in located.entries(context)? {
        if key != IGNORE_CASE && key != conditions::NAMESPACES {
            match OperatorName::from_key(key) {
                Some(name) => {
                    operators.extend(operator(name, &value, ignore_case, &namespaces, context).unwrap_or_default())
                }
                None => context.faults.push(unknown(key, &value)),
            }
        }
    }
    if context.faults.len() > faults_before {
        return None;
    }
    conditions::require_xpath(entries, located, context);
    if ignore_case && !entries.iter().any(|entry| acts_on_text(&entry.key, &entry.node.value)) {
        let fault =
            Fault::key(&located.at.key(IGNORE_CASE), "`ignore_case` must be in the same table as a text operator");
        let help = "It applies to the text operators of its table.";
        return context.refuse(fault.with_label("no text operator in this table").with_help(help));
    }
    if operators.is_empty() {
        let fault = located.fault("a matcher must have an operator").with_label("empty");
        return context.refuse(fault.with_help("Write `present = true` to accept any value."));
    }
    Some(Matcher { operators, ignore_case })
}

fn entry<'t>(located: &Located<'t>, key: &str) -> Option<Located<'t>> {
    located.node.get(key).map(|entry| Located::new(&entry.node, located.at.key(key)))
}

/// Reads the operand of an operator. The result is several operators if the operand is a table of several paths.
fn operator(
    name: OperatorName,
    value: &Located<'_>,
    ignore_case: bool,
    namespaces: &[(String, String)],
    context: &mut ReadContext<'_>,
) -> Option<Vec<Operator>> {
    let operator = match name.operand() {
        Operand::Json(make) => make(plain(value, context)?),
        Operand::JsonList(make) => {
            let values: Vec<_> = some_items(value, context)?.iter().map(|item| plain(item, context)).collect();
            make(values.into_iter().collect::<Option<_>>()?)
        }
        Operand::Text(make) => make(value.text(context)?.to_owned()),
        Operand::Regex(make) => make(value.text(context)?.into()),
        Operand::Truth(make) => make(value.boolean(context)?),
        Operand::Length(make) => make(Box::new(length(value, context)?)),
        Operand::Type(make) => make(json_type(value, context)?),
        Operand::Number(make) => make(value.number(context)?),
        Operand::Moment(make) => make(moment(value, context)?),
        Operand::Matcher(make) => make(Box::new(nested(value, ignore_case, context)?)),
        Operand::Matchers(make) => make(several(value, ignore_case, context)?),
        Operand::Body(_) => {
            let conditions = conditions::condition(name.key(), value, namespaces, context)?;
            return Some(conditions.into_iter().map(Operator::Holds).collect());
        }
    };
    Some(vec![operator])
}

fn unknown(key: &str, value: &Located<'_>) -> Fault {
    let fault =
        value.key_fault(format!("unknown operator {}", in_backticks(key))).with_label("not an operator of a matcher");
    let known = OTHER_NAMES.iter().find(|(other, _)| *other == snake_case(key)).map(|(_, ours)| *ours);
    fault.with_help(match known {
        _ if key == TEMPLATE => "`template` belongs to a `path`; elsewhere write `matches`.".to_owned(),
        Some(ours) => format!("did you mean {}?", in_backticks(ours)),
        None => did_you_mean(key, keys())
            .unwrap_or_else(|| format!("The operators of a matcher are {}.", backtick_list(keys()))),
    })
}

/// Reads a list that must not be empty, because an empty one would hold never or always.
fn some_items<'t>(value: &Located<'t>, context: &mut ReadContext<'_>) -> Option<Vec<Located<'t>>> {
    let items = value.items(context)?;
    if items.is_empty() {
        let fault = value.fault(format!("{} must not be an empty list", value.name())).with_label("empty");
        return context.refuse(fault.with_help("Write `present = false` to require that there is no value."));
    }
    Some(items)
}

fn several(value: &Located<'_>, ignore_case: bool, context: &mut ReadContext<'_>) -> Option<Vec<Matcher>> {
    let items: Vec<_> = some_items(value, context)?.iter().map(|item| nested(item, ignore_case, context)).collect();
    items.into_iter().collect()
}

/// Reads a number of characters, items or members, or a matcher for it.
fn length(value: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Matcher> {
    match &value.node.value {
        Value::Integer(whole) if *whole >= 0 => value.number(context).map(|n| Matcher::equals(Json::Number(n))),
        Value::Integer(_) => context.refuse(value.fault("a length must not be negative").with_label("less than 0")),
        Value::Table(_) => matcher(value, context),
        _ => context.refuse(value.wrong_type("a whole number or a matcher")),
    }
}

fn json_type(value: &Located<'_>, context: &mut ReadContext<'_>) -> Option<JsonType> {
    let text = value.text(context)?;
    let found = JsonType::NAMES.iter().find(|(name, _)| *name == text).map(|(_, of)| *of);
    if found.is_none() {
        let names = || JsonType::NAMES.iter().map(|(name, _)| *name);
        let help = did_you_mean(text, names()).unwrap_or_else(|| format!("The types are {}.", backtick_list(names())));
        context.faults.push(
            value
                .fault(format!("{} is not a valid JSON type", in_backticks(text)))
                .with_label("unknown type")
                .with_help(help),
        );
    }
    found
}

/// Reads the text of a moment. The room `matching` checks it.
fn moment(value: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    match &value.node.value {
        Value::Date(date) => Some(date.clone()),
        Value::String(text) => Some(text.clone()),
        _ => context.refuse(
            value.wrong_type("a date").with_help("Write RFC 3339, as in \"2031-05-06T07:08:09Z\", or \"now +2 days\"."),
        ),
    }
}

/// Returns whether `ignore_case` has an effect on this key: on the operator itself, or on a bare text that is a nested
/// matcher.
fn acts_on_text(key: &str, value: &Value) -> bool {
    let is_text = |value: &Value| matches!(value, Value::String(_));
    let Some(name) = OperatorName::from_key(key) else { return false };
    match (name.operand(), value) {
        (Operand::Matcher(_), one) => is_text(one),
        (Operand::Matchers(_), Value::List(items)) => items.iter().any(|item| is_text(&item.value)),
        _ => name.acts_on_text() && holds_text(value),
    }
}

fn holds_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::List(items) => items.iter().any(|item| holds_text(&item.value)),
        Value::Table(entries) => entries.iter().any(|entry| holds_text(&entry.node.value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{NoFiles, SCHEMA, Syntax, print_stub, read_stub};
    use crate::model::Stub;

    use super::*;

    fn stub_with(text: &str) -> Stub {
        let read = read_stub(text, Syntax::Json, "body", "test", &NoFiles);
        read.unwrap_or_else(|faults| panic!("{text}: {faults:?}")).0
    }

    #[test]
    fn each_operator_reads_as_it_is_printed() {
        for name in OperatorName::ALL {
            let mut stub = stub_with(r#"{"request": {"headers": {"A": "a"}}}"#);
            stub.request.headers[0].1 = Matcher { operators: vec![name.example()], ignore_case: name.acts_on_text() };

            let printed = print_stub(&stub).to_string();
            assert!(printed.contains(&format!(r#"{{"{}":"#, name.key())) || *name == OperatorName::Equals, "{printed}");
            assert_eq!(stub_with(&printed).request, stub.request, "{printed}");
        }
    }

    #[test]
    fn each_operator_is_in_the_schema() {
        let schema = Json::parse(SCHEMA.as_bytes()).expect("JSON");
        let properties = schema.get("definitions").and_then(|all| all.get("matcher")?.get("properties"));
        let Some(Json::Object(properties)) = properties else { panic!("no matcher") };

        let described: Vec<&str> = properties.iter().map(|(key, _)| key.as_str()).collect();
        let missing: Vec<&str> = keys().filter(|key| !described.contains(key)).collect();
        assert!(missing.is_empty(), "not in the schema: {missing:?}");
    }
}
