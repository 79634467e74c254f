//! Compiles a matcher and applies it to the values of a header, a parameter, or what a path selects.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::budget::spend;
use crate::model::{
    Fault, Json, JsonType, KeyPath, Matcher, Number, Operator, OperatorName, RegexText, Representation, Timestamp,
};

use super::bipartite_match::bipartite_match;
use super::body::{CompiledBody, TextSource};
use super::expression::{Expression, compile_regex};
use super::fold;
use super::moment::{Moment, parse_moment};
use super::request_value::RequestValue;
use super::value_set::ValueSet;

/// A compiled matcher.
#[derive(Debug)]
pub struct CompiledMatcher {
    pub(crate) operators: Vec<CompiledOperator>,
    pub(crate) ignore_case: bool,
}

/// A compiled operator. Operators that compare in the same way share a variant, with the comparison as a function.
#[derive(Debug)]
pub(crate) enum CompiledOperator {
    Equals(Json),
    OneOf(Vec<Json>),
    /// Compares the text of a value with a text.
    Text(OperatorName, TextTest, String),
    Matches(Arc<dyn Expression>),
    Present(bool),
    Len(CompiledMatcher),
    Type(JsonType),
    /// Compares a number with a limit.
    Number(OperatorName, OrderTest, Number),
    /// Compares a moment with a limit; the text is the limit as it is written.
    Moment(OperatorName, OrderTest, String, Moment),
    Includes(Vec<CompiledMatcher>),
    Values(Vec<CompiledMatcher>),
    Not(CompiledMatcher),
    AnyOf(Vec<CompiledMatcher>),
    AllOf(Vec<CompiledMatcher>),
    Holds(CompiledBody),
}

/// Returns whether a text, the first argument, satisfies an operator whose operand is the second one. If case is ignored, both are
/// in lower case.
type TextTest = fn(&str, &str) -> bool;

/// Returns whether a value that compares with the operand in this order satisfies an operator.
type OrderTest = fn(Ordering) -> bool;

impl CompiledMatcher {
    /// Compiles a matcher whose documents have no representation of their own. Faults are reported at paths below `at`.
    pub fn compile(matcher: &Matcher, at: &KeyPath, faults: &mut Vec<Fault>) -> CompiledMatcher {
        CompiledMatcher::compile_in(matcher, &Arc::default(), at, faults)
    }

    pub(super) fn compile_in(
        matcher: &Matcher,
        representation: &Arc<Representation>,
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> CompiledMatcher {
        let mut compiler = Compiler { representation, at, faults, ignore_case: matcher.ignore_case };
        let operators = matcher.operators.iter().filter_map(|operator| compiler.operator(operator)).collect();
        CompiledMatcher { operators, ignore_case: matcher.ignore_case }
    }

    /// Returns whether all operators hold for one of the values; if there are no values, whether they hold for an absent value.
    pub fn holds(&self, values: &[RequestValue<'_>], now: Timestamp) -> bool {
        match values {
            [] => self.holds_absent(),
            _ => {
                let all = ValueSet::new(values);
                values.iter().any(|value| self.holds_for(value, &all, now))
            }
        }
    }

    /// As [`CompiledMatcher::holds`], for an iterator of values. Usually there is at most one, which needs no list.
    pub(super) fn holds_of<'v>(&self, mut values: impl Iterator<Item = RequestValue<'v>>, now: Timestamp) -> bool {
        let (Some(first), second) = (values.next(), values.next()) else { return self.holds_absent() };
        match second {
            None => self.holds(&[first], now),
            Some(second) => self.holds(&[first, second].into_iter().chain(values).collect::<Vec<_>>(), now),
        }
    }

    fn holds_absent(&self) -> bool {
        self.operators.iter().all(|operator| match operator {
            CompiledOperator::Present(present) => !present,
            CompiledOperator::Not(matcher) => !matcher.holds_absent(),
            CompiledOperator::AnyOf(matchers) => matchers.iter().any(|matcher| matcher.holds_absent()),
            CompiledOperator::AllOf(matchers) => matchers.iter().all(|matcher| matcher.holds_absent()),
            CompiledOperator::Equals(_)
            | CompiledOperator::OneOf(_)
            | CompiledOperator::Text(..)
            | CompiledOperator::Matches(_)
            | CompiledOperator::Len(_)
            | CompiledOperator::Type(_)
            | CompiledOperator::Number(..)
            | CompiledOperator::Moment(..)
            | CompiledOperator::Includes(_)
            | CompiledOperator::Values(_)
            | CompiledOperator::Holds(_) => false,
        })
    }

    fn holds_for<'a>(&'a self, value: &RequestValue<'_>, all: &ValueSet<'a, CompiledOperator>, now: Timestamp) -> bool {
        self.operators.iter().all(|operator| operator.holds(value, all, self.ignore_case, now))
    }
}

