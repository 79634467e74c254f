//! A recorded request in WireMock's form: its members and no others.

use std::borrow::Cow;
use std::time::Duration;

use crate::journal::{AnswerRecord, Entry, StubRef};
use crate::message::{Protocol, Request, header_text};
use crate::model::{Json, WireFault};

use super::printable::Printable;

/// Returns a serve event: the request, the stub and the response.
pub(super) fn serve_event(entry: &Entry) -> Printable {
    let was_matched = entry.stub().is_some();
    let status = entry.answer.as_ref().map_or(Json::Null, |answer| usize::from(answer.status()).into());
    let mut definition = Json::from([("status", status)]);
    if !was_matched {
        // The Java client uses this to decide whether a stub answered.
        definition.set("fromConfiguredStub", false.into());
    }
    if let Some(fault) = entry.fault.and_then(fault_name) {
        definition.set("fault", fault.into());
    }
    let mut members = vec![
        ("id", Printable::Json(entry.id().into())),
        ("request", logged_request(entry)),
        ("responseDefinition", Printable::Json(definition.clone())),
        ("response", entry.answer.as_ref().map_or(Printable::Json(Json::Null), logged_response)),
        ("wasMatched", Printable::Json(was_matched.into())),
        ("timing", Printable::Json(timing(entry.answer.as_ref()))),
        ("subEvents", Printable::Json(Json::Array(Vec::new()))),
    ];
    if let Some(stub) = entry.stub() {
        members.push(("stubMapping", Printable::Json(stub_mapping(stub, definition))));
    }
    object(members)
}

/// Returns the stub in WireMock's form, without its conditions. `GET /stubs` has those, in our own form.
fn stub_mapping(stub: &StubRef, definition: Json) -> Json {
    Json::from([
        ("id", stub.id.as_str().into()),
        ("name", stub.name.as_str().into()),
        ("request", Json::from([("method", "ANY".into())])),
        ("response", definition),
        ("uuid", stub.id.as_str().into()),
    ])
}

/// Returns the response. It has no body if that was evicted or streamed.
fn logged_response(answer: &AnswerRecord) -> Printable {
    let mut members = vec![("status", Printable::Json(usize::from(answer.status()).into()))];
    if let Some(headers) = answer.headers().filter(|headers| !headers.is_empty()) {
        let headers = headers.iter().map(|(name, value)| (&**name, &**value)).collect::<Vec<_>>();
        members.push(("headers", Printable::Json(grouped(&headers))));
    }
    let fault = answer.fault();
    let is_sent = fault.is_none_or(WireFault::sends_response);
    if let Some(body) = answer.body().map(|body| if is_sent { body.clone() } else { body.slice(..0) }) {
        let text = Printable::text_within(&body, String::from_utf8_lossy(&body));
        members.extend([("bodyAsBase64", Printable::Base64(body.clone())), ("body", text)]);
    }
    if let Some(fault) = fault.and_then(fault_name) {
        members.push(("fault", Printable::Json(fault.into())));
    }
    object(members)
}

/// Returns WireMock's name of a fault, if it has the same fault.
fn fault_name(fault: WireFault) -> Option<&'static str> {
    match fault {
        WireFault::Reset => Some("CONNECTION_RESET_BY_PEER"),
        WireFault::Empty => Some("EMPTY_RESPONSE"),
        WireFault::Garbage => Some("RANDOM_DATA_THEN_CLOSE"),
        WireFault::Truncate | WireFault::Stall => None,
    }
}

/// Returns the times in whole milliseconds; `null` for a time that is not known yet.
fn timing(answer: Option<&AnswerRecord>) -> Json {
    let delay = answer.map(AnswerRecord::delay);
    let first = answer.and_then(|answer| answer.sending().first_byte());
    let last = answer.and_then(|answer| answer.sending().last_byte());
    let between = |from: Option<Duration>, to: Option<Duration>| Some(to?.saturating_sub(from?));
    let milliseconds = |time: Option<Duration>| time.map_or(Json::Null, |time| (time.as_millis() as usize).into());
    Json::from([
        ("addedDelay", milliseconds(delay)),
        ("processTime", milliseconds(between(delay, first))),
        ("responseSendTime", milliseconds(between(first, last))),
        ("serveTime", milliseconds(between(delay, last))),
        ("totalTime", milliseconds(last)),
    ])
}

