//! Limits on JSON Schemas, because the crate that validates has none.
//!
//! It follows `$ref` by recursion and evaluates a subschema as often as it is referred to: thirty levels that each refer twice to
//! the next one are a billion evaluations. So a schema is read as a graph of subschemas. What it expands to at one place of a
//! document is limited when it is loaded, and what a document makes of it is estimated before the document is validated.

use std::collections::HashMap;

use crate::model::Json;

use super::expression::{WHEN_COMPILED, carry, compile_within};

/// The most subschemas of a schema, and the most that one of them expands to at one place of a document.
const MOST_SUBSCHEMAS: usize = 100_000;
/// The longest chain of subschemas that apply to the same place, such as a `$ref` to a `$ref`.
const LONGEST_CHAIN: usize = 64;
/// The deepest nesting of the schema's own JSON.
const DEEPEST: usize = 128;
/// The most evaluations of a subschema for one document.
const MOST_EVALUATIONS: usize = 1_000_000;
/// The deepest nesting of evaluations.
const DEEPEST_EVALUATION: usize = 400;
/// The crate takes some 10 KiB of stack for each evaluation in a debug build. Deeper nesting than this gets a stack of its own.
const DEEP_EVALUATION: usize = 50;
/// Schemas whose JSON nests deeper than this are compiled on a stack of their own: the crate validates each against its
/// metaschema, which takes some six evaluations for each level.
const DEEP_SCHEMA: usize = 10;
/// The size of that stack, in bytes.
const DEEP_STACK: usize = 32 * 1024 * 1024;
/// A schema whose expansion, times the nodes of a document, is at most this needs no estimate.
const NEEDS_NO_ESTIMATE: usize = 100_000;

/// The longest `pattern`, in bytes.
const LONGEST_PATTERN: usize = 4096;
/// The memory that a compiled pattern may use, and what is small, in bytes.
const LARGEST_PATTERN: usize = 256 * 1024;
const SMALL_PATTERN: usize = 32 * 1024;
/// The most patterns that are not small.
const MOST_LARGE_PATTERNS: usize = 50;

/// A subschema, as far as it matters how often others are evaluated. Each list holds places in [`Graph::nodes`].
#[derive(Debug, Default)]
struct Node {
    /// Those that apply to the same place of a document.
    here: Vec<usize>,
    /// Those that apply to the member of a name.
    named: Vec<(String, usize)>,
    /// Those that apply to any member.
    members: Vec<usize>,
    /// Those that apply to any item.
    items: Vec<usize>,
}

impl Node {
    fn all(&self) -> impl Iterator<Item = usize> {
        let named = self.named.iter().map(|(_, node)| *node);
        self.here.iter().copied().chain(named).chain(self.members.iter().copied()).chain(self.items.iter().copied())
    }
}

/// The subschemas of a schema; the first is the whole.
#[derive(Debug)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    /// How many evaluations there are at most at one place of a document, and how deep they nest; `None` if the schema refers to itself.
    bound: Option<Bound>,
    is_deep: bool,
}

/// A number of evaluations and how deep they nest.
#[derive(Debug, Clone, Copy)]
struct Bound {
    evaluations: usize,
    depth: usize,
}

