//! A value on its way from the tree to the model: what was written, and the way to it.
//!
//! Readers ask it for the type they need. Where it is another one they get nothing, and the fault is noted; they
//! go on, so that everything wrong with a file is told at once.

use bytes::Bytes;

use crate::model::{Fault, KeyPath, Number, Step};

use super::body_files::BodyFiles;
use super::source::{Embedded, Source};
use super::tree::{Node, Value};
use super::words::tick;

/// What is needed, and what is found wrong, while one text is read.
pub(super) struct Reading<'a> {
    pub(super) source: &'a Source,
    files: &'a dyn BodyFiles,
    pub(super) faults: Vec<Fault>,
    embedded: Embedded,
}

impl<'a> Reading<'a> {
    pub(super) fn new(source: &'a Source, files: &'a dyn BodyFiles) -> Reading<'a> {
        Reading { source, files, faults: Vec::new(), embedded: Embedded::default() }
    }

    /// Ends with the text: all faults, and the further texts that its values contain or name.
    pub(super) fn finish(self) -> (Vec<Fault>, Embedded) {
        (self.faults, self.embedded)
    }

    /// Reads the file that a value names.
    pub(super) fn file(&mut self, named_by: &Written<'_>, name: &str) -> Option<Bytes> {
        match self.files.read(name) {
            Ok(bytes) => {
                self.embedded.files.insert(name.to_owned(), bytes.clone());
                Some(bytes)
            }
            Err(fault) => self.refuse(fault.of_value(&named_by.at)),
        }
    }

    /// Reads the files whose names begin with `folder`, which a value names.
    pub(super) fn files_under(&mut self, named_by: &Written<'_>, folder: &str) -> Option<Vec<(String, Bytes)>> {
        match self.files.under(folder) {
            Ok(files) => {
                self.embedded.files.extend(files.iter().cloned());
                Some(files)
            }
            Err(fault) => self.refuse(fault.of_value(&named_by.at)),
        }
    }

    /// Remembers that a string is JSON text, so that faults inside it are found there.
    pub(super) fn is_json_text(&mut self, string: &Written<'_>) {
        self.embedded.json_texts.insert(string.node.span.start);
    }

    /// Notes what is wrong, and gives nothing.
    pub(super) fn refuse<T>(&mut self, fault: Fault) -> Option<T> {
        self.faults.push(fault);
        None
    }
}

/// A value of the tree and the way to it from the top.
#[derive(Clone)]
pub(super) struct Written<'t> {
    pub(super) node: &'t Node,
    pub(super) at: KeyPath,
}

impl<'t> Written<'t> {
    pub(super) fn new(node: &'t Node, at: KeyPath) -> Written<'t> {
        Written { node, at }
    }

    /// What the value is called in a message: its key, or that it stands in a list.
    pub(super) fn name(&self) -> String {
        match self.at.steps().as_slice() {
            [.., Step::Key(key)] => tick(key),
            [.., Step::Key(list), Step::Index(_)] => format!("an entry of {}", tick(list)),
            _ => "this".to_owned(),
        }
    }

    /// A fault of the value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::value(&self.at, message)
    }

    /// A fault of the key.
    pub(super) fn key_fault(&self, message: impl Into<String>) -> Fault {
        Fault::key(&self.at, message)
    }

    /// That the value should have been another kind of thing.
    pub(super) fn not(&self, wanted: &str) -> Fault {
        self.fault(format!("{} is {wanted}, not {}", self.name(), self.node.value.kind()))
            .labelled(self.node.value.kind())
    }

    /// A string.
    pub(super) fn text(&self, reading: &mut Reading<'_>) -> Option<&'t str> {
        match &self.node.value {
            Value::String(text) => Some(text),
            _ => reading.refuse(self.not("a string")),
        }
    }

    /// A string that says something.
    pub(super) fn filled(&self, reading: &mut Reading<'_>) -> Option<String> {
        let text = self.text(reading)?;
        if text.trim().is_empty() {
            return reading.refuse(self.fault(format!("{} is empty", self.name())).labelled("says nothing"));
        }
        Some(text.to_owned())
    }

    /// True or false.
    pub(super) fn boolean(&self, reading: &mut Reading<'_>) -> Option<bool> {
        match &self.node.value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) if text == "true" || text == "false" => {
                reading.refuse(self.not("true or false").helped(format!("Write {text} without quotes.")))
            }
            _ => reading.refuse(self.not("true or false")),
        }
    }

    /// A number without a fraction.
    pub(super) fn whole(&self, reading: &mut Reading<'_>) -> Option<i128> {
        match &self.node.value {
            Value::Integer(whole) => Some(*whole),
            Value::String(text) if text.parse::<i64>().is_ok() => {
                reading.refuse(self.not("a whole number").helped(format!("Write {text} without quotes.")))
            }
            _ => reading.refuse(self.not("a whole number")),
        }
    }

    /// A number that JSON could carry.
    pub(super) fn number(&self, reading: &mut Reading<'_>) -> Option<Number> {
        match &self.node.value {
            Value::Integer(whole) if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(whole) => {
                Some(Number::Integer(*whole))
            }
            Value::Integer(_) => reading.refuse(self.fault("a whole number of more than 64 bits")),
            Value::Float(float) if float.is_finite() => Some(Number::Float(*float)),
            Value::Float(_) => {
                let fault = self.fault("a number that JSON cannot carry").labelled("infinite, or not a number");
                reading.refuse(fault)
            }
            _ => reading.refuse(self.not("a number")),
        }
    }

    /// The entries of a list.
    pub(super) fn items(&self, reading: &mut Reading<'_>) -> Option<Vec<Written<'t>>> {
        match &self.node.value {
            Value::List(items) => {
                let places = items.iter().enumerate();
                Some(places.map(|(place, node)| Written::new(node, self.at.index(place))).collect())
            }
            _ => reading.refuse(self.not("a list")),
        }
    }

    /// The entries of a list of tables, such as `[[stub]]` makes.
    pub(super) fn tables(&self, header: &str, reading: &mut Reading<'_>) -> Option<Vec<Written<'t>>> {
        if let Value::Table(_) = self.node.value {
            let help = reading.source.dialect().list_of_tables_help(header);
            return reading.refuse(self.not("a list of tables").helped(help));
        }
        self.items(reading)
    }

    /// A list, or one value that stands for a list of one.
    pub(super) fn one_or_more(&self) -> Vec<Written<'t>> {
        match &self.node.value {
            Value::List(items) => {
                let places = items.iter().enumerate();
                places.map(|(place, node)| Written::new(node, self.at.index(place))).collect()
            }
            _ => vec![self.clone()],
        }
    }

    /// The keys of a table whose names the user chooses, with their values.
    pub(super) fn entries(&self, reading: &mut Reading<'_>) -> Option<Vec<(&'t str, Written<'t>)>> {
        match &self.node.value {
            Value::Table(entries) => {
                let all = entries.iter();
                Some(
                    all.map(|entry| (entry.key.as_str(), Written::new(&entry.node, self.at.key(&entry.key)))).collect(),
                )
            }
            _ => reading.refuse(self.not("a table")),
        }
    }

    /// A table of names and strings, each of them something.
    pub(super) fn texts(&self, reading: &mut Reading<'_>) -> Option<Vec<(String, String)>> {
        let entries = self.entries(reading)?;
        let named = entries.into_iter().map(|(name, value)| Some((name.to_owned(), value.filled(reading)?)));
        Some(named.collect::<Vec<_>>().into_iter().flatten().collect())
    }
}
