//! Decides whether one matcher follows from another: whether it holds for each value for which the other holds.
//!
//! `true` is certain, `false` also means that it cannot be decided.

use std::cmp::Ordering;

use crate::matching::RequestValue;
use crate::model::{Constraint, JsonType, Limit, Matcher, Operator, OperatorName};

use super::contradiction::contradiction_among;
use super::value::{CasedOperator, Judge, Kind, candidates, flat_operators, holds_absent};

/// The depth to which nested matchers are compared.
const MAX_DEPTH: u8 = 4;

impl Judge {
    /// Returns whether `earlier` holds for each value for which `later` holds, and without a value if `later` does.
    pub(super) fn implies(&self, later: &Matcher, earlier: &Matcher, kind: Kind) -> bool {
        if later == earlier {
            return true;
        }
        if holds_absent(later) && !holds_absent(earlier) {
            return false;
        }
        let known = flat_operators(later);
        flat_operators(earlier).into_iter().all(|required| self.follows(required, &known, kind, MAX_DEPTH))
    }

    /// Returns whether an operator holds for each value that satisfies all known operators.
    fn follows(&self, required: CasedOperator<'_>, known: &[CasedOperator<'_>], kind: Kind, depth: u8) -> bool {
        if depth == 0 {
            return false;
        }
        let is_one_of_them = |other: &&CasedOperator<'_>| {
            other.0 == required.0 && (other.1 == required.1 || !required.0.name().acts_on_text())
        };
        known.iter().any(|other| is_one_of_them(&other) || other.0 == &Operator::Present(false))
            || self.follows_for_each(required, known, kind)
            || self.follows_by_meaning(required, known, kind, depth)
            || known.iter().any(|(operator, _)| match operator {
                Operator::AnyOf(branches) => {
                    branches.iter().all(|branch| self.follows(required, &flat_operators(branch), kind, depth - 1))
                }
                _ => false,
            })
    }

    /// Returns whether the known operators allow only some values, and the operator holds for each of them.
    fn follows_for_each(&self, required: CasedOperator<'_>, known: &[CasedOperator<'_>], kind: Kind) -> bool {
        let Some((_, possible)) = candidates(known, kind) else { return false };
        possible.iter().all(|candidate| {
            self.holds(required, candidate) == Some(true)
                || known.iter().any(|other| self.holds(*other, candidate) == Some(false))
        })
    }

    fn follows_by_meaning(
        &self,
        (operator, fold): CasedOperator<'_>,
        known: &[CasedOperator<'_>],
        kind: Kind,
        depth: u8,
    ) -> bool {
        let any = |test: &dyn Fn(Constraint<'_>) -> bool| known.iter().any(|(other, _)| test(other.constraint()));
        match operator.constraint() {
            Constraint::Presence(present) => present,
            Constraint::AnyOf(branches) => branches.iter().any(|branch| {
                flat_operators(branch).into_iter().all(|required| self.follows(required, known, kind, depth - 1))
            }),
            Constraint::Not(inner) => {
                let both: Vec<CasedOperator<'_>> = known.iter().copied().chain(flat_operators(inner)).collect();
                let excludes = |other: Constraint<'_>| match other {
                    Constraint::Not(refused) => self.holds_for_all_of(inner, refused, kind, depth),
                    _ => false,
                };
                contradiction_among(self, &both, kind).is_some() || any(&excludes)
            }
            Constraint::Length(inner) => any(&|other| match other {
                Constraint::Length(length) => self.holds_for_all_of(length, inner, Kind::Json, depth),
                _ => false,
            }),
            Constraint::Type(JsonType::Number) => {
                any(&|other| matches!(other, Constraint::Limit(_) | Constraint::Type(JsonType::Integer)))
            }
            Constraint::Limit(outer) => {
                any(&|other| matches!(other, Constraint::Limit(inner) if is_narrower(inner, outer)))
            }
            Constraint::TextPart(part) => {
                known.iter().any(|other| self.follows_from_part((operator, fold), part, *other))
            }
            Constraint::Values(_)
            | Constraint::Text
            | Constraint::Before(_)
            | Constraint::After(_)
            | Constraint::Type(_)
            | Constraint::AllOf(_)
            | Constraint::Unknown => false,
        }
    }

    /// Returns whether a [`Constraint::TextPart`] follows from another one: of the same operator, or of any if it is
    /// `contains`.
    fn follows_from_part(
        &self,
        (operator, fold): CasedOperator<'_>,
        part: &str,
        (known, known_fold): CasedOperator<'_>,
    ) -> bool {
        let Constraint::TextPart(known_part) = known.constraint() else { return false };
        let is_comparable = if fold { part.is_ascii() } else { !known_fold };
        let is_related = operator.name() == known.name() || operator.name() == OperatorName::Contains;
        is_comparable && is_related && self.holds_for_value(operator, fold, &RequestValue::text(known_part))
    }

    fn holds_for_all_of(&self, known: &Matcher, required: &Matcher, kind: Kind, depth: u8) -> bool {
        let known = flat_operators(known);
        flat_operators(required).into_iter().all(|required| self.follows(required, &known, kind, depth - 1))
    }
}

/// Returns whether all numbers within the first limit are within the second.
fn is_narrower(inner: Limit, outer: Limit) -> bool {
    let (inner_number, outer_number) = (inner.number, outer.number);
    let order = if inner.is_upper {
        inner_number.compare(&outer_number)
    } else {
        outer_number.compare(&inner_number)
    };
    inner.is_upper == outer.is_upper
        && match order {
            Ordering::Less => true,
            Ordering::Equal => !inner.is_inclusive || outer.is_inclusive,
            Ordering::Greater => false,
        }
}

