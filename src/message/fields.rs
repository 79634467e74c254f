//! Rules for the fields of HTTP messages that several rooms share: tokens, header values as text, reason phrases.

use std::borrow::Cow;

use http::StatusCode;

/// Returns whether a text is a token (RFC 9110 §5.6.2), such as a method or the name of a header.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// Returns whether a token may contain this byte.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Returns the value of the first header of this name, which ignores case (RFC 9110 §5.1).
pub(crate) fn header_value<'h, N: AsRef<str>, V>(headers: &'h [(N, V)], name: &str) -> Option<&'h V> {
    headers.iter().find(|(key, _)| key.as_ref().eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Returns the value of a header as text. If it is not UTF-8, it is decoded as ISO 8859-1, which never fails.
pub fn header_text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.iter().map(|&byte| char::from(byte)).collect()),
    }
}

/// Returns the standard reason phrase of a status; `None` if no standard defines the status.
pub(crate) fn standard_reason(status: u16) -> Option<&'static str> {
    StatusCode::from_u16(status).ok()?.canonical_reason()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_no_space_and_no_colon() {
        assert!(is_token("X-Request_Id"));
        assert!(!is_token("X Y"));
        assert!(!is_token("X:"));
        assert!(!is_token(""));
    }

    #[test]
    fn the_first_header_of_a_name_counts_in_any_case() {
        let headers = [("Accept", 1), ("content-type", 2), ("Content-Type", 3)];

        assert_eq!(header_value(&headers, "CONTENT-TYPE"), Some(&2));
        assert_eq!(header_value(&headers, "Host"), None);
    }

    #[test]
    fn a_value_that_is_not_utf_8_is_latin_1() {
        assert_eq!(header_text(b"caf\xe9"), "caf\u{e9}");
        assert_eq!(header_text("caf\u{e9}".as_bytes()), "caf\u{e9}");
    }

    #[test]
    fn only_statuses_of_the_standards_have_a_reason() {
        assert_eq!(standard_reason(404), Some("Not Found"));
        assert_eq!((standard_reason(299), standard_reason(7)), (None, None));
    }
}
