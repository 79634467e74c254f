//! Templates in Handlebars: compiled and checked when a scenario is loaded, rendered a string at a time.
//!
//! What a template may speak of (docs/reference/templates.md has an example of each):
//!
//! | name | what it is |
//! |---|---|
//! | `request.method`, `.url`, `.path`, `.host`, `.scheme`, `.client_ip` | the request line and where it came from |
//! | `request.path_segments`, `.path_params.NAME` | the path, decoded |
//! | `request.query.NAME`, `.headers.NAME`, `.cookies.NAME`, `.form.NAME` | the first value of that name |
//! | `request.query_all.NAME`, `.headers_all.NAME`, `.form_all.NAME` | the list of its values |
//! | `request.body`, `.json`, `.xml`, `.document` | the body as text, and what it holds |
//! | `item`, `index`, the captures | in the results of a batch |
//!
//! `syntax` reads a template into what is `written`, `check` makes what is `compiled` of it, `render` a text of that. The
//! helpers stand in `helpers_*.rs`, a table each. A name that cannot exist is a fault at load; a value that a
//! request does not have is a [`RenderFault`], never an empty string, unless `default`, `if` or a comparison asks.

mod call;
mod check;
mod compiled;
mod expression;
mod failure;
mod helpers;
mod helpers_bytes;
mod helpers_json;
mod helpers_logic;
mod helpers_number;
mod helpers_random;
mod helpers_text;
mod helpers_time;
mod model;
mod path;
mod render;
mod request_part;
mod scope;
mod syntax;
mod value;
mod written;

use crate::model::{Fault, Json, KeyPath};

use super::fault::RenderFault;
use super::templating::{Escape, Rendering, Source, Template, Uses};
use compiled::{Argument, Element, Helper};
use failure::Failure;
use model::why_missing;
use written::{Misread, Node};

pub(super) use helpers::names_a_helper;

/// Compiles and checks a string; `None` after a fault.
pub(super) fn compile(source: Source<'_>, uses: &mut Uses, faults: &mut Vec<Fault>) -> Option<Box<dyn Template>> {
    Some(Box::new(Compiled::compile(source, uses, faults)?))
}

/// Returns where the tags of a template start that show a value or open a block, in order; none if it is malformed.
#[cfg_attr(not(feature = "check"), expect(dead_code, reason = "only the room `check` asks"))]
pub(crate) fn output_tags(source: &str) -> Vec<usize> {
    fn collect(nodes: &[Node<'_>], into: &mut Vec<usize>) {
        for node in nodes {
            match node {
                Node::Text(_) => {}
                Node::Shown { at, .. } => into.push(*at),
                Node::Block { at, branches } => {
                    into.push(*at);
                    branches.iter().for_each(|branch| collect(&branch.body, into));
                }
            }
        }
    }
    let mut tags = Vec::new();
    collect(&syntax::parse(source).unwrap_or_default(), &mut tags);
    tags
}

/// A string with `{{ }}` in it.
#[derive(Debug)]
struct Compiled {
    source: String,
    at: KeyPath,
    elements: Vec<Element>,
    escape: Escape,
}

impl Compiled {
    fn compile(source: Source<'_>, uses: &mut Uses, faults: &mut Vec<Fault>) -> Option<Compiled> {
        let Source { text, at, escape, .. } = source;
        let known = faults.len();
        let nodes = syntax::parse(text).map_err(|misread| faults.push(unreadable(misread, at))).ok()?;
        let elements = check::check(&nodes, source, uses, faults);
        (faults.len() == known).then(|| Compiled { source: text.to_owned(), at: at.clone(), elements, escape })
    }

    /// The conversion that the template consists of, if it is nothing else.
    fn conversion(&self) -> Option<&Helper> {
        match self.elements.as_slice() {
            [Element::Shown { argument: Argument::Helper(helper), .. }] => {
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

impl Template for Compiled {
    fn is_typed(&self) -> bool {
        self.conversion().is_some()
    }

    fn render(&self, rendering: &Rendering<'_>) -> Result<String, RenderFault> {
        render::render(&self.elements, rendering, self.escape).map_err(|failure| self.explain(failure, rendering))
    }

    fn render_json(&self, rendering: &Rendering<'_>) -> Result<Json, RenderFault> {
        let Some(helper) = self.conversion() else { return self.render(rendering).map(Json::String) };
        render::converted(helper, rendering).map_err(|failure| self.explain(failure, rendering))
    }

    fn fault(&self, message: String) -> RenderFault {
        RenderFault { template: Some(self.source.clone()), ..RenderFault::new(&self.at, message) }
    }
}

fn unreadable(misread: Misread, at: &KeyPath) -> Fault {
    Fault::value(at, misread.message)
        .labelled(misread.label)
        .helped("Templates are Handlebars; `\\{{` is `{{` itself, and `template = false` switches them off.")
        .within(misread.place.start, misread.place.end)
}

#[cfg(test)]
mod language;
#[cfg(test)]
mod tests;
