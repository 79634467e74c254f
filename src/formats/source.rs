//! The text from which a scenario or a stub was read. Faults that are found later are located in it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use once_cell::sync::OnceCell;

use crate::model::{Fault, KeyPath, Spot, Step};

use super::diagnostic::{Diagnostic, sort_by_place};
use super::excerpt::Lines;
use super::string_spans::part_of_string;
use super::tree::{Node, Reached, Value};
use super::{json_tree, toml_tree};

/// The languages in which a text can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// TOML. A lone stub is written without the header `[[stub]]`.
    Toml,
    /// JSON. A lone stub is one object with the same keys.
    Json,
}

/// A text that was read, with the spans of its values.
#[derive(Debug, Clone)]
pub struct Source {
    file: Arc<str>,
    text: Arc<str>,
    lines: Lines,
    /// The tree needs many times the memory of the text. So it is dropped after reading, and parsed again if it is needed.
    root: OnceCell<Node>,
    syntax: Syntax,
    dialect: &'static dyn Dialect,
    embedded: Embedded,
}

/// The texts that the values of a text contain or name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Embedded {
    /// The offsets of the strings that are JSON text.
    pub(super) json_texts: HashSet<usize>,
    /// The contents of the files that values name, by name.
    pub(super) files: HashMap<String, Bytes>,
}

