//! Holds an answer against what an example expects.

use crate::engine::Exchange;
use crate::matching::{Difference, blank_json, blank_xml, json_differences, xml_differences};
use crate::message::{MediaType, XmlElement};
use crate::model::{ExampleBody, ExampleResponse, Json};

/// What is not as expected, a line each.
pub(super) fn complaints(expected: &ExampleResponse, ignore: &[String], exchange: &Exchange) -> Vec<String> {
    let answer = &exchange.answer;
    let mut found = Vec::new();
    if let Some(status) = expected.status.filter(|status| *status != answer.status) {
        found.push(format!("status: expected {status}, is {}", answer.status));
    }
    if let Some(wanted) = &expected.reason {
        let actual = answer.reason.as_deref().or_else(|| standard_reason(answer.status)).unwrap_or_default();
        if actual != wanted {
            found.push(format!("reason: expected {wanted:?}, is {actual:?}"));
        }
    }
    for (name, wanted) in &expected.headers {
        let named = answer.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let actual: Vec<&str> = named.map(|(_, value)| value.as_str()).collect();
        if actual != wanted.iter().map(String::as_str).collect::<Vec<_>>() {
            found.push(format!("header {name}: expected {wanted:?}, is {actual:?}"));
        }
    }
    if let Some(body) = &expected.body {
        found.extend(body_complaints(body, ignore, exchange));
    }
    found.extend(exchange.failure.clone());
    found
}

/// The reason phrase that goes with a status where the stub says none.
fn standard_reason(status: u16) -> Option<&'static str> {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason())
}

fn body_complaints(expected: &ExampleBody, ignore: &[String], exchange: &Exchange) -> Vec<String> {
    let actual = &exchange.answer.body;
    match expected {
        ExampleBody::Json(json) => as_json(json, actual, ignore),
        ExampleBody::Xml(text) => as_xml(text.as_bytes(), actual, ignore),
        ExampleBody::Text(text) => as_bytes(text.as_bytes(), actual),
        ExampleBody::File(_, bytes) | ExampleBody::Base64(bytes) => {
            let media = exchange.answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            let media = media.and_then(|(_, value)| MediaType::parse(value));
            match (media, Json::parse(bytes)) {
                (Some(media), Ok(json)) if media.is_json() => as_json(&json, actual, ignore),
                (Some(media), _) if media.is_xml() => as_xml(bytes, actual, ignore),
                _ => as_bytes(bytes, actual),
            }
        }
    }
}

fn as_json(expected: &Json, actual: &[u8], ignore: &[String]) -> Vec<String> {
    match Json::parse(actual) {
        Err(fault) => vec![format!("body: expected JSON, but {fault}: {}", shown(actual))],
        Ok(actual) => {
            let paths: Vec<&str> = ignore.iter().map(String::as_str).filter(|path| path.starts_with('$')).collect();
            told(json_differences(&blank_json(expected, &paths), &blank_json(&actual, &paths), false))
        }
    }
}

fn as_xml(expected: &[u8], actual: &[u8], ignore: &[String]) -> Vec<String> {
    match (XmlElement::parse(expected), XmlElement::parse(actual)) {
        (Ok(expected), Ok(actual)) => {
            let paths: Vec<&str> = ignore.iter().map(String::as_str).filter(|path| !path.starts_with('$')).collect();
            told(xml_differences(&blank_xml(&expected, &paths), &blank_xml(&actual, &paths)))
        }
        (Err(fault), _) => vec![format!("the expected body is not XML: {fault}")],
        (_, Err(fault)) => vec![format!("body: expected XML, but {fault}: {}", shown(actual))],
    }
}

fn as_bytes(expected: &[u8], actual: &[u8]) -> Vec<String> {
    match expected == actual {
        true => Vec::new(),
        false => vec![format!("body: expected {}, is {}", shown(expected), shown(actual))],
    }
}

fn told(differences: Vec<Difference>) -> Vec<String> {
    let nothing = || "nothing".to_owned();
    let line = |difference: Difference| {
        let (expected, actual) =
            (difference.expected.unwrap_or_else(nothing), difference.actual.unwrap_or_else(nothing));
        format!("body {}: expected {expected}, is {actual}", difference.path)
    };
    differences.into_iter().map(line).collect()
}

fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 200;
    let text = String::from_utf8_lossy(bytes);
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{:?}...", &text[..at]),
        None => format!("{text:?}"),
    }
}
