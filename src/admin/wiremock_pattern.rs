//! WireMock's request pattern, for searching the journal.
//!
//! It has `method`, the five kinds of URL, `headers`, `queryParameters` and `bodyPatterns`. Any other member is refused by name: a
//! pattern that is read only in part would count requests that do not match.

use std::borrow::Cow;
use std::sync::Arc;

use crate::budget::spend;
use crate::matching::{CompiledMatcher, Expression, JsonPath, PathTemplate, RequestValue, compile_regex};
use crate::message::{PathError, Request};
use crate::model::{Json, KeyPath, Matcher, Operator, OperatorName, RegexText, Step, Timestamp};

use super::fault::{AdminFault, one_of};
use super::json_equal::{Leniency, equal};

/// The result of matching a request against a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MatchResult {
    Match,
    NoMatch,
    /// The body was truncated, and the pattern depends on it.
    Undecided,
}

/// A pattern ready to be applied.
pub(super) struct WireMockPattern {
    method: Option<String>,
    url: Option<Url>,
    headers: Vec<(String, ValuePattern)>,
    query: Vec<(String, ValuePattern)>,
    body: Vec<BodyPattern>,
}

enum Url {
    /// Path and query as sent.
    Whole(String),
    WholeMatches(Arc<dyn Expression>),
    Path(String),
    PathMatches(Arc<dyn Expression>),
    Template(PathTemplate),
}

/// A pattern for the values of one name.
struct ValuePattern {
    tests: Vec<CompiledMatcher>,
    absent: bool,
}

enum BodyPattern {
    Text(CompiledMatcher),
    Json(Json, Leniency),
    JsonPath(JsonPath, Option<ValuePattern>),
}

impl WireMockPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// If a field is unknown or not valid: the first of them.
    pub(super) fn read(json: &Json) -> Result<WireMockPattern, AdminFault> {
        let mut pattern = WireMockPattern { method: None, url: None, headers: vec![], query: vec![], body: vec![] };
        let mut url_rank = usize::MAX;
        for (key, value) in members(json, &KeyPath::top())? {
            let at = KeyPath::top().key(key);
            match key.as_str() {
                "method" => pattern.method = Some(text(value, &at)?.to_owned()).filter(|method| method != "ANY"),
                "headers" => pattern.headers = value_patterns(value, &at)?,
                "queryParameters" => pattern.query = value_patterns(value, &at)?,
                "bodyPatterns" => pattern.body = body_patterns(value, &at)?,
                _ => {
                    let rank = Url::KEYS.iter().position(|known| known == key).ok_or_else(|| unknown(&at))?;
                    let url = Url::read(rank, text(value, &at)?, &at)?;
                    // Of several, the first in WireMock's order counts.
                    if rank < url_rank {
                        (pattern.url, url_rank) = (Some(url), rank);
                    }
                }
            }
        }
        Ok(pattern)
    }

    /// Whether a recorded request matches. `cut` means that its body is incomplete.
    pub(super) fn matches(&self, request: &Request, cut: bool) -> MatchResult {
        if !spend(1 + self.headers.len() + self.query.len()) {
            return MatchResult::Undecided;
        }
        let head = self.method.as_ref().is_none_or(|method| method == request.method())
            && self.url.as_ref().is_none_or(|url| url.holds(request))
            && self.headers.iter().all(|(name, pattern)| pattern.holds(request.headers(name)))
            && self.query.iter().all(|(name, pattern)| {
                pattern.holds(
                    request.query().iter().filter(|(key, _)| key == name).map(|(_, v)| Cow::Borrowed(v.as_str())),
                )
            });
        match head {
            false => MatchResult::NoMatch,
            true if cut && !self.body.is_empty() => MatchResult::Undecided,
            true if self.body.iter().all(|pattern| pattern.holds(request)) => MatchResult::Match,
            true => MatchResult::NoMatch,
        }
    }
}

fn template_fault(at: &KeyPath, error: &PathError) -> AdminFault {
    AdminFault::field(at, format!("{error}. {}", error.help))
}

impl Url {
    /// In WireMock's order of precedence.
    const KEYS: [&str; 5] = ["url", "urlPattern", "urlPath", "urlPathPattern", "urlPathTemplate"];

    fn read(rank: usize, text: &str, at: &KeyPath) -> Result<Url, AdminFault> {
        Ok(match Url::KEYS[rank] {
            "url" => Url::Whole(text.to_owned()),
            "urlPattern" => Url::WholeMatches(compiled_regex(text, at)?),
            "urlPath" => Url::Path(text.to_owned()),
            "urlPathPattern" => Url::PathMatches(compiled_regex(text, at)?),
            _ => Url::Template(PathTemplate::parse(text, false).map_err(|error| template_fault(at, &error))?),
        })
    }

