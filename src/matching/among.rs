//! All values of a thing, for the operators that ask about them together: `includes` and `values`.

use std::cell::RefCell;

use super::value::{CompiledOperator, Value};

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

    /// Whether an operator holds of all values: of the items of a list, where that is the only one.
    pub(super) fn hold(
        &self,
        operator: &'a CompiledOperator,
        value: &Value<'_>,
        test: impl Fn(&[Value<'_>]) -> bool,
    ) -> bool {
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

/// Whether each of those wanted can be given one of its own of those that there are, which fits it: a matching in a bipartite
/// graph, found by augmenting paths. Both are told by their numbers.
pub(crate) fn each_has_its_own(wanted: usize, given: usize, fits: impl Fn(usize, usize) -> bool) -> bool {
    if wanted > given {
        return false;
    }
    let mut holder = vec![None; given];
    (0..wanted).all(|one| seat(one, &fits, &mut holder, &mut vec![false; given]))
}

fn seat(one: usize, fits: &impl Fn(usize, usize) -> bool, holder: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for place in 0..holder.len() {
        if tried[place] || !fits(one, place) {
            continue;
        }
        tried[place] = true;
        let free = match holder[place] {
            None => true,
            Some(other) => seat(other, fits, holder, tried),
        };
        if free {
            holder[place] = Some(one);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::CompiledMatcher;
    use crate::model::{KeyPath, Matcher, Operator, Timestamp};

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
