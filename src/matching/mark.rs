//! What the equalities of a pattern ask for: of which thing, and which values.
//!
//! A request that a pattern matches has one of the keys of each of its marks. So patterns are told apart by hashing
//! keys, and a pattern takes no more than another only where it offers what that one needs. What does not come down
//! to an equality has no mark.

use std::sync::Arc;

use crate::message::Request;
use crate::model::{Json, Number, Projection, Representation};

use super::body::CompiledBody;
use super::condition::{Condition, PathTest, basic_auth, client, named, text_of};
use super::path::{TemplateSegment, param_in, rest_in};
use super::value::CompiledOperator;
use super::xpath::CompiledXPath;
use super::{CompiledMatcher, CompiledPattern, JsonPath, Value, member_path};

/// What values are of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Method,
    Path,
    /// A placeholder that takes this segment.
    Segment(usize),
    /// A placeholder that takes all from this segment on.
    Rest(usize),
    Scheme,
    Host,
    ClientIp,
    /// In lower case.
    Header(String),
    Query(String),
    Cookie(String),
    User,
    Form(String),
    Body,
    /// What this path selects in the body as JSON.
    Json(String),
    Document(String, Arc<Representation>),
    XPath(XPathSubject),
}

/// An XPath with its prefixes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct XPathSubject(CompiledXPath);

/// A value as it is looked up: values that `equals` holds for alike have one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Text(String),
    /// In lower case, where case is ignored.
    AnyCase(String),
    Whole(i128),
    /// The bits of a number that is not whole, or beyond all that are compared exactly.
    Fraction(u64),
    Truth(bool),
    Null,
}

/// One thing of which a pattern takes these values only.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(crate) subject: Subject,
    pub(crate) keys: Vec<Key>,
}

/// A larger body than this is told apart by its first leaves.
const MOST_LEAVES: usize = 32;

impl CompiledPattern {
    /// Its marks, those that cost least to look at first.
    pub(crate) fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        for condition in self.conditions() {
            match condition {
                Condition::Method(methods) => {
                    let keys = methods.iter().map(|method| Key::Text(method.clone())).collect();
                    marks.push(Mark { subject: Subject::Method, keys });
                }
                Condition::Holds(CompiledBody::Json(json)) => marks.extend(leaves(json, true, MOST_LEAVES)),
                Condition::Holds(CompiledBody::JsonIncludes(json)) => marks.extend(leaves(json, false, MOST_LEAVES)),
                _ => marks.extend(self.asked(condition).and_then(|(subject, matcher)| {
                    let keys = matcher.needs()?;
                    Some(Mark { subject, keys })
                })),
            }
        }
        marks
    }

    /// What a condition is about, and what it asks, where that is one matcher on its values.
    pub(super) fn asked<'a>(&self, condition: &'a Condition) -> Option<(Subject, &'a CompiledMatcher)> {
        Some(match condition {
            Condition::Path(PathTest::Matcher(matcher)) => (Subject::Path, matcher),
            Condition::PathParam(name, matcher) => (self.placeholder(name)?, matcher),
            Condition::Scheme(matcher) => (Subject::Scheme, matcher),
            Condition::Host(matcher) => (Subject::Host, matcher),
            Condition::ClientIp(matcher) => (Subject::ClientIp, matcher),
            Condition::Header(name, matcher) => (Subject::Header(name.to_ascii_lowercase()), matcher),
            Condition::Query(name, matcher) => (Subject::Query(name.clone()), matcher),
            Condition::Cookie(name, matcher) => (Subject::Cookie(name.clone()), matcher),
            Condition::BasicAuth(username, _) => (Subject::User, username),
            Condition::Form(name, matcher) => (Subject::Form(name.clone()), matcher),
            Condition::Body(matcher) => (Subject::Body, matcher),
            Condition::Holds(CompiledBody::JsonPath(path, matcher)) => {
                (Subject::Json(path.as_str().to_owned()), matcher)
            }
            Condition::Holds(CompiledBody::Document(path, matcher, representation)) => {
                (Subject::Document(path.as_str().to_owned(), representation.clone()), matcher)
            }
            Condition::Holds(CompiledBody::XPath(path, matcher)) => {
                (Subject::XPath(XPathSubject(path.clone())), matcher)
            }
            _ => return None,
        })
    }

    fn placeholder(&self, name: &str) -> Option<Subject> {
        self.template()?.segments.iter().enumerate().find_map(|(place, segment)| match segment {
            TemplateSegment::Param(other) if other == name => Some(Subject::Segment(place)),
            TemplateSegment::Rest(other) if other == name => Some(Subject::Rest(place)),
            _ => None,
        })
    }
}

/// A mark for each of the first scalars within, at the path that leads there. An item of a list that is only a part
/// of another has no place.
pub(super) fn leaves(json: &Json, whole: bool, most: usize) -> Vec<Mark> {
    let mut marks = Vec::new();
    leaves_at("$".to_owned(), json, whole, most, &mut marks);
    marks
}

fn leaves_at(path: String, json: &Json, whole: bool, most: usize, marks: &mut Vec<Mark>) {
    if marks.len() >= most {
        return;
    }
    match json {
        Json::Object(members) => {
            for (name, value) in members.iter().take(most) {
                leaves_at(member_path(&path, name), value, whole, most, marks);
            }
        }
        Json::Array(items) if whole => {
            for (place, item) in items.iter().enumerate().take(most) {
                leaves_at(format!("{path}[{place}]"), item, whole, most, marks);
            }
        }
        _ => marks.extend(key(json, false).map(|key| Mark { subject: Subject::Json(path), keys: vec![key] })),
    }
}

