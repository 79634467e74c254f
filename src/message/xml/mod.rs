//! XML read into one flat tree.
//!
//! Bytes are decoded (`decode`), line ends are normalised, `quick-xml` splits the text into tags, texts and the like, and
//! `reader` checks what `quick-xml` leaves to its user. `tree` is the result; `element` shows it as elements with
//! what is inside them. Document types are read as far as a processor must that does not validate (`dtd`, `entities`);
//! nothing outside the text is ever fetched.

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

/// Elements may nest this deep.
pub(super) const MAX_DEPTH: usize = 128;

/// An element may have this many attributes. A row of a database has as many columns at most.
const MAX_ATTRIBUTES: usize = 1024;

/// This many namespaces may be declared by the elements around one, itself included.
const MAX_NAMESPACES: usize = 128;

/// The text that references to entities may add to a document, in bytes.
const MAX_EXPANDED: usize = 1024 * 1024;

/// Entities may refer to one another this deep.
const MAX_ENTITY_DEPTH: usize = 16;

/// A place in a tree is a number of 32 bits, and so is one in its text.
const MAX_TEXT_LENGTH: usize = 1 << 30;
