//! Names operators, conditions and stubs in the text of warnings.

use crate::formats::in_backticks;
use crate::model::{BodyCondition, Json, KeyPath, OperandValue, Operator, Stub};

/// The maximum number of characters of a value that is shown.
const MAX_VALUE_CHARS: usize = 40;

/// Returns the key of an operator, and its operand if that is short enough to help.
pub(super) fn operator_in_words(operator: &Operator) -> String {
    let key = operator.name().key();
    let text = |text: &str| with_value(key, &Json::from(text).to_string());
    match operator.operand() {
        OperandValue::Json(json) => with_value(key, &json.to_string()),
        OperandValue::Text(operand) | OperandValue::Moment(operand) => text(operand),
        OperandValue::Type(json_type) => text(json_type.name()),
        OperandValue::Regex(pattern) => with_value(key, &format!("'{pattern}'")),
        OperandValue::Truth(truth) => with_value(key, &truth.to_string()),
        OperandValue::Number(number) => with_value(key, &number.to_string()),
        OperandValue::JsonList(_)
        | OperandValue::Length(_)
        | OperandValue::Matcher(_)
        | OperandValue::Matchers(_)
        | OperandValue::Body(_) => in_backticks(key),
    }
}

fn with_value(key: &str, value: &str) -> String {
    match value.char_indices().nth(MAX_VALUE_CHARS) {
        Some(_) => in_backticks(key),
        None => in_backticks(&format!("{key} = {value}")),
    }
}

/// Returns the key path of a condition in the table at `at`: its key, and its JSONPath or XPath if it has one.
pub(super) fn at_condition(condition: &BodyCondition, at: &KeyPath) -> KeyPath {
    let at = at.key(condition.name().key());
    condition.path().map_or_else(|| at.clone(), |path| at.key(path))
}

/// Returns the name of a stub, or its number in its file if it has none.
pub(super) fn stub_in_words(stub: &Stub) -> String {
    match &stub.name {
        Some(name) => in_backticks(name),
        None => stub.display_name(),
    }
}

/// Returns `file:line` of a stub.
pub(super) fn place_in_words(stub: &Stub) -> String {
    format!("{}:{}", stub.place.file, stub.place.line)
}
