//! Prints matchers and the conditions on bodies, bare where they can be.

use crate::model::{BodyCondition, Json, Matcher, Number, Operator, Schema};

use super::json_value;

/// An object of the members that there are.
pub(super) fn object(members: Vec<(&str, Option<Json>)>) -> Json {
    Json::Object(members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

/// Matchers by name; nothing where there are none.
pub(super) fn matchers(named: &[(String, Matcher)]) -> Option<Json> {
    let members = named.iter().map(|(name, asked)| (name.clone(), matcher(asked, false)));
    (!named.is_empty()).then(|| Json::Object(members.collect()))
}

/// A matcher; within one that disregards case a bare text does so too.
pub(super) fn matcher(asked: &Matcher, within_ignore_case: bool) -> Json {
    match asked.operators.as_slice() {
        [Operator::Equals(text @ Json::String(_))] if asked.ignore_case == within_ignore_case => text.clone(),
        [Operator::Equals(bare @ (Json::Number(_) | Json::Bool(_)))] if !asked.ignore_case => bare.clone(),
        _ => table(asked),
    }
}

/// A matcher as a table of operators, even where it could be bare.
pub(super) fn table(asked: &Matcher) -> Json {
    let mut members: Vec<(String, Json)> = Vec::with_capacity(asked.operators.len() + 1);
    let mut rest = Vec::new();
    for operator in &asked.operators {
        // A table holds an operator once; a second one, which only a program can ask for, goes into `all_of`.
        if !add(&mut members, operator, asked.ignore_case) {
            rest.push(table(&Matcher { operators: vec![operator.clone()], ignore_case: asked.ignore_case }));
        }
    }
    match members.iter_mut().find(|(key, _)| key == "all_of") {
        Some((_, Json::Array(all))) => all.extend(rest),
        _ if rest.is_empty() => {}
        _ => members.push(("all_of".to_owned(), Json::Array(rest))),
    }
    if asked.ignore_case {
        members.push(("ignore_case".to_owned(), Json::Bool(true)));
    }
    Json::Object(members)
}

/// Adds an operator to a table, unless it stands there already.
fn add(members: &mut Vec<(String, Json)>, operator: &Operator, ignore_case: bool) -> bool {
    if let Operator::Holds(condition) = operator {
        return add_condition(members, condition);
    }
    let (key, value) = plain(operator, ignore_case);
    let is_new = !members.iter().any(|(other, _)| other == key);
    if is_new {
        members.push((key.to_owned(), value));
    }
    is_new
}

fn plain(operator: &Operator, ignore_case: bool) -> (&'static str, Json) {
    let text = |text: &String| Json::from(text.as_str());
    let number = |number: &Number| Json::Number(*number);
    let several = |all: &[Matcher]| Json::Array(all.iter().map(|asked| matcher(asked, ignore_case)).collect());
    match operator {
        Operator::Equals(json) => ("equals", json.clone()),
        Operator::Contains(part) => ("contains", text(part)),
        Operator::StartsWith(part) => ("starts_with", text(part)),
        Operator::EndsWith(part) => ("ends_with", text(part)),
        Operator::Matches(pattern) => ("matches", Json::from(&**pattern)),
        Operator::OneOf(values) => ("one_of", Json::Array(values.clone())),
        Operator::Present(present) => ("present", Json::Bool(*present)),
        Operator::Len(length) => ("len", self::length(length)),
        Operator::Type(of) => ("type", Json::from(of.name())),
        Operator::Gt(bound) => ("gt", number(bound)),
        Operator::Ge(bound) => ("ge", number(bound)),
        Operator::Lt(bound) => ("lt", number(bound)),
        Operator::Le(bound) => ("le", number(bound)),
        Operator::Before(moment) => ("before", text(moment)),
        Operator::After(moment) => ("after", text(moment)),
        Operator::Includes(all) => ("includes", several(all)),
        Operator::Values(all) => ("values", several(all)),
        Operator::Not(asked) => ("not", matcher(asked, ignore_case)),
        Operator::AnyOf(all) => ("any_of", several(all)),
        Operator::AllOf(all) => ("all_of", several(all)),
        Operator::Holds(condition) => condition_entry(condition),
    }
}

/// Bare only where it is a number: of a length nothing else is bare.
fn length(asked: &Matcher) -> Json {
    match asked.operators.as_slice() {
        [Operator::Equals(number @ Json::Number(Number::Integer(0..)))] => number.clone(),
        _ => table(asked),
    }
}

/// The conditions on a body by their keys.
pub(super) fn conditions(holds: &[BodyCondition]) -> Vec<(&'static str, Json)> {
    let mut members = Vec::new();
    for condition in holds {
        add_condition(&mut members, condition);
    }
    let keys = super::conditions::KEYS.into_iter().chain([super::conditions::NAMESPACES]);
    let key = |name: &str| keys.clone().find(|key| *key == name).unwrap_or_default();
    members.into_iter().map(|(name, value)| (key(&name), value)).collect()
}

/// Adds a condition, beside others of its key where that names paths.
fn add_condition(members: &mut Vec<(String, Json)>, condition: &BodyCondition) -> bool {
    let (key, value) = condition_entry(condition);
    if let BodyCondition::XPath(_, _, namespaces) = condition
        && !namespaces.is_empty()
        && !members.iter().any(|(other, _)| other == super::conditions::NAMESPACES)
    {
        let declared = namespaces.iter().map(|(prefix, uri)| (prefix.clone(), Json::from(uri.as_str())));
        members.push((super::conditions::NAMESPACES.to_owned(), Json::Object(declared.collect())));
    }
    match members.iter_mut().find(|(other, _)| other == key) {
        None => {
            members.push((key.to_owned(), value));
            true
        }
        Some((_, Json::Object(paths))) if has_path(condition) => {
            let Json::Object(new) = value else { return false };
            let is_new = new.iter().all(|(path, _)| !paths.iter().any(|(other, _)| other == path));
            if is_new {
                paths.extend(new);
            }
            is_new
        }
        Some(_) => false,
    }
}

fn has_path(condition: &BodyCondition) -> bool {
    matches!(condition, BodyCondition::JsonPath(..) | BodyCondition::XPath(..) | BodyCondition::Document(..))
}

fn condition_entry(condition: &BodyCondition) -> (&'static str, Json) {
    let by_path = |path: &str, asked: &Matcher| Json::Object(vec![(path.to_owned(), matcher(asked, false))]);
    match condition {
        BodyCondition::Json(json) => ("json", json_value::print(json)),
        BodyCondition::JsonIncludes(json) => ("json_includes", json_value::print(json)),
        BodyCondition::JsonPath(path, asked) => ("json_path", by_path(path, asked)),
        BodyCondition::JsonSchema(Schema { file: Some(file), .. }) => ("json_schema", Json::from(file.as_str())),
        BodyCondition::JsonSchema(Schema { schema, .. }) => ("json_schema", schema.clone()),
        BodyCondition::Xml(text) => ("xml", Json::from(text.as_str())),
        BodyCondition::XPath(path, asked, _) => ("xpath", by_path(path, asked)),
        BodyCondition::Document(path, asked) => ("document", by_path(path, asked)),
    }
}
