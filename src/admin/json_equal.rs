//! JSON compared as WireMock's `equalToJson` does.

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
                    each_has_its_own(wanted, given, lenient)
                } else {
                    wanted.iter().zip(given).all(|(a, b)| equal(a, b, lenient))
                }
        }
        _ => actual.same(expected),
    }
}

/// Whether each wanted item can be given an item of its own: a bipartite matching by augmenting paths.
fn each_has_its_own(wanted: &[Json], given: &[Json], lenient: Leniency) -> bool {
    let fits: Vec<Vec<usize>> = wanted
        .iter()
        .map(|item| (0..given.len()).filter(|place| equal(item, &given[*place], lenient)).collect())
        .collect();
    let mut holder = vec![None; given.len()];
    (0..wanted.len()).all(|item| seat(item, &fits, &mut holder, &mut vec![false; given.len()]))
}

fn seat(item: usize, fits: &[Vec<usize>], holder: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for &place in &fits[item] {
        if std::mem::replace(&mut tried[place], true) {
            continue;
        }
        let free = match holder[place] {
            None => true,
            Some(other) => seat(other, fits, holder, tried),
        };
        if free {
            holder[place] = Some(item);
            return true;
        }
    }
    false
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
