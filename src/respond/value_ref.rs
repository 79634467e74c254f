//! A common view of constant and rendered values, for writers.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::model::Json;

use super::rendered_value::{Member, MemberName, RenderedValue};

/// A reference to a value that is being written.
#[derive(Debug, Clone, Copy)]
pub(super) enum ValueRef<'v> {
    Json(&'v Json),
    Text(&'v str),
    Array(&'v [RenderedValue<'v>]),
    Object(&'v [Member<'v>]),
}

/// The name of an XML element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'v> {
    pub(super) name: &'v str,
    /// Whether an element can have this name, for any declared prefixes.
    pub(super) names_element: bool,
}

impl<'v> Tag<'v> {
    /// Returns a name that has not been checked yet.
    pub(super) fn new(name: &'v str) -> Tag<'v> {
        Tag { name, names_element: false }
    }
}

/// Most objects have at most this many members, for which no heap memory is needed.
pub(super) type Members<'v> = SmallVec<[(Tag<'v>, ValueRef<'v>); 8]>;

impl<'v> From<&'v Json> for ValueRef<'v> {
    fn from(json: &'v Json) -> ValueRef<'v> {
        ValueRef::Json(json)
    }
}

impl<'v> From<&'v RenderedValue<'v>> for ValueRef<'v> {
    fn from(rendered: &'v RenderedValue<'v>) -> ValueRef<'v> {
        match rendered {
            RenderedValue::Constant(fixed) => ValueRef::Json(fixed.json()),
            RenderedValue::Part(json) => ValueRef::Json(json),
            RenderedValue::Converted(json) => ValueRef::Json(json),
            RenderedValue::Text(text) => ValueRef::Text(text),
            RenderedValue::Array(items) => ValueRef::Array(items),
            RenderedValue::Object(members) => ValueRef::Object(members),
        }
    }
}

impl<'v> ValueRef<'v> {
    pub(super) fn is_null(self) -> bool {
        matches!(self, ValueRef::Json(Json::Null))
    }

    /// Returns the items if it is a list.
    pub(super) fn items(self) -> Option<impl ExactSizeIterator<Item = ValueRef<'v>>> {
        let (stored, rendered): (&[Json], &[RenderedValue<'_>]) = match self {
            ValueRef::Json(Json::Array(items)) => (items, &[]),
            ValueRef::Array(items) => (&[], items),
            _ => return None,
        };
        let item = move |place| match stored.get(place) {
            Some(json) => ValueRef::from(json),
            None => ValueRef::from(&rendered[place]),
        };
        Some((0..stored.len() + rendered.len()).map(item))
    }

    /// Adds the members in order. Returns whether it is an object.
    pub(super) fn members(self, into: &mut Members<'v>) -> bool {
        match self {
            ValueRef::Json(Json::Object(members)) => {
                into.extend(members.iter().map(|(name, value)| (Tag::new(name), ValueRef::from(value))));
                true
            }
            ValueRef::Object(members) => {
                let tag = |member: &'v Member<'v>| {
                    let names_element = member.known.is_some_and(MemberName::names_element);
                    Tag { name: &member.name, names_element }
                };
                into.extend(members.iter().map(|member| (tag(member), ValueRef::from(&member.value))));
                true
            }
            _ => false,
        }
    }

    /// Returns the text of a value that is neither a list nor an object.
    pub(super) fn leaf(self) -> Option<Cow<'v, str>> {
        match self {
            ValueRef::Text(text) => Some(Cow::Borrowed(text)),
            ValueRef::Json(json) => leaf_text(json),
            ValueRef::Array(_) | ValueRef::Object(_) => None,
        }
    }
}

/// Returns the text of a value that is neither a list nor an object.
pub(super) fn leaf_text(json: &Json) -> Option<Cow<'_, str>> {
    match json {
        Json::Null => Some(Cow::Borrowed("")),
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Json::Number(_) => Some(Cow::Owned(json.to_string())),
        Json::Array(_) | Json::Object(_) => None,
    }
}
