//! The keys of the index: which values of which field of a request a pattern requires.
//!
//! A request that a pattern matches has one of the keys of each [`RequiredKeys`] of the pattern. So the index finds patterns
//! by hashing keys. The warnings compare them with the keys that another pattern implies (`implied_keys`). Conditions that do
//! not come down to an equality have no keys.

use std::sync::Arc;

use crate::model::{Json, Number, Representation};

use super::body::CompiledBody;
use super::condition::{Condition, PathTest};
use super::json_path::member_path;
use super::matcher::CompiledOperator;
use super::path::TemplateSegment;
use super::xpath::CompiledXPath;
use super::{CompiledMatcher, CompiledPattern};

/// The part of a request that values are taken from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum RequestField {
    Method,
    Path,
    /// A placeholder that takes this segment.
    Segment(usize),
    /// A placeholder that takes everything from this segment on.
    Rest(usize),
    Scheme,
    Host,
    ClientIp,
    /// The name is in lower case.
    Header(String),
    Query(String),
    Cookie(String),
    User,
    Form(String),
    Body,
    /// What this JSONPath selects in the body as JSON.
    Json(String),
    /// What this JSONPath selects in the document.
    Document(String, Arc<Representation>),
    XPath(XPathField),
}

/// An XPath with its prefixes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct XPathField(pub(super) CompiledXPath);

/// A value as the index looks it up: values that `equals` treats alike have one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum IndexKey {
    Text(String),
    /// Text of a matcher that ignores case, in lower case.
    AnyCase(String),
    Whole(i128),
    /// The bits of a number that is not whole, or too large to be compared exactly.
    Fraction(u64),
    Truth(bool),
    Null,
}

impl IndexKey {
    /// Returns the key of a value; `None` for lists and objects, which no scalar equals.
    pub(super) fn from_json(json: &Json, ignore_case: bool) -> Option<IndexKey> {
        Some(match json {
            Json::String(text) if ignore_case => IndexKey::AnyCase(text.to_lowercase()),
            Json::String(text) => IndexKey::Text(text.clone()),
            Json::Number(number) => IndexKey::from_number(number),
            Json::Bool(truth) => IndexKey::Truth(*truth),
            Json::Null => IndexKey::Null,
            Json::Array(_) | Json::Object(_) => return None,
        })
    }

    fn from_number(number: &Number) -> IndexKey {
        match number.canonical() {
            Number::Integer(whole) => IndexKey::Whole(whole),
            Number::Float(fraction) => IndexKey::Fraction(fraction.to_bits()),
        }
    }

    /// Returns the key of a text without a type read as a boolean or a number, if it reads as one.
    pub(super) fn from_untyped(text: &str) -> Option<IndexKey> {
        match text {
            "true" => Some(IndexKey::Truth(true)),
            "false" => Some(IndexKey::Truth(false)),
            _ => Number::parse(text).as_ref().map(IndexKey::from_number),
        }
    }
}

/// A field, and the keys of which a request must have one there.
#[derive(Debug, Clone)]
pub(crate) struct RequiredKeys {
    pub(crate) field: RequestField,
    pub(crate) keys: Vec<IndexKey>,
}

/// Of a larger body only the first leaves become keys.
const MOST_LEAVES: usize = 32;

impl CompiledPattern {
    /// Returns the keys that the pattern requires. The fields that are cheapest to look at come first.
    pub(crate) fn required_keys(&self) -> Vec<RequiredKeys> {
        let mut required = Vec::new();
        for condition in self.conditions() {
            match condition {
                Condition::Method(methods) => {
                    let keys = methods.iter().map(|method| IndexKey::Text(method.clone())).collect();
                    required.push(RequiredKeys { field: RequestField::Method, keys });
                }
                Condition::Holds(CompiledBody::Json(json)) => required.extend(leaves(json, true, MOST_LEAVES)),
                Condition::Holds(CompiledBody::JsonIncludes(json)) => required.extend(leaves(json, false, MOST_LEAVES)),
                _ => required.extend(self.field_and_matcher(condition).and_then(|(field, matcher)| {
                    let keys = matcher.required_keys()?;
                    Some(RequiredKeys { field, keys })
                })),
            }
        }
        required
    }

