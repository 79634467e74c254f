//! Helpers for text.

use std::borrow::Cow;

use crate::matching::compile_regex;
use crate::message::{decode_segment, encode_segment};
use crate::model::Json;
use crate::respond::charge;
use crate::respond::fault::quoted;
use crate::respond::value_ref::leaf_text;
use crate::respond::xml;

use super::call::{Call, HelperSpec};
use super::failure::wrong;
use super::value::{Evaluated, TemplateValue};

pub(super) const HELPERS: &[HelperSpec] = &[
    HelperSpec::new("upper", 1, 1, |call| text(call.text(0)?.to_uppercase())),
    HelperSpec::new("lower", 1, 1, |call| text(call.text(0)?.to_lowercase())),
    HelperSpec::new("capitalize", 1, 1, |call| text(capitalized(&call.text(0)?))),
    HelperSpec::new("trim", 1, 1, |call| text(call.text(0)?.trim())),
    HelperSpec::new("replace", 3, 3, |call| replaced(&call.text(0)?, &call.text(1)?, &call.text(2)?)),
    HelperSpec::new("remove", 2, 2, |call| replaced(&call.text(0)?, &call.text(1)?, "")),
    HelperSpec::new("substring", 2, 3, substring),
    HelperSpec::new("concat", 1, usize::MAX, concat),
    HelperSpec::new("join", 1, 2, join).looks_inside(),
    HelperSpec::new("split", 2, 2, split),
    HelperSpec::new("length", 1, 1, length).looks_inside(),
    HelperSpec::new("len", 1, 1, length).looks_inside(),
    HelperSpec::new("pad", 2, 2, pad).with(&["with", "side"]),
    HelperSpec::new("capture", 2, 3, capture).pattern(is_pattern),
    HelperSpec::new("url_encode", 1, 1, |call| text(encode_segment(&call.text(0)?))),
    HelperSpec::new("url_decode", 1, 1, url_decode),
    HelperSpec::new("xml_escape", 1, 1, |call| text(xml::escape_anywhere(&call.text(0)?))),
];

/// Returns a text as a value, and charges its bytes.
pub(super) fn text(text: impl Into<String>) -> Evaluated<'static> {
    let text = text.into();
    charge::bytes(text.len())?;
    charged(text)
}

/// Returns a text as a value whose bytes were already charged.
pub(super) fn charged(text: String) -> Evaluated<'static> {
    Ok(Some(TemplateValue::Text(Cow::Owned(text))))
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Charges the result before it is allocated, because replacing many short texts by a long one could exceed the memory.
fn replaced(source: &str, from: &str, to: &str) -> Evaluated<'static> {
    if from.is_empty() {
        return text(source);
    }
    let found = source.matches(from).count();
    charge::bytes((source.len() - found * from.len()).saturating_add(found.saturating_mul(to.len())))?;
    charged(source.replace(from, to))
}

