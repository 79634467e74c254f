//! A JSON value whose strings may be templates.

use crate::model::{Json, KeyPath};

use super::charge;
use super::fault::RenderFault;
use super::rendered_value::{ConstantJson, MemberName, RenderedValue};
use super::templating::{Escape, Rendering, Template};
use super::text::{Text, TextCompiler, holds_braces};

/// A value that is rendered string by string, so that the writer can escape each.
#[derive(Debug)]
pub(super) enum Tree {
    /// A value without templates.
    Constant(ConstantJson),
    /// A string that is rendered.
    Text(Box<dyn Template>),
    /// A string that consists of one conversion, and becomes the result of that.
    Typed(Box<dyn Template>),
    /// A list.
    Array(Vec<Tree>),
    /// Members in order.
    Object(Vec<(MemberName, Tree)>),
}

impl Tree {
    /// Compiles a value with templates in its strings. The names of its members are not templates.
    pub(super) fn compile(json: &Json, at: &KeyPath, compiler: &mut TextCompiler<'_>) -> Tree {
        // A large constant is not traversed with key paths, which would be slow.
        if !compiler.templates || !holds_template(json) {
            return Tree::Constant(ConstantJson::new(json.clone()));
        }
        match json {
            Json::String(source) => match compiler.text(source, at, Escape::Nothing) {
                Text::Constant(text) => Tree::Constant(ConstantJson::new(Json::String(text))),
                Text::Template(template) if template.is_typed() => Tree::Typed(template),
                Text::Template(template) => Tree::Text(template),
            },
            Json::Array(items) => {
                let compile = |(place, item)| Tree::compile(item, &at.index(place), compiler);
                Tree::Array(items.iter().enumerate().map(compile).collect())
            }
            Json::Object(members) => {
                let compile = |(name, value): &(String, Json)| {
                    (MemberName::new(name), Tree::compile(value, &at.key(name), compiler))
                };
                Tree::Object(members.iter().map(compile).collect())
            }
            leaf => Tree::Constant(ConstantJson::new(leaf.clone())),
        }
    }

    /// Returns the value if it needs no rendering.
    pub(super) fn fixed(&self) -> Option<&Json> {
        match self {
            Tree::Constant(fixed) => Some(fixed.json()),
            _ => None,
        }
    }

    /// Renders the tree. `at` is the path to report if it exceeds a limit.
    pub(super) fn render<'t>(
        &'t self,
        rendering: &Rendering<'_>,
        at: &KeyPath,
    ) -> Result<RenderedValue<'t>, RenderFault> {
        charge::steps(1).and_then(|()| charge::bytes(charge::NODE)).map_err(RenderFault::exceeded(at))?;
        match self {
            Tree::Constant(fixed) => Ok(RenderedValue::Constant(fixed)),
            Tree::Text(template) => template.render(rendering).map(RenderedValue::Text),
            Tree::Typed(template) => template.render_json(rendering).map(RenderedValue::Converted),
            Tree::Array(items) => {
                let mut rendered = Vec::with_capacity(items.len());
                for item in items {
                    rendered.push(item.render(rendering, at)?);
                }
                Ok(RenderedValue::Array(rendered))
            }
            Tree::Object(members) => {
                let mut rendered = Vec::with_capacity(members.len());
                for (name, value) in members {
                    rendered.push(name.with(value.render(rendering, at)?));
                }
                Ok(RenderedValue::Object(rendered))
            }
        }
    }
}

fn holds_template(json: &Json) -> bool {
    match json {
        Json::String(text) => holds_braces(text),
        Json::Array(items) => items.iter().any(holds_template),
        Json::Object(members) => members.iter().any(|(_, value)| holds_template(value)),
        _ => false,
    }
}
