//! JSON compared as WireMock's `equalToJson` does.

use crate::matching::each_has_its_own;
use crate::model::Json;

/// What `equalToJson` lets pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Leniency {
    pub(super) ignore_array_order: bool,
    pub(super) ignore_extra_elements: bool,
}

pub(super) fn equal(expected: &Json, actual: &Json, lenient: Leniency) -> bool {
    if lenient == Leniency::default() {
        return actual.same(expected);
    }
    match (expected, actual) {
        (Json::Object(wanted), Json::Object(given)) => {
            (lenient.ignore_extra_elements || wanted.len() == given.len())
                && wanted.iter().all(|(name, value)| actual.get(name).is_some_and(|other| equal(value, other, lenient)))
        }
        (Json::Array(wanted), Json::Array(given)) => {
            let lengths = match lenient.ignore_extra_elements {
                true => wanted.len() <= given.len(),
                false => wanted.len() == given.len(),
            };
            lengths
                && if lenient.ignore_array_order {
                    // Two items may be held against each other more than once, and may be large.
                    let fit = |item| given.iter().map(|other| equal(item, other, lenient)).collect();
                    let fits: Vec<Vec<bool>> = wanted.iter().map(fit).collect();
                    each_has_its_own(wanted.len(), given.len(), |item, place| fits[item][place])
                } else {
                    wanted.iter().zip(given).all(|(a, b)| equal(a, b, lenient))
                }
        }
        _ => actual.same(expected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, actual: &str, order: bool, extra: bool) -> bool {
        let parse = |text: &str| Json::parse(text.as_bytes()).expect(text);
        let lenient = Leniency { ignore_array_order: order, ignore_extra_elements: extra };
        equal(&parse(expected), &parse(actual), lenient)
    }

    #[test]
    fn what_is_let_pass_is_what_was_asked_for() {
        assert!(check(r#"{"a":[1,2]}"#, r#"{"a":[1.0,2]}"#, false, false));
        assert!(!check(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false, true));
        assert!(check(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, true, false));
        assert!(!check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, true, false));
        assert!(check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false, true));
        assert!(check(r#"[{"a":1},{}]"#, r#"[{"b":1},{"a":1}]"#, true, true));
    }
}
