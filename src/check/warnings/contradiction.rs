//! Finds operators that no value satisfies together.

use crate::matching::parse_moment;
use crate::model::{Constraint, Json, JsonType, Limit, Matcher, Number, Operator};

use super::value::{
    Candidate, CasedOperator, Judge, Kind, candidates, flat_operators, holds_absent, operator_holds_absent,
};
use super::words::operator_in_words;

/// Two operators that no value satisfies together, or one operator that no value satisfies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Contradiction<'a> {
    pub(super) one: &'a Operator,
    pub(super) other: Option<&'a Operator>,
}

/// Returns why a matcher never holds, or `None` if it may hold. `always_present` means that the request always has a value.
pub(super) fn contradiction<'a>(
    judge: &Judge,
    matcher: &'a Matcher,
    kind: Kind,
    always_present: bool,
) -> Option<Contradiction<'a>> {
    let required = flat_operators(matcher);
    if let Some((absent, _)) = required.iter().find(|(operator, _)| **operator == Operator::Present(false)) {
        let needs_a_value = |(operator, _): &&CasedOperator<'a>| !operator_holds_absent(operator);
        return match required.iter().find(needs_a_value) {
            Some((other, _)) => Some(Contradiction { one: absent, other: Some(other) }),
            None => always_present.then_some(Contradiction { one: absent, other: None }),
        };
    }
    if !always_present && holds_absent(matcher) {
        None
    } else {
        contradiction_among(judge, &required, kind)
    }
}

/// Returns a contradiction among operators that one value must satisfy.
pub(super) fn contradiction_among<'a>(
    judge: &Judge,
    required: &[CasedOperator<'a>],
    kind: Kind,
) -> Option<Contradiction<'a>> {
    let absent = required.iter().find(|(operator, _)| **operator == Operator::Present(false));
    absent
        .map(|(one, _)| Contradiction { one, other: None })
        .or_else(|| among_types(required, kind))
        .or_else(|| among_candidates(judge, required, kind))
        .or_else(|| among_limits(required))
        .or_else(|| among_lengths(required))
        .or_else(|| among_moments(required))
        .or_else(|| among_branches(judge, required, kind))
}

/// The kinds of values as bits: untyped text, then the types of JSON.
const TEXT: u8 = 1;
const STRING: u8 = 2;
const NUMBER: u8 = 4;
const BOOL: u8 = 8;
const NULL: u8 = 16;
const ARRAY: u8 = 32;
const OBJECT: u8 = 64;
const ALL: u8 = 127;

fn kinds_of(kind: Kind) -> u8 {
    match kind {
        Kind::Text => TEXT,
        Kind::Json => ALL & !TEXT,
        Kind::Either => ALL,
    }
}

/// Returns the kinds of values for which an operator may hold.
fn kinds_for(operator: &Operator) -> u8 {
    let of_json = |json: &Json| match json {
        Json::String(_) => TEXT | STRING,
        Json::Number(_) => TEXT | NUMBER,
        Json::Bool(_) => TEXT | BOOL,
        Json::Null => NULL,
        Json::Array(_) => ARRAY,
        Json::Object(_) => OBJECT,
    };
    let of_matcher = |matcher: &Matcher| matcher.operators.iter().fold(ALL, |kinds, inner| kinds & kinds_for(inner));
    match operator.constraint() {
        Constraint::Values(options) => options.iter().fold(0, |kinds, json| kinds | of_json(json)),
        Constraint::TextPart(_) | Constraint::Text => TEXT | STRING | NUMBER | BOOL,
        Constraint::Limit(_) => TEXT | NUMBER,
        Constraint::Length(_) => TEXT | STRING | ARRAY | OBJECT,
        Constraint::Type(wanted) => match wanted {
            JsonType::String => TEXT | STRING,
            JsonType::Number | JsonType::Integer => TEXT | NUMBER,
            JsonType::Boolean => BOOL,
            JsonType::Null => NULL,
            JsonType::Array => ARRAY,
            JsonType::Object => OBJECT,
        },
        Constraint::AnyOf(matchers) => matchers.iter().fold(0, |kinds, matcher| kinds | of_matcher(matcher)),
        Constraint::AllOf(matchers) => matchers.iter().fold(ALL, |kinds, matcher| kinds & of_matcher(matcher)),
        Constraint::Before(_)
        | Constraint::After(_)
        | Constraint::Presence(_)
        | Constraint::Not(_)
        | Constraint::Unknown => ALL,
    }
}

