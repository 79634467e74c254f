//! JSON Schema, by the crate `boon`; nothing is fetched, neither from the network nor from other files.

#[cfg(feature = "json-schema")]
use std::sync::Arc;

#[cfg(feature = "json-schema")]
use crate::budget::{Exceeded, exceed, spend};
use crate::message::Unreadable;
#[cfg(feature = "json-schema")]
use crate::message::read_json;
use crate::model::{Fault, Json, KeyPath, Schema};

#[cfg(feature = "json-schema")]
use super::schema_limits::{Graph, most_evaluations};

/// A compiled schema.
pub(crate) struct CompiledSchema {
    #[cfg(feature = "json-schema")]
    schemas: boon::Schemas,
    #[cfg(feature = "json-schema")]
    root: boon::SchemaIndex,
    #[cfg(feature = "json-schema")]
    graph: Graph,
    /// Whether the format `regex` may apply to a string of a document.
    #[cfg(feature = "json-schema")]
    uses_regex_format: bool,
    /// Whether the `type` of the whole schema names strings.
    #[cfg(feature = "json-schema")]
    names_strings: bool,
    /// The file that contains it, for people.
    pub(crate) file: Option<String>,
}

impl std::fmt::Debug for CompiledSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CompiledSchema({:?})", self.file)
    }
}

/// The least steps of the budget that validating one value of a document takes. The crate that validates cannot be interrupted
/// and has limits of its own. These steps keep large documents off the threads that answer other requests.
#[cfg(feature = "json-schema")]
const SCHEMA_STEPS: usize = 8;

/// The URL of a schema while it is compiled.
#[cfg(feature = "json-schema")]
const NAME: &str = "schema:/";

/// Refuses to load other schemas.
#[cfg(feature = "json-schema")]
struct NoLoader;

#[cfg(feature = "json-schema")]
impl boon::UrlLoader for NoLoader {
    fn load(&self, _url: &str) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
        Err("other documents are not read: put what is referred to under `$defs`".into())
    }
}

#[cfg(feature = "json-schema")]
impl CompiledSchema {
    pub(super) fn compile(schema: &Schema, at: &KeyPath, faults: &mut Vec<Fault>) -> Option<CompiledSchema> {
        let graph = match Graph::new(&schema.schema) {
            Ok(graph) => graph,
            Err(reason) => {
                faults.push(Fault::value(at, format!("not a JSON Schema within the limits: {reason}")));
                return None;
            }
        };
        let compiled = graph.compile(|| {
            let mut schemas = boon::Schemas::new();
            let mut compiler = boon::Compiler::new();
            compiler.use_loader(Box::new(NoLoader));
            compiler.add_resource(NAME, schema.schema.to_serde()).map_err(|error| compile_fault(&error, at))?;
            let root = compiler.compile(NAME, &mut schemas).map_err(|error| compile_fault(&error, at))?;
            Ok((schemas, root))
        });
        let compiled = compiled.unwrap_or_else(|reason| Err((reason, at.clone())));
        match compiled {
            Ok((schemas, root)) => {
                let uses_regex_format = uses_regex_format(&schema.schema);
                let names_strings = names_strings(&schema.schema);
                Some(CompiledSchema {
                    schemas,
                    root,
                    graph,
                    uses_regex_format,
                    names_strings,
                    file: schema.file.clone(),
                })
            }
            Err((reason, at)) => {
                let fault = Fault::value(&at, format!("not a JSON Schema: {reason}"));
                faults.push(Fault { file: schema.file.as_deref().map(Into::into), ..fault });
                None
            }
        }
    }

    /// Returns whether the JSON is valid.
    ///
    /// # Errors
    /// Fails if that takes too long. The limit then also counts as exceeded in the budget that applies.
    fn accepts(&self, json: &Json) -> Result<bool, Unreadable> {
        self.within_limits(json, || self.schemas.validate(&json.to_serde(), self.root).is_ok())
    }

