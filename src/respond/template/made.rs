//! What is made once an answer, for all of its templates: the row of random values, patterns, trees of the body.

use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;

use crate::budget::Exceeded;
use crate::matching::{Expression, compile_regex};
use crate::model::{Json, Timestamp};

use super::super::charge;
use super::super::templating::Rendering;

/// The steps of compiling a pattern.
const PATTERN: usize = 20_000;

/// So many patterns are kept.
const MOST_PATTERNS: usize = 64;

/// Empty, until a template asks.
#[derive(Default)]
pub(in super::super) struct Made {
    /// Advances over the strings of an answer in their order.
    random: RefCell<Option<Rng>>,
    /// By their text: a batch asks for the same ones again and again.
    patterns: RefCell<BTreeMap<String, Arc<dyn Expression>>>,
    xml: OnceCell<Option<Arc<Json>>>,
    document: OnceCell<Option<Arc<Json>>>,
}

impl Rendering<'_> {
    pub(super) fn now(&self) -> Timestamp {
        self.context.now
    }

    pub(super) fn random(&self) -> RefMut<'_, Rng> {
        let random = self.made.random.borrow_mut();
        RefMut::map(random, |random| random.get_or_insert_with(|| Rng::with_seed(self.context.seed.value())))
    }

    /// A pattern by its text, compiled once an answer; or why it is none.
    pub(super) fn pattern(&self, text: &str) -> Result<Result<Arc<dyn Expression>, String>, Exceeded> {
        let mut patterns = self.made.patterns.borrow_mut();
        if let Some(known) = patterns.get(text) {
            return Ok(Ok(known.clone()));
        }
        charge::steps(PATTERN)?;
        // A request may bring as many patterns as it has items, and each takes up to half a megabyte.
        if patterns.len() >= MOST_PATTERNS {
            patterns.clear();
        }
        Ok(compile_regex(&text.into(), false).inspect(|pattern| {
            patterns.insert(text.to_owned(), pattern.clone());
        }))
    }

    /// The body as JSON, or as much of it as the templates of the answer look at; nothing where it is none.
    pub(super) fn json(&self) -> Option<&Json> {
        self.request().json_part(self.uses.wanted_json()?).ok().map(|json| &**json)
    }

    /// The body as XML, read as a document; nothing where it is none.
    pub(super) fn xml(&self) -> Option<&Json> {
        let read = || Some(self.request().xml_document(self.representation).ok()?.root);
        self.made.xml.get_or_init(read).as_deref()
    }

    /// The body as a document; nothing where it is none.
    pub(super) fn document(&self) -> Option<&Json> {
        let read = || Some(self.request().document(self.representation).ok()??.root);
        self.made.document.get_or_init(read).as_deref()
    }
}
