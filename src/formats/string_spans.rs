//! Finds the bytes of a file that represent a part of a quoted string.

use std::ops::Range;

/// Returns the bytes of `raw` that represent `part` of `value`. `raw` is a string of TOML or JSON with its quotes.
///
/// Returns `None` if `raw` does not represent `value`.
pub(super) fn part_of_string(raw: &str, value: &str, part: &Range<usize>) -> Option<Range<usize>> {
    let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
    let has_escapes = raw.starts_with('"');
    let end = raw.len().checked_sub(quotes)?;
    let inner = raw.get(quotes..end)?;
    // A line break right after three quotes is not part of the string.
    let skipped = match quotes {
        3 if inner.starts_with('\n') => 1,
        3 if inner.starts_with("\r\n") => 2,
        _ => 0,
    };
    let mut at = quotes + skipped;
    let mut decoded = 0;
    let (mut from, mut to) = (None, None);
    while at < end {
        let rest = &raw[at..end];
        let (length, character) = match rest.chars().next()? {
            '\\' if has_escapes => escape(rest)?,
            '\r' if rest.starts_with("\r\n") && value[decoded..].starts_with('\n') => (2, Some('\n')),
            other => (other.len_utf8(), Some(other)),
        };
        if let Some(character) = character {
            if !value[decoded..].starts_with(character) {
                return None;
            }
            if decoded >= part.start {
                from = from.or(Some(at));
            }
            if decoded >= part.end {
                to = to.or(Some(at));
            }
            decoded += character.len_utf8();
            if decoded >= part.end {
                to = to.or(Some(at + length));
            }
        }
        at += length;
    }
    let from = from.unwrap_or(end);
    (decoded == value.len()).then(|| from..to.unwrap_or(end).max(from))
}

/// Returns the length of the escape at the beginning of a text and the character that it represents.
///
/// A backslash at the end of a line represents no character: it and the white space after it are left out.
fn escape(text: &str) -> Option<(usize, Option<char>)> {
    let character = match text.chars().nth(1)? {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        plain @ ('"' | '\\' | '/') => plain,
        'x' => return Some((4, char::from_u32(hex(text, 2)?))),
        'U' => return Some((10, char::from_u32(hex(text, 8)?))),
        'u' => {
            let unit = hex(text, 4)?;
            // JSON writes a character beyond U+FFFF as two surrogates.
            return match unit {
                0xD800..0xDC00 => {
                    let low = hex(text.get(6..).filter(|low| low.starts_with("\\u"))?, 4)?.checked_sub(0xDC00)?;
                    Some((12, char::from_u32(0x10000 + ((unit - 0xD800) << 10) + low)))
                }
                _ => Some((6, char::from_u32(unit))),
            };
        }
        _ => {
            let after = text[1..].trim_start_matches([' ', '\t', '\r', '\n']);
            return (after.len() < text.len() - 1).then_some((text.len() - after.len(), None));
        }
    };
    Some((2, Some(character)))
}

/// Returns the number after the two characters that begin an escape.
fn hex(escape: &str, digits: usize) -> Option<u32> {
    u32::from_str_radix(escape.get(2..2 + digits)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use toml::de::{DeTable, DeValue};

    use crate::model::Json;

    use super::*;

    fn part(raw: &str, value: &str, part: Range<usize>) -> Option<String> {
        part_of_string(raw, value, &part).map(|span| raw[span].to_owned())
    }

    /// The value that TOML gives a string.
    fn of_toml(raw: &str) -> String {
        let text = format!("a = {raw}");
        let table = DeTable::parse(&text).expect("TOML");
        match table.get_ref().iter().next().expect("a value").1.get_ref() {
            DeValue::String(text) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn escapes_and_line_breaks_are_counted_as_the_file_has_them() {
        for (raw, value, of, expected) in [
            ("'a\\b'", "a\\b", 1..2, "\\"),
            (r#""\"a\": {{x}}""#, "\"a\": {{x}}", 7..8, "x"),
            (r#""\u0041\U0001F600b""#, "A\u{1f600}b", 5..6, "b"),
            (r#""\x41b""#, "Ab", 0..1, "\\x41"),
            ("'''\na\nb'''", "a\nb", 2..3, "b"),
            ("\"\"\"\r\na\\\r\n   b\"\"\"", "ab", 1..2, "b"),
            ("'''\n'''", "", 0..0, ""),
        ] {
            assert_eq!(of_toml(raw), value);
            assert_eq!(part(raw, value, of).as_deref(), Some(expected), "{raw}");
        }
        assert_eq!(part(r#""\ud83d\ude00\/b""#, "\u{1f600}/b", 4..6).as_deref(), Some("\\/b"));
    }

    #[test]
    fn another_value_has_no_place() {
        assert_eq!(part("'a'", "b", 0..1), None);
        assert_eq!(part("'a'", "ab", 1..2), None);
        assert_eq!(part("\"\\q\"", "q", 0..1), None);
        assert_eq!(part("", "", 0..0), None);
    }

    proptest! {
        #[test]
        fn every_character_of_a_json_string_is_found(text in any::<String>()) {
            let raw = Json::from(text.as_str()).to_string();
            for (at, character) in text.char_indices() {
                let found = part(&raw, &text, at..at + character.len_utf8()).expect("its value");
                assert_eq!(Json::parse(format!("\"{found}\"").as_bytes()), Ok(Json::from(character.to_string())));
            }
        }
    }
}
