//! What is asked for of a JSON value.
//!
//! A tree is the dearest thing that matching makes, and most conditions ask about a few members. The text is read whole all
//! the same, so that what is not JSON is found out in the same words; but what nobody asks for is passed over.

use super::{Json, JsonFault, json_reader, json_serde};

impl Json {
    /// Reads one JSON value (RFC 8259) and nothing after it.
    ///
    /// # Errors
    /// Where the text is not JSON, or nests deeper than 128 levels.
    pub fn parse(text: &[u8]) -> Result<Json, JsonFault> {
        Wanted::Whole.read(text)
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
            (Wanted::Members(_), Wanted::Members(members)) => members
                .iter()
                .all(|(name, wanted)| self.member(name.as_bytes()).is_some_and(|known| known.covers(wanted))),
        }
    }

    /// Reads a text as [`Json::parse`] does, and keeps of it what is asked for.
    ///
    /// # Errors
    /// Those of [`Json::parse`].
    pub fn read(&self, text: &[u8]) -> Result<Json, JsonFault> {
        json_reader::read(text, self).map_or_else(|| json_serde::read(text, self), Ok)
    }

    #[inline]
    pub(super) fn member(&self, name: &[u8]) -> Option<&Wanted> {
        match self {
            Wanted::Whole => Some(&Wanted::Whole),
            Wanted::Members(members) => {
                // The first byte tells most of as many bytes apart, which saves calls.
                let is = |known: &[u8]| known.len() == name.len() && known.first() == name.first() && known == name;
                members.iter().find(|(known, _)| is(known.as_bytes())).map(|(_, wanted)| wanted)
            }
        }
    }
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
