//! Helpers for bytes, which templates represent as hexadecimal digits.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::respond::fault::quoted;

use super::call::{Call, HelperSpec};
use super::failure::{Failure, wrong};
use super::helpers_text::text;
use super::value::Evaluated;

pub(super) const HELPERS: &[HelperSpec] = &[
    HelperSpec::new("hex", 1, 1, |call| text(to_hex(call.text(0)?.as_bytes()))),
    HelperSpec::new("unhex", 1, 1, |call| decoded(from_hex(call, 0)?)),
    HelperSpec::new("base64", 1, 1, |call| text(STANDARD.encode(call.text(0)?.as_bytes()))),
    HelperSpec::new("base64_decode", 1, 1, base64_decode),
    HelperSpec::new("base64url", 1, 1, |call| text(URL_SAFE_NO_PAD.encode(from_hex(call, 0)?))),
    HelperSpec::new("reorder", 2, 2, reorder),
];

pub(super) fn to_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    hex.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
    hex
}

fn from_hex(call: &Call<'_>, place: usize) -> Result<Vec<u8>, Failure> {
    let source = call.text(place)?;
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(source.len() / 2);
    for pair in source.as_bytes().chunks(2) {
        match pair {
            [high, low] if let (Some(high), Some(low)) = (digit(high), digit(low)) => bytes.push(high << 4 | low),
            _ => return Err(call.not_a(place, "bytes as pairs of hexadecimal digits")),
        }
    }
    Ok(bytes)
}

fn decoded(bytes: Vec<u8>) -> Evaluated<'static> {
    text(String::from_utf8(bytes).map_err(|_| wrong("the bytes are not UTF-8"))?)
}

/// Reads both alphabets, with padding or without.
fn base64_decode(call: &Call<'_>) -> Evaluated<'static> {
    let source = call.text(0)?;
    let one_alphabet = source.trim_end_matches('=').replace('+', "-").replace('/', "_");
    decoded(URL_SAFE_NO_PAD.decode(one_alphabet).map_err(|_| call.not_a(0, "base64"))?)
}

/// Selects bytes by their indices, counted from 0.
fn reorder(call: &Call<'_>) -> Evaluated<'static> {
    let (bytes, places) = (from_hex(call, 0)?, call.text(1)?);
    let picked: Result<Vec<u8>, Failure> = places
        .split_whitespace()
        .map(|place| {
            let byte = place.parse::<usize>().ok().and_then(|place| bytes.get(place)).copied();
            byte.ok_or_else(|| wrong(format!("there is no byte {} among {}", quoted(place), bytes.len())))
        })
        .collect();
    text(to_hex(&picked?))
}