/// Returns the request alone.
pub(super) fn logged_request(entry: &Entry) -> Printable {
    let request = entry.request();
    let host = request.head().header("host").map(|host| host.into_owned());
    let (host_name, port) = host_and_port(host.as_deref().unwrap_or_default(), request.protocol());
    let logged = [
        ("url", (&*url(&request)).into()),
        ("absoluteUrl", absolute_url(&request).into()),
        ("method", request.method().into()),
        ("scheme", request.scheme().into()),
        ("protocol", request.protocol().version.name().into()),
        ("host", host_name.into()),
        ("port", port.into()),
        ("clientIp", entry.client.map_or(Json::Null, |client| client.to_string().into())),
        ("headers", grouped_headers(&request)),
        ("cookies", cookies(&request)),
        ("queryParams", parameters(request.query())),
        ("formParams", parameters(request.form_for_display())),
        ("browserProxyRequest", false.into()),
        ("loggedDate", entry.received_at.as_millisecond().into()),
        ("loggedDateString", entry.received_at.to_string().into()),
    ];
    let mut members: Vec<_> = logged.into_iter().map(|(name, value)| (name, Printable::Json(value))).collect();
    let text = Printable::text_within(&entry.body, request.text_of(&entry.body));
    members.extend([("bodyAsBase64", Printable::Base64(entry.body.clone())), ("body", text)]);
    object(members)
}

fn object(members: Vec<(&str, Printable)>) -> Printable {
    Printable::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The target of a request without the base of the engine, as a client of this engine alone knows it.
fn url(request: &Request) -> Cow<'_, str> {
    match request.base() {
        "" => request.head().target_text(),
        _ => request.url(),
    }
}

/// Returns the URL of a request with its scheme and host.
pub(super) fn absolute_url(request: &Request) -> String {
    let host = request.head().header("host").unwrap_or_default();
    format!("{}://{host}{}", request.scheme(), request.head().target_text())
}

fn host_and_port(host: &str, protocol: Protocol) -> (String, i64) {
    let default = if protocol.secure { 443 } else { 80 };
    match host.rsplit_once(':') {
        Some((name, digits)) if !name.is_empty() => match digits.parse() {
            Ok(port) => (name.to_owned(), port),
            Err(_) => (host.to_owned(), default),
        },
        _ => (host.to_owned(), default),
    }
}

fn grouped_headers(request: &Request) -> Json {
    let headers: Vec<_> = request.head().headers().map(|(name, value)| (name, header_text(value))).collect();
    grouped(&headers.iter().map(|(name, value)| (*name, &**value)).collect::<Vec<_>>())
}

/// Returns headers as an object: one value as a string, several as a list, under the first spelling of the name.
fn grouped(headers: &[(&str, &str)]) -> Json {
    let mut groups: Vec<(&str, Vec<Json>)> = Vec::new();
    for (name, value) in headers {
        match groups.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.push((*value).into()),
            None => groups.push((name, vec![(*value).into()])),
        }
    }
    Json::Object(groups.into_iter().map(|(name, values)| (name.to_owned(), one_or_many(values))).collect())
}

fn cookies(request: &Request) -> Json {
    Json::Object(by_name(request.cookies()).into_iter().map(|(name, values)| (name, one_or_many(values))).collect())
}

fn parameters(pairs: &[(String, String)]) -> Json {
    let parameter = |(name, values): (String, Vec<Json>)| {
        (name.clone(), Json::from([("key", name.into()), ("values", Json::Array(values))]))
    };
    Json::Object(by_name(pairs).into_iter().map(parameter).collect())
}

fn by_name(pairs: &[(String, String)]) -> Vec<(String, Vec<Json>)> {
    let mut places = std::collections::HashMap::new();
    let mut groups: Vec<(String, Vec<Json>)> = Vec::new();
    for (name, value) in pairs {
        let place = *places.entry(name.as_str()).or_insert_with(|| {
            groups.push((name.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(value.as_str().into());
    }
    groups
}

fn one_or_many(mut values: Vec<Json>) -> Json {
    match values.len() {
        1 => values.pop().unwrap_or_default(),
        _ => Json::Array(values),
    }
}