fn among_types<'a>(required: &[CasedOperator<'a>], kind: Kind) -> Option<Contradiction<'a>> {
    let possible = kinds_of(kind);
    let alone = required.iter().find(|(operator, _)| kinds_for(operator) & possible == 0);
    if let Some((one, _)) = alone {
        return Some(Contradiction { one, other: None });
    }
    required.iter().enumerate().find_map(|(place, (one, _))| {
        let other = required[place + 1..].iter().find(|(other, _)| kinds_for(one) & kinds_for(other) & possible == 0);
        other.map(|(other, _)| Contradiction { one, other: Some(other) })
    })
}

/// Finds an operator that allows only some values, if each of them fails another operator.
fn among_candidates<'a>(judge: &Judge, required: &[CasedOperator<'a>], kind: Kind) -> Option<Contradiction<'a>> {
    let (one, possible) = candidates(required, kind)?;
    let refused_by = |candidate: &Candidate| {
        required.iter().find(|other| !std::ptr::eq(other.0, one) && judge.holds(**other, candidate) == Some(false))
    };
    let refused: Option<Vec<&CasedOperator<'a>>> = possible.iter().map(refused_by).collect();
    let other = refused?.first().map(|(other, _)| *other);
    Some(Contradiction { one, other })
}

/// Finds a lower limit that is above an upper one.
fn among_limits<'a>(required: &[CasedOperator<'a>]) -> Option<Contradiction<'a>> {
    let limits = || {
        required.iter().filter_map(|(operator, _)| match operator.constraint() {
            Constraint::Limit(limit) => Some((*operator, limit)),
            _ => None,
        })
    };
    limits().filter(|(_, lower)| !lower.is_upper).find_map(|(one, lower)| {
        let is_below = |upper: Limit| {
            let order = lower.number.compare(&upper.number);
            order.is_gt() || (order.is_eq() && !(lower.is_inclusive && upper.is_inclusive))
        };
        let other = limits().find(|(_, upper)| upper.is_upper && is_below(*upper));
        other.map(|(other, _)| Contradiction { one, other: Some(other) })
    })
}

/// Finds a length that no value has: it is not a whole number from 0, or it is less than that of a required part.
fn among_lengths<'a>(required: &[CasedOperator<'a>]) -> Option<Contradiction<'a>> {
    let needed = required.iter().filter_map(|(operator, fold)| match operator.constraint() {
        Constraint::TextPart(text) if !fold => Some((*operator, text.chars().count())),
        _ => None,
    });
    let longest = needed.max_by_key(|(_, count)| *count);
    required.iter().find_map(|(one, _)| {
        let Operator::Len(inner) = one else { return None };
        let (least, most) = whole_limits(inner);
        if least.max(0) > most {
            return Some(Contradiction { one, other: None });
        }
        let (other, count) = longest?;
        (count as i128 > most).then_some(Contradiction { one, other: Some(other) })
    })
}

/// Returns the smallest and the largest whole number that a matcher allows.
fn whole_limits(matcher: &Matcher) -> (i128, i128) {
    let (mut least, mut most) = (i128::MIN, i128::MAX);
    for (operator, _) in flat_operators(matcher) {
        match operator.constraint() {
            Constraint::Values([Json::Number(number)]) => {
                least = least.max(ceiling(*number));
                most = most.min(floor(*number));
            }
            Constraint::Limit(Limit { number, is_upper: false, is_inclusive }) => {
                let next = if is_inclusive { ceiling(number) } else { floor(number).saturating_add(1) };
                least = least.max(next);
            }
            Constraint::Limit(Limit { number, is_upper: true, is_inclusive }) => {
                let next = if is_inclusive { floor(number) } else { ceiling(number).saturating_sub(1) };
                most = most.min(next);
            }
            _ => {}
        }
    }
    (least, most)
}

fn floor(number: Number) -> i128 {
    match number {
        Number::Integer(whole) => whole,
        Number::Float(float) => float.floor() as i128,
    }
}

fn ceiling(number: Number) -> i128 {
    match number {
        Number::Integer(whole) => whole,
        Number::Float(float) => float.ceil() as i128,
    }
}

/// Finds an `after` that is not earlier than a `before`.
fn among_moments<'a>(required: &[CasedOperator<'a>]) -> Option<Contradiction<'a>> {
    let after = required.iter().find_map(|(operator, _)| match operator.constraint() {
        Constraint::After(text) => Some((*operator, parse_moment(text)?)),
        _ => None,
    })?;
    let before = required.iter().find_map(|(operator, _)| match operator.constraint() {
        Constraint::Before(text) => Some((*operator, parse_moment(text)?)),
        _ => None,
    })?;
    (after.1 >= before.1).then_some(Contradiction { one: after.0, other: Some(before.0) })
}

