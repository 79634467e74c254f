//! The strings of an answer: constant, or templates.

use std::borrow::Cow;

use crate::model::{Fault, KeyPath};

use super::fault::RenderFault;
use super::template;
use super::templating::{Escape, Rendering, Template, TemplateNames, TemplateSource, Uses};

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

    /// Returns the text if it needs no rendering.
    pub(super) fn constant(&self) -> Option<&str> {
        match self {
            Text::Constant(text) => Some(text),
            Text::Template(_) => None,
        }
    }
}

/// Compiles the strings of one answer, and collects what they need and what is wrong with them.
pub(super) struct TextCompiler<'c> {
    /// Whether `{{ }}` is a template in this answer.
    pub(super) templates: bool,
    /// The names that the templates may use.
    pub(super) names: TemplateNames<'c>,
    /// What they do use.
    pub(super) uses: &'c mut Uses,
    /// What is wrong.
    pub(super) faults: &'c mut Vec<Fault>,
}

impl TextCompiler<'_> {
    /// A string; after a fault it is a constant that is never sent.
    pub(super) fn text(&mut self, source: &str, at: &KeyPath, escape: Escape) -> Text {
        if !self.is_template(source) {
            return Text::Constant(source.to_owned());
        }
        let written = TemplateSource { text: source, at, names: self.names, escape };
        match template::compile(written, self.uses, self.faults) {
            Some(template) => Text::Template(template),
            None => Text::Constant(source.to_owned()),
        }
    }

    pub(super) fn is_template(&self, source: &str) -> bool {
        self.templates && holds_braces(source)
    }
}

/// Finds the first brace before it looks for two, which is quicker if there is none.
pub(super) fn holds_braces(text: &str) -> bool {
    text.find('{').is_some_and(|at| text[at..].contains("{{"))
}
