//! A recorded request and its answer in our own form.

use std::time::Duration;

use bytes::Bytes;

use crate::journal::{AnswerRecord, Cut, Entry, Outcome};
use crate::message::{Request, header_text};
use crate::model::Json;
use crate::respond::Header;

use super::logged::absolute_url;
use super::printable::Printable;
use super::stubs::stub_identity;

/// Returns everything that is known of an entry, with an explanation why no stub would match it now, if one is given.
pub(super) fn recorded(entry: &Entry, explanation: Option<&str>) -> Printable {
    let request = entry.request();
    let mut members = Members::default();
    members.add("id", entry.id());
    members.add("number", entry.number as usize);
    members.add("receivedAt", entry.received_at.to_string());
    members.add("method", request.method());
    members.add("target", &*request.head().target_text());
    members.add("url", absolute_url(&request));
    members.add("scheme", request.scheme());
    members.add("protocol", request.protocol().version.name());
    members.add("clientIp", entry.client.map_or(Json::Null, |client| client.to_string().into()));
    members.add("rawHeaders", raw_headers(&request));
    members.add_body(&entry.body, entry.cut.is_some());
    if let Some(cut) = &entry.cut {
        members.add("bodyCut", cut_json(cut, entry.body.len()));
    }
    match &entry.outcome {
        Outcome::Stub(stub) => {
            members.add("outcome", "stub");
            members.add("stub", stub_identity(stub));
        }
        Outcome::Unmatched => members.add("outcome", "unmatched"),
        Outcome::Refused(reason) => {
            members.add("outcome", "refused");
            members.add("refused", reason.as_str());
        }
        Outcome::Preflight => {
            members.add("outcome", "preflight");
            members.add("answeredBy", "cors");
        }
    }
    if let Some(fault) = entry.fault {
        members.add("fault", fault.name());
    }
    if let Some(explanation) = explanation {
        members.add("explanation", explanation);
    }
    let answer = entry.answer.as_ref().map_or(Printable::Json(Json::Null), |answer| sent_answer(entry, answer));
    members.0.push(("answer".to_owned(), answer));
    Printable::Object(members.0)
}

/// Returns the answer as far as it is known: `null` for members that are not known yet or that a fault withholds.
fn sent_answer(entry: &Entry, answer: &AnswerRecord) -> Printable {
    let mut members = Members::default();
    members.add("status", entry.status.map_or(Json::Null, |status| usize::from(status).into()));
    if let Some(reason) = answer.reason() {
        members.add("reason", reason);
    }
    let pair = |(name, value): &Header| Json::Array(vec![text(name), text(value)]);
    let headers = answer.headers().map(|headers| Json::Array(headers.iter().map(pair).collect()));
    members.add("headers", headers.unwrap_or_default());
    match answer.body() {
        Some(body) => members.add_body(body, answer.body_length() != Some(body.len())),
        None => members.add("body", Json::Null),
    }
    members.add("bodyLength", answer.body_length().map_or(Json::Null, Json::from));
    members.add("bodyEvicted", answer.is_body_evicted());
    let turn = answer.turn().map(|(turn, of)| Json::from([("response", turn.into()), ("of", of.into())]));
    members.add("turn", turn.unwrap_or_default());
    let sending = answer.sending();
    members.add("firstByteMs", milliseconds(sending.first_byte()));
    members.add("lastByteMs", milliseconds(sending.last_byte()));
    members.add("bytesSent", sending.bytes() as usize);
    members.add("clientLeft", sending.has_client_left());
    Printable::Object(members.0)
}

/// The members of an object, in order.
#[derive(Default)]
struct Members(Vec<(String, Printable)>);

impl Members {
    fn add(&mut self, name: &str, value: impl Into<Json>) {
        self.0.push((name.to_owned(), Printable::Json(value.into())));
    }

    /// Adds a body: as text if it is UTF-8, or else in Base64. A truncated text ends with its last whole character.
    fn add_body(&mut self, body: &Bytes, is_cut: bool) {
        let text = match std::str::from_utf8(body) {
            Ok(_) => Some(body.clone()),
            Err(fault) if is_cut && fault.error_len().is_none() => Some(body.slice(..fault.valid_up_to())),
            Err(_) => None,
        };
        self.0.push(match text {
            Some(text) => ("body".to_owned(), Printable::Text(text)),
            None => ("bodyAsBase64".to_owned(), Printable::Base64(body.clone())),
        });
    }
}

fn cut_json(cut: &Cut, kept: usize) -> Json {
    Json::from([
        ("length", (cut.length as usize).into()),
        ("complete", cut.complete.into()),
        ("kept", kept.into()),
        ("sha256", cut.sha256.as_deref().map_or(Json::Null, Json::from)),
    ])
}

fn raw_headers(request: &Request) -> Json {
    let pairs = request.head().headers().map(|(name, value)| Json::Array(vec![name.into(), text(&header_text(value))]));
    Json::Array(pairs.collect())
}

fn text(text: &str) -> Json {
    text.into()
}

/// Returns a time in milliseconds, rounded to the microsecond.
fn milliseconds(time: Option<Duration>) -> Json {
    let json = |time: Duration| format!("{}.{:03}", time.as_millis(), time.subsec_micros() % 1000);
    time.and_then(|time| Json::parse(json(time).as_bytes()).ok()).unwrap_or_default()
}