#[cfg(test)]
mod tests {
    use crate::formats::{NoFiles, read_scenario};
    use crate::model::{Operand, Stub};

    use super::*;

    fn matcher(text: &str) -> Matcher {
        let file = format!("[[stub]]\nrequest.path = '/'\nrequest.headers.X = {text}\n");
        let (scenario, _) = read_scenario(&file, "m.toml", &NoFiles).unwrap_or_else(|faults| panic!("{faults:?}"));
        let stub: &Stub = &scenario.stubs[0];
        stub.request.headers[0].1.clone()
    }

    fn implies(later: &str, earlier: &str, kind: Kind) -> bool {
        Judge::default().implies(&matcher(later), &matcher(earlier), kind)
    }

    #[test]
    fn what_is_certain_follows() {
        for (later, earlier) in [
            ("'abc'", "{ starts_with = 'ab', len = 3 }"),
            ("'abc'", "{ matches = '^[a-c]+$' }"),
            ("'abc'", "{ equals = 'ABC', ignore_case = true }"),
            ("{ one_of = ['a', 'b'] }", "{ len = 1 }"),
            ("{ one_of = ['a', 'bb'], len = 1 }", "'a'"),
            ("{ gt = 5 }", "{ ge = 5 }"),
            ("{ gt = 5 }", "{ type = 'number' }"),
            ("{ le = 2.5 }", "{ lt = 3 }"),
            ("{ equals = 7 }", "{ gt = 6.5, le = 7 }"),
            ("{ starts_with = 'abc' }", "{ contains = 'bc' }"),
            ("{ starts_with = 'ABC' }", "{ starts_with = 'ab', ignore_case = true }"),
            ("{ len.gt = 3 }", "{ len.ge = 3 }"),
            ("'a'", "{ present = true }"),
            ("'a'", "{ not.equals = 'b' }"),
            ("{ gt = 5 }", "{ not.lt = 3 }"),
            ("{ not.contains = 'a' }", "{ not.equals = 'a', any_of = [{ not.equals = 'a' }, { equals = 'b' }] }"),
            ("'b'", "{ any_of = [{ equals = 'a' }, { equals = 'b' }] }"),
            ("{ any_of = [{ equals = 'a' }, { equals = 'ab' }] }", "{ starts_with = 'a' }"),
            ("{ present = false }", "{ not.equals = 'a' }"),
            ("{ includes = ['a'], len = 1 }", "{ includes = ['a'] }"),
        ] {
            assert!(implies(later, earlier, Kind::Text), "{later} => {earlier}");
        }
    }

    #[test]
    fn what_is_not_certain_does_not() {
        for (later, earlier) in [
            ("{ starts_with = 'ab' }", "{ starts_with = 'abc' }"),
            ("{ equals = 'abc', ignore_case = true }", "'abc'"),
            ("{ starts_with = 'a', ignore_case = true }", "{ starts_with = 'a' }"),
            ("{ ge = 5 }", "{ gt = 5 }"),
            ("{ equals = 7 }", "'7'"),
            ("{ equals = 7 }", "{ len = 1 }"),
            ("{ one_of = ['a', 'bb'] }", "{ len = 1 }"),
            ("{ not.equals = 'a' }", "{ present = true }"),
            ("{ any_of = [{ present = false }, { equals = 'a' }] }", "'a'"),
            ("{ matches = '^abc' }", "{ starts_with = 'a' }"),
            ("'2030-01-01'", "{ before = 'now' }"),
            ("'a'", "{ includes = ['a'] }"),
            ("{ not.equals = 'a' }", "{ not.contains = 'a' }"),
        ] {
            assert!(!implies(later, earlier, Kind::Text), "{later} => {earlier}");
        }
    }

    /// Returns all texts of at most three of these characters.
    fn short_texts() -> Vec<String> {
        let mut texts = vec![String::new()];
        for length in 1..=3 {
            let shorter: Vec<_> = texts.iter().filter(|text| text.len() + 1 == length).cloned().collect();
            texts.extend(shorter.iter().flat_map(|text| ["a", "b", " "].map(|next| text.clone() + next)));
        }
        texts
    }

    #[test]
    fn what_is_concluded_of_parts_of_texts_is_true_of_each_operator() {
        let (judge, texts) = (Judge::default(), short_texts());
        let is_of_part = |operator: &Operator| matches!(operator.constraint(), Constraint::TextPart(_));
        for name in OperatorName::ALL.iter().filter(|name| is_of_part(&name.example())) {
            let Operand::Text(make) = name.operand() else { panic!("{name:?} takes a text") };
            let holds = |operand: &str, text: &str| {
                judge.holds_for_value(&make(operand.to_owned()), false, &RequestValue::text(text))
            };

            for (operand, text) in texts.iter().flat_map(|operand| texts.iter().map(move |text| (operand, text))) {
                if holds(operand, text) {
                    assert!(text.contains(operand.as_str()), "{name:?} {operand:?} holds for {text:?}");
                    let lost = texts.iter().find(|wanted| holds(wanted, operand) && !holds(wanted, text));
                    assert_eq!(lost, None, "{name:?} holds for {operand:?}, and not for {text:?}");
                }
            }
        }
    }

    #[test]
    fn json_keeps_its_types_and_a_document_may_have_none() {
        assert!(implies("true", "'true'", Kind::Text));
        assert!(!implies("true", "'true'", Kind::Json));
        assert!(!implies("true", "'true'", Kind::Either));
        assert!(implies("'7'", "{ equals = 7 }", Kind::Text));
        assert!(!implies("'7'", "{ equals = 7 }", Kind::Either));
    }
}
