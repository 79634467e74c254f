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

    /// Makes the matcher that a bare value in a file means.
    #[doc(hidden)]
    pub fn equals(value: impl Into<Json>) -> Matcher {
        Matcher::from_operator(Operator::Equals(value.into()))
    }
}

/// A condition on a value. The names are those of the file format.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Operator {
    /// The same JSON value. If the value has no type of its own, a text that reads as the number or boolean is the same.
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
    /// Whether there is a value at all.
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
    /// Each of these holds for another one of the values.
    Includes(Vec<Matcher>),
    /// As `includes`, and there is no other value.
    Values(Vec<Matcher>),
    /// The matcher does not hold.
    Not(Box<Matcher>),
    /// At least one holds.
    AnyOf(Vec<Matcher>),
    /// All hold.
    AllOf(Vec<Matcher>),
    /// The text, read as JSON or XML, satisfies this.
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
    /// `xpath`: what the XPath selects satisfies the matcher; with the prefixes of `xml_namespaces`.
    XPath(XPathText, Matcher, Vec<(String, String)>),
    /// `document`: as `json_path`, on the document.
    Document(JsonPathText, Matcher),
}

/// A JSON Schema and the file that it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The file beside the scenario; `None` if the schema is in the scenario itself.
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
