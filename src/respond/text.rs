//! The strings of an answer: constant, or templates.

use std::borrow::Cow;

use crate::model::{Fault, Json, KeyPath};

use super::fault::RenderFault;
use super::rendered::Fixed;
use super::templating::{self, Rendering, Source, Template, Uses};
use super::tree::Tree;

/// A string of an answer; a constant costs nothing to render.
#[derive(Debug)]
pub(super) enum Text {
    /// As written.
    Constant(String),
    /// To be rendered.
    Template(Box<dyn Template>),
}

impl Text {
    pub(super) fn render(&self, rendering: &Rendering<'_>) -> Result<Cow<'_, str>, RenderFault> {
        match self {
            Text::Constant(text) => Ok(Cow::Borrowed(text)),
            Text::Template(template) => template.render(rendering).map(Cow::Owned),
        }
    }

    /// The text, where it needs no rendering.
    pub(super) fn constant(&self) -> Option<&str> {
        match self {
            Text::Constant(text) => Some(text),
            Text::Template(_) => None,
        }
    }
}

/// What `{{ }}` does to what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Nothing: the string is escaped later, or needs it not.
    Nothing,
    /// Escapes it as text of XML.
    Xml,
}

/// The names that a template may use beside those of the request.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates speak of names"))]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Names<'n> {
    /// The placeholders of the stub's path.
    pub(super) path_params: &'n [String],
    /// The captures of a batch, inside its results; then `item` and `index` are names too.
    pub(super) item: Option<&'n [String]>,
}

/// Compiles the strings of one answer, and collects what they need and what is wrong with them.
pub(super) struct Compiling<'c> {
    /// Whether `{{ }}` is a template in this answer.
    pub(super) templates: bool,
    /// What the templates may speak of.
    pub(super) names: Names<'c>,
    /// What they do speak of.
    pub(super) uses: &'c mut Uses,
    /// What is wrong.
    pub(super) faults: &'c mut Vec<Fault>,
}

impl Compiling<'_> {
    /// A string; after a fault it is a constant that is never sent.
    pub(super) fn text(&mut self, source: &str, at: &KeyPath, escape: Escape) -> Text {
        if !self.is_template(source) {
            return Text::Constant(source.to_owned());
        }
        let written = Source { text: source, at, names: self.names, escape };
        match templating::compile(written, self.uses, self.faults) {
            Some(template) => Text::Template(template),
            None => Text::Constant(source.to_owned()),
        }
    }

    /// A JSON value with templates in its strings; the names of its members are not templates.
    pub(super) fn tree(&mut self, json: &Json, at: &KeyPath) -> Tree {
        if self.templates && holds_template(json) {
            Tree::compile(json, at, self)
        } else {
            Tree::Fixed(Fixed::of(json.clone()))
        }
    }

    pub(super) fn is_template(&self, source: &str) -> bool {
        self.templates && holds_braces(source)
    }
}

/// Finds the first brace before it looks for two, which is quicker where there is none.
fn holds_braces(text: &str) -> bool {
    text.find('{').is_some_and(|at| text[at..].contains("{{"))
}

/// Looks before compiling, so that a large constant is not walked with its key paths.
fn holds_template(json: &Json) -> bool {
    match json {
        Json::String(text) => holds_braces(text),
        Json::Array(items) => items.iter().any(holds_template),
        Json::Object(members) => members.iter().any(|(_, value)| holds_template(value)),
        _ => false,
    }
}
