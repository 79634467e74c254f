//! JSON Schema, by the crate `jsonschema`; nothing is fetched over the network.

use crate::model::{Fault, Json, KeyPath, Schema};

/// A schema that is ready to validate.
#[derive(Debug)]
pub(super) struct CompiledSchema {
    #[cfg(feature = "json-schema")]
    validator: jsonschema::Validator,
    /// The file that it came from, for people.
    pub(super) file: Option<String>,
}

#[cfg(feature = "json-schema")]
impl CompiledSchema {
    pub(super) fn compile(schema: &Schema, at: &KeyPath, faults: &mut Vec<Fault>) -> Option<CompiledSchema> {
        match jsonschema::validator_for(&schema.schema.to_serde()) {
            Ok(validator) => Some(CompiledSchema { validator, file: schema.file.clone() }),
            Err(error) => {
                faults.push(Fault::value(at, format!("not a JSON Schema: {error} at `{}`", error.instance_path())));
                None
            }
        }
    }

    pub(super) fn accepts(&self, json: &Json) -> bool {
        self.validator.is_valid(&json.to_serde())
    }

    /// The first thing that does not validate.
    pub(super) fn complaint(&self, json: &Json) -> Option<String> {
        let value = json.to_serde();
        let error = self.validator.iter_errors(&value).next()?;
        let path = error.instance_path().to_string();
        Some(if path.is_empty() { error.to_string() } else { format!("{error} at {path}") })
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
