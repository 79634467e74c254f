//! What templates see: the request, the item of a batch, the time and the row of random values.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use handlebars::{Context as Data, JsonValue};
use serde_json::Map;

use crate::matching::{Expression, compile_regex};
use crate::message::Request;
use crate::model::{Json, Representation, Timestamp, Wanted};

use super::super::Context;
use super::super::templating::{Item, Rendering};

/// A part of the request; only those are built that the templates of an answer speak of.
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

/// What the templates of an answer speak of.
#[derive(Debug, Default)]
pub(super) struct Needs {
    parts: Vec<Part>,
    /// Whether they speak of the item of a batch, its place or its captures.
    pub(super) item: bool,
    /// How much they look at of the body as JSON, where that is among the parts.
    pub(super) json: Option<Arc<Wanted>>,
}

impl Needs {
    pub(super) fn part(&mut self, part: Part) {
        if !self.parts.contains(&part) {
            self.parts.push(part);
        }
    }

    /// Whether the body as JSON is among the parts.
    pub(super) fn reads_json(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Json | Part::Document))
    }

    /// What another template of the answer speaks of.
    pub(super) fn add(&mut self, other: &Needs) {
        other.parts.iter().for_each(|part| self.part(*part));
        self.item |= other.item;
        match (&mut self.json, &other.json) {
            (Some(json), Some(more)) => Arc::make_mut(json).add(more),
            (None, more) => self.json.clone_from(more),
            (Some(_), None) => {}
        }
    }

    /// All of the request.
    pub(super) fn all(&mut self) {
        Part::NAMES.iter().for_each(|(_, part)| self.part(*part));
    }
}

/// What one answer is rendered with.
pub(super) struct Model {
    data: Data,
    state: State,
}

/// What helpers need to know beside their values.
pub(super) struct State {
    /// Advances over the strings of an answer in their order.
    random: Mutex<Rng>,
    pub(super) now: Timestamp,
    /// Patterns that a template made, by their text: a batch asks for the same ones again and again.
    patterns: Mutex<HashMap<String, Arc<dyn Expression>>>,
    trees: Vec<(&'static str, Arc<Json>)>,
    item: Option<Json>,
}

impl Model {
    pub(super) fn new(rendering: &Rendering<'_>, needs: &Needs) -> Model {
        let context = rendering.context();
        let mut building = Building { context, representation: rendering.representation(), trees: Vec::new() };
        let mut members = Map::new();
        for part in &needs.parts {
            let name = Part::NAMES.iter().find(|(_, known)| known == part).map(|(name, _)| *name);
            if let (Some(name), Some(value)) = (name, building.part(*part)) {
                members.insert(name.to_owned(), value);
            }
        }
        let top = Map::from_iter([("request".to_owned(), JsonValue::Object(members))]);
        let state = State {
            random: Mutex::new(Rng::with_seed(context.seed.value())),
            now: context.now,
            patterns: Mutex::default(),
            trees: building.trees,
            item: None,
        };
        Model { data: Data::from(JsonValue::Object(top)), state }
    }

    /// Goes on to an item of a batch.
    pub(super) fn set_item(&mut self, item: &Item<'_>, needs: &Needs) {
        if !needs.item {
            return;
        }
        let JsonValue::Object(names) = self.data.data_mut() else {
            return;
        };
        let mut set = |name: &str, value: JsonValue| match names.get_mut(name) {
            Some(old) => *old = value,
            None => {
                names.insert(name.to_owned(), value);
            }
        };
        set("index", item.index.into());
        item.captures.iter().for_each(|(name, text)| set(name, (*text).into()));
        self.state.item = None;
        match item.value {
            Json::String(text) => set("item", text.as_str().into()),
            Json::Array(_) | Json::Object(_) => {
                set("item", item.value.to_serde());
                self.state.item = Some(item.value.clone());
            }
            scalar => set("item", scalar.to_string().into()),
        }
    }

    pub(super) fn data(&self) -> &Data {
        &self.data
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }
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
        Part::Document => match request.document(&Representation::default()) {
            Err(why) => Some(why.to_string()),
            Ok(None) => Some("the request has no body".to_owned()),
            Ok(Some(_)) => None,
        },
        _ => None,
    }
}

