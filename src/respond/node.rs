//! A value as a writer sees it, whether it stands in a tree or was just put together.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::model::Json;

use super::rendered::{Member, Name, Rendered};

/// A value, for as long as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node<'v> {
    Json(&'v Json),
    Text(&'v str),
    Array(&'v [Rendered<'v>]),
    Object(&'v [Member<'v>]),
}

/// What an element of XML is to be called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'v> {
    pub(super) name: &'v str,
    /// Whether it is known that one can be called so, whatever prefixes are declared.
    pub(super) names_element: bool,
}

impl<'v> Tag<'v> {
    /// A name of which nothing is known.
    pub(super) fn of(name: &'v str) -> Tag<'v> {
        Tag { name, names_element: false }
    }
}

/// Most objects have no more members than need no memory.
pub(super) type Members<'v> = SmallVec<[(Tag<'v>, Node<'v>); 8]>;

impl<'v> From<&'v Json> for Node<'v> {
    fn from(json: &'v Json) -> Node<'v> {
        Node::Json(json)
    }
}

impl<'v> From<&'v Rendered<'v>> for Node<'v> {
    fn from(rendered: &'v Rendered<'v>) -> Node<'v> {
        match rendered {
            Rendered::Fixed(fixed) => Node::Json(fixed.json()),
            Rendered::Part(json) => Node::Json(json),
            Rendered::Made(json) => Node::Json(json),
            Rendered::Text(text) => Node::Text(text),
            Rendered::Array(items) => Node::Array(items),
            Rendered::Object(members) => Node::Object(members),
        }
    }
}

impl<'v> Node<'v> {
    pub(super) fn is_null(self) -> bool {
        matches!(self, Node::Json(Json::Null))
    }

    /// The items, where it is a list.
    pub(super) fn items(self) -> Option<impl ExactSizeIterator<Item = Node<'v>>> {
        let (stored, made): (&[Json], &[Rendered<'_>]) = match self {
            Node::Json(Json::Array(items)) => (items, &[]),
            Node::Array(items) => (&[], items),
            _ => return None,
        };
        let item = move |place| match stored.get(place) {
            Some(json) => Node::from(json),
            None => Node::from(&made[place]),
        };
        Some((0..stored.len() + made.len()).map(item))
    }

    /// Adds the members in order, where it is an object; whether it is one.
    pub(super) fn members(self, into: &mut Members<'v>) -> bool {
        match self {
            Node::Json(Json::Object(members)) => {
                into.extend(members.iter().map(|(name, value)| (Tag::of(name), Node::from(value))));
                true
            }
            Node::Object(members) => {
                let tag = |member: &'v Member<'v>| {
                    let names_element = member.known.is_some_and(Name::names_element);
                    Tag { name: &member.name, names_element }
                };
                into.extend(members.iter().map(|member| (tag(member), Node::from(&member.value))));
                true
            }
            _ => false,
        }
    }

    /// The text of a value that is neither list nor object.
    pub(super) fn leaf(self) -> Option<Cow<'v, str>> {
        match self {
            Node::Text(text) => Some(Cow::Borrowed(text)),
            Node::Json(json) => leaf_text(json),
            Node::Array(_) | Node::Object(_) => None,
        }
    }
}

/// The text of a value that is neither list nor object.
pub(super) fn leaf_text(json: &Json) -> Option<Cow<'_, str>> {
    match json {
        Json::Null => Some(Cow::Borrowed("")),
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Json::Number(_) => Some(Cow::Owned(json.to_string())),
        Json::Array(_) | Json::Object(_) => None,
    }
}
