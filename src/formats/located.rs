//! Reads the values of a tree as the types that the model needs.
//!
//! If a value has another type, the fault is recorded and the caller gets `None`. Reading continues, so that all faults of a
//! file are reported at once.

use bytes::Bytes;

use crate::model::{Fault, KeyPath, Number, Step};

use super::body_files::BodyFiles;
use super::source::{Embedded, Source};
use super::tree::{Node, Value};
use super::words::in_backticks;

/// The state while one text is read: its source, the files that it may name, and the faults so far.
pub(super) struct ReadContext<'a> {
    pub(super) source: &'a Source,
    files: &'a dyn BodyFiles,
    pub(super) faults: Vec<Fault>,
    embedded: Embedded,
}

impl<'a> ReadContext<'a> {
    pub(super) fn new(source: &'a Source, files: &'a dyn BodyFiles) -> ReadContext<'a> {
        ReadContext { source, files, faults: Vec::new(), embedded: Embedded::default() }
    }

    /// Returns all faults, and the texts that the values contain or name.
    pub(super) fn finish(self) -> (Vec<Fault>, Embedded) {
        (self.faults, self.embedded)
    }

    /// Reads the file that a value names.
    pub(super) fn file(&mut self, named_by: &Located<'_>, name: &str) -> Option<Bytes> {
        match self.files.read(name) {
            Ok(bytes) => {
                self.embedded.files.insert(name.to_owned(), bytes.clone());
                Some(bytes)
            }
            Err(fault) => self.refuse(fault.into_fault(&named_by.at)),
        }
    }

    /// Reads the files whose names begin with `folder`, which a value names.
    pub(super) fn files_under(&mut self, named_by: &Located<'_>, folder: &str) -> Option<Vec<(String, Bytes)>> {
        match self.files.under(folder) {
            Ok(files) => {
                self.embedded.files.extend(files.iter().cloned());
                Some(files)
            }
            Err(fault) => self.refuse(fault.into_fault(&named_by.at)),
        }
    }

    /// Records that a string is JSON text, so that faults in it are located inside it.
    pub(super) fn record_json_text(&mut self, string: &Located<'_>) {
        self.embedded.json_texts.insert(string.node.span.start);
    }

    /// Records a fault, and returns `None`.
    pub(super) fn refuse<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }
}

/// A value of the tree with its path from the top.
#[derive(Clone)]
pub(super) struct Located<'t> {
    pub(super) node: &'t Node,
    pub(super) at: KeyPath,
}

impl<'t> Located<'t> {
    pub(super) fn new(node: &'t Node, at: KeyPath) -> Located<'t> {
        Located { node, at }
    }

    /// Returns the name of the value in messages: its key, or "an entry of" its list.
    pub(super) fn name(&self) -> String {
        match self.at.steps().as_slice() {
            [.., Step::Key(key)] => in_backticks(key),
            [.., Step::Key(list), Step::Index(_)] => format!("an entry of {}", in_backticks(list)),
            _ => "this".to_owned(),
        }
    }

    /// Makes a fault of the value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::value(&self.at, message)
    }

    /// Makes a fault of the key.
    pub(super) fn key_fault(&self, message: impl Into<String>) -> Fault {
        Fault::key(&self.at, message)
    }

    /// Makes the fault that the value has the wrong type.
    pub(super) fn wrong_type(&self, expected: &str) -> Fault {
        self.fault(format!("{} must be {expected}, found {}", self.name(), self.node.value.kind()))
            .with_label(self.node.value.kind())
    }

