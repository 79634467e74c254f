//! A recorded request in WireMock's shapes.

use crate::journal::{Cut, Entry, Outcome};
use crate::message::{Protocol, Request, header_text};
use crate::model::Json;

use super::printable::Printable;
use super::stubs::stub_identity;

/// A serve event: the request, what answered it, and how.
pub(super) fn serve_event(entry: &Entry) -> Printable {
    let status = entry.status.map_or(Json::Null, |status| usize::from(status).into());
    let mut members =
        vec![("id".to_owned(), Printable::Json(entry.id().into())), ("request".to_owned(), logged_request(entry))];
    let mut add = |name: &str, value: Json| members.push((name.to_owned(), Printable::Json(value)));
    add("responseDefinition", Json::from([("status", status.clone())]));
    add("response", Json::from([("status", status)]));
    add("wasMatched", entry.stub().is_some().into());
    if let Some(fault) = entry.fault {
        add("fault", fault.name().into());
    }
    match &entry.outcome {
        Outcome::Stub(stub) => add("stubMapping", stub_identity(stub)),
        Outcome::Refused(reason) => add("refused", reason.as_str().into()),
        Outcome::Preflight => add("answeredBy", "cors".into()),
        Outcome::Unmatched => {}
    }
    Printable::Object(members)
}

/// The request alone.
///
/// `rawHeaders` is our own: names and values as they came, where `headers` is grouped by name.
pub(super) fn logged_request(entry: &Entry) -> Printable {
    let request = entry.request();
    let target = request.head().target_text().into_owned();
    let host = request.head().header("host").map(|host| host.into_owned());
    let (host_name, port) = host_and_port(host.as_deref().unwrap_or_default(), request.protocol());
    let logged = [
        ("url", target.as_str().into()),
        ("absoluteUrl", format!("{}://{}{target}", request.scheme(), host.as_deref().unwrap_or_default()).into()),
        ("method", request.method().into()),
        ("scheme", request.scheme().into()),
        ("protocol", request.protocol().version.name().into()),
        ("host", host_name.into()),
        ("port", port.into()),
        ("clientIp", entry.client.map_or(Json::Null, |client| client.to_string().into())),
        ("headers", grouped_headers(&request)),
        ("rawHeaders", raw_headers(&request)),
        ("cookies", cookies(&request)),
        ("queryParams", parameters(request.query())),
        ("formParams", parameters(request.shown_form())),
        ("browserProxyRequest", false.into()),
        ("loggedDate", entry.received_at.as_millisecond().into()),
        ("loggedDateString", entry.received_at.to_string().into()),
    ];
    let mut members: Vec<_> =
        logged.into_iter().map(|(name, value)| (name.to_owned(), Printable::Json(value))).collect();
    let text = Printable::text_within(&entry.body, request.text_of(&entry.body));
    members.push(("bodyAsBase64".to_owned(), Printable::Base64(entry.body.clone())));
    members.push(("body".to_owned(), text));
    if let Some(cut) = &entry.cut {
        members.push(("bodyCut".to_owned(), Printable::Json(cut_json(cut, entry.body.len()))));
    }
    Printable::Object(members)
}

fn cut_json(cut: &Cut, kept: usize) -> Json {
    Json::from([
        ("length", (cut.length as usize).into()),
        ("complete", cut.complete.into()),
        ("kept", kept.into()),
        ("sha256", cut.sha256.as_deref().map_or(Json::Null, Json::from)),
    ])
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

/// One value as a string, several as a list, under the name as it came first.
fn grouped_headers(request: &Request) -> Json {
    let mut groups: Vec<(String, Vec<Json>)> = Vec::new();
    for (name, _) in request.head().headers() {
        if groups.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        let values = request.headers(name).map(|value| value.into_owned().into()).collect();
        groups.push((name.to_owned(), values));
    }
    Json::Object(groups.into_iter().map(|(name, values)| (name, one_or_many(values))).collect())
}

fn raw_headers(request: &Request) -> Json {
    let text = |value: &[u8]| header_text(value).into_owned();
    let pairs = request.head().headers().map(|(name, value)| Json::Array(vec![name.into(), text(value).into()]));
    Json::Array(pairs.collect())
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
