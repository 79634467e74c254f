//! Writes a document as XML, in the form that `[representation.xml]` defines.

use std::borrow::Cow;
use std::fmt;

use crate::budget;
use crate::model::{ElementOrder, XmlForm, forbidden_in_xml, is_xml_name};

use super::charge::{self, Ledger};
use super::rendered_value::names_element;
use super::value_ref::{Members, Tag, ValueRef};

/// The namespace of `nil`.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The reason why a document cannot be written as XML: lower case, no full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotXml(pub(super) String);

impl std::error::Error for NotXml {}

impl fmt::Display for NotXml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes a document: compact, without an XML declaration, prefixes declared before the default namespace.
pub(super) fn write<'v>(document: impl Into<ValueRef<'v>>, form: &XmlForm) -> Result<String, NotXml> {
    let mut writer = XmlWriter { out: String::with_capacity(512), ledger: Ledger::default(), form };
    writer.open(Tag::new(&form.root))?;
    for (prefix, namespace) in &form.prefixes {
        writer.add([" xmlns:", prefix, "=\"", &escaped_attribute(namespace), "\""]);
    }
    if let Some(namespace) = &form.namespace {
        writer.add([" xmlns=\"", &escaped_attribute(namespace), "\""]);
    }
    let document = document.into();
    writer.rest_of(&form.root, document)?;
    writer.settle(document)?;
    Ok(writer.out)
}

struct XmlWriter<'f> {
    out: String,
    ledger: Ledger,
    form: &'f XmlForm,
}

impl XmlWriter<'_> {
    /// Writes a member of an object. Null is left out, and a list whose items have no name is a repeated member.
    fn member(&mut self, tag: Tag<'_>, value: ValueRef<'_>) -> Result<(), NotXml> {
        if value.is_null() {
            return Ok(());
        }
        match value.items() {
            Some(mut items) if item_name(self.form, tag.name).is_none() => {
                items.try_for_each(|item| self.element(tag, item))
            }
            _ => self.element(tag, value),
        }
    }

    fn element(&mut self, tag: Tag<'_>, value: ValueRef<'_>) -> Result<(), NotXml> {
        self.open(tag)?;
        self.rest_of(tag.name, value)?;
        self.settle(value)
    }

    /// Charges an element that is written.
    fn settle(&mut self, value: ValueRef<'_>) -> Result<(), NotXml> {
        // A constant was not charged when the document was rendered.
        self.ledger.credit(match value {
            ValueRef::Json(_) => 0,
            ValueRef::Text(text) => charge::NODE + text.len(),
            ValueRef::Array(_) | ValueRef::Object(_) => charge::NODE,
        });
        self.ledger.settle(self.out.len()).map_err(|exceeded| NotXml(exceeded.to_string()))
    }

    fn open(&mut self, tag: Tag<'_>) -> Result<(), NotXml> {
        if !tag.names_element {
            check_name(tag.name, self.form)?;
        }
        self.add(["<", tag.name]);
        Ok(())
    }

    /// Writes the rest of an element after its name.
    fn rest_of(&mut self, name: &str, value: ValueRef<'_>) -> Result<(), NotXml> {
        if value.is_null() {
            self.nil();
            return Ok(());
        }
        if let Some(mut items) = value.items() {
            let item = item_name(self.form, name).ok_or_else(|| nameless_items(name))?;
            return self.content(name, items.len() == 0, |writer| {
                check_name(item, writer.form)?;
                items.try_for_each(|value| writer.element(Tag { name: item, names_element: true }, value))
            });
        }
        let mut members = Members::new();
        if !value.members(&mut members) {
            return self.content(name, false, |writer| writer.text(value));
        }
        for (member, value) in &members {
            if let Some(attribute) = member.name.strip_prefix('@') {
                self.attribute(attribute, *value)?;
            }
        }
        members.retain(|(member, value)| !member.name.starts_with('@') && !value.is_null());
        put_in_order(self.form, name, &mut members);
        self.content(name, members.is_empty(), |writer| {
            members.iter().try_for_each(|(member, value)| writer.inside(*member, *value))
        })
    }

    fn add<const N: usize>(&mut self, pieces: [&str; N]) {
        pieces.into_iter().for_each(|piece| self.out.push_str(piece));
    }

    fn content(
        &mut self,
        name: &str,
        empty: bool,
        write: impl FnOnce(&mut Self) -> Result<(), NotXml>,
    ) -> Result<(), NotXml> {
        if empty {
            self.out.push_str(" />");
            return Ok(());
        }
        self.out.push('>');
        write(self)?;
        self.add(["</", name, ">"]);
        Ok(())
    }

    fn inside(&mut self, tag: Tag<'_>, value: ValueRef<'_>) -> Result<(), NotXml> {
        match tag.name {
            "#text" => self.text(value),
            _ => self.member(tag, value),
        }
    }

    fn attribute(&mut self, name: &str, value: ValueRef<'_>) -> Result<(), NotXml> {
        if value.is_null() {
            return Ok(());
        }
        check_name(name, self.form)?;
        let text = value.leaf().ok_or_else(|| not_a_leaf(&format!("@{name}")))?;
        check_text(&text)?;
        self.add([" ", name, "=\"", &escaped_attribute(&text), "\""]);
        Ok(())
    }

    fn text(&mut self, value: ValueRef<'_>) -> Result<(), NotXml> {
        let text = value.leaf().ok_or_else(|| not_a_leaf("#text"))?;
        if is_plain(&text) {
            self.out.push_str(&text);
            return Ok(());
        }
        check_text(&text)?;
        self.out.push_str(&escape(&text));
        Ok(())
    }

    /// Marks the open element as null, with the document's own prefix if it declares one.
    fn nil(&mut self) {
        let declared = self.form.prefixes.iter().find(|(_, namespace)| namespace == SCHEMA_INSTANCE);
        match declared {
            Some((prefix, _)) => self.out.push_str(&format!(" {prefix}:nil=\"true\" />")),
            None => {
                let taken = self.form.prefixes.iter().any(|(prefix, _)| prefix == "i");
                let prefix = if taken { "xsi" } else { "i" };
                self.out.push_str(&format!(" xmlns:{prefix}=\"{SCHEMA_INSTANCE}\" {prefix}:nil=\"true\" />"));
            }
        }
    }
}

