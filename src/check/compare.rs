//! Compares an answer with what an example expects.

use std::borrow::Cow;

use crate::explain::{Difference, ExplainedExchange, json_differences, xml_differences};
use crate::matching::{mask_json, mask_xml};
use crate::message::{MediaType, XmlDocument, XmlFault, header_value, standard_reason, strict_charset_text};
use crate::model::{ExampleBody, ExampleResponse, Json, WireFault};

use super::diff::differing_part;
use super::mismatch::Mismatch;

/// Returns each way in which the answer of an exchange differs from the expected one.
pub(super) fn differences(
    expected: &ExampleResponse,
    ignore: &[String],
    exchange: &ExplainedExchange,
) -> Vec<Mismatch> {
    let answer = &exchange.answer;
    let mut found = Vec::new();
    if expected.fault != answer.fault() {
        let name = |fault: Option<WireFault>| fault.map(|fault| quoted(fault.name()));
        return vec![Mismatch::new("fault", name(expected.fault), name(answer.fault()))];
    }
    if let Some(status) = expected.status.filter(|status| *status != answer.status) {
        found.push(Mismatch::new("status", Some(status.to_string()), Some(answer.status.to_string())));
    }
    if let Some(wanted) = &expected.reason {
        let actual = answer.reason.as_deref().or_else(|| standard_reason(answer.status)).unwrap_or_default();
        if actual != wanted {
            found.push(Mismatch::new("reason", Some(quoted(wanted)), Some(quoted(actual))));
        }
    }
    for (name, wanted) in &expected.headers {
        let named = answer.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let actual: Vec<&str> = named.map(|(_, value)| &**value).collect();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        if actual != wanted {
            found.push(Mismatch::new(format!("header {name}"), several(&wanted), several(&actual)));
        }
    }
    if let Some(body) = &expected.body {
        found.extend(body_differences(body, ignore, exchange));
    }
    found.extend(exchange.failure.clone().map(|failure| Mismatch::from_text("answer", failure)));
    found
}

/// Returns the values of one header; `None` if there are none.
fn several(values: &[&str]) -> Option<String> {
    let all: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    Some(all.join(", ")).filter(|all| !all.is_empty())
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

fn body_differences(expected: &ExampleBody, ignore: &[String], exchange: &ExplainedExchange) -> Vec<Mismatch> {
    let sent = &exchange.answer.body.to_bytes();
    let media = header_value(&exchange.answer.headers, "content-type").and_then(|value| MediaType::parse(value));
    let charset = media.as_ref().and_then(|media| media.parameter("charset"));
    // A text is compared after it is decoded from the charset of the answer.
    let actual = &*decoded(sent, charset);
    match expected {
        ExampleBody::Json(json) => as_json(json, actual, ignore),
        ExampleBody::Xml(text) => as_xml(XmlDocument::parse_text(text), sent, charset, ignore),
        ExampleBody::Text(text) => as_bytes(text.as_bytes(), actual),
        ExampleBody::File(_, bytes) | ExampleBody::Base64(bytes) => match (&media, Json::parse(bytes)) {
            (Some(media), Ok(json)) if media.is_json() => as_json(&json, actual, ignore),
            (Some(media), _) if media.is_xml() => as_xml(XmlDocument::parse(bytes), sent, charset, ignore),
            _ if matches!(expected, ExampleBody::File(..)) && bytes[..] == *actual => Vec::new(),
            _ => as_bytes(bytes, sent),
        },
    }
}

/// Returns a body in UTF-8, or as it was sent if it cannot be decoded.
fn decoded<'b>(body: &'b [u8], charset: Option<&str>) -> Cow<'b, [u8]> {
    match strict_charset_text(body, charset) {
        Some(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
        Some(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
        None => Cow::Borrowed(body),
    }
}

fn as_json(expected: &Json, actual: &[u8], ignore: &[String]) -> Vec<Mismatch> {
    match Json::parse(actual) {
        Err(fault) => vec![unreadable("JSON", &fault.to_string(), actual)],
        Ok(actual) => {
            let paths: Vec<&str> = ignore.iter().map(String::as_str).filter(|path| path.starts_with('$')).collect();
            mismatches(json_differences(&mask_json(expected, &paths), &mask_json(&actual, &paths), false))
        }
    }
}

fn as_xml(
    expected: Result<XmlDocument, XmlFault>,
    actual: &[u8],
    charset: Option<&str>,
    ignore: &[String],
) -> Vec<Mismatch> {
    match (expected, XmlDocument::parse_in(actual, charset)) {
        (Ok(expected), Ok(actual)) => {
            let paths: Vec<&str> = ignore.iter().map(String::as_str).filter(|path| !path.starts_with('$')).collect();
            mismatches(xml_differences(&mask_xml(&expected, &paths), &mask_xml(&actual, &paths)))
        }
        (Err(fault), _) => vec![Mismatch::from_text("body", format!("the expected body is not XML: {fault}"))],
        (_, Err(fault)) => vec![unreadable("XML", &fault.to_string(), actual)],
    }
}

fn unreadable(wanted: &str, fault: &str, actual: &[u8]) -> Mismatch {
    let text = Some(format!("not {wanted}: {fault}"));
    Mismatch { text, ..Mismatch::new("body", Some(wanted.to_owned()), text_of(actual)) }
}

/// Compares text by its lines, from the first that differs to the last, and other bytes by the first that differs.
fn as_bytes(expected: &[u8], actual: &[u8]) -> Vec<Mismatch> {
    if expected == actual {
        return Vec::new();
    }
    let (Ok(wanted), Ok(given)) = (std::str::from_utf8(expected), std::str::from_utf8(actual)) else {
        let (same, ..) = differing_part(expected, actual);
        let bytes = |bytes: &[u8]| Some(format!("{} bytes", bytes.len()));
        return vec![Mismatch::new(format!("body from byte {}", same + 1), bytes(expected), bytes(actual))];
    };
    let (wanted, given): (Vec<&str>, Vec<&str>) = (wanted.split('\n').collect(), given.split('\n').collect());
    let (before, wanted, given) = differing_part(&wanted, &given);
    let lines = |lines: &[&str]| {
        let shown: Vec<String> = lines.iter().map(|line| visible(line)).collect();
        Some(shown.join("\n")).filter(|_| !shown.is_empty())
    };
    vec![Mismatch::new(format!("body line {}", before + 1), lines(wanted), lines(given))]
}

/// Quotes a line if it has invisible characters: control characters, or white space at its end.
fn visible(line: &str) -> String {
    let ends_in_space = line.ends_with(|c: char| c.is_whitespace());
    if line.is_empty() || ends_in_space || line.chars().any(char::is_control) {
        quoted(line)
    } else {
        line.to_owned()
    }
}

fn mismatches(differences: Vec<Difference>) -> Vec<Mismatch> {
    let one = |difference: Difference| {
        Mismatch::new(format!("body {}", difference.path), difference.expected, difference.actual)
    };
    differences.into_iter().map(one).collect()
}

fn text_of(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| quoted(&String::from_utf8_lossy(bytes)))
}
