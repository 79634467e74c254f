//! The table of operators: what each is called, what it takes, and what follows from it.
//!
//! The rooms that read, print, describe and check matchers use this table, or match on its types without a wildcard. Their
//! tests iterate over [`OperatorName::ALL`]. So the build or a test fails if a room does not handle an operator.

use super::{BodyCondition, Json, JsonPathText, JsonType, Matcher, Number, Operator, RegexText, Schema, XPathText};

/// Declares [`OperatorName`] from its rows, so that a name without a row cannot exist.
macro_rules! operators {
    ($($name:ident: $key:literal, $operand:expr, $acts_on_text:expr, $words:literal;)*) => {
        /// Names an operator without its operand: a row of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum OperatorName {
            $(#[doc = concat!("`", $key, "`")] $name,)*
        }

        impl OperatorName {
            /// All operators, in the order in which messages list them.
            pub const ALL: &[OperatorName] = &[$(OperatorName::$name),*];

            /// Returns the key in a file.
            pub const fn key(self) -> &'static str {
                match self { $(OperatorName::$name => $key),* }
            }

            /// Returns what the operator takes, with the function that makes an operator of it.
            pub fn operand(self) -> Operand {
                match self { $(OperatorName::$name => $operand),* }
            }

            /// Returns whether `ignore_case` in the same table changes how the operator compares. Nested matchers have
            /// their own `ignore_case`.
            pub const fn acts_on_text(self) -> bool {
                match self { $(OperatorName::$name => $acts_on_text),* }
            }

            /// Returns the words that precede the operand in a description; empty if the operand alone is enough.
            pub const fn words(self) -> &'static str {
                match self { $(OperatorName::$name => $words),* }
            }
        }
    };
}

const ACTS_ON_TEXT: bool = true;
const KEEPS_CASE: bool = false;

operators! {
    Equals: "equals", Operand::Json(Operator::Equals), ACTS_ON_TEXT, "";
    Contains: "contains", Operand::Text(Operator::Contains), ACTS_ON_TEXT, "contains";
    StartsWith: "starts_with", Operand::Text(Operator::StartsWith), ACTS_ON_TEXT, "starts with";
    EndsWith: "ends_with", Operand::Text(Operator::EndsWith), ACTS_ON_TEXT, "ends with";
    Matches: "matches", Operand::Regex(Operator::Matches), ACTS_ON_TEXT, "matches";
    OneOf: "one_of", Operand::JsonList(Operator::OneOf), ACTS_ON_TEXT, "one of";
    Present: "present", Operand::Truth(Operator::Present), KEEPS_CASE, "present";
    Len: "len", Operand::Length(Operator::Len), KEEPS_CASE, "len";
    Type: "type", Operand::Type(Operator::Type), KEEPS_CASE, "of type";
    Gt: "gt", Operand::Number(Operator::Gt), KEEPS_CASE, ">";
    Ge: "ge", Operand::Number(Operator::Ge), KEEPS_CASE, ">=";
    Lt: "lt", Operand::Number(Operator::Lt), KEEPS_CASE, "<";
    Le: "le", Operand::Number(Operator::Le), KEEPS_CASE, "<=";
    Before: "before", Operand::Moment(Operator::Before), KEEPS_CASE, "before";
    After: "after", Operand::Moment(Operator::After), KEEPS_CASE, "after";
    Includes: "includes", Operand::Matchers(Operator::Includes), KEEPS_CASE, "includes";
    Values: "values", Operand::Matchers(Operator::Values), KEEPS_CASE, "values";
    Not: "not", Operand::Matcher(Operator::Not), KEEPS_CASE, "not";
    AnyOf: "any_of", Operand::Matchers(Operator::AnyOf), KEEPS_CASE, "any of";
    AllOf: "all_of", Operand::Matchers(Operator::AllOf), KEEPS_CASE, "all of";
    Json: "json", Operand::Body(BodyOperand::Json(BodyCondition::Json)), KEEPS_CASE, "json";
    JsonIncludes: "json_includes", Operand::Body(BodyOperand::Json(BodyCondition::JsonIncludes)), KEEPS_CASE, "json_includes";
    JsonPath: "json_path", Operand::Body(BodyOperand::JsonPaths(BodyCondition::JsonPath)), KEEPS_CASE, "json_path";
    JsonSchema: "json_schema", Operand::Body(BodyOperand::Schema(BodyCondition::JsonSchema)), KEEPS_CASE, "json_schema";
    Xml: "xml", Operand::Body(BodyOperand::Xml(BodyCondition::Xml)), KEEPS_CASE, "xml";
    XPath: "xpath", Operand::Body(BodyOperand::XPaths(BodyCondition::XPath)), KEEPS_CASE, "xpath";
    Document: "document", Operand::Body(BodyOperand::JsonPaths(BodyCondition::Document)), KEEPS_CASE, "document";
}

