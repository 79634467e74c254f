//! Explains how near a request was to a pattern: each condition with its verdict, and a distance to rank by.

use crate::message::{Request, Secrets, Unreadable};
use crate::model::{Json, Timestamp};

use super::difference::{Difference, first_line, json_differences, xml_differences};
use super::remedy;
use crate::matching::body::{CompiledBody, look_at};
use crate::matching::condition::{Condition, ConditionInput, PathTest, basic_auth};
use crate::matching::describe::{cut, quoted, shown};
use crate::matching::value::CompiledOperator;
use crate::matching::{CompiledMatcher, CompiledPattern};

/// One condition: what it expected, and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionReport {
    /// What the condition is about, such as `header Authorization`.
    pub subject: String,
    /// The expected value, in words.
    pub expected: String,
    /// The actual value, in words; empty if the condition holds.
    pub actual: String,
    /// Whether the condition holds.
    pub holds: bool,
    /// How to make it hold.
    pub remedy: Option<String>,
    /// Whether the actual value is a secret, which must not appear in a log.
    pub secret: bool,
    /// The secrets that the condition itself contains.
    pub secrets: Secrets,
}

/// The distance of a request from a pattern; 0 is a match. The path weighs most, then the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance(u32);

impl Distance {
    /// Returns the distance with one more reason, such as another state.
    #[must_use]
    pub fn and_one(self) -> Distance {
        Distance(self.0 + ONE)
    }
}

const ONE: u32 = 1000;

impl CompiledPattern {
    /// Returns the distance without explaining it.
    pub fn distance(&self, request: &Request, now: Timestamp) -> Distance {
        let params = self.template().and_then(|template| template.matches(request)).unwrap_or_default();
        let input = ConditionInput { request, params: &params, now, projection: None };
        let missed = self.askable(&input).filter(|condition| !condition.holds(&input));
        Distance(missed.map(|condition| condition.weight(request)).sum())
    }

    /// Returns all conditions but closures. Closures are included only if all other conditions hold, as in matching.
    fn askable<'a>(&'a self, input: &ConditionInput<'_>) -> impl Iterator<Item = &'a Condition> {
        let is_code = |condition: &&Condition| matches!(condition, Condition::Code(_));
        let has_code = self.conditions().next_back().is_some_and(|last| is_code(&last));
        let asks_code = has_code && self.conditions().all(|one| is_code(&one) || one.holds(input));
        self.conditions().filter(move |condition| asks_code || !is_code(condition))
    }

    /// Describes each condition: what it is about, and what it expects.
    pub fn describe(&self) -> Vec<(String, String)> {
        self.conditions().map(|condition| (condition.subject(), condition.expected())).collect()
    }

    /// Returns whether the path matches, whatever the other conditions are.
    pub fn fits_path(&self, request: &Request, now: Timestamp) -> bool {
        let input = ConditionInput { request, params: &[], now, projection: None };
        self.conditions().all(|condition| !matches!(condition, Condition::Path(_)) || condition.holds(&input))
    }

    /// Returns how similar the path is to the template, from 0 to 1; 0 if the pattern has no template.
    pub fn path_likeness(&self, request: &Request) -> f64 {
        self.template().map_or(0.0, |template| template.likeness(request))
    }

    /// Explains each condition. If the path does not match, conditions on placeholders are left out, because they have no
    /// values.
    pub fn explain(&self, request: &Request, now: Timestamp) -> Vec<ConditionReport> {
        let matched = self.template().map(|template| template.matches(request));
        let params = matched.clone().flatten().unwrap_or_default();
        let input = ConditionInput { request, params: &params, now, projection: None };
        let no_params = matched.is_some_and(|params| params.is_none());
        self.askable(&input)
            .filter(|condition| !(no_params && matches!(condition, Condition::PathParam(..))))
            .map(|condition| condition.explain(&input))
            .collect()
    }
}

impl Condition {
    fn weight(&self, request: &Request) -> u32 {
        match self {
            Condition::Path(PathTest::Template(template)) => {
                ONE + (15.0 * f64::from(ONE) * (1.0 - template.likeness(request))) as u32
            }
            Condition::Path(PathTest::Matcher(_)) => 8 * ONE,
            Condition::Method(_) => 3 * ONE,
            // Conditions on a body that cannot be read share one remedy, so each weighs less.
            Condition::Holds(condition) if condition.selected(request).is_err() => ONE / 2,
            Condition::Items(_, representation) if request.document(representation).is_err() => ONE / 2,
            Condition::Body(_) | Condition::Holds(_) | Condition::Items(..) => 2 * ONE,
            _ => ONE,
        }
    }

    fn explain(&self, input: &ConditionInput<'_>) -> ConditionReport {
        let holds = self.holds(input);
        ConditionReport {
            subject: self.subject(),
            expected: self.expected(),
            actual: if holds { String::new() } else { self.actual(input) },
            holds,
            remedy: if holds { None } else { remedy::remedy(self, input) },
            secret: self.is_about_secret(),
            secrets: self.secrets(),
        }
    }

