//! Reads JSON text, whole or no more of it than is asked for.
//!
//! A tree is the dearest thing that matching makes, and most conditions ask about a few members. The text is read whole all
//! the same, so that what is not JSON is found out in the same words; but what nobody asks for is passed over.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_core::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::json::SCANNED;
use super::{Json, JsonFault, Number};

impl Json {
    /// Reads one JSON value (RFC 8259) and nothing after it.
    ///
    /// # Errors
    /// Where the text is not JSON, or nests deeper than 128 levels.
    pub fn parse(text: &[u8]) -> Result<Json, JsonFault> {
        serde_json::from_slice(text).map_err(|error| fault_of(&error))
    }
}

/// What is asked for of a JSON value.
///
/// ```
/// use cannery::model::{Json, Wanted};
///
/// let text = br#"{"id": 7, "lines": [1, 2, 3], "to": {"city": "London", "street": "12 St James Square"}}"#;
/// let part = Json::parse(br#"{"to": {"city": "London"}}"#).unwrap();
///
/// let read = Wanted::to_include(&part).read(text).unwrap();
/// assert_eq!(read, part);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// Of an object these members, of a list nothing; of anything else all.
    Members(Vec<(String, Wanted)>),
}

/// Where more members of one object are asked for, to look for each costs more than to keep all.
const MOST_MEMBERS: usize = 32;

impl Wanted {
    /// Nothing but what kind of value it is.
    pub const NOTHING: Wanted = Wanted::Members(Vec::new());

    /// What [`Json::includes`] looks at.
    pub fn to_include(part: &Json) -> Wanted {
        match part {
            Json::Object(members) if members.len() <= MOST_MEMBERS => {
                Wanted::Members(members.iter().map(|(name, value)| (name.clone(), Wanted::to_include(value))).collect())
            }
            _ => Wanted::Whole,
        }
    }

    /// A member of what is asked for, under its name.
    #[must_use]
    pub fn below(self, name: &str) -> Wanted {
        Wanted::Members(vec![(name.to_owned(), self)])
    }

    /// What several ask for together; `None` where there are none.
    pub fn by_all(wanted: impl Iterator<Item = Wanted>) -> Option<Wanted> {
        wanted.reduce(|mut all, more| {
            all.add(&more);
            all
        })
    }

