//! What templates work on: values out of the request, out of the template, and those that helpers make.

use std::borrow::Cow;

use crate::budget::Exceeded;
use crate::model::{Json, Number};

use super::super::charge;
use super::super::fault::quoted;
use super::super::node::leaf_text;
use super::failure::Failure;

/// A value; what is absent has none.
#[derive(Debug, Clone)]
pub(super) enum Value<'v> {
    Text(Cow<'v, str>),
    /// Anything but a string.
    Json(Cow<'v, Json>),
}

/// What a path leads to or a helper yields; `None` if it is absent, such as a place that a list does not have.
pub(super) type Outcome<'v> = Result<Option<Value<'v>>, Failure>;

impl<'v> Value<'v> {
    pub(super) fn of(json: &'v Json) -> Value<'v> {
        match json {
            Json::String(text) => Value::Text(Cow::Borrowed(text)),
            other => Value::Json(Cow::Borrowed(other)),
        }
    }

    pub(super) fn made(json: impl Into<Json>) -> Value<'static> {
        match json.into() {
            Json::String(text) => Value::Text(Cow::Owned(text)),
            other => Value::Json(Cow::Owned(other)),
        }
    }

    /// As text; numbers and booleans as JSON writes them, null as nothing. Lists and objects are no text.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Json(json) => leaf_text(json),
        }
    }

    /// For a complaint about its kind.
    pub(super) fn described(&self) -> String {
        match &*self.json() {
            Json::Array(_) => "a list".to_owned(),
            Json::Object(_) => "an object".to_owned(),
            other => quoted(&leaf_text(other).unwrap_or_default()),
        }
    }

    /// A number, or text that reads as one.
    pub(super) fn number(&self) -> Option<Number> {
        match self {
            Value::Text(text) => Number::parse(text),
            Value::Json(json) => match **json {
                Json::Number(number) => Some(number),
                _ => None,
            },
        }
    }

    /// Whether it counts as true: anything but 0, `""`, null, false and an empty list.
    pub(super) fn is_truthy(&self) -> bool {
        match self {
            Value::Text(text) => !text.is_empty(),
            Value::Json(json) => match &**json {
                Json::Null => false,
                Json::Bool(truth) => *truth,
                Json::Number(_) => !self.is_zero(),
                Json::Array(items) => !items.is_empty(),
                Json::String(_) | Json::Object(_) => true,
            },
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        matches!(self, Value::Json(json) if matches!(&**json, Json::Number(number) if number.same(&Number::Integer(0))))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Value::Json(json) if **json == Json::Null)
    }

    /// As JSON.
    pub(super) fn json(&self) -> Cow<'_, Json> {
        match self {
            Value::Text(text) => Cow::Owned(Json::from(&**text)),
            Value::Json(json) => Cow::Borrowed(json),
        }
    }

    /// The items, where it is a list.
    pub(super) fn items(&self) -> Option<&[Json]> {
        match self {
            Value::Json(json) => match &**json {
                Json::Array(items) => Some(items),
                _ => None,
            },
            Value::Text(_) => None,
        }
    }

    /// Returns what a path from here leads to, without a copy.
    pub(super) fn at<'s>(&'s self, way: &[String]) -> Result<Option<Value<'s>>, Exceeded> {
        match self {
            Value::Text(text) if way.is_empty() => Ok(Some(Value::Text(Cow::Borrowed(text)))),
            Value::Text(_) => Ok(None),
            Value::Json(json) => Ok(at_way(json, way)?.map(Value::of)),
        }
    }

    /// Returns what a path from here leads to. A value that a helper made is copied, and the copy is charged.
    pub(super) fn follow(&self, way: &[String]) -> Result<Option<Value<'v>>, Exceeded> {
        match self {
            _ if way.is_empty() => self.copied().map(Some),
            Value::Text(_) => Ok(None),
            Value::Json(Cow::Borrowed(json)) => Ok(at_way(json, way)?.map(Value::of)),
            Value::Json(Cow::Owned(json)) => match at_way(json, way)? {
                Some(found) => Value::of(found).owned().map(Some),
                None => Ok(None),
            },
        }
    }

    /// Returns what a path leads to in a value that is of no further use.
    pub(super) fn into_follow(self, way: &[String]) -> Result<Option<Value<'v>>, Exceeded> {
        match self {
            value if way.is_empty() => Ok(Some(value)),
            Value::Json(Cow::Owned(json)) => Ok(take_way(json, way)?.map(Value::made)),
            other => other.follow(way),
        }
    }

    /// Returns the value once more. What is borrowed is borrowed again; a copy of anything else is charged.
    pub(super) fn copied(&self) -> Result<Value<'v>, Exceeded> {
        match self {
            Value::Text(Cow::Borrowed(text)) => Ok(Value::Text(Cow::Borrowed(text))),
            Value::Json(Cow::Borrowed(json)) => Ok(Value::Json(Cow::Borrowed(json))),
            owned => owned.owned(),
        }
    }

    /// Returns a copy that borrows nothing, which is charged.
    pub(super) fn owned(&self) -> Result<Value<'static>, Exceeded> {
        match self {
            Value::Text(text) => {
                charge::text(text)?;
                Ok(Value::Text(Cow::Owned(text.clone().into_owned())))
            }
            Value::Json(json) => {
                charge::copy(json)?;
                Ok(Value::Json(Cow::Owned(json.clone().into_owned())))
            }
        }
    }

    /// Returns the value as JSON of its own, which is charged.
    pub(super) fn into_json(self) -> Result<Json, Exceeded> {
        match self {
            Value::Text(Cow::Owned(text)) => Ok(Json::String(text)),
            Value::Json(Cow::Owned(json)) => Ok(json),
            borrowed => borrowed.owned()?.into_json(),
        }
    }
}

/// The value that a way leads to: members by their names, items by their places.
pub(super) fn at_way<'j>(root: &'j Json, way: &[String]) -> Result<Option<&'j Json>, Exceeded> {
    let mut at = root;
    for step in way {
        let next = match at {
            Json::Array(items) => step.parse().ok().and_then(|place: usize| items.get(place)),
            Json::Object(members) => place_of(members, step)?.map(|place| &members[place].1),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// As [`at_way`], out of a value that is of no further use.
fn take_way(root: Json, way: &[String]) -> Result<Option<Json>, Exceeded> {
    let mut at = root;
    for step in way {
        let next = match at {
            Json::Array(mut items) => {
                step.parse().ok().filter(|place| *place < items.len()).map(|place| items.swap_remove(place))
            }
            Json::Object(mut members) => place_of(&members, step)?.map(|place| members.swap_remove(place).1),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// Where a member is; each that is looked at is a step.
fn place_of(members: &[(String, Json)], name: &str) -> Result<Option<usize>, Exceeded> {
    let place = members.iter().position(|(known, _)| known == name);
    charge::steps(1 + place.unwrap_or(members.len()))?;
    Ok(place)
}
