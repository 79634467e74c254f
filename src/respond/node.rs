//! A value as a writer sees it, whether it stands in a tree or was just put together.

use std::borrow::Cow;

use crate::model::Json;

use super::rendered::{Member, Rendered};

/// A value, for as long as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node<'v> {
    Json(&'v Json),
    Text(&'v str),
    Array(&'v [Rendered<'v>]),
    Object(&'v [Member<'v>]),
}

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

    /// The members in order, where it is an object.
    pub(super) fn members(self) -> Option<Vec<(&'v str, Node<'v>)>> {
        match self {
            Node::Json(Json::Object(members)) => {
                Some(members.iter().map(|(name, value)| (name.as_str(), Node::from(value))).collect())
            }
            Node::Object(members) => {
                Some(members.iter().map(|member| (&*member.name, Node::from(&member.value))).collect())
            }
            _ => None,
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
