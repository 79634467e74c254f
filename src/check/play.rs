//! Plays examples, each on a fresh engine against the whole set.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;

use crate::engine::{Engine, Exchange, Settings, StubSet};
use crate::explain::{ExplainedExchange, Style, complete};
use crate::matching::parse_moment;
use crate::message::{Charset, Head, Request, TEXT, charset_of, header_value, media_type_of_file};
use crate::model::{Example, ExampleBody, Scenario, Timestamp};

use super::compare::differences;
use super::mismatch::Mismatch;

/// An example and the result of playing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayedExample {
    /// Its scenario.
    pub scenario: String,
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// How the answer differs from the example; empty if it does not.
    pub mismatches: Vec<Mismatch>,
}

/// Plays every example of every scenario, and returns the results in order. Each has an engine of its own, so they are played
/// in parallel.
pub fn play_all(scenarios: &[Scenario], stubs: &Arc<StubSet>) -> Vec<PlayedExample> {
    let named: Vec<ByName<'_>> = scenarios.iter().map(by_name).collect();
    let each: Vec<(&Scenario, &ByName<'_>, &Example)> = scenarios
        .iter()
        .zip(&named)
        .flat_map(|(scenario, named)| scenario.examples.iter().map(move |example| (scenario, named, example)))
        .collect();
    let played = |(scenario, named, example): &(&Scenario, &ByName<'_>, &Example)| PlayedExample {
        scenario: scenario.name.clone(),
        name: example.name.clone(),
        file: scenario.file.clone(),
        line: example.line,
        mismatches: play(scenario, named, example, stubs),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(each.len() / MIN_PER_THREAD + 1);
    let share = each.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts = each.chunks(share).map(|part| scope.spawn(move || part.iter().map(played).collect::<Vec<_>>()));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().expect("playing does not panic")).collect()
    })
}

/// The minimum number of examples that is worth a thread.
const MIN_PER_THREAD: usize = 64;

/// The examples of a scenario by their names.
type ByName<'a> = HashMap<&'a str, &'a Example>;

fn by_name(scenario: &Scenario) -> ByName<'_> {
    scenario.examples.iter().map(|example| (example.name.as_str(), example)).collect()
}

fn play(scenario: &Scenario, named: &ByName<'_>, example: &Example, stubs: &Arc<StubSet>) -> Vec<Mismatch> {
    let engine = Engine::new(stubs.clone(), Settings::default());
    for earlier in before(named, example) {
        if let Err(mismatch) = send(&engine, scenario, earlier) {
            return vec![Mismatch::from_text(format!("before it, `{}`", earlier.name), mismatch)];
        }
    }
    let (request, exchange) = match send(&engine, scenario, example) {
        Ok(sent) => sent,
        Err(mismatch) => return vec![Mismatch::from_text("request", mismatch)],
    };
    let expected = &example.response;
    let needs_explanation = example.stub.is_some() || expected.body.is_some() || !expected.headers.is_empty();
    let exchange = if needs_explanation {
        complete(&engine, exchange, &request)
    } else {
        exchange.into()
    };
    let mut found: Vec<Mismatch> = wrong_stub(scenario, example, &exchange).into_iter().collect();
    if found.is_empty() || exchange.entry.stub().is_some() {
        found.extend(differences(expected, &example.ignore, &exchange));
    }
    for (machine, wanted) in &example.state_after {
        let actual = engine.state(machine);
        if actual != *wanted {
            found.push(Mismatch::new(format!("state of {machine}"), Some(wanted.clone()), Some(actual)));
        }
    }
    found
}

/// Returns the examples to be played first, each once and after its own predecessors.
fn before<'a>(named: &ByName<'a>, example: &'a Example) -> Vec<&'a Example> {
    let mut all = Vec::new();
    let mut seen = HashSet::from([example.name.as_str()]);
    // Each example on the path, with the index of its next predecessor. Loading has refused cycles.
    let mut stack = vec![(example, 0)];
    while let Some((current, next)) = stack.last_mut() {
        let Some(name) = current.after.get(*next) else {
            all.push(*current);
            stack.pop();
            continue;
        };
        *next += 1;
        if let Some(earlier) = named.get(name.as_str()).filter(|_| seen.insert(name)) {
            stack.push((earlier, 0));
        }
    }
    all.pop();
    all
}

fn send(engine: &Engine, scenario: &Scenario, example: &Example) -> Result<(Request, Exchange), String> {
    for (machine, state) in &example.state {
        engine.set_state(machine, state);
    }
    send_at(engine, scenario, example, moment(example)?)
}

