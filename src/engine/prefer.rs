//! The preference `stub` of a request (RFC 7240): the name of an on-demand stub.

use crate::message::{Request, is_token_byte, split_outside_quotes, unquote};

/// Returns the name in `Prefer: stub=NAME`; the first if there are several.
pub(crate) fn preferred_stub(request: &Request) -> Option<String> {
    request.headers("Prefer").find_map(|header| {
        split_outside_quotes(&header, b',').into_iter().find_map(|preference| {
            let token = split_outside_quotes(preference, b';').into_iter().next()?;
            let (name, value) = token.split_once('=')?;
            name.trim().eq_ignore_ascii_case("stub").then(|| unquote(value.trim()))
        })
    })
}

/// Returns the value of `Preference-Applied` in the answer of a stub that was preferred by a name.
pub(super) fn preference_applied(name: &str) -> String {
    match name.bytes().all(|byte| byte == b'/' || is_token_byte(byte)) {
        true => format!("stub={name}"),
        false => format!("stub=\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Head;
    use crate::model::Timestamp;

    fn preferred(headers: &[(&str, &str)]) -> Option<String> {
        let head = Head::compose("GET", "/", headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        preferred_stub(&Request::new(head, Bytes::new(), None, Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn the_stub_is_found_among_other_preferences() {
        assert_eq!(preferred(&[("Prefer", "respond-async, wait=10; Stub=no")]), None);
        assert_eq!(preferred(&[("prefer", "wait=1, STUB = A ; x=y"), ("Prefer", "stub=B")]).as_deref(), Some("A"));
        assert_eq!(preferred(&[("Prefer", r#"stub="a, \"b\"""#)]).as_deref(), Some(r#"a, "b""#));
    }

    #[test]
    fn the_applied_preference_is_quoted_if_necessary() {
        assert_eq!(preference_applied("TOO_MANY"), "stub=TOO_MANY");
        assert_eq!(preference_applied("a \"b\""), r#"stub="a \"b\"""#);
    }
}
