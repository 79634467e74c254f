//! The namespaces that are declared around an element (Namespaces in XML 1.0).

use super::MAX_NAMESPACES;
use super::build::Builder;
use super::fault::ReadError;
use super::tree::{NO_NAMESPACE, NamespaceId, Span, XML, XML_NAMESPACE};

const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// The bound prefixes, the innermost last.
#[derive(Default)]
pub(super) struct Namespaces {
    bound: Vec<(Span, NamespaceId)>,
    /// The number of bound prefixes before each open element.
    before: Vec<usize>,
}

impl Namespaces {
    /// Starts the scope of an element.
    pub(super) fn enter(&mut self) {
        self.before.push(self.bound.len());
    }

    /// Ends the scope of an element.
    pub(super) fn leave(&mut self) {
        self.bound.truncate(self.before.pop().unwrap_or_default());
    }

    /// Declares a prefix. The default namespace has an empty prefix.
    pub(super) fn declare(&mut self, tree: &mut Builder<'_>, prefix: &str, name: Span) -> Result<(), ReadError> {
        let declared = tree.text(name);
        if prefix == "xml" && declared == XML_NAMESPACE {
            return Ok(());
        }
        if matches!(prefix, "xml" | "xmlns") {
            return Err(format!("the prefix `{prefix}` must not be declared").into());
        }
        if matches!(declared, XML_NAMESPACE | XMLNS_NAMESPACE) {
            return Err(format!("the namespace `{declared}` must not be declared").into());
        }
        if declared.is_empty() && !prefix.is_empty() {
            return Err(format!("the prefix `{prefix}` must have a namespace that is not empty").into());
        }
        let own = &self.bound[self.before.last().copied().unwrap_or_default()..];
        if own.iter().any(|(other, _)| tree.text(*other) == prefix) {
            return Err(match prefix {
                "" => "the default namespace is declared twice".into(),
                prefix => format!("the prefix `{prefix}` is declared twice").into(),
            });
        }
        if self.bound.len() == MAX_NAMESPACES {
            return Err(format!("more than {MAX_NAMESPACES} namespaces around an element").into());
        }
        let bound = (tree.keep(prefix), tree.namespace(name));
        self.bound.push(bound);
        Ok(())
    }

    /// Returns the namespace of an element with this prefix.
    pub(super) fn of_element(&self, tree: &Builder<'_>, prefix: &str) -> Result<NamespaceId, ReadError> {
        let bound = self.bound.iter().rev().find(|(other, _)| tree.text(*other) == prefix);
        match (bound, prefix) {
            (Some((_, namespace)), _) => Ok(*namespace),
            (None, "") => Ok(NO_NAMESPACE),
            (None, "xml") => Ok(XML),
            (None, _) => Err(format!("the prefix `{prefix}` is not declared").into()),
        }
    }

    /// Returns the namespace of an attribute with this prefix. An attribute without a prefix has no namespace.
    pub(super) fn of_attribute(&self, tree: &Builder<'_>, prefix: &str) -> Result<NamespaceId, ReadError> {
        if prefix.is_empty() {
            return Ok(NO_NAMESPACE);
        }
        self.of_element(tree, prefix)
    }
}