    /// Returns whether a text without a type is valid: as a string if the schema's `type` names strings; as JSON, or as a
    /// string if it is not JSON.
    ///
    /// # Errors
    /// Fails if that takes too long.
    pub(super) fn accepts_text(&self, text: &str) -> Result<bool, Unreadable> {
        let string = || Json::String(text.to_owned());
        if self.names_strings && self.accepts_within_budget(&string())? {
            return Ok(true);
        }
        let typed = read_json(text.as_bytes(), None, Json::parse);
        self.accepts_within_budget(&typed.unwrap_or_else(|_| Arc::new(string())))
    }

    /// As [`CompiledSchema::accepts`], if the budget that applies allows it.
    pub(super) fn accepts_within_budget(&self, json: &Json) -> Result<bool, Unreadable> {
        Ok(spend(json.nodes().saturating_mul(SCHEMA_STEPS)) && self.accepts(json)?)
    }

    /// Returns the first thing that is not valid.
    ///
    /// # Errors
    /// Fails if finding it takes too long.
    pub(crate) fn complaint(&self, json: &Json) -> Result<Option<String>, Unreadable> {
        self.within_limits(json, || {
            let value = json.to_serde();
            self.schemas.validate(&value, self.root).err().map(|error| first(&error))
        })
    }

    fn within_limits<T: Send>(&self, json: &Json, work: impl FnOnce() -> T + Send) -> Result<T, Unreadable> {
        let validated = if self.uses_regex_format && expression_bytes(json) > MOST_EXPRESSION_BYTES {
            Err("reading the strings of this document as regular expressions takes too long".to_owned())
        } else {
            self.graph.validate(json, work)
        };
        validated.map_err(|reason| {
            exceed(Exceeded::SchemaEvaluations(most_evaluations()));
            Unreadable::TooCostly(reason)
        })
    }
}

/// Returns whether the `type` of a schema names strings.
#[cfg(feature = "json-schema")]
fn names_strings(schema: &Json) -> bool {
    let is_string = |name: &Json| name.as_str() == Some("string");
    match schema.get("type") {
        Some(Json::Array(names)) => names.iter().any(is_string),
        Some(name) => is_string(name),
        None => false,
    }
}

/// The most bytes of one document that may be parsed as regular expressions because of the format `regex`.
#[cfg(feature = "json-schema")]
const MOST_EXPRESSION_BYTES: usize = 16 * 1024 * 1024;

/// Returns whether the format `regex` is anywhere in a schema. The crate has no way to replace its check.
#[cfg(feature = "json-schema")]
fn uses_regex_format(schema: &Json) -> bool {
    match schema {
        Json::Array(items) => items.iter().any(uses_regex_format),
        Json::Object(members) => members
            .iter()
            .any(|(name, value)| name == "format" && value.as_str() == Some("regex") || uses_regex_format(value)),
        _ => false,
    }
}

/// Returns the bytes that are parsed if each string of a document is a regular expression. The crate parses a string once more
/// for each of its escapes that it rewrites.
#[cfg(feature = "json-schema")]
fn expression_bytes(json: &Json) -> usize {
    match json {
        Json::Array(items) => items.iter().map(expression_bytes).fold(0, usize::saturating_add),
        Json::Object(members) => {
            members.iter().map(|(_, value)| expression_bytes(value)).fold(0, usize::saturating_add)
        }
        Json::String(text) => text.len().saturating_mul(1 + text.matches('\\').count()),
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    }
}

/// Returns why a schema is not valid, and the path of the value in it that is wrong.
#[cfg(feature = "json-schema")]
fn compile_fault(error: &boon::CompileError, schema: &KeyPath) -> (String, KeyPath) {
    match error {
        boon::CompileError::ValidationError { src, .. } => (first(src), place(src, schema)),
        other => (format!("{other:#}").replace(NAME, ""), schema.clone()),
    }
}