    fn holds(&self, request: &Request) -> bool {
        match self {
            Url::Whole(url) => request.url() == *url,
            Url::WholeMatches(pattern) => pattern.is_match(&request.url()),
            Url::Path(path) => request.path() == path,
            Url::PathMatches(pattern) => pattern.is_match(request.path()),
            Url::Template(template) => template.matches(request).is_some(),
        }
    }
}

impl ValuePattern {
    fn holds<'a>(&self, values: impl Iterator<Item = Cow<'a, str>>) -> bool {
        let values: Vec<_> = values.collect();
        match self.absent {
            true => values.is_empty() && self.tests.is_empty(),
            false => values.iter().any(|value| self.tests.iter().all(|test| holds_for_text(test, value))),
        }
    }

    fn read(value: &Json, at: &KeyPath) -> Result<ValuePattern, AdminFault> {
        let mut pattern = ValuePattern { tests: Vec::new(), absent: false };
        let any_case = value.get("caseInsensitive") == Some(&Json::Bool(true));
        for (key, operand) in members(value, at)? {
            let at = at.key(key);
            match key.as_str() {
                "absent" => pattern.absent = boolean(operand, &at)?,
                "caseInsensitive" => {
                    boolean(operand, &at)?;
                }
                _ => pattern.tests.push(text_matcher(key, operand, any_case, &at)?),
            }
        }
        if pattern.tests.is_empty() && !pattern.absent {
            return Err(AdminFault::field(
                at,
                format!("must have {}", one_of(&["equalTo", "contains", "matches", "absent"])),
            ));
        }
        Ok(pattern)
    }
}

/// Parses one of WireMock's operators on a text as our operator with the same meaning.
fn text_matcher(key: &str, operand: &Json, any_case: bool, at: &KeyPath) -> Result<CompiledMatcher, AdminFault> {
    let operator = match key {
        "equalTo" => Operator::Equals(text(operand, at)?.into()),
        "contains" => Operator::Contains(text(operand, at)?.to_owned()),
        "matches" => Operator::Matches(whole_regex(text(operand, at)?, at)?),
        _ => return Err(unknown(at)),
    };
    // WireMock ignores case only in `equalTo`.
    let ignore_case = any_case && operator.name() == OperatorName::Equals;
    let mut faults = Vec::new();
    let matcher = Matcher { operators: vec![operator], ignore_case };
    let compiled = CompiledMatcher::compile(&matcher, at, &mut faults);
    match faults.first() {
        Some(fault) => Err(AdminFault::field(at, fault.message.clone())),
        None => Ok(compiled),
    }
}

fn holds_for_text(matcher: &CompiledMatcher, text: &str) -> bool {
    // None of these operators depends on the time.
    matcher.holds(&[RequestValue::text(text)], Timestamp::UNIX_EPOCH)
}

impl BodyPattern {
    fn read(value: &Json, at: &KeyPath) -> Result<BodyPattern, AdminFault> {
        let flag = |key: &str| value.get(key).map_or(Ok(false), |json| boolean(json, &at.key(key)));
        let mut pattern = None;
        for (key, operand) in members(value, at)? {
            let here = at.key(key);
            let (body, options): (BodyPattern, &[&str]) = match key.as_str() {
                "ignoreArrayOrder" | "ignoreExtraElements" | "caseInsensitive" => continue,
                "equalToJson" => {
                    let lenient = Leniency {
                        ignore_array_order: flag("ignoreArrayOrder")?,
                        ignore_extra_elements: flag("ignoreExtraElements")?,
                    };
                    (
                        BodyPattern::Json(json_operand(operand, &here)?, lenient),
                        &["ignoreArrayOrder", "ignoreExtraElements"],
                    )
                }
                "matchesJsonPath" => (BodyPattern::json_path(operand, &here)?, &[]),
                _ => {
                    let any_case = flag("caseInsensitive")?;
                    let options: &[&str] = if key == "equalTo" { &["caseInsensitive"] } else { &[] };
                    (BodyPattern::Text(text_matcher(key, operand, any_case, &here)?), options)
                }
            };
            let stray =
                members(value, at)?.iter().find(|(other, _)| other != key && !options.contains(&other.as_str()));
            if let Some((other, _)) = stray {
                return Err(AdminFault::field(&at.key(other), format!("`{other}` does not go with `{key}`")));
            }
            pattern = Some(body);
        }
        pattern.ok_or_else(|| {
            let known = ["equalTo", "contains", "matches", "equalToJson", "matchesJsonPath"];
            AdminFault::field(at, format!("must have {}", one_of(&known)))
        })
    }

