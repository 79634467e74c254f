//! Reads JSON text in its usual form, and leaves any other text to `serde_json`.
//!
//! Half of the cost of a condition on a body is reading the body, and most of it is not needed: [`skip`](super::skip) skips
//! it. The result is exactly that of `serde_json`. Text that `serde_json` refuses is also refused here, without a reason.

use super::members::keep_last;
use super::number::Number;
use super::projection::Projection;
use super::serde_reader::add;
use super::skip::{
    MAX_DIGITS, plain_end, plain_name_end, skip_colon, skip_plain_number, skip_space, skip_value, skip_word,
    unusual_name, unusual_number, unusual_string,
};
use super::value::Json;

/// Reads one JSON value and nothing after it, and keeps only the needed values; `None` if `serde_json` must read the text.
pub(super) fn read(text: &[u8], projection: &Projection) -> Option<Json> {
    let reader = Reader { text: std::str::from_utf8(text).ok()? };
    let (json, after) = reader.value(skip_space(text, 0), projection, MAX_LEVELS)?;
    (skip_space(text, after) == text.len()).then_some(json)
}

/// Reads a value at a place of the text, and returns where it ends.
struct Reader<'a> {
    text: &'a str,
}

/// Deeper texts are left to `serde_json`, which counts levels exactly.
const MAX_LEVELS: usize = 100;

impl Reader<'_> {
    /// Reads the value that starts at `at`, in which at most `levels` are open at once.
    fn value(&self, at: usize, projection: &Projection, levels: usize) -> Option<(Json, usize)> {
        let text = self.text.as_bytes();
        match text.get(at)? {
            b'"' => self.string(at, plain_end(text, at + 1)).map(|(string, after)| (Json::String(string), after)),
            b'{' => self.object(at + 1, projection, levels.checked_sub(1)?),
            b'[' => match projection {
                Projection::Whole => self.list(at + 1, levels.checked_sub(1)?),
                Projection::Members(_) => skip_value(text, at, levels).map(|after| (Json::Array(Vec::new()), after)),
            },
            b't' => skip_word(text, at, "true").map(|after| (Json::Bool(true), after)),
            b'f' => skip_word(text, at, "false").map(|after| (Json::Bool(false), after)),
            b'n' => skip_word(text, at, "null").map(|after| (Json::Null, after)),
            _ => number(text, at).map(|(number, after)| (Json::Number(number), after)),
        }
    }

    /// Reads the string that starts at `at`. If nothing in it is escaped, `plain` is the place of its closing quotation mark.
    fn string(&self, at: usize, plain: Option<usize>) -> Option<(String, usize)> {
        match plain {
            Some(end) => Some((self.text[at + 1..end].to_owned(), end + 1)),
            None => unusual_string(self.text.as_bytes(), at),
        }
    }

    /// Reads an object after its opening bracket.
    fn object(&self, inside: usize, projection: &Projection, levels: usize) -> Option<(Json, usize)> {
        let text = self.text.as_bytes();
        let mut members = Vec::new();
        let mut at = skip_space(text, inside);
        if text.get(at) == Some(&b'}') {
            return Some((Json::Object(members), at + 1));
        }
        loop {
            let name = at;
            let plain = plain_name_end(text, name);
            let (projection, after_name) = match plain {
                Some(end) => (projection.member(&text[name + 1..end]), end + 1),
                None => unusual_name(text, name).map(|(name, after)| (projection.member(name.as_bytes()), after))?,
            };
            let value = skip_colon(text, after_name)?;
            at = match projection {
                Some(projection) => {
                    let (json, after) = self.value(value, projection, levels)?;
                    let is_last = text.get(skip_space(text, after)) == Some(&b'}');
                    add(&mut members, (self.string(name, plain)?.0, json), is_last);
                    after
                }
                None => skip_value(text, value, levels)?,
            };
            at = skip_space(text, at);
            match text.get(at)? {
                b',' => at = skip_space(text, at + 1),
                b'}' => return Some((Json::Object(keep_last(members)), at + 1)),
                _ => return None,
            }
        }
    }

    /// Reads a list after its opening bracket, and keeps all of it.
    fn list(&self, inside: usize, levels: usize) -> Option<(Json, usize)> {
        let text = self.text.as_bytes();
        let mut items = Vec::new();
        let mut at = skip_space(text, inside);
        if text.get(at) == Some(&b']') {
            return Some((Json::Array(items), at + 1));
        }
        loop {
            let (item, after) = self.value(at, &Projection::Whole, levels)?;
            at = skip_space(text, after);
            add(&mut items, item, text.get(at) == Some(&b']'));
            match text.get(at)? {
                b',' => at = skip_space(text, at + 1),
                b']' => return Some((Json::Array(items), at + 1)),
                _ => return None,
            }
        }
    }
}

