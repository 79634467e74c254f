//! The values of templates: from the request, from literals, and from helpers.

use std::borrow::Cow;

use crate::budget::Exceeded;
use crate::model::{Json, Number};

use super::super::charge;
use super::super::fault::quoted;
use super::super::value_ref::leaf_text;
use super::failure::Failure;

/// A value that is present.
#[derive(Debug, Clone)]
pub(super) enum TemplateValue<'v> {
    Text(Cow<'v, str>),
    /// Anything but a string.
    Json(Cow<'v, Json>),
}

/// The value of a path or of a helper; `None` if it is absent, such as an index that a list does not have.
pub(super) type Evaluated<'v> = Result<Option<TemplateValue<'v>>, Failure>;

impl<'v> TemplateValue<'v> {
    pub(super) fn from_json(json: &'v Json) -> TemplateValue<'v> {
        match json {
            Json::String(text) => TemplateValue::Text(Cow::Borrowed(text)),
            other => TemplateValue::Json(Cow::Borrowed(other)),
        }
    }

    pub(super) fn from_owned(json: impl Into<Json>) -> TemplateValue<'static> {
        match json.into() {
            Json::String(text) => TemplateValue::Text(Cow::Owned(text)),
            other => TemplateValue::Json(Cow::Owned(other)),
        }
    }

    /// Returns the value as text: numbers and booleans as in JSON, null as an empty text; `None` for lists and objects.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            TemplateValue::Text(text) => Some(Cow::Borrowed(text)),
            TemplateValue::Json(json) => leaf_text(json),
        }
    }

    /// Describes the value for a message about its type.
    pub(super) fn described(&self) -> String {
        match &*self.json() {
            Json::Array(_) => "a list".to_owned(),
            Json::Object(_) => "an object".to_owned(),
            other => quoted(&leaf_text(other).unwrap_or_default()),
        }
    }

    /// Returns the value as a number. Text is parsed.
    pub(super) fn number(&self) -> Option<Number> {
        match self {
            TemplateValue::Text(text) => Number::parse(text),
            TemplateValue::Json(json) => match **json {
                Json::Number(number) => Some(number),
                _ => None,
            },
        }
    }

    /// Whether it counts as true: anything but 0, `""`, null, false and an empty list.
    pub(super) fn is_truthy(&self) -> bool {
        match self {
            TemplateValue::Text(text) => !text.is_empty(),
            TemplateValue::Json(json) => match &**json {
                Json::Null => false,
                Json::Bool(truth) => *truth,
                Json::Number(_) => !self.is_zero(),
                Json::Array(items) => !items.is_empty(),
                Json::String(_) | Json::Object(_) => true,
            },
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        matches!(self, TemplateValue::Json(json) if matches!(&**json, Json::Number(number) if number.same(&Number::Integer(0))))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, TemplateValue::Json(json) if **json == Json::Null)
    }

    /// Returns the value as JSON.
    pub(super) fn json(&self) -> Cow<'_, Json> {
        match self {
            TemplateValue::Text(text) => Cow::Owned(Json::from(&**text)),
            TemplateValue::Json(json) => Cow::Borrowed(json),
        }
    }

    /// Returns the items if it is a list.
    pub(super) fn items(&self) -> Option<&[Json]> {
        match self {
            TemplateValue::Json(json) => match &**json {
                Json::Array(items) => Some(items),
                _ => None,
            },
            TemplateValue::Text(_) => None,
        }
    }

    /// Returns the number of a text's characters or of a list's items; `None` for other values.
    pub(super) fn length(&self) -> Result<Option<usize>, Exceeded> {
        if let TemplateValue::Text(text) = self {
            charge::reading(text)?;
            return Ok(Some(text.chars().count()));
        }
        Ok(self.items().map(<[Json]>::len))
    }

    /// Returns the value at a path from here, without a copy.
    pub(super) fn at<'s>(&'s self, steps: &[String]) -> Result<Option<TemplateValue<'s>>, Exceeded> {
        match self {
            TemplateValue::Text(text) if steps.is_empty() => Ok(Some(TemplateValue::Text(Cow::Borrowed(text)))),
            TemplateValue::Text(_) => Ok(None),
            TemplateValue::Json(json) => Ok(value_at(json, steps)?.map(TemplateValue::from_json)),
        }
    }

    /// Returns the value at a path from here. A value from a helper is copied, and the copy is charged.
    pub(super) fn follow(&self, steps: &[String]) -> Result<Option<TemplateValue<'v>>, Exceeded> {
        match self {
            _ if steps.is_empty() => self.copied().map(Some),
            TemplateValue::Text(_) => Ok(None),
            TemplateValue::Json(Cow::Borrowed(json)) => Ok(value_at(json, steps)?.map(TemplateValue::from_json)),
            TemplateValue::Json(Cow::Owned(json)) => match value_at(json, steps)? {
                Some(found) => TemplateValue::from_json(found).owned().map(Some),
                None => Ok(None),
            },
        }
    }

    /// Consumes a value, and returns the value at a path in it.
    pub(super) fn into_follow(self, steps: &[String]) -> Result<Option<TemplateValue<'v>>, Exceeded> {
        match self {
            value if steps.is_empty() => Ok(Some(value)),
            TemplateValue::Json(Cow::Owned(json)) => Ok(take_value_at(json, steps)?.map(TemplateValue::from_owned)),
            other => other.follow(steps),
        }
    }

    /// Returns the value again. A borrowed value is borrowed again; a copy of an owned one is charged.
    pub(super) fn copied(&self) -> Result<TemplateValue<'v>, Exceeded> {
        match self {
            TemplateValue::Text(Cow::Borrowed(text)) => Ok(TemplateValue::Text(Cow::Borrowed(text))),
            TemplateValue::Json(Cow::Borrowed(json)) => Ok(TemplateValue::Json(Cow::Borrowed(json))),
            owned => owned.owned(),
        }
    }

    /// Returns an owned copy, which is charged.
    pub(super) fn owned(&self) -> Result<TemplateValue<'static>, Exceeded> {
        match self {
            TemplateValue::Text(text) => {
                charge::text(text)?;
                Ok(TemplateValue::Text(Cow::Owned(text.clone().into_owned())))
            }
            TemplateValue::Json(json) => {
                charge::copy(json)?;
                Ok(TemplateValue::Json(Cow::Owned(json.clone().into_owned())))
            }
        }
    }

    /// Returns the value as owned JSON, which is charged.
    pub(super) fn into_json(self) -> Result<Json, Exceeded> {
        match self {
            TemplateValue::Text(Cow::Owned(text)) => Ok(Json::String(text)),
            TemplateValue::Json(Cow::Owned(json)) => Ok(json),
            borrowed => borrowed.owned()?.into_json(),
        }
    }
}

/// Returns the value at a path of steps: members by name, items by index.
pub(super) fn value_at<'j>(root: &'j Json, steps: &[String]) -> Result<Option<&'j Json>, Exceeded> {
    let mut at = root;
    for step in steps {
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

/// Like [`value_at`], but consumes the value.
fn take_value_at(root: Json, steps: &[String]) -> Result<Option<Json>, Exceeded> {
    let mut at = root;
    for step in steps {
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

/// Returns the index of a member. Each compared member costs a step.
fn place_of(members: &[(String, Json)], name: &str) -> Result<Option<usize>, Exceeded> {
    let place = members.iter().position(|(known, _)| known == name);
    charge::steps(1 + place.unwrap_or(members.len()))?;
    Ok(place)
}
