//! Helpers for random values, which are the same for the same seed.

use std::borrow::Cow;

use crate::model::{Json, Number};
use crate::respond::charge;

use super::call::{Call, HelperSpec};
use super::failure::wrong;
use super::helpers_text::text;
use super::value::{Evaluated, TemplateValue};

pub(super) const HELPERS: &[HelperSpec] = &[
    HelperSpec::new("random_uuid", 0, 0, uuid),
    HelperSpec::new("random_int", 2, 2, int),
    HelperSpec::new("random_float", 0, 2, float),
    HelperSpec::new("random_string", 1, 1, string).with(&["alphabet"]),
    HelperSpec::new("random_choice", 1, usize::MAX, choice).looks_inside(),
];

/// Returns a UUID of version 4 (RFC 9562 §5.4).
fn uuid(call: &Call<'_>) -> Evaluated<'static> {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    let drawn = call.rendering.random().u128(..);
    let digits = format!("{:032x}", drawn & !VERSION & !VARIANT | 4 << 76 | 0b10 << 62);
    text(format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]))
}

/// Returns a whole number between two, inclusive.
fn int(call: &Call<'_>) -> Evaluated<'static> {
    let (least, most) = (call.integer(0)?, call.integer(1)?);
    if least > most {
        return Err(wrong(format!("`random_int` needs the smaller number first, not {least} before {most}")));
    }
    Ok(Some(TemplateValue::from_owned(call.rendering.random().i64(least..=most))))
}

/// Returns a number from 0 up to 1, or between two.
fn float(call: &Call<'_>) -> Evaluated<'static> {
    let bound = |place: usize, default: f64| match place < call.count() {
        true => {
            let read = call.text(place)?.trim().parse::<f64>().ok().filter(|bound| bound.is_finite());
            read.ok_or_else(|| call.not_a(place, "a finite number"))
        }
        false => Ok(default),
    };
    let (least, most) = (bound(0, 0.0)?, bound(1, 1.0)?);
    let part = call.rendering.random().f64();
    let drawn = match most - least {
        span if span.is_finite() => least + span * part,
        // The difference of the bounds overflows.
        _ => least * (1.0 - part) + most * part,
    };
    Ok(Some(TemplateValue::from_owned(Json::Number(Number::Float(drawn)))))
}

fn string(call: &Call<'_>) -> Evaluated<'static> {
    const LETTERS_AND_DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const LONGEST: i64 = 1024 * 1024;
    let length = call.integer(0)?;
    let alphabet: Vec<char> = call.option("alphabet")?.unwrap_or(Cow::Borrowed(LETTERS_AND_DIGITS)).chars().collect();
    if alphabet.is_empty() || !(0..=LONGEST).contains(&length) {
        return Err(wrong(format!("`random_string` needs an alphabet, and draws up to {LONGEST} characters")));
    }
    charge::steps(usize::try_from(length).unwrap_or_default())?;
    let mut random = call.rendering.random();
    text((0..length).map(|_| alphabet[random.usize(..alphabet.len())]).collect::<String>())
}

/// Returns one of its values, or an item of its only value if that is a list.
fn choice<'c>(call: &Call<'c>) -> Evaluated<'c> {
    if let (1, Some(items)) = (call.count(), call.present(0)?.items()) {
        if items.is_empty() {
            return Err(wrong("`random_choice` needs a list that is not empty"));
        }
        let place = call.rendering.random().usize(..items.len());
        return Ok(call.present(0)?.follow(&[place.to_string()])?);
    }
    let place = call.rendering.random().usize(..call.count());
    Ok(Some(call.present(place)?.copied()?))
}
