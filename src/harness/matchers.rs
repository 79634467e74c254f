//! Functions that build matchers. They are named as the operators of a scenario file.
//!
//! A bare value means [`equals`]; [`Matcher::and`] joins operators that must all hold of the same value.
//!
//! ```
//! use cannery::{given, len, matches, not, one_of, present};
//!
//! given::get("/orders")
//!     .header("Authorization", present())
//!     .query("page", matches(r"^\d+$").and(not("0")))
//!     .query("sort", one_of(["asc", "desc"]).ignore_case())
//!     .cookie("session", len(32));
//! ```

use serde_core::Serialize;

use crate::model::{
    BodyCondition, Json, JsonPathText, JsonType, Matcher, Number, Operator, RegexText, Schema, XPathText,
};

/// Equal to a value: text, a number, a boolean, or any JSON.
pub fn equals(value: impl Into<Matcher>) -> Matcher {
    value.into()
}

/// The text contains this one.
pub fn contains(text: impl Into<String>) -> Matcher {
    Matcher::from_operator(Operator::Contains(text.into()))
}

/// The text begins with this one.
pub fn starts_with(text: impl Into<String>) -> Matcher {
    Matcher::from_operator(Operator::StartsWith(text.into()))
}

/// The text ends with this one.
pub fn ends_with(text: impl Into<String>) -> Matcher {
    Matcher::from_operator(Operator::EndsWith(text.into()))
}

/// A regular expression matches somewhere in the text.
pub fn matches(pattern: impl Into<String>) -> Matcher {
    Matcher::from_operator(Operator::Matches(RegexText::from(pattern.into())))
}

/// Equal to one of these values.
#[track_caller]
pub fn one_of<V: Serialize>(values: impl IntoIterator<Item = V>) -> Matcher {
    Matcher::from_operator(Operator::OneOf(values.into_iter().map(|value| to_json(&value)).collect()))
}

/// A value is present.
pub fn present() -> Matcher {
    Matcher::from_operator(Operator::Present(true))
}

/// No value is present: `present = false` in a file.
pub fn absent() -> Matcher {
    Matcher::from_operator(Operator::Present(false))
}

/// The number of characters, items or members: a number, or a matcher such as `gt(3)`.
pub fn len(length: impl Into<Matcher>) -> Matcher {
    Matcher::from_operator(Operator::Len(Box::new(length.into())))
}

/// Of a JSON type: `type` in a file.
pub fn of_type(json_type: JsonType) -> Matcher {
    Matcher::from_operator(Operator::Type(json_type))
}

/// Greater than a number.
pub fn gt(limit: impl Into<Number>) -> Matcher {
    Matcher::from_operator(Operator::Gt(limit.into()))
}

/// Greater than a number or equal to it.
pub fn ge(limit: impl Into<Number>) -> Matcher {
    Matcher::from_operator(Operator::Ge(limit.into()))
}

/// Less than a number.
pub fn lt(limit: impl Into<Number>) -> Matcher {
    Matcher::from_operator(Operator::Lt(limit.into()))
}

/// Less than a number or equal to it.
pub fn le(limit: impl Into<Number>) -> Matcher {
    Matcher::from_operator(Operator::Le(limit.into()))
}

/// Earlier than a moment: RFC 3339, or `now +2 days`.
pub fn before(moment: impl Into<String>) -> Matcher {
    Matcher::from_operator(Operator::Before(moment.into()))
}

/// Later than a moment: RFC 3339, or `now +2 days`.
pub fn after(moment: impl Into<String>) -> Matcher {
    Matcher::from_operator(Operator::After(moment.into()))
}

/// Each of these matchers is satisfied by a different value of a repeated header or of a list.
pub fn includes<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Matcher {
    Matcher::from_operator(Operator::Includes(into_matchers(matchers)))
}

/// Like [`includes`], but no further value is allowed.
pub fn values<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Matcher {
    Matcher::from_operator(Operator::Values(into_matchers(matchers)))
}

/// The matcher does not hold. An absent value satisfies this.
pub fn not(matcher: impl Into<Matcher>) -> Matcher {
    Matcher::from_operator(Operator::Not(Box::new(matcher.into())))
}

/// At least one of these holds.
pub fn any_of<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Matcher {
    Matcher::from_operator(Operator::AnyOf(into_matchers(matchers)))
}

/// All of these hold. If there are several values, each may hold for a different one.
pub fn all_of<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Matcher {
    Matcher::from_operator(Operator::AllOf(into_matchers(matchers)))
}

/// The text is JSON and equals this.
#[track_caller]
pub fn json(value: impl Serialize) -> Matcher {
    body_condition(BodyCondition::Json(to_json(&value)))
}

/// The text is JSON and contains this.
#[track_caller]
pub fn json_includes(value: impl Serialize) -> Matcher {
    body_condition(BodyCondition::JsonIncludes(to_json(&value)))
}

/// The text is JSON, and what a JSONPath selects in it satisfies a matcher.
pub fn json_path(path: impl Into<String>, matcher: impl Into<Matcher>) -> Matcher {
    body_condition(BodyCondition::JsonPath(JsonPathText::from(path.into()), matcher.into()))
}

/// The text is JSON and valid by a JSON Schema.
#[track_caller]
pub fn json_schema(schema: impl Serialize) -> Matcher {
    body_condition(BodyCondition::JsonSchema(Schema { file: None, schema: to_json(&schema) }))
}