impl State {
    pub(super) fn random(&self) -> MutexGuard<'_, Rng> {
        // Nothing panics while it holds this lock.
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A pattern by its text, compiled once an answer.
    pub(super) fn pattern(&self, text: &str) -> Result<Arc<dyn Expression>, String> {
        let mut patterns = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = patterns.get(text) {
            return Ok(known.clone());
        }
        let pattern = compile_regex(&text.into(), false)?;
        patterns.insert(text.to_owned(), pattern.clone());
        Ok(pattern)
    }

    /// The value at a path of the model as it came, its members in the order in which they were sent.
    ///
    /// The maps of `serde_json`, which Handlebars works on, forget that order.
    pub(super) fn original(&self, path: &[String]) -> Option<&Json> {
        let (root, rest) = match path {
            [item, rest @ ..] if item == "item" => (self.item.as_ref()?, rest),
            [request, part, rest @ ..] if request == "request" => {
                let (_, tree) = self.trees.iter().find(|(name, _)| name == part)?;
                (tree.as_ref(), rest)
            }
            _ => return None,
        };
        at_way(root, rest)
    }
}

/// The value that a way leads to: members by their names, items by their places.
pub(super) fn at_way<'j>(root: &'j Json, way: &[String]) -> Option<&'j Json> {
    way.iter().try_fold(root, |at, step| match at {
        Json::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// Builds the parts of a request that are asked for.
struct Building<'b, 'a> {
    context: &'b Context<'a>,
    representation: &'b Representation,
    trees: Vec<(&'static str, Arc<Json>)>,
}

impl Building<'_, '_> {
    /// One part; `None` where the request does not have it.
    fn part(&mut self, part: Part) -> Option<JsonValue> {
        let request = self.context.request;
        Some(match part {
            Part::Method => request.method().into(),
            Part::Url => request.head().target().into(),
            Part::Path => request.path().into(),
            Part::PathSegments => {
                let path = request.path();
                let texts = request.segments().iter().map(|segment| segment.text(path).unwrap_or("\u{fffd}"));
                texts.map(JsonValue::from).collect()
            }
            Part::PathParams => first(self.context.path_params),
            Part::Query => first(request.query()),
            Part::QueryAll => all(request.query()),
            Part::Headers => first(&headers(request)),
            Part::HeadersAll => all(&headers(request)),
            Part::Cookies => first(&request.cookies()),
            Part::Body => request.text().as_ref().into(),
            Part::Json => self.tree("json", request.json().ok()?.clone()),
            Part::Xml => self.tree("xml", request.xml_document(self.representation).ok()?.root),
            Part::Document => self.tree("document", request.document(self.representation).ok()??.root),
            Part::Form => first(request.form()?),
            Part::FormAll => all(request.form()?),
            Part::Host => request.host()?.into(),
            Part::Scheme => request.scheme().into(),
            Part::ClientIp => request.client()?.to_string().into(),
        })
    }

    fn tree(&mut self, name: &'static str, tree: Arc<Json>) -> JsonValue {
        let value = tree.to_serde();
        self.trees.push((name, tree));
        value
    }
}

/// Names in lower case, so that templates find them in any.
fn headers(request: &Request) -> Vec<(String, String)> {
    let head = request.head();
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, _) in head.headers() {
        let name = name.to_ascii_lowercase();
        if !headers.iter().any(|(known, _)| *known == name) {
            let values: Vec<_> = head.header_values(&name).map(|value| (name.clone(), value.into_owned())).collect();
            headers.extend(values);
        }
    }
    headers
}

/// The first value of each name.
fn first(pairs: &[(String, String)]) -> JsonValue {
    let mut values = Map::new();
    for (name, value) in pairs {
        values.entry(name.clone()).or_insert_with(|| value.as_str().into());
    }
    values.into()
}

/// The values of each name.
fn all(pairs: &[(String, String)]) -> JsonValue {
    let mut values: Map<String, JsonValue> = Map::new();
    for (name, value) in pairs {
        if let JsonValue::Array(list) = values.entry(name.clone()).or_insert_with(|| JsonValue::Array(Vec::new())) {
            list.push(value.as_str().into());
        }
    }
    values.into()
}
