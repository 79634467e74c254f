//! Stands in for templates in a build without them: none can be compiled, so none is ever rendered.

use crate::message::Request;
use crate::model::{Json, Representation};

use super::Context;

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
