//! A matcher: the operators that a value must satisfy. The table of operators is `operator`.

use std::hash::{Hash, Hasher};

use super::{Json, JsonPathText, JsonType, Number, RegexText, XPathText};

/// A matcher: the operators that a value must satisfy, all of them. The functions in [`matchers`](crate::matchers) make one.
///
/// In a file, a bare string, number or boolean means `equals`, and a table names operators.
#[derive(Debug, Clone, PartialEq, Default, Hash)]
#[non_exhaustive]
pub struct Matcher {
    /// In the order in which they are written.
    #[doc(hidden)]
    pub operators: Vec<Operator>,
    /// Whether the text operators of this matcher ignore case.
    #[doc(hidden)]
    pub ignore_case: bool,
}

impl Matcher {
    /// Makes a matcher of one operator that does not ignore case.
    #[doc(hidden)]
    pub fn from_operator(operator: Operator) -> Matcher {
        Matcher { operators: vec![operator], ignore_case: false }
    }

    /// Makes the matcher that a bare value in a file represents.
    #[doc(hidden)]
    pub fn equals(value: impl Into<Json>) -> Matcher {
        Matcher::from_operator(Operator::Equals(value.into()))
    }
}

/// A condition on a value. The names are those of the file format.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Operator {
    /// Equal to this JSON value. Untyped text is equal to a number or boolean if it can be parsed as that.
    Equals(Json),
    /// The text contains this one.
    Contains(String),
    /// The text begins with this one.
    StartsWith(String),
    /// The text ends with this one.
    EndsWith(String),
    /// A regular expression matches somewhere in the text.
    Matches(RegexText),
    /// Equal to one of these.
    OneOf(Vec<Json>),
    /// Whether there is a value.
    Present(bool),
    /// The number of characters, items or members.
    Len(Box<Matcher>),
    /// The JSON type.
    Type(JsonType),
    /// Greater than.
    Gt(Number),
    /// Greater than or equal to.
    Ge(Number),
    /// Less than.
    Lt(Number),
    /// Less than or equal to.
    Le(Number),
    /// Earlier than this moment: RFC 3339, or `now +2 days`.
    Before(String),
    /// Later than this moment: RFC 3339, or `now +2 days`.
    After(String),
    /// Each of these matches a different one of the values.
    Includes(Vec<Matcher>),
    /// Each of these matches a different one of the values, and there is no other value.
    Values(Vec<Matcher>),
    /// The matcher does not hold.
    Not(Box<Matcher>),
    /// At least one of these holds.
    AnyOf(Vec<Matcher>),
    /// All of these hold.
    AllOf(Vec<Matcher>),
    /// The text satisfies this condition when it is parsed as JSON or XML.
    Holds(BodyCondition),
}

/// A condition on a text that holds JSON or XML: the body of a request, or a value that carries one.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum BodyCondition {
    /// `json`: equals this.
    Json(Json),
    /// `json_includes`: contains this.
    JsonIncludes(Json),
    /// `json_path`: what the JSONPath selects satisfies the matcher.
    JsonPath(JsonPathText, Matcher),
    /// `json_schema`: validates.
    JsonSchema(Schema),
    /// `xml`: equal as XML.
    Xml(String),
    /// `xpath`: what the XPath selects satisfies the matcher. The prefixes are those of `xml_namespaces`.
    XPath(XPathText, Matcher, Vec<(String, String)>),
    /// `document`: what the JSONPath selects in the document satisfies the matcher.
    Document(JsonPathText, Matcher),
}

/// A JSON Schema, and the file from which it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The name of the file; `None` if the schema is in the scenario itself.
    pub file: Option<String>,
    /// The schema itself.
    pub schema: Json,
}

/// Hashes what is written in the stub: the file, or the schema itself.
impl Hash for Schema {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.file {
            Some(file) => file.hash(state),
            None => self.schema.hash(state),
        }
    }
}
