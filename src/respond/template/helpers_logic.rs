//! Helpers that compare. An absent value is null to them: it equals nothing but another, and is in no order.

use std::cmp::Ordering;

use handlebars::{JsonTruthy, JsonValue};

use crate::model::Json;

use super::call::{Call, Outcome, Spec, number_of, text_of};

pub(super) const HELPERS: &[Spec] = &[
    Spec::new("eq", 2, 2, |call| truth(equal(call.value(0), call.value(1)))).truth(),
    Spec::new("ne", 2, 2, |call| truth(!equal(call.value(0), call.value(1)))).truth(),
    Spec::new("gt", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_gt))).truth(),
    Spec::new("gte", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_ge))).truth(),
    Spec::new("lt", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_lt))).truth(),
    Spec::new("lte", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_le))).truth(),
    Spec::new("not", 1, 1, |call| truth(!call.value(0).is_truthy(false))).truth(),
    Spec::new("contains", 2, 2, contains).truth(),
    Spec::new("starts_with", 2, 2, |call| texts(call, |text, start| text.starts_with(start))).truth(),
    Spec::new("ends_with", 2, 2, |call| texts(call, |text, end| text.ends_with(end))).truth(),
];

fn truth(holds: bool) -> Outcome {
    Ok(Some(holds.into()))
}

/// The same JSON value; text beside a number or a boolean is what it reads as, since most of a request is text.
fn equal(a: &JsonValue, b: &JsonValue) -> bool {
    match (a, b) {
        (JsonValue::String(_), JsonValue::Number(_)) | (JsonValue::Number(_), JsonValue::String(_)) => {
            number_of(a).zip(number_of(b)).is_some_and(|(a, b)| a.same(&b))
        }
        (JsonValue::String(text), JsonValue::Bool(truth)) | (JsonValue::Bool(truth), JsonValue::String(text)) => {
            *text == truth.to_string()
        }
        _ => Json::from_serde(a).same(&Json::from_serde(b)),
    }
}

/// Numbers, and text that reads as such, by their value; other text by its characters.
fn order(call: &Call<'_, '_>) -> Option<Ordering> {
    let (a, b) = (call.value(0), call.value(1));
    match (number_of(a), number_of(b)) {
        (Some(a), Some(b)) => Some(a.compare(&b)),
        _ => Some(a.as_str()?.cmp(b.as_str()?)),
    }
}

/// Whether a text holds another, or a list an item.
fn contains(call: &Call<'_, '_>) -> Outcome {
    match call.value(0) {
        JsonValue::Array(items) => truth(items.iter().any(|item| equal(item, call.value(1)))),
        _ => texts(call, |text, part| text.contains(part)),
    }
}

fn texts(call: &Call<'_, '_>, holds: impl Fn(&str, &str) -> bool) -> Outcome {
    let (value, part) = (call.value(0), call.text(1)?);
    truth(!value.is_null() && text_of(value).is_some_and(|text| holds(&text, &part)))
}
