//! Stands in for templates in a build without them: none can be compiled, so none is ever rendered.

use std::convert::Infallible;

use crate::message::Request;
use crate::model::{Fault, Json, KeyPath, Representation};

use super::Context;
use super::fault::RenderFault;
use super::text::{Escape, Names};

/// A template that cannot exist.
#[derive(Debug)]
pub(super) struct Template(Infallible);

impl Template {
    pub(super) fn compile(
        source: &str,
        at: &KeyPath,
        _names: Names<'_>,
        _escape: Escape,
        _uses: &mut Uses,
        faults: &mut Vec<Fault>,
    ) -> Option<Template> {
        let from = source.find("{{").unwrap_or_default();
        let fault = Fault::value(at, "this build has no templates").labelled("a template").within(from, from + 2);
        faults.push(
            fault.helped("Build Cannery with its feature `templates`, or set `template = false` to send it as it is."),
        );
        None
    }

    pub(super) fn is_typed(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn render(&self, _rendering: &Rendering<'_>) -> Result<String, RenderFault> {
        match self.0 {}
    }

    pub(super) fn fault(&self, _message: String) -> RenderFault {
        match self.0 {}
    }
}

/// What no template speaks of.
#[derive(Debug, Default)]
pub(super) struct Uses(());

/// The request that an answer is for.
pub(super) struct Rendering<'a> {
    request: &'a Request,
}

impl<'a> Rendering<'a> {
    pub(super) fn new(context: &Context<'a>, _uses: &Uses, _representation: &'a Representation) -> Rendering<'a> {
        Rendering { request: context.request }
    }

    pub(super) fn request(&self) -> &'a Request {
        self.request
    }

    pub(super) fn set_item<'i>(
        &mut self,
        _item: &Json,
        _index: usize,
        _captures: impl Iterator<Item = (&'i str, &'i str)>,
        _uses: &Uses,
    ) {
    }
}

pub(super) fn names_a_helper(_name: &str) -> bool {
    false
}