/// Returns the path of the value that [`first`] describes, or of what all alternatives are about.
#[cfg(feature = "json-schema")]
fn place(error: &boon::ValidationError<'_, '_>, top: &KeyPath) -> KeyPath {
    use boon::ErrorKind::{AllOf, Group, Reference, Schema};
    use boon::InstanceToken::{Item, Prop};
    match (&error.kind, error.causes.first()) {
        (Schema { .. } | Reference { .. } | Group | AllOf, Some(cause)) => place(cause, top),
        _ => error.instance_location.tokens.iter().fold(top.clone(), |at, token| match token {
            Prop(name) => at.key(name),
            Item(index) => at.index(*index),
        }),
    }
}

/// Returns the first fault that does not only refer to faults below it; of alternatives the first fault of each.
#[cfg(feature = "json-schema")]
fn first(error: &boon::ValidationError<'_, '_>) -> String {
    use boon::ErrorKind::{AllOf, AnyOf, Group, OneOf, Reference, Schema};
    const ALTERNATIVES: usize = 3;
    match (&error.kind, error.causes.first()) {
        (AnyOf | OneOf(None), Some(_)) => {
            error.causes.iter().take(ALTERNATIVES).map(first).collect::<Vec<_>>().join(", or ")
        }
        (Schema { .. } | Reference { .. } | Group | AllOf, Some(cause)) => first(cause),
        (kind, _) => match error.instance_location.to_string() {
            root if root.is_empty() => one_line(kind.to_string()),
            place => format!("{} at {place}", one_line(kind.to_string())),
        },
    }
}

/// Leaves out the drawing in the error of a regular expression.
#[cfg(feature = "json-schema")]
fn one_line(text: String) -> String {
    match (text.split_once(": regex parse error"), text.rsplit_once("\nerror: ")) {
        (Some((what, _)), Some((_, reason))) => format!("{what}: {reason}"),
        _ => text,
    }
}

#[cfg(not(feature = "json-schema"))]
impl CompiledSchema {
    pub(super) fn compile(schema: &Schema, at: &KeyPath, faults: &mut Vec<Fault>) -> Option<CompiledSchema> {
        let _ = CompiledSchema { file: schema.file.clone() };
        faults.push(
            Fault::key(at, "`json_schema` needs the feature `json-schema` of the crate cannery")
                .with_help("Turn it on: `cannery = { version = \"...\", features = [\"json-schema\"] }`."),
        );
        None
    }

    pub(super) fn accepts_within_budget(&self, _json: &Json) -> Result<bool, Unreadable> {
        Ok(false)
    }

    pub(super) fn accepts_text(&self, _text: &str) -> Result<bool, Unreadable> {
        Ok(false)
    }

    pub(crate) fn complaint(&self, _json: &Json) -> Result<Option<String>, Unreadable> {
        Ok(None)
    }
}

#[cfg(all(test, feature = "json-schema"))]
mod tests {
    use super::*;

    fn compiled(schema: &str) -> Result<CompiledSchema, String> {
        let schema = Schema { file: None, schema: Json::parse(schema.as_bytes()).expect(schema) };
        let mut faults = Vec::new();
        let compiled = CompiledSchema::compile(&schema, &KeyPath::top(), &mut faults);
        compiled.ok_or_else(|| faults.remove(0).message)
    }

    fn validation_error(schema: &str, json: &str) -> Option<String> {
        let json = Json::parse(json.as_bytes()).expect(json);
        let schema = compiled(schema).expect("a schema");
        let complaint = schema.complaint(&json).expect("it is small");
        assert_eq!(schema.accepts(&json), Ok(complaint.is_none()));
        complaint
    }

