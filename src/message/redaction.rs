//! Removes secret values from texts, in every form in which they may occur, also if the text was cut within one.

use std::borrow::Cow;

use crate::model::Json;

use super::secret::without_userinfo;
use super::{encode_segment, is_secret_parameter};

/// What replaces a secret.
const HIDDEN: &str = "...";

/// Shorter values are removed only in quotes, because they occur in any text.
const MIN_UNQUOTED: usize = 4;

/// The maximum length of a value that is searched for. If a text contains that much of a longer value, the rest of the text
/// is hidden.
pub(super) const MAX_VALUE: usize = 1024;

/// Longer texts are cut, because each value is searched for in the whole text.
pub(super) const MAX_TEXT: usize = 64 * 1024;

/// A value is recognised by this many bytes at its beginning, because texts may be cut.
const BEGINNING: usize = 8;

/// Removes secrets from texts.
#[derive(Debug, Default)]
pub struct Redaction {
    /// The forms of the secrets. The longest is first, because one may contain another.
    forms: Vec<SecretForm>,
    is_total: bool,
}

/// A form in which a value may occur in a text.
#[derive(Debug)]
struct SecretForm {
    text: String,
    /// The number of bytes by which it is recognised. A short value must occur whole, including its quotes.
    beginning: usize,
    /// The quotes in which it must be, if it is short.
    quote: Option<char>,
    /// Whether the value is longer than this form, so that nothing after it may be shown.
    is_cut: bool,
}

impl SecretForm {
    fn find_in(&self, text: &str, from: usize) -> Option<usize> {
        text[from..].find(&self.text[..self.beginning]).map(|at| from + at)
    }

    /// Returns the end of the value that begins at an offset.
    fn end_in(&self, text: &str, at: usize) -> usize {
        let same = text[at..].bytes().zip(self.text.bytes()).take_while(|(one, other)| one == other).count();
        if self.is_cut && same == self.text.len() {
            text.len()
        } else {
            at + text[at..].floor_char_boundary(same)
        }
    }
}

impl Redaction {
    /// Returns a redaction that removes these values in every form.
    pub(super) fn new(values: &[String]) -> Redaction {
        let mut forms: Vec<SecretForm> = values.iter().flat_map(|value| forms(value)).collect();
        forms.sort_unstable_by(|one, other| other.text.len().cmp(&one.text.len()).then(one.text.cmp(&other.text)));
        forms.dedup_by(|one, other| one.text == other.text);
        Redaction { forms, is_total: false }
    }

    /// Returns a redaction that replaces every text as a whole.
    pub(super) fn total() -> Redaction {
        Redaction { forms: Vec::new(), is_total: true }
    }

