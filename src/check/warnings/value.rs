//! Determines which values a matcher allows, and what is certain about them.
//!
//! `matching` decides whether an operator holds for a value. If a value has several spellings, such as `1` and `1.0`, a
//! result is certain only if it is the same for all of them.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::matching::{CompiledMatcher, RequestValue};
use crate::model::{Constraint, Json, JsonType, KeyPath, Matcher, Number, Operator, Timestamp};

/// The kind of values that a part of a request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text without a type: a header, a parameter.
    Text,
    /// JSON.
    Json,
    /// Text or JSON: a document may be XML or JSON.
    Either,
}

/// An operator, and whether it ignores case.
pub(super) type CasedOperator<'a> = (&'a Operator, bool);

/// A value that `equals` or `one_of` allows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Candidate {
    /// This text.
    Text(String),
    /// This JSON scalar.
    Json(Json),
    /// This number in any spelling.
    Number(Number),
    /// This list or object, with its leaves in any spelling.
    Shape(Json),
    /// Any text that is this one when it is converted to lower case.
    LowerCase(String),
}

/// The maximum number of candidates that are tried.
const MAX_CANDIDATES: usize = 64;

/// Returns all operators that one value must satisfy, including those within `all_of`.
pub(super) fn flat_operators(matcher: &Matcher) -> Vec<CasedOperator<'_>> {
    let mut required = Vec::new();
    for operator in &matcher.operators {
        match operator {
            Operator::AllOf(matchers) => required.extend(matchers.iter().flat_map(flat_operators)),
            other => required.push((other, matcher.ignore_case)),
        }
    }
    required
}

/// Returns whether a matcher holds without a value.
pub(super) fn holds_absent(matcher: &Matcher) -> bool {
    matcher.operators.iter().all(operator_holds_absent)
}

/// Returns whether an operator holds without a value.
pub(super) fn operator_holds_absent(operator: &Operator) -> bool {
    match operator.constraint() {
        Constraint::Presence(present) => !present,
        Constraint::Not(matcher) => !holds_absent(matcher),
        Constraint::AnyOf(matchers) => matchers.iter().any(holds_absent),
        Constraint::AllOf(matchers) => matchers.iter().all(holds_absent),
        Constraint::Values(_)
        | Constraint::TextPart(_)
        | Constraint::Text
        | Constraint::Limit(_)
        | Constraint::Before(_)
        | Constraint::After(_)
        | Constraint::Length(_)
        | Constraint::Type(_)
        | Constraint::Unknown => false,
    }
}

/// Returns the first operator that lists its values, and these values; `None` if no operator does.
pub(super) fn candidates<'a>(required: &[CasedOperator<'a>], kind: Kind) -> Option<(&'a Operator, Vec<Candidate>)> {
    required.iter().find_map(|(operator, fold)| match operator.constraint() {
        Constraint::Values(options) if options.len() <= MAX_CANDIDATES => {
            Some((*operator, options.iter().flat_map(|json| candidates_equal_to(json, *fold, kind)).collect()))
        }
        _ => None,
    })
}

/// Returns the values that are equal to this one.
fn candidates_equal_to(json: &Json, fold: bool, kind: Kind) -> Vec<Candidate> {
    let mut found = Vec::new();
    match json {
        Json::String(text) if fold && has_case(text) => found.push(Candidate::LowerCase(text.to_lowercase())),
        Json::Number(number) => found.push(Candidate::Number(*number)),
        Json::String(_) | Json::Bool(_) => {
            if kind != Kind::Json {
                found.push(Candidate::Text(json.as_str().map_or_else(|| json.to_string(), str::to_owned)));
            }
            if kind != Kind::Text {
                found.push(Candidate::Json(json.clone()));
            }
        }
        Json::Null if kind != Kind::Text => found.push(Candidate::Json(Json::Null)),
        Json::Array(_) | Json::Object(_) if kind != Kind::Text => found.push(Candidate::Shape(json.clone())),
        Json::Null | Json::Array(_) | Json::Object(_) => {}
    }
    found
}

pub(super) fn has_case(text: &str) -> bool {
    text.to_lowercase() != text || text.to_uppercase() != text
}

/// Decides what is certain about values. It caches the regular expressions that it has compiled.
#[derive(Debug, Default)]
pub(super) struct Judge {
    patterns: RefCell<HashMap<(String, bool), CompiledMatcher>>,
}

impl Judge {
    /// Returns whether the operator holds for the candidate; `None` if that is not certain.
    pub(super) fn holds(&self, (operator, fold): CasedOperator<'_>, candidate: &Candidate) -> Option<bool> {
        match operator.constraint() {
            Constraint::Presence(present) => Some(present),
            Constraint::Not(matcher) => self.all_hold(matcher, candidate).map(|holds| !holds),
            Constraint::AllOf(matchers) => {
                all_certain(matchers.iter().map(|matcher| self.all_hold(matcher, candidate)))
            }
            Constraint::AnyOf(matchers) => {
                let fails = matchers.iter().map(|matcher| self.all_hold(matcher, candidate).map(|holds| !holds));
                all_certain(fails).map(|all_fail| !all_fail)
            }
            Constraint::Before(moment) | Constraint::After(moment) if moment.trim_start().starts_with("now") => None,
            Constraint::Unknown => None,
            Constraint::Values(_)
            | Constraint::TextPart(_)
            | Constraint::Text
            | Constraint::Limit(_)
            | Constraint::Before(_)
            | Constraint::After(_)
            | Constraint::Length(_)
            | Constraint::Type(_) => self.holds_for_candidate(operator, fold, candidate),
        }
    }

