//! A document: the content of a body, independent of its representation as JSON or XML.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::model::Json;

use super::XmlElement;

/// The namespace of `nil` and `type`.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A document, which is the same whether it was sent as JSON or as XML.
#[derive(Debug, Clone)]
pub struct Document {
    /// The content.
    pub root: Arc<Json>,
    /// Whether its leaves are text without a type, as in XML.
    pub untyped: bool,
}

/// The reason why a body cannot be read in the requested format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not valid in this format.
    Malformed {
        /// The format, such as `JSON` or `XML`.
        expected: &'static str,
        /// The message of the parser.
        reason: String,
    },
    /// Its Content-Type names this unknown charset.
    UnknownCharset(String),
    /// Its Content-Type is neither JSON nor XML.
    NoDocument(String),
    /// It has this Content-Encoding, which this build cannot decode.
    Packed(String),
    /// It has more than this many bytes after its Content-Encoding is decoded.
    TooLarge(usize),
    /// Evaluating the condition on it would take too long.
    TooCostly(String),
}

impl std::error::Error for Unreadable {}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Malformed { expected, reason } => write!(f, "the body is not {expected}: {reason}"),
            Unreadable::UnknownCharset(name) => write!(f, "the charset `{name}` of the body is not known"),
            Unreadable::NoDocument(essence) => {
                write!(f, "a body of type {essence} has no document: it must be JSON or XML")
            }
            Unreadable::Packed(encoding) => {
                write!(f, "the body is in `{encoding}`, and this build of Cannery is without the feature `gzip`")
            }
            Unreadable::TooLarge(limit) => {
                write!(f, "the body unpacks to more than the {limit} bytes that `--max-body` allows")
            }
            Unreadable::TooCostly(reason) => f.write_str(reason),
        }
    }
}

impl Document {
    /// Reads XML as a document: by local name, leaves as strings, repeated elements and those that `lists` names
    /// as lists, attributes as `@name`, text next to elements as `#text`, `xsi:nil` as null.
    ///
    /// `lists` holds names of elements and the names of the elements of their items.
    pub fn from_xml(root: XmlElement<'_>, lists: &[(String, String)]) -> Document {
        Document { root: Arc::new(value_of(root, lists)), untyped: true }
    }
}

fn value_of(element: XmlElement<'_>, lists: &[(String, String)]) -> Json {
    if is_nil(element) {
        return Json::Null;
    }
    if let Some((_, item)) = lists.iter().find(|(name, _)| name == element.local_name()) {
        let items = element.elements().filter(|child| child.local_name() == item);
        return Json::Array(items.map(|child| value_of(child, lists)).collect());
    }
    let attributes: Vec<(String, Json)> = element
        .attributes()
        .filter(|(name, _)| !(name.namespace == Some(SCHEMA_INSTANCE) && name.local == "nil"))
        .map(|(name, value)| (format!("@{}", name.local), Json::from(value)))
        .collect();
    if attributes.is_empty() && element.elements().next().is_none() {
        return Json::String(element.text().into_owned());
    }
    let mut members = attributes;
    members.extend(grouped(element, lists));
    let text = element.text();
    if !text.trim().is_empty() {
        members.push(("#text".to_owned(), Json::String(text.trim().to_owned())));
    }
    Json::Object(members)
}

fn is_nil(element: XmlElement<'_>) -> bool {
    element.attributes().any(|(name, value)| {
        name.namespace == Some(SCHEMA_INSTANCE) && name.local == "nil" && matches!(value.trim(), "true" | "1")
    })
}

/// Groups the child elements by name, in the order of the first element of each name. Repeated names are lists.
fn grouped(element: XmlElement<'_>, lists: &[(String, String)]) -> impl Iterator<Item = (String, Json)> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places = HashMap::new();
    for child in element.elements() {
        let name = child.local_name();
        let value = value_of(child, lists);
        let among_few = groups.iter().take(MAX_SCANNED).position(|group| group.name == name);
        let place = match among_few {
            Some(place) => place,
            None if groups.len() < MAX_SCANNED => groups.len(),
            None => *places.entry(name).or_insert(groups.len()),
        };
        match groups.get_mut(place) {
            None => groups.push(Group { name, value, is_list: false }),
            Some(Group { value: Json::Array(values), is_list: true, .. }) => values.push(value),
            Some(group) => {
                group.value = Json::Array(vec![std::mem::take(&mut group.value), value]);
                group.is_list = true;
            }
        }
    }
    groups.into_iter().map(|group| (group.name.to_owned(), group.value))
}

/// The elements of one name.
struct Group<'e> {
    name: &'e str,
    value: Json,
    /// Whether the value is a list of several elements.
    is_list: bool,
}

/// The maximum number of names that are scanned.
const MAX_SCANNED: usize = 8;

#[cfg(test)]
mod tests {
    use super::super::XmlDocument;
    use super::*;

    fn read(xml: &str, lists: &[(&str, &str)]) -> String {
        let lists: Vec<_> = lists.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Document::from_xml(XmlDocument::parse_text(xml).expect(xml).root(), &lists).root.to_string()
    }

    #[test]
    fn a_named_list_is_one_however_many_items_it_has() {
        let lists = [("Ids", "string")];

        assert_eq!(read("<r><Ids/></r>", &lists), r#"{"Ids":[]}"#);
        assert_eq!(read("<r><Ids><p:string xmlns:p='u'>a</p:string></Ids></r>", &lists), r#"{"Ids":["a"]}"#);
        assert_eq!(read("<r><Ids><other>a</other></Ids></r>", &lists), r#"{"Ids":[]}"#);
    }

    #[test]
    fn repeated_elements_are_a_list_wherever_they_stand() {
        assert_eq!(read("<r><a>1</a><b/><a>2</a></r>", &[]), r#"{"a":["1","2"],"b":""}"#);
    }

    #[test]
    fn attributes_text_and_nil_have_names() {
        let xml =
            "<r i:type='t' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><a i:nil='true'/><b x='1'>t</b> u </r>";

        assert_eq!(read(xml, &[]), r##"{"@type":"t","a":null,"b":{"@x":"1","#text":"t"},"#text":"u"}"##);
    }
}
