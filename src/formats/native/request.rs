//! Reads a request pattern, of a stub or of the file's defaults.

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::tree::Value;
use crate::formats::words::in_backticks;
use crate::model::{BasicAuth, BodyCondition, Matcher, PartPattern, RequestPattern};

use super::conditions;
use super::matcher::{matcher, matchers};
use super::names;
use super::path::path;

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
pub(super) fn request(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<RequestDraft> {
    let mut table = TableReader::open(located, "a request", context)?;
    let method = table.take("method").and_then(|value| methods(&value, context));
    let path_written = table.take("path");
    let path = path_written.as_ref().and_then(|value| path(value, context));
    let path_is_faulty = path_written.is_some() && path.is_none();
    let mut pattern = RequestPattern {
        method,
        path,
        path_params: named(&mut table, "path_params", context),
        query: named(&mut table, "query", context),
        headers: table.take("headers").map(|value| headers(&value, context)).unwrap_or_default(),
        cookies: named(&mut table, "cookies", context),
        form: named(&mut table, "form", context),
        basic_auth: table.take("basic_auth").and_then(|value| basic_auth(&value, context)),
        host: one(&mut table, "host", context),
        scheme: one(&mut table, "scheme", context),
        client_ip: one(&mut table, "client_ip", context),
        multipart: table.take("multipart").map(|value| multipart(&value, context)).unwrap_or_default(),
        body: one(&mut table, "body", context),
        holds: Vec::new(),
        malformed: table.take("malformed").and_then(|value| value.boolean(context)),
    };
    let (holds, namespaces) = holds(&mut table, &conditions::keys(), context);
    pattern.holds = holds;
    table.finish(context);
    Some(RequestDraft { pattern, namespaces, path_is_faulty })
}

fn one(table: &mut TableReader<'_>, key: &'static str, context: &mut ReadContext<'_>) -> Option<Matcher> {
    table.take(key).and_then(|value| matcher(&value, context))
}

fn named(table: &mut TableReader<'_>, key: &'static str, context: &mut ReadContext<'_>) -> Vec<(String, Matcher)> {
    table.take(key).map(|value| matchers(&value, context)).unwrap_or_default()
}

fn methods(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Vec<String>> {
    let all = located.one_or_more();
    if all.is_empty() {
        let fault = located.fault("`method` must not be an empty list").with_label("no method");
        return context.refuse(fault.with_help("Leave `method` out to match any method."));
    }
    let read: Vec<_> = all.iter().map(|value| names::method(value, context)).collect();
    read.into_iter().collect()
}

/// Reads matchers by header name. Header names ignore case.
fn headers(located: &Located<'_>, context: &mut ReadContext<'_>) -> Vec<(String, Matcher)> {
    let mut read: Vec<(String, Matcher)> = Vec::new();
    for (name, value) in located.entries(context).unwrap_or_default() {
        refuse_second(&read, name, &value, context);
        let (name, matcher) = (names::header(name, &value, context), matcher(&value, context));
        read.extend(name.zip(matcher));
    }
    read
}

/// Reports a header that is given a second time, perhaps in another case.
pub(super) fn refuse_second<T>(read: &[(String, T)], name: &str, value: &Located<'_>, context: &mut ReadContext<'_>) {
    if let Some((first, _)) = read.iter().find(|(first, _)| first.eq_ignore_ascii_case(name)) {
        let fault = value.key_fault(format!(
            "the header {} is given twice, first as {}",
            in_backticks(name),
            in_backticks(first)
        ));
        let help = "Header names ignore case: write both values under one name.";
        context.faults.push(fault.with_label("the same header").with_help(help));
    }
}

fn basic_auth(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<BasicAuth> {
    let mut table = TableReader::open(located, "`basic_auth`", context)?;
    let username = table.require("username", context).and_then(|value| matcher(&value, context));
    let password = table.require("password", context).and_then(|value| matcher(&value, context));
    table.finish(context);
    Some(BasicAuth { username: username?, password: password? })
}

fn multipart(located: &Located<'_>, context: &mut ReadContext<'_>) -> Vec<(String, PartPattern)> {
    let entries = located.entries(context).unwrap_or_default();
    entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), part(&value, context)?))).collect()
}

/// Reads a part: a bare value is its content, and a table has conditions on the part.
fn part(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<PartPattern> {
    let Value::Table(entries) = &located.node.value else {
        return Some(PartPattern { body: Some(matcher(located, context)?), ..PartPattern::default() });
    };
    let mut table = TableReader::open(located, "a part", context)?;
    let filename = one(&mut table, "filename", context);
    let headers = table.take("headers").map(|value| headers(&value, context)).unwrap_or_default();
    let body = one(&mut table, "body", context);
    let (holds, _) = holds(&mut table, &conditions::keys_of_part(), context);
    conditions::require_xpath(entries, located, context);
    table.finish(context);
    Some(PartPattern { filename, headers, body, holds })
}

/// Reads the conditions on a body in the order of the file, and the prefixes of its XPaths.
fn holds(
    table: &mut TableReader<'_>,
    among: &[&'static str],
    context: &mut ReadContext<'_>,
) -> (Vec<BodyCondition>, Vec<(String, String)>) {
    let declared = table.take(conditions::NAMESPACES);
    let namespaces = conditions::namespaces(declared.as_ref(), context);
    let mut read = Vec::new();
    for (key, value) in table.take_among(among) {
        read.extend(conditions::condition(key, &value, &namespaces, context).unwrap_or_default());
    }
    (read, namespaces)
}
