//! Whether one matcher holds wherever another does.
//!
//! It says yes only where that is certain: a no may mean that nobody knows.

use std::cmp::Ordering;

use crate::model::{JsonType, Matcher, Number, Operator};

use super::contradiction::clash;
use super::value::{Asked, Judge, Kind, candidates, flat, holds_absent};

/// How deep matchers within matchers are looked into.
const DEEPEST: u8 = 4;

impl Judge {
    /// Whether `earlier` holds for all values that `later` holds for, and for none where that does.
    pub(super) fn implies(&self, later: &Matcher, earlier: &Matcher, kind: Kind) -> bool {
        if later == earlier {
            return true;
        }
        if holds_absent(later) && !holds_absent(earlier) {
            return false;
        }
        let known = flat(later);
        flat(earlier).into_iter().all(|asked| self.follows(asked, &known, kind, DEEPEST))
    }

    /// Whether an operator holds for every value that satisfies all that is known of it.
    fn follows(&self, asked: Asked<'_>, known: &[Asked<'_>], kind: Kind, depth: u8) -> bool {
        if depth == 0 {
            return false;
        }
        let is_one_of_them = |other: &&Asked<'_>| other.0 == asked.0 && (other.1 == asked.1 || !is_text(asked.0));
        known.iter().any(|other| is_one_of_them(&other) || other.0 == &Operator::Present(false))
            || self.follows_for_each(asked, known, kind)
            || self.follows_by_meaning(asked, known, kind, depth)
            || known.iter().any(|(operator, _)| match operator {
                Operator::AnyOf(branches) => {
                    branches.iter().all(|branch| self.follows(asked, &flat(branch), kind, depth - 1))
                }
                _ => false,
            })
    }

    /// Whether only some values are possible, and the operator holds for each of them.
    fn follows_for_each(&self, asked: Asked<'_>, known: &[Asked<'_>], kind: Kind) -> bool {
        let Some((_, possible)) = candidates(known, kind) else { return false };
        possible.iter().all(|candidate| {
            self.holds(asked, candidate) == Some(true)
                || known.iter().any(|other| self.holds(*other, candidate) == Some(false))
        })
    }

    fn follows_by_meaning(&self, (operator, fold): Asked<'_>, known: &[Asked<'_>], kind: Kind, depth: u8) -> bool {
        let any = |test: &dyn Fn(&Operator) -> bool| known.iter().any(|(other, _)| test(other));
        let text = |wanted: &str, test: &dyn Fn(&Operator, &str) -> bool| {
            known.iter().any(|(other, other_fold)| match (fold, other_fold) {
                (false, false) => test(other, wanted),
                (true, _) if wanted.is_ascii() => test(&lowered(other), &wanted.to_ascii_lowercase()),
                _ => false,
            })
        };
        match operator {
            Operator::Present(present) => *present,
            Operator::AnyOf(branches) => branches
                .iter()
                .any(|branch| flat(branch).into_iter().all(|asked| self.follows(asked, known, kind, depth - 1))),
            Operator::Not(inner) => {
                let both: Vec<Asked<'_>> = known.iter().copied().chain(flat(inner)).collect();
                clash(self, &both, kind).is_some()
                    || any(
                        &|other| matches!(other, Operator::Not(refused) if self.holds_for_all_of(inner, refused, kind, depth)),
                    )
            }
            Operator::Len(inner) => {
                any(&|other| matches!(other, Operator::Len(of) if self.holds_for_all_of(of, inner, Kind::Json, depth)))
            }
            Operator::Type(JsonType::Number) => any(&|other| bound(other).is_some() || is_integer(other)),
            Operator::Gt(_) | Operator::Ge(_) | Operator::Lt(_) | Operator::Le(_) => {
                any(&|other| is_narrower(other, operator))
            }
            Operator::StartsWith(wanted) => {
                text(wanted, &|other, part| matches!(other, Operator::StartsWith(known) if known.starts_with(part)))
            }
            Operator::EndsWith(wanted) => {
                text(wanted, &|other, part| matches!(other, Operator::EndsWith(known) if known.ends_with(part)))
            }
            Operator::Contains(wanted) => text(wanted, &|other, part| match other {
                Operator::StartsWith(known) | Operator::EndsWith(known) | Operator::Contains(known) => {
                    known.contains(part)
                }
                _ => false,
            }),
            _ => false,
        }
    }

    fn holds_for_all_of(&self, known: &Matcher, asked: &Matcher, kind: Kind, depth: u8) -> bool {
        let known = flat(known);
        flat(asked).into_iter().all(|asked| self.follows(asked, &known, kind, depth - 1))
    }
}

/// Whether `ignore_case` beside it changes the operator.
fn is_text(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Equals(_)
            | Operator::OneOf(_)
            | Operator::Contains(_)
            | Operator::StartsWith(_)
            | Operator::EndsWith(_)
            | Operator::Matches(_)
    )
}

/// The operator on the text in lower case; only what holds a part of the text matters here.
fn lowered(operator: &Operator) -> Operator {
    match operator {
        Operator::Contains(text) => Operator::Contains(text.to_lowercase()),
        Operator::StartsWith(text) => Operator::StartsWith(text.to_lowercase()),
        Operator::EndsWith(text) => Operator::EndsWith(text.to_lowercase()),
        other => other.clone(),
    }
}

fn is_integer(operator: &Operator) -> bool {
    matches!(operator, Operator::Type(JsonType::Integer))
}

/// A limit on numbers: whether it is an upper one, where, and whether the limit itself is within.
pub(super) fn bound(operator: &Operator) -> Option<(bool, Number, bool)> {
    match operator {
        Operator::Gt(limit) => Some((false, *limit, false)),
        Operator::Ge(limit) => Some((false, *limit, true)),
        Operator::Lt(limit) => Some((true, *limit, false)),
        Operator::Le(limit) => Some((true, *limit, true)),
        _ => None,
    }
}

/// Whether all numbers within one limit are within the other.
fn is_narrower(inner: &Operator, outer: &Operator) -> bool {
    let (Some((upper, limit, within)), Some((other_upper, other, other_within))) = (bound(inner), bound(outer)) else {
        return false;
    };
    let order = if upper { limit.compare(&other) } else { other.compare(&limit) };
    upper == other_upper
        && match order {
            Ordering::Less => true,
            Ordering::Equal => !within || other_within,
            Ordering::Greater => false,
        }
}

#[cfg(test)]
mod tests {
    use crate::formats::{NoFiles, read_scenario};
    use crate::model::Stub;

    use super::*;

    fn matcher(text: &str) -> Matcher {
        let file = format!("[[stub]]\nrequest.path = '/'\nrequest.headers.X = {text}\n");
        let (scenario, _) = read_scenario(&file, "m.toml", &NoFiles).unwrap_or_else(|told| panic!("{told:?}"));
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

    #[test]
    fn json_keeps_its_types_and_a_document_may_have_none() {
        assert!(implies("true", "'true'", Kind::Text));
        assert!(!implies("true", "'true'", Kind::Json));
        assert!(!implies("true", "'true'", Kind::Either));
        assert!(implies("'7'", "{ equals = 7 }", Kind::Text));
        assert!(!implies("'7'", "{ equals = 7 }", Kind::Either));
    }
}
