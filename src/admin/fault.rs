//! Errors of the admin API, in the form of WireMock's errors.

use std::fmt;

use crate::matching::Exceeded;
use crate::model::{Json, JsonFault, KeyPath};

/// An error of the admin API.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AdminFault {
    pub(super) status: u16,
    pub(super) title: &'static str,
    /// At least one.
    pub(super) problems: Vec<Problem>,
    /// Further members of the first error.
    pub(super) more: Vec<(String, Json)>,
    /// A header that the status requires.
    pub(super) header: Option<(&'static str, String)>,
}

impl std::error::Error for AdminFault {}

impl fmt::Display for AdminFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title)
    }
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub(super) detail: String,
    pub(super) source: Option<ErrorSource>,
}

/// The part of the request that has the fault.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ErrorSource {
    /// A value of the body, as a JSON pointer (RFC 6901).
    Pointer(String),
    /// A query parameter.
    Parameter(String),
    /// A header.
    Header(&'static str),
}

impl AdminFault {
    pub(super) fn new(status: u16, title: &'static str, detail: impl Into<String>) -> AdminFault {
        let problems = vec![Problem { detail: detail.into(), source: None }];
        AdminFault { status, title, problems, more: Vec::new(), header: None }
    }

    /// A value of the body is not valid: 422.
    pub(super) fn field(at: &KeyPath, detail: impl Into<String>) -> AdminFault {
        AdminFault::new(422, NOT_UNDERSTOOD, detail).about(ErrorSource::Pointer(at.to_pointer()))
    }

    /// A value of the body is of another kind than it must be: 422.
    pub(super) fn wrong_kind(at: &KeyPath, wanted: &str, found: Option<&Json>) -> AdminFault {
        AdminFault::field(at, format!("must be {wanted}, found {}", found.map_or("nothing", kind)))
    }

    /// A member of the body is unknown: 422.
    pub(super) fn unknown_member(at: &KeyPath, name: &str, known: &[&str]) -> AdminFault {
        AdminFault::field(&at.key(name), format!("must be {}, found `{name}`", one_of(known)))
    }

    /// The body is not JSON: 422.
    pub(super) fn not_json(at: &KeyPath, reason: &JsonFault) -> AdminFault {
        AdminFault::field(at, format!("must be JSON: {reason}"))
    }

    /// A query parameter is not valid: 400.
    pub(super) fn parameter(name: &str, detail: impl Into<String>) -> AdminFault {
        AdminFault::new(400, NOT_UNDERSTOOD, detail).about(ErrorSource::Parameter(name.to_owned()))
    }

    /// A call needs more steps than it may take: 422.
    pub(super) fn too_costly(limit: &Exceeded) -> AdminFault {
        AdminFault::new(422, "the request takes too long", limit.to_string())
    }

    /// Adds the part of the request that has the fault.
    #[must_use]
    pub(super) fn about(mut self, source: ErrorSource) -> AdminFault {
        self.problems.iter_mut().for_each(|problem| problem.source = Some(source.clone()));
        self
    }

    pub(super) fn to_json(&self) -> Json {
        // WireMock's code for a request that it cannot parse; its clients read the title and the detail.
        const CODE: usize = 10;
        let error = |problem: &Problem| {
            let mut error = Json::from([("code", CODE.into())]);
            match &problem.source {
                None => {}
                Some(ErrorSource::Pointer(pointer)) => {
                    error.set("source", Json::from([("pointer", pointer.as_str().into())]));
                }
                Some(ErrorSource::Parameter(name)) => {
                    error.set("source", Json::from([("parameter", name.as_str().into())]));
                }
                Some(ErrorSource::Header(name)) => error.set("source", Json::from([("header", (*name).into())])),
            }
            error.set("title", self.title.into());
            error.set("detail", problem.detail.as_str().into());
            error
        };
        let mut errors: Vec<Json> = self.problems.iter().map(error).collect();
        if let Some(first) = errors.first_mut() {
            self.more.iter().for_each(|(name, value)| first.set(name, value.clone()));
        }
        Json::from([("errors", Json::Array(errors))])
    }
}

const NOT_UNDERSTOOD: &str = "the request cannot be understood";

/// Returns what a value is, in words.
fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// Lists the names that are allowed.
pub(super) fn one_of(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.join(""),
    }
}
