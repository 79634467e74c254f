//! Limits on JSON Schemas, because the crate that validates has none.
//!
//! It follows `$ref` by recursion and evaluates a subschema as often as it is referred to: thirty levels that each refer twice to
//! the next one are a billion evaluations. So a schema is read as a graph of subschemas. What it expands to at one place of a
//! document is limited when it is loaded. The evaluations for a document are estimated before it is validated.

use std::collections::HashMap;

use crate::model::Json;

use super::schema_reader::{MOST_SUBSCHEMAS, Subschema, read};

/// The longest chain of subschemas that apply to the same place, such as a `$ref` to a `$ref`.
const LONGEST_CHAIN: usize = 64;
/// The most evaluations of subschemas for one document.
const MOST_EVALUATIONS: usize = 1_000_000;
/// The deepest nesting of evaluations.
const DEEPEST_EVALUATION: usize = 400;
/// The crate uses about 10 KiB of stack for each evaluation in a debug build. Deeper nesting than this gets a stack of its own.
const DEEP_EVALUATION: usize = 50;
/// Schemas whose JSON nests deeper than this are compiled on a stack of their own: the crate validates each against its
/// metaschema, which takes some six evaluations for each level.
const DEEP_SCHEMA: usize = 10;
/// The size of that stack, in bytes.
const DEEP_STACK: usize = 32 * 1024 * 1024;
/// A schema whose expansion, times the nodes of a document, is at most this needs no estimate.
const NEEDS_NO_ESTIMATE: usize = 100_000;

/// The subschemas of a schema. The first is the whole schema.
#[derive(Debug)]
pub(super) struct Graph {
    nodes: Vec<Subschema>,
    /// The most evaluations at one place of a document, and how deep they nest; `None` if the schema refers to itself.
    bound: Option<Bound>,
    is_deep: bool,
}

/// A number of evaluations, and how deep they nest.
#[derive(Debug, Clone, Copy)]
struct Bound {
    evaluations: usize,
    depth: usize,
}

impl Graph {
    /// Reads a schema, or returns the limit that it exceeds.
    pub(super) fn new(schema: &Json) -> Result<Graph, String> {
        let (nodes, depth) = read(schema)?;
        let mut expansion = Expansion { nodes: &nodes, known: vec![None; nodes.len()], open: vec![false; nodes.len()] };
        for node in 0..nodes.len() {
            if expansion.bound(node, 1)?.evaluations > MOST_SUBSCHEMAS {
                return Err(format!(
                    "a schema must expand to at most {MOST_SUBSCHEMAS} subschemas at one place of a document, found more"
                ));
            }
        }
        let bound = bound(&nodes);
        Ok(Graph { nodes, bound, is_deep: depth > DEEP_SCHEMA })
    }

    /// Compiles the schema, on a stack that is large enough.
    pub(super) fn compile<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, String> {
        with_stack(self.is_deep, work)
    }

    /// Validates a document, on a stack that is large enough.
    ///
    /// # Errors
    /// Returns the limit that is exceeded.
    pub(super) fn validate<T: Send>(&self, json: &Json, work: impl FnOnce() -> T + Send) -> Result<T, String> {
        with_stack(self.is_deep_on(json)?, work)
    }

    /// Returns whether evaluations nest deep on a document.
    fn is_deep_on(&self, json: &Json) -> Result<bool, String> {
        if let Some(bound) = self.bound
            && bound.depth <= DEEP_EVALUATION
            && bound.evaluations.saturating_mul(count(json, NEEDS_NO_ESTIMATE)) <= NEEDS_NO_ESTIMATE
        {
            return Ok(false);
        }
        let mut estimate = Estimate { nodes: &self.nodes, known: HashMap::new() };
        match estimate.bound(0, json, 1)? {
            Bound { evaluations, .. } if evaluations > MOST_EVALUATIONS => Err(too_many()),
            // One that was estimated before may be met again further down.
            Bound { depth, .. } if depth > DEEPEST_EVALUATION => Err(too_deep()),
            Bound { depth, .. } => Ok(depth > DEEP_EVALUATION),
        }
    }
}

fn with_stack<T: Send>(is_deep: bool, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    if !is_deep {
        return Ok(work());
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("no thread can be started for a deep schema: {error}"))?;
        thread.join().map_err(|_| "the validation panicked".to_owned())
    })
}

/// Returns the most evaluations of subschemas for one document.
pub(super) fn most_evaluations() -> u64 {
    MOST_EVALUATIONS as u64
}

