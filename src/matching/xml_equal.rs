//! Whether two pieces of XML say the same.

use crate::budget::spend;
use crate::message::{XmlElement, XmlName, XmlNode};

/// Compares two elements: prefixes, the order of attributes and white space between elements aside.
///
/// The order of elements counts, as it does for readers that expect a sequence.
pub fn same_xml(a: &XmlElement, b: &XmlElement) -> bool {
    if !spend(1 + a.attributes.len() + a.children.len() / 4) {
        return false;
    }
    if a.name != b.name || sorted_attributes(a) != sorted_attributes(b) {
        return false;
    }
    let (a, b) = (meaningful(a), meaningful(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|pair| match pair {
            (Node::Element(a), Node::Element(b)) => same_xml(a, b),
            (Node::Text(a), Node::Text(b)) => a == b,
            _ => false,
        })
}

/// A child that counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node<'a> {
    Element(&'a XmlElement),
    Text(&'a str),
}

/// The children without the white space between elements; text beside elements is trimmed.
pub(super) fn meaningful(element: &XmlElement) -> Vec<Node<'_>> {
    let mixed = element.elements().next().is_some();
    element
        .children
        .iter()
        .filter_map(|child| match child {
            XmlNode::Element(element) => Some(Node::Element(element)),
            XmlNode::Text(text) if mixed => Some(text.trim()).filter(|text| !text.is_empty()).map(Node::Text),
            XmlNode::Text(text) => Some(Node::Text(text)).filter(|_| !text.is_empty()),
        })
        .collect()
}

pub(super) fn sorted_attributes(element: &XmlElement) -> Vec<(&XmlName, &str)> {
    let mut attributes: Vec<_> = element.attributes.iter().map(|(name, value)| (name, value.as_str())).collect();
    attributes.sort_unstable();
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        let parse = |text: &str| XmlElement::parse(text.as_bytes()).expect(text);
        same_xml(&parse(a), &parse(b))
    }

    #[test]
    fn what_does_not_matter_is_put_aside() {
        assert!(same("<a xmlns='u' x='1' y='2'> <b/> </a>", "<p:a y='2' x='1' xmlns:p='u'><p:b></p:b></p:a>"));
    }

    #[test]
    fn what_matters_tells_them_apart() {
        assert!(!same("<a><b/><c/></a>", "<a><c/><b/></a>"));
        assert!(!same("<a>x</a>", "<a> x</a>"));
        assert!(!same("<a xmlns='u'/>", "<a/>"));
        assert!(!same("<a x='1'/>", "<a x='2'/>"));
        assert!(!same("<a><b/>t</a>", "<a><b/></a>"));
    }
}