/// Returns the time at which an example is played.
pub(super) fn moment(example: &Example) -> Result<Timestamp, String> {
    match &example.now {
        None => Ok(Timestamp::UNIX_EPOCH),
        Some(text) => parse_moment(text).ok_or_else(|| format!("now: `{text}` is not a date of RFC 3339")),
    }
}

/// Sends the request of an example at a time, after arming the on-demand stub that it names. The exchange has no explanation.
pub(super) fn send_at(
    engine: &Engine,
    scenario: &Scenario,
    example: &Example,
    now: Timestamp,
) -> Result<(Request, Exchange), String> {
    if let Some(wanted) = &example.stub {
        let full = full_name(scenario, wanted);
        if engine.stubs().is_on_demand(&full) {
            engine.arm(&full, 1).map_err(|unknown| unknown.to_string())?;
        }
    }
    let request = request(example, now);
    let exchange = engine.handle(&request, now, None);
    Ok((request, exchange))
}

/// Returns `scenario/stub`. A name without a scenario is a stub of the example's own scenario.
fn full_name(scenario: &Scenario, wanted: &str) -> String {
    if wanted.contains('/') {
        wanted.to_owned()
    } else {
        format!("{}/{wanted}", scenario.name)
    }
}

/// Returns the request as it would be received. The Content-Type follows from the body unless the example specifies one.
pub(super) fn request(example: &Example, now: Timestamp) -> Request {
    let (body, media) = match &example.request.body {
        None => (Bytes::new(), None),
        Some(ExampleBody::Json(json)) => (json.to_string().into(), Some("application/json")),
        Some(ExampleBody::Xml(text)) => (text.clone().into(), Some("application/xml")),
        Some(ExampleBody::Text(text)) => (text.clone().into(), Some(TEXT)),
        Some(ExampleBody::File(path, bytes)) => (bytes.clone(), media_of_file(path)),
        Some(ExampleBody::Base64(bytes)) => (bytes.clone(), None),
    };
    let is_given = |name: &str| header_value(&example.request.headers, name).is_some();
    let mut headers: Vec<(&str, &[u8])> = Vec::new();
    for (name, values) in &example.request.headers {
        headers.extend(values.iter().map(|value| (name.as_str(), value.as_bytes())));
    }
    let content_type = header_value(&example.request.headers, "content-type");
    let charset = content_type.and_then(|values| values.first()).and_then(|value| charset_of(value));
    let body = match (&example.request.body, charset) {
        (Some(ExampleBody::Json(_) | ExampleBody::Xml(_) | ExampleBody::Text(_)), Some(charset)) => {
            encoded(body, &charset)
        }
        _ => body,
    };
    let length = body.len().to_string();
    headers.extend(Some(("Host", &b"localhost"[..])).filter(|_| !is_given("host")));
    headers.extend(media.map(|media| ("Content-Type", media.as_bytes())).filter(|_| !is_given("content-type")));
    headers.extend(Some(("Content-Length", length.as_bytes())).filter(|_| !body.is_empty()));
    Request::new(Head::compose(&example.request.method, &example.request.url, headers), body, None, now)
}

/// Encodes a text in a charset. If the charset is unknown or lacks a character, the text stays UTF-8, as a client with a
/// wrong Content-Type sends it.
fn encoded(text: Bytes, charset: &str) -> Bytes {
    let source = std::str::from_utf8(&text).expect("a text of an example is UTF-8");
    match Charset::by_name(charset).ok().map(|charset| charset.encode(source).map(Cow::into_owned)) {
        Some(Ok(encoded)) => encoded.into(),
        Some(Err(_)) | None => text,
    }
}

/// Returns the Content-Type that follows from the extension of a body file, if it is JSON, XML or plain text.
fn media_of_file(path: &str) -> Option<&'static str> {
    media_type_of_file(path).filter(|media| matches!(*media, "application/json" | "application/xml" | TEXT))
}

fn wrong_stub(scenario: &Scenario, example: &Example, exchange: &ExplainedExchange) -> Option<Mismatch> {
    let wanted = example.stub.as_ref()?;
    let expected = Some(format!("`{wanted}`"));
    match exchange.entry.stub() {
        Some(stub) if format!("{}/{}", stub.scenario, stub.name) == full_name(scenario, wanted) => None,
        Some(stub) => {
            let place = format!("{}:{}", stub.place.file, stub.place.line);
            Some(Mismatch::new("stub", expected, Some(format!("`{}` ({place})", stub.name))))
        }
        None => {
            let why = exchange.explanation.as_ref().map(|explanation| explanation.text(Style::default()));
            Some(Mismatch { text: why, ..Mismatch::new("stub", expected, None) })
        }
    }
}
