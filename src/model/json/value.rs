//! A JSON value that keeps the order of its members.
//!
//! It is our own type because the order of members matters in messages. The feature of `serde_json` that keeps the order
//! would also change every map in the user's build.

use std::fmt;

use serde_core::de::Deserialize as _;
use serde_core::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::budget::spend;

use super::json_type::JsonType;
use super::members::Members;
#[cfg(feature = "templates")]
use super::members::keep_last;
use super::number::Number;

/// A JSON value, or a document read from XML in the same shape.
///
/// ```
/// use cannery::model::Json;
///
/// let json = Json::parse(br#"{"b": 1, "a": [true, null]}"#).unwrap();
/// assert_eq!(json.to_string(), r#"{"b":1,"a":[true,null]}"#);
/// assert!(json.same(&Json::parse(br#"{"a": [true, null], "b": 1.0}"#).unwrap()));
/// ```
#[derive(Debug, Clone, PartialEq, Default, Hash)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// A list.
    Array(Vec<Json>),
    /// Members in the order in which they were written. Each name occurs once.
    Object(Vec<(String, Json)>),
}

/// The error if a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonFault {
    /// What is wrong, without the position.
    pub message: String,
    /// Counted from 1; 0 if it is not known.
    pub line: usize,
    /// In bytes, counted from 1; 0 if it is not known.
    pub column: usize,
}

impl std::error::Error for JsonFault {}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.message, self.line, self.column)
    }
}

impl Json {
    /// Returns the member of an object with this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Sets a member of an object: at its position if it exists, else at the end.
    ///
    /// Has no effect on a value that is not an object.
    pub fn set(&mut self, name: &str, value: Json) {
        if let Json::Object(members) = self {
            match members.iter_mut().find(|(key, _)| key == name) {
                Some((_, old)) => *old = value,
                None => members.push((name.to_owned(), value)),
            }
        }
    }

    /// Makes an object of members. If a name occurs twice, the last value counts, at the position of the first.
    #[cfg(feature = "templates")]
    pub(crate) fn from_members(members: Vec<(String, Json)>) -> Json {
        Json::Object(keep_last(members))
    }

    /// Returns the text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the narrowest type of the value: a whole number is an integer.
    pub fn json_type(&self) -> JsonType {
        match self {
            Json::Null => JsonType::Null,
            Json::Bool(_) => JsonType::Boolean,
            Json::Number(number) if number.is_whole() => JsonType::Integer,
            Json::Number(_) => JsonType::Number,
            Json::String(_) => JsonType::String,
            Json::Array(_) => JsonType::Array,
            Json::Object(_) => JsonType::Object,
        }
    }

    /// Returns whether two values are equal. The order of members does not matter, and 1 equals 1.0.
    pub fn same(&self, other: &Json) -> bool {
        if !spend(1) {
            return false;
        }
        match (self, other) {
            (Json::Number(a), Json::Number(b)) => a.same(b),
            (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Json::Object(a), Json::Object(b)) => {
                let b = Members::new(b);
                a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| value.same(other)))
            }
            _ => self == other,
        }
    }

    /// Returns whether this contains all of `part`: objects may have more members, a list contains the other one as a
    /// subsequence, and scalars are equal.
    pub fn includes(&self, part: &Json) -> bool {
        if !spend(1) {
            return false;
        }
        match (self, part) {
            (Json::Object(whole), Json::Object(part)) => {
                let whole = Members::new(whole);
                part.iter().all(|(name, value)| whole.get(name).is_some_and(|other| other.includes(value)))
            }
            // The earliest fit of each item leaves the most room for the next, so a greedy search is enough.
            (Json::Array(whole), Json::Array(part)) => {
                let mut rest = whole.iter();
                part.iter().all(|wanted| rest.any(|item| item.includes(wanted)))
            }
            _ => self.same(part),
        }
    }

    /// Returns the number of values in it, itself included.
    pub(crate) fn nodes(&self) -> usize {
        match self {
            Json::Array(items) => 1 + items.iter().map(Json::nodes).sum::<usize>(),
            Json::Object(members) => 1 + members.iter().map(|(_, value)| value.nodes()).sum::<usize>(),
            _ => 1,
        }
    }

    /// Renders it on several lines, indented by two spaces for each level.
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).expect("a tree of our own always serialises")
    }

    /// Returns the value as one of `serde_json`, for libraries that need it.
    ///
    /// `serde_json` keeps whole numbers of 64 bits. A whole number beyond them becomes the nearest double, as it does
    /// when `serde_json` reads it.
    pub fn to_serde(&self) -> serde_json::Value {
        match self {
            Json::Number(Number::Integer(integer)) if !fits_64_bits(*integer) => {
                serde_json::Number::from_f64(*integer as f64).map_or(serde_json::Value::Null, Into::into)
            }
            Json::Array(items) => items.iter().map(Json::to_serde).collect(),
            Json::Object(members) => members.iter().map(|(name, value)| (name.clone(), value.to_serde())).collect(),
            leaf => serde_json::to_value(leaf).expect("every value of 64 bits is a value of serde_json"),
        }
    }

    /// Converts a value of `serde_json`.
    pub fn from_serde(value: &serde_json::Value) -> Json {
        Json::deserialize(value).expect("every value of serde_json is JSON")
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::String(text)
    }
}

