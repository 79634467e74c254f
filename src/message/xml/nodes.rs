//! Accessors of a tree that only XPath needs.

use std::borrow::Cow;

use super::tree::{NodeId, NodeKind, XmlDocument};

impl XmlDocument {
    /// Returns the number of nodes.
    pub(crate) fn length(&self) -> NodeId {
        self.nodes.len() as NodeId
    }

    /// Returns the parent of a node; `None` for the document.
    #[inline]
    pub(crate) fn parent(&self, node: NodeId) -> Option<NodeId> {
        (node != 0).then(|| self.node(node).parent)
    }

    /// Returns the name with its prefix; empty if the kind of node has no name.
    pub(crate) fn full_name(&self, node: NodeId) -> &str {
        self.node(node).name.slice(&self.text)
    }

    /// Returns the text of a node. For a document or an element it is all text inside.
    pub(crate) fn string_value(&self, node: NodeId) -> Cow<'_, str> {
        let (first, end) = (self.first_inside(node), self.end(node));
        match self.kind(node) {
            NodeKind::Document | NodeKind::Element => match (first..end).len() {
                0 => Cow::Borrowed(""),
                1 if self.kind(first) == NodeKind::Text => Cow::Borrowed(self.value(first)),
                _ => {
                    (first..end).filter(|inner| self.kind(*inner) == NodeKind::Text).map(|it| self.value(it)).collect()
                }
            },
            _ => Cow::Borrowed(self.value(node)),
        }
    }
}
