//! All values of a thing, for the operators that ask about them together: `includes` and `values`.

use std::cell::RefCell;

use crate::model::Timestamp;

use super::value::{CompiledMatcher, CompiledOperator, Value};

/// The values among which one is looked at.
pub(super) struct Among<'a> {
    values: &'a [Value<'a>],
    /// What was found out of all of them, which is the same for each: where there are many, to ask anew for each would take their
    /// number squared.
    told: RefCell<Vec<(&'a CompiledOperator, bool)>>,
}

impl<'a> Among<'a> {
    pub(super) fn of(values: &'a [Value<'a>]) -> Among<'a> {
        Among { values, told: RefCell::default() }
    }

    /// Whether each matcher of an operator is satisfied by a value of its own; in the end there may be no further value.
    pub(super) fn include(
        &self,
        operator: &'a CompiledOperator,
        value: &Value<'_>,
        wanted: &[CompiledMatcher],
        no_more: bool,
        now: Timestamp,
    ) -> bool {
        let test =
            |values: &[Value<'_>]| (!no_more || values.len() == wanted.len()) && each_has_its_own(wanted, values, now);
        if let [_] = self.values {
            return match value.items() {
                Some(items) => test(&items),
                None => test(self.values),
            };
        }
        let known = self.told.borrow().iter().find(|(known, _)| std::ptr::eq(*known, operator)).map(|(_, told)| *told);
        known.unwrap_or_else(|| {
            let told = test(self.values);
            self.told.borrow_mut().push((operator, told));
            told
        })
    }
}

/// Whether each matcher can be given a value of its own that satisfies it: a matching in a bipartite graph, found
/// by augmenting paths.
fn each_has_its_own(wanted: &[CompiledMatcher], values: &[Value<'_>], now: Timestamp) -> bool {
    if wanted.len() > values.len() {
        return false;
    }
    let mut holder: Vec<Option<usize>> = vec![None; values.len()];
    (0..wanted.len()).all(|matcher| {
        let mut tried = vec![false; values.len()];
        seat(matcher, wanted, values, now, &mut holder, &mut tried)
    })
}

fn seat(
    matcher: usize,
    wanted: &[CompiledMatcher],
    values: &[Value<'_>],
    now: Timestamp,
    holder: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for (place, value) in values.iter().enumerate() {
        if tried[place] || !wanted[matcher].holds(std::slice::from_ref(value), now) {
            continue;
        }
        tried[place] = true;
        let free = match holder[place] {
            None => true,
            Some(other) => seat(other, wanted, values, now, holder, tried),
        };
        if free {
            holder[place] = Some(matcher);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KeyPath, Matcher, Operator};

    fn holds(operator: Operator, values: &[Value<'_>]) -> bool {
        let matcher = CompiledMatcher::compile(&Matcher::of(operator), &KeyPath::top(), &mut Vec::new());
        matcher.holds(values, Timestamp::UNIX_EPOCH)
    }

    fn includes(texts: &[&str]) -> Operator {
        Operator::Includes(texts.iter().map(|text| Matcher::equals(*text)).collect())
    }

    #[test]
    fn as_many_values_as_there_may_be_are_asked_about_once() {
        let many: Vec<Value<'_>> = (0..100_000).map(|_| Value::text("y")).collect();

        // Asked for each of them this would take until tomorrow.
        assert!(!holds(includes(&["x"]), &many));
        assert!(!holds(Operator::Not(Box::new(Matcher::of(includes(&["y", "y"])))), &many));
        assert!(!holds(Operator::AnyOf(vec![Matcher::of(includes(&["x"])), Matcher::of(includes(&["z"]))]), &many));
        assert!(holds(includes(&["y"; 3]), &many));
    }

    #[test]
    fn several_operators_have_verdicts_of_their_own() {
        let values = ["a", "b"].map(Value::text);
        let both = |one, other| Operator::AllOf(vec![Matcher::of(one), Matcher::of(other)]);

        assert!(holds(both(includes(&["a"]), includes(&["b"])), &values));
        assert!(!holds(both(includes(&["a"]), includes(&["c"])), &values));
        assert!(holds(both(includes(&["b", "a"]), Operator::Not(Box::new(Matcher::of(includes(&["c"]))))), &values));
    }
}
