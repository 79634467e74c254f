//! Writes a document as XML, in the shape that `[representation.xml]` gives.

use std::borrow::Cow;
use std::fmt;

use crate::model::{ElementOrder, Json, XmlForm, forbidden_in_xml, is_xml_name};

/// The namespace of `nil`.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Why a document cannot be XML; lower case, no full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotXml(pub(super) String);

impl std::error::Error for NotXml {}

impl fmt::Display for NotXml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes a document: compact, without an XML declaration, prefixes declared before the default namespace.
pub(super) fn write(document: &Json, form: &XmlForm) -> Result<String, NotXml> {
    let mut declarations = String::new();
    for (prefix, namespace) in &form.prefixes {
        declarations.push_str(&format!(" xmlns:{prefix}=\"{}\"", escaped_attribute(namespace)));
    }
    if let Some(namespace) = &form.namespace {
        declarations.push_str(&format!(" xmlns=\"{}\"", escaped_attribute(namespace)));
    }
    let mut writer = Writer { out: String::with_capacity(256), form };
    writer.element(&form.root, &declarations, document)?;
    Ok(writer.out)
}

struct Writer<'f> {
    out: String,
    form: &'f XmlForm,
}

impl Writer<'_> {
    /// A member of an object: left out where null, repeated where it is a list without a name for its items.
    fn member(&mut self, name: &str, value: &Json) -> Result<(), NotXml> {
        match value {
            Json::Null => Ok(()),
            Json::Array(items) if item_name(self.form, name).is_none() => {
                items.iter().try_for_each(|item| self.element(name, "", item))
            }
            _ => self.element(name, "", value),
        }
    }

    fn element(&mut self, name: &str, declarations: &str, value: &Json) -> Result<(), NotXml> {
        check_name(name, self.form)?;
        self.open(name, declarations);
        match value {
            Json::Null => self.nil(),
            Json::Array(items) => {
                let item = item_name(self.form, name).ok_or_else(|| nameless_items(name))?;
                self.content(name, items.is_empty(), |writer| {
                    items.iter().try_for_each(|value| writer.element(item, "", value))
                })?;
            }
            Json::Object(members) => {
                for (attribute, value) in
                    members.iter().filter_map(|(name, value)| Some((name.strip_prefix('@')?, value)))
                {
                    self.attribute(attribute, value)?;
                }
                let inside = in_order(self.form, name, members);
                self.content(name, inside.is_empty(), |writer| {
                    inside.into_iter().try_for_each(|(name, value)| writer.inside(name, value))
                })?;
            }
            leaf => self.content(name, false, |writer| writer.text(leaf))?,
        }
        Ok(())
    }

    fn open(&mut self, name: &str, declarations: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push_str(declarations);
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
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        Ok(())
    }

    fn inside(&mut self, name: &str, value: &Json) -> Result<(), NotXml> {
        match (name, value) {
            ("#text", Json::Null) => Ok(()),
            ("#text", leaf) => self.text(leaf),
            (name, value) => self.member(name, value),
        }
    }

    fn attribute(&mut self, name: &str, value: &Json) -> Result<(), NotXml> {
        if *value == Json::Null {
            return Ok(());
        }
        check_name(name, self.form)?;
        let text = leaf_text(value).ok_or_else(|| not_a_leaf(&format!("@{name}")))?;
        check_text(&text)?;
        self.out.push_str(&format!(" {name}=\"{}\"", escaped_attribute(&text)));
        Ok(())
    }

    fn text(&mut self, value: &Json) -> Result<(), NotXml> {
        let text = leaf_text(value).ok_or_else(|| not_a_leaf("#text"))?;
        check_text(&text)?;
        self.out.push_str(&escape(&text));
        Ok(())
    }

    /// Marks the open element as null, with a prefix of the document's own where it declares one.
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

/// What the items of a list are called.
pub(super) fn item_name<'f>(form: &'f XmlForm, list: &str) -> Option<&'f str> {
    form.lists.iter().find(|(name, _)| name == list).map(|(_, item)| item.as_str())
}

/// The members of an element that are not attributes, in the order in which they are written.
fn in_order<'m>(form: &XmlForm, element: &str, members: &'m [(String, Json)]) -> Vec<(&'m str, &'m Json)> {
    let inside = members.iter().filter(|(name, value)| !name.starts_with('@') && *value != Json::Null);
    let mut inside: Vec<_> = inside.map(|(name, value)| (name.as_str(), value)).collect();
    let given = match &form.order {
        ElementOrder::AsWritten => return inside,
        ElementOrder::Ordinal => None,
        ElementOrder::Given(orders) => match orders.iter().find(|(of, _)| of == element) {
            Some((_, names)) => Some(names),
            None => return inside,
        },
    };
    inside.sort_by(|(one, _), (other, _)| match given {
        None => one.cmp(other),
        Some(names) => place(names, one).cmp(&place(names, other)),
    });
    inside
}

/// Where a name stands among those given; the others come after them.
fn place(names: &[String], name: &str) -> usize {
    names.iter().position(|given| given == name).unwrap_or(names.len())
}

/// The text of a value that is neither list nor object.
pub(super) fn leaf_text(value: &Json) -> Option<Cow<'_, str>> {
    match value {
        Json::Null => Some(Cow::Borrowed("")),
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Json::Number(_) => Some(Cow::Owned(value.to_string())),
        Json::Array(_) | Json::Object(_) => None,
    }
}

/// Whether XML can carry a name; a prefix must be declared.
pub(super) fn check_name(name: &str, form: &XmlForm) -> Result<(), NotXml> {
    let (prefix, local) = name.split_once(':').map_or((None, name), |(prefix, local)| (Some(prefix), local));
    if !prefix.into_iter().chain([local]).all(is_xml_name) {
        return Err(NotXml(format!("`{name}` is no name in XML")));
    }
    match prefix {
        Some("xml") => Ok(()),
        Some(prefix) if !form.prefixes.iter().any(|(declared, _)| declared == prefix) => {
            Err(NotXml(format!("the prefix of `{name}` is not declared")))
        }
        None if name == "xmlns" => Err(NotXml("`xmlns` is no name in a document".to_owned())),
        _ => Ok(()),
    }
}

/// Whether XML 1.0 can carry a text.
pub(super) fn check_text(text: &str) -> Result<(), NotXml> {
    match forbidden_in_xml(text) {
        Some(c) => Err(NotXml(format!("XML cannot carry the character U+{:04X}", u32::from(c)))),
        None => Ok(()),
    }
}

/// Whether nothing in a text has to be escaped anywhere, which can be told by its bytes: by many at once, and so by all of them.
fn is_plain(text: &str) -> bool {
    let special = |byte| matches!(byte, 0..b' ' | b'"' | b'&' | b'\'' | b'<' | b'>');
    !text.bytes().fold(false, |found, byte| found | special(byte))
}

/// Text as it stands between tags; a carriage return is escaped because a reader would drop it.
fn escape(text: &str) -> Cow<'_, str> {
    escaped(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// Text fit for both places: a template may put a value between tags as well as into an attribute.
#[cfg(feature = "templates")]
pub(super) fn escape_anywhere(text: &str) -> Cow<'_, str> {
    escaped(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&apos;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// Text as it stands between double quotes, where a reader would turn the ends of lines into spaces.
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
