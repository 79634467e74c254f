//! Reads a request pattern, of a stub or of the file's defaults.

use crate::model::{BasicAuth, BodyCondition, Matcher, PartPattern, RequestPattern};

use super::conditions;
use super::matcher::{matcher, matchers};
use super::names;
use super::path::path;
use crate::formats::keys::Keys;
use crate::formats::tree::Value;
use crate::formats::words::tick;
use crate::formats::written::{Reading, Written};

/// The keys of a request.
pub(super) const KEYS: [&str; 22] = [
    "method",
    "path",
    "path_params",
    "query",
    "headers",
    "cookies",
    "form",
    "basic_auth",
    "host",
    "scheme",
    "client_ip",
    "multipart",
    "body",
    "malformed",
    "json",
    "json_includes",
    "json_path",
    "json_schema",
    "xml",
    "xpath",
    "document",
    conditions::NAMESPACES,
];

/// A request as it is in the file, before the defaults are merged into it.
#[derive(Default)]
pub(super) struct RequestDraft {
    pub(super) pattern: RequestPattern,
    /// The prefixes of its XPaths. They are merged with those of the defaults.
    pub(super) namespaces: Vec<(String, String)>,
    /// Whether it has a path with a fault.
    pub(super) path_is_faulty: bool,
}

/// Reads a request.
pub(super) fn request(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<RequestDraft> {
    let mut keys = Keys::open(written, "a request", reading)?;
    let method = keys.take("method").and_then(|value| methods(&value, reading));
    let path_written = keys.take("path");
    let path = path_written.as_ref().and_then(|value| path(value, reading));
    let path_is_faulty = path_written.is_some() && path.is_none();
    let mut pattern = RequestPattern {
        method,
        path,
        path_params: named(&mut keys, "path_params", reading),
        query: named(&mut keys, "query", reading),
        headers: keys.take("headers").map(|value| headers(&value, reading)).unwrap_or_default(),
        cookies: named(&mut keys, "cookies", reading),
        form: named(&mut keys, "form", reading),
        basic_auth: keys.take("basic_auth").and_then(|value| basic_auth(&value, reading)),
        host: one(&mut keys, "host", reading),
        scheme: one(&mut keys, "scheme", reading),
        client_ip: one(&mut keys, "client_ip", reading),
        multipart: keys.take("multipart").map(|value| multipart(&value, reading)).unwrap_or_default(),
        body: one(&mut keys, "body", reading),
        holds: Vec::new(),
        malformed: keys.take("malformed").and_then(|value| value.boolean(reading)),
    };
    let (holds, namespaces) = holds(&mut keys, &conditions::keys(), reading);
    pattern.holds = holds;
    keys.finish(reading);
    Some(RequestDraft { pattern, namespaces, path_is_faulty })
}

fn one(keys: &mut Keys<'_>, key: &'static str, reading: &mut Reading<'_>) -> Option<Matcher> {
    keys.take(key).and_then(|value| matcher(&value, reading))
}

fn named(keys: &mut Keys<'_>, key: &'static str, reading: &mut Reading<'_>) -> Vec<(String, Matcher)> {
    keys.take(key).map(|value| matchers(&value, reading)).unwrap_or_default()
}

fn methods(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Vec<String>> {
    let all = written.one_or_more();
    if all.is_empty() {
        let fault = written.fault("`method` must not be an empty list").labelled("no method");
        return reading.refuse(fault.helped("Leave `method` out to match any method."));
    }
    let read: Vec<_> = all.iter().map(|value| names::method(value, reading)).collect();
    read.into_iter().collect()
}

/// Reads matchers by the names of headers, which are the same in any case.
fn headers(written: &Written<'_>, reading: &mut Reading<'_>) -> Vec<(String, Matcher)> {
    let mut read: Vec<(String, Matcher)> = Vec::new();
    for (name, value) in written.entries(reading).unwrap_or_default() {
        refuse_second(&read, name, &value, reading);
        let (name, matcher) = (names::header(name, &value, reading), matcher(&value, reading));
        read.extend(name.zip(matcher));
    }
    read
}

/// Reports a header that was given before, perhaps in another case.
pub(super) fn refuse_second<T>(read: &[(String, T)], name: &str, value: &Written<'_>, reading: &mut Reading<'_>) {
    if let Some((first, _)) = read.iter().find(|(first, _)| first.eq_ignore_ascii_case(name)) {
        let fault = value.key_fault(format!("the header {} is given twice, first as {}", tick(name), tick(first)));
        let help = "Header names are the same in any case: write both under one name.";
        reading.faults.push(fault.labelled("the same header").helped(help));
    }
}

fn basic_auth(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<BasicAuth> {
    let mut keys = Keys::open(written, "`basic_auth`", reading)?;
    let username = keys.need("username", reading).and_then(|value| matcher(&value, reading));
    let password = keys.need("password", reading).and_then(|value| matcher(&value, reading));
    keys.finish(reading);
    Some(BasicAuth { username: username?, password: password? })
}

fn multipart(written: &Written<'_>, reading: &mut Reading<'_>) -> Vec<(String, PartPattern)> {
    let entries = written.entries(reading).unwrap_or_default();
    entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), part(&value, reading)?))).collect()
}

/// Reads a part: a bare value is its content, and a table has conditions on the part.
fn part(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<PartPattern> {
    let Value::Table(entries) = &written.node.value else {
        return Some(PartPattern { body: Some(matcher(written, reading)?), ..PartPattern::default() });
    };
    let mut keys = Keys::open(written, "a part", reading)?;
    let filename = one(&mut keys, "filename", reading);
    let headers = keys.take("headers").map(|value| headers(&value, reading)).unwrap_or_default();
    let body = one(&mut keys, "body", reading);
    let (holds, _) = holds(&mut keys, &conditions::keys_of_part(), reading);
    conditions::require_xpath(entries, written, reading);
    keys.finish(reading);
    Some(PartPattern { filename, headers, body, holds })
}

/// Reads the conditions on a body in the order of the file, and the prefixes of its XPaths.
fn holds(
    keys: &mut Keys<'_>,
    among: &[&'static str],
    reading: &mut Reading<'_>,
) -> (Vec<BodyCondition>, Vec<(String, String)>) {
    let declared = keys.take(conditions::NAMESPACES);
    let namespaces = conditions::namespaces(declared.as_ref(), reading);
    let mut read = Vec::new();
    for (key, value) in keys.take_among(among) {
        read.extend(conditions::condition(key, &value, &namespaces, reading).unwrap_or_default());
    }
    (read, namespaces)
}
