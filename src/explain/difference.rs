//! Finds the places in which two values differ.

use std::collections::HashMap;

use crate::matching::{meaningful, member_path, sorted_attributes};
use crate::message::{XmlDocument, XmlElement, XmlName, XmlNode};
use crate::model::{Json, Members};

/// One place in which the expected and the actual value differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// A JSONPath, or a path of element names.
    pub path: String,
    /// The expected value; `None` if nothing should be there.
    pub expected: Option<String>,
    /// The actual value; `None` if nothing is there.
    pub actual: Option<String>,
}

/// The most differences that are listed.
const MAX_LISTED: usize = 50;

/// Lists the differences between JSON values. With `partial`, whatever the expected value does not contain is ignored, as in
/// `json_includes`.
pub fn json_differences(expected: &Json, actual: &Json, partial: bool) -> Vec<Difference> {
    let mut found = Vec::new();
    json_at("$".to_owned(), expected, actual, partial, &mut found);
    found
}

fn json_at(path: String, expected: &Json, actual: &Json, partial: bool, found: &mut Vec<Difference>) {
    let alike = if partial { actual.includes(expected) } else { actual.same(expected) };
    if alike || found.len() >= MAX_LISTED {
        return;
    }
    match (expected, actual) {
        (Json::Object(expected), Json::Object(actual)) => {
            let by_name = Members::new(actual);
            for (name, value) in expected {
                match by_name.get(name) {
                    Some(other) => json_at(member_path(&path, name), value, other, partial, found),
                    None => found.push(difference(member_path(&path, name), Some(value), None)),
                }
                if found.len() >= MAX_LISTED {
                    return;
                }
            }
            if partial {
                return;
            }
            let by_name = Members::new(expected);
            let extra = actual.iter().filter(|(name, _)| by_name.get(name).is_none());
            let extra = extra.map(|(name, value)| difference(member_path(&path, name), None, Some(value)));
            found.extend(extra.take(MAX_LISTED - found.len()));
        }
        (Json::Array(expected), Json::Array(actual)) if !partial => {
            for place in 0..expected.len().max(actual.len()) {
                let path = format!("{path}[{place}]");
                match (expected.get(place), actual.get(place)) {
                    (Some(expected), Some(actual)) => json_at(path, expected, actual, partial, found),
                    (expected, actual) => found.push(difference(path, expected, actual)),
                }
                if found.len() >= MAX_LISTED {
                    return;
                }
            }
        }
        (Json::Array(expected), Json::Array(actual)) => {
            let missing = first_missing_item(expected, actual);
            found.extend(missing.map(|at| difference(format!("{path}[{at}]"), expected.get(at), None)));
        }
        _ => found.push(difference(path, Some(expected), Some(actual))),
    }
}

/// Returns the first expected item that no actual item includes. The actual items must be in the order of the expected ones.
fn first_missing_item(expected: &[Json], actual: &[Json]) -> Option<usize> {
    let mut rest = actual.iter();
    expected.iter().position(|item| !rest.any(|other| other.includes(item)))
}

fn difference(path: String, expected: Option<&Json>, actual: Option<&Json>) -> Difference {
    Difference { path, expected: expected.map(Json::to_string), actual: actual.map(Json::to_string) }
}

/// Lists the differences between XML documents, by the rules of [`same_xml`](crate::matching::same_xml).
pub fn xml_differences(expected: &XmlDocument, actual: &XmlDocument) -> Vec<Difference> {
    let mut found = Vec::new();
    let root = expected.root();
    xml_at(&format!("/{}", root.name().local), root, actual.root(), &mut found);
    found
}

/// Returns the first line, counted from 1, in which two texts differ.
pub(super) fn first_line(expected: &str, actual: &str) -> Option<Difference> {
    let (mut expected, mut actual) = (expected.split('\n'), actual.split('\n'));
    let mut number = 0;
    loop {
        number += 1;
        match (expected.next(), actual.next()) {
            (None, None) => return None,
            (expected, actual) if expected == actual => {}
            (expected, actual) => {
                let quoted = |line: Option<&str>| line.map(|line| Json::from(line).to_string());
                return Some(differing(&format!("line {number}"), quoted(expected), quoted(actual)));
            }
        }
    }
}

