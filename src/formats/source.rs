//! The text that a scenario or a stub was read from, so that what is found wrong later can still point at it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use once_cell::sync::OnceCell;

use crate::model::{Fault, KeyPath, Spot, Step};

use super::diagnostic::{Diagnostic, Lines, in_order};
use super::toml_tree;
use super::tree::{Node, Reached, Value};

/// A text that was read, with the place of each of its values.
#[derive(Debug, Clone)]
pub struct Source {
    file: Arc<str>,
    text: Arc<str>,
    lines: Lines,
    /// Of TOML it is made again where it is asked for once more: it takes many times as much memory as the text.
    root: OnceCell<Node>,
    kind: Kind,
}

/// What a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A scenario file.
    Scenario,
    /// One stub alone, in TOML.
    TomlStub,
    /// One stub alone, in JSON, whose tree has no places.
    JsonStub,
}

impl Source {
    pub(crate) fn new(file: &str, text: &str, root: Node, kind: Kind) -> Source {
        Source { file: file.into(), text: text.into(), lines: Lines::of(text), root: root.into(), kind }
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
        if self.kind == Kind::JsonStub {
            self
        } else {
            self.root.take();
            self
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The line of a value, counted from 1; 0 where the text keeps no places.
    pub(crate) fn line(&self, node: &Node) -> usize {
        if self.kind == Kind::JsonStub { 0 } else { self.lines.line(node.span.start) }
    }

    /// Points at the place of a fault.
    ///
    /// What a stub has from the file's defaults is found there; what stands nowhere, at the nearest value on the
    /// way to it.
    pub fn locate(&self, fault: &Fault) -> Diagnostic {
        let at = self.way(&fault.at);
        let told = Diagnostic::of_file(&self.file, &fault.message).helped(fault.help.clone());
        let told = told.keyed(at.iter().cloned().collect(), &fault.label);
        if self.kind == Kind::JsonStub {
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

    /// The way to a value from the top of this text; to the file's defaults where a stub has it from there.
    fn way(&self, at: &KeyPath) -> Vec<Step> {
        let way = at.steps();
        if self.kind != Kind::Scenario {
            return within_stub(way);
        }
        match inherited(&way) {
            Some(default) if self.root().follow(&default).missing < self.root().follow(&way).missing => default,
            _ => way,
        }
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

/// The way from the top of a lone stub, which the rooms above may call `stub[0]`.
fn within_stub(way: Vec<Step>) -> Vec<Step> {
    match way.as_slice() {
        [Step::Key(stub), Step::Index(_), rest @ ..] if stub == "stub" => rest.to_vec(),
        _ => way,
    }
}

/// The way to the default that a value of a stub may come from.
fn inherited(at: &[Step]) -> Option<Vec<Step>> {
    let [Step::Key(stub), Step::Index(_), Step::Key(part), rest @ ..] = at else { return None };
    if stub != "stub" {
        return None;
    }
    let (part, rest) = match (part.as_str(), rest) {
        ("request" | "response", rest) => (part.as_str(), rest),
        ("responses", [Step::Index(_), rest @ ..]) => ("response", rest),
        _ => return None,
    };
    Some(std::iter::once(Step::Key(part.to_owned())).chain(rest.iter().cloned()).collect())
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

#[cfg(test)]
mod tests {
    use super::super::toml_tree;
    use super::*;

    const FILE: &str = "\
[request]
path = '/a'
headers.Accept = '(x'
[response]
status = 200
[[stub]]
request.query.q = \"\\u0041(\"
[[stub.responses]]
json = '''
{\"a\": }'''
";

    fn source() -> Source {
        Source::new("f.toml", FILE, toml_tree::parse(FILE, &Lines::of(FILE)).expect("TOML"), Kind::Scenario)
    }

    fn stub() -> KeyPath {
        KeyPath::top().key("stub").index(0)
    }

    fn place(fault: &Fault) -> (usize, usize) {
        let told = source().locate(fault);
        (told.line, told.column)
    }

    #[test]
    fn what_a_stub_inherits_is_found_in_the_defaults() {
        let header = stub().key("request").key("headers").key("Accept");
        let status = stub().key("responses").index(0).key("status");

        assert_eq!(place(&Fault::value(&header, "x")), (3, 18));
        assert_eq!(place(&Fault::key(&status, "x")), (5, 1));
    }

    #[test]
    fn what_stands_nowhere_is_found_at_the_nearest_value_above() {
        assert_eq!(place(&Fault::value(&stub().key("request").key("path").key("matches"), "x")), (2, 8));
        assert_eq!(place(&Fault::value(&stub().key("batch").key("items"), "x")), (6, 1));
    }

    #[test]
    fn a_part_of_a_string_is_marked_where_the_string_is_written_as_it_is() {
        let header = stub().key("request").key("headers").key("Accept");
        let json = stub().key("responses").index(0).key("json");

        assert_eq!(place(&Fault::value(&header, "x").within(1, 2)), (3, 20));
        assert_eq!(place(&Fault::value(&json, "x").within(6, 7)), (10, 7));
    }

    #[test]
    fn a_part_of_a_string_with_escapes_is_the_whole_string() {
        let query = stub().key("request").key("query").key("q");

        assert_eq!(place(&Fault::value(&query, "x").within(1, 2)), (7, 19));
    }

    #[test]
    fn a_lone_stub_is_found_under_both_of_its_names() {
        let text = "request.method = 'get'";
        let source = Source::new("s", text, toml_tree::parse(text, &Lines::of(text)).expect("TOML"), Kind::TomlStub);
        let short = KeyPath::top().key("request").key("method");

        assert_eq!(source.locate(&Fault::value(&short, "x")).column, 18);
        assert_eq!(source.locate(&Fault::value(&stub().key("request").key("method"), "x")).column, 18);
    }
}
