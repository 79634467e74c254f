//! Templates that do nothing but show values, or one change of them: rendered without Handlebars.
//!
//! Most templates of answers are so, and all that Handlebars sets up for a rendering is many times the work itself.
//! Whatever is not there or is neither text, number nor truth is left to Handlebars, which knows what to say of it.

use std::borrow::Cow;

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use handlebars::{Path, PathSeg, Template as Parsed};

use crate::model::{Json, Number, Wanted};

use super::super::templating::Rendering;
use super::super::text::Escape;
use super::super::xml;
use super::helpers_json::SHOW;
use super::model::{Part, at_way};
use super::{LONGEST, specs};

/// What such a template consists of.
#[derive(Debug)]
pub(super) struct Plain(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Raw(String),
    Value {
        value: Value,
        change: Option<fn(&str) -> String>,
        /// Whether it stands between two braces and not between three.
        escaped: bool,
    },
}

/// A value that is shown, and the way into it.
#[derive(Debug)]
enum Value {
    /// A part of the request.
    Request(Part, Vec<String>),
    /// The item of a batch.
    Item(Vec<String>),
    /// Its place.
    Index,
    /// What was captured of it.
    Capture(String),
}

impl Plain {
    /// Takes a checked template apart; `None` where it is more than plain.
    pub(super) fn of(checked: &Parsed) -> Option<Plain> {
        let pieces = checked.elements.iter().filter_map(|element| match element {
            TemplateElement::RawString(text) => Some(Some(Piece::Raw(text.clone()))),
            TemplateElement::Expression(shown) => Some(piece(shown, true)),
            TemplateElement::HtmlExpression(shown) => Some(piece(shown, false)),
            TemplateElement::Comment(_) => None,
            _ => Some(None),
        });
        pieces.collect::<Option<Vec<Piece>>>().map(Plain)
    }

    /// What it looks at of the body as JSON; `None` where it is nothing.
    pub(super) fn wanted_json(&self) -> Option<Wanted> {
        let wanted = self.0.iter().filter_map(|piece| match piece {
            Piece::Value { value: Value::Request(Part::Json, way), .. } => Some(wanted_at(way)),
            Piece::Value { value: Value::Request(Part::Document, _), .. } => Some(Wanted::Whole),
            _ => None,
        });
        Wanted::by_all(wanted)
    }

    /// The text; `None` where Handlebars has to say what becomes of it.
    pub(super) fn render(&self, rendering: &Rendering<'_>, escape: Escape) -> Option<String> {
        let mut out = String::with_capacity(64);
        for piece in &self.0 {
            match piece {
                Piece::Raw(text) => out.push_str(text),
                Piece::Value { value, change, escaped } => {
                    let text = value.text(rendering)?;
                    let text = match change {
                        Some(change) => change(&text).into(),
                        None => text,
                    };
                    match escape {
                        Escape::Xml if *escaped => out.push_str(&xml::escape_anywhere(&text)),
                        _ => out.push_str(&text),
                    }
                }
            }
            if out.len() > LONGEST {
                return None;
            }
        }
        Some(out)
    }
}

/// A member that is shown, and no more of it where it turns out to be an object. Places in lists have no names.
fn wanted_at(way: &[String]) -> Wanted {
    match way {
        [] => Wanted::NOTHING,
        [name, ..] if whole(name).is_some() => Wanted::Whole,
        [name, rest @ ..] => wanted_at(rest).below(name),
    }
}

fn piece(shown: &HelperTemplate, escaped: bool) -> Option<Piece> {
    let [Parameter::Path(Path::Relative((segments, _)))] = shown.params.as_slice() else { return None };
    let name = shown.name.as_name()?;
    let change = match specs().find(|spec| spec.name == name) {
        Some(spec) => Some(spec.on_text?),
        None if name == SHOW.name => None,
        None => return None,
    };
    if !shown.hash.is_empty() {
        return None;
    }
    let names = segments.iter().map(|segment| match segment {
        PathSeg::Named(name) => Some(name.clone()),
        _ => None,
    });
    Some(Piece::Value { value: Value::of(&names.collect::<Option<Vec<_>>>()?)?, change, escaped })
}