    fn json_path(operand: &Json, at: &KeyPath) -> Result<BodyPattern, AdminFault> {
        let (expression, rest) = match operand {
            Json::Object(members) => {
                let expression =
                    operand.get("expression").ok_or_else(|| AdminFault::field(at, "`expression` is missing"))?;
                (expression, members.iter().filter(|(key, _)| key != "expression").cloned().collect::<Vec<_>>())
            }
            _ => (operand, Vec::new()),
        };
        let path = JsonPath::compile(text(expression, at)?)
            .map_err(|fault| AdminFault::field(at, format!("must be a JSONPath: {fault}. {}", fault.help)))?;
        let values = if rest.is_empty() {
            None
        } else {
            Some(ValuePattern::read(&Json::Object(rest), at)?)
        };
        Ok(BodyPattern::JsonPath(path, values))
    }

    fn holds(&self, request: &Request) -> bool {
        if !spend(request.body().len() / 8) {
            return false;
        }
        match self {
            BodyPattern::Text(test) => holds_for_text(test, &request.text()),
            BodyPattern::Json(expected, lenient) => request.json().is_ok_and(|json| equal(expected, json, *lenient)),
            BodyPattern::JsonPath(path, values) => request.json().is_ok_and(|json| {
                let Ok(selected) = path.select(json) else { return false };
                match values {
                    None => !selected.is_empty(),
                    Some(pattern) => pattern.holds(selected.iter().map(|node| match node.as_str() {
                        Some(text) => Cow::Borrowed(text),
                        None => Cow::Owned(node.to_string()),
                    })),
                }
            }),
        }
    }
}

fn value_patterns(value: &Json, at: &KeyPath) -> Result<Vec<(String, ValuePattern)>, AdminFault> {
    let read = |(name, value): &(String, Json)| {
        ValuePattern::read(value, &at.key(name)).map(|pattern| (name.clone(), pattern))
    };
    members(value, at)?.iter().map(read).collect()
}

fn body_patterns(value: &Json, at: &KeyPath) -> Result<Vec<BodyPattern>, AdminFault> {
    let Json::Array(items) = value else { return Err(AdminFault::wrong_kind(at, "a list", Some(value))) };
    items.iter().enumerate().map(|(place, item)| BodyPattern::read(item, &at.index(place))).collect()
}

fn json_operand(operand: &Json, at: &KeyPath) -> Result<Json, AdminFault> {
    let json = match operand {
        Json::String(text) => Json::parse(text.as_bytes()).map_err(|fault| AdminFault::not_json(at, &fault))?,
        other => other.clone(),
    };
    if json.to_string().contains("${json-unit") {
        return Err(AdminFault::field(
            at,
            "must not contain a placeholder of JSON Unit, such as `${json-unit.any-string}`",
        ));
    }
    Ok(json)
}

fn members<'a>(json: &'a Json, at: &KeyPath) -> Result<&'a [(String, Json)], AdminFault> {
    match json {
        Json::Object(members) => Ok(members),
        _ => Err(AdminFault::wrong_kind(at, "an object", Some(json))),
    }
}

fn text<'a>(json: &'a Json, at: &KeyPath) -> Result<&'a str, AdminFault> {
    json.as_str().ok_or_else(|| AdminFault::wrong_kind(at, "a string", Some(json)))
}

fn boolean(json: &Json, at: &KeyPath) -> Result<bool, AdminFault> {
    match json {
        Json::Bool(truth) => Ok(*truth),
        _ => Err(AdminFault::wrong_kind(at, "true or false", Some(json))),
    }
}

/// Returns an expression that matches if the given one matches the whole text, as WireMock requires.
fn whole_regex(pattern: &str, at: &KeyPath) -> Result<RegexText, AdminFault> {
    compile_regex(&pattern.into(), false).map_err(|reason| not_a_regex(at, &reason))?;
    Ok(format!("^(?s:{pattern})$").into())
}

fn compiled_regex(pattern: &str, at: &KeyPath) -> Result<Arc<dyn Expression>, AdminFault> {
    compile_regex(&whole_regex(pattern, at)?, false).map_err(|reason| not_a_regex(at, &reason))
}

fn not_a_regex(at: &KeyPath, reason: &str) -> AdminFault {
    AdminFault::field(at, format!("must be a regular expression: {reason}"))
}

fn unknown(at: &KeyPath) -> AdminFault {
    let field = match at.last() {
        Some(Step::Key(key)) => key.as_str(),
        _ => "this",
    };
    AdminFault::field(at, format!("`{field}` is not supported"))
}
