//! Helpers for values: JSON text, conversions, and the way into them.

use std::borrow::Cow;

use crate::matching::JsonPath;
use crate::model::Json;

use super::call::{Call, Outcome, Spec, whole};
use super::failure::wrong;
use super::helpers_text::text;
use super::value::Value;

pub(super) const HELPERS: &[Spec] = &[
    Spec::new("json", 1, 1, |call| text(call.present(0)?.json().to_string())).looks_inside(),
    Spec::new("number", 1, 1, |call| Ok(Some(Value::made(Json::Number(call.number(0)?))))),
    Spec::new("boolean", 1, 1, boolean),
    Spec::new("json_path", 2, 2, json_path).pattern(is_json_path).looks_inside(),
    Spec::new("default", 2, 2, default),
    Spec::new("lookup", 2, 2, lookup).looks_inside(),
];

fn boolean(call: &Call<'_>) -> Outcome<'static> {
    match call.text(0)?.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(Some(Value::made(true))),
        "false" => Ok(Some(Value::made(false))),
        _ => Err(call.not_a(0, "`true` or `false`")),
    }
}

/// What a JSONPath selects: absent, the one value, or a list of several.
fn json_path(call: &Call<'_>) -> Outcome<'static> {
    let (value, path) = (call.present(0)?.json(), call.text(1)?);
    let path = JsonPath::compile(&path).map_err(|why| wrong(format!("`{path}` is no JSONPath: {why}")))?;
    let selected = path.select(&value).map_err(|reason| wrong(reason.to_string()))?;
    Ok(match &*selected {
        [] => None,
        [only] => Some(Value::made((*only).clone())),
        several => Some(Value::made(several.iter().map(|value| (*value).clone()).collect::<Vec<_>>())),
    })
}

fn is_json_path(text: &str) -> Result<(), String> {
    JsonPath::compile(text).map(|_| ()).map_err(|why| format!("`{text}` is no JSONPath: {why}"))
}

fn default<'c>(call: &Call<'c>) -> Outcome<'c> {
    let value = call.value(0);
    Ok(Some(if value.is_null() { call.present(1)?.clone() } else { value.clone() }))
}

/// An item by its place, or a member by its name; names of headers in any case.
fn lookup<'c>(call: &Call<'c>) -> Outcome<'c> {
    let name = match call.value(0).items() {
        Some(_) => call.value(1).number().and_then(whole).map(|place| place.to_string()),
        None if call.are_headers(0) => Some(call.text(1)?.to_ascii_lowercase()),
        None => call.value(1).text().map(Cow::into_owned),
    };
    Ok(name.and_then(|name| call.value(0).follow(&[name])))
}
