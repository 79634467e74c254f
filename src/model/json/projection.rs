//! What is asked for of a JSON value.
//!
//! A tree is the dearest thing that matching makes, and most conditions ask about a few members. The text is read whole all
//! the same, so that what is not JSON is found out in the same words; but what nobody asks for is passed over.

use super::value::Json;

/// What is asked for of a JSON value.
///
/// ```
/// use cannery::model::{Json, Projection};
///
/// let text = br#"{"id": 7, "lines": [1, 2, 3], "to": {"city": "London", "street": "12 St James Square"}}"#;
/// let part = Json::parse(br#"{"to": {"city": "London"}}"#).unwrap();
///
/// let read = Projection::to_include(&part).read(text).unwrap();
/// assert_eq!(read, part);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// All of it.
    Whole,
    /// Of an object these members, of a list nothing; of anything else all.
    Members(Vec<(String, Projection)>),
}

/// Where more members of one object are asked for, to look for each costs more than to keep all.
const MOST_MEMBERS: usize = 32;

impl Projection {
    /// Nothing but what kind of value it is.
    pub const NOTHING: Projection = Projection::Members(Vec::new());

    /// What [`Json::includes`] looks at.
    pub fn to_include(part: &Json) -> Projection {
        match part {
            Json::Object(members) if members.len() <= MOST_MEMBERS => Projection::Members(
                members.iter().map(|(name, value)| (name.clone(), Projection::to_include(value))).collect(),
            ),
            _ => Projection::Whole,
        }
    }

    /// A member of what is asked for, under its name.
    #[must_use]
    pub fn below(self, name: &str) -> Projection {
        Projection::Members(vec![(name.to_owned(), self)])
    }

    /// What several ask for together; `None` where there are none.
    pub fn union_of(projections: impl Iterator<Item = Projection>) -> Option<Projection> {
        projections.reduce(|mut all, more| {
            all.add(&more);
            all
        })
    }

    /// What another asks for too.
    pub fn add(&mut self, other: &Projection) {
        match (&mut *self, other) {
            (Projection::Whole, _) => {}
            (_, Projection::Whole) => *self = Projection::Whole,
            (Projection::Members(members), Projection::Members(more)) => {
                for (name, projection) in more {
                    match members.iter().position(|(known, _)| known == name) {
                        Some(place) => members[place].1.add(projection),
                        None if members.len() < MOST_MEMBERS => members.push((name.clone(), projection.clone())),
                        None => {
                            *self = Projection::Whole;
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Whether what was read for this is enough for another.
    pub fn covers(&self, other: &Projection) -> bool {
        match (self, other) {
            (Projection::Whole, _) => true,
            (_, Projection::Whole) => false,
            (Projection::Members(_), Projection::Members(members)) => members
                .iter()
                .all(|(name, projection)| self.member(name.as_bytes()).is_some_and(|known| known.covers(projection))),
        }
    }

    #[inline]
    pub(super) fn member(&self, name: &[u8]) -> Option<&Projection> {
        match self {
            Projection::Whole => Some(&Projection::Whole),
            Projection::Members(members) => {
                // The first byte tells most of as many bytes apart, which saves calls.
                let is = |known: &[u8]| known.len() == name.len() && known.first() == name.first() && known == name;
                members.iter().find(|(known, _)| is(known.as_bytes())).map(|(_, projection)| projection)
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
        let mut one_by_one = Projection::NOTHING;
        (0..MOST_MEMBERS).for_each(|n| one_by_one.add(&Projection::Whole.below(&n.to_string())));

        assert_eq!(one_by_one, Projection::to_include(&many(MOST_MEMBERS)));
        one_by_one.add(&Projection::Whole.below("one more"));
        assert_eq!(one_by_one, Projection::Whole);
        assert_eq!(Projection::to_include(&many(MOST_MEMBERS + 1)), Projection::Whole);
    }
}
