//! Helpers for numbers: exact if both are whole numbers, or else with doubles.

use crate::model::{Json, Number};

use super::call::{Call, HelperSpec};
use super::failure::{Failure, wrong};
use super::helpers_text::text;
use super::value::{Evaluated, TemplateValue};

pub(super) const HELPERS: &[HelperSpec] = &[
    HelperSpec::new("add", 2, usize::MAX, |call| fold(call, i128::checked_add, |a, b| a + b)),
    HelperSpec::new("subtract", 2, 2, |call| fold(call, i128::checked_sub, |a, b| a - b)),
    HelperSpec::new("multiply", 2, usize::MAX, |call| fold(call, i128::checked_mul, |a, b| a * b)),
    HelperSpec::new("divide", 2, 2, |call| fold(call, exact_quotient, |a, b| a / b)),
    HelperSpec::new("modulo", 2, 2, |call| fold(call, i128::checked_rem_euclid, f64::rem_euclid)),
    HelperSpec::new("round", 1, 1, |call| rounded(call, f64::round)),
    HelperSpec::new("floor", 1, 1, |call| rounded(call, f64::floor)),
    HelperSpec::new("ceil", 1, 1, |call| rounded(call, f64::ceil)),
    HelperSpec::new("format_number", 1, 1, format_number).with(&["decimals"]),
];

/// Folds the values from left to right. It continues with doubles when a result is not a whole number.
fn fold(call: &Call<'_>, whole: fn(i128, i128) -> Option<i128>, broken: fn(f64, f64) -> f64) -> Evaluated<'static> {
    let mut result = call.number(0)?;
    for place in 1..call.count() {
        let next = call.number(place)?;
        let exact = match (result, next) {
            (Number::Integer(a), Number::Integer(b)) => whole(a, b),
            _ => None,
        };
        result = match exact {
            Some(exact) => Number::Integer(exact),
            None => finite(broken(double(result), double(next)))?,
        };
    }
    formatted(result)
}

fn exact_quotient(a: i128, b: i128) -> Option<i128> {
    if a.checked_rem(b)? == 0 { a.checked_div(b) } else { None }
}

fn rounded(call: &Call<'_>, round: fn(f64) -> f64) -> Evaluated<'static> {
    formatted(match call.number(0)? {
        // Beyond this, a double has no fraction, so rounding does not change it.
        Number::Float(float) if float.abs() < 1e18 => Number::Integer(round(float) as i128),
        whole => whole,
    })
}

fn format_number(call: &Call<'_>) -> Evaluated<'static> {
    let (number, decimals) = (call.number(0)?, call.size_option("decimals")?.unwrap_or(2));
    if decimals > 20 {
        return Err(wrong("`format_number` writes at most 20 decimals"));
    }
    text(match number {
        Number::Integer(whole) if decimals == 0 => whole.to_string(),
        Number::Integer(whole) => format!("{whole}.{}", "0".repeat(decimals)),
        Number::Float(float) => format!("{float:.decimals$}"),
    })
}

fn double(number: Number) -> f64 {
    match number {
        Number::Integer(whole) => whole as f64,
        Number::Float(float) => float,
    }
}

fn finite(result: f64) -> Result<Number, Failure> {
    if result.is_finite() {
        Ok(Number::Float(result))
    } else {
        Err(wrong("the result is not a number: it divides by zero or is too large"))
    }
}

fn formatted(number: Number) -> Evaluated<'static> {
    Ok(Some(TemplateValue::from_owned(Json::Number(number))))
}
