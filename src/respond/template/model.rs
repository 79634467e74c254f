//! What templates see of a request, and of the item of a batch.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::budget::Exceeded;
use crate::message::{Request, Segment, header_text};
use crate::model::{Json, Representation};

use super::super::charge;
use super::super::templating::Rendering;
use super::failure::Failure;
use super::request_part::Part;
use super::value::{Outcome, Value, at_way};

/// All that a template sees.
pub(super) fn top(rendering: &Rendering<'_>) -> Result<Json, Failure> {
    let mut members = vec![("request".to_owned(), request(rendering)?)];
    if let (Some(of_batch), Some(value)) = (&rendering.item, item(rendering)) {
        members.push(("item".to_owned(), value.into_json()?));
        members.push(("index".to_owned(), of_batch.index.into()));
        for (name, text) in of_batch.captured.all() {
            charge::text(text)?;
            members.push((name.to_owned(), text.into()));
        }
    }
    Ok(Json::Object(members))
}

/// The request, of the parts that it has.
pub(super) fn request(rendering: &Rendering<'_>) -> Result<Json, Failure> {
    let mut members = Vec::new();
    for (name, part) in &Part::NAMES {
        if let Some(value) = part.value(&[], true, rendering)? {
            members.push(((*name).to_owned(), value.into_json()?));
        }
    }
    Ok(Json::Object(members))
}

/// The item of a batch; one without members is text, whatever it is.
pub(super) fn item<'r>(rendering: &'r Rendering<'_>) -> Option<Value<'r>> {
    Some(match rendering.item.as_ref()?.value {
        value @ (Json::String(_) | Json::Array(_) | Json::Object(_)) => Value::of(value),
        scalar => Value::Text(scalar.to_string().into()),
    })
}

impl Part {
    /// What a way into it leads to. `whole` where a list or an object is of use, and was asked for with all that is in it.
    pub(super) fn value<'r>(self, way: &'r [String], whole: bool, rendering: &'r Rendering<'_>) -> Outcome<'r> {
        let request = rendering.request();
        let text = |text: &'r str| Some(Value::Text(text.into()));
        let made = |text: String| Some(Value::Text(text.into()));
        let inside = |root: Option<&'r Json>| -> Outcome<'r> {
            match root {
                Some(root) => Ok(at_way(root, way)?.map(Value::of)),
                None => Ok(None),
            }
        };
        Ok(match (self, way) {
            (Part::Json, _) => match inside(rendering.json())? {
                Some(Value::Json(json)) if !whole && matches!(*json, Json::Array(_) | Json::Object(_)) => {
                    return inside(request.json().ok().map(|json| &**json));
                }
                read => read,
            },
            (Part::Xml, _) => return inside(rendering.xml()),
            (Part::Document, _) => return inside(rendering.document()),
            (Part::Method, []) => text(request.method()),
            (Part::Url, []) => text(request.head().target()),
            (Part::Path, []) => text(request.path()),
            (Part::Body, []) => Some(Value::Text(body(request)?)),
            (Part::Host, []) => request.host().and_then(made),
            (Part::Scheme, []) => text(request.scheme()),
            (Part::ClientIp, []) => request.client().and_then(|client| made(client.to_string())),
            (Part::PathSegments, [place]) => {
                let found = whole_number(place).and_then(|place| request.segments().get(place));
                found.and_then(|found| text(segment(request, found)))
            }
            (Part::PathParams, [name]) => nth(rendering.context.path_params, name, 0)?,
            (Part::Query, [name]) => nth(request.query(), name, 0)?,
            (Part::QueryAll, [name, place]) => nth(request.query(), name, whole_number(place).unwrap_or(usize::MAX))?,
            (Part::Form, [name]) => nth(request.form().unwrap_or_default(), name, 0)?,
            (Part::FormAll, [name, place]) => {
                nth(request.form().unwrap_or_default(), name, whole_number(place).unwrap_or(usize::MAX))?
            }
            (Part::Cookies, [name]) => nth(request.cookies(), name, 0)?,
            (Part::Headers, [name]) => request.head().header_values(name).next().map(Value::Text),
            (Part::HeadersAll, [name, place]) => {
                whole_number(place).and_then(|place| request.head().header_values(name).nth(place)).map(Value::Text)
            }
            (part, way) => match part.all(rendering)? {
                Some(all) => Value::made(all).into_follow(way)?,
                None => None,
            },
        })
    }

    /// All of a part that is made of several values.
    fn all(self, rendering: &Rendering<'_>) -> Result<Option<Json>, Exceeded> {
        let request = rendering.request();
        Ok(Some(match self {
            Part::PathSegments => {
                let segments = request.segments().iter().map(|of| segment(request, of));
                let items = segments.map(|text| charge::copy_of_text(text).map(Json::String));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            Part::PathParams => first(rendering.context.path_params)?,
            Part::Query => first(request.query())?,
            Part::QueryAll => lists(request.query())?,
            Part::Headers => first(&headers(request))?,
            Part::HeadersAll => lists(&headers(request))?,
            Part::Cookies => first(request.cookies())?,
            Part::Form | Part::FormAll => match (self, request.form()) {
                (_, None) => return Ok(None),
                (Part::Form, Some(form)) => first(form)?,
                (_, Some(form)) => lists(form)?,
            },
            // Text, which has nothing in it.
            _ => return Ok(None),
        }))
    }
}

