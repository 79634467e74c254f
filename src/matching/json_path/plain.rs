//! Reads paths that are written plainly, without all that it takes to read the others.
//!
//! Equalities of a body are told apart by such paths, in programs too that have no other.

use super::parse::{LONGEST, MOST_SEGMENTS};
use super::syntax::Step;

/// The steps of a path of names after dots, names in single quotes without escapes, and places in lists. `None` for any
/// other text, which may be a path all the same.
pub(super) fn steps(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.strip_prefix('$').filter(|_| text.len() <= LONGEST)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = if let Some(named) = rest.strip_prefix('.') {
            name(named)?
        } else if let Some(quoted) = rest.strip_prefix("['") {
            quoted_name(quoted)?
        } else {
            place(rest.strip_prefix('[')?)?
        };
        if steps.len() == MOST_SEGMENTS {
            return None;
        }
        steps.push(step);
        rest = after;
    }
    Some(steps)
}

fn name(text: &str) -> Option<(Step, &str)> {
    let goes_on = |c: char| c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii();
    let (name, after) = text.split_at(text.find(|c| !goes_on(c)).unwrap_or(text.len()));
    let is_name = name.starts_with(|c: char| !c.is_ascii_digit());
    is_name.then(|| (Step::Name(name.to_owned()), after))
}

fn quoted_name(text: &str) -> Option<(Step, &str)> {
    let (name, after) = text.split_once("']")?;
    let is_plain = !name.contains(|c: char| matches!(c, '\'' | '\\') || c.is_control());
    is_plain.then(|| (Step::Name(name.to_owned()), after))
}

fn place(text: &str) -> Option<(Step, &str)> {
    let (digits, after) = text.split_once(']')?;
    let is_plain = (1..=9).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    is_plain.then_some(())?;
    Some((Step::Index(digits.parse().ok()?), after))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::proptest;
    use proptest::sample::select;

    use super::super::{parse, syntax};

    #[test]
    fn what_is_plain_is_read() {
        for path in ["$", "$.a.b_1", "$['a b'][0].é", "$[12]['x.y']"] {
            assert!(super::steps(path).is_some(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_plainly_is_read_alike(pieces in vec(select(vec![
            "$", ".", "[", "]", "'", "['", "']", "a", "é", "_b", "0", "1", "07", "-1", " ", "\"", "\\", "\t", "*", "?", ":", "\u{7f}",
        ]), 0..8)) {
            let path = format!("${}", pieces.concat());
            if let Some(steps) = super::steps(&path) {
                let segments = parse::whole_path(&path).expect(&path);
                assert_eq!(syntax::single_steps(&segments), Some(steps), "{path}");
            }
        }
    }
}