    /// Returns whether all operators of a matcher hold for the candidate; `None` if that is not certain.
    pub(super) fn all_hold(&self, matcher: &Matcher, candidate: &Candidate) -> Option<bool> {
        all_certain(matcher.operators.iter().map(|operator| self.holds((operator, matcher.ignore_case), candidate)))
    }

    fn holds_for_candidate(&self, operator: &Operator, fold: bool, candidate: &Candidate) -> Option<bool> {
        match candidate {
            Candidate::Text(text) => Some(self.holds_for_value(operator, fold, &RequestValue::text(text.as_str()))),
            Candidate::Json(json) => Some(self.holds_for_value(operator, fold, &RequestValue::Json(json))),
            Candidate::Number(number) => self.holds_for_number(operator, *number),
            Candidate::Shape(json) => match operator.constraint() {
                Constraint::Type(_) | Constraint::Length(_) => {
                    Some(self.holds_for_value(operator, fold, &RequestValue::Json(json)))
                }
                Constraint::Values(options) => options.iter().all(is_scalar).then_some(false),
                Constraint::TextPart(_)
                | Constraint::Text
                | Constraint::Limit(_)
                | Constraint::Before(_)
                | Constraint::After(_) => Some(false),
                Constraint::Presence(_)
                | Constraint::Not(_)
                | Constraint::AnyOf(_)
                | Constraint::AllOf(_)
                | Constraint::Unknown => None,
            },
            Candidate::LowerCase(lower) => self.holds_for_lower_case(operator, fold, lower),
        }
    }

    /// Returns whether the operator holds for every spelling of a number; `None` if that is not certain.
    fn holds_for_number(&self, operator: &Operator, number: Number) -> Option<bool> {
        let is_other = |other: &Json| match other {
            Json::Number(other) => Some(!number.same(other)),
            Json::String(_) => None,
            _ => Some(true),
        };
        match operator.constraint() {
            Constraint::Values(options) => all_certain(options.iter().map(is_other)).map(|all_differ| !all_differ),
            Constraint::Limit(_) | Constraint::Type(JsonType::Number | JsonType::Integer) => {
                Some(self.holds_for_value(operator, false, &RequestValue::Json(&Json::Number(number))))
            }
            _ => None,
        }
    }

    fn holds_for_lower_case(&self, operator: &Operator, fold: bool, lower: &str) -> Option<bool> {
        let is_certain = fold
            && match operator.constraint() {
                Constraint::Values(options) => options.iter().all(|json| json.as_str().is_some()),
                Constraint::TextPart(_) => true,
                _ => false,
            };
        match operator.constraint() {
            _ if is_certain => Some(self.holds_for_value(operator, fold, &RequestValue::text(lower))),
            Constraint::Values([Json::String(text)]) if !fold => (text.to_lowercase() != lower).then_some(false),
            _ => None,
        }
    }

    /// Returns whether the operator holds for a value, by the code that matches requests.
    pub(super) fn holds_for_value(&self, operator: &Operator, fold: bool, value: &RequestValue<'_>) -> bool {
        let compiled = || {
            let matcher = Matcher { operators: vec![operator.clone()], ignore_case: fold };
            CompiledMatcher::compile(&matcher, &KeyPath::top(), &mut Vec::new())
        };
        let holds = |matcher: &CompiledMatcher| matcher.holds(std::slice::from_ref(value), Timestamp::UNIX_EPOCH);
        match operator {
            Operator::Matches(pattern) => {
                let mut patterns = self.patterns.borrow_mut();
                holds(patterns.entry((pattern.to_string(), fold)).or_insert_with(compiled))
            }
            _ => holds(&compiled()),
        }
    }
}

fn is_scalar(json: &Json) -> bool {
    !matches!(json, Json::Array(_) | Json::Object(_))
}

/// Returns true if all are certainly true, false if one is certainly false, else `None`.
fn all_certain(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut certain = Some(true);
    for one in each {
        match one {
            Some(false) => return Some(false),
            None => certain = None,
            Some(true) => {}
        }
    }
    certain
}

#[cfg(test)]
mod tests {
    use crate::model::OperatorName;

    use super::*;

    #[test]
    fn what_holds_without_a_value_is_what_matching_says() {
        for operator in OperatorName::ALL.iter().map(|name| name.example()).chain([Operator::Present(false)]) {
            let mut faults = Vec::new();
            let matcher = Matcher::from_operator(operator);
            let compiled = CompiledMatcher::compile(&matcher, &KeyPath::top(), &mut faults);
            // An operator whose feature is off does not compile.
            if faults.is_empty() {
                assert_eq!(holds_absent(&matcher), compiled.holds(&[], Timestamp::UNIX_EPOCH), "{matcher:?}");
            }
        }
    }
}