impl From<bool> for Json {
    fn from(truth: bool) -> Json {
        Json::Bool(truth)
    }
}

impl From<i32> for Json {
    fn from(integer: i32) -> Json {
        Json::Number(Number::from(i64::from(integer)))
    }
}

impl From<i64> for Json {
    fn from(integer: i64) -> Json {
        Json::Number(Number::from(integer))
    }
}

impl From<usize> for Json {
    fn from(count: usize) -> Json {
        Json::Number(Number::from(count))
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Json {
        Json::Array(items)
    }
}

impl<const N: usize> From<[(&str, Json); N]> for Json {
    /// Makes an object of these members.
    fn from(members: [(&str, Json); N]) -> Json {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

fn fits_64_bits(integer: i128) -> bool {
    i64::try_from(integer).is_ok() || u64::try_from(integer).is_ok()
}

impl fmt::Display for Json {
    /// Compact JSON text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).expect("a tree of our own always serialises");
        f.write_str(&text)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(truth) => serializer.serialize_bool(*truth),
            Json::Number(Number::Float(float)) => serializer.serialize_f64(*float),
            Json::Number(Number::Integer(integer)) => match (i64::try_from(*integer), u64::try_from(*integer)) {
                (Ok(signed), _) => serializer.serialize_i64(signed),
                (_, Ok(unsigned)) => serializer.serialize_u64(unsigned),
                // JSON has whole numbers of any length, and the writer of JSON text writes all digits.
                _ => serializer.serialize_i128(*integer),
            },
            Json::String(text) => serializer.serialize_str(text),
            Json::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Json::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).expect(text)
    }

    #[test]
    fn members_keep_their_order_and_the_last_of_a_name_counts() {
        assert_eq!(json(r#"{"z":1,"a":2,"z":3}"#).to_string(), r#"{"z":3,"a":2}"#);
    }

    #[test]
    fn so_it_is_among_many_members() {
        let many: Vec<String> = (0..100).map(|n| format!("\"{}\":{n}", n % 60)).collect();
        let read = json(&format!("{{{}}}", many.join(",")));

        let expected = (0..60).map(|n| (n.to_string(), Json::from(if n < 40 { n + 60 } else { n })));
        assert_eq!(read, Json::Object(expected.collect()));
    }

    #[test]
    fn a_list_includes_its_subsequences_only() {
        let whole = json("[1,2,3]");

        assert!(whole.includes(&json("[1,3]")));
        assert!(whole.includes(&json("[]")));
        assert!(!whole.includes(&json("[3,1]")));
        assert!(!whole.includes(&json("[2,2]")));
    }

    #[test]
    fn an_object_includes_fewer_members_at_any_depth() {
        let whole = json(r#"{"a":{"b":1,"c":[{"d":1,"e":2}]},"f":null}"#);

        assert!(whole.includes(&json(r#"{"a":{"c":[{"e":2.0}]}}"#)));
        assert!(!whole.includes(&json(r#"{"a":{"c":[{"e":3}]}}"#)));
        assert!(!whole.includes(&json(r#"{"g":null}"#)));
    }

    #[test]
    fn what_is_not_json_says_where() {
        let fault = Json::parse(b"{\n  \"a\": }").expect_err("not JSON");

        assert_eq!((fault.line, fault.column), (2, 8));
        assert_eq!(fault.message, "expected value");
    }

    #[test]
    fn a_whole_number_beyond_64_bits_is_written_with_all_of_its_digits() {
        let wide = Json::Array(vec![Json::Number(Number::Integer(i128::MAX)), Json::Number(Number::Integer(1 << 64))]);

        assert_eq!(wide.to_string(), "[170141183460469231731687303715884105727,18446744073709551616]");
        assert_eq!(wide.pretty(), "[\n  170141183460469231731687303715884105727,\n  18446744073709551616\n]");
        assert_eq!(wide.to_serde()[1], serde_json::json!(18_446_744_073_709_551_616.0));
    }

    #[test]
    fn nesting_is_limited() {
        assert!(Json::parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
