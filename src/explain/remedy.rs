//! Suggests how to make a condition hold.

use std::cmp::Reverse;

use crate::matching::{
    CompiledBody, CompiledMatcher, CompiledOperator, Condition, ConditionInput, PathTemplate, PathTest, RequestValue,
    TemplateSegment, fixed_is,
};
use crate::message::{Request, Segment, Unreadable};
use crate::model::Json;

use super::describe::cut;

/// Returns a sentence with what to send or to write instead, if there is one.
pub(super) fn remedy(condition: &Condition, input: &ConditionInput<'_>) -> Option<String> {
    let request = input.request;
    match condition {
        Condition::Method(methods) => Some(for_method(methods, request.method())),
        Condition::Path(PathTest::Template(template)) => for_path(template, request),
        Condition::Header(name, matcher) => {
            let names = request.head().headers().map(|(name, _)| name.to_owned()).collect();
            for_name("header", name, names, matcher, &condition.values(input))
        }
        Condition::Query(name, matcher) => {
            for_name("query parameter", name, keys(request.query()), matcher, &condition.values(input))
        }
        Condition::Cookie(name, matcher) => {
            for_name("cookie", name, keys(request.cookies()), matcher, &condition.values(input))
        }
        Condition::Form(..) | Condition::Body(_) if request.unreadable().is_some() => {
            for_unreadable(request.unreadable()?)
        }
        Condition::Form(name, matcher) => match request.form() {
            Some(fields) => for_name("form field", name, keys(fields), matcher, &condition.values(input)),
            None => Some("Send the body as application/x-www-form-urlencoded.".to_owned()),
        },
        Condition::PathParam(_, matcher) | Condition::Host(matcher) | Condition::Body(matcher) => {
            for_value(matcher, &condition.values(input))
        }
        Condition::Part(name, _) if request.parts().is_ok_and(|parts| parts.is_empty()) => {
            Some(format!("Send multipart/form-data with a part named `{name}`."))
        }
        Condition::BasicAuth(..) => Some("Send `Authorization: Basic ...` with this user and password.".to_owned()),
        Condition::Holds(condition) => for_body(condition, request),
        Condition::Items(_, representation) => for_unreadable(request.document(representation).err()?),
        _ => None,
    }
}

fn for_method(methods: &[String], sent: &str) -> String {
    let send = format!("Send {}", methods.join(" or "));
    match methods {
        [only] if only == "GET" && sent == "HEAD" => {
            format!("{send}, or write `method = [\"GET\", \"HEAD\"]`: HEAD does not match GET.")
        }
        _ => format!("{send}."),
    }
}

fn keys(pairs: &[(String, String)]) -> Vec<String> {
    pairs.iter().map(|(name, _)| name.clone()).collect()
}