impl OperatorName {
    /// Returns the operator that has a key.
    pub fn from_key(key: &str) -> Option<OperatorName> {
        OperatorName::ALL.iter().copied().find(|name| name.key() == key)
    }

    /// Returns whether it is a condition on a text that holds JSON or XML. A request has these keys too, besides `body`.
    pub fn is_body_condition(self) -> bool {
        matches!(self.operand(), Operand::Body(_))
    }
}

/// The kind of value that an operator takes, with the constructor of the operator.
#[derive(Debug, Clone, Copy)]
pub enum Operand {
    /// A JSON value.
    Json(fn(Json) -> Operator),
    /// A list of JSON values.
    JsonList(fn(Vec<Json>) -> Operator),
    /// A text.
    Text(fn(String) -> Operator),
    /// A regular expression.
    Regex(fn(RegexText) -> Operator),
    /// `true` or `false`.
    Truth(fn(bool) -> Operator),
    /// A whole number from 0, or a matcher for it.
    Length(fn(Box<Matcher>) -> Operator),
    /// The name of a JSON type.
    Type(fn(JsonType) -> Operator),
    /// A number.
    Number(fn(Number) -> Operator),
    /// A date of RFC 3339, or `now +2 days`.
    Moment(fn(String) -> Operator),
    /// A matcher.
    Matcher(fn(Box<Matcher>) -> Operator),
    /// A list of matchers.
    Matchers(fn(Vec<Matcher>) -> Operator),
    /// A condition on the text as JSON or XML.
    Body(BodyOperand),
}

/// The kind of value that a condition on a body takes, with the constructor of the condition.
#[derive(Debug, Clone, Copy)]
pub enum BodyOperand {
    /// A JSON value.
    Json(fn(Json) -> BodyCondition),
    /// JSONPaths, each with a matcher.
    JsonPaths(fn(JsonPathText, Matcher) -> BodyCondition),
    /// A JSON Schema.
    Schema(fn(Schema) -> BodyCondition),
    /// XML.
    Xml(fn(String) -> BodyCondition),
    /// XPaths, each with a matcher; they share the prefixes of their namespaces.
    XPaths(fn(XPathText, Matcher, Vec<(String, String)>) -> BodyCondition),
}

