//! Reads a JSON Schema as a graph: which subschemas apply to the same place of a document as another one, and which to a place
//! below.

use std::collections::HashMap;

use crate::model::Json;

use super::expression::{WHEN_COMPILED, compile_within};

/// The most subschemas of a schema, and the most that one of them expands to at one place of a document.
pub(super) const MOST_SUBSCHEMAS: usize = 100_000;
/// The deepest nesting of the schema's own JSON.
const DEEPEST: usize = 128;

/// The longest `pattern`, in bytes.
const LONGEST_PATTERN: usize = 4096;
/// The most memory that a compiled pattern may use, and the most that a small one uses, in bytes.
const LARGEST_PATTERN: usize = 256 * 1024;
const SMALL_PATTERN: usize = 32 * 1024;
/// The most patterns that are not small.
const MOST_LARGE_PATTERNS: usize = 50;

/// A subschema, as far as it determines how often others are evaluated. Each list contains indexes of the list of all
/// subschemas.
#[derive(Debug, Default)]
pub(super) struct Subschema {
    /// Subschemas that apply to the same place of a document.
    pub(super) here: Vec<usize>,
    /// Subschemas that apply to the member with this name.
    pub(super) named: Vec<(String, usize)>,
    /// Subschemas that apply to any member.
    pub(super) members: Vec<usize>,
    /// Subschemas that apply to any item.
    pub(super) items: Vec<usize>,
}

impl Subschema {
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        let named = self.named.iter().map(|(_, node)| *node);
        self.here.iter().copied().chain(named).chain(self.members.iter().copied()).chain(self.items.iter().copied())
    }
}

/// Reads the subschemas of a schema, the first of which is the whole schema, and the depth of its JSON.
///
/// # Errors
/// Returns the limit that is exceeded.
pub(super) fn read(schema: &Json) -> Result<(Vec<Subschema>, usize), String> {
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
    Ok((nodes, reader.depth))
}

/// Reads the JSON of a schema.
struct Reader<'s> {
    /// The subschemas found, in the order of their numbers.
    found: Vec<&'s Json>,
    numbers: HashMap<*const Json, usize>,
    /// The resource that contains each object: the root, or an object with an `$id`.
    resources: HashMap<*const Json, &'s Json>,
    /// The resources by the last segment of their `$id`. Several may share a segment.
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

    /// Records the names of an object, and returns the resource that contains it.
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

    /// Returns the number of a subschema.
    fn number(&mut self, json: &'s Json) -> usize {
        *self.numbers.entry(std::ptr::from_ref(json)).or_insert_with(|| {
            self.found.push(json);
            self.found.len() - 1
        })
    }

    fn node(&mut self, schema: &'s Json) -> Subschema {
        let mut node = Subschema::default();
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

    /// Returns the subschemas that a reference may mean, if several have its name.
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

/// Returns what a JSON Pointer (RFC 6901) in a URL leads to.
fn below<'s>(json: &'s Json, pointer: &str) -> Option<&'s Json> {
    pointer.split('/').skip(1).try_fold(json, |json, token| {
        let token = crate::message::decode_segment(token)?.replace("~1", "/").replace("~0", "~");
        match json {
            Json::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => json.get(&token),
        }
    })
}

/// Limits the patterns: compiling one takes memory and time that its length does not show.
fn check_patterns(patterns: &[&str]) -> Result<(), String> {
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