/// Finds an `any_of` whose branches all contradict the other operators.
fn among_branches<'a>(judge: &Judge, required: &[CasedOperator<'a>], kind: Kind) -> Option<Contradiction<'a>> {
    let rest: Vec<CasedOperator<'a>> =
        required.iter().copied().filter(|(operator, _)| !matches!(operator, Operator::AnyOf(_))).collect();
    required.iter().find_map(|(one, _)| {
        let Operator::AnyOf(branches) = one else { return None };
        let never = |branch: &'a Matcher| {
            let both: Vec<CasedOperator<'a>> = rest.iter().copied().chain(flat_operators(branch)).collect();
            contradiction_among(judge, &both, kind).is_some()
        };
        let other = rest.first().map(|(other, _)| *other);
        branches.iter().all(never).then_some(Contradiction { one, other })
    })
}

impl Contradiction<'_> {
    /// Returns the text of the warning.
    pub(super) fn message(&self) -> String {
        let one = operator_in_words(self.one);
        match self.other {
            Some(other) => format!("no request satisfies both {one} and {}", operator_in_words(other)),
            None => format!("{one} never holds here"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{NoFiles, read_scenario};
    use crate::matching::RequestValue;
    use crate::model::OperatorName;

    use super::*;

    fn is_never(text: &str, kind: Kind, always_present: bool) -> bool {
        let file = format!("[[stub]]\nrequest.path = '/'\nrequest.headers.X = {text}\n");
        let (scenario, _) = read_scenario(&file, "m.toml", &NoFiles).unwrap_or_else(|faults| panic!("{faults:?}"));
        contradiction(&Judge::default(), &scenario.stubs[0].request.headers[0].1, kind, always_present).is_some()
    }

    #[test]
    fn what_may_be_is_no_contradiction() {
        for text in [
            "{ equals = 7, matches = '^7' }",
            "{ type = 'string', gt = 5 }",
            "{ ge = 5, le = 5 }",
            "{ len = { gt = 2, lt = 4 } }",
            "{ starts_with = 'abc', len = 3 }",
            "{ any_of = [{ equals = 'a' }, { equals = 'b' }], starts_with = 'b' }",
            "{ not.present = true }",
            "{ after = 'now', before = 'now -1 day' }",
            "{ values = ['a', 'b'] }",
        ] {
            assert!(!is_never(text, Kind::Text, false), "{text}");
        }
    }

    #[test]
    fn no_branch_that_goes_with_the_rest_is_one() {
        let text = "{ any_of = [{ equals = 'a' }, { gt = 5 }], not.starts_with = 'a', lt = 3 }";

        assert!(is_never(text, Kind::Text, false));
    }

    #[test]
    fn what_is_always_there_is_never_absent() {
        assert!(is_never("{ present = false }", Kind::Text, true));
        assert!(!is_never("{ present = false }", Kind::Text, false));
    }

    #[test]
    fn no_operator_holds_for_a_kind_of_value_that_is_ruled_out() {
        let json = |text: &str| Json::parse(text.as_bytes()).expect("JSON");
        let values = [
            (STRING, json("\"a\"")),
            (NUMBER, json("7")),
            (BOOL, json("true")),
            (NULL, json("null")),
            (ARRAY, json("[\"a\", 7]")),
            (OBJECT, json("{\"a\": \"a\"}")),
        ];
        let judge = Judge::default();
        for name in OperatorName::ALL {
            let operator = name.example();
            let kinds = kinds_for(&operator);
            for (kind, value) in values.iter().filter(|(kind, _)| kinds & kind == 0) {
                assert!(
                    !judge.holds_for_value(&operator, false, &RequestValue::Json(value)),
                    "{name:?} holds for kind {kind}"
                );
            }
            for text in ["a", "7", "true", ""].iter().filter(|_| kinds & TEXT == 0) {
                assert!(
                    !judge.holds_for_value(&operator, false, &RequestValue::text(*text)),
                    "{name:?} holds for the text {text:?}"
                );
            }
        }
    }

    #[test]
    fn json_has_types_that_text_does_not() {
        assert!(is_never("{ type = 'string', gt = 5 }", Kind::Json, false));
        assert!(is_never("{ type = 'boolean' }", Kind::Text, false));
        assert!(!is_never("{ type = 'boolean' }", Kind::Json, false));
        assert!(!is_never("{ type = 'string', gt = 5 }", Kind::Either, false));
    }
}
