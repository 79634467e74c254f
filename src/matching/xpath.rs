//! XPath 1.0, by the crate `sxd-xpath`, on a tree built from our own, in programs that have any.

use once_cell::sync::OnceCell;

use crate::budget::{Exceeded, exceed};
use crate::message::{Unreadable, XmlElement};
use crate::model::{Fault, Json, KeyPath, XPathText};

use super::xpath_limits::{MOST_NODES, MOST_WORK, Shape, TooLarge};

/// An XPath with the prefixes that it uses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CompiledXPath {
    pub(super) text: String,
    namespaces: Vec<(String, String)>,
    shape: Shape,
}

type Namespaces = [(String, String)];

/// What can be done with XPaths.
struct XPaths {
    /// What is wrong with one that uses these prefixes, if anything.
    fault: fn(&str, &Namespaces, &KeyPath) -> Option<Fault>,
    select: fn(&CompiledXPath, &XmlElement) -> Vec<Json>,
}

/// Set by whoever makes a text that is an XPath. Pointers, so that a program without any is spared the crate.
static XPATHS: OnceCell<XPaths> = OnceCell::new();

impl From<String> for XPathText {
    fn from(text: String) -> XPathText {
        #[cfg(feature = "xpath")]
        let _ = XPATHS.set(XPaths { fault: with_feature::fault, select: with_feature::select });
        XPathText::carried(text)
    }
}

impl CompiledXPath {
    pub(super) fn compile(
        text: &XPathText,
        namespaces: &[(String, String)],
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> Option<CompiledXPath> {
        let shape = Shape::of(text);
        let fault = match (&shape, XPATHS.get()) {
            (Err(excess), _) => {
                let fault = Fault::key(at, excess.message.clone());
                Some(fault.helped(SPLIT).within_key(excess.at.start, excess.at.end))
            }
            (Ok(_), Some(xpaths)) => (xpaths.fault)(text, namespaces, at),
            (Ok(_), None) => Some(
                Fault::key(at, "`xpath` needs the feature `xpath` of the crate cannery")
                    .helped("Turn it on: `cannery = { version = \"...\", features = [\"xpath\"] }`."),
            ),
        };
        faults.extend(fault.clone());
        let shape = shape.ok().filter(|_| fault.is_none())?;
        Some(CompiledXPath { text: text.to_string(), namespaces: namespaces.to_vec(), shape })
    }

    /// The string value of each node selected, or the one string, number or boolean that it computes.
    ///
    /// # Errors
    /// If the document is too large for it: then the limit is exceeded in the budget that applies, too.
    pub(super) fn select(&self, root: &XmlElement) -> Result<Vec<Json>, Unreadable> {
        check_size(self.shape, root)?;
        Ok(XPATHS.get().map(|xpaths| (xpaths.select)(self, root)).unwrap_or_default())
    }
}

const SPLIT: &str = "Split it into several conditions, or select by a shorter path.";

fn check_size(shape: Shape, root: &XmlElement) -> Result<(), Unreadable> {
    shape.check(root).map_err(|reason| {
        exceed(match reason {
            TooLarge::Nodes => Exceeded::XPathNodes(MOST_NODES as u64),
            TooLarge::Work => Exceeded::XPathSteps(MOST_WORK as u64),
        });
        Unreadable::TooCostly(reason.message())
    })
}

#[cfg(feature = "xpath")]
mod with_feature {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use sxd_document::{Package, QName, dom};
    use sxd_xpath::nodeset::Nodeset;
    use sxd_xpath::{Context, Factory, Value, XPath};

    use crate::message::{XmlName, XmlNode};
    use crate::model::Number;

    use super::super::xpath_names::{Unknown, unknown_name};
    use super::{CompiledXPath, Fault, Json, KeyPath, Shape, XmlElement, check_size};

    thread_local! {
        // A parsed XPath cannot be shared between threads, so each thread keeps its own.
        static PARSED: RefCell<HashMap<String, Option<XPath>>> = RefCell::new(HashMap::new());
    }

    /// Beyond this many different paths a thread starts over, so that stubs that come and go leave nothing behind.
    const MOST_PARSED: usize = 1000;

    pub(super) fn fault(text: &str, namespaces: &[(String, String)], at: &KeyPath) -> Option<Fault> {
        match Factory::new().build(text) {
            Ok(Some(_)) => unknown_name(text, namespaces).map(|unknown| fault_of(&unknown, at)),
            Ok(None) => Some(Fault::key(at, "not an XPath: it is empty")),
            Err(error) => Some(Fault::key(at, format!("not an XPath 1.0: {error}"))),
        }
    }

    pub(super) fn select(asked: &CompiledXPath, root: &XmlElement) -> Vec<Json> {
        let package = Package::new();
        let document = package.as_document();
        document.root().append_child(copy(root, document));
        let mut context = Context::new();
        for (prefix, namespace) in &asked.namespaces {
            context.set_namespace(prefix, namespace);
        }
        PARSED.with_borrow_mut(|parsed| {
            if parsed.len() >= MOST_PARSED {
                parsed.clear();
            }
            let path =
                parsed.entry(asked.text.clone()).or_insert_with(|| Factory::new().build(&asked.text).ok().flatten());
            let Some(Ok(value)) = path.as_ref().map(|path| path.evaluate(&context, document.root())) else {
                return Vec::new();
            };
            match value {
                Value::Nodeset(nodes) => {
                    nodes.document_order().iter().map(|node| Json::String(node.string_value())).collect()
                }
                Value::String(text) => vec![Json::String(text)],
                Value::Boolean(truth) => vec![Json::Bool(truth)],
                Value::Number(number) => Number::parse(&number.to_string()).map(Json::Number).into_iter().collect(),
            }
        })
    }

