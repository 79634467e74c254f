//! Reads JSON: a TOML value, or a string of JSON text.

use crate::model::{Fault, Json, JsonFault, Number};

use crate::formats::json_tree::span_of_fault;
use crate::formats::located::{Located, ReadContext};
use crate::formats::tree::Value;
use crate::formats::words::in_backticks;

/// Reads the value of `json`, `document`, `result` and similar keys, where a string is JSON text.
pub(super) fn json(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Json> {
    match &located.node.value {
        Value::String(text) => match Json::parse(text.as_bytes()) {
            Ok(json) => {
                context.record_json_text(located);
                Some(json)
            }
            Err(fault) => context.refuse(not_json(located, text, &fault)),
        },
        _ => plain(located, context),
    }
}

/// Reads a value in which a string is a JSON string.
pub(super) fn plain(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Json> {
    match &located.node.value {
        Value::Null => Some(Json::Null),
        Value::Bool(truth) => Some(Json::Bool(*truth)),
        Value::Integer(_) | Value::Float(_) => located.number(context).map(Json::Number),
        Value::String(text) => Some(Json::String(text.clone())),
        Value::Date(_) => {
            let fault = located
                .fault(format!("{} must be a JSON value, found a date", located.name()))
                .with_label("a TOML date");
            context.refuse(fault.with_help("Put it in quotes, as text."))
        }
        Value::List(_) => {
            let items: Vec<_> = located.items(context)?.iter().map(|item| plain(item, context)).collect();
            items.into_iter().collect::<Option<Vec<Json>>>().map(Json::Array)
        }
        Value::Table(_) => {
            let entries = located.entries(context)?.into_iter();
            let members: Vec<_> =
                entries.map(|(name, value)| Some((name.to_owned(), plain(&value, context)?))).collect();
            members.into_iter().collect::<Option<Vec<_>>>().map(Json::Object)
        }
    }
}

/// Returns the fault of a text that is not JSON.
fn not_json(located: &Located<'_>, text: &str, fault: &JsonFault) -> Fault {
    let span = span_of_fault(text, fault);
    let located = located.fault(format!("{} is not valid JSON: {}", located.name(), fault.message));
    let located = located.within(span.start, span.end);
    // The most frequent mistake is a plain string without the quotes of a JSON string.
    if text.trim_start().starts_with(['{', '[', '"']) {
        located
    } else {
        located.with_help("A string here is JSON text. A JSON string has quotes of its own: `'\"text\"'`.")
    }
}

/// Reads an object.
pub(super) fn object(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Vec<(String, Json)>> {
    match json(located, context)? {
        Json::Object(members) => Some(members),
        _ => {
            let fault = located.fault(format!("{} must be a JSON object", located.name())).with_label("not an object");
            context.refuse(fault)
        }
    }
}

/// Removes the member `status` from an object if it is a whole number.
pub(super) fn take_status(members: &mut Vec<(String, Json)>) -> Option<i128> {
    let place = members
        .iter()
        .position(|(name, value)| name == "status" && matches!(value, Json::Number(number) if number.is_whole()))?;
    match members.remove(place).1 {
        Json::Number(Number::Integer(whole)) => Some(whole),
        // The conversion saturates for floats that are far out of range, which are not a valid status either.
        Json::Number(Number::Float(float)) => Some(float as i128),
        _ => None,
    }
}

/// Prints JSON as the value of a key where a string is JSON text.
pub(super) fn print(json: &Json) -> Json {
    match json {
        Json::String(_) => Json::String(json.to_string()),
        _ => json.clone(),
    }
}

/// Reads JSON from a file that the scenario names.
pub(super) fn from_file(
    located: &Located<'_>,
    path: &str,
    bytes: &[u8],
    context: &mut ReadContext<'_>,
) -> Option<Json> {
    match Json::parse(bytes) {
        Ok(json) => Some(json),
        Err(fault) => {
            let located = located.fault(format!("{} is not valid JSON: {}", in_backticks(path), fault.message));
            let located = match std::str::from_utf8(bytes).map(|text| span_of_fault(text, &fault)) {
                Ok(span) => located.in_file(path).within(span.start, span.end),
                Err(_) => located,
            };
            context.refuse(located)
        }
    }
}
