//! XML read into a small tree of our own.
//!
//! No DTD, no entities beyond the five, a limited depth and number of attributes and namespaces: what a web service may safely accept from strangers.
//! Comments and processing instructions are left out.

use std::fmt;
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceError, ResolveResult};
use quick_xml::reader::NsReader;

use super::xml_reader;

/// An element with what is inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlElement {
    /// Its name.
    pub name: XmlName,
    /// In the order written, without the declarations of namespaces.
    pub attributes: Vec<(XmlName, String)>,
    /// In the order written; neighbouring text is one node.
    pub children: Vec<XmlNode>,
}

/// What may stand inside an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XmlNode {
    /// An element.
    Element(XmlElement),
    /// Text or CDATA.
    Text(String),
}

/// A name, resolved: two are the same whatever their prefixes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct XmlName {
    /// The namespace; `None` for no namespace. Elements of one have it from those around them.
    pub namespace: Option<Arc<str>>,
    /// The name without a prefix.
    pub local: String,
}

/// Why a text is not XML that we read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlFault {
    /// What is wrong.
    pub message: String,
    /// How many bytes were read when it showed.
    pub at: u64,
}

impl std::error::Error for XmlFault {}

impl fmt::Display for XmlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.at)
    }
}

pub(super) const DEEPEST: usize = 128;

/// What reads them for XPath looks at all of them for each. A row of a database has as many columns at most.
const MOST_ATTRIBUTES: usize = 1024;

/// The most elements and attributes of a document. A few bytes of text become a hundred in memory.
pub(super) const MOST_NODES: usize = 1_000_000;

impl XmlElement {
    /// Reads a document and gives its root.
    ///
    /// # Errors
    /// Where it is not well-formed, has a document type, an unknown entity or prefix, nests deeper than 128
    /// elements, has an element with more than 1,024 attributes or with more than 128 namespaces declared around it, has more than
    /// 1,000,000 elements and attributes, or is not UTF-8.
    pub fn parse(text: &[u8]) -> Result<XmlElement, XmlFault> {
        let text = std::str::from_utf8(text)
            .map_err(|error| XmlFault { message: "not UTF-8".to_owned(), at: error.valid_up_to() as u64 })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        xml_reader::read(text).map_or_else(|| parse_all(text), Ok)
    }

    /// The elements directly inside.
    pub fn elements(&self) -> impl Iterator<Item = &XmlElement> {
        self.children.iter().filter_map(|child| match child {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) => None,
        })
    }

    /// All text directly inside, joined.
    pub fn text(&self) -> String {
        if let [XmlNode::Text(all)] = self.children.as_slice() {
            return all.clone();
        }
        self.children
            .iter()
            .filter_map(|child| match child {
                XmlNode::Text(text) => Some(text.as_str()),
                XmlNode::Element(_) => None,
            })
            .collect()
    }
}

/// Reads any document.
pub(super) fn parse_all(text: &str) -> Result<XmlElement, XmlFault> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    let mut building = Building::default();
    loop {
        let at = reader.buffer_position();
        let fault = |message: String| XmlFault { message, at };
        let event = reader.read_event().map_err(|error| fault(told(&error)))?;
        if matches!(event, Event::Eof) {
            return building.finish().map_err(|message| XmlFault { message, at });
        }
        building.take(event, &reader).map_err(fault)?;
    }
}

/// The elements that are open, outermost first, and the root once it is closed.
#[derive(Default)]
struct Building {
    open: Vec<XmlElement>,
    root: Option<XmlElement>,
    /// How many elements and attributes have begun.
    nodes: usize,
}

