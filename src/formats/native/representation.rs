//! Reads how documents are negotiated and written as XML.

use crate::model::{ElementOrder, Representation, XmlForm, forbidden_in_xml};

use super::names;
use crate::formats::keys::Keys;
use crate::formats::tree::Value;
use crate::formats::words::{did_you_mean, tick};
use crate::formats::written::{Reading, Written};

/// Reads `[representation]`.
pub(super) fn representation(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Representation> {
    let mut keys = Keys::open(written, "a representation", reading)?;
    let parameter = keys.take("parameter").and_then(|value| value.filled(reading));
    let xml = keys.take("xml").and_then(|value| xml(&value, reading));
    keys.finish(reading);
    Some(Representation { parameter, xml })
}

fn xml(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<XmlForm> {
    let mut keys = Keys::open(written, "the XML form", reading)?;
    let root = keys.need("root", reading).and_then(|value| element(&value, reading));
    let namespace = keys.take("namespace").and_then(|value| namespace(&value, reading));
    let prefixes = keys.take("prefixes").and_then(|value| prefixes(&value, reading)).unwrap_or_default();
    let lists = keys.take("lists").and_then(|value| lists(&value, reading)).unwrap_or_default();
    let order = keys.take("order").and_then(|value| order(&value, reading)).unwrap_or_default();
    keys.finish(reading);
    Some(XmlForm { root: root?, namespace, prefixes, lists, order })
}

/// Reads the name of an element.
fn element(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let name = written.text(reading)?;
    match names::element(name) {
        Ok(()) => Some(name.to_owned()),
        Err(message) => reading.refuse(written.fault(message).labelled("not a local name")),
    }
}

/// Reports a key that cannot be the name of an element.
fn check_key(name: &str, written: &Written<'_>, reading: &mut Reading<'_>) {
    if let Err(message) = names::element(name) {
        reading.faults.push(written.key_fault(message).labelled("not a local name"));
    }
}

fn prefixes(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Vec<(String, String)>> {
    for (prefix, namespace) in written.entries(reading)? {
        if !prefix.to_ascii_lowercase().starts_with("xml") {
            check_key(prefix, &namespace, reading);
        } else {
            let fault = namespace.key_fault(format!("the prefix {} is reserved by XML", tick(prefix)));
            reading.faults.push(fault.labelled("reserved").helped("Choose a prefix that does not begin with `xml`."));
        }
    }
    let namespaces = written.entries(reading)?.into_iter();
    Some(namespaces.filter_map(|(prefix, value)| Some((prefix.to_owned(), namespace(&value, reading)?))).collect())
}

fn namespace(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let text = written.filled(reading)?;
    match forbidden_in_xml(&text) {
        None => Some(text),
        Some(c) => {
            let message = format!("a namespace must not contain the character U+{:04X}", u32::from(c));
            reading.refuse(written.fault(message).labelled("not allowed in XML"))
        }
    }
}

fn lists(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Vec<(String, String)>> {
    let mut read = Vec::new();
    for (list, item) in written.entries(reading)? {
        check_key(list, &item, reading);
        read.extend(element(&item, reading).map(|item| (list.to_owned(), item)));
    }
    Some(read)
}

fn order(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<ElementOrder> {
    match &written.node.value {
        Value::String(text) if text == "as_written" => Some(ElementOrder::AsWritten),
        Value::String(text) if text == "ordinal" => Some(ElementOrder::Ordinal),
        Value::String(text) => {
            let help = did_you_mean(text, ["as_written", "ordinal"]).unwrap_or_else(|| ORDERS.to_owned());
            reading.refuse(
                written.fault(format!("{} is not a valid order", tick(text))).labelled("unknown order").helped(help),
            )
        }
        Value::Table(_) => {
            let mut given = Vec::new();
            for (name, members) in written.entries(reading)? {
                check_key(name, &members, reading);
                let members = members.items(reading).unwrap_or_default();
                let members = members.iter().filter_map(|member| element(member, reading)).collect();
                given.push((name.to_owned(), members));
            }
            Some(ElementOrder::Given(given))
        }
        _ => reading.refuse(written.not("\"as_written\", \"ordinal\" or a table").helped(ORDERS)),
    }
}

const ORDERS: &str = "Write \"as_written\", \"ordinal\" (by the bytes of the names), or for an element `order.Track = [\"Id\", \"Name\"]`.";
