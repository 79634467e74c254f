//! What templates see of a request, and of the item of a batch.

use std::collections::{HashMap, HashSet};

use crate::message::{Request, Segment, header_text};
use crate::model::{Json, Representation};

use super::super::templating::Rendering;
use super::value::{Value, at_way};

/// A part of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Method,
    Url,
    Path,
    PathSegments,
    PathParams,
    Query,
    QueryAll,
    Headers,
    HeadersAll,
    Cookies,
    Body,
    Json,
    Xml,
    Document,
    Form,
    FormAll,
    Host,
    Scheme,
    ClientIp,
}

impl Part {
    /// All of them with their names below `request`.
    pub(super) const NAMES: [(&'static str, Part); 19] = [
        ("method", Part::Method),
        ("url", Part::Url),
        ("path", Part::Path),
        ("path_segments", Part::PathSegments),
        ("path_params", Part::PathParams),
        ("query", Part::Query),
        ("query_all", Part::QueryAll),
        ("headers", Part::Headers),
        ("headers_all", Part::HeadersAll),
        ("cookies", Part::Cookies),
        ("body", Part::Body),
        ("json", Part::Json),
        ("xml", Part::Xml),
        ("document", Part::Document),
        ("form", Part::Form),
        ("form_all", Part::FormAll),
        ("host", Part::Host),
        ("scheme", Part::Scheme),
        ("client_ip", Part::ClientIp),
    ];

    pub(super) fn by_name(name: &str) -> Option<Part> {
        Part::NAMES.iter().find(|(known, _)| *known == name).map(|(_, part)| *part)
    }
}

/// All that a template sees.
pub(super) fn top(rendering: &Rendering<'_>) -> Json {
    let mut members = vec![("request".to_owned(), request(rendering))];
    if let (Some(of_batch), Some(value)) = (&rendering.item, item(rendering)) {
        members.push(("item".to_owned(), value.json().into_owned()));
        members.push(("index".to_owned(), of_batch.index.into()));
        members.extend(of_batch.captured.all().map(|(name, text)| (name.to_owned(), Json::from(text))));
    }
    Json::Object(members)
}

/// The request, of the parts that it has.
pub(super) fn request(rendering: &Rendering<'_>) -> Json {
    let parts = Part::NAMES.iter();
    let members = parts.filter_map(|(name, part)| Some(((*name).to_owned(), part.value(&[], true, rendering)?)));
    Json::Object(members.map(|(name, value)| (name, value.json().into_owned())).collect())
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
    pub(super) fn value<'r>(self, way: &'r [String], whole: bool, rendering: &'r Rendering<'_>) -> Option<Value<'r>> {
        let request = rendering.request();
        let text = |text: &'r str| Some(Value::Text(text.into()));
        let made = |text: String| Some(Value::Text(text.into()));
        match (self, way) {
            (Part::Json, way) => match at_way(rendering.json()?, way)? {
                Json::Array(_) | Json::Object(_) if !whole => at_way(request.json().ok()?, way).map(Value::of),
                read => Some(Value::of(read)),
            },
            (Part::Xml, way) => at_way(rendering.xml()?, way).map(Value::of),
            (Part::Document, way) => at_way(rendering.document()?, way).map(Value::of),
            (Part::Method, []) => text(request.method()),
            (Part::Url, []) => text(request.head().target()),
            (Part::Path, []) => text(request.path()),
            (Part::Body, []) => Some(Value::Text(request.text())),
            (Part::Host, []) => made(request.host()?),
            (Part::Scheme, []) => text(request.scheme()),
            (Part::ClientIp, []) => made(request.client()?.to_string()),
            (Part::PathSegments, [place]) => text(segment(request, request.segments().get(whole_number(place)?)?)),
            (Part::PathParams, [name]) => nth(rendering.context.path_params, name, 0),
            (Part::Query, [name]) => nth(request.query(), name, 0),
            (Part::QueryAll, [name, place]) => nth(request.query(), name, whole_number(place)?),
            (Part::Form, [name]) => nth(request.form()?, name, 0),
            (Part::FormAll, [name, place]) => nth(request.form()?, name, whole_number(place)?),
            (Part::Cookies, [name]) => nth(request.cookies(), name, 0),
            (Part::Headers, [name]) => Some(Value::Text(request.head().header_values(name).next()?)),
            (Part::HeadersAll, [name, place]) => {
                Some(Value::Text(request.head().header_values(name).nth(whole_number(place)?)?))
            }
            (part, way) => Value::made(part.all(rendering)?).follow(way),
        }
    }

    /// All of a part that is made of several values.
    fn all(self, rendering: &Rendering<'_>) -> Option<Json> {
        let request = rendering.request();
        Some(match self {
            Part::PathSegments => {
                Json::Array(request.segments().iter().map(|of| segment(request, of).into()).collect())
            }
            Part::PathParams => first(rendering.context.path_params),
            Part::Query => first(request.query()),
            Part::QueryAll => lists(request.query()),
            Part::Headers => first(&headers(request)),
            Part::HeadersAll => lists(&headers(request)),
            Part::Cookies => first(request.cookies()),
            Part::Form => first(request.form()?),
            Part::FormAll => lists(request.form()?),
            // Text, which has nothing in it.
            _ => return None,
        })
    }
}

fn segment<'r>(request: &'r Request, segment: &'r Segment) -> &'r str {
    segment.text(request.path()).unwrap_or("\u{fffd}")
}

/// The value of a name that comes after so many others of it.
fn nth<'r>(pairs: &'r [(String, String)], name: &str, place: usize) -> Option<Value<'r>> {
    pairs.iter().filter(|(known, _)| known == name).nth(place).map(|(_, value)| Value::Text(value.as_str().into()))
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
fn first(pairs: &[(String, String)]) -> Json {
    let mut values: Vec<(String, Json)> = Vec::new();
    let mut known = HashSet::new();
    values.extend(
        pairs.iter().filter(|(name, _)| known.insert(name)).map(|(name, value)| (name.clone(), value.as_str().into())),
    );
    Json::Object(values)
}

/// The values of each name.
fn lists(pairs: &[(String, String)]) -> Json {
    let mut values: Vec<(String, Json)> = Vec::new();
    let mut known = HashMap::new();
    for (name, value) in pairs {
        let place = *known.entry(name).or_insert_with(|| {
            values.push((name.clone(), Json::Array(Vec::new())));
            values.len() - 1
        });
        if let Json::Array(list) = &mut values[place].1 {
            list.push(value.as_str().into());
        }
    }
    Json::Object(values)
}