    /// Returns the field of a condition and the matcher on its values; `None` if the condition is not one matcher on one
    /// field.
    pub(super) fn field_and_matcher<'a>(
        &self,
        condition: &'a Condition,
    ) -> Option<(RequestField, &'a CompiledMatcher)> {
        Some(match condition {
            Condition::Path(PathTest::Matcher(matcher)) => (RequestField::Path, matcher),
            Condition::PathParam(name, matcher) => (self.placeholder(name)?, matcher),
            Condition::Scheme(matcher) => (RequestField::Scheme, matcher),
            Condition::Host(matcher) => (RequestField::Host, matcher),
            Condition::ClientIp(matcher) => (RequestField::ClientIp, matcher),
            Condition::Header(name, matcher) => (RequestField::Header(name.to_ascii_lowercase()), matcher),
            Condition::Query(name, matcher) => (RequestField::Query(name.clone()), matcher),
            Condition::Cookie(name, matcher) => (RequestField::Cookie(name.clone()), matcher),
            Condition::BasicAuth(username, _) => (RequestField::User, username),
            Condition::Form(name, matcher) => (RequestField::Form(name.clone()), matcher),
            Condition::Body(matcher) => (RequestField::Body, matcher),
            Condition::Holds(CompiledBody::JsonPath(path, matcher)) => {
                (RequestField::Json(path.as_str().to_owned()), matcher)
            }
            Condition::Holds(CompiledBody::Document(path, matcher, representation)) => {
                (RequestField::Document(path.as_str().to_owned(), representation.clone()), matcher)
            }
            Condition::Holds(CompiledBody::XPath(path, matcher)) => {
                (RequestField::XPath(XPathField(path.clone())), matcher)
            }
            _ => return None,
        })
    }

    fn placeholder(&self, name: &str) -> Option<RequestField> {
        self.template()?.segments.iter().enumerate().find_map(|(place, segment)| match segment {
            TemplateSegment::Param(other) if other == name => Some(RequestField::Segment(place)),
            TemplateSegment::Rest(other) if other == name => Some(RequestField::Rest(place)),
            _ => None,
        })
    }
}

impl CompiledMatcher {
    /// Returns keys of which each value has one that the matcher holds for; `None` if they are not known.
    fn required_keys(&self) -> Option<Vec<IndexKey>> {
        self.operators.iter().find_map(|operator| match operator {
            CompiledOperator::Equals(json) => IndexKey::from_json(json, self.ignore_case).map(|key| vec![key]),
            CompiledOperator::OneOf(options) => {
                options.iter().map(|json| IndexKey::from_json(json, self.ignore_case)).collect()
            }
            CompiledOperator::AllOf(matchers) => matchers.iter().find_map(CompiledMatcher::required_keys),
            CompiledOperator::AnyOf(matchers) => {
                let each: Option<Vec<Vec<IndexKey>>> = matchers.iter().map(CompiledMatcher::required_keys).collect();
                each.map(|each| each.concat())
            }
            _ => None,
        })
    }
}

/// Returns the keys of the first scalars in a value, each with the JSONPath that leads to it. Items of a list are only
/// included if the list must be the `whole` one, because an item of a part may be anywhere in the list.
pub(super) fn leaves(json: &Json, whole: bool, most: usize) -> Vec<RequiredKeys> {
    let mut found = Vec::new();
    leaves_at("$".to_owned(), json, whole, most, &mut found);
    found
}

fn leaves_at(path: String, json: &Json, whole: bool, most: usize, found: &mut Vec<RequiredKeys>) {
    if found.len() >= most {
        return;
    }
    match json {
        Json::Object(members) => {
            for (name, value) in members.iter().take(most) {
                leaves_at(member_path(&path, name), value, whole, most, found);
            }
        }
        Json::Array(items) if whole => {
            for (place, item) in items.iter().enumerate().take(most) {
                leaves_at(format!("{path}[{place}]"), item, whole, most, found);
            }
        }
        _ => {
            let keys = IndexKey::from_json(json, false).map(|key| vec![key]);
            found.extend(keys.map(|keys| RequiredKeys { field: RequestField::Json(path), keys }));
        }
    }
}