/// The operand that an operator has, by its kind.
#[derive(Debug, Clone, Copy)]
pub enum OperandValue<'a> {
    /// A JSON value.
    Json(&'a Json),
    /// A list of JSON values.
    JsonList(&'a [Json]),
    /// A text.
    Text(&'a str),
    /// A regular expression.
    Regex(&'a RegexText),
    /// `true` or `false`.
    Truth(bool),
    /// A matcher for a number of characters, items or members.
    Length(&'a Matcher),
    /// A JSON type.
    Type(JsonType),
    /// A number.
    Number(Number),
    /// The text of a moment.
    Moment(&'a str),
    /// A matcher.
    Matcher(&'a Matcher),
    /// A list of matchers.
    Matchers(&'a [Matcher]),
    /// A condition on the text as JSON or XML.
    Body(&'a BodyCondition),
}

/// What an operator requires of a value, as far as `check` draws conclusions from it: which operators contradict each
/// other, and which follow from others.
#[derive(Debug, Clone, Copy)]
pub enum Constraint<'a> {
    /// The value equals one of these. An index can look such an operator up.
    Values(&'a [Json]),
    /// The value is a text of which this is a part. If the operator holds for one text, it holds for each text for which the
    /// same operator holds with that text as its operand.
    TextPart(&'a str),
    /// The value is a text.
    Text,
    /// The value is a number on one side of a limit.
    Limit(Limit),
    /// The value is an earlier moment.
    Before(&'a str),
    /// The value is a later moment.
    After(&'a str),
    /// The number of its characters, items or members satisfies a matcher.
    Length(&'a Matcher),
    /// The value has a JSON type.
    Type(JsonType),
    /// There is a value, or there is none.
    Presence(bool),
    /// A matcher does not hold.
    Not(&'a Matcher),
    /// One of these matchers holds.
    AnyOf(&'a [Matcher]),
    /// All of these matchers hold.
    AllOf(&'a [Matcher]),
    /// There is a value. Nothing else is concluded.
    Unknown,
}

/// A limit on numbers.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The number.
    pub number: Number,
    /// Whether numbers must be below it, instead of above it.
    pub is_upper: bool,
    /// Whether the number itself is allowed.
    pub is_inclusive: bool,
}

impl Operator {
    /// Returns the name: the row of the table.
    pub fn name(&self) -> OperatorName {
        self.parts().0
    }

    /// Returns the operand.
    pub fn operand(&self) -> OperandValue<'_> {
        self.parts().1
    }

    fn parts(&self) -> (OperatorName, OperandValue<'_>) {
        match self {
            Operator::Equals(value) => (OperatorName::Equals, OperandValue::Json(value)),
            Operator::Contains(text) => (OperatorName::Contains, OperandValue::Text(text)),
            Operator::StartsWith(text) => (OperatorName::StartsWith, OperandValue::Text(text)),
            Operator::EndsWith(text) => (OperatorName::EndsWith, OperandValue::Text(text)),
            Operator::Matches(pattern) => (OperatorName::Matches, OperandValue::Regex(pattern)),
            Operator::OneOf(options) => (OperatorName::OneOf, OperandValue::JsonList(options)),
            Operator::Present(present) => (OperatorName::Present, OperandValue::Truth(*present)),
            Operator::Len(matcher) => (OperatorName::Len, OperandValue::Length(matcher)),
            Operator::Type(json_type) => (OperatorName::Type, OperandValue::Type(*json_type)),
            Operator::Gt(limit) => (OperatorName::Gt, OperandValue::Number(*limit)),
            Operator::Ge(limit) => (OperatorName::Ge, OperandValue::Number(*limit)),
            Operator::Lt(limit) => (OperatorName::Lt, OperandValue::Number(*limit)),
            Operator::Le(limit) => (OperatorName::Le, OperandValue::Number(*limit)),
            Operator::Before(moment) => (OperatorName::Before, OperandValue::Moment(moment)),
            Operator::After(moment) => (OperatorName::After, OperandValue::Moment(moment)),
            Operator::Includes(matchers) => (OperatorName::Includes, OperandValue::Matchers(matchers)),
            Operator::Values(matchers) => (OperatorName::Values, OperandValue::Matchers(matchers)),
            Operator::Not(matcher) => (OperatorName::Not, OperandValue::Matcher(matcher)),
            Operator::AnyOf(matchers) => (OperatorName::AnyOf, OperandValue::Matchers(matchers)),
            Operator::AllOf(matchers) => (OperatorName::AllOf, OperandValue::Matchers(matchers)),
            Operator::Holds(condition) => (condition.name(), OperandValue::Body(condition)),
        }
    }

    /// Returns what it requires of a value.
    pub fn constraint(&self) -> Constraint<'_> {
        let limit =
            |number: Number, is_upper, is_inclusive| Constraint::Limit(Limit { number, is_upper, is_inclusive });
        match self {
            Operator::Equals(value) => Constraint::Values(std::slice::from_ref(value)),
            Operator::OneOf(options) => Constraint::Values(options),
            Operator::Contains(text) | Operator::StartsWith(text) | Operator::EndsWith(text) => {
                Constraint::TextPart(text)
            }
            Operator::Matches(_) => Constraint::Text,
            Operator::Present(present) => Constraint::Presence(*present),
            Operator::Len(matcher) => Constraint::Length(matcher),
            Operator::Type(json_type) => Constraint::Type(*json_type),
            Operator::Gt(number) => limit(*number, false, false),
            Operator::Ge(number) => limit(*number, false, true),
            Operator::Lt(number) => limit(*number, true, false),
            Operator::Le(number) => limit(*number, true, true),
            Operator::Before(moment) => Constraint::Before(moment),
            Operator::After(moment) => Constraint::After(moment),
            Operator::Not(matcher) => Constraint::Not(matcher),
            Operator::AnyOf(matchers) => Constraint::AnyOf(matchers),
            Operator::AllOf(matchers) => Constraint::AllOf(matchers),
            Operator::Includes(_) | Operator::Values(_) | Operator::Holds(_) => Constraint::Unknown,
        }
    }
}

impl BodyCondition {
    /// Returns the name: the row of the table.
    pub fn name(&self) -> OperatorName {
        match self {
            BodyCondition::Json(_) => OperatorName::Json,
            BodyCondition::JsonIncludes(_) => OperatorName::JsonIncludes,
            BodyCondition::JsonPath(..) => OperatorName::JsonPath,
            BodyCondition::JsonSchema(_) => OperatorName::JsonSchema,
            BodyCondition::Xml(_) => OperatorName::Xml,
            BodyCondition::XPath(..) => OperatorName::XPath,
            BodyCondition::Document(..) => OperatorName::Document,
        }
    }

    /// Returns the JSONPath or XPath of the condition, if it has one.
    pub fn path(&self) -> Option<&str> {
        match self {
            BodyCondition::JsonPath(path, _) | BodyCondition::Document(path, _) => Some(path),
            BodyCondition::XPath(path, ..) => Some(path),
            BodyCondition::Json(_)
            | BodyCondition::JsonIncludes(_)
            | BodyCondition::JsonSchema(_)
            | BodyCondition::Xml(_) => None,
        }
    }
}

#[cfg(test)]
impl OperatorName {
    /// An operator of this name, for tests that go through the table.
    pub(crate) fn example(self) -> Operator {
        let matcher = || Matcher::equals("a");
        match self.operand() {
            Operand::Json(make) => make("a".into()),
            Operand::JsonList(make) => make(vec!["a".into(), 7_i64.into()]),
            Operand::Text(make) => make("a".to_owned()),
            Operand::Regex(make) => make("^a".into()),
            Operand::Truth(make) => make(true),
            Operand::Length(make) => make(Box::new(Matcher::equals(1_i64))),
            Operand::Type(make) => make(JsonType::String),
            Operand::Number(make) => make(Number::Integer(7)),
            Operand::Moment(make) => make("2031-05-06T07:08:09Z".to_owned()),
            Operand::Matcher(make) => make(Box::new(matcher())),
            Operand::Matchers(make) => make(vec![matcher(), Matcher::equals(7_i64)]),
            Operand::Body(BodyOperand::Json(make)) => Operator::Holds(make("a".into())),
            Operand::Body(BodyOperand::JsonPaths(make)) => Operator::Holds(make("$.a".into(), matcher())),
            Operand::Body(BodyOperand::Schema(make)) => {
                Operator::Holds(make(Schema { file: None, schema: Json::Bool(true) }))
            }
            Operand::Body(BodyOperand::Xml(make)) => Operator::Holds(make("<a/>".to_owned())),
            Operand::Body(BodyOperand::XPaths(make)) => Operator::Holds(make("/a".into(), matcher(), Vec::new())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_makes_the_operator_that_it_names() {
        for name in OperatorName::ALL {
            assert_eq!(name.example().name(), *name);
            assert_eq!(OperatorName::from_key(name.key()), Some(*name), "the key is its own");
        }
    }
}