    /// Returns a text without these values, without user and password in URLs, and without the values of secret parameters in
    /// queries. `...` replaces them.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_total {
            return Cow::Borrowed("(redacted)");
        }
        let is_long = text.len() > MAX_TEXT;
        let text = without_pairs_in_text(&text[..text.floor_char_boundary(MAX_TEXT)]);
        let (mut shown, mut from) = (String::new(), 0);
        // The next occurrence of each form. It is searched again only after that, so that no part of a text is searched
        // twice.
        let mut places: Vec<Option<usize>> = self.forms.iter().map(|form| form.find_in(&text, 0)).collect();
        while let Some((at, end, form)) = self.next_of(&text, &places) {
            let quote = form.quote.map(String::from).unwrap_or_default();
            shown.extend([&text[from..at], &quote, HIDDEN, &quote]);
            from = end;
            for (place, form) in places.iter_mut().zip(&self.forms) {
                if place.is_some_and(|place| place < from) {
                    *place = form.find_in(&text, from);
                }
            }
        }
        let rest = &text[from..];
        match self.cut_at_end(rest) {
            Some(length) => shown.extend([&rest[..length], HIDDEN]),
            None if is_long => shown.extend([rest, HIDDEN]),
            None if from == 0 => return text,
            None => shown.push_str(rest),
        }
        Cow::Owned(shown)
    }

    /// Returns the first occurrence of a value, its end and its form. If several begin there, it is the longest.
    fn next_of(&self, text: &str, places: &[Option<usize>]) -> Option<(usize, usize, &SecretForm)> {
        let first = places.iter().flatten().min().copied()?;
        let there = self.forms.iter().zip(places).filter(|(_, place)| **place == Some(first));
        there.map(|(form, _)| (first, form.end_in(text, first), form)).max_by_key(|(_, end, _)| *end)
    }

    /// Returns the length of a text without the beginning of a value at its end, for texts that were cut inside a value.
    fn cut_at_end(&self, text: &str) -> Option<usize> {
        const MIN_BEGINNING: usize = 3;
        let cut = text.strip_suffix('"').unwrap_or(text);
        let cut = cut.strip_suffix(HIDDEN).unwrap_or(cut);
        let longest = self.forms.iter().filter(|form| form.quote.is_none()).filter_map(|form| {
            let mut lengths =
                (MIN_BEGINNING..form.beginning).rev().filter(|length| form.text.is_char_boundary(*length));
            lengths.find(|length| cut.ends_with(&form.text[..*length]))
        });
        longest.max().map(|length| cut.len() - length)
    }
}

/// Returns all forms in which a value may occur in a text.
fn forms(value: &str) -> Vec<SecretForm> {
    let beginning = &value[..value.floor_char_boundary(MAX_VALUE)];
    let percent = encode_segment(beginning);
    let in_quotes = |text: String| text[1..text.len() - 1].to_owned();
    let all = [
        beginning.to_owned(),
        percent.replace("%20", "+"),
        lower_hex(&percent),
        percent,
        in_quotes(Json::from(beginning).to_string()),
        in_quotes(format!("{beginning:?}")),
    ];
    let is_cut = beginning.len() < value.len();
    if value.len() < MIN_UNQUOTED {
        let quoted = |quote: char| {
            all.iter().map(move |form| format!("{quote}{form}{quote}")).map(move |text| SecretForm {
                beginning: text.len(),
                quote: Some(quote),
                is_cut,
                text,
            })
        };
        return ['"', '`', '\''].into_iter().flat_map(quoted).collect();
    }
    let form = |text: String| SecretForm { beginning: text.floor_char_boundary(BEGINNING), quote: None, is_cut, text };
    all.into_iter().map(form).collect()
}

/// Returns a text without user and password in URLs, and without the values of `name=value` if the name is a secret's.
fn without_pairs_in_text(text: &str) -> Cow<'_, str> {
    let text = without_userinfo(text);
    if !text.contains('=') {
        return text;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '%' | '+' | '[' | ']');
    let is_end = |c: char| matches!(c, '&' | ';' | '#' | '"' | '`' | '\'' | '<' | '>' | ')' | ',') || c.is_whitespace();
    let (mut shown, mut shown_to) = (String::new(), 0);
    for (equals, _) in text.match_indices('=') {
        let before = &text[shown_to.min(equals)..equals];
        let name = &before[before
            .rfind(|c| !is_name(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))..];
        let value = &text[equals + 1..];
        let value = &value[..value.find(is_end).unwrap_or(value.len())];
        if equals >= shown_to && !value.is_empty() && value != HIDDEN && is_secret_parameter(name) {
            shown.extend([&text[shown_to..=equals], HIDDEN]);
            shown_to = equals + 1 + value.len();
        }
    }
    if shown_to == 0 {
        return text;
    }
    shown.push_str(&text[shown_to..]);
    Cow::Owned(shown)
}

/// Returns a text with the hexadecimal digits of its percent-encoding in lower case.
fn lower_hex(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |whole, piece| {
        let (digits, rest) = piece.split_at(piece.len().min(2));
        format!("{whole}%{}{rest}", digits.to_ascii_lowercase())
    })
}
