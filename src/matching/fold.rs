//! Text without regard to case, as `ignore_case` compares it. Most text is ASCII, which needs no copy in lower case.

use std::borrow::Cow;

/// Returns a text in lower case.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    match text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.to_lowercase()),
    }
}

/// Returns whether two texts are the same in lower case.
pub(super) fn same(a: &str, b: &str) -> bool {
    // The Kelvin sign is `k` in lower case.
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_lower_case_of_the_standard_library(a in any::<String>(), b in "[a-cA-CkK\u{212a}]{0,3}", c in "[a-cA-CkK\u{212a}]{0,3}") {
            for text in [&a, &b] {
                assert_eq!(lower(text), text.to_lowercase());
            }
            assert_eq!(same(&b, &c), b.to_lowercase() == c.to_lowercase());
            assert!(same(&a, &a.to_lowercase()) == (a.to_lowercase() == a.to_lowercase().to_lowercase()));
        }
    }
}