    fn expected(&self) -> String {
        match self {
            Condition::Method(methods) => methods.join(" or "),
            Condition::Path(PathTest::Template(template)) if template.ignore_case => {
                format!("{} (in any case)", template.as_str())
            }
            Condition::Path(PathTest::Template(template)) => template.as_str().to_owned(),
            Condition::Malformed(true) => "not what its Content-Type claims".to_owned(),
            Condition::Malformed(false) => "what its Content-Type claims".to_owned(),
            Condition::Holds(condition) => condition.describe(),
            Condition::Items(..) => "an array".to_owned(),
            Condition::Part(_, part) => part.describe(),
            Condition::Code(predicate) => format!("the closure at {}", predicate.place),
            Condition::BasicAuth(user, password) => {
                format!("user {}, password {}", user.describe(), password.describe())
            }
            Condition::Path(PathTest::Matcher(matcher))
            | Condition::PathParam(_, matcher)
            | Condition::Scheme(matcher)
            | Condition::Host(matcher)
            | Condition::ClientIp(matcher)
            | Condition::Header(_, matcher)
            | Condition::Query(_, matcher)
            | Condition::Cookie(_, matcher)
            | Condition::Form(_, matcher)
            | Condition::Body(matcher) => matcher.describe(),
        }
    }

    fn actual(&self, input: &ConditionInput<'_>) -> String {
        let request = input.request;
        match self {
            Condition::Method(_) => request.method().to_owned(),
            Condition::Path(_) => cut(request.path()),
            Condition::Malformed(_) => match request.malformed() {
                Some(reason) => reason.to_string(),
                None if request.body().is_empty() => "no body".to_owned(),
                None => "what it claims".to_owned(),
            },
            Condition::Holds(condition) => found_in_body(condition, request),
            Condition::Form(..) | Condition::Body(_) if request.unreadable().is_some() => {
                request.unreadable().map(|reason| reason.to_string()).unwrap_or_default()
            }
            Condition::Items(path, representation) => match request.document(representation) {
                Err(reason) => reason.to_string(),
                Ok(None) => "no body".to_owned(),
                Ok(Some(document)) => match path.select(&document.root) {
                    Ok(nodes) => look_at(&nodes, document.untyped, shown),
                    Err(reason) => reason.to_string(),
                },
            },
            Condition::Part(name, _) => match self.parts(name, request) {
                Err(reason) => reason.to_string(),
                Ok(parts) if parts.is_empty() => "missing".to_owned(),
                Ok(_) => "another".to_owned(),
            },
            Condition::Code(predicate) => match predicate.holds(request) {
                Ok(_) => "it says no".to_owned(),
                Err(panicked) => panicked.to_string(),
            },
            Condition::BasicAuth(..) => match basic_auth(request) {
                Some((user, _)) => format!("user {}", quoted(&user)),
                None => "missing".to_owned(),
            },
            Condition::Body(matcher) => match by_line(matcher, &request.text()) {
                Some(told) => told,
                None => shown(&self.values(input)),
            },
            _ => shown(&self.values(input)),
        }
    }
}

/// Describes the first line in which a text differs from the one it should equal; `None` if both have one line.
fn by_line(matcher: &CompiledMatcher, actual: &str) -> Option<String> {
    let [CompiledOperator::Equals(Json::String(expected))] = matcher.operators.as_slice() else { return None };
    let has_lines = expected.contains('\n') || actual.contains('\n');
    (has_lines && !actual.is_empty()).then(|| first_line(expected, actual).map(at)).flatten()
}

/// Describes one difference.
fn at(difference: Difference) -> String {
    match (difference.expected, difference.actual) {
        (Some(expected), Some(actual)) => format!("at {} {} and not {}", difference.path, cut(&actual), cut(&expected)),
        (Some(_), None) => format!("nothing at {}", difference.path),
        (None, _) => format!("more at {}", difference.path),
    }
}

/// Describes what a body condition found; as differences if the condition has a whole value.
fn found_in_body(condition: &CompiledBody, request: &Request) -> String {
    if request.body().is_empty() {
        return "no body".to_owned();
    }
    let found = || -> Result<String, Unreadable> {
        if let Some(selected) = condition.selected(request)? {
            return selected.look(shown);
        }
        let unread = Unreadable::clone;
        let differences = match condition {
            CompiledBody::Json(expected) => json_differences(expected, request.json().map_err(unread)?, false),
            CompiledBody::JsonIncludes(expected) => json_differences(expected, request.json().map_err(unread)?, true),
            CompiledBody::Xml(_, expected) => xml_differences(expected, request.xml().map_err(unread)?),
            CompiledBody::JsonSchema(schema) => {
                let complaint = schema.complaint(request.json().map_err(unread)?)?;
                return Ok(complaint.unwrap_or_else(|| "not valid".to_owned()));
            }
            CompiledBody::JsonPath(..) | CompiledBody::XPath(..) | CompiledBody::Document(..) => Vec::new(),
        };
        let told: Vec<String> = differences.into_iter().take(3).map(at).collect();
        Ok(told.join("; "))
    };
    found().unwrap_or_else(|reason| reason.to_string())
}
