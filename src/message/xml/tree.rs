//! A document as one array of nodes in document order.
//!
//! A node is a number, and its descendants are the range of numbers up to its end. The attributes of an element follow it,
//! then its children. So a set of nodes in document order is a sorted list of numbers, and no walk of the tree needs
//! recursion. Names and values are spans in one text: the document itself, followed by texts that are not in it literally,
//! such as values with references.

/// A node of a document: its index in document order. 0 is the document itself.
pub(crate) type NodeId = u32;

/// The kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Document,
    Element,
    Attribute,
    Text,
    Comment,
    Instruction,
}

/// A span in the text of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn slice(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// The number of a namespace in its document.
pub(super) type NamespaceId = u32;
pub(super) const NO_NAMESPACE: NamespaceId = 0;
pub(super) const XML: NamespaceId = 1;
/// The first namespace that a document declares.
pub(super) const FIRST_DECLARED: NamespaceId = 2;

/// The namespace of the prefix `xml`.
pub(super) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

#[derive(Debug, Clone)]
pub(super) struct NodeData {
    pub(super) kind: NodeKind,
    pub(super) parent: NodeId,
    /// The node after its descendants.
    pub(super) end: NodeId,
    /// The name with its prefix; for an instruction, its target.
    pub(super) name: Span,
    /// The offset of the local part of the name.
    pub(super) local: u32,
    pub(super) namespace: NamespaceId,
    /// The value. Documents and elements have none.
    pub(super) value: Span,
}

/// A document in XML.
#[derive(Clone)]
pub struct XmlDocument {
    pub(super) text: Box<str>,
    pub(super) nodes: Vec<NodeData>,
    /// The declared namespaces, from [`FIRST_DECLARED`] on.
    pub(super) namespaces: Vec<Span>,
    pub(super) root: NodeId,
}

impl XmlDocument {
    #[inline]
    pub(super) fn node(&self, node: NodeId) -> &NodeData {
        &self.nodes[node as usize]
    }

    /// Returns the kind of a node.
    #[inline]
    pub(crate) fn kind(&self, node: NodeId) -> NodeKind {
        self.node(node).kind
    }

    /// Returns the node after the descendants of a node.
    #[inline]
    pub(crate) fn end(&self, node: NodeId) -> NodeId {
        self.node(node).end
    }

    /// Returns the name without its prefix.
    #[inline]
    pub(crate) fn local(&self, node: NodeId) -> &str {
        let NodeData { name, local, .. } = *self.node(node);
        Span { start: local, ..name }.slice(&self.text)
    }

    /// Returns the namespace of the name; `None` for no namespace.
    #[inline]
    pub(crate) fn namespace(&self, node: NodeId) -> Option<&str> {
        match self.node(node).namespace {
            NO_NAMESPACE => None,
            XML => Some(XML_NAMESPACE),
            declared => Some(self.namespaces[(declared - FIRST_DECLARED) as usize].slice(&self.text)),
        }
    }

    /// Returns the value of an attribute, text, comment or processing instruction.
    #[inline]
    pub(crate) fn value(&self, node: NodeId) -> &str {
        self.node(node).value.slice(&self.text)
    }

    /// Returns the attributes of an element.
    pub(crate) fn attributes(&self, element: NodeId) -> std::ops::Range<NodeId> {
        let first = element + 1;
        let count = self.nodes[first as usize..].iter().take_while(|node| node.kind == NodeKind::Attribute).count();
        first..first + count as NodeId
    }

    /// Returns the first child, or the end if there is none.
    #[inline]
    pub(crate) fn first_inside(&self, node: NodeId) -> NodeId {
        match self.kind(node) {
            NodeKind::Element => self.attributes(node).end,
            _ => node + 1,
        }
    }

    /// Returns the children of a document or an element in document order.
    pub(crate) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + use<'_> {
        let (mut next, end) = (self.first_inside(node), self.end(node));
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.end(child);
            Some(child)
        })
    }

    /// Returns a copy in which some elements have no children, and some attributes and texts are empty. The nodes must be
    /// in document order. An element that is emptied keeps its attributes.
    pub(crate) fn emptied(&self, nodes: &[NodeId]) -> XmlDocument {
        let mut kept: Vec<NodeData> = Vec::with_capacity(self.nodes.len());
        // The index of each node in the copy. A removed node has the index of the next one.
        let mut places = Vec::with_capacity(self.nodes.len() + 1);
        let mut emptied = 0;
        for (id, node) in (0..).zip(&self.nodes) {
            places.push(kept.len() as NodeId);
            let is_inside = emptied > 0 && id > emptied && id < self.end(emptied);
            if is_inside && !(node.kind == NodeKind::Attribute && node.parent == emptied) {
                continue;
            }
            let mut node = node.clone();
            if nodes.binary_search(&id).is_ok() {
                node.value = Span::default();
                if node.kind == NodeKind::Element {
                    emptied = id;
                }
            }
            kept.push(node);
        }
        places.push(kept.len() as NodeId);
        for node in &mut kept {
            node.parent = places[node.parent as usize];
            node.end = places[node.end as usize];
        }
        XmlDocument { text: self.text.clone(), nodes: kept, namespaces: self.namespaces.clone(), root: self.root }
    }
}