impl Value {
    /// The value at a path from the top of what templates see.
    fn of(path: &[String]) -> Option<Value> {
        match path {
            [request, part, way @ ..] if request == "request" => {
                Some(Value::Request(Part::by_name(part)?, way.to_vec()))
            }
            [item, way @ ..] if item == "item" => Some(Value::Item(way.to_vec())),
            [index] if index == "index" => Some(Value::Index),
            [capture] if capture != "request" => Some(Value::Capture(capture.clone())),
            _ => None,
        }
    }

    fn text<'r>(&self, rendering: &'r Rendering<'_>) -> Option<Cow<'r, str>> {
        match self {
            Value::Request(part, way) => part.text(way, rendering),
            Value::Index => Some(rendering.item()?.index.to_string().into()),
            Value::Capture(name) => {
                let captures = &rendering.item()?.captures;
                captures.iter().find(|(known, _)| known == name).map(|(_, text)| Cow::Borrowed(*text))
            }
            Value::Item(way) => match (rendering.item()?.value, way.as_slice()) {
                (Json::String(text), []) => Some(Cow::Borrowed(text)),
                (tree @ (Json::Array(_) | Json::Object(_)), way) => text_at(tree, way),
                // Items without members are text, whatever they are.
                (scalar, []) => Some(scalar.to_string().into()),
                _ => None,
            },
        }
    }
}

impl Part {
    fn text<'r>(self, way: &[String], rendering: &'r Rendering<'_>) -> Option<Cow<'r, str>> {
        let request = rendering.request();
        match (self, way) {
            (Part::Json, way) => text_at(rendering.json()?, way),
            (Part::Xml, way) => owned(text_at(&request.xml_document(rendering.representation()).ok()?.root, way)?),
            (Part::Document, way) => owned(text_at(&request.document(rendering.representation()).ok()??.root, way)?),
            (Part::Method, []) => Some(request.method().into()),
            (Part::Url, []) => Some(request.head().target().into()),
            (Part::Path, []) => Some(request.path().into()),
            (Part::Body, []) => Some(request.text()),
            (Part::Host, []) => request.host().map(Cow::Owned),
            (Part::Scheme, []) => Some(request.scheme().into()),
            (Part::ClientIp, []) => Some(request.client()?.to_string().into()),
            (Part::PathSegments, [place]) => {
                Some(request.segments().get(whole(place)?)?.text(request.path()).unwrap_or("\u{fffd}").into())
            }
            (Part::PathParams, [name]) => nth(rendering.context().path_params, name, 0),
            (Part::Query, [name]) => nth(request.query(), name, 0),
            (Part::QueryAll, [name, place]) => nth(request.query(), name, whole(place)?),
            (Part::Form, [name]) => nth(request.form()?, name, 0),
            (Part::FormAll, [name, place]) => nth(request.form()?, name, whole(place)?),
            (Part::Cookies, [name]) => owned(nth(&request.cookies(), name, 0)?),
            (Part::Headers, [name]) => owned(request.head().header_values(name).next()?),
            (Part::HeadersAll, [name, place]) => owned(request.head().header_values(name).nth(whole(place)?)?),
            _ => None,
        }
    }
}

fn owned<'r>(text: Cow<'_, str>) -> Option<Cow<'r, str>> {
    Some(Cow::Owned(text.into_owned()))
}

/// The value of a name that comes after so many others of it.
fn nth<'r>(pairs: &'r [(String, String)], name: &str, place: usize) -> Option<Cow<'r, str>> {
    pairs.iter().filter(|(known, _)| known == name).nth(place).map(|(_, value)| value.as_str().into())
}

fn whole(place: &str) -> Option<usize> {
    place.parse().ok()
}

fn text_at<'j>(tree: &'j Json, way: &[String]) -> Option<Cow<'j, str>> {
    match at_way(tree, way)? {
        Json::String(text) => Some(Cow::Borrowed(text)),
        Json::Bool(truth) => Some(if *truth { "true" } else { "false" }.into()),
        // Handlebars has numbers of 64 bits.
        Json::Number(Number::Integer(whole)) => Some(i64::try_from(*whole).ok()?.to_string().into()),
        Json::Number(Number::Float(float)) => Some(serde_json::Number::from_f64(*float)?.to_string().into()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}