impl Graph {
    /// Reads a schema, or says which limit it exceeds.
    pub(super) fn of(schema: &Json) -> Result<Graph, String> {
        let mut reader = Reader::new(schema)?;
        let mut nodes = Vec::new();
        while nodes.len() < reader.found.len() {
            let node = reader.node(reader.found[nodes.len()]);
            nodes.push(node);
            if reader.found.len() > MOST_SUBSCHEMAS {
                return Err(format!("a schema must have at most {MOST_SUBSCHEMAS} subschemas, found more"));
            }
        }
        check_patterns(&reader.patterns)?;
        let mut expansion = Expansion { nodes: &nodes, known: vec![None; nodes.len()], open: vec![false; nodes.len()] };
        for node in 0..nodes.len() {
            if expansion.of(node, 1)? > MOST_SUBSCHEMAS {
                return Err(format!(
                    "a schema must expand to at most {MOST_SUBSCHEMAS} subschemas at one place of a document, found more"
                ));
            }
        }
        let bound = bound(&nodes);
        Ok(Graph { nodes, bound, is_deep: reader.depth > DEEP_SCHEMA })
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

    /// Whether evaluations nest deep on a document.
    fn is_deep_on(&self, json: &Json) -> Result<bool, String> {
        if let Some(bound) = self.bound
            && bound.depth <= DEEP_EVALUATION
            && bound.evaluations.saturating_mul(count(json, NEEDS_NO_ESTIMATE)) <= NEEDS_NO_ESTIMATE
        {
            return Ok(false);
        }
        let mut estimate = Estimate { nodes: &self.nodes, known: HashMap::new() };
        match estimate.of(0, json, 1)? {
            Bound { evaluations, .. } if evaluations > MOST_EVALUATIONS => Err(too_many()),
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

/// How many times a subschema is evaluated at most for one document.
pub(super) fn most_evaluations() -> u64 {
    MOST_EVALUATIONS as u64
}

fn too_many() -> String {
    format!("to validate this document takes more than {MOST_EVALUATIONS} evaluations of a subschema")
}

/// The number of values in a document, as far as a limit.
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

/// Counts what subschemas expand to at one place.
struct Expansion<'g> {
    nodes: &'g [Node],
    known: Vec<Option<usize>>,
    /// Those that are being counted: one that refers to itself at the same place is an error when it is evaluated.
    open: Vec<bool>,
}

impl Expansion<'_> {
    fn of(&mut self, node: usize, depth: usize) -> Result<usize, String> {
        if let Some(known) = self.known[node] {
            return Ok(known);
        }
        if depth > LONGEST_CHAIN {
            return Err(format!(
                "at most {LONGEST_CHAIN} subschemas of a schema must refer to the next one at the same place of a document, found more"
            ));
        }
        if std::mem::replace(&mut self.open[node], true) {
            return Ok(1);
        }
        let mut sum = 1_usize;
        for next in &self.nodes[node].here {
            sum = sum.saturating_add(self.of(*next, depth + 1)?);
        }
        self.open[node] = false;
        self.known[node] = Some(sum);
        Ok(sum)
    }
}

/// The bound of a schema whose subschemas do not refer to themselves: the number of ways from the whole to any of them, and the
/// longest way.
fn bound(nodes: &[Node]) -> Option<Bound> {
    let mut known: Vec<Option<Bound>> = vec![None; nodes.len()];
    let mut is_open = vec![false; nodes.len()];
    // A node is left once all below it are known.
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
    nodes: &'g [Node],
    known: HashMap<(usize, *const Json), Bound>,
}

impl Estimate<'_> {
    fn of(&mut self, node: usize, json: &Json, depth: usize) -> Result<Bound, String> {
        let key = (node, std::ptr::from_ref(json));
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        if depth > DEEPEST_EVALUATION {
            return Err(format!(
                "to validate this document takes evaluations of a subschema that nest more than {DEEPEST_EVALUATION} deep"
            ));
        }
        if self.known.len() >= MOST_EVALUATIONS {
            return Err(too_many());
        }
        let mut bound = Bound { evaluations: 1, depth: 1 };
        // One that refers to itself at the same place is found here while it is being estimated.
        self.known.insert(key, bound);
        let nodes = self.nodes;
        let Node { here, named, members, items } = &nodes[node];
        for next in here {
            bound.add(self.of(*next, json, depth + 1)?);
        }
        match json {
            Json::Object(values) => {
                for (name, next) in named {
                    if let Some(value) = json.get(name) {
                        bound.add(self.of(*next, value, depth + 1)?);
                    }
                }
                for next in members {
                    for (_, value) in values {
                        bound.add(self.of(*next, value, depth + 1)?);
                    }
                }
            }
            Json::Array(values) => {
                for next in items {
                    for value in values {
                        bound.add(self.of(*next, value, depth + 1)?);
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
    /// Adds what one of those below takes.
    fn add(&mut self, below: Bound) {
        self.evaluations = self.evaluations.saturating_add(below.evaluations);
        self.depth = self.depth.max(below.depth + 1);
    }
}

/// Reads the JSON of a schema.
struct Reader<'s> {
    /// The subschemas found, in the order of their numbers.
    found: Vec<&'s Json>,
    numbers: HashMap<*const Json, usize>,
    /// For each object the resource that it is in: the root, or what has an `$id`.
    resources: HashMap<*const Json, &'s Json>,
    /// The resources by the last segment of their `$id`. Those that share it are all taken.
    ids: HashMap<&'s str, Vec<&'s Json>>,
    anchors: HashMap<&'s str, Vec<&'s Json>>,
    patterns: Vec<&'s str>,
    /// How deep the JSON nests.
    depth: usize,
}

impl<'s> Reader<'s> {
    fn new(schema: &'s Json) -> Result<Reader<'s>, String> {
        let mut reader = Reader {
            found: Vec::new(),
            numbers: HashMap::new(),
            resources: HashMap::new(),
            ids: HashMap::new(),
            anchors: HashMap::new(),
            patterns: Vec::new(),
            depth: 0,
        };
        let mut open = vec![(schema, schema, 1)];
        while let Some((json, resource, depth)) = open.pop() {
            if depth > DEEPEST {
                return Err(format!("the JSON of a schema must nest at most {DEEPEST} deep, found more"));
            }
            reader.depth = reader.depth.max(depth);
            match json {
                Json::Object(members) => {
                    let resource = reader.enter(json, resource);
                    open.extend(members.iter().map(|(_, value)| (value, resource, depth + 1)));
                }
                Json::Array(items) => open.extend(items.iter().map(|item| (item, resource, depth + 1))),
                _ => {}
            }
        }
        reader.number(schema);
        Ok(reader)
    }

    /// Notes the names of an object, and returns the resource that it is in.
    fn enter(&mut self, json: &'s Json, around: &'s Json) -> &'s Json {
        let text = |key: &str| json.get(key).and_then(Json::as_str);
        let mut resource = around;
        for id in [text("$id"), text("id")].into_iter().flatten() {
            match id.split_once('#') {
                Some(("", anchor)) => self.anchors.entry(anchor).or_default().push(json),
                _ => {
                    resource = json;
                    self.ids.entry(last_segment(id)).or_default().push(json);
                }
            }
        }
        for anchor in [text("$anchor"), text("$dynamicAnchor")].into_iter().flatten() {
            self.anchors.entry(anchor).or_default().push(json);
        }
        self.patterns.extend(text("pattern"));
        if let Some(Json::Object(patterns)) = json.get("patternProperties") {
            self.patterns.extend(patterns.iter().map(|(pattern, _)| pattern.as_str()));
        }
        self.resources.insert(std::ptr::from_ref(json), resource);
        resource
    }

    /// The number of a subschema.
    fn number(&mut self, json: &'s Json) -> usize {
        *self.numbers.entry(std::ptr::from_ref(json)).or_insert_with(|| {
            self.found.push(json);
            self.found.len() - 1
        })
    }

    fn node(&mut self, schema: &'s Json) -> Node {
        let mut node = Node::default();
        let Json::Object(keywords) = schema else { return node };
        for (keyword, value) in keywords {
            let list = match keyword.as_str() {
                "$ref" | "$dynamicRef" | "$recursiveRef" => {
                    for target in value.as_str().map(|reference| self.targets(schema, reference)).unwrap_or_default() {
                        node.here.push(self.number(target));
                    }
                    continue;
                }
                "properties" => {
                    for (name, value) in members(value) {
                        node.named.push((name.clone(), self.number(value)));
                    }
                    continue;
                }
                "allOf" | "anyOf" | "oneOf" | "not" | "if" | "then" | "else" | "dependentSchemas" | "dependencies" => {
                    &mut node.here
                }
                "patternProperties" | "additionalProperties" | "unevaluatedProperties" | "propertyNames" => {
                    &mut node.members
                }
                "items" | "prefixItems" | "additionalItems" | "unevaluatedItems" | "contains" => &mut node.items,
                _ => continue,
            };
            match (keyword.as_str(), value) {
                ("patternProperties" | "dependentSchemas" | "dependencies", Json::Object(schemas)) => {
                    list.extend(schemas.iter().map(|(_, value)| self.number(value)));
                }
                (_, Json::Array(schemas)) => list.extend(schemas.iter().map(|value| self.number(value))),
                _ => list.push(self.number(value)),
            }
        }
        node
    }

    /// What a reference may mean: each subschema that could be meant, if several have a name.
    fn targets(&self, from: &'s Json, reference: &str) -> Vec<&'s Json> {
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return self.anchors.get(fragment).cloned().unwrap_or_default();
        }
        let resources = match base {
            "" => self.resources.get(&std::ptr::from_ref(from)).map(|resource| vec![*resource]),
            _ => self.ids.get(last_segment(base)).cloned(),
        };
        resources.unwrap_or_default().into_iter().filter_map(|resource| below(resource, fragment)).collect()
    }
}

fn members(json: &Json) -> &[(String, Json)] {
    match json {
        Json::Object(members) => members,
        _ => &[],
    }
}

fn last_segment(url: &str) -> &str {
    let url = url.split_once('#').map_or(url, |(base, _)| base).trim_end_matches('/');
    url.rsplit('/').next().unwrap_or(url)
}

/// What a JSON Pointer (RFC 6901) in a URL leads to.
fn below<'s>(json: &'s Json, pointer: &str) -> Option<&'s Json> {
    pointer.split('/').skip(1).try_fold(json, |json, token| {
        let token = crate::message::decode_segment(token)?.replace("~1", "/").replace("~0", "~");
        match json {
            Json::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => json.get(&token),
        }
    })
}

/// Compiling a pattern takes memory and time that its length does not tell.
fn check_patterns(patterns: &[&str]) -> Result<(), String> {
    carry();
    let mut large = 0;
    for pattern in patterns {
        if pattern.len() > LONGEST_PATTERN {
            return Err(format!("a `pattern` must have at most {LONGEST_PATTERN} bytes, found {}", pattern.len()));
        }
        let is_too_big =
            |limit| compile_within(pattern, false, limit).is_err_and(|reason| reason.contains(WHEN_COMPILED));
        if is_too_big(SMALL_PATTERN) {
            large += 1;
            if large > MOST_LARGE_PATTERNS || is_too_big(LARGEST_PATTERN) {
                return Err(format!(
                    "the patterns of a schema must be small: `{pattern}` takes more than {LARGEST_PATTERN} bytes when it is \
                     compiled, or is one of more than {MOST_LARGE_PATTERNS} that take more than {SMALL_PATTERN}"
                ));
            }
        }
    }
    Ok(())
}
