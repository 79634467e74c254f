//! Prints matchers and the conditions on bodies, bare where they can be.

use crate::model::{BodyCondition, Json, Matcher, Number, OperandValue, Operator, OperatorName, Schema};

use super::json_value;

/// An object of the members that there are.
pub(super) fn object(members: Vec<(&str, Option<Json>)>) -> Json {
    Json::Object(members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

/// A list of texts.
pub(super) fn texts(texts: &[String]) -> Json {
    Json::Array(texts.iter().map(|text| Json::from(text.as_str())).collect())
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

const ALL_OF: &str = OperatorName::AllOf.key();

/// A matcher as a table of operators, even where it could be bare.
pub(super) fn table(asked: &Matcher) -> Json {
    let mut members: Vec<(&str, Json)> = Vec::with_capacity(asked.operators.len() + 1);
    let mut rest = Vec::new();
    for operator in &asked.operators {
        // A table holds an operator once; a second one, which only a program can ask for, goes into `all_of`.
        if !add(&mut members, operator, asked.ignore_case) {
            rest.push(table(&Matcher { operators: vec![operator.clone()], ignore_case: asked.ignore_case }));
        }
    }
    match members.iter_mut().find(|(key, _)| *key == ALL_OF) {
        Some((_, Json::Array(all))) => all.extend(rest),
        _ if rest.is_empty() => {}
        _ => members.push((ALL_OF, Json::Array(rest))),
    }
    if asked.ignore_case {
        members.push(("ignore_case", Json::Bool(true)));
    }
    Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Adds an operator to a table. Returns `false` if the table has its key already.
fn add(members: &mut Vec<(&'static str, Json)>, operator: &Operator, ignore_case: bool) -> bool {
    if let Operator::Holds(condition) = operator {
        return add_condition(members, condition);
    }
    let key = operator.name().key();
    let is_new = !members.iter().any(|(other, _)| *other == key);
    if is_new {
        members.push((key, operand(operator, ignore_case)));
    }
    is_new
}

fn operand(operator: &Operator, ignore_case: bool) -> Json {
    match operator.operand() {
        OperandValue::Json(value) => value.clone(),
        OperandValue::JsonList(values) => Json::Array(values.to_vec()),
        OperandValue::Text(text) | OperandValue::Moment(text) => Json::from(text),
        OperandValue::Regex(pattern) => Json::from(&**pattern),
        OperandValue::Truth(truth) => Json::Bool(truth),
        OperandValue::Length(asked) => length(asked),
        OperandValue::Type(json_type) => Json::from(json_type.name()),
        OperandValue::Number(number) => Json::Number(number),
        OperandValue::Matcher(inner) => matcher(inner, ignore_case),
        OperandValue::Matchers(all) => Json::Array(all.iter().map(|inner| matcher(inner, ignore_case)).collect()),
        OperandValue::Body(condition) => condition_operand(condition),
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
    members
}

/// Adds a condition, beside others of its key where that names paths.
fn add_condition(members: &mut Vec<(&'static str, Json)>, condition: &BodyCondition) -> bool {
    let (key, value) = (condition.name().key(), condition_operand(condition));
    if let BodyCondition::XPath(_, _, namespaces) = condition
        && !namespaces.is_empty()
        && !members.iter().any(|(other, _)| *other == super::conditions::NAMESPACES)
    {
        let declared = namespaces.iter().map(|(prefix, uri)| (prefix.clone(), Json::from(uri.as_str())));
        members.push((super::conditions::NAMESPACES, Json::Object(declared.collect())));
    }
    match members.iter_mut().find(|(other, _)| *other == key) {
        None => {
            members.push((key, value));
            true
        }
        Some((_, Json::Object(paths))) if condition.path().is_some() => {
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

fn condition_operand(condition: &BodyCondition) -> Json {
    let by_path = |path: &str, asked: &Matcher| Json::Object(vec![(path.to_owned(), matcher(asked, false))]);
    match condition {
        BodyCondition::Json(json) | BodyCondition::JsonIncludes(json) => json_value::print(json),
        BodyCondition::JsonSchema(Schema { file: Some(file), .. }) => Json::from(file.as_str()),
        BodyCondition::JsonSchema(Schema { schema, .. }) => schema.clone(),
        BodyCondition::Xml(text) => Json::from(text.as_str()),
        BodyCondition::JsonPath(path, asked) | BodyCondition::Document(path, asked) => by_path(path, asked),
        BodyCondition::XPath(path, asked, _) => by_path(path, asked),
    }
}
