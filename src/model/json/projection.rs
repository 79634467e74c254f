//! The part of a JSON value that is needed.
//!
//! Building a tree is the most expensive part of matching, and most conditions need few members. The whole text is still
//! checked, so that an error is reported in the same words. Values that are not needed are skipped.

use super::value::Json;

/// The part of a JSON value that is needed.
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
    /// These members of an object, and no items of a list; scalars are kept.
    Members(Vec<(String, Projection)>),
}

/// If more members of one object are needed, all are kept, because looking up each name costs more.
const MAX_MEMBERS: usize = 32;

impl Projection {
    /// Only the kind of the value.
    pub const NOTHING: Projection = Projection::Members(Vec::new());

    /// Returns what [`Json::includes`] needs.
    pub fn to_include(part: &Json) -> Projection {
        match part {
            Json::Object(members) if members.len() <= MAX_MEMBERS => Projection::Members(
                members.iter().map(|(name, value)| (name.clone(), Projection::to_include(value))).collect(),
            ),
            _ => Projection::Whole,
        }
    }

    /// Puts the projection below a member with this name.
    #[must_use]
    pub fn below(self, name: &str) -> Projection {
        Projection::Members(vec![(name.to_owned(), self)])
    }

    /// Returns what several projections need together; `None` if there are none.
    pub fn union_of(projections: impl Iterator<Item = Projection>) -> Option<Projection> {
        projections.reduce(|mut all, more| {
            all.add(&more);
            all
        })
    }

    /// Adds what another projection needs.
    pub fn add(&mut self, other: &Projection) {
        match (&mut *self, other) {
            (Projection::Whole, _) => {}
            (_, Projection::Whole) => *self = Projection::Whole,
            (Projection::Members(members), Projection::Members(more)) => {
                for (name, projection) in more {
                    match members.iter().position(|(known, _)| known == name) {
                        Some(place) => members[place].1.add(projection),
                        None if members.len() < MAX_MEMBERS => members.push((name.clone(), projection.clone())),
                        None => {
                            *self = Projection::Whole;
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Returns whether what was read for this projection is enough for another.
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
                // Comparing the first byte first saves most calls.
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
        (0..MAX_MEMBERS).for_each(|n| one_by_one.add(&Projection::Whole.below(&n.to_string())));

        assert_eq!(one_by_one, Projection::to_include(&many(MAX_MEMBERS)));
        one_by_one.add(&Projection::Whole.below("one more"));
        assert_eq!(one_by_one, Projection::Whole);
        assert_eq!(Projection::to_include(&many(MAX_MEMBERS + 1)), Projection::Whole);
    }
}