fn too_many() -> String {
    format!("validating this document takes more than {MOST_EVALUATIONS} evaluations of a subschema")
}

fn too_deep() -> String {
    format!("validating this document takes evaluations of a subschema that nest more than {DEEPEST_EVALUATION} deep")
}

/// Counts the values in a document, up to a limit.
fn count(json: &Json, limit: usize) -> usize {
    let (mut open, mut count) = (vec![json], 0);
    while let Some(json) = open.pop() {
        count += 1;
        if count + open.len() > limit {
            return usize::MAX;
        }
        match json {
            Json::Array(items) => open.extend(items),
            Json::Object(members) => open.extend(members.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    count
}

/// Counts what subschemas expand to at one place of a document.
struct Expansion<'g> {
    nodes: &'g [Subschema],
    known: Vec<Option<Bound>>,
    /// The subschemas that are being counted. One that refers to itself at the same place is an error when it is evaluated.
    open: Vec<bool>,
}

impl Expansion<'_> {
    fn bound(&mut self, node: usize, depth: usize) -> Result<Bound, String> {
        if let Some(known) = self.known[node] {
            return Ok(known);
        }
        let mut bound = Bound { evaluations: 1, depth: 1 };
        if std::mem::replace(&mut self.open[node], true) {
            return Ok(bound);
        }
        for next in &self.nodes[node].here {
            // The depth so far bounds this recursion; that below, some of which may be known, bounds the chain.
            if depth <= LONGEST_CHAIN {
                bound.add(self.bound(*next, depth + 1)?);
            }
            if depth > LONGEST_CHAIN || bound.depth > LONGEST_CHAIN {
                return Err(format!(
                    "at most {LONGEST_CHAIN} subschemas of a schema must refer to the next one at the same place of a document, found more"
                ));
            }
        }
        self.open[node] = false;
        self.known[node] = Some(bound);
        Ok(bound)
    }
}

/// Returns the bound of a schema whose subschemas do not refer to themselves: the number of ways from the whole to any of them,
/// and the longest way.
fn bound(nodes: &[Subschema]) -> Option<Bound> {
    let mut known: Vec<Option<Bound>> = vec![None; nodes.len()];
    let mut is_open = vec![false; nodes.len()];
    // A subschema is left once all below it are known.
    let mut stack = vec![(0, false)];
    while let Some((node, is_left)) = stack.pop() {
        if is_left {
            let mut bound = Bound { evaluations: 1, depth: 1 };
            nodes[node].all().filter_map(|next| known[next]).for_each(|below| bound.add(below));
            known[node] = Some(bound);
            is_open[node] = false;
        } else if is_open[node] {
            return None;
        } else if known[node].is_none() {
            is_open[node] = true;
            stack.push((node, true));
            stack.extend(nodes[node].all().map(|next| (next, false)));
        }
    }
    known[0]
}

/// Estimates how often subschemas are evaluated for a document.
struct Estimate<'g> {
    nodes: &'g [Subschema],
    known: HashMap<(usize, *const Json), Bound>,
}

impl Estimate<'_> {
    fn bound(&mut self, node: usize, json: &Json, depth: usize) -> Result<Bound, String> {
        let key = (node, std::ptr::from_ref(json));
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        if depth > DEEPEST_EVALUATION {
            return Err(too_deep());
        }
        if self.known.len() >= MOST_EVALUATIONS {
            return Err(too_many());
        }
        let mut bound = Bound { evaluations: 1, depth: 1 };
        // A subschema that refers to itself at the same place is found here while it is being estimated.
        self.known.insert(key, bound);
        let nodes = self.nodes;
        let Subschema { here, named, members, items } = &nodes[node];
        for next in here {
            bound.add(self.bound(*next, json, depth + 1)?);
        }
        match json {
            Json::Object(values) => {
                for (name, next) in named {
                    if let Some(value) = json.get(name) {
                        bound.add(self.bound(*next, value, depth + 1)?);
                    }
                }
                for next in members {
                    for (_, value) in values {
                        bound.add(self.bound(*next, value, depth + 1)?);
                    }
                }
            }
            Json::Array(values) => {
                for next in items {
                    for value in values {
                        bound.add(self.bound(*next, value, depth + 1)?);
                    }
                }
            }
            _ => {}
        }
        self.known.insert(key, bound);
        Ok(bound)
    }
}

impl Bound {
    /// Adds the bound of a subschema below.
    fn add(&mut self, below: Bound) {
        self.evaluations = self.evaluations.saturating_add(below.evaluations);
        self.depth = self.depth.max(below.depth + 1);
    }
}
