//! Media types, and the media types that a client accepts.

use std::borrow::Cow;

use super::charset;

/// A media type such as `application/json; charset=utf-8` (RFC 9110 §8.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// Type and subtype in lower case, without parameters.
    pub essence: Cow<'static, str>,
    /// Parameters, names in lower case.
    pub parameters: Vec<(String, String)>,
}

/// Frequent media types, which need no allocation.
const COMMON: [&str; 3] = ["application/json", "application/xml", "text/xml"];

impl MediaType {
    /// Parses a media type. Any text before the parameters is valid if it is not empty.
    pub fn parse(text: &str) -> Option<MediaType> {
        if let Some(known) = COMMON.iter().find(|known| **known == text) {
            return Some(MediaType { essence: Cow::Borrowed(known), parameters: Vec::new() });
        }
        let pieces = split_outside_quotes(text, b';');
        let essence = pieces[0].trim().to_ascii_lowercase();
        if essence.is_empty() {
            return None;
        }
        let parameters = pieces[1..]
            .iter()
            .filter_map(|piece| piece.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), unquote(value.trim())))
            .collect();
        Some(MediaType { essence: Cow::Owned(essence), parameters })
    }

    /// Returns whether it is `application/json`, `text/json` or ends with `+json` (RFC 6839).
    pub fn is_json(&self) -> bool {
        self.essence.ends_with("/json") || self.essence.ends_with("+json")
    }

    /// Returns whether it is `application/xml`, `text/xml` or ends with `+xml` (RFC 7303).
    pub fn is_xml(&self) -> bool {
        self.essence.ends_with("/xml") || self.essence.ends_with("+xml")
    }

    /// Returns whether it is `application/x-www-form-urlencoded`.
    pub fn is_form(&self) -> bool {
        self.essence == "application/x-www-form-urlencoded"
    }

    /// Returns whether it is `multipart/form-data` (RFC 7578) or another `multipart` type.
    pub fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }

    /// Returns a parameter by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Returns the charset that the value of a Content-Type header names.
pub(crate) fn charset_of(content_type: &str) -> Option<String> {
    // Most have no charset, and are not parsed.
    let mut words = content_type.as_bytes().windows("charset".len());
    words.find(|word| word.eq_ignore_ascii_case(b"charset"))?;
    MediaType::parse(content_type)?.parameter("charset").map(str::to_owned)
}

/// Decodes a body whose Content-Type has this value, if all of it can be decoded.
pub(crate) fn strict_text<'b>(body: &'b [u8], content_type: Option<&str>) -> Option<Cow<'b, str>> {
    strict_charset_text(body, content_type.and_then(charset_of).as_deref())
}

/// Decodes a body in this charset, if all of it can be decoded.
pub(crate) fn strict_charset_text<'b>(body: &'b [u8], charset: Option<&str>) -> Option<Cow<'b, str>> {
    charset::strict_text(body, charset).ok()
}

/// One range of an Accept header with its weight in thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The media range. Its essence may be `*/*` or `application/*`.
    pub range: MediaType,
    /// The weight from 0 (not acceptable) to 1000.
    pub quality: u16,
}

impl Accepted {
    /// Returns whether the range is a single media type, without a wildcard.
    pub fn is_concrete(&self) -> bool {
        !self.range.essence.contains('*')
    }
}

/// Parses the values of an Accept or Accept-Encoding header. The ranges keep their order (RFC 9110 §12.5.1).
pub fn accepted<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Accepted> {
    let mut ranges = Vec::new();
    for value in values {
        for piece in split_outside_quotes(value, b',') {
            if let Some(range) = MediaType::parse(piece) {
                let quality = range.parameter("q").map_or(1000, thousandths);
                ranges.push(Accepted { range, quality });
            }
        }
    }
    ranges
}

/// Parses a weight. A weight that is not valid counts as 1, as if it were missing.
fn thousandths(quality: &str) -> u16 {
    match quality.parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u16,
        _ => 1000,
    }
}

/// Splits at an ASCII separator outside of quoted strings.
pub(crate) fn split_outside_quotes(text: &str, separator: u8) -> Vec<&str> {
    if !text.as_bytes().contains(&b'"') {
        return text.split(char::from(separator)).collect();
    }
    let (mut pieces, mut from) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => {
                pieces.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[from..]);
    pieces
}

/// Returns the text of a token or a quoted string (RFC 9110 §5.6.4).
pub(crate) fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        plain.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_may_be_quoted() {
        let parsed = MediaType::parse(r#"Multipart/Form-Data; Boundary="a;\"b" ; x=y"#).expect("a type");

        assert_eq!(parsed.essence, "multipart/form-data");
        assert_eq!(parsed.parameter("boundary"), Some(r#"a;"b"#));
        assert_eq!(parsed.parameter("x"), Some("y"));
    }

    #[test]
    fn an_accept_header_keeps_its_weights() {
        let ranges = accepted(["text/html, application/xml;q=0.9", "*/*;q=0.8, a/b;q=7"].into_iter());

        let weights: Vec<_> = ranges.iter().map(|r| (&*r.range.essence, r.quality)).collect();
        assert_eq!(weights, [("text/html", 1000), ("application/xml", 900), ("*/*", 800), ("a/b", 1000)]);
    }

    #[test]
    fn structured_suffixes_count() {
        assert!(MediaType::parse("application/problem+json").is_some_and(|t| t.is_json()));
        assert!(MediaType::parse("application/atom+xml; charset=utf-8").is_some_and(|t| t.is_xml()));
        assert!(!MediaType::parse("application/jsonlines").is_some_and(|t| t.is_json()));
    }
}