impl CompiledOperator {
    fn holds<'a>(
        &'a self,
        value: &RequestValue<'_>,
        all: &ValueSet<'a, CompiledOperator>,
        fold: bool,
        now: Timestamp,
    ) -> bool {
        if !spend(value.steps()) {
            return false;
        }
        match self {
            CompiledOperator::Equals(expected) => value.same(expected, fold),
            CompiledOperator::OneOf(options) => {
                options.iter().any(|expected| spend(value.steps()) && value.same(expected, fold))
            }
            CompiledOperator::Matches(pattern) => value.as_text().is_some_and(|text| pattern.is_match(&text)),
            CompiledOperator::Present(present) => *present,
            CompiledOperator::Len(matcher) => {
                let count = value.len().map(Json::from);
                count.is_some_and(|count| matcher.holds(&[RequestValue::Json(&count)], now))
            }
            CompiledOperator::Type(expected) => value.is_type(*expected),
            CompiledOperator::Includes(matchers) => {
                all.holds_together(self, value, |values| each_satisfied(matchers, values, now))
            }
            CompiledOperator::Values(matchers) => all.holds_together(self, value, |values| {
                values.len() == matchers.len() && each_satisfied(matchers, values, now)
            }),
            CompiledOperator::Not(matcher) => !matcher.holds_for(value, all, now),
            CompiledOperator::AnyOf(matchers) => matchers.iter().any(|matcher| matcher.holds_for(value, all, now)),
            CompiledOperator::AllOf(matchers) => matchers.iter().all(|matcher| matcher.holds_for(value, all, now)),
            CompiledOperator::Holds(condition) => holds_within(condition, value, now),
            CompiledOperator::Text(_, test, operand) => satisfies_text(value, operand, fold, *test),
            CompiledOperator::Number(_, test, limit) => {
                value.as_number().is_some_and(|number| test(number.compare(limit)))
            }
            CompiledOperator::Moment(_, test, _, limit) => {
                let actual = value.as_text().and_then(|text| parse_moment(&text));
                actual.zip(limit.resolve(now)).is_some_and(|(actual, limit)| test(actual.cmp(&limit)))
            }
        }
    }
}

/// Returns whether the text of a value passes a test.
fn satisfies_text(value: &RequestValue<'_>, operand: &str, fold: bool, test: TextTest) -> bool {
    value.as_text().is_some_and(|text| match fold {
        // Each character is converted.
        true => spend(text.len() / 4) && test(&fold::lower(&text), &fold::lower(operand)),
        false => test(&text, operand),
    })
}

/// Returns whether each matcher can be assigned a value of its own that satisfies it.
fn each_satisfied(matchers: &[CompiledMatcher], values: &[RequestValue<'_>], now: Timestamp) -> bool {
    let fits = |one: usize, place: usize| matchers[one].holds(std::slice::from_ref(&values[place]), now);
    bipartite_match(matchers.len(), values.len(), fits)
}

fn holds_within(condition: &CompiledBody, value: &RequestValue<'_>, now: Timestamp) -> bool {
    if let CompiledBody::JsonSchema(schema) = condition {
        let text = match value {
            RequestValue::Text(text) => Some(&**text),
            RequestValue::Json(Json::String(text)) => Some(text.as_str()),
            _ => None,
        };
        if let Some(text) = text {
            return spend(text.len() / 4) && schema.accepts_text(text).unwrap_or(false);
        }
    }
    let source = match value {
        RequestValue::Json(json @ (Json::Array(_) | Json::Object(_))) | RequestValue::Untyped(json)
            if spend(json.nodes()) =>
        {
            TextSource::json(json)
        }
        other => match other.as_text() {
            // Parsing takes longer than comparing.
            Some(text) if spend(text.len() / 4) => TextSource::text(&text),
            _ => return false,
        },
    };
    condition.check(&source, now).unwrap_or(false)
}

struct Compiler<'a> {
    representation: &'a Arc<Representation>,
    at: &'a KeyPath,
    faults: &'a mut Vec<Fault>,
    ignore_case: bool,
}

