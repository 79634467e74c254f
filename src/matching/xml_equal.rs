//! Compares XML by its meaning.

use std::borrow::Cow;

use crate::budget::spend;
use crate::message::{XmlElement, XmlName, XmlNode};

/// Returns whether two elements are equal. Prefixes, the order of attributes and white space between elements do not matter.
///
/// The order of elements matters, because some readers expect a sequence.
pub fn same_xml(a: XmlElement<'_>, b: XmlElement<'_>) -> bool {
    if !spend(1 + a.attributes().len() + a.children().count() / 4) {
        return false;
    }
    if a.name() != b.name() || sorted_attributes(a) != sorted_attributes(b) {
        return false;
    }
    let (a, b) = (meaningful(a), meaningful(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|pair| match pair {
            (XmlNode::Element(a), XmlNode::Element(b)) => same_xml(*a, *b),
            (XmlNode::Text(a), XmlNode::Text(b)) => a == b,
            _ => false,
        })
}

/// Returns the children without the white space between elements. Text beside elements is trimmed.
pub(crate) fn meaningful(element: XmlElement<'_>) -> Vec<XmlNode<'_>> {
    let mixed = element.elements().next().is_some();
    element
        .children()
        .filter_map(|child| match child {
            XmlNode::Element(element) => Some(XmlNode::Element(element)),
            XmlNode::Text(text) if mixed => Some(trimmed(text)).filter(|text| !text.is_empty()).map(XmlNode::Text),
            XmlNode::Text(text) => Some(text).filter(|text| !text.is_empty()).map(XmlNode::Text),
        })
        .collect()
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

pub(crate) fn sorted_attributes(element: XmlElement<'_>) -> Vec<(XmlName<'_>, &str)> {
    let mut attributes: Vec<_> = element.attributes().collect();
    attributes.sort_unstable();
    attributes
}

#[cfg(test)]
mod tests {
    use crate::message::XmlDocument;

    use super::*;

    fn same(a: &str, b: &str) -> bool {
        let parse = |text: &str| XmlDocument::parse_text(text).expect(text);
        same_xml(parse(a).root(), parse(b).root())
    }

    #[test]
    fn insignificant_differences_are_ignored() {
        assert!(same("<a xmlns='u' x='1' y='2'> <b/> </a>", "<p:a y='2' x='1' xmlns:p='u'><p:b></p:b></p:a>"));
    }

    #[test]
    fn significant_differences_are_found() {
        assert!(!same("<a><b/><c/></a>", "<a><c/><b/></a>"));
        assert!(!same("<a>x</a>", "<a> x</a>"));
        assert!(!same("<a xmlns='u'/>", "<a/>"));
        assert!(!same("<a x='1'/>", "<a x='2'/>"));
        assert!(!same("<a><b/>t</a>", "<a><b/></a>"));
    }
}
