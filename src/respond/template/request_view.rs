//! The values of a request, and of the item of a batch, for templates.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::budget::Exceeded;
use crate::message::{Request, Segment, header_text};
use crate::model::{Json, Representation};

use super::super::charge;
use super::super::templating::Rendering;
use super::failure::Failure;
use super::request_part::RequestPart;
use super::value::{Evaluated, TemplateValue, value_at};

/// Returns the object of all top-level names.
pub(super) fn top(rendering: &Rendering<'_>) -> Result<Json, Failure> {
    let mut members = vec![("request".to_owned(), request(rendering)?)];
    if rendering.vars != Json::Object(Vec::new()) {
        charge::copy(&rendering.vars)?;
        members.push(("vars".to_owned(), rendering.vars.clone()));
    }
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

/// Returns the request as an object of its parts.
pub(super) fn request(rendering: &Rendering<'_>) -> Result<Json, Failure> {
    let mut members = Vec::new();
    for (name, part) in &RequestPart::NAMES {
        if let Some(value) = part.value(&[], true, rendering)? {
            members.push(((*name).to_owned(), value.into_json()?));
        }
    }
    Ok(Json::Object(members))
}

/// Returns the item of a batch. An item that is neither text, list nor object is converted to text.
pub(super) fn item<'r>(rendering: &'r Rendering<'_>) -> Option<TemplateValue<'r>> {
    Some(match rendering.item.as_ref()?.value {
        value @ (Json::String(_) | Json::Array(_) | Json::Object(_)) => TemplateValue::from_json(value),
        scalar => TemplateValue::Text(scalar.to_string().into()),
    })
}

impl RequestPart {
    /// Returns the value at a path inside this part. `whole` is true if all of a list or an object is needed.
    pub(super) fn value<'r>(self, steps: &'r [String], whole: bool, rendering: &'r Rendering<'_>) -> Evaluated<'r> {
        let request = rendering.request();
        let text = |text: &'r str| Some(TemplateValue::Text(text.into()));
        let value = |text: String| Some(TemplateValue::Text(text.into()));
        let inside = |root: Option<&'r Json>| -> Evaluated<'r> {
            match root {
                Some(root) => Ok(value_at(root, steps)?.map(TemplateValue::from_json)),
                None => Ok(None),
            }
        };
        Ok(match (self, steps) {
            (RequestPart::Json, _) => match inside(rendering.json())? {
                Some(TemplateValue::Json(json)) if !whole && matches!(*json, Json::Array(_) | Json::Object(_)) => {
                    return inside(request.json().ok().map(|json| &**json));
                }
                read => read,
            },
            (RequestPart::Xml, _) => return inside(rendering.xml()),
            (RequestPart::Document, _) => return inside(rendering.document()),
            (RequestPart::Method, []) => text(request.method()),
            (RequestPart::Url, []) => Some(TemplateValue::Text(request.url())),
            (RequestPart::Path, []) => text(request.path()),
            (RequestPart::Body, []) => Some(TemplateValue::Text(body(request)?)),
            (RequestPart::Host, []) => request.host().and_then(value),
            (RequestPart::Scheme, []) => text(request.scheme()),
            (RequestPart::ClientIp, []) => request.client().and_then(|client| value(client.to_string())),
            (RequestPart::PathSegments, [place]) => {
                let found = whole_number(place).and_then(|place| request.segments().get(place));
                found.and_then(|found| text(segment(request, found)))
            }
            (RequestPart::PathParams, [name]) => nth(rendering.context.path_params, name, 0)?,
            (RequestPart::Query, [name]) => nth(request.query(), name, 0)?,
            (RequestPart::QueryAll, [name, place]) => {
                nth(request.query(), name, whole_number(place).unwrap_or(usize::MAX))?
            }
            (RequestPart::Form, [name]) => nth(request.form().unwrap_or_default(), name, 0)?,
            (RequestPart::FormAll, [name, place]) => {
                nth(request.form().unwrap_or_default(), name, whole_number(place).unwrap_or(usize::MAX))?
            }
            (RequestPart::Cookies, [name]) => nth(request.cookies(), name, 0)?,
            (RequestPart::Headers, [name]) => request.head().header_values(name).next().map(TemplateValue::Text),
            (RequestPart::HeadersAll, [name, place]) => whole_number(place)
                .and_then(|place| request.head().header_values(name).nth(place))
                .map(TemplateValue::Text),
            (part, steps) => match part.all(rendering)? {
                Some(all) => TemplateValue::from_owned(all).into_follow(steps)?,
                None => None,
            },
        })
    }

    /// Returns all values of a part that has several.
    fn all(self, rendering: &Rendering<'_>) -> Result<Option<Json>, Exceeded> {
        let request = rendering.request();
        Ok(Some(match self {
            RequestPart::PathSegments => {
                let segments = request.segments().iter().map(|of| segment(request, of));
                let items = segments.map(|text| charge::copy_of_text(text).map(Json::String));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            RequestPart::PathParams => first(rendering.context.path_params)?,
            RequestPart::Query => first(request.query())?,
            RequestPart::QueryAll => lists(request.query())?,
            RequestPart::Headers => first(&headers(request))?,
            RequestPart::HeadersAll => lists(&headers(request))?,
            RequestPart::Cookies => first(request.cookies())?,
            RequestPart::Form | RequestPart::FormAll => match (self, request.form()) {
                (_, None) => return Ok(None),
                (RequestPart::Form, Some(form)) => first(form)?,
                (_, Some(form)) => lists(form)?,
            },
            // Text has no members.
            _ => return Ok(None),
        }))
    }
}

/// Returns the body as text. It is validated each time, and copied too if it is not UTF-8.
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

/// Returns the value with an index among those of a name. Each compared pair costs a step.
fn nth<'r>(pairs: &'r [(String, String)], name: &str, place: usize) -> Result<Option<TemplateValue<'r>>, Exceeded> {
    let of_name = pairs.iter().enumerate().filter(|(_, (known, _))| known == name);
    let found = of_name.map(|(at, (_, value))| (at, value)).nth(place);
    charge::steps(1 + found.map_or(pairs.len(), |(at, _)| at))?;
    Ok(found.map(|(_, value)| TemplateValue::Text(value.as_str().into())))
}

fn whole_number(place: &str) -> Option<usize> {
    place.parse().ok()
}

/// Returns why a part of the request is missing, if that is not obvious.
pub(super) fn why_missing(request: &Request, name: &str) -> Option<String> {
    let part = name.strip_prefix("request.")?.split(['.', '[']).next()?;
    match RequestPart::by_name(part)? {
        RequestPart::Json => request.json().err().map(ToString::to_string),
        RequestPart::Xml => request.xml().err().map(ToString::to_string),
        RequestPart::Form | RequestPart::FormAll if request.form().is_none() => {
            Some("the request's Content-Type is not that of a form".to_owned())
        }
        RequestPart::Document => match request.document(&Representation::plain()) {
            Err(why) => Some(why.to_string()),
            Ok(None) => Some("the request has no body".to_owned()),
            Ok(Some(_)) => None,
        },
        _ => None,
    }
}

/// Returns the headers with names in lower case, so that templates find them in any case.
fn headers(request: &Request) -> Vec<(String, String)> {
    let sent = request.head().headers();
    sent.map(|(name, value)| (name.to_ascii_lowercase(), header_text(value).into_owned())).collect()
}

/// Returns the first value of each name.
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

/// Returns the values of each name.
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