    /// The tree without the contents of what a path selects. A path that is not one, or is too large for the tree, selects
    /// nothing.
    pub(in crate::matching) fn blank_selected(mut root: XmlElement, path: &str) -> XmlElement {
        let shape = Shape::of(path).ok();
        if shape.is_none_or(|shape| check_size(shape, &root).is_err()) {
            return root;
        }
        let package = Package::new();
        let document = package.as_document();
        let copied = copy(&root, document);
        document.root().append_child(copied);
        let path = Factory::new().build(path).ok().flatten();
        let selected = path.and_then(|path| path.evaluate(&Context::new(), document.root()).ok());
        if let Some(Value::Nodeset(nodes)) = selected {
            blank(&mut root, copied, &nodes);
        }
        root
    }

    fn fault_of(unknown: &Unknown<'_>, at: &KeyPath) -> Fault {
        match unknown {
            Unknown::Prefix(prefix) => Fault::key(at, format!("the prefix `{prefix}` of this XPath is not declared"))
                .helped(format!("Say what it stands for: `xml_namespaces.{prefix} = \"...\"`.")),
            Unknown::Function(name) => Fault::key(at, format!("`{name}` is no function of XPath 1.0")),
            Unknown::Variable => Fault::key(at, "an XPath has no variables here"),
        }
    }

    fn blank(element: &mut XmlElement, copied: dom::Element<'_>, nodes: &Nodeset<'_>) {
        for (name, value) in &mut element.attributes {
            if copied.attribute(qualified(name)).is_some_and(|attribute| nodes.contains(attribute)) {
                value.clear();
            }
        }
        if nodes.contains(copied) {
            element.children.clear();
            return;
        }
        let inner = element.children.iter_mut().filter_map(|child| match child {
            XmlNode::Element(inner) => Some(inner),
            XmlNode::Text(_) => None,
        });
        let copies = copied.children().into_iter().filter_map(|child| child.element());
        inner.zip(copies).for_each(|(inner, copy)| blank(inner, copy, nodes));
    }

    fn qualified(name: &XmlName) -> QName<'_> {
        QName::with_namespace_uri(name.namespace.as_deref(), &name.local)
    }

    fn copy<'d>(element: &XmlElement, document: dom::Document<'d>) -> dom::Element<'d> {
        let made = document.create_element(qualified(&element.name));
        for (name, value) in &element.attributes {
            made.set_attribute_value(qualified(name), value);
        }
        for child in &element.children {
            match child {
                XmlNode::Element(inner) => made.append_child(copy(inner, document)),
                XmlNode::Text(text) => made.append_child(document.create_text(text)),
            }
        }
        made
    }
}

#[cfg(feature = "xpath")]
pub(super) use with_feature::blank_selected;

#[cfg(not(feature = "xpath"))]
pub(super) fn blank_selected(root: XmlElement, _path: &str) -> XmlElement {
    root
}

#[cfg(all(test, feature = "xpath"))]
mod tests {
    use super::*;

    fn select(path: &str, namespaces: &[(&str, &str)], xml: &str) -> Vec<String> {
        let namespaces: Vec<_> = namespaces.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let compiled = CompiledXPath::compile(&path.into(), &namespaces, &KeyPath::top(), &mut Vec::new()).expect(path);
        let root = XmlElement::parse(xml.as_bytes()).expect(xml);
        compiled.select(&root).expect(xml).iter().map(|value| value.to_string()).collect()
    }

    #[test]
    fn nodes_and_computed_values_are_selected() {
        let xml = "<a xmlns='u'><b x='1'>one</b><b x='2'>two</b></a>";

        assert_eq!(select("//n:b", &[("n", "u")], xml), [r#""one""#, r#""two""#]);
        assert_eq!(select("/n:a/n:b[2]/@x", &[("n", "u")], xml), [r#""2""#]);
        assert_eq!(select("count(//n:b) > 1", &[("n", "u")], xml), ["true"]);
        assert_eq!(select("count(//n:b)", &[("n", "u")], xml), ["2"]);
        assert_eq!(select("//b", &[], xml), [""; 0]);
    }

    #[test]
    fn what_is_not_an_xpath_is_a_fault() {
        let mut faults = Vec::new();

        assert!(CompiledXPath::compile(&"//[".into(), &[], &KeyPath::top(), &mut faults).is_none());
        assert!(CompiledXPath::compile(&"".into(), &[], &KeyPath::top(), &mut faults).is_none());
        let deep = format!("{}1{}", "(".repeat(2000), ")".repeat(2000));
        assert!(CompiledXPath::compile(&deep.as_str().into(), &[], &KeyPath::top(), &mut faults).is_none());
        assert_eq!(faults.len(), 3);
    }
}