    #[test]
    fn the_first_fault_is_reported_with_its_place() {
        let schema = r##"{"type": "object", "required": ["id"], "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/item"}}}, "$defs": {"item": {"minimum": 3}}}"##;

        assert_eq!(validation_error(schema, r#"{"id": 1, "items": [3, 4.5]}"#), None);
        assert_eq!(validation_error(schema, r#"{"items": []}"#).as_deref(), Some("missing properties 'id'"));
        assert_eq!(
            validation_error(schema, r#"{"id": 1, "items": [3, 2]}"#).as_deref(),
            Some("must be >=3, but got 2 at /items/1")
        );
        assert_eq!(validation_error(schema, "[]").as_deref(), Some("want object, but got array"));
    }

    #[test]
    fn the_draft_is_the_one_that_the_schema_names() {
        let exclusive =
            r#"{"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 3, "exclusiveMinimum": true}"#;

        assert_eq!(validation_error(exclusive, "3").as_deref(), Some("must be > 3 but got 3"));
        assert_eq!(
            validation_error(r#"{"$schema": "http://json-schema.org/draft-07/schema#", "exclusiveMinimum": 3}"#, "4"),
            None
        );
    }

    /// Levels of which each refers `width` times to the next one.
    fn doubling(levels: usize, width: usize) -> String {
        let level = |n: usize| {
            let references = vec![format!(r##"{{"$ref":"#/$defs/l{}"}}"##, n + 1); width].join(",");
            format!(r#""l{n}":{{"allOf":[{references}]}}"#)
        };
        let all: Vec<_> = (0..levels).map(level).collect();
        format!(r##"{{"$ref":"#/$defs/l0","$defs":{{{},"l{levels}":{{"type":"object"}}}}}}"##, all.join(","))
    }

    #[test]
    fn the_expansion_of_a_schema_is_limited() {
        let too_many = "expand to at most 100000 subschemas at one place of a document, found more";

        assert!(compiled(&doubling(30, 2)).expect_err("2^30").contains(too_many));
        assert!(compiled(&doubling(16, 2)).expect_err("2^17").contains(too_many));
        assert_eq!(validation_error(&doubling(14, 2), "{}"), None);
        for reference in ["b.json#/$defs/l0", "#l0"] {
            let hidden = doubling(30, 2).replacen("#/$defs/l0", reference, 1);
            let hidden = hidden.replacen(r#""l0":{"#, r#""l0":{"$anchor":"l0","#, 1);
            let hidden = hidden.replacen('{', r#"{"$id":"http://a.test/b.json","#, 1);
            assert!(compiled(&hidden).expect_err(reference).contains(too_many), "{reference}");
        }
        assert!(compiled(&doubling(100, 1)).expect_err("a chain").contains("at most 64 subschemas"));
        // Each of these is known before the next one refers to it.
        let known: Vec<_> = (0..90).rev().map(|n| format!(r##"{{"$ref":"#/$defs/l{n}"}}"##)).collect();
        let chain =
            doubling(90, 1).replacen("{\"$ref\":\"#/$defs/l0\"", &format!("{{\"allOf\":[{}]", known.join(",")), 1);
        assert!(compiled(&chain).expect_err("a chain").contains("at most 64 subschemas"));
        let wide: Vec<_> = (0..100_001).map(|n| format!(r#""p{n}":true"#)).collect();
        let fault = compiled(&format!(r#"{{"properties":{{{}}}}}"#, wide.join(","))).expect_err("wide");
        assert!(fault.contains("at most 100000 subschemas, found more"), "{fault}");
    }

    #[test]
    fn a_schema_may_refer_to_itself() {
        let tree = r##"{"type":"object","properties":{"left":{"$ref":"#"},"right":{"$ref":"#"}},"additionalProperties":false}"##;

        assert_eq!(validation_error(tree, r#"{"left":{"left":{}},"right":{}}"#), None);
        assert_eq!(
            validation_error(tree, r#"{"left":{"up":{}}}"#).as_deref(),
            Some("additionalProperties 'up' not allowed at /left")
        );
        let meta = r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"https://json-schema.org/draft/2020-12/schema"}"##;
        assert_eq!(validation_error(meta, r#"{"type":"object"}"#), None);
    }

    #[test]
    fn a_document_that_takes_too_many_evaluations_is_not_validated() {
        let twice = r##"{"allOf":[{"properties":{"a":{"$ref":"#"}}},{"properties":{"a":{"$ref":"#"}}}]}"##;
        let schema = compiled(twice).expect("a schema");
        let nested = |levels: usize| {
            let text = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
            Json::parse(text.as_bytes()).expect("JSON")
        };

        assert_eq!(schema.accepts(&nested(10)), Ok(true));
        let costly = schema.accepts(&nested(60)).expect_err("2^60 evaluations");
        assert!(costly.to_string().contains("more than 1000000 evaluations"), "{costly}");
        let wide = format!("[{}1]", "1,".repeat(600_000));
        let each = compiled(r#"{"items":{"allOf":[{"type":"integer"}]}}"#).expect("a schema");
        assert!(each.accepts(&Json::parse(wide.as_bytes()).expect("JSON")).is_err());
    }

    #[test]
    fn deep_schemas_and_documents_need_no_larger_stack() {
        let deep = |levels: usize| format!("{}{{}}{}", r#"{"not":"#.repeat(levels), "}".repeat(levels));
        assert_eq!(validation_error(&deep(60), "1"), None);
        assert!(validation_error(&deep(61), "1").is_some());
        assert!(compiled(&deep(120)).expect_err("deep").contains("at most 64 subschemas"));

        let list = r##"{"properties":{"next":{"allOf":[{"$ref":"#"}]}}}"##;
        let nested = format!("{}1{}", r#"{"next":"#.repeat(120), "}".repeat(120));
        assert_eq!(validation_error(list, &nested), None);
        let long = r##"{"properties":{"next":{"allOf":[{"allOf":[{"allOf":[{"$ref":"#"}]}]}]}}}"##;
        let schema = compiled(long).expect("a schema");
        assert!(schema.accepts(&Json::parse(nested.as_bytes()).expect("JSON")).is_err());
        // Estimated from the innermost level outwards, none of which is deep by itself.
        let level = |n: usize| {
            format!(
                r##""l{n}":{{"properties":{{"a":{{"allOf":[{{"allOf":[{{"allOf":[{{"$ref":"#/$defs/l{}"}}]}}]}}]}}}}}}"##,
                n + 1
            )
        };
        let levels: Vec<_> = (0..120).map(level).collect();
        let long = format!(r##"{{"$ref":"#/$defs/l0","$defs":{{{},"l120":{{}}}}}}"##, levels.join(","));
        let nested = format!("{}1{}", r#"{"a":"#.repeat(120), "}".repeat(120));
        assert!(compiled(&long).expect("a schema").accepts(&Json::parse(nested.as_bytes()).expect("JSON")).is_err());
    }

    #[test]
    fn patterns_are_small() {
        let large = r#"{"properties":{"a":{"pattern":"(\\p{L}{50}){50}"}}}"#;
        assert!(compiled(large).expect_err(large).contains("takes more than 262144 bytes"));
        assert!(
            compiled(&format!(r#"{{"pattern":"{}"}}"#, "a".repeat(5000)))
                .expect_err("long")
                .contains("at most 4096 bytes")
        );
        let many: Vec<_> = (0..60).map(|n| format!(r#""{n}\\p{{L}}{{3}}":true"#)).collect();
        assert!(compiled(&format!(r#"{{"patternProperties":{{{}}}}}"#, many.join(","))).is_err());
        assert_eq!(validation_error(r#"{"pattern":"^[a-z]+\\d{4}$"}"#, r#""ab1234""#), None);
    }

    #[test]
    fn other_documents_are_not_loaded() {
        for reference in ["file:///etc/hostname", "other.json", "http://127.0.0.1:1/x.json"] {
            let fault = compiled(&format!(r#"{{"$ref": "{reference}"}}"#)).expect_err(reference);
            assert!(fault.contains("other documents are not read"), "{fault}");
        }
    }

    #[test]
    fn an_invalid_schema_is_reported() {
        for (schema, expected) in [
            (
                r#"{"type": "strin"}"#,
                "value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string' at /type, or want array, but got string at /type",
            ),
            (r#"{"pattern": "("}"#, "'(' is not valid regex: unclosed group at /pattern"),
            (r##"{"$ref": "#/x"}"##, "json-pointer in #/x not found"),
        ] {
            assert_eq!(compiled(schema).expect_err(schema), format!("not a JSON Schema: {expected}"));
        }
    }
}
