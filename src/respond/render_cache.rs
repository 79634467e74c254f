//! Values that are created at most once for all templates of an answer: the random generator, patterns, trees of the body.

use std::cell::{OnceCell, RefCell, RefMut};
use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;

use crate::budget::Exceeded;
use crate::matching::{Expression, compile_regex};
use crate::message::Request;
use crate::model::{Json, Representation};

use super::charge;

/// The steps of compiling a pattern.
const PATTERN: usize = 20_000;

/// The largest number of patterns that is kept.
const MOST_PATTERNS: usize = 64;

/// A cache that is filled when a template needs a value.
#[derive(Default)]
pub(super) struct RenderCache {
    /// One generator for all strings of an answer. It advances in their order.
    random: RefCell<Option<Rng>>,
    /// Patterns by their text, because a batch uses the same ones many times.
    patterns: RefCell<BTreeMap<String, Arc<dyn Expression>>>,
    xml: OnceCell<Option<Arc<Json>>>,
    document: OnceCell<Option<Arc<Json>>>,
}

impl RenderCache {
    /// Returns the random generator, which starts from the seed when it is first used.
    pub(super) fn random(&self, seed: u64) -> RefMut<'_, Rng> {
        RefMut::map(self.random.borrow_mut(), |random| random.get_or_insert_with(|| Rng::with_seed(seed)))
    }

    /// Returns the pattern with a text, compiled once for each answer, or the reason why it is not a regular expression.
    pub(super) fn pattern(&self, text: &str) -> Result<Result<Arc<dyn Expression>, String>, Exceeded> {
        let mut patterns = self.patterns.borrow_mut();
        if let Some(known) = patterns.get(text) {
            return Ok(Ok(known.clone()));
        }
        charge::steps(PATTERN)?;
        // A request may have one pattern for each of its items, and each takes up to half a megabyte.
        if patterns.len() >= MOST_PATTERNS {
            patterns.clear();
        }
        Ok(compile_regex(&text.into(), false).inspect(|pattern| {
            patterns.insert(text.to_owned(), pattern.clone());
        }))
    }

    /// Returns the body as XML, read as a document; `None` if it is not XML.
    pub(super) fn xml(&self, request: &Request, representation: &Arc<Representation>) -> Option<&Json> {
        let read = || Some(request.xml_document(representation).ok()?.root);
        self.xml.get_or_init(read).as_deref()
    }

    /// Returns the body as a document; `None` if it has none.
    pub(super) fn document(&self, request: &Request, representation: &Arc<Representation>) -> Option<&Json> {
        let read = || Some(request.document(representation).ok()??.root);
        self.document.get_or_init(read).as_deref()
    }
}
