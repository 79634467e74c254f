//! Selects nodes, segment by segment, within a limit of work.

use std::collections::HashMap;
use std::fmt;

use smallvec::{SmallVec, smallvec};

use crate::budget::{self, Exceeded, exceed};
use crate::model::Json;

use super::iregexp::IRegexp;
use super::syntax::{Segment, Selector, place_of};

/// The most places that one evaluation may visit. A short path can visit a document many times (`$..*..*`), and both the path
/// and the document may come over the network.
const MOST_VISITS: usize = 10_000_000;

/// Evaluating a path would visit too many places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooCostly;

impl std::error::Error for TooCostly {}

impl fmt::Display for TooCostly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the JSONPath visits more than {MOST_VISITS} places of this document")
    }
}

/// A node that a path is evaluated over: the value alone, or with its place.
pub(super) trait JsonNode<'a>: Clone {
    fn json(&self) -> &'a Json;

    /// Returns a member, which has a name, or an item below this node.
    fn child(&self, place: usize, name: Option<&'a str>, json: &'a Json) -> Self;
}

impl<'a> JsonNode<'a> for &'a Json {
    fn json(&self) -> &'a Json {
        self
    }

    fn child(&self, _place: usize, _name: Option<&'a str>, json: &'a Json) -> &'a Json {
        json
    }
}

/// Expressions from the document, each compiled if it is an I-Regexp.
pub(super) type Patterns = HashMap<String, Option<IRegexp>>;

/// Nodes between two segments: usually one, which needs no memory.
type Few<N> = SmallVec<[N; 1]>;

/// One evaluation of a path on a document.
pub(super) struct Evaluation<'a> {
    pub(super) root: &'a Json,
    left: usize,
    /// The expressions from the document: for a part of a text, and for the whole text.
    pub(super) patterns: [Patterns; 2],
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(root: &'a Json) -> Evaluation<'a> {
        Evaluation { root, left: MOST_VISITS, patterns: Default::default() }
    }

    /// Takes visits from those that are left. If there are too few, the limit also counts as exceeded in the budget of the
    /// request.
    pub(super) fn spend(&mut self, visits: usize) -> Result<(), TooCostly> {
        match self.left.checked_sub(visits) {
            Some(left) => {
                self.left = left;
                if budget::spend(visits) { Ok(()) } else { Err(TooCostly) }
            }
            None => {
                self.left = 0;
                exceed(Exceeded::JsonPathVisits(MOST_VISITS as u64));
                Err(TooCostly)
            }
        }
    }

    /// Returns the nodes that the segments select from a node.
    pub(super) fn nodes<N: JsonNode<'a>>(&mut self, segments: &[Segment], from: N) -> Result<Vec<N>, TooCostly> {
        let mut nodes: Few<N> = smallvec![from];
        for segment in segments {
            let mut selected = Few::new();
            match segment {
                Segment::Child(selectors) => {
                    for node in &nodes {
                        self.children(selectors, node, &mut selected)?;
                    }
                }
                Segment::Descendant(selectors) => {
                    nodes.reverse();
                    while let Some(node) = nodes.pop() {
                        self.children(selectors, &node, &mut selected)?;
                        let below = nodes.len();
                        self.every(&node, &mut nodes)?;
                        nodes[below..].reverse();
                    }
                }
            }
            nodes = selected;
        }
        Ok(nodes.into_vec())
    }

    fn children<N: JsonNode<'a>>(
        &mut self,
        selectors: &[Selector],
        node: &N,
        selected: &mut Few<N>,
    ) -> Result<(), TooCostly> {
        for selector in selectors {
            self.spend(1)?;
            match (selector, node.json()) {
                (Selector::Name(name), Json::Object(members)) => {
                    let place = members.iter().position(|(key, _)| key == name);
                    self.spend(place.unwrap_or(members.len()) / 8)?;
                    selected.extend(place.map(|place| node.child(place, Some(&members[place].0), &members[place].1)));
                }
                (Selector::Index(index), Json::Array(items)) => {
                    let place = place_of(*index, items.len()).filter(|place| *place < items.len());
                    selected.extend(place.map(|place| node.child(place, None, &items[place])));
                }
                (Selector::Slice { start, end, step }, Json::Array(items)) => {
                    let places = slice(*start, *end, *step, items.len());
                    self.spend(places.len())?;
                    selected.extend(places.into_iter().map(|place| node.child(place, None, &items[place])));
                }
                (Selector::Every, _) => self.every(node, selected)?,
                (Selector::Filter(test), _) => {
                    let mut children = Few::new();
                    self.every(node, &mut children)?;
                    for child in children {
                        if self.holds(test, child.json())? {
                            selected.push(child);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Selects all children of a node.
    fn every<N: JsonNode<'a>>(&mut self, node: &N, selected: &mut Few<N>) -> Result<(), TooCostly> {
        match node.json() {
            Json::Array(items) => {
                self.spend(items.len())?;
                selected.extend(items.iter().enumerate().map(|(place, item)| node.child(place, None, item)));
            }
            Json::Object(members) => {
                self.spend(members.len())?;
                let member = |(place, (name, value)): (usize, &'a (String, Json))| node.child(place, Some(name), value);
                selected.extend(members.iter().enumerate().map(member));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Returns the places that a slice selects (RFC 9535 §2.3.4.2.2).
fn slice(start: Option<i64>, end: Option<i64>, step: i64, len: usize) -> Vec<usize> {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let from_start = |bound: i64| if bound >= 0 { bound } else { len + bound };
    let Ok(stride) = usize::try_from(step.unsigned_abs()) else { return Vec::new() };
    let places = |range: std::ops::Range<i64>| range.map(|place| usize::try_from(place).unwrap_or_default());
    match step {
        0 => Vec::new(),
        1.. => {
            let lower = from_start(start.unwrap_or(0)).clamp(0, len);
            let upper = from_start(end.unwrap_or(len)).clamp(0, len);
            places(lower..upper).step_by(stride).collect()
        }
        _ => {
            let upper = start.map_or(len - 1, from_start).clamp(-1, len - 1);
            let lower = end.map_or(-1, from_start).clamp(-1, len - 1);
            places(lower + 1..upper + 1).rev().step_by(stride).collect()
        }
    }
}
