//! JSONPath (RFC 9535), complete, over our own tree.
//!
//! A path is parsed once (`parse`, `filter`, `literal`) into its segments (`syntax`), and all errors are found then, types of
//! functions included. A path that selects at most one node, as nearly every condition has, is followed without allocating. The
//! work of any other path is limited, because a short path can visit a document many times.
//!
//! One rule goes beyond the RFC: an expression for `match` or `search` that is written in the path and is not an I-Regexp is an
//! error, while in the RFC it never matches.

mod evaluate;
mod fault;
mod filter;
mod iregexp;
mod literal;
mod located;
mod parse;
mod syntax;
#[cfg(test)]
mod tests;
mod verdict;

use std::ops::Deref;
use std::sync::Arc;

use crate::model::{Json, JsonPathText, Projection};

use evaluate::Evaluation;
pub use evaluate::TooCostly;
pub use fault::JsonPathFault;
pub use located::Located;
pub(crate) use located::member_path;
use syntax::{Segment, Step};

/// A compiled JSONPath.
///
/// ```
/// use cannery::matching::JsonPath;
/// use cannery::model::Json;
///
/// let order = Json::parse(br#"{"items": [{"id": 1, "price": 7}, {"id": 2, "price": 12.5}]}"#).unwrap();
///
/// let dear = JsonPath::compile("$.items[?@.price > 10].id").unwrap();
/// assert_eq!(dear.select(&order).unwrap().to_vec(), [&Json::from(2)]);
/// assert_eq!(dear.locate(&order).unwrap()[0].to_string(), "$['items'][1]['id']");
/// ```
#[derive(Debug, Clone)]
pub struct JsonPath {
    text: JsonPathText,
    plan: Plan,
}

#[derive(Debug, Clone)]
enum Plan {
    /// Selects at most one node.
    Steps(Vec<Step>),
    /// May select several.
    Segments(Arc<Vec<Segment>>),
}

/// The nodes that a path selects, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Nodes<'a> {
    /// From a path that cannot select more than one.
    AtMostOne(Option<&'a Json>),
    /// From any other path.
    All(Vec<&'a Json>),
}

impl<'a> Deref for Nodes<'a> {
    type Target = [&'a Json];

    fn deref(&self) -> &[&'a Json] {
        match self {
            Nodes::AtMostOne(node) => node.as_slice(),
            Nodes::All(nodes) => nodes,
        }
    }
}

impl JsonPath {
    /// Compiles a path.
    ///
    /// # Errors
    /// Returns what is wrong, where in the text, and how to correct it.
    pub fn compile(text: &str) -> Result<JsonPath, JsonPathFault> {
        JsonPath::read(&text.into())
    }

    /// As [`JsonPath::compile`], with the text as the model has it.
    pub(crate) fn read(text: &JsonPathText) -> Result<JsonPath, JsonPathFault> {
        let segments = parse::whole_path(text)?;
        let plan = match syntax::single_steps(&segments) {
            Some(steps) => Plan::Steps(steps),
            None => Plan::Segments(Arc::new(segments)),
        };
        Ok(JsonPath { text: text.clone(), plan })
    }

    /// Returns the path as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the parts of a value that the path reads.
    pub(crate) fn projection(&self) -> Projection {
        match &self.plan {
            Plan::Steps(steps) => steps.iter().rfold(Projection::Whole, |projection, step| match step {
                Step::Name(name) => projection.below(name),
                Step::Index(_) => Projection::Whole,
            }),
            Plan::Segments(_) => Projection::Whole,
        }
    }

    /// Returns the nodes that the path selects, in order. A node that is selected twice is in the list twice.
    ///
    /// # Errors
    /// Fails if that takes too long.
    pub fn select<'a>(&self, root: &'a Json) -> Result<Nodes<'a>, TooCostly> {
        match &self.plan {
            Plan::Steps(steps) => Ok(Nodes::AtMostOne(syntax::follow(steps, root))),
            Plan::Segments(segments) => Evaluation::new(root).nodes(segments, root).map(Nodes::All),
        }
    }

    /// As [`JsonPath::select`], with the places of the nodes.
    ///
    /// # Errors
    /// Fails if that takes too long.
    pub fn locate<'a>(&self, root: &'a Json) -> Result<Vec<Located<'a>>, TooCostly> {
        let from = Located::root(root);
        match &self.plan {
            Plan::Segments(segments) => Evaluation::new(root).nodes(segments, from),
            Plan::Steps(steps) => {
                let segments: Vec<Segment> = steps.iter().map(Segment::from_step).collect();
                Evaluation::new(root).nodes(&segments, from)
            }
        }
    }
}
