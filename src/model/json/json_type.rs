//! The types of JSON values.

/// The types that the operator `type` distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are JSON's own")]
#[non_exhaustive]
pub enum JsonType {
    String,
    Number,
    Integer,
    Boolean,
    Null,
    Array,
    Object,
}

impl JsonType {
    /// All types with their names in a scenario file.
    #[doc(hidden)]
    pub const NAMES: [(&'static str, JsonType); 7] = [
        ("string", JsonType::String),
        ("number", JsonType::Number),
        ("integer", JsonType::Integer),
        ("boolean", JsonType::Boolean),
        ("null", JsonType::Null),
        ("array", JsonType::Array),
        ("object", JsonType::Object),
    ];

    /// Returns the name in a scenario file.
    pub fn name(self) -> &'static str {
        JsonType::NAMES.iter().find(|(_, of)| *of == self).map_or("", |(name, _)| name)
    }
}
