//! Prints matchers and conditions on bodies, as bare values if possible.

use crate::model::{BodyCondition, Json, Matcher, Number, OperandValue, Operator, OperatorName, Schema};

use super::json_value;

/// Returns an object of the members that have a value.
pub(super) fn object(members: Vec<(&str, Option<Json>)>) -> Json {
    Json::Object(members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

/// Returns a list of texts.
pub(super) fn texts(texts: &[String]) -> Json {
    Json::Array(texts.iter().map(|text| Json::from(text.as_str())).collect())
}

/// Prints matchers by name; `None` if there are none.
pub(super) fn matchers(named: &[(String, Matcher)]) -> Option<Json> {
    let members = named.iter().map(|(name, given)| (name.clone(), matcher(given, false)));
    (!named.is_empty()).then(|| Json::Object(members.collect()))
}

/// Prints a matcher. A bare text inside a matcher that ignores case also ignores case.
pub(super) fn matcher(given: &Matcher, within_ignore_case: bool) -> Json {
    match given.operators.as_slice() {
        [Operator::Equals(text @ Json::String(_))] if given.ignore_case == within_ignore_case => text.clone(),
        [Operator::Equals(bare @ (Json::Number(_) | Json::Bool(_)))] if !given.ignore_case => bare.clone(),
        _ => table(given),
    }
}

const ALL_OF: &str = OperatorName::AllOf.key();

/// Prints a matcher as a table of operators, even if it could be a bare value.
pub(super) fn table(given: &Matcher) -> Json {
    let mut members: Vec<(&str, Json)> = Vec::with_capacity(given.operators.len() + 1);
    let mut rest = Vec::new();
    for operator in &given.operators {
        // A table can have an operator only once. A second one, which only the builder can add, is printed inside `all_of`.
        if !add(&mut members, operator, given.ignore_case) {
            rest.push(table(&Matcher { operators: vec![operator.clone()], ignore_case: given.ignore_case }));
        }
    }
    match members.iter_mut().find(|(key, _)| *key == ALL_OF) {
        Some((_, Json::Array(all))) => all.extend(rest),
        _ if rest.is_empty() => {}
        _ => members.push((ALL_OF, Json::Array(rest))),
    }
    if given.ignore_case {
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
        OperandValue::Length(given) => length(given),
        OperandValue::Type(json_type) => Json::from(json_type.name()),
        OperandValue::Number(number) => Json::Number(number),
        OperandValue::Matcher(inner) => matcher(inner, ignore_case),
        OperandValue::Matchers(all) => Json::Array(all.iter().map(|inner| matcher(inner, ignore_case)).collect()),
        OperandValue::Body(condition) => condition_operand(condition),
    }
}

/// Prints a matcher for a length. Only a number is bare.
fn length(given: &Matcher) -> Json {
    match given.operators.as_slice() {
        [Operator::Equals(number @ Json::Number(Number::Integer(0..)))] => number.clone(),
        _ => table(given),
    }
}

/// Prints the conditions on a body by their keys.
pub(super) fn conditions(holds: &[BodyCondition]) -> Vec<(&'static str, Json)> {
    let mut members = Vec::new();
    for condition in holds {
        add_condition(&mut members, condition);
    }
    members
}

/// Adds a condition. If its key has a table of paths, it is added to that table. Returns `false` if it cannot be added.
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
    let by_path = |path: &str, given: &Matcher| Json::Object(vec![(path.to_owned(), matcher(given, false))]);
    match condition {
        BodyCondition::Json(json) | BodyCondition::JsonIncludes(json) => json_value::print(json),
        BodyCondition::JsonSchema(Schema { file: Some(file), .. }) => Json::from(file.as_str()),
        BodyCondition::JsonSchema(Schema { schema, .. }) => schema.clone(),
        BodyCondition::Xml(text) => Json::from(text.as_str()),
        BodyCondition::JsonPath(path, given) | BodyCondition::Document(path, given) => by_path(path, given),
        BodyCondition::XPath(path, given, _) => by_path(path, given),
    }
}