    /// What another asks for too.
    pub fn add(&mut self, other: &Wanted) {
        match (&mut *self, other) {
            (Wanted::Whole, _) => {}
            (_, Wanted::Whole) => *self = Wanted::Whole,
            (Wanted::Members(members), Wanted::Members(more)) => {
                for (name, wanted) in more {
                    match members.iter().position(|(known, _)| known == name) {
                        Some(place) => members[place].1.add(wanted),
                        None if members.len() < MOST_MEMBERS => members.push((name.clone(), wanted.clone())),
                        None => {
                            *self = Wanted::Whole;
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Whether what was read for this is enough for another.
    pub fn covers(&self, other: &Wanted) -> bool {
        match (self, other) {
            (Wanted::Whole, _) => true,
            (_, Wanted::Whole) => false,
            (Wanted::Members(_), Wanted::Members(members)) => {
                members.iter().all(|(name, wanted)| self.member(name).is_some_and(|known| known.covers(wanted)))
            }
        }
    }

    /// Reads a text as [`Json::parse`] does, and keeps of it what is asked for.
    ///
    /// # Errors
    /// Those of [`Json::parse`].
    pub fn read(&self, text: &[u8]) -> Result<Json, JsonFault> {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        let read = self.deserialize(&mut deserializer).and_then(|json| deserializer.end().map(|()| json));
        read.map_err(|error| fault_of(&error))
    }

    fn member(&self, name: &str) -> Option<&Wanted> {
        match self {
            Wanted::Whole => Some(&Wanted::Whole),
            Wanted::Members(members) => members.iter().find(|(known, _)| known == name).map(|(_, wanted)| wanted),
        }
    }
}

impl<'de> DeserializeSeed<'de> for &Wanted {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        Wanted::Whole.deserialize(deserializer)
    }
}

impl<'de> Visitor<'de> for &Wanted {
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
            Wanted::Whole => {
                while let Some(item) = items.next_element_seed(self)? {
                    list.push(item);
                }
            }
            Wanted::Members(_) => while items.next_element_seed(PassOver)?.is_some() {},
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key_seed(NameOf(self))? {
            match name {
                Name::Wanted(name, wanted) => members.push((name, map.next_value_seed(wanted)?)),
                Name::Unwanted => map.next_value_seed(PassOver)?,
                Name::OfNumber => match map.next_value()? {
                    Json::String(digits) => return number(&digits).map(Json::Number),
                    value if *self == Wanted::Whole => members.push((NUMBER_IN_A_MAP.to_owned(), value)),
                    _ => {}
                },
            }
        }
        Ok(Json::Object(keep_last(members)))
    }
}

/// The one member under which `serde_json` hands over a number when somebody in the build has turned on its
/// feature `arbitrary_precision`.
const NUMBER_IN_A_MAP: &str = "$serde_json::private::Number";

/// A number that `serde_json` hands over by its digits.
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

/// The name of a member of an object of which this is asked for.
struct NameOf<'w>(&'w Wanted);

enum Name<'w> {
    Wanted(String, &'w Wanted),
    Unwanted,
    /// That of a number by its digits.
    OfNumber,
}

impl<'de, 'w> DeserializeSeed<'de> for NameOf<'w> {
    type Value = Name<'w>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name<'w>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'w> Visitor<'_> for NameOf<'w> {
    type Value = Name<'w>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'w>, E> {
        if name == NUMBER_IN_A_MAP {
            return Ok(Name::OfNumber);
        }
        Ok(self.0.member(name).map_or(Name::Unwanted, |wanted| Name::Wanted(name.to_owned(), wanted)))
    }
}

/// Reads a value as if it was kept, and keeps nothing of it: [`serde_core::de::IgnoredAny`] would not look at what it passes
/// over, and take for JSON what is none.
struct PassOver;

impl<'de> DeserializeSeed<'de> for PassOver {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PassOver {
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
        while items.next_element_seed(PassOver)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(NameOf(&Wanted::NOTHING))? {
            match name {
                Name::OfNumber => {
                    if let Json::String(digits) = map.next_value()? {
                        return number(&digits).map(|_| ());
                    }
                }
                _ => map.next_value_seed(PassOver)?,
            }
        }
        Ok(())
    }
}

/// Where a name stands twice the last value counts, in the first one's place.
fn keep_last(members: Vec<(String, Json)>) -> Vec<(String, Json)> {
    if are_distinct(&members) {
        return members;
    }
    let mut places: HashMap<String, usize> = HashMap::with_capacity(members.len());
    let mut kept: Vec<(String, Json)> = Vec::with_capacity(members.len());
    for (name, value) in members {
        match places.get(&name) {
            Some(&place) => kept[place].1 = value,
            None => {
                places.insert(name.clone(), kept.len());
                kept.push((name, value));
            }
        }
    }
    kept
}

fn are_distinct(members: &[(String, Json)]) -> bool {
    if members.len() <= SCANNED {
        return members
            .iter()
            .enumerate()
            .all(|(place, (name, _))| members[..place].iter().all(|(other, _)| other != name));
    }
    let mut names = HashSet::with_capacity(members.len());
    members.iter().all(|(name, _)| names.insert(name.as_str()))
}

fn fault_of(error: &serde_json::Error) -> JsonFault {
    let whole = error.to_string();
    let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
    JsonFault { message: message.to_owned(), line: error.line(), column: error.column() }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use proptest::sample::select;

    use super::*;

    /// Few names, so that what is asked for is often there, and sometimes twice.
    fn text() -> impl Strategy<Value = String> {
        let leaf = select(vec![
            "1",
            "1.0",
            "-2e3",
            "\"a\"",
            "\"\\u00e9\"",
            "true",
            "null",
            "\"x\\n\"",
            "18446744073709551615",
        ]);
        leaf.prop_map(str::to_owned).prop_recursive(4, 32, 4, |inner| {
            let member = (select(vec!["a", "b", "c", "\\u0061"]), inner.clone());
            prop_oneof![
                vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                vec(member, 0..4).prop_map(|members| {
                    let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                    format!("{{{}}}", members.join(", "))
                }),
            ]
        })
    }

    fn wanted() -> impl Strategy<Value = Wanted> {
        Just(Wanted::Whole).prop_recursive(3, 8, 3, |inner| {
            vec((select(vec!["a", "b", "c"]), inner), 0..3).prop_map(|members| {
                let mut all = Wanted::NOTHING;
                members.into_iter().for_each(|(name, wanted)| all.add(&wanted.below(name)));
                all
            })
        })
    }

    proptest! {
        #[test]
        fn what_includes_a_part_does_so_in_what_is_read_for_it(whole in text(), part in text()) {
            let (whole, part) = (whole.as_bytes(), Json::parse(part.as_bytes()).expect("JSON"));

            let read = Wanted::to_include(&part).read(whole).expect("JSON");

            assert_eq!(read.includes(&part), Json::parse(whole).expect("JSON").includes(&part));
        }

        #[test]
        fn what_is_read_for_two_serves_both(whole in text(), one in wanted(), part in text()) {
            let (whole, part) = (whole.as_bytes(), Json::parse(part.as_bytes()).expect("JSON"));
            let mut both = one.clone();
            both.add(&Wanted::to_include(&part));

            assert!(both.covers(&one) && both.covers(&Wanted::to_include(&part)));
            let read = both.read(whole).expect("JSON");
            assert_eq!(read.includes(&part), Json::parse(whole).expect("JSON").includes(&part));
        }

        #[test]
        fn what_is_not_json_is_told_in_the_same_words(
            text in text(), wanted in wanted(), at in any::<proptest::sample::Index>(),
            instead in select(vec!["", "}", "]", "\"", "\\", ",", "1e999", "\\ud800", "\u{1}", "[", ":", "nul", "0"]),
        ) {
            let mut broken = text.into_bytes();
            let at = at.index(broken.len());
            broken.splice(at..=at, instead.bytes());

            assert_eq!(wanted.read(&broken).err(), Json::parse(&broken).err());
        }

        #[test]
        fn bytes_that_are_not_text_are_told_too(text in text(), wanted in wanted(), at in any::<proptest::sample::Index>()) {
            let mut broken = text.into_bytes();
            let at = at.index(broken.len());
            broken[at] = 0xff;

            assert_eq!(wanted.read(&broken).err(), Json::parse(&broken).err());
        }
    }

    #[test]
    fn so_many_members_are_the_whole() {
        let many = |count| Json::Object((0..count).map(|n: usize| (n.to_string(), Json::Null)).collect());
        let mut one_by_one = Wanted::NOTHING;
        (0..MOST_MEMBERS).for_each(|n| one_by_one.add(&Wanted::Whole.below(&n.to_string())));

        assert_eq!(one_by_one, Wanted::to_include(&many(MOST_MEMBERS)));
        one_by_one.add(&Wanted::Whole.below("one more"));
        assert_eq!(one_by_one, Wanted::Whole);
        assert_eq!(Wanted::to_include(&many(MOST_MEMBERS + 1)), Wanted::Whole);
    }

    #[test]
    fn nesting_is_limited_where_nobody_looks_too() {
        let deep = format!("{{\"x\": {}{}}}", "[".repeat(200), "]".repeat(200));

        assert_eq!(Wanted::NOTHING.read(deep.as_bytes()).err(), Json::parse(deep.as_bytes()).err());
    }
}
