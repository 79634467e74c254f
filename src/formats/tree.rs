//! The tree of a file: its values, each with the place where it was written.
//!
//! TOML and JSON both make it, so the readers know neither. Keys stand in the order of the file.

use std::ops::Range;

use crate::model::Step;

/// A value and the bytes of the text that hold it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// For a table under a header the header, for one made by a dotted key the key.
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// What TOML and JSON can say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    /// May be infinite or not a number, which TOML can write.
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

/// How far a key path led.
pub(crate) struct Reached<'t> {
    /// The last value on the way that exists.
    pub(crate) node: &'t Node,
    /// The key under which it stands; none at the top and in a list.
    pub(crate) key_span: Option<Range<usize>>,
    /// How many steps could not be taken.
    pub(crate) missing: usize,
}

impl Node {
    /// The value of a key, where this is a table that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Goes down the path as far as it exists.
    pub(crate) fn follow(&self, path: &[Step]) -> Reached<'_> {
        self.follow_until(path, |_| false)
    }

    /// Goes down the path as far as it exists, but not beyond a value at which it is to end.
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
                    // A list of one may be written without its brackets, as `method = "GET"` is.
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
    /// What it is, in the words of the manual.
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
