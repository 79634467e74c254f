//! The tree of a text: its values, each with its span.
//!
//! TOML and JSON are parsed into the same tree, so formats do not depend on which of them a text is. Keys keep the order of
//! the text.

use std::ops::Range;

use crate::model::Step;

/// A value and its span in the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// The bytes of the value. For a table with a header this is the header, for a table of a dotted key it is the key.
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// A value of TOML or JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    /// TOML has infinite numbers and NaN.
    Float(f64),
    String(String),
    /// A TOML date, time or both, as text.
    Date(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key of a table with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

/// The result of following a key path.
pub(crate) struct Reached<'t> {
    /// The last value on the path that exists.
    pub(crate) node: &'t Node,
    /// The key of that value; `None` at the top and in a list.
    pub(crate) key_span: Option<Range<usize>>,
    /// The number of steps that are left.
    pub(crate) missing: usize,
}

impl Node {
    /// Returns the entry of a key, if this is a table that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Follows a path as far as it exists.
    pub(crate) fn follow(&self, path: &[Step]) -> Reached<'_> {
        self.follow_until(path, |_| false)
    }

    /// Follows a path as far as it exists, but not beyond a value for which `is_end` is true.
    pub(crate) fn follow_until(&self, path: &[Step], is_end: impl Fn(&Node) -> bool) -> Reached<'_> {
        let mut reached = Reached { node: self, key_span: None, missing: path.len() };
        for step in path {
            if is_end(reached.node) {
                break;
            }
            match step {
                Step::Key(key) => match reached.node.get(key) {
                    Some(entry) => {
                        reached.node = &entry.node;
                        reached.key_span = Some(entry.key_span.clone());
                    }
                    None => break,
                },
                Step::Index(index) => match &reached.node.value {
                    Value::List(items) if *index < items.len() => {
                        reached.node = &items[*index];
                        reached.key_span = None;
                    }
                    // A list of one value may be written without brackets, as in `method = "GET"`.
                    _ if *index == 0 => {}
                    _ => break,
                },
            }
            reached.missing -= 1;
        }
        reached
    }
}

impl Value {
    /// Returns the type of the value, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}
