//! The interface between answers and templates: a string that can be rendered, and the context of rendering.
//!
//! Templates are compiled in `template`, in builds with the feature `templates`.

#[cfg(feature = "templates")]
use std::cell::RefMut;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "templates")]
use fastrand::Rng;

#[cfg(feature = "templates")]
use crate::budget::Exceeded;
#[cfg(feature = "templates")]
use crate::matching::Expression;
use crate::message::Request;
#[cfg(feature = "templates")]
use crate::model::Timestamp;
use crate::model::{Json, KeyPath, Projection, Representation};

use super::context::Context;
use super::fault::RenderFault;
#[cfg(feature = "templates")]
use super::render_cache::RenderCache;

/// A string with `{{ }}` in it.
pub(super) trait Template: fmt::Debug + Send + Sync {
    /// Whether it is a single `{{json ..}}`, `{{number ..}}` or `{{boolean ..}}`, which yields a JSON value instead of text.
    fn is_typed(&self) -> bool;

    fn render(&self, rendering: &Rendering<'_>) -> Result<String, RenderFault>;

    /// Returns the value of a typed template.
    fn render_json(&self, rendering: &Rendering<'_>) -> Result<Json, RenderFault>;

    /// Returns a fault of this template.
    fn fault(&self, message: String) -> RenderFault;
}

/// The source of a template.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only what compiles templates reads all of it"))]
#[derive(Debug, Clone, Copy)]
pub(super) struct TemplateSource<'s> {
    pub(super) text: &'s str,
    /// Its place in the scenario.
    pub(super) at: &'s KeyPath,
    /// The names that it may use.
    pub(super) names: TemplateNames<'s>,
    pub(super) escape: Escape,
}

/// How `{{ }}` escapes the value that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Nothing, because the string is escaped later or does not need it.
    Nothing,
    /// Escapes it as text of XML.
    Xml,
}

/// The names that a template may use besides those of the request.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates use names"))]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TemplateNames<'n> {
    /// The placeholders of the stub's path.
    pub(super) path_params: &'n [String],
    /// The variables of the stub that are evaluated before the template.
    pub(super) vars: &'n [String],
    /// The captures of a batch, in its results, where `item` and `index` are names too.
    pub(super) item: Option<&'n [String]>,
}

/// The parts of the request that the templates of an answer use.
#[derive(Debug, Clone, Default)]
pub(super) struct Uses {
    json: Option<Arc<Projection>>,
}

impl Uses {
    /// Returns the parts of the JSON body that they use; `None` if they use none.
    pub(super) fn json_projection(&self) -> Option<&Arc<Projection>> {
        self.json.as_ref()
    }

    #[cfg(feature = "templates")]
    pub(super) fn add_json(&mut self, projection: Projection) {
        match &mut self.json {
            Some(json) => Arc::make_mut(json).add(&projection),
            None => self.json = Some(Arc::new(projection)),
        }
    }
}

/// An item of a batch, for rendering its result.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
pub(super) struct BatchItem<'a> {
    pub(super) value: &'a Json,
    /// Its index, counted from 0.
    pub(super) index: usize,
    pub(super) captured: Captured<'a>,
}

/// The names of an expression's groups, each with its index among all groups.
pub(super) type NamedGroups = Vec<(String, usize)>;

/// The captures of an item, by name.
#[derive(Default)]
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
pub(super) struct Captured<'a> {
    pub(super) names: &'a [(String, usize)],
    /// The text of each group; empty if the expression did not match.
    pub(super) found: Vec<Option<&'a str>>,
}

#[cfg(feature = "templates")]
impl<'a> Captured<'a> {
    /// Returns the text of a group, empty if the group did not match; `None` if no group has that name.
    pub(super) fn by_name(&self, name: &str) -> Option<&'a str> {
        self.all().find(|(known, _)| *known == name).map(|(_, text)| text)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let group = |place: usize| self.found.get(place).copied().flatten().unwrap_or_default();
        self.names.iter().map(move |(name, place)| (name.as_str(), group(*place)))
    }
}

/// The context of rendering an answer: the request, and the current item of a batch.
#[cfg_attr(not(feature = "templates"), expect(dead_code, reason = "only templates look at it"))]
pub(super) struct Rendering<'a> {
    pub(super) context: Context<'a>,
    pub(super) representation: &'a Arc<Representation>,
    pub(super) uses: &'a Uses,
    pub(super) item: Option<BatchItem<'a>>,
    /// The object of the evaluated variables.
    pub(super) vars: Json,
    #[cfg(feature = "templates")]
    cache: RenderCache,
}

impl<'a> Rendering<'a> {
    pub(super) fn new(context: &Context<'a>, uses: &'a Uses, representation: &'a Arc<Representation>) -> Rendering<'a> {
        Rendering {
            context: *context,
            representation,
            uses,
            item: None,
            vars: Json::Object(Vec::new()),
            #[cfg(feature = "templates")]
            cache: RenderCache::default(),
        }
    }

    pub(super) fn request(&self) -> &'a Request {
        self.context.request
    }

    /// Sets the current item of a batch.
    pub(super) fn set_item(&mut self, item: BatchItem<'a>) {
        self.item = Some(item);
    }

    /// Adds an evaluated variable.
    pub(super) fn set_var(&mut self, name: String, value: Json) {
        if let Json::Object(vars) = &mut self.vars {
            vars.push((name, value));
        }
    }
}

#[cfg(feature = "templates")]
impl Rendering<'_> {
    /// Returns the time that templates see.
    pub(super) fn now(&self) -> Timestamp {
        self.context.now
    }

    /// Returns the random generator of the answer.
    pub(super) fn random(&self) -> RefMut<'_, Rng> {
        self.cache.random(self.context.seed.value())
    }

    /// Returns the pattern with a text, compiled once for each answer, or the reason why it is not a regular expression.
    pub(super) fn pattern(&self, text: &str) -> Result<Result<Arc<dyn Expression>, String>, Exceeded> {
        self.cache.pattern(text)
    }

    /// Returns the body as JSON, or the parts of it that the templates of the answer use; `None` if it is not JSON.
    pub(super) fn json(&self) -> Option<&Json> {
        self.request().json_part(self.uses.json_projection()?).ok().map(|json| &**json)
    }

    /// Returns the body as XML, read as a document; `None` if it is not XML.
    pub(super) fn xml(&self) -> Option<&Json> {
        self.cache.xml(self.request(), self.representation)
    }

    /// Returns the body as a document; `None` if it has none.
    pub(super) fn document(&self) -> Option<&Json> {
        self.cache.document(self.request(), self.representation)
    }
}
