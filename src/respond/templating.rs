//! What the answers know of templates: a string that can be rendered. What compiles them is in `template`, in builds with
//! the feature `templates`.

use std::fmt;
use std::sync::Arc;

use crate::message::Request;
#[cfg(not(feature = "templates"))]
use crate::model::Fault;
use crate::model::{Json, KeyPath, Projection, Representation};

use super::Context;
use super::fault::RenderFault;
use super::text::{Escape, Names};

/// A string with `{{ }}` in it.
pub(super) trait Template: fmt::Debug + Send + Sync {
    /// Whether it is a single `{{json ..}}`, `{{number ..}}` or `{{boolean ..}}`, which yields that and not text.
    fn is_typed(&self) -> bool;

    fn render(&self, rendering: &Rendering<'_>) -> Result<String, RenderFault>;

    /// The value that it yields, if it is typed.
    fn render_json(&self, rendering: &Rendering<'_>) -> Result<Json, RenderFault>;

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

#[cfg(feature = "templates")]
pub(super) use super::template::{compile, names_a_helper};

/// Reports that a build without the feature has no templates.
#[cfg(not(feature = "templates"))]
pub(super) fn compile(source: Source<'_>, _uses: &mut Uses, faults: &mut Vec<Fault>) -> Option<Box<dyn Template>> {
    let from = source.text.find("{{").unwrap_or_default();
    let fault = Fault::value(source.at, "this build has no templates").labelled("a template").within(from, from + 2);
    faults.push(
        fault.helped("Build Cannery with its feature `templates`, or set `template = false` to send it as it is."),
    );
    None
}

/// A build without the feature has no helpers.
#[cfg(not(feature = "templates"))]
pub(super) fn names_a_helper(_name: &str) -> bool {
    false
}

/// What the templates of an answer look at.
#[derive(Debug, Default)]
pub(super) struct Uses {
    json: Option<Arc<Projection>>,
}

impl Uses {
    /// What they look at of the body as JSON; `None` where it is nothing.
    pub(super) fn wanted_json(&self) -> Option<&Arc<Projection>> {
        self.json.as_ref()
    }

    #[cfg(feature = "templates")]
    pub(super) fn want_json(&mut self, wanted: Projection) {
        match &mut self.json {
            Some(json) => Arc::make_mut(json).add(&wanted),
            None => self.json = Some(Arc::new(wanted)),
        }
    }
}

/// An item of a batch, as its result sees it.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
pub(super) struct Item<'a> {
    pub(super) value: &'a Json,
    /// Its place, counted from 0.
    pub(super) index: usize,
    pub(super) captured: Captured<'a>,
}

/// The names of an expression's groups, each with its place among all groups.
pub(super) type NamedGroups = Vec<(String, usize)>;

/// What was captured of an item, by name.
#[derive(Default)]
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
pub(super) struct Captured<'a> {
    pub(super) names: &'a [(String, usize)],
    /// What all groups matched; nothing where the expression did not hold.
    pub(super) found: Vec<Option<&'a str>>,
}

#[cfg(feature = "templates")]
impl<'a> Captured<'a> {
    /// What a group captured, empty where it matched nothing; `None` where there is none of that name.
    pub(super) fn by_name(&self, name: &str) -> Option<&'a str> {
        self.all().find(|(known, _)| *known == name).map(|(_, text)| text)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let group = |place: usize| self.found.get(place).copied().flatten().unwrap_or_default();
        self.names.iter().map(move |(name, place)| (name.as_str(), group(*place)))
    }
}

/// What an answer is rendered with: the request that it is for, and the item of a batch where it is at one.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
pub(super) struct Rendering<'a> {
    pub(super) context: Context<'a>,
    pub(super) representation: &'a Arc<Representation>,
    pub(super) uses: &'a Uses,
    pub(super) item: Option<Item<'a>>,
    #[cfg(feature = "templates")]
    pub(super) made: super::template::Made,
}

impl<'a> Rendering<'a> {
    pub(super) fn new(context: &Context<'a>, uses: &'a Uses, representation: &'a Arc<Representation>) -> Rendering<'a> {
        Rendering {
            context: *context,
            representation,
            uses,
            item: None,
            #[cfg(feature = "templates")]
            made: super::template::Made::default(),
        }
    }

    pub(super) fn request(&self) -> &'a Request {
        self.context.request
    }

    /// Goes on to an item of a batch.
    pub(super) fn set_item(&mut self, item: Item<'a>) {
        self.item = Some(item);
    }
}
