//! Limits on XPaths, because the crate that evaluates them has none.
//!
//! It parses, compiles, evaluates and drops an expression by recursion, and it evaluates predicates node by node whatever that
//! costs. So a text is scanned before the crate sees it, and the work on a document is estimated before it is done.

use std::collections::HashSet;
use std::ops::Range;

use crate::budget::spend;
use crate::message::{XmlElement, XmlNode};

/// The longest text, in bytes.
const LONGEST: usize = 4096;
/// The most parentheses and brackets that may be open at once.
const DEEPEST: usize = 32;
/// The most operators, steps and predicates together.
const MOST_OPERATORS: usize = 256;

/// The most elements, attributes and texts of a document.
pub(super) const MOST_NODES: usize = 20_000;
/// The most work on one document: about the number of nodes that are visited.
pub(super) const MOST_WORK: usize = 5_000_000;
/// To copy this many bytes of text is as much work as to visit a node.
const TEXT_PER_NODE: usize = 128;

/// The functions that take the first node of several, which the crate finds by putting the whole document in order.
const TAKE_FIRST: [&str; 18] = [
    "string",
    "concat",
    "starts-with",
    "contains",
    "substring-before",
    "substring-after",
    "substring",
    "string-length",
    "normalize-space",
    "translate",
    "number",
    "name",
    "local-name",
    "namespace-uri",
    "floor",
    "ceiling",
    "round",
    "lang",
];

/// What is too large about an XPath.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excess {
    pub(super) message: String,
    /// The bytes of the text that are meant.
    pub(super) at: Range<usize>,
}

/// What an XPath costs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// The number of operands, steps and operators.
    terms: usize,
    /// How many scans of the document are nested in another one.
    nested_scans: u32,
    /// How often a predicate takes the first node of several.
    takes_first: usize,
    /// Whether anything selects nodes of any name.
    any_name: bool,
    /// How often nodes are followed to their siblings.
    to_siblings: usize,
    /// How often nodes are followed to all before or after them.
    to_all: usize,
}

/// The size of a document.
#[derive(Debug, Default, Clone, Copy)]
struct Size {
    nodes: usize,
    depth: usize,
    /// The bytes of each text, times its depth: the text of an element is that of all elements in it.
    text: usize,
    /// How many elements have several child elements.
    with_several: usize,
    /// How many elements have several child elements of one name.
    with_repeated: usize,
    /// For each element the square of the number of its children, all together.
    siblings: usize,
}

/// Why an XPath is not evaluated on a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TooLarge {
    /// It has more than [`MOST_NODES`].
    Nodes,
    /// The path would visit its nodes too often.
    Work,
}

impl TooLarge {
    pub(super) fn message(&self) -> String {
        match self {
            TooLarge::Nodes => {
                format!("the document has more than the {MOST_NODES} nodes that an XPath may be evaluated on")
            }
            TooLarge::Work => {
                format!("the XPath takes more than {MOST_WORK} steps on this document: it visits its nodes too often")
            }
        }
    }
}

impl Shape {
    /// Scans a text, which need not be an XPath.
    pub(super) fn of(text: &str) -> Result<Shape, Excess> {
        if text.len() > LONGEST {
            let message = format!("an XPath must have at most {LONGEST} bytes, found {}", text.len());
            return Err(Excess { message, at: 0..0 });
        }
        let mut scan = Scan { after_value: false, operators: 0, open: Vec::new(), shape: Shape::default() };
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let length = token(text, at, c);
            scan.token(&text[at..at + length], at)?;
            at += length;
        }
        Ok(scan.shape)
    }

    /// Whether the path may be evaluated on a document.
    pub(super) fn check(self, root: &XmlElement) -> Result<(), TooLarge> {
        let size = Size::of(root).ok_or(TooLarge::Nodes)?;
        let once = size.nodes.saturating_add(size.text / TEXT_PER_NODE).saturating_mul(self.terms);
        let several = if self.any_name { size.with_several } else { size.with_repeated };
        let work = once
            .saturating_mul(size.nodes.saturating_pow(self.nested_scans))
            .saturating_add((self.takes_first * several * size.depth).saturating_mul(size.nodes))
            .saturating_add(self.to_siblings.saturating_mul(size.siblings))
            .saturating_add(self.to_all.saturating_mul(size.nodes.pow(2)));
        // The crate cannot be interrupted, so its steps are taken before. If they are more than are left, what is returned does not
        // matter.
        if work > MOST_WORK || !spend(work) { Err(TooLarge::Work) } else { Ok(()) }
    }
}

