//! What is asked for of a JSON value.
//!
//! A tree is the dearest thing that matching makes, and most conditions ask about a few members. The text is read whole all
//! the same, so that what is not JSON is found out in the same words; but what nobody asks for is passed over.

use super::value::Json;

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
    use super::*;

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
}
