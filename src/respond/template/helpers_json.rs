//! Helpers for values: JSON text, conversions, and the way into them.

use handlebars::JsonValue;

use crate::matching::JsonPath;
use crate::model::Json;

use super::call::{Call, Outcome, Spec, number_of, text_of, whole, wrong};
use super::helpers_text::text;

pub(super) const HELPERS: &[Spec] = &[
    Spec::new("json", 1, 1, |call| text(original(call)?.to_string())).stateful(),
    Spec::new("number", 1, 1, number),
    Spec::new("boolean", 1, 1, boolean),
    Spec::new("json_path", 2, 2, json_path).pattern(is_json_path).stateful(),
    Spec::new("default", 2, 2, default),
    Spec::new("lookup", 2, 2, lookup),
];

/// What a path on its own becomes; no template can name it.
pub(super) static SHOW: Spec = Spec::new("(value)", 1, 1, show).stateful();

fn show(call: &Call<'_, '_>) -> Outcome {
    match text_of(call.present(0)?) {
        Some(shown) => text(shown),
        None => text(original(call)?.to_string()),
    }
}

/// A value with its members in the order in which they were sent, where it comes out of the request as it is.
fn original(call: &Call<'_, '_>) -> Result<Json, handlebars::RenderErrorReason> {
    let value = call.present(0)?;
    let sent = call.source(0).and_then(|path| call.state().original(path));
    Ok(sent.cloned().unwrap_or_else(|| Json::from_serde(value)))
}

fn number(call: &Call<'_, '_>) -> Outcome {
    let number = call.number(0)?;
    Ok(Some(Json::Number(number).to_serde()))
}

fn boolean(call: &Call<'_, '_>) -> Outcome {
    match call.text(0)?.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(Some(true.into())),
        "false" => Ok(Some(false.into())),
        _ => Err(call.not_a(0, "`true` or `false`")),
    }
}

/// What a JSONPath selects: absent, the one value, or a list of several.
fn json_path(call: &Call<'_, '_>) -> Outcome {
    let (value, path) = (original(call)?, call.text(1)?);
    let path = JsonPath::compile(&path).map_err(|why| wrong(format!("`{path}` is no JSONPath: {why}")))?;
    let selected = path.select(&value).map_err(|reason| wrong(reason.to_string()))?;
    Ok(match &*selected {
        [] => None,
        [only] => Some(only.to_serde()),
        several => Some(several.iter().map(|value| value.to_serde()).collect()),
    })
}

fn is_json_path(text: &str) -> Result<(), String> {
    JsonPath::compile(text).map(|_| ()).map_err(|why| format!("`{text}` is no JSONPath: {why}"))
}

fn default(call: &Call<'_, '_>) -> Outcome {
    let value = call.value(0);
    Ok(Some(if value.is_null() { call.present(1)?.clone() } else { value.clone() }))
}

/// An item by its place, or a member by its name; names of headers in any case.
fn lookup(call: &Call<'_, '_>) -> Outcome {
    let found = match call.value(0) {
        JsonValue::Array(items) => {
            let place = number_of(call.value(1)).and_then(whole).and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| items.get(place))
        }
        JsonValue::Object(members) => {
            let name = call.text(1)?;
            let headers = matches!(call.source(0), Some([_, part]) if part.starts_with("headers"));
            if headers {
                members.get(&name.to_ascii_lowercase())
            } else {
                members.get(name.as_ref())
            }
        }
        _ => None,
    };
    Ok(found.cloned())
}
