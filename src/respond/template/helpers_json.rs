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
    HelperSpec::new("json_path", 2, 2, json_path).pattern(is_json_path).looks_inside(),
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

/// Returns the values that a JSONPath selects: none, a single value, or a list of several.
fn json_path(call: &Call<'_>) -> Evaluated<'static> {
    let (value, path) = (call.present(0)?.json(), call.text(1)?);
    charge::steps(PATH)?;
    let path = JsonPath::compile(&path).map_err(|why| wrong(not_a_path(&path, &why.to_string())))?;
    let selected = path.select(&value).map_err(|reason| wrong(reason.to_string()))?;
    match &*selected {
        [] => Ok(None),
        [only] => Ok(Some(TemplateValue::from_json(only).owned()?)),
        several => {
            let copies = several.iter().map(|value| TemplateValue::from_json(value).owned()?.into_json());
            Ok(Some(TemplateValue::from_owned(copies.collect::<Result<Vec<_>, _>>()?)))
        }
    }
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
