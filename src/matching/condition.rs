//! One compiled condition of a request pattern.

use std::sync::Arc;

use crate::budget::spend;
use crate::message::{Part, Request, Unreadable, basic_credentials};
use crate::model::{Fault, Json, KeyPath, PartPattern, Projection, Representation, Timestamp};

use super::body::{CompiledBody, ProjectedRequest, TextSource, too_costly};
use super::code::Predicate;
use super::{CompiledMatcher, JsonPath, PathTemplate, RequestValue};

/// A condition on a request. Patterns have them in this order, cheapest first.
#[derive(Debug)]
pub(crate) enum Condition {
    Method(Vec<String>),
    Path(PathTest),
    PathParam(String, CompiledMatcher),
    Scheme(CompiledMatcher),
    Host(CompiledMatcher),
    ClientIp(CompiledMatcher),
    Header(String, CompiledMatcher),
    Query(String, CompiledMatcher),
    Cookie(String, CompiledMatcher),
    BasicAuth(CompiledMatcher, CompiledMatcher),
    Form(String, CompiledMatcher),
    Body(CompiledMatcher),
    Malformed(bool),
    Holds(CompiledBody),
    /// The items of a batch: the path must select one array.
    Items(JsonPath, Arc<Representation>),
    Part(String, CompiledPart),
    /// Checked last, and only if all other conditions hold.
    Code(Predicate),
}

#[derive(Debug)]
pub(crate) enum PathTest {
    Template(PathTemplate),
    Matcher(CompiledMatcher),
}

/// The bytes of a part that are copied in one step of the budget.
const BYTES_PER_STEP: usize = 64;

/// The conditions on one part of a multipart body.
#[derive(Debug)]
pub(crate) struct CompiledPart {
    pub(crate) filename: Option<CompiledMatcher>,
    pub(crate) headers: Vec<(String, CompiledMatcher)>,
    pub(crate) body: Option<CompiledMatcher>,
    pub(crate) holds: Vec<CompiledBody>,
}

/// A request, and the values that its path gives to placeholders.
pub(crate) struct ConditionInput<'a> {
    pub(crate) request: &'a Request,
    pub(crate) params: &'a [(String, String)],
    pub(crate) now: Timestamp,
    /// The parts of a JSON body that are read; `None` for all of it.
    pub(crate) projection: Option<&'a Arc<Projection>>,
}

impl Condition {
    /// Returns whether the condition holds. A pattern matches the path template itself, because that gives the placeholders.
    pub(crate) fn holds(&self, input: &ConditionInput<'_>) -> bool {
        let now = input.now;
        let request = input.request;
        match self {
            Condition::Method(methods) => methods.iter().any(|method| method == request.method()),
            Condition::Path(PathTest::Template(template)) => template.matches(request).is_some(),
            Condition::Path(PathTest::Matcher(matcher)) => matcher.holds(&[RequestValue::text(request.path())], now),
            Condition::Malformed(expected) => request.malformed().is_some() == *expected,
            Condition::Holds(condition) => match input.projection {
                Some(projection) => condition.check(&ProjectedRequest { request, projection }, now),
                None => condition.check(request, now),
            }
            .unwrap_or(false),
            Condition::Items(path, representation) => is_one_array(path, request, representation).unwrap_or(false),
            Condition::Part(name, part) => {
                self.parts(name, request).is_ok_and(|parts| part.holds(&parts, request, now))
            }
            Condition::Code(predicate) => predicate.holds(request).unwrap_or(false),
            Condition::BasicAuth(username, password) => match basic_auth(request) {
                Some((user, secret)) => {
                    username.holds(&[RequestValue::text(user)], now)
                        && password.holds(&[RequestValue::text(secret)], now)
                }
                None => username.holds(&[], now) && password.holds(&[], now),
            },
            Condition::Form(..) | Condition::Body(_) if request.unreadable().is_some() => false,
            Condition::PathParam(name, matcher) => matcher.holds_of(named(input.params, name), now),
            Condition::Header(name, matcher) => matcher.holds_of(request.headers(name).map(RequestValue::text), now),
            Condition::Query(name, matcher) => matcher.holds_of(named(request.query(), name), now),
            Condition::Form(name, matcher) => matcher.holds_of(named(request.form().unwrap_or_default(), name), now),
            Condition::Cookie(name, matcher) => matcher.holds_of(named(request.cookies(), name), now),
            Condition::Scheme(matcher)
            | Condition::Host(matcher)
            | Condition::ClientIp(matcher)
            | Condition::Body(matcher) => matcher.holds(&self.values(input), now),
        }
    }

    /// Returns the subject of the condition, such as `header Accept`.
    pub(crate) fn subject(&self) -> String {
        match self {
            Condition::Method(_) => "method".to_owned(),
            Condition::Path(_) => "path".to_owned(),
            Condition::PathParam(name, _) => format!("path_param {name}"),
            Condition::Scheme(_) => "scheme".to_owned(),
            Condition::Host(_) => "host".to_owned(),
            Condition::ClientIp(_) => "client_ip".to_owned(),
            Condition::Header(name, _) => format!("header {name}"),
            Condition::Query(name, _) => format!("query {name}"),
            Condition::Cookie(name, _) => format!("cookie {name}"),
            Condition::BasicAuth(..) => "basic_auth".to_owned(),
            Condition::Form(name, _) => format!("form {name}"),
            Condition::Body(_) | Condition::Malformed(_) => "body".to_owned(),
            Condition::Holds(condition) => condition.subject(),
            Condition::Items(path, _) => format!("batch items {}", path.as_str()),
            Condition::Part(name, _) => format!("multipart {name}"),
            Condition::Code(_) => "matching".to_owned(),
        }
    }

