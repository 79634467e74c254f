//! Compares JSON like WireMock's `equalToJson`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;

use crate::budget::spend;
use crate::matching::bipartite_match;
use crate::model::{Json, Members};

/// The differences that `equalToJson` ignores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Leniency {
    pub(super) ignore_array_order: bool,
    pub(super) ignore_extra_elements: bool,
}

pub(super) fn equal(expected: &Json, actual: &Json, lenient: Leniency) -> bool {
    if lenient == Leniency::default() {
        return actual.same(expected);
    }
    if !spend(1) {
        return false;
    }
    match (expected, actual) {
        (Json::Object(expected), Json::Object(given)) => {
            let given = Members::new(given);
            (lenient.ignore_extra_elements || expected.len() == given.len())
                && expected
                    .iter()
                    .all(|(name, value)| given.get(name).is_some_and(|other| equal(value, other, lenient)))
        }
        (Json::Array(expected), Json::Array(given)) => {
            let lengths = match lenient.ignore_extra_elements {
                true => expected.len() <= given.len(),
                false => expected.len() == given.len(),
            };
            lengths
                && match lenient {
                    Leniency { ignore_array_order: false, .. } => {
                        expected.iter().zip(given).all(|(a, b)| equal(a, b, lenient))
                    }
                    Leniency { ignore_extra_elements: true, .. } => some_of(expected, given, lenient),
                    Leniency { .. } => permutation(expected, given, lenient),
                }
        }
        _ => actual.same(expected),
    }
}

/// Whether each expected item can be paired with a different equal item. Equal items may have more members than the expected ones.
fn some_of(expected: &[Json], given: &[Json], lenient: Leniency) -> bool {
    // Two items may be compared more than once and may be large, so results are kept.
    let pairs = expected.len().saturating_mul(given.len());
    let known = RefCell::new(vec![None; if pairs <= MOST_KNOWN { pairs } else { 0 }]);
    bipartite_match(expected.len(), given.len(), |item, place| {
        let pair = item * given.len() + place;
        if let Some(Some(equal)) = known.borrow().get(pair) {
            return *equal;
        }
        let equal = equal(&expected[item], &given[place], lenient);
        if let Some(known) = known.borrow_mut().get_mut(pair) {
            *known = Some(equal);
        }
        equal
    })
}

/// The largest number of pairs of items whose comparison is kept, each in a byte.
const MOST_KNOWN: usize = 1_000_000;

/// Whether two lists of one length have equal items in any order. Equality is transitive here, so any equal item may be paired, and
/// only those with the same digest are compared.
fn permutation(expected: &[Json], given: &[Json], lenient: Leniency) -> bool {
    let state = RandomState::default();
    let mut by_digest: HashMap<u64, Vec<&Json>> = HashMap::default();
    for item in given {
        by_digest.entry(digest(item, &state)).or_default().push(item);
    }
    expected.iter().all(|item| {
        let Some(candidates) = by_digest.get_mut(&digest(item, &state)) else { return false };
        let found = candidates.iter().position(|other| equal(item, other, lenient));
        found.map(|place| candidates.swap_remove(place)).is_some()
    })
}

/// Returns a hash that ignores the order of members and items, and the notation of numbers.
fn digest(json: &Json, state: &RandomState) -> u64 {
    if !spend(1) {
        return 0;
    }
    match json {
        Json::Null => 0,
        Json::Bool(truth) => state.hash_one(truth),
        Json::Number(number) => state.hash_one(number.canonical()),
        Json::String(text) => state.hash_one(text),
        Json::Array(items) => {
            let sum = items.iter().fold(0, |sum: u64, item| sum.wrapping_add(state.hash_one(digest(item, state))));
            state.hash_one(("list", items.len(), sum))
        }
        Json::Object(members) => {
            let member = |(name, value): &(String, Json)| state.hash_one((name, digest(value, state)));
            state.hash_one(("object", members.iter().fold(0, |sum: u64, one| sum.wrapping_add(member(one)))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, Exceeded, within};

    fn check(expected: &str, actual: &str, order: bool, extra: bool) -> bool {
        let parse = |text: &str| Json::parse(text.as_bytes()).expect(text);
        let lenient = Leniency { ignore_array_order: order, ignore_extra_elements: extra };
        equal(&parse(expected), &parse(actual), lenient)
    }

    #[test]
    fn only_the_given_differences_are_ignored() {
        assert!(check(r#"{"a":[1,2]}"#, r#"{"a":[1.0,2]}"#, false, false));
        assert!(!check(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false, true));
        assert!(check(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, true, false));
        assert!(!check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, true, false));
        assert!(check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false, true));
        assert!(check(r#"[{"a":1},{}]"#, r#"[{"b":1},{"a":1}]"#, true, true));
    }

    #[test]
    fn repeated_items_in_another_order_are_counted() {
        assert!(check("[[1,2],[3],null,true]", "[true,null,[3.0],[2,1]]", true, false));
        assert!(!check("[1,1,2]", "[1,2,2]", true, false));
        assert!(!check("[[1,2]]", "[[1,3]]", true, false));
        assert!(check(r#"[{"a":[1,2]},{"a":[3]}]"#, r#"[{"a":[3]},{"a":[2,1]}]"#, true, false));
    }

    #[test]
    fn comparing_long_lists_in_another_order_takes_a_few_steps_per_item() {
        let list = |numbers: &mut dyn Iterator<Item = i64>| Json::Array(numbers.map(Json::from).collect());
        let (up, down) = (list(&mut (0..60_000)), list(&mut (0..60_000).rev()));
        let budget = Budget { steps: 1_000_000, rendered: 0 };
        let order = Leniency { ignore_array_order: true, ignore_extra_elements: false };

        assert_eq!(within(budget, || equal(&up, &down, order)), Ok(true));
        let both = Leniency { ignore_extra_elements: true, ..order };
        assert_eq!(within(budget, || equal(&up, &down, both)), Err(Exceeded::Steps(1_000_000)));
        assert_eq!(within(budget, || equal(&up, &up, both)), Ok(true));
    }
}
