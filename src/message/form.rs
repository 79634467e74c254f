//! The fields of a form, in the charset in which they were sent.

use encoding_rs::{Encoding, UTF_8};

use crate::budget::Exceeded;

use super::charset::{by_name, encoding_of_text};
use super::percent::decode_form_in;

/// The field by which a browser names the charset of a form (HTML, "naming form controls").
pub(super) const CHARSET_FIELD: &str = "_charset_";

/// Parses a form whose Content-Type has this charset. Percent-encoded bytes are in this charset, else in that of the field
/// `_charset_`, else in UTF-8. A form in UTF-16 is decoded as a whole first, because no byte of it is an `&`.
///
/// # Errors
/// If it has too many fields. A field takes a hundred bytes of memory, and may be a single byte of the body.
pub(super) fn parse(body: &[u8], charset: Option<&str>) -> Result<Vec<(String, String)>, Exceeded> {
    if memchr::memchr_iter(b'&', body).count() >= MAX_FIELDS {
        return Err(Exceeded::FormFields(MAX_FIELDS as u64));
    }
    Ok(fields(body, charset))
}

/// The maximum number of fields of a form.
const MAX_FIELDS: usize = 1_000_000;

fn fields(body: &[u8], charset: Option<&str>) -> Vec<(String, String)> {
    let (encoding, body) = encoding_of_text(body, charset);
    if !encoding.is_ascii_compatible() {
        let (text, _) = encoding.decode_without_bom_handling(body);
        return decode_form_in(text.as_bytes(), UTF_8);
    }
    let fields = decode_form_in(body, encoding);
    match (charset, named(&fields)) {
        (None, Some(named)) if named != encoding && named.is_ascii_compatible() => decode_form_in(body, named),
        _ => fields,
    }
}

fn named(fields: &[(String, String)]) -> Option<&'static Encoding> {
    let (_, name) = fields.iter().find(|(name, _)| name == CHARSET_FIELD)?;
    by_name(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_charset_of_the_type_comes_before_the_field() {
        assert_eq!(fields(b"a=caf%E9", Some("iso-8859-1")), pairs(&[("a", "café")]));
        assert_eq!(fields(b"a=caf\xE9", Some("iso-8859-1")), pairs(&[("a", "café")]));
        assert_eq!(fields(b"a=%83e&_charset_=Shift_JIS", None), pairs(&[("a", "テ"), ("_charset_", "Shift_JIS")]));
        assert_eq!(fields(b"a=%E9&_charset_=koi8-r", Some("latin1"))[0].1, "é");
        assert_eq!(fields(b"a=%E9&_charset_=x-mine", None)[0].1, "%E9");
        assert_eq!(fields(b"a=%C3%A9", Some("x-mine"))[0].1, "é");
    }

    #[test]
    fn a_form_in_utf16_is_decoded_first() {
        assert_eq!(fields(b"\xff\xfea\0=\0\xe9\0&\0b\0", None), pairs(&[("a", "é"), ("b", "")]));
        assert_eq!(fields(b"\0a\0=\0+", Some("utf-16")), pairs(&[("a", " ")]));
        assert_eq!(fields(b"\xef\xbb\xbfa=1", None), pairs(&[("a", "1")]));
    }
}