    /// Returns the values that a condition with one matcher looks at; none for other conditions.
    pub(crate) fn values<'a>(&'a self, input: &ConditionInput<'a>) -> Vec<RequestValue<'a>> {
        let request = input.request;
        match self {
            Condition::PathParam(name, _) => named(input.params, name).collect(),
            Condition::Scheme(_) => vec![RequestValue::text(request.scheme())],
            Condition::Host(_) => request.host().map(RequestValue::text).into_iter().collect(),
            Condition::ClientIp(_) => client(request).into_iter().collect(),
            Condition::Header(name, _) => request.headers(name).map(RequestValue::text).collect(),
            Condition::Query(name, _) => named(request.query(), name).collect(),
            Condition::Cookie(name, _) => named(request.cookies(), name).collect(),
            Condition::Form(name, _) => named(request.form().unwrap_or_default(), name).collect(),
            Condition::Body(_) => text_of(request).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the parts with this name.
    pub(crate) fn parts<'a>(&self, name: &str, request: &'a Request) -> Result<Vec<&'a Part>, Unreadable> {
        let parts = request.parts().map_err(Unreadable::clone)?;
        Ok(parts.iter().filter(|part| part.name.as_deref() == Some(name)).collect())
    }
}

/// The names that are compared in one step of the budget.
const NAMES_PER_STEP: usize = 8;

pub(super) fn named<'a>(pairs: &'a [(String, String)], name: &str) -> impl Iterator<Item = RequestValue<'a>> {
    // If the budget is exceeded, the verdict is discarded anyway.
    let _ = spend(pairs.len() / NAMES_PER_STEP);
    pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| RequestValue::text(value.as_str()))
}

pub(super) fn client<'a>(request: &Request) -> Option<RequestValue<'a>> {
    request.client().map(|ip| RequestValue::text(ip.to_string()))
}

/// Returns the body as text; `None` if it is empty.
pub(super) fn text_of(request: &Request) -> Option<RequestValue<'_>> {
    // Reading it as text may copy it.
    let _ = spend(request.body().len() / BYTES_PER_STEP);
    Some(request.text()).filter(|text| !text.is_empty()).map(RequestValue::text)
}

/// Returns whether the path selects one array of the document, which may be empty.
fn is_one_array(path: &JsonPath, request: &Request, representation: &Arc<Representation>) -> Result<bool, Unreadable> {
    let Some(document) = request.document(representation)? else { return Ok(false) };
    let selected = path.select(&document.root).map_err(too_costly)?;
    Ok(matches!(*selected, [Json::Array(_)]))
}

/// Returns user and password of the Authorization header (RFC 7617).
pub(crate) fn basic_auth(request: &Request) -> Option<(String, String)> {
    let header = request.head().header("Authorization")?;
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    basic_credentials(credentials)
}

impl CompiledPart {
    pub(super) fn compile(
        part: &PartPattern,
        representation: &Arc<Representation>,
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> CompiledPart {
        let mut matcher = |matcher, at: KeyPath| CompiledMatcher::compile_in(matcher, representation, &at, faults);
        let filename = part.filename.as_ref().map(|filename| matcher(filename, at.key("filename")));
        let headers = part
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), matcher(value, at.key("headers").key(name))))
            .collect();
        let body = part.body.as_ref().map(|body| matcher(body, at.key("body")));
        let holds =
            part.holds.iter().filter_map(|holds| CompiledBody::compile(holds, representation, at, faults)).collect();
        CompiledPart { filename, headers, body, holds }
    }

    /// Returns whether one of the parts satisfies all conditions.
    fn holds(&self, parts: &[&Part], request: &Request, now: Timestamp) -> bool {
        parts.iter().any(|part| spend(1 + part.content.len() / BYTES_PER_STEP) && self.holds_for(part, request, now))
    }

    fn holds_for(&self, part: &Part, request: &Request, now: Timestamp) -> bool {
        let content = request.content().slice(part.content.clone());
        let text = part.text(request.content());
        let filename: Vec<_> = part.filename.iter().map(|name| RequestValue::text(name.as_str())).collect();
        self.filename.as_ref().is_none_or(|matcher| matcher.holds(&filename, now))
            && self.headers.iter().all(|(name, matcher)| {
                let sent = part.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
                matcher.holds(&sent.map(|(_, value)| RequestValue::text(value.as_str())).collect::<Vec<_>>(), now)
            })
            && self.body.as_ref().is_none_or(|matcher| matcher.holds(&[RequestValue::text(text.as_ref())], now))
            && self.holds.iter().all(|condition| {
                condition.check(&TextSource::bytes(content.clone(), part.charset()), now).unwrap_or(false)
            })
    }
}