impl Size {
    /// The size of a document, or `None` above [`MOST_NODES`].
    fn of(root: &XmlElement) -> Option<Size> {
        let mut size = Size::default();
        let mut open = vec![(root, 1_usize)];
        while let Some((element, depth)) = open.pop() {
            size.add(element, depth);
            open.extend(element.elements().map(|child| (child, depth + 1)));
            if size.nodes + open.len() > MOST_NODES {
                return None;
            }
        }
        Some(size)
    }

    /// Adds one element, its attributes and its texts.
    fn add(&mut self, element: &XmlElement, depth: usize) {
        self.nodes += 1 + element.attributes.len();
        self.depth = self.depth.max(depth);
        for (_, value) in &element.attributes {
            self.text = self.text.saturating_add(value.len());
        }
        let (mut names, mut children) = (HashSet::new(), 0);
        for child in &element.children {
            match child {
                XmlNode::Element(child) => {
                    names.insert(child.name.local.as_str());
                    children += 1;
                }
                XmlNode::Text(text) => {
                    self.nodes += 1;
                    self.text = self.text.saturating_add(text.len().saturating_mul(depth));
                }
            }
        }
        self.with_several += usize::from(children > 1 || element.attributes.len() > 1);
        self.with_repeated += usize::from(names.len() < children);
        self.siblings = self.siblings.saturating_add(element.children.len().saturating_pow(2));
    }
}

/// The length of the token that starts at a place.
fn token(text: &str, at: usize, c: char) -> usize {
    let rest = &text[at..];
    match c {
        '"' | '\'' => rest[1..].find(c).map_or(rest.len(), |length| length + 2),
        _ if starts_name(c) => rest.find(|c| !in_name(c)).unwrap_or(rest.len()),
        _ if c.is_ascii_digit() => rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()),
        _ if ["//", "::", "..", "!=", "<=", ">="].iter().any(|two| rest.starts_with(two)) => 2,
        _ => c.len_utf8(),
    }
}

pub(super) fn starts_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

pub(super) fn in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

struct Scan {
    /// Whether the last token ends a value, so that a name or `*` after it is an operator (XPath 1.0, §3.7).
    after_value: bool,
    operators: usize,
    /// For each parenthesis and bracket that is open, whether it is a predicate that looks beyond what its node contains.
    open: Vec<Option<bool>>,
    shape: Shape,
}

impl Scan {
    fn token(&mut self, token: &str, at: usize) -> Result<(), Excess> {
        let after_value = self.after_value;
        self.after_value = false;
        match token {
            "(" | "[" => self.open(token == "[", at)?,
            ")" | "]" => {
                self.open.pop();
                self.after_value = true;
            }
            "/" | "//" => {
                if !after_value {
                    self.looks_beyond();
                }
                self.operator(at)?;
            }
            "*" | "node" | "text" if !after_value => {
                self.shape.any_name = true;
                self.value();
            }
            "and" | "or" if after_value => self.operator(at)?,
            "div" | "mod" if after_value => self.arithmetic(at)?,
            "+" | "-" | "*" => self.arithmetic(at)?,
            "=" | "!=" | "<" | "<=" | ">" | ">=" | "|" | "!" => self.operator(at)?,
            ".." | "parent" | "ancestor" | "ancestor-or-self" => {
                self.looks_beyond();
                self.value();
            }
            "following-sibling" | "preceding-sibling" => {
                self.looks_beyond();
                self.shape.to_siblings += 1;
                self.value();
            }
            "following" | "preceding" => {
                self.looks_beyond();
                self.shape.to_all += 1;
                self.value();
            }
            name if TAKE_FIRST.contains(&name) => {
                self.takes_first();
                self.value();
            }
            _ if token.trim().is_empty() => self.after_value = after_value,
            "," | "::" | "@" | ":" | "$" => {}
            _ => self.value(),
        }
        Ok(())
    }

    fn value(&mut self) {
        self.shape.terms += 1;
        self.after_value = true;
    }

    fn operator(&mut self, at: usize) -> Result<(), Excess> {
        self.shape.terms += 1;
        self.operators += 1;
        if self.operators > MOST_OPERATORS {
            let message =
                format!("an XPath must have at most {MOST_OPERATORS} operators, steps and predicates, found more");
            return Err(Excess { message, at: at..at + 1 });
        }
        Ok(())
    }

    fn arithmetic(&mut self, at: usize) -> Result<(), Excess> {
        self.takes_first();
        self.operator(at)
    }

    fn takes_first(&mut self) {
        if self.open.iter().any(Option::is_some) {
            self.shape.takes_first += 1;
        }
    }

