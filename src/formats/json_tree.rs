//! Makes the tree of a JSON text, for stubs that are sent to the admin API.
//!
//! `serde_json` keeps no places, so the tree has none, and a diagnostic names the way to the value instead.

use crate::model::{Json, JsonFault, Number};

use super::diagnostic::Diagnostic;
use super::tree::{Entry, Node, Value};

/// Reads JSON.
///
/// # Errors
/// One diagnostic: the error at which the parser ends.
pub(super) fn read(text: &str, file: &str) -> Result<Node, Vec<Diagnostic>> {
    parse(text).map_err(|fault| vec![Diagnostic::of_file(file, format!("not JSON: {fault}"))])
}

/// Reads JSON text.
pub(super) fn parse(text: &str) -> Result<Node, JsonFault> {
    Json::parse(text.as_bytes()).map(|json| node(&json))
}

fn node(json: &Json) -> Node {
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(Number::Integer(integer)) => Value::Integer(*integer),
        Json::Number(Number::Float(float)) => Value::Float(*float),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(node).collect()),
        Json::Object(members) => Value::Table(members.iter().map(|(key, value)| entry(key, value)).collect()),
    };
    Node { span: 0..0, value }
}

fn entry(key: &str, value: &Json) -> Entry {
    Entry { key: key.to_owned(), key_span: 0..0, node: node(value) }
}