    /// Reads a string.
    pub(super) fn text(&self, context: &mut ReadContext<'_>) -> Option<&'t str> {
        match &self.node.value {
            Value::String(text) => Some(text),
            _ => context.refuse(self.wrong_type("a string")),
        }
    }

    /// Reads a string that is not blank.
    pub(super) fn nonempty_text(&self, context: &mut ReadContext<'_>) -> Option<String> {
        let text = self.text(context)?;
        if text.trim().is_empty() {
            return context.refuse(self.fault(format!("{} must not be empty", self.name())).with_label("empty"));
        }
        Some(text.to_owned())
    }

    /// Reads a boolean.
    pub(super) fn boolean(&self, context: &mut ReadContext<'_>) -> Option<bool> {
        match &self.node.value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) if text == "true" || text == "false" => {
                context.refuse(self.wrong_type("true or false").with_help(format!("Write {text} without quotes.")))
            }
            _ => context.refuse(self.wrong_type("true or false")),
        }
    }

    /// Reads a whole number.
    pub(super) fn whole_number(&self, context: &mut ReadContext<'_>) -> Option<i128> {
        match &self.node.value {
            Value::Integer(whole) => Some(*whole),
            Value::String(text) if text.parse::<i64>().is_ok() => {
                context.refuse(self.wrong_type("a whole number").with_help(format!("Write {text} without quotes.")))
            }
            _ => context.refuse(self.wrong_type("a whole number")),
        }
    }

    /// Reads a number that JSON can express.
    pub(super) fn number(&self, context: &mut ReadContext<'_>) -> Option<Number> {
        match &self.node.value {
            Value::Integer(whole) if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(whole) => {
                Some(Number::Integer(*whole))
            }
            Value::Integer(_) => context.refuse(
                self.fault(format!("{} must be a number of at most 64 bits", self.name())).with_label("out of range"),
            ),
            Value::Float(float) if float.is_finite() => Some(Number::Float(*float)),
            Value::Float(_) => {
                let fault = self
                    .fault(format!("{} must be a finite number", self.name()))
                    .with_label("infinite, or not a number");
                context.refuse(fault)
            }
            _ => context.refuse(self.wrong_type("a number")),
        }
    }

    /// Reads the entries of a list.
    pub(super) fn items(&self, context: &mut ReadContext<'_>) -> Option<Vec<Located<'t>>> {
        match &self.node.value {
            Value::List(items) => {
                let places = items.iter().enumerate();
                Some(places.map(|(place, node)| Located::new(node, self.at.index(place))).collect())
            }
            _ => context.refuse(self.wrong_type("a list")),
        }
    }

    /// Reads the entries of a list of tables, such as `[[stub]]`.
    pub(super) fn tables(&self, header: &str, context: &mut ReadContext<'_>) -> Option<Vec<Located<'t>>> {
        if let Value::Table(_) = self.node.value {
            let help = context.source.dialect().list_of_tables_help(header);
            return context.refuse(self.wrong_type("a list of tables").with_help(help));
        }
        self.items(context)
    }

    /// Reads a list. A single value counts as a list of one.
    pub(super) fn one_or_more(&self) -> Vec<Located<'t>> {
        match &self.node.value {
            Value::List(items) => {
                let places = items.iter().enumerate();
                places.map(|(place, node)| Located::new(node, self.at.index(place))).collect()
            }
            _ => vec![self.clone()],
        }
    }

    /// Reads a table in which the user chooses the keys.
    pub(super) fn entries(&self, context: &mut ReadContext<'_>) -> Option<Vec<(&'t str, Located<'t>)>> {
        match &self.node.value {
            Value::Table(entries) => {
                let all = entries.iter();
                Some(
                    all.map(|entry| (entry.key.as_str(), Located::new(&entry.node, self.at.key(&entry.key)))).collect(),
                )
            }
            _ => context.refuse(self.wrong_type("a table")),
        }
    }

    /// Reads a table of strings, none of them blank.
    pub(super) fn texts(&self, context: &mut ReadContext<'_>) -> Option<Vec<(String, String)>> {
        let entries = self.entries(context)?;
        let named = entries.into_iter().map(|(name, value)| Some((name.to_owned(), value.nonempty_text(context)?)));
        Some(named.collect::<Vec<_>>().into_iter().flatten().collect())
    }
}
