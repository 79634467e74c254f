//! Templates in Handlebars: compiled and checked when a scenario is loaded, rendered a string at a time.
//!
//! The names in a template (docs/reference/templates.md has an example of each):
//!
//! | name | value |
//! |---|---|
//! | `request.method`, `.url`, `.path`, `.host`, `.scheme`, `.client_ip` | the request line and the client's address |
//! | `request.path_segments`, `.path_params.NAME` | the path, decoded |
//! | `request.query.NAME`, `.headers.NAME`, `.cookies.NAME`, `.form.NAME` | the first value of that name |
//! | `request.query_all.NAME`, `.headers_all.NAME`, `.form_all.NAME` | the list of its values |
//! | `request.body`, `.json`, `.xml`, `.document` | the body as text, and as a parsed value |
//! | `vars.NAME` | the variables of the stub, evaluated once for each answer |
//! | `item`, `index`, the captures | in the results of a batch |
//!
//! `parser` reads a template into its syntax tree (`ast`), `compile` checks that and compiles it (`ir`), and
//! `render` renders it. Each `helpers_*.rs` has a table of helpers. An unknown name is a fault at load. A value that
//! a request does not have is a [`RenderFault`], never an empty string, except in `default`, `if` and comparisons.

mod ast;
mod call;
mod compile;
mod expression_parser;
mod failure;
mod helpers;
mod helpers_bytes;
mod helpers_digest;
mod helpers_json;
mod helpers_logic;
mod helpers_number;
mod helpers_random;
mod helpers_text;
mod helpers_time;
mod ir;
mod parser;
mod render;
mod request_part;
mod request_view;
mod resolved_path;
mod scope;
mod value;

use crate::model::{Fault, Json, KeyPath};

use super::fault::RenderFault;
use super::templating::{Escape, Rendering, Template, TemplateSource, Uses};
use ast::{AstNode, ParseError};
use failure::Failure;
use ir::{HelperCall, IrNode, Operand};
use request_view::why_missing;

pub(super) use helpers::names_a_helper;

/// Compiles and checks a string; `None` after a fault.
pub(super) fn compile(
    source: TemplateSource<'_>,
    uses: &mut Uses,
    faults: &mut Vec<Fault>,
) -> Option<Box<dyn Template>> {
    Some(Box::new(CompiledTemplate::compile(source, uses, faults)?))
}

/// Returns the positions of the tags that show a value or open a block, in order; none if the template is malformed.
#[cfg_attr(not(feature = "check"), expect(dead_code, reason = "only the room `check` asks"))]
pub(crate) fn output_tags(source: &str) -> Vec<usize> {
    fn collect(nodes: &[AstNode<'_>], into: &mut Vec<usize>) {
        for node in nodes {
            match node {
                AstNode::Text(_) => {}
                AstNode::Output { at, .. } => into.push(*at),
                AstNode::Block { at, branches } => {
                    into.push(*at);
                    branches.iter().for_each(|branch| collect(&branch.body, into));
                }
            }
        }
    }
    let mut tags = Vec::new();
    collect(&parser::parse(source).unwrap_or_default(), &mut tags);
    tags
}

/// A string with `{{ }}` in it.
#[derive(Debug)]
struct CompiledTemplate {
    source: String,
    at: KeyPath,
    elements: Vec<IrNode>,
    escape: Escape,
}

impl CompiledTemplate {
    fn compile(source: TemplateSource<'_>, uses: &mut Uses, faults: &mut Vec<Fault>) -> Option<CompiledTemplate> {
        let TemplateSource { text, at, escape, .. } = source;
        let known = faults.len();
        let nodes = parser::parse(text).map_err(|error| faults.push(to_fault(error, at))).ok()?;
        let elements = compile::compile(&nodes, source, uses, faults);
        (faults.len() == known).then(|| CompiledTemplate { source: text.to_owned(), at: at.clone(), elements, escape })
    }

    /// Returns the conversion, if the template consists of a single one.
    fn conversion(&self) -> Option<&HelperCall> {
        match self.elements.as_slice() {
            [IrNode::Output { argument: Operand::Helper(helper), .. }] => {
                Some(helper).filter(|helper| matches!(helper.spec.name, "json" | "number" | "boolean"))
            }
            _ => None,
        }
    }

    fn explain(&self, failure: Failure, rendering: &Rendering<'_>) -> RenderFault {
        match failure {
            Failure::Missing { name, below: true } => {
                let name = name.trim_start_matches("this.").trim_start_matches("./");
                let help = format!("Inside a block that goes a level down, write `@root.{name}`.");
                RenderFault { help: Some(help), ..self.fault(format!("`{name}` is missing")) }
            }
            Failure::Missing { name, .. } => {
                let reason = why_missing(rendering.request(), &name).map(|why| format!(": {why}")).unwrap_or_default();
                let help = if name.contains(' ') {
                    "Put `default` around it where it may be absent: `{{default (...) \"...\"}}`.".to_owned()
                } else {
                    format!("Where it may be absent, write `{{{{default {name} \"...\"}}}}` or `{{{{#if {name}}}}}`.")
                };
                RenderFault { help: Some(help), ..self.fault(format!("`{name}` is missing{reason}")) }
            }
            Failure::Wrong(why) => self.fault(why),
            Failure::Exceeded(exceeded) => self.fault(exceeded.to_string()),
        }
    }
}

impl Template for CompiledTemplate {
    fn is_typed(&self) -> bool {
        self.conversion().is_some()
    }

    fn render(&self, rendering: &Rendering<'_>) -> Result<String, RenderFault> {
        render::render(&self.elements, rendering, self.escape).map_err(|failure| self.explain(failure, rendering))
    }

    fn render_json(&self, rendering: &Rendering<'_>) -> Result<Json, RenderFault> {
        let Some(helper) = self.conversion() else { return self.render(rendering).map(Json::String) };
        render::convert(helper, rendering).map_err(|failure| self.explain(failure, rendering))
    }

    fn fault(&self, message: String) -> RenderFault {
        RenderFault { template: Some(self.source.clone()), ..RenderFault::new(&self.at, message) }
    }
}

fn to_fault(error: ParseError, at: &KeyPath) -> Fault {
    Fault::value(at, error.message)
        .with_label(error.label)
        .with_help("Templates are Handlebars; `\\{{` is `{{` itself, and `template = false` switches them off.")
        .within(error.place.start, error.place.end)
}

#[cfg(test)]
mod language;
#[cfg(test)]
mod tests;
