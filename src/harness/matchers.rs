//! The operators of a matcher as functions, by their names in a scenario file.
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
    Matcher::from_operator(Operator::OneOf(values.into_iter().map(|value| json_of(&value)).collect()))
}

/// There is a value.
pub fn present() -> Matcher {
    Matcher::from_operator(Operator::Present(true))
}

/// There is no value: a file's `present = false`.
pub fn absent() -> Matcher {
    Matcher::from_operator(Operator::Present(false))
}

/// The number of characters, items or members: a number, or a matcher such as `gt(3)`.
pub fn len(length: impl Into<Matcher>) -> Matcher {
    Matcher::from_operator(Operator::Len(Box::new(length.into())))
}

/// Of a JSON type: a file's `type`.
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

/// Each of these is satisfied by a value of its own, of a repeated header or of a list.
pub fn includes<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Matcher {
    Matcher::from_operator(Operator::Includes(all(matchers)))
}

/// As [`includes`], and there is no further value.
pub fn values<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Matcher {
    Matcher::from_operator(Operator::Values(all(matchers)))
}

/// The matcher does not hold; an absent value satisfies this.
pub fn not(matcher: impl Into<Matcher>) -> Matcher {
    Matcher::from_operator(Operator::Not(Box::new(matcher.into())))
}

/// At least one of these holds.
pub fn any_of<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Matcher {
    Matcher::from_operator(Operator::AnyOf(all(matchers)))
}

/// All of these hold, each by a value of its own where there are several.
pub fn all_of<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Matcher {
    Matcher::from_operator(Operator::AllOf(all(matchers)))
}

/// The text is JSON and equals this.
#[track_caller]
pub fn json(value: impl Serialize) -> Matcher {
    holds(BodyCondition::Json(json_of(&value)))
}

/// The text is JSON and contains this.
#[track_caller]
pub fn json_includes(value: impl Serialize) -> Matcher {
    holds(BodyCondition::JsonIncludes(json_of(&value)))
}

/// The text is JSON, and what a JSONPath selects in it satisfies a matcher.
pub fn json_path(path: impl Into<String>, matcher: impl Into<Matcher>) -> Matcher {
    holds(BodyCondition::JsonPath(JsonPathText::from(path.into()), matcher.into()))
}

/// The text is JSON and a JSON Schema takes it.
#[track_caller]
pub fn json_schema(schema: impl Serialize) -> Matcher {
    holds(BodyCondition::JsonSchema(Schema { file: None, schema: json_of(&schema) }))
}

/// The text is XML and equals this, prefixes, attribute order and white space between elements aside.
pub fn xml(text: impl Into<String>) -> Matcher {
    holds(BodyCondition::Xml(text.into()))
}

/// The text is XML, and what an XPath selects in it satisfies a matcher.
pub fn xpath(path: impl Into<String>, matcher: impl Into<Matcher>) -> Matcher {
    holds(BodyCondition::XPath(XPathText::from(path.into()), matcher.into(), Vec::new()))
}

/// The text is a document, JSON or XML, and what a JSONPath selects in it satisfies a matcher.
pub fn document(path: impl Into<String>, matcher: impl Into<Matcher>) -> Matcher {
    holds(BodyCondition::Document(JsonPathText::from(path.into()), matcher.into()))
}

fn holds(condition: BodyCondition) -> Matcher {
    Matcher::from_operator(Operator::Holds(condition))
}

fn all<M: Into<Matcher>>(matchers: impl IntoIterator<Item = M>) -> Vec<Matcher> {
    matchers.into_iter().map(Into::into).collect()
}

/// A value of the user's as JSON, its members in their order.
#[track_caller]
pub(super) fn json_of(value: &impl Serialize) -> Json {
    // Through text, since a `serde_json::Value` would sort the members of a struct.
    let text = serde_json::to_vec(value).unwrap_or_else(|error| panic!("this value cannot be JSON: {error}"));
    Json::parse(&text).unwrap_or_else(|fault| panic!("this value cannot be JSON: {fault}"))
}

impl Matcher {
    /// A matcher that holds where both do, of the same value.
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

    /// The same matcher, its text operators in any case.
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

/// Numbers of Rust, as a matcher and as a limit.
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
