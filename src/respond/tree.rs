//! A JSON value whose strings may be templates.

use crate::model::{Json, KeyPath};

use super::fault::RenderFault;
use super::rendered::{Fixed, Name, Rendered};
use super::templating::{Rendering, Template};
use super::text::{Compiling, Escape, Text};

/// A value to be rendered string by string, so that its writer escapes what it must.
#[derive(Debug)]
pub(super) enum Tree {
    /// A value without templates.
    Fixed(Fixed),
    /// A string that is rendered.
    Text(Box<dyn Template>),
    /// A string that is nothing but a conversion, and becomes the value that it yields.
    Typed(Box<dyn Template>),
    /// A list.
    Array(Vec<Tree>),
    /// Members in order.
    Object(Vec<(Name, Tree)>),
}

impl Tree {
    pub(super) fn compile(json: &Json, at: &KeyPath, compiling: &mut Compiling<'_>) -> Tree {
        match json {
            Json::String(source) => match compiling.text(source, at, Escape::Nothing) {
                Text::Constant(text) => Tree::Fixed(Fixed::of(Json::String(text))),
                Text::Template(template) if template.is_typed() => Tree::Typed(template),
                Text::Template(template) => Tree::Text(template),
            },
            Json::Array(items) => {
                let compile = |(place, item)| compiling.tree(item, &at.index(place));
                Tree::Array(items.iter().enumerate().map(compile).collect())
            }
            Json::Object(members) => {
                let compile = |(name, value): &(String, Json)| (Name::of(name), compiling.tree(value, &at.key(name)));
                Tree::Object(members.iter().map(compile).collect())
            }
            leaf => Tree::Fixed(Fixed::of(leaf.clone())),
        }
    }

    /// The value, where it needs no rendering.
    pub(super) fn fixed(&self) -> Option<&Json> {
        match self {
            Tree::Fixed(fixed) => Some(fixed.json()),
            _ => None,
        }
    }

    pub(super) fn render<'t>(&'t self, rendering: &Rendering<'_>) -> Result<Rendered<'t>, RenderFault> {
        match self {
            Tree::Fixed(fixed) => Ok(Rendered::Fixed(fixed)),
            Tree::Text(template) => template.render(rendering).map(Rendered::Text),
            Tree::Typed(template) => {
                let text = template.render(rendering)?;
                let json = Json::parse(text.as_bytes());
                json.map(Rendered::Made).map_err(|fault| template.fault(format!("it renders no JSON: {fault}")))
            }
            Tree::Array(items) => {
                items.iter().map(|item| item.render(rendering)).collect::<Result<_, _>>().map(Rendered::Array)
            }
            Tree::Object(members) => members
                .iter()
                .map(|(name, value)| Ok(name.with(value.render(rendering)?)))
                .collect::<Result<_, _>>()
                .map(Rendered::Object),
        }
    }
}
