//! Escapes characters that a terminal obeys or hides, so that an untrusted text is safe to show.
//!
//! These are the control characters (C0, DEL and C1), the bidirectional controls, and the line and paragraph separators.
//! Each is shown as Rust writes it, such as `\u{1b}`. Only values are passed through here, never the colours that
//! Cannery adds itself.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns whether a terminal obeys or hides this character instead of showing it.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Escapes a value for a single line. Line ends and tabs are escaped too, as `\n`, `\r` and `\t`.
///
/// ```
/// use cannery::message::visible;
///
/// assert_eq!(visible("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false, rust)
}

/// Escapes a text of several lines, which keeps its line ends and tabs.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| matches!(c, '\n' | '\t'), rust)
}

/// Returns JSON text of the same value, in which these characters are `\uXXXX` escapes. Line ends and tabs of the layout
/// stay.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    // JSON does not allow these characters outside of strings, so each is in a string.
    escaped(
        json,
        |c| matches!(c, '\n' | '\r' | '\t'),
        |c, shown| {
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        },
    )
}

/// Escapes a text like [`visible_lines`], but keeps colours.
///
/// An untrusted text must be escaped before it is put between colours. This is for whole texts, such as the explanation
/// that another server has sent.
pub fn visible_coloured(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return visible_lines(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut parts = text.split('\u{1b}');
    shown.push_str(&visible_lines(parts.next().unwrap_or_default()));
    for part in parts {
        shown.push_str(if is_colour(part) { "\u{1b}" } else { "\\u{1b}" });
        shown.push_str(&visible_lines(part));
    }
    Cow::Owned(shown)
}

/// Returns whether the text after an escape character makes it a colour: `[`, digits and semicolons, `m`.
fn is_colour(after_escape: &str) -> bool {
    let Some(codes) = after_escape.strip_prefix('[') else { return false };
    codes.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
}

fn rust(c: char, shown: &mut String) {
    shown.extend(c.escape_default());
}

fn escaped(text: &str, stays: impl Fn(char) -> bool, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if !may_be_unsafe(text) || !text.chars().any(|c| is_unsafe(c) && !stays(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) && !stays(c) {
            escape(c, &mut shown);
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Returns whether a text may have an unsafe character, by its first byte. All bytes are tested, so that this compiles to
/// vector instructions.
fn may_be_unsafe(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| {
        found | (byte < 0x20) | (byte == 0x7f) | (byte == 0xc2) | (byte == 0xd8) | (byte == 0xe2)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    const UNSAFE: [char; 19] = [
        '\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{80}', '\u{9b}', '\u{9f}', '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}',
        '\u{2029}', '\u{202a}', '\u{202c}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    ];

    #[test]
    fn every_character_that_a_terminal_obeys_is_shown_by_its_number() {
        for c in UNSAFE {
            let text = format!("a{c}b");
            let shown = format!("a\\u{{{:x}}}b", u32::from(c));
            assert_eq!(visible(&text), shown);
            assert_eq!(visible_lines(&text), shown);
            assert_eq!(visible_coloured(&text), shown);
        }
    }

    #[test]
    fn a_line_end_stays_only_where_lines_are_shown() {
        assert_eq!(visible("a\r\n\tb"), "a\\r\\n\\tb");
        assert_eq!(visible_lines("a\r\n\tb"), "a\\r\n\tb");
    }

    #[test]
    fn letters_of_any_script_stay() {
        let text = "é ß Ж 漢 مرحبا 👋 \u{ad}\u{200d}";
        assert_eq!(visible(text), text);
    }

    #[test]
    fn colours_stay_and_other_escapes_do_not() {
        let text = "\u{1b}[32mok\u{1b}[0m \u{1b}[1;31mno\u{1b}[m \u{1b}[2J\u{1b}]0;x\u{7}\u{1b}";
        let shown = "\u{1b}[32mok\u{1b}[0m \u{1b}[1;31mno\u{1b}[m \\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{1b}";
        assert_eq!(visible_coloured(text), shown);
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left_and_json_stays_the_same_value(text in any::<String>(), place in 0..UNSAFE.len()) {
            let text = format!("{text}{}", UNSAFE[place]);

            assert!(!visible(&text).chars().any(is_unsafe));
            let json = serde_json::to_string(&text).expect("a string");
            let shown = visible_json(&json).into_owned();
            assert!(!shown.chars().any(is_unsafe));
            assert_eq!(serde_json::from_str::<String>(&shown).expect("JSON"), text);
        }
    }
}
