//! JSONPath (RFC 9535), complete, straight over our own tree.
//!
//! A path is read once (`parse`, `filter`, `literal`) into what it says (`syntax`), with everything wrong about it found
//! then, types of functions included. Asking for one place, as nearly every condition does, walks down without
//! allocating. Whatever else a path asks is bounded in its work, since a short path can visit a document many times over.
//!
//! Beyond the RFC in one thing: an expression for `match` or `search` that is written out in the path and is not an
//! I-Regexp is a fault, where the RFC lets it quietly never match.

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
pub(super) use located::quoted_name;
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
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    /// Selects at most one node.
    Steps(Vec<Step>),
    /// May select several.
    Segments(Arc<Vec<Segment>>),
}

/// What a path selects, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Nodes<'a> {
    /// From a path that cannot select more.
    AtMostOne(Option<&'a Json>),
    /// From any other.
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
    /// Where it is not a JSONPath: what is wrong, where in the text, and what to do about it.
    pub fn compile(text: &str) -> Result<JsonPath, JsonPathFault> {
        JsonPath::read(&text.into())
    }

    /// As [`JsonPath::compile`], of a text as the model has it.
    pub(crate) fn read(text: &JsonPathText) -> Result<JsonPath, JsonPathFault> {
        let segments = parse::whole_path(text)?;
        let way = match syntax::single_steps(&segments) {
            Some(steps) => Way::Steps(steps),
            None => Way::Segments(Arc::new(segments)),
        };
        Ok(JsonPath { text: text.clone(), way })
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What of a value the path looks at, and what it selects.
    pub(crate) fn projection(&self) -> Projection {
        match &self.way {
            Way::Steps(steps) => steps.iter().rfold(Projection::Whole, |projection, step| match step {
                Step::Name(name) => projection.below(name),
                Step::Index(_) => Projection::Whole,
            }),
            Way::Segments(_) => Projection::Whole,
        }
    }

    /// What the path selects, in order; a node that is selected twice is there twice.
    ///
    /// # Errors
    /// Where that would take too long.
    pub fn select<'a>(&self, root: &'a Json) -> Result<Nodes<'a>, TooCostly> {
        match &self.way {
            Way::Steps(steps) => Ok(Nodes::AtMostOne(syntax::follow(steps, root))),
            Way::Segments(segments) => Evaluation::new(root).nodes(segments, root).map(Nodes::All),
        }
    }

    /// As [`JsonPath::select`], with the places of the nodes.
    ///
    /// # Errors
    /// Where that would take too long.
    pub fn locate<'a>(&self, root: &'a Json) -> Result<Vec<Located<'a>>, TooCostly> {
        let from = Located::root(root);
        match &self.way {
            Way::Segments(segments) => Evaluation::new(root).nodes(segments, from),
            Way::Steps(steps) => {
                let segments: Vec<Segment> = steps.iter().map(Segment::from_step).collect();
                Evaluation::new(root).nodes(&segments, from)
            }
        }
    }
}