    fn open(&mut self, is_predicate: bool, at: usize) -> Result<(), Excess> {
        if self.open.len() == DEEPEST {
            let message = format!("parentheses and brackets of an XPath must nest at most {DEEPEST} deep, found more");
            return Err(Excess { message, at: at..at + 1 });
        }
        self.open.push(is_predicate.then_some(false));
        if is_predicate { self.operator(at) } else { Ok(()) }
    }

    /// Notes that the innermost predicate may visit the whole document for each node that it is asked of.
    fn looks_beyond(&mut self) {
        if let Some(beyond) = self.open.iter_mut().rev().find_map(Option::as_mut) {
            *beyond = true;
        }
        let nested = self.open.iter().filter(|predicate| **predicate == Some(true)).count() as u32;
        self.shape.nested_scans = self.shape.nested_scans.max(nested);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        Shape::of(text).expect_err(text).message
    }

    fn nested_scans(text: &str) -> u32 {
        Shape::of(text).expect(text).nested_scans
    }

    #[test]
    fn what_people_write_is_within_the_limits() {
        for path in [
            "/soap:Envelope/soap:Body/*[local-name()='a'][1]/@id",
            "//item[starts-with(@id, 'p:q') and (count(b) > 1 or not(c))]/following-sibling::item",
            "normalize-space(concat('((((', /a/b, \"[[[[\")) = - 1 * 2 div 3",
        ] {
            assert!(Shape::of(path).is_ok(), "{path}");
        }
        assert!(Shape::of(&"(".repeat(32)).is_ok());
        assert!(Shape::of(&format!("{}1", "-".repeat(256))).is_ok());
        assert!(Shape::of(&format!("'{}'", "(-".repeat(1000))).is_ok());
    }

    #[test]
    fn what_is_too_large_says_so_and_where() {
        let deep = Shape::of(&format!("a{}", "[a".repeat(33))).expect_err("deep");
        assert_eq!(deep.message, "parentheses and brackets of an XPath must nest at most 32 deep, found more");
        assert_eq!(deep.at, 65..66);
        for path in [
            format!("{}1", "-".repeat(257)),
            format!("a{}", "/a".repeat(257)),
            format!("a{}", "[1]".repeat(257)),
            format!("1{}", " or 1".repeat(257)),
            format!("1{}", " * 1".repeat(257)),
        ] {
            assert!(message(&path).contains("256 operators"), "{path}");
        }
        assert_eq!(message(&"a".repeat(5000)), "an XPath must have at most 4096 bytes, found 5000");
    }

    #[test]
    fn scans_within_scans_are_counted() {
        assert_eq!(nested_scans("//a[@id = '1' and b/c[2] = 3]"), 0);
        assert_eq!(nested_scans("//a[count(//a) > 1]"), 1);
        assert_eq!(nested_scans("//a[../b = 1]"), 1);
        assert_eq!(nested_scans("//a[//b[//c]]"), 2);
        assert_eq!(nested_scans("//a/following::b"), 0);
        assert_eq!(nested_scans("//a[b = 'x/..//y']"), 0);
    }

    #[test]
    fn documents_are_measured_before_they_are_searched() {
        let list = |items: usize, item: &str| {
            XmlElement::parse(format!("<r>{}</r>", item.repeat(items)).as_bytes()).expect("XML")
        };
        let flat = |items: usize| list(items, "<i/>");
        let check = |path: &str, root: &XmlElement| Shape::of(path).expect(path).check(root);

        assert_eq!(check("//i[1]", &flat(19_999)), Ok(()));
        assert_eq!(check("//i", &flat(20_000)), Err(TooLarge::Nodes));
        assert_eq!(check("//i[count(//i) > 1]", &flat(500)), Ok(()));
        assert_eq!(check("//i[count(//i) > 1]", &flat(5_000)), Err(TooLarge::Work));
        assert_eq!(check("//i/following::i", &flat(5_000)), Err(TooLarge::Work));
        let pairs = list(1_000, "<p><k/><v/></p>");
        assert_eq!(check("//k/following-sibling::v[1]", &pairs), Ok(()));
        assert_eq!(check("//k/following-sibling::v[1]", &flat(5_000)), Err(TooLarge::Work));
        assert_eq!(check("//p[contains(k, 'x')]/v", &list(5_000, "<p><k/><v/></p>")), Ok(()));
        assert_eq!(check("//p[contains(k, 'x')]/v", &list(5_000, "<p><k/><k/></p>")), Err(TooLarge::Work));
        let text = XmlElement::parse(format!("<r>{}</r>", "t".repeat(8 << 20)).as_bytes()).expect("XML");
        assert_eq!(check("/r = 'x'", &text), Ok(()));
        assert_eq!(check(&format!("concat({}'')", "/r,".repeat(200)), &text), Err(TooLarge::Work));
    }
}
