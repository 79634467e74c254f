//! A view of a tree as elements with attributes and children, without prefixes, comments and processing instructions.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::tree::{NodeId, NodeKind, XmlDocument};

impl XmlDocument {
    /// Returns the root element.
    pub fn root(&self) -> XmlElement<'_> {
        XmlElement { document: self, node: self.root }
    }
}

impl fmt::Debug for XmlDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.root(), f)
    }
}

/// Two documents are equal if their root elements are. Prefixes, comments and processing instructions do not count.
impl PartialEq for XmlDocument {
    fn eq(&self, other: &XmlDocument) -> bool {
        self.root() == other.root()
    }
}

impl Eq for XmlDocument {}

/// An element of a document.
#[derive(Clone, Copy)]
pub struct XmlElement<'d> {
    pub(super) document: &'d XmlDocument,
    pub(super) node: NodeId,
}

/// A child of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XmlNode<'d> {
    /// An element.
    Element(XmlElement<'d>),
    /// Text or CDATA.
    Text(Cow<'d, str>),
}

/// A resolved name. Prefixes do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct XmlName<'d> {
    /// The namespace; `None` for no namespace.
    pub namespace: Option<&'d str>,
    /// The name without a prefix.
    pub local: &'d str,
}

impl XmlName<'_> {
    /// Returns a start tag of this name, for messages.
    pub(crate) fn tag(&self) -> String {
        match self.namespace {
            Some(namespace) => format!("<{} xmlns=\"{namespace}\">", self.local),
            None => format!("<{}>", self.local),
        }
    }
}

/// Compares local names first, because the attributes of an element often share a namespace, whose name may be long.
impl Ord for XmlName<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.local.cmp(other.local).then_with(|| self.namespace.cmp(&other.namespace))
    }
}

impl PartialOrd for XmlName<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Two elements are equal if their names, attributes and children are, in the same order.
impl PartialEq for XmlElement<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.attributes().eq(other.attributes()) && self.children().eq(other.children())
    }
}

impl Eq for XmlElement<'_> {}

impl fmt::Debug for XmlElement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XmlElement")
            .field("name", &self.name())
            .field("attributes", &self.attributes().collect::<Vec<_>>())
            .field("children", &self.children().collect::<Vec<_>>())
            .finish()
    }
}

impl<'d> XmlElement<'d> {
    /// Returns its name.
    pub fn name(&self) -> XmlName<'d> {
        self.name_of(self.node)
    }

    /// Returns its name without a prefix.
    pub fn local_name(&self) -> &'d str {
        self.document.local(self.node)
    }

    fn name_of(&self, node: NodeId) -> XmlName<'d> {
        XmlName { namespace: self.document.namespace(node), local: self.document.local(node) }
    }

    /// Returns its attributes with their values in document order, without the declarations of namespaces.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (XmlName<'d>, &'d str)> + use<'d> {
        let this = *self;
        this.document.attributes(this.node).map(move |node| (this.name_of(node), this.document.value(node)))
    }

    /// Returns its children in document order. Adjacent texts are one node.
    pub fn children(&self) -> impl Iterator<Item = XmlNode<'d>> + use<'d> {
        let document = self.document;
        let relevant = |node: &NodeId| matches!(document.kind(*node), NodeKind::Element | NodeKind::Text);
        let mut nodes = document.children(self.node).filter(relevant).peekable();
        std::iter::from_fn(move || {
            let node = nodes.next()?;
            if document.kind(node) == NodeKind::Element {
                return Some(XmlNode::Element(XmlElement { document, node }));
            }
            let mut text = Cow::Borrowed(document.value(node));
            while let Some(more) = nodes.next_if(|next| document.kind(*next) == NodeKind::Text) {
                text += document.value(more);
            }
            Some(XmlNode::Text(text))
        })
    }

    /// Returns its child elements.
    pub fn elements(&self) -> impl Iterator<Item = XmlElement<'d>> + use<'d> {
        let document = self.document;
        let children = document.children(self.node).filter(|node| document.kind(*node) == NodeKind::Element);
        children.map(|node| XmlElement { document, node })
    }

    /// Returns the text directly inside it, joined.
    pub fn text(&self) -> Cow<'d, str> {
        let document = self.document;
        let texts = document.children(self.node).filter(|node| document.kind(*node) == NodeKind::Text);
        texts.fold(Cow::Borrowed(""), |text, node| text + document.value(node))
    }
}