impl Compiler<'_> {
    fn operator(&mut self, operator: &Operator) -> Option<CompiledOperator> {
        let name = operator.name();
        let text = |operand: &String, test: TextTest| CompiledOperator::Text(name, test, operand.clone());
        let number = |limit: &Number, test: OrderTest| CompiledOperator::Number(name, test, *limit);
        Some(match operator {
            Operator::Equals(value) => CompiledOperator::Equals(value.clone()),
            Operator::OneOf(options) => CompiledOperator::OneOf(options.clone()),
            Operator::Contains(part) => text(part, |text, part| text.contains(part)),
            Operator::StartsWith(part) => text(part, |text, part| text.starts_with(part)),
            Operator::EndsWith(part) => text(part, |text, part| text.ends_with(part)),
            Operator::Matches(pattern) => CompiledOperator::Matches(self.regex(name, pattern)?),
            Operator::Present(present) => CompiledOperator::Present(*present),
            Operator::Len(matcher) => CompiledOperator::Len(self.inner(matcher, &self.at.key(name.key()))),
            Operator::Type(expected) => CompiledOperator::Type(*expected),
            Operator::Gt(limit) => number(limit, Ordering::is_gt),
            Operator::Ge(limit) => number(limit, Ordering::is_ge),
            Operator::Lt(limit) => number(limit, Ordering::is_lt),
            Operator::Le(limit) => number(limit, Ordering::is_le),
            Operator::Before(limit) => self.moment(name, limit, Ordering::is_lt)?,
            Operator::After(limit) => self.moment(name, limit, Ordering::is_gt)?,
            Operator::Includes(matchers) => CompiledOperator::Includes(self.each(name, matchers)),
            Operator::Values(matchers) => CompiledOperator::Values(self.each(name, matchers)),
            Operator::Not(matcher) => CompiledOperator::Not(self.inner(matcher, &self.at.key(name.key()))),
            Operator::AnyOf(matchers) => CompiledOperator::AnyOf(self.each(name, matchers)),
            Operator::AllOf(matchers) => CompiledOperator::AllOf(self.each(name, matchers)),
            Operator::Holds(condition) => {
                CompiledOperator::Holds(CompiledBody::compile(condition, self.representation, self.at, self.faults)?)
            }
        })
    }

    fn inner(&mut self, matcher: &Matcher, at: &KeyPath) -> CompiledMatcher {
        CompiledMatcher::compile_in(matcher, self.representation, at, self.faults)
    }

    fn each(&mut self, name: OperatorName, matchers: &[Matcher]) -> Vec<CompiledMatcher> {
        let at = self.at.key(name.key());
        matchers.iter().enumerate().map(|(index, matcher)| self.inner(matcher, &at.index(index))).collect()
    }

    fn regex(&mut self, name: OperatorName, pattern: &RegexText) -> Option<Arc<dyn Expression>> {
        let compiled = compile_regex(pattern, self.ignore_case);
        self.or_fault(name, compiled, |reason| format!("not a regular expression: {reason}"))
    }

    fn moment(&mut self, name: OperatorName, text: &str, test: OrderTest) -> Option<CompiledOperator> {
        let limit = self.or_fault(name, Moment::parse(text), |reason| reason)?;
        Some(CompiledOperator::Moment(name, test, text.to_owned(), limit))
    }

    fn or_fault<T>(
        &mut self,
        name: OperatorName,
        result: Result<T, String>,
        message: fn(String) -> String,
    ) -> Option<T> {
        result.map_err(|reason| self.faults.push(Fault::value(&self.at.key(name.key()), message(reason)))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(matcher: Matcher, values: &[&str]) -> bool {
        let mut faults = Vec::new();
        let compiled = CompiledMatcher::compile(&matcher, &KeyPath::top(), &mut faults);
        assert_eq!(faults, []);
        let values: Vec<_> = values.iter().map(|text| RequestValue::text(*text)).collect();
        compiled.holds(&values, Timestamp::UNIX_EPOCH)
    }

    fn not(matcher: Matcher) -> Matcher {
        Matcher::from_operator(Operator::Not(Box::new(matcher)))
    }

    #[test]
    fn an_absent_value_fails_all_but_its_absence_and_not() {
        assert!(holds(Matcher::from_operator(Operator::Present(false)), &[]));
        assert!(holds(not(Matcher::equals("a")), &[]));
        assert!(!holds(not(Matcher::from_operator(Operator::Present(false))), &[]));
        assert!(!holds(Matcher::from_operator(Operator::Matches("".into())), &[]));
        assert!(!holds(Matcher::from_operator(Operator::Values(vec![])), &[]));
        assert!(!holds(Matcher::from_operator(Operator::Present(false)), &[""]));
    }

    #[test]
    fn one_value_must_satisfy_all_operators_together() {
        let both = Matcher {
            operators: vec![Operator::StartsWith("a".to_owned()), Operator::EndsWith("z".to_owned())],
            ignore_case: false,
        };

        assert!(holds(both.clone(), &["b", "a-z"]));
        assert!(!holds(both, &["a-b", "b-z"]));
    }

    #[test]
    fn untyped_text_reads_as_the_type_of_the_operand() {
        assert!(holds(Matcher::equals(7), &["7.0"]));
        assert!(holds(Matcher::equals(true), &["true"]));
        assert!(!holds(Matcher::equals("7"), &["7.0"]));
        assert!(holds(Matcher::from_operator(Operator::Gt(Number::Integer(6))), &["6.5"]));
        assert!(!holds(Matcher::from_operator(Operator::Gt(Number::Integer(6))), &["many"]));
    }

    #[test]
    fn case_is_ignored_for_every_text_operator() {
        for operator in [
            Operator::Equals("ÄB".into()),
            Operator::Contains("äB".to_owned()),
            Operator::StartsWith("Ä".to_owned()),
            Operator::EndsWith("B".to_owned()),
            Operator::Matches("^äB$".into()),
            Operator::OneOf(vec!["x".into(), "äB".into()]),
        ] {
            let ignoring = Matcher { operators: vec![operator.clone()], ignore_case: true };
            assert!(holds(ignoring, &["äb"]), "{operator:?}");
            assert!(!holds(Matcher::from_operator(operator), &["äb"]));
        }
    }

    #[test]
    fn repeated_values_each_need_one_of_their_own() {
        let matcher = |operator: fn(Vec<Matcher>) -> Operator| {
            Matcher::from_operator(operator(vec![
                Matcher::from_operator(Operator::StartsWith("a".to_owned())),
                Matcher::equals("ab"),
            ]))
        };

        assert!(holds(matcher(Operator::Includes), &["ab", "ac", "z"]));
        assert!(!holds(matcher(Operator::Includes), &["ab", "z"]));
        assert!(holds(matcher(Operator::Values), &["ab", "ac"]));
        assert!(!holds(matcher(Operator::Values), &["ab", "ac", "z"]));
    }

    #[test]
    fn typed_json_keeps_its_types() {
        let json = Json::parse(br#"["7", 7, [1, 2], null]"#).expect("JSON");
        let Json::Array(items) = &json else { panic!("a list") };
        let holds = |matcher: Matcher, item: usize| {
            CompiledMatcher::compile(&matcher, &KeyPath::top(), &mut Vec::new())
                .holds(&[RequestValue::Json(&items[item])], Timestamp::UNIX_EPOCH)
        };

        assert!(!holds(Matcher::equals(7), 0));
        assert!(holds(Matcher::equals(7), 1));
        assert!(holds(Matcher::from_operator(Operator::Len(Box::new(Matcher::equals(2)))), 2));
        assert!(holds(Matcher::from_operator(Operator::Includes(vec![Matcher::equals(2)])), 2));
        assert!(holds(Matcher::from_operator(Operator::Type(JsonType::Null)), 3));
        assert!(holds(Matcher::from_operator(Operator::Type(JsonType::Number)), 1));
        assert!(holds(Matcher::from_operator(Operator::Present(true)), 3));
    }

    #[test]
    fn a_bad_expression_is_a_fault_at_its_operator() {
        let mut faults = Vec::new();
        let matcher = not(Matcher::from_operator(Operator::Matches("(".into())));
        CompiledMatcher::compile(&matcher, &KeyPath::top().key("body"), &mut faults);

        assert_eq!(faults[0].at.to_string(), "body.not.matches");
        assert_eq!(faults[0].message, "not a regular expression: unclosed group");
    }
}
