//! What the answers know of templates: a string that can be rendered. What compiles them stands in `template`, in
//! programs that have any.

use std::any::Any;
use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use once_cell::sync;

use crate::message::Request;
use crate::model::{Fault, Json, KeyPath, Representation, Templates, Wanted};

use super::Context;
use super::fault::RenderFault;
use super::text::{Escape, Names};

/// A string with `{{ }}` in it.
pub(super) trait Template: fmt::Debug + Send + Sync {
    /// Whether it is a single `{{json ..}}`, `{{number ..}}` or `{{boolean ..}}`, which yields that and not text.
    fn is_typed(&self) -> bool;

    fn render(&self, rendering: &Rendering<'_>) -> Result<String, RenderFault>;

    /// A fault of this template.
    fn fault(&self, message: String) -> RenderFault;
}

/// A string that is to be a template, as it is written.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only what compiles templates reads all of it"))]
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) text: &'s str,
    /// Where it stands.
    pub(super) at: &'s KeyPath,
    /// What it may speak of.
    pub(super) names: Names<'s>,
    pub(super) escape: Escape,
}

/// What makes templates.
pub(super) trait Compiler: Send + Sync {
    /// Compiles and checks; `None` after a fault.
    fn compile(&self, source: Source<'_>, uses: &mut Uses, faults: &mut Vec<Fault>) -> Option<Box<dyn Template>>;

    /// Whether a name on its own would call a helper instead of showing a value.
    fn names_a_helper(&self, name: &str) -> bool;

    /// What templates with these needs look at of the body as JSON; `None` where it is nothing.
    fn wanted_json<'n>(&self, needs: &'n dyn Any) -> Option<&'n Arc<Wanted>>;

    /// What Handlebars sees of a request, and of the item of a batch.
    #[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
    fn model(&self, rendering: &Rendering<'_>, needs: &dyn Any) -> Box<dyn Any>;

    /// Goes on to an item of a batch.
    fn set_item(&self, model: &mut dyn Any, item: &Item<'_>, needs: &dyn Any);
}

/// Set by whoever switches templates on. A pointer, so that a program without any is spared Handlebars and the helpers.
static COMPILER: sync::OnceCell<&dyn Compiler> = sync::OnceCell::new();

impl Templates {
    /// `{{ }}` is a template.
    pub fn on() -> Templates {
        #[cfg(feature = "templates")]
        let _ = COMPILER.set(&super::template::ByHandlebars);
        Templates::carried()
    }
}

/// Compiles a string; `None` after a fault.
pub(super) fn compile(source: Source<'_>, uses: &mut Uses, faults: &mut Vec<Fault>) -> Option<Box<dyn Template>> {
    let Some(compiler) = COMPILER.get() else {
        let from = source.text.find("{{").unwrap_or_default();
        let fault =
            Fault::value(source.at, "this build has no templates").labelled("a template").within(from, from + 2);
        faults.push(
            fault.helped("Build Cannery with its feature `templates`, or set `template = false` to send it as it is."),
        );
        return None;
    };
    compiler.compile(source, uses, faults)
}

pub(super) fn names_a_helper(name: &str) -> bool {
    COMPILER.get().is_some_and(|compiler| compiler.names_a_helper(name))
}

/// What the templates of an answer need, in the terms of what compiles them; nothing where there are none.
#[derive(Debug, Default)]
pub(super) struct Uses(pub(super) Option<Box<dyn Any + Send + Sync>>);

impl Uses {
    /// What they look at of the body as JSON; `None` where it is nothing.
    pub(super) fn wanted_json(&self) -> Option<&Arc<Wanted>> {
        self.compiled().and_then(|(needs, compiler)| compiler.wanted_json(needs))
    }

    /// The needs of the templates, where there are any, and what compiled them.
    fn compiled(&self) -> Option<(&dyn Any, &'static dyn Compiler)> {
        Some((self.0.as_deref()?, *COMPILER.get()?))
    }
}

/// An item of a batch, as its result sees it.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
pub(super) struct Item<'a> {
    pub(super) value: &'a Json,
    /// Its place, counted from 0.
    pub(super) index: usize,
    /// What was captured of it, by name.
    pub(super) captures: Vec<(&'a str, &'a str)>,
}

/// What an answer is rendered with: the request that it is for, and the item of a batch where it is at one.
pub(super) struct Rendering<'a> {
    context: Context<'a>,
    #[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
    representation: &'a Representation,
    uses: &'a Uses,
    item: Option<Item<'a>>,
    /// What Handlebars sees of it, once it is needed: most templates are rendered without.
    model: OnceCell<Box<dyn Any>>,
}

impl<'a> Rendering<'a> {
    pub(super) fn new(context: &Context<'a>, uses: &'a Uses, representation: &'a Representation) -> Rendering<'a> {
        Rendering { context: *context, representation, uses, item: None, model: OnceCell::new() }
    }

    pub(super) fn request(&self) -> &'a Request {
        self.context.request
    }

    /// Goes on to an item of a batch.
    pub(super) fn set_item(&mut self, item: Item<'a>) {
        if let (Some(model), Some((needs, compiler))) = (self.model.get_mut(), self.uses.compiled()) {
            compiler.set_item(&mut **model, &item, needs);
        }
        self.item = Some(item);
    }
}

#[cfg(feature = "templates")]
impl<'a> Rendering<'a> {
    pub(super) fn context(&self) -> &Context<'a> {
        &self.context
    }

    pub(super) fn representation(&self) -> &'a Representation {
        self.representation
    }

    pub(super) fn item(&self) -> Option<&Item<'a>> {
        self.item.as_ref()
    }

    /// The body as JSON, or as much of it as the templates of the answer look at.
    pub(super) fn json(&self) -> Option<&'a Arc<Json>> {
        self.request().json_part(self.uses.wanted_json()?).ok()
    }

    /// What Handlebars sees; there where the answer has any template.
    pub(super) fn model(&self) -> Option<&dyn Any> {
        let (needs, compiler) = self.uses.compiled()?;
        Some(&**self.model.get_or_init(|| compiler.model(self, needs)))
    }
}
