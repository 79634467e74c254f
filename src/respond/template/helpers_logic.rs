//! Helpers that compare. An absent value is null to them: it equals nothing but another, and is in no order.

use std::cmp::Ordering;

use crate::budget::Exceeded;
use crate::model::{Json, Number};
use crate::respond::charge;

use super::call::{Call, Spec};
use super::value::{Outcome, Value};

pub(super) const HELPERS: &[Spec] = &[
    Spec::new("eq", 2, 2, |call| truth(equal(call.value(0), call.value(1))?)).truth(),
    Spec::new("ne", 2, 2, |call| truth(!equal(call.value(0), call.value(1))?)).truth(),
    Spec::new("gt", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_gt))).truth(),
    Spec::new("gte", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_ge))).truth(),
    Spec::new("lt", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_lt))).truth(),
    Spec::new("lte", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_le))).truth(),
    Spec::new("and", 1, usize::MAX, |call| truth((0..call.count()).all(|place| call.value(place).is_truthy()))).truth(),
    Spec::new("or", 1, usize::MAX, |call| truth((0..call.count()).any(|place| call.value(place).is_truthy()))).truth(),
    Spec::new("not", 1, 1, |call| truth(!call.value(0).is_truthy())).truth(),
    Spec::new("contains", 2, 2, contains).truth().looks_inside(),
    Spec::new("starts_with", 2, 2, |call| texts(call, |text, start| text.starts_with(start))).truth(),
    Spec::new("ends_with", 2, 2, |call| texts(call, |text, end| text.ends_with(end))).truth(),
];

fn truth(holds: bool) -> Outcome<'static> {
    Ok(Some(Value::made(holds)))
}

/// The same JSON value; text beside a number or a boolean is what it reads as, since most of a request is text.
fn equal(a: &Value<'_>, b: &Value<'_>) -> Result<bool, Exceeded> {
    Ok(match (a, b) {
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Json(a), Value::Json(b)) => {
            charge::visit(a)?;
            charge::visit(b)?;
            a.same(b)
        }
        (Value::Text(text), Value::Json(json)) | (Value::Json(json), Value::Text(text)) => match &**json {
            Json::Number(number) => Number::parse(text).is_some_and(|read| read.same(number)),
            Json::Bool(truth) => **text == truth.to_string(),
            _ => false,
        },
    })
}

/// Numbers, and text that reads as such, by their value; other text by its characters.
fn order(call: &Call<'_>) -> Option<Ordering> {
    let (a, b) = (call.value(0), call.value(1));
    match (a, b) {
        (Value::Text(text), Value::Text(other)) if a.number().is_none() || b.number().is_none() => {
            Some(text.cmp(other))
        }
        _ => Some(a.number()?.compare(&b.number()?)),
    }
}

/// Whether a text holds another, or a list an item.
fn contains(call: &Call<'_>) -> Outcome<'static> {
    match call.value(0).items() {
        Some(items) => {
            for item in items {
                charge::steps(1)?;
                if equal(&Value::of(item), call.value(1))? {
                    return truth(true);
                }
            }
            truth(false)
        }
        None => texts(call, |text, part| text.contains(part)),
    }
}

fn texts(call: &Call<'_>, holds: impl Fn(&str, &str) -> bool) -> Outcome<'static> {
    let (value, part) = (call.value(0), call.text(1)?);
    truth(!value.is_null() && value.text().is_some_and(|text| holds(&text, &part)))
}
