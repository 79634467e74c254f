//! Reads JSON by `serde_json`: any text, and the reason if it is not JSON.

use std::fmt;

use serde_core::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::members::keep_last;
use super::number::Number;
use super::projection::Projection;
use super::value::{Json, JsonFault};

/// Reads one JSON value and nothing after it, and keeps only the needed values.
pub(super) fn read(text: &[u8], projection: &Projection) -> Result<Json, JsonFault> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = projection.deserialize(&mut deserializer).and_then(|json| deserializer.end().map(|()| json));
    read.map_err(|error| fault_of(&error))
}

impl<'de> DeserializeSeed<'de> for &Projection {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        Projection::Whole.deserialize(deserializer)
    }
}

impl<'de> Visitor<'de> for &Projection {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Json, E> {
        Ok(Json::Bool(truth))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Json, E> {
        Ok(Json::Number(Number::Integer(integer.into())))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Json, E> {
        Ok(Json::Number(Number::Integer(integer.into())))
    }

    fn visit_f64<E: serde_core::de::Error>(self, float: f64) -> Result<Json, E> {
        finite(float).map(|float| Json::Number(Number::Float(float)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        match self {
            Projection::Whole => {
                let mut next = items.next_element_seed(self)?;
                while let Some(item) = next {
                    next = items.next_element_seed(self)?;
                    add(&mut list, item, next.is_none());
                }
            }
            Projection::Members(_) => while items.next_element_seed(IgnoreValue)?.is_some() {},
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key_seed(MemberName(self))? {
            match name {
                Member::Kept(name, projection) => members.push((name, map.next_value_seed(projection)?)),
                Member::Skipped => map.next_value_seed(IgnoreValue)?,
                Member::NumberDigits => match map.next_value()? {
                    Json::String(digits) => return number(&digits).map(Json::Number),
                    value if *self == Projection::Whole => members.push((ARBITRARY_PRECISION_KEY.to_owned(), value)),
                    _ => {}
                },
            }
        }
        Ok(Json::Object(keep_last(members)))
    }
}

/// The name of the one member as which `serde_json` passes a number if some crate in the build has turned on its feature
/// `arbitrary_precision`.
pub(super) const ARBITRARY_PRECISION_KEY: &str = "$serde_json::private::Number";

/// Parses a number that `serde_json` passes as digits.
fn number<E: serde_core::de::Error>(digits: &str) -> Result<Number, E> {
    Number::parse(digits).ok_or_else(|| E::custom("a number out of range"))
}

fn finite<E: serde_core::de::Error>(float: f64) -> Result<f64, E> {
    if float.is_finite() {
        Ok(float)
    } else {
        Err(E::custom("a number out of range"))
    }
}

/// Reads the name of a member of an object of which this projection is kept.
struct MemberName<'p>(&'p Projection);

enum Member<'p> {
    Kept(String, &'p Projection),
    Skipped,
    /// The member is a number as digits.
    NumberDigits,
}

impl<'de, 'p> DeserializeSeed<'de> for MemberName<'p> {
    type Value = Member<'p>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member<'p>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for MemberName<'p> {
    type Value = Member<'p>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member<'p>, E> {
        if name == ARBITRARY_PRECISION_KEY {
            return Ok(Member::NumberDigits);
        }
        Ok(self
            .0
            .member(name.as_bytes())
            .map_or(Member::Skipped, |projection| Member::Kept(name.to_owned(), projection)))
    }
}

/// Reads a value and keeps nothing of it. [`serde_core::de::IgnoredAny`] would not check what it skips, and would accept text
/// that is not JSON.
struct IgnoreValue;

impl<'de> DeserializeSeed<'de> for IgnoreValue {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for IgnoreValue {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: serde_core::de::Error>(self, float: f64) -> Result<(), E> {
        finite(float).map(|_| ())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(IgnoreValue)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(MemberName(&Projection::NOTHING))? {
            match name {
                Member::NumberDigits => {
                    if let Json::String(digits) = map.next_value()? {
                        return number(&digits).map(|_| ());
                    }
                }
                _ => map.next_value_seed(IgnoreValue)?,
            }
        }
        Ok(())
    }
}

/// Adds a value to a list. A single value gets no room for three more, as a list reserves by default: a body of nothing but
/// such lists would take several times the memory.
#[inline]
pub(super) fn add<T>(values: &mut Vec<T>, value: T, is_last: bool) {
    if is_last && values.is_empty() {
        values.reserve_exact(1);
    }
    values.push(value);
}

fn fault_of(error: &serde_json::Error) -> JsonFault {
    let whole = error.to_string();
    let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
    JsonFault { message: message.to_owned(), line: error.line(), column: error.column() }
}