impl CompiledMatcher {
    /// The keys of which a value has one wherever the matcher holds; `None` where that cannot be told.
    fn needs(&self) -> Option<Vec<Key>> {
        self.operators.iter().find_map(|operator| match operator {
            CompiledOperator::Equals(json) => key(json, self.ignore_case).map(|key| vec![key]),
            CompiledOperator::OneOf(options) => options.iter().map(|json| key(json, self.ignore_case)).collect(),
            CompiledOperator::AllOf(matchers) => matchers.iter().find_map(CompiledMatcher::needs),
            CompiledOperator::AnyOf(matchers) => {
                let each: Option<Vec<Vec<Key>>> = matchers.iter().map(CompiledMatcher::needs).collect();
                each.map(|each| each.concat())
            }
            _ => None,
        })
    }
}

/// The key of a value that is asked for; `None` for lists and objects.
pub(super) fn key(json: &Json, fold: bool) -> Option<Key> {
    Some(match json {
        Json::String(text) if fold => Key::AnyCase(text.to_lowercase()),
        Json::String(text) => Key::Text(text.clone()),
        Json::Number(number) => of_number(number),
        Json::Bool(truth) => Key::Truth(*truth),
        Json::Null => Key::Null,
        Json::Array(_) | Json::Object(_) => return None,
    })
}

fn of_number(number: &Number) -> Key {
    match number.reduced() {
        Number::Integer(whole) => Key::Whole(whole),
        Number::Float(fraction) => Key::Fraction(fraction.to_bits()),
    }
}

/// What a text without a type may be read as besides.
pub(super) fn typed(text: &str) -> Option<Key> {
    match text {
        "true" => Some(Key::Truth(true)),
        "false" => Some(Key::Truth(false)),
        _ => Number::parse(text).as_ref().map(of_number),
    }
}

/// The key of a value of JSON that is not text; `None` for lists and objects, which no scalar equals.
pub(super) fn of_json(json: &Json) -> Option<Key> {
    key(json, false)
}

/// A subject that is ready to be looked at in requests.
#[derive(Debug)]
pub(super) struct Probe {
    subject: Subject,
    path: Option<JsonPath>,
    projection: Arc<Projection>,
}

impl Probe {
    /// `None` where its path is not one; those that were compiled once are. Of a body as JSON what the projection keeps is read, in
    /// which what the subject stands for must be.
    pub(super) fn of(subject: &Subject, projection: &Arc<Projection>) -> Option<Probe> {
        let path = match subject {
            Subject::Json(path) | Subject::Document(path, _) => Some(JsonPath::compile(path).ok()?),
            _ => None,
        };
        Some(Probe { subject: subject.clone(), path, projection: projection.clone() })
    }

    /// Shows each value that the request has there.
    pub(super) fn each_value(&self, request: &Request, see: &mut dyn FnMut(&Value<'_>)) {
        let nodes = |root: &Json, untyped, see: &mut dyn FnMut(&Value<'_>)| {
            // Where it would take too long, the condition does not hold either.
            let selected = self.path.iter().filter_map(|path| path.select(root).ok());
            selected.for_each(|nodes| nodes.iter().for_each(|node| see(&Value::of(node, untyped))));
        };
        let values = match &self.subject {
            Subject::Json(_) if request.body().is_empty() => return,
            Subject::Json(_) => {
                return request.json_part(&self.projection).into_iter().for_each(|root| nodes(root, false, see));
            }
            Subject::Document(_, representation) => {
                let document = request.document_part(representation, &self.projection).ok().flatten();
                return document.iter().for_each(|document| nodes(&document.root, document.untyped, see));
            }
            Subject::XPath(_) if request.body().is_empty() => return,
            Subject::XPath(XPathSubject(path)) => {
                let results = request.xml().map(|root| path.select(root)).unwrap_or_default();
                return results.iter().for_each(|node| see(&Value::of(node, true)));
            }
            Subject::Method => vec![Value::text(request.method())],
            Subject::Path => vec![Value::text(request.path())],
            Subject::Segment(place) => param_in(request, *place).map(Value::text).into_iter().collect(),
            Subject::Rest(place) => vec![Value::text(rest_in(request, *place))],
            Subject::Scheme => vec![Value::text(request.scheme())],
            Subject::Host => request.host().map(Value::text).into_iter().collect(),
            Subject::ClientIp => client(request).into_iter().collect(),
            Subject::Header(name) => return request.headers(name).for_each(|value| see(&Value::text(value))),
            Subject::Query(name) => return named(request.query(), name).for_each(|value| see(&value)),
            Subject::Cookie(name) => return named(request.cookies(), name).for_each(|value| see(&value)),
            Subject::User => basic_auth(request).map(|(user, _)| Value::text(user)).into_iter().collect(),
            Subject::Form(name) => {
                return named(request.form().unwrap_or_default(), name).for_each(|value| see(&value));
            }
            Subject::Body => text_of(request).into_iter().collect(),
        };
        values.iter().for_each(see);
    }
}