fn number(text: &[u8], at: usize) -> Option<(Number, usize)> {
    let written = skip_plain_number(text, at).map_or(&[][..], |after| &text[at..after]);
    let (negative, digits) = match written {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    // A negative zero is not a whole number for `serde_json`.
    let may_be_whole = (1..=MAX_DIGITS).contains(&digits.len()) && !(negative && digits == b"0");
    let add = |whole: i64, digit: &u8| digit.is_ascii_digit().then(|| whole * 10 + i64::from(digit - b'0'));
    match may_be_whole.then(|| digits.iter().try_fold(0, add)).flatten() {
        Some(whole) => Some((Number::from(if negative { -whole } else { whole }), at + written.len())),
        None => unusual_number(text, at),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_oneof, proptest};
    use proptest::sample::select;

    use super::*;
    use crate::model::json::serde_reader;

    /// Text that is often JSON: few pieces in any order.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"\"",
            "\"\\n\"",
            "\"\\u00e9\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\x\"",
            "\"é\"",
            "\"\u{1}\"",
            "0",
            "-0",
            "01",
            "-",
            "7",
            "1.",
            "1.5",
            "-0.0",
            "1e3",
            "1E+400",
            "0.1e-7",
            "1.2.3",
            "123456789012345678",
            "1234567890123456789",
            "18446744073709551616",
            "0.12345678901234567890",
            "true",
            "false",
            "null",
            "nul",
            " ",
            "\n",
            "\u{feff}",
            "$",
            "\"$serde_json::private::Number\"",
        ]);
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    /// JSON of any shape, with different white space.
    fn json() -> impl Strategy<Value = String> {
        let number = prop_oneof![
            any::<i64>().prop_map(|n| n.to_string()),
            any::<f64>().prop_map(|n| format!("{n:e}")),
            any::<f32>().prop_map(|n| n.to_string())
        ];
        let leaf = prop_oneof![
            number.prop_filter("JSON has no such numbers", |n| !n.contains(['N', 'i'])),
            any::<String>().prop_map(|text| Json::from(text).to_string()),
            select(vec!["true", "false", "null"]).prop_map(str::to_owned),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            let space = || select(vec!["", " ", "\n\t"]);
            let name = prop_oneof![select(vec!["a", "b"]).prop_map(str::to_owned), any::<String>()];
            let member = (name, space(), inner.clone())
                .prop_map(|(name, space, value)| format!("{}{space}:{value}", Json::from(name)));
            prop_oneof![
                (proptest::collection::vec(inner, 0..5), space())
                    .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(","))),
                (proptest::collection::vec(member, 0..5), space())
                    .prop_map(|(members, space)| format!("{space}{{{space}{}}}", members.join(&format!("{space},")))),
            ]
        })
    }

    fn some_of_it() -> impl Strategy<Value = Projection> {
        prop_oneof![
            proptest::strategy::Just(Projection::Whole),
            proptest::strategy::Just(Projection::NOTHING),
            proptest::strategy::Just(Projection::Whole.below("a")),
            proptest::strategy::Just(Projection::Whole.below("b").below("a")),
        ]
    }

    /// Renders a value exactly: -0.0 and 0.0 differ.
    fn debug_text(json: Option<Json>) -> String {
        format!("{json:?}")
    }

    #[test]
    fn scalars_at_the_edge_are_read_as_serde_reads_them() {
        for scalar in [
            "0",
            "-0",
            "00",
            "01",
            "-01",
            "-",
            "--1",
            "+1",
            "7",
            "1.",
            ".5",
            "1.5",
            "-0.0",
            "1.2.3",
            "1-2",
            "1e3",
            "1e",
            "1E+400",
            "123456789012345678",
            "999999999999999999",
            "1234567890123456789",
            "-9223372036854775808",
            "18446744073709551616",
            "0.12345678901234567890",
            "1.7976931348623157",
            "123456789012345678.123456789012345678",
            "true",
            "tru",
            "truee",
            "nul",
            "\"",
            "\"\\",
            "\"\\\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud83d\"",
            "\"\\ud83d\\ude00\"",
            "\"\u{1}\"",
            "\"\u{7f}\"",
            "\"é\\té\"",
            "",
            " ",
        ] {
            for text in [
                scalar.to_owned(),
                format!("[{scalar}]"),
                format!("{{\"a\":{scalar} }}"),
                format!("{{\"b\":{scalar}}}"),
            ] {
                for projection in [Projection::Whole, Projection::Whole.below("a"), Projection::NOTHING] {
                    let serde = serde_reader::read(text.as_bytes(), &projection).ok();
                    assert_eq!(debug_text(read(text.as_bytes(), &projection)), debug_text(serde), "{text}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_read_here_is_what_serde_reads(text in prop_oneof![pieces(), json()], projection in some_of_it()) {
            if let Some(read) = read(text.as_bytes(), &projection) {
                assert_eq!(debug_text(Some(read)), debug_text(serde_reader::read(text.as_bytes(), &projection).ok()), "{text}");
            }
        }

        #[test]
        fn reading_gives_the_value_that_serde_json_gives(text in prop_oneof![pieces(), json()]) {
            // A member of this name is a number as digits, as serde_json itself only has it with a feature.
            if !text.contains(serde_reader::ARBITRARY_PRECISION_KEY) {
                let read = Json::parse(text.as_bytes()).map(|json| json.to_serde());
                assert_eq!(read.ok(), serde_json::from_str::<serde_json::Value>(&text).ok(), "{text}");
            }
        }

        #[test]
        fn json_of_any_shape_is_read_here(text in json(), projection in some_of_it()) {
            assert!(read(text.as_bytes(), &projection).is_some(), "{text}");
        }
    }
}
