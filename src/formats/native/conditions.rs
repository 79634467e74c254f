//! Reads conditions on a text that holds JSON or XML. Requests, parts of multipart bodies and matchers have the same keys.

use crate::formats::located::{Located, ReadContext};
use crate::formats::tree::{Entry, Value};
use crate::model::{BodyCondition, BodyOperand, Fault, KeyPath, Matcher, Operand, OperatorName, Schema};

use super::json_value::{from_file, json, plain};
use super::matcher::matcher;

/// Returns the keys of the conditions on a body.
pub(super) fn keys() -> Vec<&'static str> {
    OperatorName::ALL.iter().filter(|name| name.is_body_condition()).map(|name| name.key()).collect()
}

/// Returns the keys that a part of a multipart body may have. `document` is not one, because only a whole body is a document.
pub(super) fn keys_of_part() -> Vec<&'static str> {
    keys().into_iter().filter(|key| *key != OperatorName::Document.key()).collect()
}

/// The key that declares the prefixes of the XPaths in the same table.
pub(super) const NAMESPACES: &str = "xml_namespaces";

/// Reads the condition of a key, or several conditions if the value is a table of paths.
pub(super) fn condition(
    key: &str,
    value: &Located<'_>,
    namespaces: &[(String, String)],
    context: &mut ReadContext<'_>,
) -> Option<Vec<BodyCondition>> {
    let Operand::Body(operand) = OperatorName::from_key(key)?.operand() else { return None };
    let condition = match operand {
        BodyOperand::Json(make) => make(json(value, context)?),
        BodyOperand::Schema(make) => make(schema(value, context)?),
        BodyOperand::Xml(make) => make(value.nonempty_text(context)?),
        BodyOperand::JsonPaths(make) => {
            return by_path(value, "\"$.id\"", context, |path, matcher| make(path.into(), matcher));
        }
        BodyOperand::XPaths(make) => {
            let make = |path: String, matcher| make(path.into(), matcher, namespaces.to_vec());
            return by_path(value, "\"/order/id\"", context, make);
        }
    };
    Some(vec![condition])
}

/// Reads a table of paths with a matcher for what each selects.
fn by_path(
    value: &Located<'_>,
    example: &str,
    context: &mut ReadContext<'_>,
    make: impl Fn(String, Matcher) -> BodyCondition,
) -> Option<Vec<BodyCondition>> {
    let Value::Table(_) = value.node.value else {
        let key = value.name().replace('`', "");
        let help = format!("Name a path in quotes and what it must select: `{key}.{example} = …`.");
        return context.refuse(value.wrong_type("a table of paths and matchers").with_help(help));
    };
    let entries = value.entries(context)?.into_iter();
    Some(entries.filter_map(|(path, operand)| Some(make(path.to_owned(), matcher(&operand, context)?))).collect())
}

fn schema(value: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Schema> {
    match &value.node.value {
        Value::String(path) => {
            let bytes = context.file(value, path)?;
            let schema = from_file(value, path, &bytes, context)?;
            Some(Schema { file: Some(path.clone()), schema })
        }
        Value::Table(_) | Value::Bool(_) => plain(value, context).map(|schema| Schema { file: None, schema }),
        _ => context.refuse(value.wrong_type("a JSON Schema or the name of a file that holds one")),
    }
}

/// Reads the prefixes that XPaths may use, with their namespaces.
pub(super) fn namespaces(value: Option<&Located<'_>>, context: &mut ReadContext<'_>) -> Vec<(String, String)> {
    value.and_then(|value| value.texts(context)).unwrap_or_default()
}

/// Reports prefixes in a table that has no XPath.
pub(super) fn require_xpath(entries: &[Entry], table: &Located<'_>, context: &mut ReadContext<'_>) {
    let has = |key| entries.iter().any(|entry| entry.key == key);
    if has(NAMESPACES) && !has("xpath") {
        refuse_namespaces(&table.at, context);
    }
}

/// Reports the declared prefixes of a table.
pub(super) fn refuse_namespaces(table: &KeyPath, context: &mut ReadContext<'_>) {
    let fault = Fault::key(&table.key(NAMESPACES), "`xml_namespaces` must be in the same table as an `xpath`");
    let help = "It declares the prefixes of the XPaths in its table.";
    context.faults.push(fault.with_label("no `xpath` in this table").with_help(help));
}