/// Returns the name of the items of a list.
pub(super) fn item_name<'f>(form: &'f XmlForm, list: &str) -> Option<&'f str> {
    form.lists.iter().find(|(name, _)| name == list).map(|(_, item)| item.as_str())
}

/// Sorts the members of an element that are not attributes into the order in which they are written.
fn put_in_order(form: &XmlForm, element: &str, members: &mut [(Tag<'_>, ValueRef<'_>)]) {
    match &form.order {
        ElementOrder::AsWritten => {}
        ElementOrder::Ordinal => members.sort_by_key(|(member, _)| member.name),
        ElementOrder::Given(orders) => {
            if let Some((_, names)) = orders.iter().find(|(of, _)| of == element) {
                members.sort_by_cached_key(|(member, _)| place(names, member.name));
            }
        }
    }
}

/// Returns the position of a name in the given order. Other names come after those.
fn place(names: &[String], name: &str) -> usize {
    // After a refusal the document is never sent, so its order does not matter.
    if !budget::spend(1 + names.len()) {
        return 0;
    }
    names.iter().position(|given| given == name).unwrap_or(names.len())
}

/// Whether a name is valid in XML. A prefix must be declared.
pub(super) fn check_name(name: &str, form: &XmlForm) -> Result<(), NotXml> {
    if names_element(name) {
        return Ok(());
    }
    if name == "xmlns" {
        return Err(NotXml("`xmlns` must not be a name in a document".to_owned()));
    }
    let parts = name.split_once(':').filter(|(prefix, local)| is_xml_name(prefix) && is_xml_name(local));
    let (prefix, _) = parts.ok_or_else(|| NotXml(format!("`{name}` is not a name in XML")))?;
    if prefix == "xml" || form.prefixes.iter().any(|(declared, _)| declared == prefix) {
        return Ok(());
    }
    Err(NotXml(format!("the prefix of `{name}` is not declared")))
}

/// Whether all characters of a text are valid in XML 1.0.
pub(super) fn check_text(text: &str) -> Result<(), NotXml> {
    match forbidden_in_xml(text) {
        Some(c) => Err(NotXml(format!("XML cannot carry the character U+{:04X}", u32::from(c)))),
        None => Ok(()),
    }
}

/// Whether a text is valid in XML and needs no escape anywhere. It tests all bytes without an early exit, so that the compiler
/// can vectorise the loop.
fn is_plain(text: &str) -> bool {
    // U+FFFE and U+FFFF start with EF, and few other characters do.
    let special = |byte| matches!(byte, 0..b' ' | b'"' | b'&' | b'\'' | b'<' | b'>' | 0xef);
    !text.bytes().fold(false, |found, byte| found | special(byte))
}

/// Escapes text between tags. A carriage return is escaped, because a reader would drop it.
fn escape(text: &str) -> Cow<'_, str> {
    escaped(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// Escapes text for both positions: a template may put a value between tags or into an attribute, in which a reader would turn
/// tabs and the ends of lines into spaces.
#[cfg(feature = "templates")]
pub(super) fn escape_anywhere(text: &str) -> Cow<'_, str> {
    escaped(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&apos;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// Escapes text between double quotes, in which a reader would turn line ends into spaces.
fn escaped_attribute(text: &str) -> Cow<'_, str> {
    escaped(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

fn escaped(text: &str, instead: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let Some(first) = text.find(|c| instead(c).is_some()) else {
        return Cow::Borrowed(text);
    };
    let mut written = String::with_capacity(text.len() + 16);
    written.push_str(&text[..first]);
    for c in text[first..].chars() {
        match instead(c) {
            Some(escape) => written.push_str(escape),
            None => written.push(c),
        }
    }
    Cow::Owned(written)
}

pub(super) fn nameless_items(name: &str) -> NotXml {
    NotXml(format!("the items of the list `{name}` have no name in XML"))
}

pub(super) fn not_a_leaf(name: &str) -> NotXml {
    NotXml(format!("`{name}` must be text, a number or a boolean to be written as XML"))
}
