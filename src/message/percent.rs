//! Percent-encoding, decoded exactly once.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use memchr::memchr2;

use super::charset::decode_or_escape;

/// Decodes one segment of a path: `%2F` becomes a slash inside the segment, and `+` stays a plus. Returns `None` if the
/// bytes are not UTF-8.
///
/// A `%` without two hexadecimal digits stays as it is.
pub fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
        return Some(Cow::Borrowed(segment));
    }
    String::from_utf8(percent_decoded(segment.as_bytes())).ok().map(Cow::Owned)
}

/// Decodes `name=value&...` of a query or a form, in which `+` is a space.
///
/// Bytes that are not UTF-8 stay percent-encoded: `%FF` is `%FF`. A name without `=` has the value `""`. Empty pairs are
/// ignored.
pub fn decode_form(text: &[u8]) -> Vec<(String, String)> {
    decode_form_in(text, UTF_8)
}

/// Decodes a form like [`decode_form`], in an encoding that is compatible with ASCII.
pub(super) fn decode_form_in(text: &[u8], encoding: &'static Encoding) -> Vec<(String, String)> {
    text.split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let equals = pair.iter().position(|&byte| byte == b'=');
            let (name, value) = match equals {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            (decode_or_escape(decode(name, true), encoding), decode_or_escape(decode(value, true), encoding))
        })
        .collect()
}

/// Decodes percent-encoded bytes, in which `+` stays a plus.
pub(super) fn percent_decoded(text: &[u8]) -> Vec<u8> {
    decode(text, false)
}

fn decode(text: &[u8], plus_is_space: bool) -> Vec<u8> {
    let next_special = |text: &[u8]| memchr2(b'%', b'+', text);
    let mut next = next_special(text);
    if next.is_none() {
        return text.to_vec();
    }
    let (mut decoded, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(at) = next {
        let (plain, special) = rest.split_at(at);
        decoded.extend_from_slice(plain);
        rest = match special {
            [b'%', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(nibble(*high) << 4 | nibble(*low));
                after
            }
            [b'+', after @ ..] if plus_is_space => {
                decoded.push(b' ');
                after
            }
            _ => {
                decoded.push(special[0]);
                &special[1..]
            }
        };
        next = next_special(rest);
    }
    decoded.extend_from_slice(rest);
    decoded
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

/// Encodes a text as one segment of a path or one value of a query. All but the unreserved characters of RFC 3986 are
/// encoded.
pub fn encode_segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn a_query_is_decoded_once() {
        let pairs = decode_form(b"a=Bearer+x%20y%252f&b&&c=1=2&%zz=%4");

        let expected = [("a", "Bearer x y%2f"), ("b", ""), ("c", "1=2"), ("%zz", "%4")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_not_utf8_stays_percent_encoded() {
        let values: Vec<String> =
            decode_form(b"a=%FF&a=%fe&a=\xFE&a=caf%E9").into_iter().map(|(_, value)| value).collect();

        assert_eq!(values, ["%FF", "%FE", "%FE", "caf%E9"]);
    }

    #[test]
    fn a_segment_keeps_its_slash_and_its_plus() {
        assert_eq!(decode_segment("a%2Fb+c").as_deref(), Some("a/b+c"));
        assert_eq!(decode_segment("%FF"), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in any::<String>()) {
            let encoded = encode_segment(&text);
            assert_eq!(decode_segment(&encoded).as_deref(), Some(text.as_str()));
        }

        #[test]
        fn decoding_never_panics(bytes in any::<Vec<u8>>()) {
            decode_form(&bytes);
        }
    }
}