fn for_name(
    kind: &str,
    name: &str,
    sent: Vec<String>,
    matcher: &CompiledMatcher,
    values: &[RequestValue<'_>],
) -> Option<String> {
    if !values.is_empty() {
        return for_value(matcher, values);
    }
    if let Some(other_case) = sent.iter().find(|other| other.eq_ignore_ascii_case(name)) {
        return Some(format!("The request has `{other_case}`: the name of a {kind} is case-sensitive."));
    }
    Some(match nearest(name, sent) {
        Some(near) => format!("Send the {kind} `{name}`; the request has `{near}`."),
        None => format!("Send the {kind} `{name}`."),
    })
}

fn nearest(name: &str, sent: Vec<String>) -> Option<String> {
    const MIN_SIMILARITY: f64 = 0.7;
    const MOST_COMPARED: usize = 1000;
    const LONGEST_COMPARED: usize = 256;
    let similarity = |other: &String| (strsim::jaro_winkler(name, other) * 1000.0) as u32;
    sent.into_iter()
        .filter(|other| name.len().max(other.len()) <= LONGEST_COMPARED)
        .take(MOST_COMPARED)
        .filter(|other| strsim::normalized_damerau_levenshtein(name, other) >= MIN_SIMILARITY)
        .min_by_key(|other| Reverse(similarity(other)))
}

/// Suggests a remedy for a value that is nearly right: another case, white space around it, or another type.
fn for_value(matcher: &CompiledMatcher, values: &[RequestValue<'_>]) -> Option<String> {
    let [CompiledOperator::Equals(expected)] = matcher.operators.as_slice() else { return None };
    let [actual] = values else { return None };
    let text = actual.as_text()?;
    match (expected, actual) {
        (Json::String(expected), _) if text.to_lowercase() == expected.to_lowercase() && *text != **expected => {
            Some("It differs only in case: `ignore_case = true` would match it.".to_owned())
        }
        (Json::String(expected), _) if text.trim() == expected.trim() && *text != **expected => {
            Some("It differs only in white space.".to_owned())
        }
        (Json::String(expected), RequestValue::Json(Json::Number(_) | Json::Bool(_))) if *text == **expected => {
            Some(format!("It must be the string \"{expected}\", found {text} without quotes."))
        }
        (Json::Number(_) | Json::Bool(_), RequestValue::Json(Json::String(_))) if *text == expected.to_string() => {
            Some(format!("It must be {expected} without quotes, found the string \"{text}\"."))
        }
        _ => None,
    }
}

fn for_body(condition: &CompiledBody, request: &Request) -> Option<String> {
    if request.body().is_empty() {
        return Some(match condition {
            CompiledBody::Xml(..) | CompiledBody::XPath(..) => "Send a body that is XML.".to_owned(),
            CompiledBody::Document(..) => "Send a body that is JSON or XML.".to_owned(),
            _ => "Send a body that is JSON.".to_owned(),
        });
    }
    match condition.selected(request) {
        Err(reason) => return for_unreadable(reason),
        Ok(Some(selected)) => {
            return selected.with_values(|values| for_value(selected.matcher, values)).unwrap_or_else(for_unreadable);
        }
        Ok(None) => {}
    }
    match condition {
        CompiledBody::Xml(..) => request.xml().err().cloned().and_then(for_unreadable),
        _ => request.json().err().cloned().and_then(for_unreadable),
    }
}

fn for_unreadable(reason: Unreadable) -> Option<String> {
    match reason {
        Unreadable::NoDocument(_) => {
            Some("Send `Content-Type: application/json` or `application/xml`, as the body is.".to_owned())
        }
        Unreadable::Malformed { expected, .. } => Some(format!("Send a body that is {expected}.")),
        Unreadable::UnknownCharset(_) => {
            Some("Send `Content-Type` with the charset of the body, such as `utf-8`.".to_owned())
        }
        Unreadable::Packed(_) => {
            Some("Build Cannery with its feature `gzip`, or send the body without Content-Encoding.".to_owned())
        }
        Unreadable::TooLarge(_) => Some("Send a smaller body, or allow a larger one by `--max-body`.".to_owned()),
        Unreadable::TooCostly(_) => Some("Write a path that selects less, or send a smaller body.".to_owned()),
    }
}

fn for_path(template: &PathTemplate, request: &Request) -> Option<String> {
    let (path, sent) = (request.path(), request.segments());
    if let Some(bad) = sent.iter().find(|segment| segment.text(path).is_none()) {
        let raw = bad.sent(path);
        return Some(format!("`{raw}` is not UTF-8 when decoded: only a placeholder matches such a segment."));
    }
    let ignoring = PathTemplate::parse(template.as_str(), true).ok()?;
    if !template.ignores_case() && ignoring.matches(request).is_some() {
        return Some("It differs only in case: `{ template = ..., ignore_case = true }` would match it.".to_owned());
    }
    if sent.len() == template.segments().len() + 1 && sent.last().is_some_and(|s| s.text(path) == Some("")) {
        let slash = "The request's path ends with a slash, the stub's does not";
        return Some(match differing(template, path, sent) {
            Some(other) => format!("{slash}; the request has {other}."),
            None => format!("{slash}."),
        });
    }
    if request.path().to_ascii_lowercase().contains("%2f") {
        return Some("An encoded slash (`%2F`) stays inside its segment.".to_owned());
    }
    if let Some(base) = for_base(template, path, sent) {
        return Some(base);
    }
    if sent.len() != template.segments().len() {
        return Some(format!(
            "The path has {}, the stub's has {}.",
            segments(sent.len()),
            segments(template.segments().len())
        ));
    }
    differing(template, path, sent).map(|text| format!("The request has {text}."))
}

/// Suggests a remedy if the path differs only by its start, or by an empty segment.
fn for_base(template: &PathTemplate, path: &str, sent: &[Segment]) -> Option<String> {
    let segments = template.segments();
    let fits = |segments: &[TemplateSegment], sent: &[Segment]| {
        segments.len() == sent.len()
            && segments.iter().any(|segment| matches!(segment, TemplateSegment::Fixed(text) if !text.is_empty()))
            && segments.iter().zip(sent).all(|(segment, sent)| match segment {
                TemplateSegment::Fixed(text) => fixed_is(text, sent.text(path), template.ignores_case()),
                TemplateSegment::Param(_) | TemplateSegment::Rest(_) => sent.text(path) != Some(""),
            })
    };
    if let Some(more) = sent.len().checked_sub(segments.len()).filter(|more| *more > 0)
        && fits(segments, &sent[more..])
    {
        let base: String = sent[..more].iter().map(|segment| format!("/{}", segment.sent(path))).collect();
        return Some(format!("The request has `{}` before the stub's path.", cut(&base)));
    }
    if let Some(less) = segments.len().checked_sub(sent.len()).filter(|less| *less > 0)
        && fits(&segments[less..], sent)
    {
        let base: String = template.as_str().split_inclusive('/').take(less + 1).collect();
        return Some(format!("The stub's path begins with `{}`, which the request lacks.", base.trim_end_matches('/')));
    }
    let empty = sent.iter().position(|segment| segment.text(path) == Some(""))?;
    let others: Vec<Segment> = [&sent[..empty], &sent[empty + 1..]].concat();
    fits(segments, &others)
        .then(|| "The request's path has an empty segment: two slashes where the stub has one.".to_owned())
}

/// Describes the first segment that differs from the template.
fn differing(template: &PathTemplate, path: &str, sent: &[Segment]) -> Option<String> {
    template.segments().iter().zip(sent).find_map(|(segment, sent)| match segment {
        TemplateSegment::Fixed(text) if !fixed_is(text, sent.text(path), template.ignores_case()) => {
            let given = cut(sent.text(path).unwrap_or_default());
            Some(format!("`{given}` where the stub has `{text}`"))
        }
        _ => None,
    })
}

fn segments(count: usize) -> String {
    match count {
        1 => "1 segment".to_owned(),
        _ => format!("{count} segments"),
    }
}