/// Returns the characters from one index up to another. Negative indices count from the end.
fn substring(call: &Call<'_>) -> Evaluated<'static> {
    let source = call.text(0)?;
    let length = source.chars().count();
    let place = |at: i64| {
        let from_end = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
        if at < 0 { length.saturating_sub(from_end) } else { from_end.min(length) }
    };
    let from = place(call.integer(1)?);
    let to = if call.count() > 2 { place(call.integer(2)?) } else { length };
    text(source.chars().skip(from).take(to.saturating_sub(from)).collect::<String>())
}

fn concat(call: &Call<'_>) -> Evaluated<'static> {
    let mut joined = String::new();
    for place in 0..call.count() {
        let piece = call.text(place)?;
        charge::bytes(piece.len())?;
        joined.push_str(&piece);
    }
    charged(joined)
}

fn join(call: &Call<'_>) -> Evaluated<'static> {
    let items = call.present(0)?.items().ok_or_else(|| call.not_a(0, "a list"))?;
    let separator = if call.count() > 1 { call.text(1)? } else { Cow::Borrowed(",") };
    let mut joined = String::new();
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            charge::text(&separator)?;
            joined.push_str(&separator);
        }
        match leaf_text(item) {
            Some(piece) => {
                charge::text(&piece)?;
                joined.push_str(&piece);
            }
            None => joined.push_str(&charge::json_text(item)?),
        }
    }
    charged(joined)
}

fn split(call: &Call<'_>) -> Evaluated<'static> {
    let (source, separator) = (call.text(0)?, call.text(1)?);
    if separator.is_empty() {
        return Err(wrong("`split` needs a separator that is not empty"));
    }
    let mut pieces = Vec::new();
    for piece in source.split(separator.as_ref()) {
        charge::steps(1)?;
        pieces.push(Json::String(charge::copy_of_text(piece)?));
    }
    Ok(Some(TemplateValue::from_owned(pieces)))
}

/// Returns the number of characters of a text, items of a list, or members of an object.
fn length(call: &Call<'_>) -> Evaluated<'static> {
    let value = call.present(0)?;
    let length = match (value.length()?, &*value.json()) {
        (Some(length), _) => length,
        (None, Json::Object(members)) => members.len(),
        (None, _) => call.text(0)?.chars().count(),
    };
    Ok(Some(TemplateValue::from_owned(length)))
}

fn pad(call: &Call<'_>) -> Evaluated<'static> {
    const WIDEST: i64 = 64 * 1024;
    let (source, width) = (call.text(0)?, call.integer(1)?);
    let filler = call.option("with")?.unwrap_or(Cow::Borrowed(" "));
    if filler.is_empty() || width > WIDEST {
        return Err(wrong(format!("`pad` needs something to pad with, and pads to at most {WIDEST} characters")));
    }
    let missing = usize::try_from(width).unwrap_or(0).saturating_sub(source.chars().count());
    let padding: String = filler.chars().cycle().take(missing).collect();
    match call.option("side")?.as_deref() {
        None | Some("left") => text(padding + &source),
        Some("right") => text(source.into_owned() + &padding),
        Some(other) => Err(wrong(format!("`pad` knows the sides `left` and `right`, not {}", quoted(other)))),
    }
}

/// Returns the capture of a pattern's first group, or of a named one; `None` if the pattern does not match.
fn capture(call: &Call<'_>) -> Evaluated<'static> {
    let (source, pattern) = (call.text(0)?, call.text(1)?);
    let pattern = call.rendering.pattern(&pattern)?.map_err(|why| wrong(not_a_pattern(&pattern, &why)))?;
    // A pattern may take a hundred nanoseconds for each byte.
    charge::steps(source.len() / 4)?;
    let Some(groups) = pattern.groups(&source) else {
        return Ok(None);
    };
    let place = match call.count() {
        3.. => {
            let name = call.text(2)?;
            let named = |_| pattern.group_names().iter().position(|group| *group == Some(&*name));
            name.parse().map_or_else(named, Some)
        }
        _ => Some(usize::from(groups.len() > 1)),
    };
    match place.and_then(|place| groups.get(place).copied().flatten()) {
        Some(group) => text(group),
        None => Ok(None),
    }
}

fn is_pattern(text: &str) -> Result<(), String> {
    compile_regex(&text.into(), false).map(|_| ()).map_err(|why| not_a_pattern(text, &why))
}

fn not_a_pattern(text: &str, why: &str) -> String {
    format!("{} is not a regular expression: {why}", quoted(text))
}

/// Decodes a text like a path segment: `+` stays a plus.
fn url_decode(call: &Call<'_>) -> Evaluated<'static> {
    let source = call.text(0)?;
    match decode_segment(&source) {
        Some(decoded) => text(decoded),
        None => Err(wrong(format!("{} does not decode to UTF-8", quoted(&source)))),
    }
}
