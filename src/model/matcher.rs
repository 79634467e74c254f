//! What is asked of one value: a set of operators that must all hold.

use std::hash::{Hash, Hasher};

use super::{Json, JsonPathText, JsonType, Number, RegexText, XPathText};

/// A matcher as it was written: every operator must hold.
///
/// In a file a bare string, number or boolean is `equals`, and a table names operators.
#[derive(Debug, Clone, PartialEq, Default, Hash)]
pub struct Matcher {
    /// In the order in which they were written.
    pub operators: Vec<Operator>,
    /// Whether the text operators of this matcher disregard case.
    pub ignore_case: bool,
}

impl Matcher {
    /// A matcher of one operator, which respects case.
    pub fn of(operator: Operator) -> Matcher {
        Matcher { operators: vec![operator], ignore_case: false }
    }

    /// What a bare value in a file means.
    pub fn equals(value: impl Into<Json>) -> Matcher {
        Matcher::of(Operator::Equals(value.into()))
    }
}

/// One question to a value. The names are those of the file format.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Operator {
    /// The same JSON value; text that reads as the number or boolean counts where the value has no type of its own.
    Equals(Json),
    /// The text holds this one.
    Contains(String),
    /// The text begins with this one.
    StartsWith(String),
    /// The text ends with this one.
    EndsWith(String),
    /// A regular expression holds somewhere in the text.
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
    /// Each of these is satisfied by a value of its own.
    Includes(Vec<Matcher>),
    /// As `includes`, and there is no further value.
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

/// What is asked of a text that holds JSON or XML: the body of a request, or a value that carries one.
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

/// A JSON Schema and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The file beside the scenario, where it stands in one.
    pub file: Option<String>,
    /// The schema itself.
    pub schema: Json,
}

/// By what is written in the stub: its file, or itself.
impl Hash for Schema {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.file {
            Some(file) => file.hash(state),
            None => self.schema.hash(state),
        }
    }
}