impl Embedded {
    fn text_of(&self, file: &str) -> Option<&str> {
        self.files.get(file).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

/// What diagnostics need to know about the texts of a format.
pub(crate) trait Dialect: fmt::Debug + Send + Sync {
    /// Returns the path in the text of the value that has the path `at` in the model.
    fn path_in_text(&self, at: Vec<Step>, root: &Node) -> Vec<Step>;

    /// Suggests where a key belongs that is not a key of the table at `at`.
    fn misplaced_key(&self, key: &str, at: &KeyPath) -> Option<String>;

    /// Explains how to write a list of tables under `header`.
    fn list_of_tables_help(&self, header: &str) -> String;
}

impl Source {
    pub(crate) fn new(file: &str, text: &str, root: Node, syntax: Syntax, dialect: &'static dyn Dialect) -> Source {
        Source {
            file: file.into(),
            text: text.into(),
            lines: Lines::new(text),
            root: root.into(),
            syntax,
            dialect,
            embedded: Embedded::default(),
        }
    }

    /// Returns the file as it was named on loading.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn root(&self) -> &Node {
        self.root.get_or_init(|| match self.syntax {
            Syntax::Toml => toml_tree::parse(&self.text, &self.lines).expect("it was read before"),
            Syntax::Json => json_tree::parse(&self.text).expect("it was read before"),
        })
    }

    /// Adds the texts that its values contain or name.
    #[must_use]
    pub(crate) fn with_embedded(self, embedded: Embedded) -> Source {
        Source { embedded, ..self }
    }

    /// Drops the tree. It is parsed again if a fault must be located.
    pub(crate) fn without_tree(mut self) -> Source {
        self.root.take();
        self
    }

    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    /// Returns the line of a value, counted from 1.
    pub(crate) fn line(&self, node: &Node) -> usize {
        self.lines.line(node.span.start)
    }

    /// Returns the diagnostic of a fault, with its position.
    ///
    /// A value that a stub inherits is located in the file's defaults. A missing value is located at its nearest ancestor. A
    /// value inside JSON text, in a string or in a file that a value names, is located in that text.
    pub fn locate(&self, fault: &Fault) -> Diagnostic {
        let at = self.dialect.path_in_text(fault.at.steps(), self.root());
        let key = at.iter().cloned().collect();
        let diagnostic = |file: &str| {
            Diagnostic::for_file(file, &fault.message)
                .with_help(fault.help.clone())
                .with_key_path(KeyPath::clone(&key), "")
        };
        let named_file = fault.file.as_deref().and_then(|name| Some((name, self.embedded.text_of(name)?)));
        let Some((name, text)) = named_file else {
            let span = match &fault.file {
                // The text of the file is not available, so the value that names the file is shown.
                Some(_) => self.span(&at, Spot::Value),
                None => self.span(&at, fault.spot),
            };
            return diagnostic(&self.file).with_span(&self.lines, &self.text, &span, &fault.label);
        };
        let named = self.root().follow_until(&at, |node| matches!(node.value, Value::String(_)));
        let span = match json_tree::parse(text) {
            Ok(root) if named.missing > 0 => span(text, &root, &at[at.len() - named.missing..], fault.spot),
            _ => match fault.spot {
                Spot::Within(from, to) => from..to,
                _ => 0..0,
            },
        };
        let reference = self.excerpt_of(&named.node.span);
        diagnostic(&self.path_beside(name))
            .with_span(&Lines::new(text), text, &span, &fault.label)
            .with_reference(reference)
    }

    /// Returns the bytes of this text at which a fault of the value at a path points.
    fn span(&self, at: &[Step], spot: Spot) -> Range<usize> {
        let is_json_text = |node: &Node| self.embedded.json_texts.contains(&node.span.start);
        let outer = self.root().follow_until(at, is_json_text);
        if let Value::String(json) = &outer.node.value
            && is_json_text(outer.node)
            && (outer.missing > 0 || matches!(spot, Spot::Within(..)))
            && let Ok(root) = json_tree::parse(json)
        {
            let inner = span(json, &root, &at[at.len() - outer.missing..], spot);
            return part(&self.text, &outer.node.span, json, &inner);
        }
        span(&self.text, self.root(), at, spot)
    }

    /// Returns the line of this text in which a span begins, for a diagnostic about another text.
    fn excerpt_of(&self, span: &Range<usize>) -> Diagnostic {
        Diagnostic::for_file(&self.file, "").with_span(&self.lines, &self.text, span, "named here")
    }

    /// Returns the path of a file that is named in this one.
    fn path_beside(&self, name: &str) -> String {
        let folder = Path::new(&*self.file).parent().unwrap_or(Path::new(""));
        folder.join(name).display().to_string()
    }

    /// Returns the diagnostic of a fault as a warning.
    pub fn locate_warning(&self, fault: &Fault) -> Diagnostic {
        self.locate(fault).into_warning()
    }

    /// Returns the diagnostics of faults in the order of the file, each once.
    pub(crate) fn locate_all(&self, faults: &[Fault]) -> Vec<Diagnostic> {
        let mut seen = HashSet::with_capacity(faults.len());
        let mut diagnostics: Vec<Diagnostic> = faults.iter().map(|fault| self.locate(fault)).collect();
        let identity =
            |one: &Diagnostic| (one.file.clone(), one.line, one.column, one.at.to_string(), one.message.clone());
        diagnostics.retain(|one| seen.insert(identity(one)));
        sort_by_place(&mut diagnostics);
        diagnostics
    }
}

/// Returns the bytes of a text at which a fault of the value at a path below its root points.
fn span(text: &str, root: &Node, at: &[Step], spot: Spot) -> Range<usize> {
    let reached = root.follow(at);
    match (spot, &reached, &reached.node.value) {
        (Spot::Key, Reached { key_span: Some(key), missing: 0, .. }, _) => key.clone(),
        (Spot::Within(from, to), Reached { missing: 0, .. }, Value::String(value)) => {
            part(text, &reached.node.span, value, &(from..to))
        }
        (Spot::WithinKey(from, to), Reached { key_span: Some(key), missing: 0, .. }, _) => match at.last() {
            Some(Step::Key(name)) => part(text, key, name, &(from..to)),
            _ => key.clone(),
        },
        _ => reached.node.span.clone(),
    }
}

/// Returns the bytes of the text that represent a part of a string, or the whole string if the part cannot be found.
fn part(text: &str, span: &Range<usize>, value: &str, part: &Range<usize>) -> Range<usize> {
    match part_of_string(&text[span.clone()], value, part) {
        Some(found) => span.start + found.start..span.start + found.end,
        None => span.clone(),
    }
}
