//! Helpers that compare. An absent value is null, which equals only null and has no order.

use std::cmp::Ordering;

use crate::budget::Exceeded;
use crate::model::{Json, Number};
use crate::respond::charge;

use super::call::{Call, HelperSpec};
use super::value::{Evaluated, TemplateValue};

pub(super) const HELPERS: &[HelperSpec] = &[
    HelperSpec::new("eq", 2, 2, |call| truth(equal(call.value(0), call.value(1))?)).truth(),
    HelperSpec::new("ne", 2, 2, |call| truth(!equal(call.value(0), call.value(1))?)).truth(),
    HelperSpec::new("gt", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_gt))).truth(),
    HelperSpec::new("gte", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_ge))).truth(),
    HelperSpec::new("lt", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_lt))).truth(),
    HelperSpec::new("lte", 2, 2, |call| truth(order(call).is_some_and(Ordering::is_le))).truth(),
    HelperSpec::new("and", 1, usize::MAX, |call| truth((0..call.count()).all(|place| call.value(place).is_truthy())))
        .truth(),
    HelperSpec::new("or", 1, usize::MAX, |call| truth((0..call.count()).any(|place| call.value(place).is_truthy())))
        .truth(),
    HelperSpec::new("not", 1, 1, |call| truth(!call.value(0).is_truthy())).truth(),
    HelperSpec::new("contains", 2, 2, contains).truth().looks_inside(),
    HelperSpec::new("starts_with", 2, 2, |call| texts(call, |text, start| text.starts_with(start))).truth(),
    HelperSpec::new("ends_with", 2, 2, |call| texts(call, |text, end| text.ends_with(end))).truth(),
];

fn truth(holds: bool) -> Evaluated<'static> {
    Ok(Some(TemplateValue::from_owned(holds)))
}

/// Compares JSON values. Text that is compared with a number or a boolean is parsed, because most values of a request are text.
fn equal(a: &TemplateValue<'_>, b: &TemplateValue<'_>) -> Result<bool, Exceeded> {
    Ok(match (a, b) {
        (TemplateValue::Text(a), TemplateValue::Text(b)) => a == b,
        (TemplateValue::Json(a), TemplateValue::Json(b)) => {
            charge::visit(a)?;
            charge::visit(b)?;
            a.same(b)
        }
        (TemplateValue::Text(text), TemplateValue::Json(json))
        | (TemplateValue::Json(json), TemplateValue::Text(text)) => match &**json {
            Json::Number(number) => Number::parse(text).is_some_and(|read| read.same(number)),
            Json::Bool(truth) => **text == truth.to_string(),
            _ => false,
        },
    })
}

/// Orders numbers, and text that parses as a number, by value, and other text by its characters.
fn order(call: &Call<'_>) -> Option<Ordering> {
    let (a, b) = (call.value(0), call.value(1));
    match (a, b) {
        (TemplateValue::Text(text), TemplateValue::Text(other)) if a.number().is_none() || b.number().is_none() => {
            Some(text.cmp(other))
        }
        _ => Some(a.number()?.compare(&b.number()?)),
    }
}

/// Whether a text contains another, or a list contains an item.
fn contains(call: &Call<'_>) -> Evaluated<'static> {
    match call.value(0).items() {
        Some(items) => {
            for item in items {
                charge::steps(1)?;
                if equal(&TemplateValue::from_json(item), call.value(1))? {
                    return truth(true);
                }
            }
            truth(false)
        }
        None => texts(call, |text, part| text.contains(part)),
    }
}

fn texts(call: &Call<'_>, holds: impl Fn(&str, &str) -> bool) -> Evaluated<'static> {
    let (value, part) = (call.value(0), call.text(1)?);
    truth(!value.is_null() && value.text().is_some_and(|text| holds(&text, &part)))
}