impl Building {
    fn take(&mut self, event: Event<'_>, reader: &NsReader<&[u8]>) -> Result<(), String> {
        match event {
            Event::Start(start) | Event::Empty(start) => self.start(&start, reader),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.text(&resolve(&reference)?),
            Event::DocType(_) => Err("a document type is not accepted".to_owned()),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(encoding)) if !encoding.eq_ignore_ascii_case("utf-8") => {
                    Err(format!("the encoding `{encoding}` is not read, only UTF-8"))
                }
                _ => Ok(()),
            },
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, reader: &NsReader<&[u8]>) -> Result<(), String> {
        if self.root.is_some() {
            return Err("a second root element".to_owned());
        }
        if self.open.len() >= DEEPEST {
            return Err(format!("elements nest deeper than {DEEPEST}"));
        }
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let name = XmlName { namespace: self.bound(namespace)?, local: local.as_ref().to_owned() };
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| lower_first(&error.to_string()))?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| lower_first(&error.to_string()))?;
            let name = XmlName { namespace: self.bound(namespace)?, local: local.as_ref().to_owned() };
            attributes.push((name, value.into_owned()));
            if attributes.len() > MOST_ATTRIBUTES {
                return Err(format!("an element with more than {MOST_ATTRIBUTES} attributes"));
            }
        }
        self.nodes += 1 + attributes.len();
        if self.nodes > MOST_NODES {
            return Err(format!("more than {MOST_NODES} elements and attributes"));
        }
        self.open.push(XmlElement { name, attributes, children: Vec::new() });
        Ok(())
    }

    fn bound(&self, namespace: ResolveResult<'_>) -> Result<Option<Arc<str>>, String> {
        match namespace {
            ResolveResult::Bound(namespace) => {
                let around = self.open.last().and_then(|element| element.name.namespace.clone());
                Ok(around.filter(|around| **around == *namespace.as_ref()).or_else(|| Some(namespace.as_ref().into())))
            }
            ResolveResult::Unbound => Ok(None),
            ResolveResult::Unknown(prefix) => {
                Err(format!("the prefix `{}` is not declared", String::from_utf8_lossy(prefix.as_ref())))
            }
        }
    }

    fn end(&mut self) -> Result<(), String> {
        let closed = self.open.pop().ok_or("an end tag without a start")?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(XmlNode::Element(closed)),
            None => self.root = Some(closed),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let Some(element) = self.open.last_mut() else {
            return if text.trim().is_empty() {
                Ok(())
            } else {
                Err("text outside the root element".to_owned())
            };
        };
        match element.children.last_mut() {
            Some(XmlNode::Text(before)) => before.push_str(text),
            _ => element.children.push(XmlNode::Text(text.to_owned())),
        }
        Ok(())
    }

    fn finish(self) -> Result<XmlElement, String> {
        match (self.open.last(), self.root) {
            (Some(open), _) => Err(format!("`{}` is not closed", open.name.local)),
            (None, Some(root)) => Ok(root),
            (None, None) => Err("no root element".to_owned()),
        }
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| lower_first(&error.to_string()))? {
        return Ok(character.to_string());
    }
    let name = reference.xml10_content();
    match name.as_ref() {
        "lt" => Ok("<".to_owned()),
        "gt" => Ok(">".to_owned()),
        "amp" => Ok("&".to_owned()),
        "apos" => Ok("'".to_owned()),
        "quot" => Ok("\"".to_owned()),
        unknown => Err(format!("the entity `&{unknown};` is not known")),
    }
}

fn told(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Namespace(NamespaceError::TooManyBindings(most)) => {
            format!("more than {most} namespaces around an element")
        }
        other => lower_first(&other.to_string()),
    }
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn fault(text: &str) -> String {
        XmlElement::parse(text.as_bytes()).expect_err(text).message
    }

    #[test]
    fn names_are_resolved_and_text_is_joined() {
        let root = XmlElement::parse(b"<?xml version='1.0'?><a xmlns='u' p:x='1&amp;2' xmlns:p='v'>b&lt;<![CDATA[c]]>&#100;<!-- no --><p:e/></a>")
            .expect("XML");

        assert_eq!(root.name, XmlName { namespace: Some("u".into()), local: "a".to_owned() });
        assert_eq!(root.attributes[0].0.namespace.as_deref(), Some("v"));
        assert_eq!(root.attributes[0].1, "1&2");
        assert_eq!(root.text(), "b<cd");
        assert_eq!(root.elements().next().and_then(|e| e.name.namespace.as_deref()), Some("v"));
    }

    #[test]
    fn what_is_not_accepted_says_why() {
        assert_eq!(fault("<!DOCTYPE a><a/>"), "a document type is not accepted");
        assert_eq!(fault("<a>&nbsp;</a>"), "the entity `&nbsp;` is not known");
        assert_eq!(fault("<p:a/>"), "the prefix `p` is not declared");
        assert_eq!(fault("<a/><b/>"), "a second root element");
        assert_eq!(fault("<a><b></b>"), "`a` is not closed");
        assert_eq!(fault(""), "no root element");
        assert_eq!(
            fault("<?xml version='1.0' encoding='latin1'?><a/>"),
            "the encoding `latin1` is not read, only UTF-8"
        );
        assert_eq!(fault(&"<a>".repeat(200)), "elements nest deeper than 128");
        let many = format!("<r>{}</r>", "<a b=''/>".repeat(500_000));
        assert_eq!(fault(&many), "more than 1000000 elements and attributes");
        let attributes = |count: usize| (0..count).map(|number| format!(" a{number}=''")).collect::<String>();
        assert_eq!(fault(&format!("<a{}/>", attributes(1025))), "an element with more than 1024 attributes");
        assert!(XmlElement::parse(format!("<a{}/>", attributes(1024)).as_bytes()).is_ok());
        assert!(fault("<a></b>").contains("`b`") || fault("<a></b>").contains("</b>"));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let _ = XmlElement::parse(text.as_bytes());
            let _ = XmlElement::parse(format!("<a>{text}</a>").as_bytes());
            let _ = XmlElement::parse(&bytes);
        }
    }
}
