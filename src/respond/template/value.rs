//! What templates work on: values out of the request, out of the template, and those that helpers make.

use std::borrow::Cow;

use crate::model::{Json, Number};

use super::super::node::leaf_text;

/// A value; what is absent has none.
#[derive(Debug, Clone)]
pub(super) enum Value<'v> {
    Text(Cow<'v, str>),
    /// Anything but a string.
    Json(Cow<'v, Json>),
}

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

    /// As text that can be shown: lists and objects as JSON.
    pub(super) fn shown(self) -> Cow<'v, str> {
        match self {
            Value::Text(text) => text,
            Value::Json(json) => leaf_text(&json).map_or_else(|| json.to_string(), Cow::into_owned).into(),
        }
    }

    /// For a complaint about its kind.
    pub(super) fn described(&self) -> String {
        match &*self.json() {
            Json::Array(_) => "a list".to_owned(),
            Json::Object(_) => "an object".to_owned(),
            other => format!("`{}`", leaf_text(other).unwrap_or_default()),
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

    /// What a way from here leads to.
    pub(super) fn follow(&self, way: &[String]) -> Option<Value<'v>> {
        match self {
            _ if way.is_empty() => Some(self.clone()),
            Value::Text(_) => None,
            Value::Json(Cow::Borrowed(json)) => at_way(json, way).map(Value::of),
            Value::Json(Cow::Owned(json)) => at_way(json, way).cloned().map(Value::made),
        }
    }
}

/// The value that a way leads to: members by their names, items by their places.
pub(super) fn at_way<'j>(root: &'j Json, way: &[String]) -> Option<&'j Json> {
    way.iter().try_fold(root, |at, step| match at {
        Json::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}