/// The body as text. It is checked anew each time, and if it is not UTF-8 it is copied too.
fn body(request: &Request) -> Result<Cow<'_, str>, Exceeded> {
    charge::steps(1 + request.content().len() / 64)?;
    let text = request.text();
    if let Cow::Owned(text) = &text {
        charge::text(text)?;
    }
    Ok(text)
}

fn segment<'r>(request: &'r Request, segment: &'r Segment) -> &'r str {
    segment.text(request.path()).unwrap_or("\u{fffd}")
}

/// The value of a name that comes after so many others of it; each pair that is looked at is a step.
fn nth<'r>(pairs: &'r [(String, String)], name: &str, place: usize) -> Result<Option<Value<'r>>, Exceeded> {
    let of_name = pairs.iter().enumerate().filter(|(_, (known, _))| known == name);
    let found = of_name.map(|(at, (_, value))| (at, value)).nth(place);
    charge::steps(1 + found.map_or(pairs.len(), |(at, _)| at))?;
    Ok(found.map(|(_, value)| Value::Text(value.as_str().into())))
}

fn whole_number(place: &str) -> Option<usize> {
    place.parse().ok()
}

/// Why a part of the request is not there, where that is not plain.
pub(super) fn why_missing(request: &Request, name: &str) -> Option<String> {
    let part = name.strip_prefix("request.")?.split(['.', '[']).next()?;
    match Part::by_name(part)? {
        Part::Json => request.json().err().map(ToString::to_string),
        Part::Xml => request.xml().err().map(ToString::to_string),
        Part::Form | Part::FormAll if request.form().is_none() => {
            Some("the request's Content-Type is not that of a form".to_owned())
        }
        Part::Document => match request.document(&Representation::plain()) {
            Err(why) => Some(why.to_string()),
            Ok(None) => Some("the request has no body".to_owned()),
            Ok(Some(_)) => None,
        },
        _ => None,
    }
}

/// Names in lower case, so that templates find them in any.
fn headers(request: &Request) -> Vec<(String, String)> {
    let sent = request.head().headers();
    sent.map(|(name, value)| (name.to_ascii_lowercase(), header_text(value).into_owned())).collect()
}

/// The first value of each name.
fn first(pairs: &[(String, String)]) -> Result<Json, Exceeded> {
    let mut values: Vec<(String, Json)> = Vec::new();
    let mut known = HashSet::new();
    for (name, value) in pairs {
        charge::steps(1)?;
        if known.insert(name) {
            values.push((charge::copy_of_text(name)?, charge::copy_of_text(value)?.into()));
        }
    }
    Ok(Json::Object(values))
}

/// The values of each name.
fn lists(pairs: &[(String, String)]) -> Result<Json, Exceeded> {
    let mut values: Vec<(String, Json)> = Vec::new();
    let mut known = HashMap::new();
    for (name, value) in pairs {
        charge::steps(1)?;
        let place = match known.get(name) {
            Some(place) => *place,
            None => {
                values.push((charge::copy_of_text(name)?, Json::Array(Vec::new())));
                known.insert(name, values.len() - 1);
                values.len() - 1
            }
        };
        if let Json::Array(list) = &mut values[place].1 {
            list.push(charge::copy_of_text(value)?.into());
        }
    }
    Ok(Json::Object(values))
}
