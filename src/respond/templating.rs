//! What the answers know of templates: a string that can be rendered. What compiles them stands in `template`, in
//! programs that have any.

use std::any::Any;
use std::fmt;

use once_cell::sync::OnceCell;

use crate::message::Request;
use crate::model::{Fault, Json, KeyPath, Representation, Templates};

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

/// What makes templates.
pub(super) trait Compiler: Send + Sync {
    /// Compiles and checks; `None` after a fault.
    fn compile(
        &self,
        source: &str,
        at: &KeyPath,
        names: Names<'_>,
        escape: Escape,
        uses: &mut Uses,
        faults: &mut Vec<Fault>,
    ) -> Option<Box<dyn Template>>;

    /// Whether a name on its own would call a helper instead of showing a value.
    fn names_a_helper(&self, name: &str) -> bool;

    /// Whether templates with these needs see the body as JSON.
    fn reads_json(&self, needs: &dyn Any) -> bool;

    /// What the templates with these needs see of the request.
    fn model(&self, context: &Context<'_>, needs: &dyn Any, representation: &Representation) -> Box<dyn Any>;

    /// Goes on to an item of a batch.
    fn set_item(
        &self,
        model: &mut dyn Any,
        item: &Json,
        index: usize,
        captures: &mut dyn Iterator<Item = (&str, &str)>,
        needs: &dyn Any,
    );
}

/// Set by whoever switches templates on. A pointer, so that a program without any is spared Handlebars and the helpers.
static COMPILER: OnceCell<&dyn Compiler> = OnceCell::new();

impl Templates {
    /// `{{ }}` is a template.
    pub fn on() -> Templates {
        #[cfg(feature = "templates")]
        let _ = COMPILER.set(&super::template::ByHandlebars);
        Templates::carried()
    }
}

/// Compiles a string; `None` after a fault.
pub(super) fn compile(
    source: &str,
    at: &KeyPath,
    names: Names<'_>,
    escape: Escape,
    uses: &mut Uses,
    faults: &mut Vec<Fault>,
) -> Option<Box<dyn Template>> {
    let Some(compiler) = COMPILER.get() else {
        let from = source.find("{{").unwrap_or_default();
        let fault = Fault::value(at, "this build has no templates").labelled("a template").within(from, from + 2);
        faults.push(
            fault.helped("Build Cannery with its feature `templates`, or set `template = false` to send it as it is."),
        );
        return None;
    };
    compiler.compile(source, at, names, escape, uses, faults)
}

pub(super) fn names_a_helper(name: &str) -> bool {
    COMPILER.get().is_some_and(|compiler| compiler.names_a_helper(name))
}

/// What the templates of an answer need, in the terms of what compiles them; nothing where there are none.
#[derive(Debug, Default)]
pub(super) struct Uses(pub(super) Option<Box<dyn Any + Send + Sync>>);

impl Uses {
    pub(super) fn reads_json(&self) -> bool {
        self.0.as_deref().zip(COMPILER.get()).is_some_and(|(needs, compiler)| compiler.reads_json(needs))
    }
}

/// The request that an answer is for, and what the answer's templates see of it.
pub(super) struct Rendering<'a> {
    request: &'a Request,
    model: Option<Box<dyn Any>>,
}

impl<'a> Rendering<'a> {
    pub(super) fn new(context: &Context<'a>, uses: &Uses, representation: &Representation) -> Rendering<'a> {
        let needs = uses.0.as_deref();
        let model = needs.zip(COMPILER.get()).map(|(needs, compiler)| compiler.model(context, needs, representation));
        Rendering { request: context.request, model }
    }

    pub(super) fn request(&self) -> &'a Request {
        self.request
    }

    /// What templates see; there where the answer has any.
    #[cfg(feature = "templates")]
    pub(super) fn model(&self) -> Option<&dyn Any> {
        self.model.as_deref()
    }

    /// Goes on to an item of a batch.
    pub(super) fn set_item<'i>(
        &mut self,
        item: &Json,
        index: usize,
        mut captures: impl Iterator<Item = (&'i str, &'i str)>,
        uses: &Uses,
    ) {
        if let (Some(model), Some(needs), Some(compiler)) = (&mut self.model, &uses.0, COMPILER.get()) {
            compiler.set_item(&mut **model, item, index, &mut captures, &**needs);
        }
    }
}
