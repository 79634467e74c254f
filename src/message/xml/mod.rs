//! Parses XML into one flat tree.
//!
//! Bytes are decoded (`decode`), line ends are normalised, `quick-xml` splits the text into tags, texts and so on, and
//! `reader` checks what `quick-xml` does not. `tree` is the result, and `element` is a view of it as elements. Document
//! types are read as far as a non-validating processor must (`dtd`, `entities`). Nothing external is ever fetched.

mod attributes;
mod build;
mod declaration;
mod declared;
mod decode;
mod dtd;
mod element;
mod entities;
mod fault;
mod namespaces;
#[cfg(any(test, feature = "xpath"))]
mod nodes;
mod reader;
mod scan;
mod tree;

#[cfg(test)]
mod referee;
#[cfg(test)]
mod tests;

pub use element::{XmlElement, XmlName, XmlNode};
pub use fault::XmlFault;
pub(crate) use tree::NodeId;
#[cfg(any(test, feature = "xpath"))]
pub(crate) use tree::NodeKind;
pub use tree::XmlDocument;

/// The maximum depth of elements.
pub(super) const MAX_DEPTH: usize = 128;

/// The maximum number of attributes of an element, which is about the number of columns that databases allow in a table.
const MAX_ATTRIBUTES: usize = 1024;

/// The maximum number of namespaces that an element and its ancestors may declare.
const MAX_NAMESPACES: usize = 128;

/// The maximum length of the text that entity references add to a document, in bytes.
const MAX_EXPANDED: usize = 1024 * 1024;

/// The maximum depth of entities that refer to one another.
const MAX_ENTITY_DEPTH: usize = 16;

/// The maximum length of a text. Node numbers and offsets have 32 bits.
const MAX_TEXT_LENGTH: usize = 1 << 30;
