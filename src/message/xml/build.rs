//! Builds a tree in document order.

use super::MAX_TEXT_LENGTH;
use super::fault::ReadError;
use super::scan::QualifiedName;
use super::tree::{
    FIRST_DECLARED, NO_NAMESPACE, NamespaceId, NodeData, NodeId, NodeKind, Span, XML, XML_NAMESPACE, XmlDocument,
};

pub(super) struct Builder<'t> {
    source: &'t str,
    /// Texts that are not in the source literally. Their offsets are counted from the end of the source.
    extra: String,
    pub(super) nodes: Vec<NodeData>,
    namespaces: Vec<Span>,
    /// The innermost element that is open, or the document.
    pub(super) current: NodeId,
    root: NodeId,
    /// The current text, which may be continued. If it is in `extra`, it is at the end: anything else is added to `extra`
    /// after a tag, a comment or an instruction, which ends the text.
    text: Option<Span>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(source: &'t str) -> Builder<'t> {
        // Enough for a tag and a text for each 32 bytes.
        let nodes = Vec::with_capacity(source.len() / 16 + 2);
        let mut builder =
            Builder { source, extra: String::new(), nodes, namespaces: Vec::new(), current: 0, root: 0, text: None };
        let empty = QualifiedName { text: "", local: 0 };
        builder.add(NodeKind::Document, empty, Span::default());
        builder
    }

    /// Returns the offset of a text in the source, if it is a part of it.
    pub(super) fn place(&self, text: &str) -> Option<usize> {
        let offset = text.as_ptr().addr().checked_sub(self.source.as_ptr().addr())?;
        (offset + text.len() <= self.source.len()).then_some(offset)
    }

    /// Keeps a text, without a copy if it is in the source.
    pub(super) fn keep(&mut self, text: &str) -> Span {
        match self.place(text) {
            Some(start) => Span { start: start as u32, end: (start + text.len()) as u32 },
            None => {
                let start = self.extra_end();
                self.extra.push_str(text);
                Span { start, end: self.extra_end() }
            }
        }
    }

    fn extra_end(&self) -> u32 {
        (self.source.len() + self.extra.len()) as u32
    }

    /// Keeps a text that is not in the source as one piece.
    pub(super) fn put_together(
        &mut self,
        put: impl FnOnce(&mut String) -> Result<(), ReadError>,
    ) -> Result<Span, ReadError> {
        let start = self.extra_end();
        put(&mut self.extra)?;
        self.check_length()?;
        Ok(Span { start, end: self.extra_end() })
    }

    /// Checks that the text is short enough for spans of 32 bits.
    pub(super) fn check_length(&self) -> Result<(), ReadError> {
        if self.source.len() + self.extra.len() > MAX_TEXT_LENGTH {
            return Err(format!("more than {MAX_TEXT_LENGTH} bytes").into());
        }
        Ok(())
    }

    /// Returns a text that was kept.
    pub(super) fn text(&self, span: Span) -> &str {
        match (span.start as usize).checked_sub(self.source.len()) {
            Some(start) => &self.extra[start..span.end as usize - self.source.len()],
            None => span.slice(self.source),
        }
    }

    /// Declares a namespace.
    pub(super) fn namespace(&mut self, name: Span) -> NamespaceId {
        if self.text(name).is_empty() {
            return NO_NAMESPACE;
        }
        self.namespaces.push(name);
        FIRST_DECLARED + self.namespaces.len() as u32 - 1
    }

    /// Returns the name of a namespace.
    pub(super) fn namespace_name(&self, namespace: NamespaceId) -> &str {
        match namespace {
            NO_NAMESPACE => "",
            XML => XML_NAMESPACE,
            declared => self.text(self.namespaces[(declared - FIRST_DECLARED) as usize]),
        }
    }

    fn add(&mut self, kind: NodeKind, name: QualifiedName<'_>, value: Span) {
        let span = self.keep(name.text);
        let id = self.nodes.len() as NodeId;
        self.nodes.push(NodeData {
            kind,
            parent: self.current,
            end: id + 1,
            name: span,
            local: span.start + name.local as u32,
            namespace: NO_NAMESPACE,
            value,
        });
    }

    /// Opens an element, whose namespace is not known yet. Its attributes must be added next.
    pub(super) fn open(&mut self, name: QualifiedName<'_>) {
        self.end_text();
        let id = self.nodes.len() as NodeId;
        if self.current == 0 {
            self.root = id;
        }
        self.add(NodeKind::Element, name, Span::default());
        self.current = id;
    }

    /// Adds an attribute to the element that was opened last.
    pub(super) fn attribute(&mut self, name: QualifiedName<'_>, value: Span) {
        self.add(NodeKind::Attribute, name, value);
    }

    /// Adds a comment or an instruction.
    pub(super) fn aside(&mut self, kind: NodeKind, target: &str, text: &str) {
        self.end_text();
        let value = self.keep(text);
        self.add(kind, QualifiedName { text: target, local: 0 }, value);
    }

    /// Adds text; neighbouring text is one node.
    pub(super) fn add_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let Some(before) = self.text else {
            self.text = Some(self.keep(text));
            return;
        };
        let mut start = before.start;
        if (start as usize) < self.source.len() {
            start = self.extra_end();
            self.extra.push_str(before.slice(self.source));
        }
        self.extra.push_str(text);
        self.text = Some(Span { start, end: self.extra_end() });
    }

    fn end_text(&mut self) {
        if let Some(text) = self.text.take() {
            self.add(NodeKind::Text, QualifiedName { text: "", local: 0 }, text);
        }
    }

    /// Closes the innermost element.
    pub(super) fn close(&mut self) {
        self.end_text();
        let end = self.nodes.len() as NodeId;
        let node = &mut self.nodes[self.current as usize];
        node.end = end;
        self.current = node.parent;
    }

    pub(super) fn has_root(&self) -> bool {
        self.root > 0
    }

    /// Returns the tree; `text` is the source. Every element is closed, and there is a root.
    pub(super) fn finish(mut self) -> Tree {
        self.nodes[0].end = self.nodes.len() as NodeId;
        self.nodes.shrink_to_fit();
        Tree { extra: self.extra, nodes: self.nodes, namespaces: self.namespaces, root: self.root }
    }
}

/// A tree without its text.
pub(super) struct Tree {
    extra: String,
    nodes: Vec<NodeData>,
    namespaces: Vec<Span>,
    root: NodeId,
}

impl Tree {
    pub(super) fn finish(self, mut source: String) -> XmlDocument {
        source.reserve_exact(self.extra.len());
        source.push_str(&self.extra);
        let text = source.into_boxed_str();
        XmlDocument { text, nodes: self.nodes, namespaces: self.namespaces, root: self.root }
    }
}
