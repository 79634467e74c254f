//! JSON Schema, by the crate `boon`; nothing is fetched, neither from the network nor from other files.

use crate::model::{Fault, Json, KeyPath, Schema};

/// A schema that is ready to validate.
pub(super) struct CompiledSchema {
    #[cfg(feature = "json-schema")]
    schemas: boon::Schemas,
    #[cfg(feature = "json-schema")]
    root: boon::SchemaIndex,
    /// The file that it came from, for people.
    pub(super) file: Option<String>,
}

impl std::fmt::Debug for CompiledSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CompiledSchema({:?})", self.file)
    }
}

/// What a schema is called while it is compiled.
#[cfg(feature = "json-schema")]
const NAME: &str = "schema:/";

/// Loads nothing.
#[cfg(feature = "json-schema")]
struct Nothing;

#[cfg(feature = "json-schema")]
impl boon::UrlLoader for Nothing {
    fn load(&self, _url: &str) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
        Err("other documents are not read: put what is referred to under `$defs`".into())
    }
}

#[cfg(feature = "json-schema")]
impl CompiledSchema {
    pub(super) fn compile(schema: &Schema, at: &KeyPath, faults: &mut Vec<Fault>) -> Option<CompiledSchema> {
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.use_loader(Box::new(Nothing));
        let added = compiler.add_resource(NAME, schema.schema.to_serde()).map_err(|error| compile_fault(&error));
        let compiled = added.and_then(|()| compiler.compile(NAME, &mut schemas).map_err(|error| compile_fault(&error)));
        match compiled {
            Ok(root) => Some(CompiledSchema { schemas, root, file: schema.file.clone() }),
            Err(reason) => {
                faults.push(Fault::value(at, format!("not a JSON Schema: {reason}")));
                None
            }
        }
    }

    pub(super) fn accepts(&self, json: &Json) -> bool {
        self.schemas.validate(&json.to_serde(), self.root).is_ok()
    }

    /// The first thing that does not validate.
    pub(super) fn complaint(&self, json: &Json) -> Option<String> {
        let value = json.to_serde();
        let error = self.schemas.validate(&value, self.root).err()?;
        Some(first(&error))
    }
}

#[cfg(feature = "json-schema")]
fn compile_fault(error: &boon::CompileError) -> String {
    match error {
        boon::CompileError::ValidationError { src, .. } => first(src),
        other => format!("{other:#}").replace(NAME, ""),
    }
}

/// The first fault below those that only say that there is one further down; of alternatives that of each.
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

/// The drawing of a regular expression's fault left out.
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
                .helped("Turn it on: `cannery = { version = \"...\", features = [\"json-schema\"] }`."),
        );
        None
    }

    pub(super) fn accepts(&self, _json: &Json) -> bool {
        false
    }

    pub(super) fn complaint(&self, _json: &Json) -> Option<String> {
        None
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

    fn told(schema: &str, json: &str) -> Option<String> {
        let json = Json::parse(json.as_bytes()).expect(json);
        let schema = compiled(schema).expect("a schema");
        let complaint = schema.complaint(&json);
        assert_eq!(schema.accepts(&json), complaint.is_none());
        complaint
    }

    #[test]
    fn the_first_fault_is_told_with_its_place() {
        let schema = r##"{"type": "object", "required": ["id"], "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/item"}}}, "$defs": {"item": {"minimum": 3}}}"##;

        assert_eq!(told(schema, r#"{"id": 1, "items": [3, 4.5]}"#), None);
        assert_eq!(told(schema, r#"{"items": []}"#).as_deref(), Some("missing properties 'id'"));
        assert_eq!(
            told(schema, r#"{"id": 1, "items": [3, 2]}"#).as_deref(),
            Some("must be >=3, but got 2 at /items/1")
        );
        assert_eq!(told(schema, "[]").as_deref(), Some("want object, but got array"));
    }

    #[test]
    fn the_draft_is_the_one_that_the_schema_names() {
        let exclusive =
            r#"{"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 3, "exclusiveMinimum": true}"#;

        assert_eq!(told(exclusive, "3").as_deref(), Some("must be > 3 but got 3"));
        assert_eq!(told(r#"{"$schema": "http://json-schema.org/draft-07/schema#", "exclusiveMinimum": 3}"#, "4"), None);
    }

    #[test]
    fn nothing_else_is_read() {
        for reference in ["file:///etc/hostname", "other.json", "http://127.0.0.1:1/x.json"] {
            let fault = compiled(&format!(r#"{{"$ref": "{reference}"}}"#)).expect_err(reference);
            assert!(fault.contains("other documents are not read"), "{fault}");
        }
    }

    #[test]
    fn what_is_no_schema_is_told() {
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
