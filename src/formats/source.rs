//! The text that a scenario or a stub was read from, so that what is found wrong later can still point at it.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use once_cell::sync::OnceCell;

use crate::model::{Fault, KeyPath, Spot, Step};

use super::diagnostic::{Diagnostic, Lines, in_order};
use super::toml_tree;
use super::tree::{Node, Reached, Value};

/// The languages in which a text can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// A stub alone is written as in a scenario file, without the header `[[stub]]`.
    Toml,
    /// A stub alone is one JSON object with the same keys.
    Json,
}

/// A text that was read, with the place of each of its values.
#[derive(Debug, Clone)]
pub struct Source {
    file: Arc<str>,
    text: Arc<str>,
    lines: Lines,
    /// Of TOML it is made again where it is asked for once more: it takes many times as much memory as the text.
    root: OnceCell<Node>,
    syntax: Syntax,
    dialect: &'static dyn Dialect,
}

/// What a format says of its own texts, for diagnostics.
pub(crate) trait Dialect: fmt::Debug + Send + Sync {
    /// Returns the path in the text of the value that has the path `at` in the model.
    fn path_in_text(&self, at: Vec<Step>, root: &Node) -> Vec<Step>;

    /// Suggests where a key belongs that the table at `at` does not know.
    fn misplaced_key(&self, key: &str, at: &KeyPath) -> Option<String>;

    /// Says how to write a list of tables under `header`.
    fn list_of_tables_help(&self, header: &str) -> String;
}

impl Source {
    pub(crate) fn new(file: &str, text: &str, root: Node, syntax: Syntax, dialect: &'static dyn Dialect) -> Source {
        Source { file: file.into(), text: text.into(), lines: Lines::of(text), root: root.into(), syntax, dialect }
    }

    /// The file as it was named on loading.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn root(&self) -> &Node {
        self.root.get_or_init(|| toml_tree::parse(&self.text, &self.lines).expect("it was read before"))
    }

    /// The same source once all is read, with its text alone where that is enough.
    pub(crate) fn settled(mut self) -> Source {
        if self.syntax == Syntax::Json {
            self
        } else {
            self.root.take();
            self
        }
    }

    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    /// The line of a value, counted from 1; 0 where the text keeps no places.
    pub(crate) fn line(&self, node: &Node) -> usize {
        if self.syntax == Syntax::Json { 0 } else { self.lines.line(node.span.start) }
    }

    /// Points at the place of a fault.
    ///
    /// What a stub has from the file's defaults is found there; what stands nowhere, at the nearest value on the
    /// way to it.
    pub fn locate(&self, fault: &Fault) -> Diagnostic {
        let at = self.dialect.path_in_text(fault.at.steps(), self.root());
        let told = Diagnostic::of_file(&self.file, &fault.message).helped(fault.help.clone());
        let told = told.keyed(at.iter().cloned().collect(), &fault.label);
        if self.syntax == Syntax::Json {
            return told;
        }
        let reached = self.root().follow(&at);
        let span = match (fault.spot, &reached) {
            (Spot::Key, Reached { key_span: Some(key), missing: 0, .. }) => key.clone(),
            (Spot::Within(from, to), Reached { missing: 0, .. }) => self.within(reached.node, from, to),
            (Spot::WithinKey(from, to), Reached { key_span: Some(key), missing: 0, .. }) => match at.last() {
                Some(Step::Key(name)) => self.part(key, name, from, to),
                _ => key.clone(),
            },
            _ => reached.node.span.clone(),
        };
        told.placed(&self.lines, &self.text, &span, &fault.label)
    }

    /// As [`Source::locate`], for what does not keep the file from loading.
    pub fn warn(&self, fault: &Fault) -> Diagnostic {
        self.locate(fault).into_warning()
    }

    /// Points at the place of each fault, in the order of the file; what is told twice is told once.
    pub(crate) fn locate_all(&self, faults: &[Fault]) -> Vec<Diagnostic> {
        let mut seen = HashSet::with_capacity(faults.len());
        let mut told: Vec<Diagnostic> = faults.iter().map(|fault| self.locate(fault)).collect();
        told.retain(|one| seen.insert((one.line, one.column, one.at.to_string(), one.message.clone())));
        in_order(&mut told);
        told
    }

    /// Some bytes of a string, exactly where the string stands in the file as it is, else all of it.
    fn within(&self, node: &Node, from: usize, to: usize) -> Range<usize> {
        match &node.value {
            Value::String(value) => self.part(&node.span, value, from, to),
            _ => node.span.clone(),
        }
    }

    /// Some bytes of what stands in quotes at a span, where it has no escapes, else the whole span.
    fn part(&self, span: &Range<usize>, content: &str, from: usize, to: usize) -> Range<usize> {
        match content_start(&self.text[span.clone()], content) {
            Some(start) if from <= to && to <= content.len() => span.start + start + from..span.start + start + to,
            _ => span.clone(),
        }
    }
}

/// How many bytes stand before the content of a string that is written without escapes.
fn content_start(raw: &str, value: &str) -> Option<usize> {
    let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
    let inner = raw.get(quotes..raw.len().checked_sub(quotes)?)?;
    // A line break right after the opening quotes does not belong to the string.
    let skipped = match (quotes, inner) {
        (3, inner) if inner.starts_with('\n') => 1,
        (3, inner) if inner.starts_with("\r\n") => 2,
        _ => 0,
    };
    (inner.get(skipped..)? == value).then_some(quotes + skipped)
}
