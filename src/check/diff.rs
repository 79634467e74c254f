//! Finds where two sequences differ: lines of a text, or bytes.

/// Returns the length of the common prefix, and what each sequence has between that and the common suffix.
pub(super) fn differing_part<'a, T: PartialEq>(expected: &'a [T], actual: &'a [T]) -> (usize, &'a [T], &'a [T]) {
    let before = expected.iter().zip(actual).take_while(|(one, other)| one == other).count();
    let (expected, actual) = (&expected[before..], &actual[before..]);
    let after = expected.iter().rev().zip(actual.iter().rev()).take_while(|(one, other)| one == other).count();
    (before, &expected[..expected.len() - after], &actual[..actual.len() - after])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_have_in_common_at_either_end_is_left_out() {
        assert_eq!(differing_part(b"abcd", b"axyd"), (1, &b"bc"[..], &b"xy"[..]));
        assert_eq!(differing_part(b"aa", b"a"), (1, &b"a"[..], &b""[..]));
        assert_eq!(differing_part(b"", b""), (0, &b""[..], &b""[..]));
    }
}
