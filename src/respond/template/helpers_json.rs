//! Helpers for values: JSON text, conversions, and lookups.

use std::borrow::Cow;

use crate::matching::JsonPath;
use crate::model::Json;
use crate::respond::charge;
use crate::respond::fault::quoted;

use super::call::{Call, HelperSpec, whole};
use super::failure::wrong;
use super::helpers_text::charged;
use super::value::{Evaluated, TemplateValue};

pub(super) const HELPERS: &[HelperSpec] = &[
    HelperSpec::new("json", 1, 1, |call| charged(charge::json_text(&call.present(0)?.json())?)).looks_inside(),
    HelperSpec::new("number", 1, 1, |call| Ok(Some(TemplateValue::from_owned(Json::Number(call.number(0)?))))),
    HelperSpec::new("boolean", 1, 1, boolean),
    HelperSpec::new("json_path", 2, 2, json_path).with(&["all"]).pattern(is_json_path).looks_inside(),
    HelperSpec::new("range", 2, 2, range),
    HelperSpec::new("default", 2, 2, default),
    HelperSpec::new("lookup", 2, 2, lookup).looks_inside(),
];

fn boolean(call: &Call<'_>) -> Evaluated<'static> {
    match call.text(0)?.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(Some(TemplateValue::from_owned(true))),
        "false" => Ok(Some(TemplateValue::from_owned(false))),
        _ => Err(call.not_a(0, "`true` or `false`")),
    }
}

/// Returns the values that a JSONPath selects: none, a single value, or a list of several; with `all` always a list.
fn json_path(call: &Call<'_>) -> Evaluated<'static> {
    let (value, path) = (call.present(0)?.json(), call.text(1)?);
    charge::steps(PATH)?;
    let path = JsonPath::compile(&path).map_err(|why| wrong(not_a_path(&path, &why.to_string())))?;
    let selected = path.select(&value).map_err(|reason| wrong(reason.to_string()))?;
    let all = call.flag("all")?;
    match &*selected {
        [] if !all => Ok(None),
        [only] if !all => Ok(Some(TemplateValue::from_json(only).owned()?)),
        values => {
            let copies = values.iter().map(|value| TemplateValue::from_json(value).owned()?.into_json());
            Ok(Some(TemplateValue::from_owned(copies.collect::<Result<Vec<_>, _>>()?)))
        }
    }
}

/// Returns the whole numbers from one up to another, both included. If the second is less, the list is empty.
fn range(call: &Call<'_>) -> Evaluated<'static> {
    const LONGEST: i128 = 1024 * 1024;
    let (from, to) = (call.integer(0)?, call.integer(1)?);
    let count = (i128::from(to) - i128::from(from) + 1).max(0);
    if count > LONGEST {
        return Err(wrong(format!("`range` lists at most {LONGEST} numbers, not {count}")));
    }
    let count = usize::try_from(count).expect("it is within the limit");
    charge::steps(count)?;
    charge::bytes(count * charge::COPY)?;
    Ok(Some(TemplateValue::from_owned((from..=to).map(Json::from).collect::<Vec<_>>())))
}

/// The steps of compiling a JSONPath.
const PATH: usize = 100;

fn not_a_path(text: &str, why: &str) -> String {
    format!("{} is not a JSONPath: {why}", quoted(text))
}

fn is_json_path(text: &str) -> Result<(), String> {
    JsonPath::compile(text).map(|_| ()).map_err(|why| not_a_path(text, &why.to_string()))
}

fn default<'c>(call: &Call<'c>) -> Evaluated<'c> {
    let value = call.value(0);
    let value = if value.is_null() { call.present(1)? } else { value };
    Ok(Some(value.copied()?))
}

/// Returns an item by its index, or a member by its name. Names of headers are found in any case.
fn lookup<'c>(call: &Call<'c>) -> Evaluated<'c> {
    let name = match call.value(0).items() {
        Some(_) => call.value(1).number().and_then(whole).map(|place| place.to_string()),
        None if call.are_headers(0) => Some(call.text(1)?.to_ascii_lowercase()),
        None => call.value(1).text().map(Cow::into_owned),
    };
    match name {
        Some(name) => Ok(call.value(0).follow(&[name])?),
        None => Ok(None),
    }
}