fn xml_at(path: &str, expected: XmlElement<'_>, actual: XmlElement<'_>, found: &mut Vec<Difference>) {
    if found.len() >= MAX_LISTED {
        return;
    }
    if expected.name() != actual.name() {
        found.push(differing(path, Some(expected.name().tag()), Some(actual.name().tag())));
        return;
    }
    attributes_at(path, expected, actual, found);
    let (expected, actual) = (meaningful(expected), meaningful(actual));
    let mut named: HashMap<&str, usize> = HashMap::new();
    for place in 0..expected.len().max(actual.len()) {
        let (expected, actual) = (expected.get(place), actual.get(place));
        let path = child_path(path, expected.or(actual), &mut named);
        match (expected, actual) {
            (Some(XmlNode::Element(a)), Some(XmlNode::Element(b))) => xml_at(&path, *a, *b, found),
            (Some(XmlNode::Text(a)), Some(XmlNode::Text(b))) if a == b => {}
            (a, b) => found.push(differing(&path, a.map(describe_node), b.map(describe_node))),
        }
        if found.len() >= MAX_LISTED {
            return;
        }
    }
}

/// Returns the path of a child, counted as in XPath: among the elements of its name, from 1. Text has the path of its element.
fn child_path<'a>(path: &str, child: Option<&XmlNode<'a>>, named: &mut HashMap<&'a str, usize>) -> String {
    let Some(XmlNode::Element(element)) = child else { return path.to_owned() };
    let count = named.entry(element.name().local).or_default();
    *count += 1;
    format!("{path}/{}[{count}]", element.name().local)
}

fn attributes_at(path: &str, expected: XmlElement<'_>, actual: XmlElement<'_>, found: &mut Vec<Difference>) {
    let (expected, actual) = (sorted_attributes(expected), sorted_attributes(actual));
    let value = |list: &[(XmlName<'_>, &str)], name: XmlName<'_>| {
        let place = list.binary_search_by(|(key, _)| key.cmp(&name)).ok()?;
        Some(format!("{:?}", list[place].1))
    };
    let mut both = [expected.as_slice(), &actual].concat();
    both.sort_unstable();
    both.dedup_by_key(|(name, _)| *name);
    for (name, _) in both {
        let (expected, actual) = (value(&expected, name), value(&actual, name));
        if expected != actual {
            found.push(differing(&format!("{path}/@{}", name.local), expected, actual));
        }
    }
}

fn describe_node(node: &XmlNode<'_>) -> String {
    match node {
        XmlNode::Element(element) => format!("<{}>", element.name().local),
        XmlNode::Text(text) => format!("{text:?}"),
    }
}

fn differing(path: &str, expected: Option<String>, actual: Option<String>) -> Difference {
    Difference { path: path.to_owned(), expected, actual }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(expected: &str, actual: &str, partial: bool) -> Vec<String> {
        let parse = |text: &str| Json::parse(text.as_bytes()).expect(text);
        json_differences(&parse(expected), &parse(actual), partial)
            .into_iter()
            .map(|d| format!("{} {} {}", d.path, d.expected.unwrap_or_default(), d.actual.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn json_parts_at_paths() {
        assert_eq!(
            found(r#"{"a":{"b c":1},"d":2}"#, r#"{"a":{"b c":2},"e":3}"#, false),
            ["$.a['b c'] 1 2", "$.d 2 ", "$.e  3"]
        );
        assert_eq!(found("[1,2]", "[1,3,4]", false), ["$[1] 2 3", "$[2]  4"]);
        assert_eq!(found(r#"{"a":[2]}"#, r#"{"a":[1],"e":3}"#, true), ["$.a[0] 2 "]);
        assert_eq!(found("1", "1.0", false), [""; 0]);
    }

    #[test]
    fn text_parts_at_a_line() {
        let found = |expected, actual| first_line(expected, actual).map(|d| (d.path, d.expected, d.actual));
        let line = |text: &str| Some(format!("\"{text}\""));

        assert_eq!(found("a\nb\nc", "a\nB\nc"), Some(("line 2".to_owned(), line("b"), line("B"))));
        assert_eq!(found("a", "a\n"), Some(("line 2".to_owned(), None, line(""))));
        assert_eq!(found("a\nb", "a"), Some(("line 2".to_owned(), line("b"), None)));
        assert_eq!(found("a\nb", "a\nb"), None);
    }

    #[test]
    fn xml_parts_at_paths() {
        let parse = |text: &str| XmlDocument::parse_text(text).expect(text);
        let found = xml_differences(&parse("<a x='1'><b>t</b><c/><c/></a>"), &parse("<a><b>u</b><c/></a>"));

        let paths: Vec<_> = found.iter().map(|difference| difference.path.as_str()).collect();
        assert_eq!(paths, ["/a/@x", "/a/b[1]", "/a/c[2]"]);
    }
}
