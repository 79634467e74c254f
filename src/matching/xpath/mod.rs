//! XPath 1.0 by the recommendation, over the flat tree of a document, in builds with the feature `xpath`.
//!
//! An expression is compiled once (`lexer`, `parse`, `path`) and evaluated (`evaluate`) without recursion in the depth of the
//! document: a set of nodes is a sorted list of their numbers. Each node that is visited takes a step of the budget of the
//! request. The `namespace::` axis is refused, and `id()` finds nothing, because no document type is read for it.

#[cfg(feature = "xpath")]
mod compare;
#[cfg(feature = "xpath")]
mod context;
#[cfg(feature = "xpath")]
mod evaluate;
#[cfg(feature = "xpath")]
mod expression;
mod fault;
#[cfg(feature = "xpath")]
mod function;
#[cfg(feature = "xpath")]
mod functions;
#[cfg(feature = "xpath")]
mod lexer;
#[cfg(feature = "xpath")]
mod number;
#[cfg(not(feature = "xpath"))]
mod off;
#[cfg(feature = "xpath")]
mod parse;
#[cfg(feature = "xpath")]
mod path;
#[cfg(feature = "xpath")]
mod step;
#[cfg(feature = "xpath")]
mod value;

#[cfg(all(test, feature = "xpath"))]
mod reference;
#[cfg(all(test, feature = "xpath"))]
mod tests;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::message::{NodeId, XmlDocument};
use crate::model::{Fault, Json, KeyPath, XPathText};

use fault::XPathFault;

#[cfg(all(feature = "check", feature = "xpath"))]
use expression::always;
#[cfg(feature = "xpath")]
use {
    evaluate::{locate, select},
    expression::Compiled,
    parse::compile,
};

#[cfg(all(feature = "check", not(feature = "xpath")))]
use off::always;
#[cfg(not(feature = "xpath"))]
use off::{Compiled, compile, locate, select};

/// Returns what kind of value an XPath computes for every document: "a boolean" or "a text"; `None` if it may compute nothing.
/// JSON does not have every number, and a set of nodes may be empty.
#[cfg(feature = "check")]
pub(crate) fn always_computes(text: &XPathText, namespaces: &[(String, String)]) -> Option<&'static str> {
    let xpath = CompiledXPath::read(text, namespaces).ok()?;
    always(&xpath.compiled)
}

/// A compiled XPath, with the prefixes that it uses.
#[derive(Debug, Clone)]
pub(crate) struct CompiledXPath {
    pub(crate) text: String,
    namespaces: Vec<(String, String)>,
    compiled: Arc<Compiled>,
}

impl PartialEq for CompiledXPath {
    fn eq(&self, other: &CompiledXPath) -> bool {
        (&self.text, &self.namespaces) == (&other.text, &other.namespaces)
    }
}

impl Eq for CompiledXPath {}

impl Hash for CompiledXPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.text, &self.namespaces).hash(state);
    }
}

impl CompiledXPath {
    /// Compiles an expression. A fault is reported at the last key of `at`.
    pub(super) fn compile(
        text: &XPathText,
        namespaces: &[(String, String)],
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> Option<CompiledXPath> {
        if cfg!(not(feature = "xpath")) {
            faults.push(
                Fault::key(at, "`xpath` needs the feature `xpath` of the crate cannery")
                    .with_help("Turn it on: `cannery = { version = \"...\", features = [\"xpath\"] }`."),
            );
            return None;
        }
        CompiledXPath::read(text, namespaces).map_err(|fault| faults.push(fault.into_key_fault(at))).ok()
    }

    /// As [`CompiledXPath::compile`], with the fault of the text itself. Without the feature no text compiles.
    pub(super) fn read(text: &XPathText, namespaces: &[(String, String)]) -> Result<CompiledXPath, XPathFault> {
        let compiled = Arc::new(compile(text, namespaces)?);
        Ok(CompiledXPath { text: text.to_string(), namespaces: namespaces.to_vec(), compiled })
    }

    /// Returns the string value of each node selected, or the one string, number or boolean that it computes.
    pub(super) fn select(&self, document: &XmlDocument) -> Vec<Json> {
        select(&self.compiled, document)
    }

    /// Returns the nodes selected, in document order.
    pub(super) fn locate(&self, document: &XmlDocument) -> Vec<NodeId> {
        locate(&self.compiled, document)
    }
}
