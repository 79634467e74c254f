//! Reads JSON text that is written as nearly all is, and leaves the rest to `serde_json`.
//!
//! Half of what a condition on a body costs is reading it, and most of that is what nobody asks for, which
//! [`json_skip`](super::json_skip) goes past. What is read here is what `serde_json` reads; what it would refuse is none of this reader's business.

use std::borrow::Cow;

use super::json_serde::{NUMBER_IN_A_MAP, keep_last};
use super::json_skip::{FEW_DIGITS, other_number, past_plain_number, past_quoted, past_space, past_value, unescaped};
use super::{Json, Number, Wanted};

/// Reads one JSON value and nothing after it, and keeps of it what is asked for; `None` where `serde_json` has to say what
/// it is.
pub(super) fn read(text: &[u8], wanted: &Wanted) -> Option<Json> {
    let text = std::str::from_utf8(text).ok()?;
    let mut reader = Reader { text, rest: text.as_bytes(), level: 0 };
    let json = reader.value(wanted)?;
    reader.next().is_none().then_some(json)
}

struct Reader<'a> {
    text: &'a str,
    /// What is left of the text.
    rest: &'a [u8],
    /// How many lists and objects are open.
    level: usize,
}

/// Deeper than this the other reader counts levels.
const MOST_LEVELS: usize = 100;

impl<'a> Reader<'a> {
    /// The next byte that is not white space, which stays the next one.
    fn next(&mut self) -> Option<u8> {
        self.rest = past_space(self.rest);
        self.rest.first().copied()
    }

    /// Takes the next byte that is not white space.
    fn take(&mut self) -> Option<u8> {
        let (byte, after) = past_space(self.rest).split_first()?;
        self.rest = after;
        Some(*byte)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(word.as_bytes())?;
        Some(())
    }

    fn value(&mut self, wanted: &Wanted) -> Option<Json> {
        Some(match self.next()? {
            b'{' => {
                let mut members = Vec::new();
                self.between(b'}', |reader| {
                    let name = reader.name()?;
                    match wanted.member(&name) {
                        Some(wanted) => {
                            members.push((name.into_owned(), reader.value(wanted)?));
                            Some(())
                        }
                        None => reader.pass_over(),
                    }
                })?;
                Json::Object(keep_last(members))
            }
            b'[' => {
                let mut items = Vec::new();
                match wanted {
                    Wanted::Whole => self.between(b']', |reader| {
                        items.push(reader.value(wanted)?);
                        Some(())
                    })?,
                    Wanted::Members(_) => self.pass_over()?,
                }
                Json::Array(items)
            }
            b'"' => Json::String(self.string()?.into_owned()),
            b't' => self.word("true").map(|()| Json::Bool(true))?,
            b'f' => self.word("false").map(|()| Json::Bool(false))?,
            b'n' => self.word("null").map(|()| Json::Null)?,
            _ => Json::Number(self.number()?),
        })
    }

    fn pass_over(&mut self) -> Option<()> {
        self.rest = past_value(self.rest, MOST_LEVELS - self.level)?;
        Some(())
    }

    /// The name of a member, with the colon after it.
    fn name(&mut self) -> Option<Cow<'a, str>> {
        self.next()?;
        let name = self.string()?;
        (self.take()? == b':' && name != NUMBER_IN_A_MAP).then_some(name)
    }

    /// What stands between the bracket that is next and the one that closes it, apart by commas.
    fn between(&mut self, end: u8, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take()?;
        self.level += 1;
        if self.level > MOST_LEVELS {
            return None;
        }
        if self.next()? == end {
            self.take()?;
        } else {
            loop {
                each(self)?;
                match self.take()? {
                    b',' => {}
                    byte if byte == end => break,
                    _ => return None,
                }
            }
        }
        self.level -= 1;
        Some(())
    }

    /// The string whose quotation mark is next.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let quoted = self.rest;
        let (plain, after) = past_quoted(quoted)?;
        self.rest = after;
        let place = |rest: &[u8]| self.text.len() - rest.len();
        match plain {
            true => Some(Cow::Borrowed(&self.text[place(quoted) + 1..place(after) - 1])),
            false => unescaped(quoted, after).map(Cow::Owned),
        }
    }

    fn number(&mut self) -> Option<Number> {
        let rest = self.rest;
        let written = past_plain_number(rest).map_or(&[][..], |after| &rest[..rest.len() - after.len()]);
        let (negative, digits) = match written {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        // A zero with a sign is not a whole number to `serde_json`.
        let may_be_whole = (1..=FEW_DIGITS).contains(&digits.len()) && !(negative && digits == b"0");
        let add = |whole: i64, digit: &u8| digit.is_ascii_digit().then(|| whole * 10 + i64::from(digit - b'0'));
        let (number, after) = match may_be_whole.then(|| digits.iter().try_fold(0, add)).flatten() {
            Some(whole) => (Number::from(if negative { -whole } else { whole }), &rest[written.len()..]),
            None => other_number(rest)?,
        };
        self.rest = after;
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_oneof, proptest};
    use proptest::sample::select;

    use super::*;
    use crate::model::json_serde;

    /// Text that is often JSON: its pieces in any order, few of them, so that they come in one that is.
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

    /// JSON of any shape, laid out in two ways.
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

    fn some_of_it() -> impl Strategy<Value = Wanted> {
        prop_oneof![
            proptest::strategy::Just(Wanted::Whole),
            proptest::strategy::Just(Wanted::NOTHING),
            proptest::strategy::Just(Wanted::Whole.below("a")),
            proptest::strategy::Just(Wanted::Whole.below("b").below("a")),
        ]
    }

    /// Equal to the last bit: -0.0 and 0.0 are told apart.
    fn told(json: Option<Json>) -> String {
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
                for wanted in [Wanted::Whole, Wanted::Whole.below("a"), Wanted::NOTHING] {
                    let serde = json_serde::read(text.as_bytes(), &wanted).ok();
                    assert_eq!(told(read(text.as_bytes(), &wanted)), told(serde), "{text}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_read_here_is_what_serde_reads(text in prop_oneof![pieces(), json()], wanted in some_of_it()) {
            if let Some(read) = read(text.as_bytes(), &wanted) {
                assert_eq!(told(Some(read)), told(json_serde::read(text.as_bytes(), &wanted).ok()), "{text}");
            }
        }

        #[test]
        fn json_of_any_shape_is_read_here(text in json(), wanted in some_of_it()) {
            assert!(read(text.as_bytes(), &wanted).is_some(), "{text}");
        }
    }
}
