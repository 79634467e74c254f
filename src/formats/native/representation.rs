//! Reads how documents are negotiated and written as XML.

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::tree::Value;
use crate::formats::words::{did_you_mean, in_backticks};
use crate::model::{ElementOrder, Representation, XmlForm, forbidden_in_xml};

use super::names;

/// Reads `[representation]`.
pub(super) fn representation(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Representation> {
    let mut table = TableReader::open(located, "a representation", context)?;
    let parameter = table.take("parameter").and_then(|value| value.nonempty_text(context));
    let xml = table.take("xml").and_then(|value| xml(&value, context));
    table.finish(context);
    Some(Representation { parameter, xml })
}

fn xml(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<XmlForm> {
    let mut table = TableReader::open(located, "the XML form", context)?;
    let root = table.require("root", context).and_then(|value| element(&value, context));
    let namespace = table.take("namespace").and_then(|value| namespace(&value, context));
    let prefixes = table.take("prefixes").and_then(|value| prefixes(&value, context)).unwrap_or_default();
    let lists = table.take("lists").and_then(|value| lists(&value, context)).unwrap_or_default();
    let order = table.take("order").and_then(|value| order(&value, context)).unwrap_or_default();
    table.finish(context);
    Some(XmlForm { root: root?, namespace, prefixes, lists, order })
}

/// Reads the name of an element.
fn element(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let name = located.text(context)?;
    match names::element(name) {
        Ok(()) => Some(name.to_owned()),
        Err(message) => context.refuse(located.fault(message).with_label("not a local name")),
    }
}

/// Reports a key that cannot be the name of an element.
fn check_key(name: &str, located: &Located<'_>, context: &mut ReadContext<'_>) {
    if let Err(message) = names::element(name) {
        context.faults.push(located.key_fault(message).with_label("not a local name"));
    }
}

fn prefixes(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Vec<(String, String)>> {
    for (prefix, namespace) in located.entries(context)? {
        if !prefix.to_ascii_lowercase().starts_with("xml") {
            check_key(prefix, &namespace, context);
        } else {
            let fault =
                namespace.key_fault(format!("a prefix must not begin with `xml`, found {}", in_backticks(prefix)));
            context.faults.push(fault.with_label("reserved by XML"));
        }
    }
    let namespaces = located.entries(context)?.into_iter();
    Some(namespaces.filter_map(|(prefix, value)| Some((prefix.to_owned(), namespace(&value, context)?))).collect())
}

fn namespace(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let text = located.nonempty_text(context)?;
    match forbidden_in_xml(&text) {
        None => Some(text),
        Some(c) => {
            let message = format!("a namespace must not contain the character U+{:04X}", u32::from(c));
            context.refuse(located.fault(message).with_label("not allowed in XML"))
        }
    }
}

fn lists(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Vec<(String, String)>> {
    let mut read = Vec::new();
    for (list, item) in located.entries(context)? {
        check_key(list, &item, context);
        read.extend(element(&item, context).map(|item| (list.to_owned(), item)));
    }
    Some(read)
}

fn order(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<ElementOrder> {
    match &located.node.value {
        Value::String(text) if text == "as_written" => Some(ElementOrder::AsWritten),
        Value::String(text) if text == "ordinal" => Some(ElementOrder::Ordinal),
        Value::String(text) => {
            let help = did_you_mean(text, ["as_written", "ordinal"]).unwrap_or_else(|| ORDERS.to_owned());
            context.refuse(
                located
                    .fault(format!("{} is not a valid order", in_backticks(text)))
                    .with_label("unknown order")
                    .with_help(help),
            )
        }
        Value::Table(_) => {
            let mut given = Vec::new();
            for (name, members) in located.entries(context)? {
                check_key(name, &members, context);
                let members = members.items(context).unwrap_or_default();
                let members = members.iter().filter_map(|member| element(member, context)).collect();
                given.push((name.to_owned(), members));
            }
            Some(ElementOrder::Given(given))
        }
        _ => context.refuse(located.wrong_type("\"as_written\", \"ordinal\" or a table").with_help(ORDERS)),
    }
}

const ORDERS: &str = "Write \"as_written\", \"ordinal\" (by the bytes of the names), or for an element `order.Track = [\"Id\", \"Name\"]`.";
