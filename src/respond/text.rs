//! The strings of an answer: constant, or templates.

use std::borrow::Cow;

use crate::model::{Fault, KeyPath};

use super::fault::RenderFault;
use super::template;
use super::templating::{Escape, Rendering, Template, TemplateNames, TemplateSource, Uses};

/// A string of an answer. Rendering a constant costs nothing.
#[derive(Debug)]
pub(super) enum Text {
    /// A constant.
    Constant(String),
    /// A template.
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

/// Compiles the strings of one answer, and collects the parts of the request that they use, and their faults.
pub(super) struct TextCompiler<'c> {
    /// Whether `{{ }}` is a template in this answer.
    pub(super) templates: bool,
    /// The names that the templates may use.
    pub(super) names: TemplateNames<'c>,
    /// The parts of the request that the templates use.
    pub(super) uses: &'c mut Uses,
    /// The faults.
    pub(super) faults: &'c mut Vec<Fault>,
}

impl TextCompiler<'_> {
    /// Compiles a string. After a fault it returns a constant, which is never sent.
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