/// The text is XML and equals this. Prefixes, attribute order and white space between elements do not count.
pub fn xml(text: impl Into<String>) -> Matcher {
    body_condition(BodyCondition::Xml(text.into()))
}

/// The text is XML, and what an XPath selects in it satisfies a matcher.
pub fn xpath(path: impl Into<String>, matcher: impl Into<Matcher>) -> Matcher {
    body_condition(BodyCondition::XPath(XPathText::from(path.into()), matcher.into(), Vec::new()))
}

/// The text is a document, JSON or XML, and what a JSONPath selects in it satisfies a matcher.
pub fn document(path: impl Into<String>, matcher: impl Into<Matcher>) -> Matcher {
    body_condition(BodyCondition::Document(JsonPathText::from(path.into()), matcher.into()))
}

fn body_condition(condition: BodyCondition) -> Matcher {
    Matcher::from_operator(Operator::Holds(condition))
}

fn into_matchers<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Vec<Matcher> {
    matchers.into_iter().map(Into::into).collect()
}

/// Converts a value to JSON. The members of a struct keep their order.
#[track_caller]
pub(super) fn to_json(value: &impl Serialize) -> Json {
    // Through text, because a `serde_json::Value` would sort the members of a struct.
    let text = serde_json::to_vec(value).unwrap_or_else(|error| panic!("this value cannot be JSON: {error}"));
    Json::parse(&text).unwrap_or_else(|fault| panic!("this value cannot be JSON: {fault}"))
}

impl Matcher {
    /// Returns a matcher that holds if both hold for the same value.
    ///
    /// ```
    /// use cannery::{ge, lt};
    ///
    /// let teens = ge(13).and(lt(20));
    /// assert_eq!(teens.operators.len(), 2);
    /// ```
    #[must_use]
    pub fn and(mut self, other: impl Into<Matcher>) -> Matcher {
        let other = other.into();
        if self.ignore_case == other.ignore_case {
            self.operators.extend(other.operators);
            self
        } else {
            Matcher::from_operator(Operator::AllOf(vec![self, other]))
        }
    }

    /// Returns the same matcher, whose text operators ignore case.
    #[must_use]
    pub fn ignore_case(self) -> Matcher {
        Matcher { ignore_case: true, ..self }
    }
}

impl From<bool> for Matcher {
    fn from(truth: bool) -> Matcher {
        Matcher::equals(truth)
    }
}

impl From<serde_json::Value> for Matcher {
    fn from(value: serde_json::Value) -> Matcher {
        Matcher::equals(Json::from_serde(&value))
    }
}

/// Converts the number types of Rust to matchers.
macro_rules! numbers {
    ($($integer:ty),*; $($float:ty),*) => {
        $(impl From<$integer> for Matcher {
            fn from(number: $integer) -> Matcher {
                Matcher::equals(Json::Number(Number::Integer(i128::from(number))))
            }
        })*
        $(impl From<$float> for Matcher {
            fn from(number: $float) -> Matcher {
                Matcher::equals(Json::Number(Number::Float(f64::from(number))))
            }
        })*
    };
}

numbers!(i8, i16, i32, i64, u8, u16, u32, u64; f32, f64);

impl From<i32> for Number {
    fn from(integer: i32) -> Number {
        Number::Integer(integer.into())
    }
}

impl From<u64> for Number {
    fn from(integer: u64) -> Number {
        Number::Integer(integer.into())
    }
}

impl From<f64> for Number {
    fn from(float: f64) -> Number {
        Number::Float(float)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::OperatorName;

    use super::*;

    fn built(name: OperatorName) -> Matcher {
        match name {
            OperatorName::Equals => equals("a"),
            OperatorName::Contains => contains("a"),
            OperatorName::StartsWith => starts_with("a"),
            OperatorName::EndsWith => ends_with("a"),
            OperatorName::Matches => matches("^a"),
            OperatorName::OneOf => one_of(["a", "b"]),
            OperatorName::Present => present(),
            OperatorName::Len => len(1),
            OperatorName::Type => of_type(JsonType::String),
            OperatorName::Gt => gt(7),
            OperatorName::Ge => ge(7),
            OperatorName::Lt => lt(7),
            OperatorName::Le => le(7),
            OperatorName::Before => before("now"),
            OperatorName::After => after("now"),
            OperatorName::Includes => includes(["a"]),
            OperatorName::Values => values(["a"]),
            OperatorName::Not => not("a"),
            OperatorName::AnyOf => any_of(["a"]),
            OperatorName::AllOf => all_of(["a"]),
            OperatorName::Json => json("a"),
            OperatorName::JsonIncludes => json_includes("a"),
            OperatorName::JsonPath => json_path("$.a", "a"),
            OperatorName::JsonSchema => json_schema(true),
            OperatorName::Xml => xml("<a/>"),
            OperatorName::XPath => xpath("/a", "a"),
            OperatorName::Document => document("$.a", "a"),
        }
    }

    #[test]
    fn each_operator_has_a_function_that_builds_it() {
        for name in OperatorName::ALL {
            let matcher = built(*name);
            assert_eq!(matcher.operators.iter().map(Operator::name).collect::<Vec<_>>(), [*name]);
        }
    }
}
