//! Nodes with their places, and normalised paths.

use std::fmt;
use std::rc::Rc;

use crate::model::Json;

use super::evaluate::JsonNode;

/// A node with its place in the document. It is displayed as a normalised path (RFC 9535 §2.7).
#[derive(Debug, Clone)]
pub struct Located<'a> {
    json: &'a Json,
    link: Option<Rc<Link<'a>>>,
}

/// One step from the root to a node. Nodes share the steps above them.
#[derive(Debug)]
struct Link<'a> {
    above: Option<Rc<Link<'a>>>,
    place: usize,
    name: Option<&'a str>,
}

impl<'a> Located<'a> {
    pub(super) fn root(json: &'a Json) -> Located<'a> {
        Located { json, link: None }
    }

    /// Returns the value at this place.
    pub fn json(&self) -> &'a Json {
        self.json
    }

    /// Returns the steps from the root: the place of each member or item among its siblings, counted from 0.
    pub fn places(&self) -> Vec<usize> {
        self.links().iter().map(|link| link.place).collect()
    }

    fn links(&self) -> Vec<&Link<'a>> {
        let mut links: Vec<_> = std::iter::successors(self.link.as_deref(), |link| link.above.as_deref()).collect();
        links.reverse();
        links
    }
}

impl<'a> JsonNode<'a> for Located<'a> {
    fn json(&self) -> &'a Json {
        self.json
    }

    fn child(&self, place: usize, name: Option<&'a str>, json: &'a Json) -> Located<'a> {
        Located { json, link: Some(Rc::new(Link { above: self.link.clone(), place, name })) }
    }
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.links().into_iter().try_for_each(|link| match link.name {
            Some(name) => write!(f, "[{}]", quoted_name(name)),
            None => write!(f, "[{}]", link.place),
        })
    }
}

/// Returns a name in single quotes, with the escapes of a normalised path.
fn quoted_name(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    text.push('\'');
    for c in name.chars() {
        match c {
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\'' | '\\' => text.extend(['\\', c]),
            c if c < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text.push('\'');
    text
}

/// Returns the JSONPath of a member.
pub(crate) fn member_path(path: &str, name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && name.starts_with(|c: char| !c.is_ascii_digit()) {
        format!("{path}.{name}")
    } else {
        format!("{path}[{}]", quoted_name(name))
    }
}
