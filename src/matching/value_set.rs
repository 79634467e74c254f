//! All values that a matcher is applied to, for the operators that test them together: `includes` and `values`.

use std::cell::RefCell;

use super::request_value::RequestValue;

/// All values that a matcher is applied to, with the verdicts on them together.
pub(super) struct ValueSet<'a, O> {
    values: &'a [RequestValue<'a>],
    /// The verdict of each operator on all values, which is the same for each of them. Testing again for each value would take
    /// time quadratic in their number.
    verdicts: RefCell<Vec<(&'a O, bool)>>,
}

impl<'a, O> ValueSet<'a, O> {
    pub(super) fn new(values: &'a [RequestValue<'a>]) -> ValueSet<'a, O> {
        ValueSet { values, verdicts: RefCell::default() }
    }

    /// Returns whether an operator holds for all values together: for the items of a list if that is the only value.
    pub(super) fn holds_together(
        &self,
        operator: &'a O,
        value: &RequestValue<'_>,
        test: impl Fn(&[RequestValue<'_>]) -> bool,
    ) -> bool {
        if let [_] = self.values {
            return match value.items() {
                Some(items) => test(&items),
                None => test(self.values),
            };
        }
        let known =
            self.verdicts.borrow().iter().find(|(known, _)| std::ptr::eq(*known, operator)).map(|(_, holds)| *holds);
        known.unwrap_or_else(|| {
            let holds = test(self.values);
            self.verdicts.borrow_mut().push((operator, holds));
            holds
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::CompiledMatcher;
    use crate::model::{KeyPath, Matcher, Operator, Timestamp};

    fn holds(operator: Operator, values: &[RequestValue<'_>]) -> bool {
        let matcher = CompiledMatcher::compile(&Matcher::from_operator(operator), &KeyPath::top(), &mut Vec::new());
        matcher.holds(values, Timestamp::UNIX_EPOCH)
    }

    fn includes(texts: &[&str]) -> Operator {
        Operator::Includes(texts.iter().map(|text| Matcher::equals(*text)).collect())
    }

    #[test]
    fn very_many_values_are_tested_once() {
        let many: Vec<RequestValue<'_>> = (0..100_000).map(|_| RequestValue::text("y")).collect();

        // Checked for each of them, this would take until tomorrow.
        assert!(!holds(includes(&["x"]), &many));
        assert!(!holds(Operator::Not(Box::new(Matcher::from_operator(includes(&["y", "y"])))), &many));
        assert!(!holds(
            Operator::AnyOf(vec![Matcher::from_operator(includes(&["x"])), Matcher::from_operator(includes(&["z"]))]),
            &many
        ));
        assert!(holds(includes(&["y"; 3]), &many));
    }

    #[test]
    fn several_operators_have_verdicts_of_their_own() {
        let values = ["a", "b"].map(RequestValue::text);
        let both = |one, other| Operator::AllOf(vec![Matcher::from_operator(one), Matcher::from_operator(other)]);

        assert!(holds(both(includes(&["a"]), includes(&["b"])), &values));
        assert!(!holds(both(includes(&["a"]), includes(&["c"])), &values));
        assert!(holds(
            both(includes(&["b", "a"]), Operator::Not(Box::new(Matcher::from_operator(includes(&["c"]))))),
            &values
        ));
    }
}
