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
//! The helpers stand in `helpers_*.rs`, a table each. A name that cannot exist is a fault at load; a value that a
//! request does not have is a [`RenderFault`], never an empty string, unless `default`, `if` or a comparison asks.

mod call;
mod check;
mod helpers_bytes;
mod helpers_json;
mod helpers_logic;
mod helpers_number;
mod helpers_random;
mod helpers_text;
mod helpers_time;
mod model;
mod plain;
mod scope;
mod syntax;

use std::any::Any;
use std::io;
use std::sync::{Arc, LazyLock};

use handlebars::{Handlebars, Output, RenderContext, RenderError, RenderErrorReason, Renderable, no_escape};

use crate::model::{Fault, KeyPath, Wanted};

use super::fault::RenderFault;
use super::templating::{Compiler, Item, Rendering, Source, Template, Uses};
use super::text::Escape;
use super::xml;
use call::{Bound, Spec};
use check::Checked;
use plain::Plain;

use model::{Model, Needs, why_missing};

/// Makes templates of strings.
pub(super) struct ByHandlebars;

impl Compiler for ByHandlebars {
    fn compile(&self, source: Source<'_>, uses: &mut Uses, faults: &mut Vec<Fault>) -> Option<Box<dyn Template>> {
        let needs = uses.0.get_or_insert_with(|| Box::<Needs>::default()).downcast_mut::<Needs>()?;
        let compiled = Compiled::compile(source, needs, faults)?;
        Some(Box::new(compiled))
    }

    fn names_a_helper(&self, name: &str) -> bool {
        names_a_helper(name)
    }

    fn wanted_json<'n>(&self, needs: &'n dyn Any) -> Option<&'n Arc<Wanted>> {
        needs.downcast_ref::<Needs>().and_then(|needs| needs.json.as_ref())
    }

    fn model(&self, rendering: &Rendering<'_>, needs: &dyn Any) -> Box<dyn Any> {
        let none = Needs::default();
        let needs = needs.downcast_ref().unwrap_or(&none);
        let mut model = Model::new(rendering, needs);
        if let Some(item) = rendering.item() {
            model.set_item(item, needs);
        }
        Box::new(model)
    }

    fn set_item(&self, model: &mut dyn Any, item: &Item<'_>, needs: &dyn Any) {
        if let (Some(model), Some(needs)) = (model.downcast_mut::<Model>(), needs.downcast_ref()) {
            model.set_item(item, needs);
        }
    }
}

/// What an answer is rendered with.
fn model_of<'r>(rendering: &'r Rendering<'_>) -> &'r Model {
    let model = rendering.model().and_then(|model| model.downcast_ref());
    model.expect("an answer with a template has needs, by which its model is made")
}

/// No string renders longer: a scenario that runs away is stopped before the machine is.
const LONGEST: usize = 16 * 1024 * 1024;

/// A string with `{{ }}` in it.
#[derive(Debug)]
struct Compiled {
    source: String,
    at: KeyPath,
    checked: Checked,
    /// There where it is plain.
    plain: Option<Plain>,
    escape: Escape,
}

impl Compiled {
    fn compile(source: Source<'_>, needs: &mut Needs, faults: &mut Vec<Fault>) -> Option<Compiled> {
        let Source { text, at, escape, .. } = source;
        let known = faults.len();
        let parsed = syntax::parse(text, at).map_err(|fault| faults.push(fault)).ok()?;
        let mut own = Needs::default();
        let checked = check::check(parsed, source, &mut own, faults);
        let plain = Plain::of(&checked.template);
        let json = match &plain {
            Some(plain) => plain.wanted_json(),
            None => own.reads_json().then_some(Wanted::Whole),
        };
        own.json = json.map(Arc::new);
        needs.add(&own);
        (faults.len() == known).then(|| Compiled { source: text.to_owned(), at: at.clone(), checked, plain, escape })
    }

    fn render_by_handlebars(&self, rendering: &Rendering<'_>) -> Result<String, RenderFault> {
        let registry: &Handlebars<'static> = match self.escape {
            Escape::Nothing => &PLAIN,
            Escape::Xml => &ESCAPING,
        };
        let model = model_of(rendering);
        let mut context = RenderContext::new(None);
        for spec in &self.checked.stateful {
            context.register_local_helper(spec.name, Box::new(Bound { spec, state: Some(model.state()) }));
        }
        let mut out = Limited(String::new());
        let rendered = self.checked.template.render(registry, model.data(), &mut context, &mut out);
        rendered.map_err(|error| self.explain(&error, rendering))?;
        Ok(out.0)
    }

    fn explain(&self, error: &RenderError, rendering: &Rendering<'_>) -> RenderFault {
        match error.reason() {
            RenderErrorReason::MissingVariable(Some(name)) => {
                let reason = why_missing(rendering.request(), name).map(|why| format!(": {why}")).unwrap_or_default();
                let help = if name.contains(' ') {
                    "Put `default` around it where it may be absent: `{{default (...) \"...\"}}`.".to_owned()
                } else {
                    format!("Where it may be absent, write `{{{{default {name} \"...\"}}}}` or `{{{{#if {name}}}}}`.")
                };
                RenderFault { help: Some(help), ..self.fault(format!("`{name}` is missing{reason}")) }
            }
            RenderErrorReason::IOError(why) => self.fault(why.to_string()),
            RenderErrorReason::Other(why) => self.fault(why.clone()),
            other => self.fault(lower_first(&other.to_string())),
        }
    }
}

impl Template for Compiled {
    fn is_typed(&self) -> bool {
        self.checked.typed
    }

    fn render(&self, rendering: &Rendering<'_>) -> Result<String, RenderFault> {
        let plain = self.plain.as_ref().and_then(|plain| plain.render(rendering, self.escape));
        plain.map_or_else(|| self.render_by_handlebars(rendering), Ok)
    }

    fn fault(&self, message: String) -> RenderFault {
        RenderFault { template: Some(self.source.clone()), ..RenderFault::new(&self.at, message) }
    }
}

fn names_a_helper(name: &str) -> bool {
    specs().any(|spec| spec.name == name) || check::BLOCKS.contains(&name) || check::MANY.contains(&name)
}

/// All helpers that are ours.
fn specs() -> impl Iterator<Item = &'static Spec> {
    [
        helpers_text::HELPERS,
        helpers_bytes::HELPERS,
        helpers_json::HELPERS,
        helpers_logic::HELPERS,
        helpers_number::HELPERS,
        helpers_time::HELPERS,
        helpers_random::HELPERS,
    ]
    .into_iter()
    .flatten()
}

static PLAIN: LazyLock<Handlebars<'static>> = LazyLock::new(|| registry(no_escape));
static ESCAPING: LazyLock<Handlebars<'static>> =
    LazyLock::new(|| registry(|text| xml::escape_anywhere(text).into_owned()));

/// Helpers that need to know about the answer being made are added for each rendering, and not here.
fn registry(escape: fn(&str) -> String) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.register_escape_fn(escape);
    registry.set_strict_mode(true);
    registry.unregister_helper("log");
    for spec in specs().filter(|spec| !spec.stateful) {
        registry.register_helper(spec.name, Box::new(Bound { spec, state: None }));
    }
    registry
}

/// Collects what is rendered, up to a limit.
struct Limited(String);

impl Output for Limited {
    fn write(&mut self, text: &str) -> io::Result<()> {
        if self.0.len() + text.len() > LONGEST {
            return Err(io::Error::other("it renders to more than 16 MiB"));
        }
        self.0.push_str(text);
        Ok(())
    }
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
