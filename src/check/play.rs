//! Plays examples, each on a fresh engine against the whole set.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::engine::{Engine, Exchange, Settings, StubSet, Style};
use crate::matching::parse_moment;
use crate::message::{Head, Request};
use crate::model::{Example, ExampleBody, Scenario};

use super::compare::complaints;

/// An example that was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// The scenario that it stands in.
    pub scenario: String,
    /// Its name.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What is not as the example says; nothing where it holds.
    pub complaints: Vec<String>,
}

/// Plays every example of every scenario, in order.
pub fn play_all(scenarios: &[Scenario], stubs: &Arc<StubSet>) -> Vec<Played> {
    let each = scenarios.iter().flat_map(|scenario| scenario.examples.iter().map(move |example| (scenario, example)));
    each.map(|(scenario, example)| Played {
        scenario: scenario.name.clone(),
        name: example.name.clone(),
        file: scenario.file.clone(),
        line: example.line,
        complaints: play(scenario, example, stubs),
    })
    .collect()
}

fn play(scenario: &Scenario, example: &Example, stubs: &Arc<StubSet>) -> Vec<String> {
    let engine = Engine::new(stubs.clone(), Settings::default());
    for earlier in before(scenario, example) {
        if let Err(complaint) = send(&engine, scenario, earlier) {
            return vec![format!("before it, `{}`: {complaint}", earlier.name)];
        }
    }
    let exchange = match send(&engine, scenario, example) {
        Ok(exchange) => exchange,
        Err(complaint) => return vec![complaint],
    };
    let mut found = wrong_stub(scenario, example, &exchange);
    if found.is_empty() || exchange.entry.stub().is_some() {
        found.extend(complaints(&example.response, &example.ignore, &exchange));
    }
    for (machine, wanted) in &example.state_after {
        let actual = engine.state(machine);
        if actual != *wanted {
            found.push(format!("state of {machine}: expected {wanted}, is {actual}"));
        }
    }
    found
}

/// The examples to be played first, each once, those that they themselves come after before them.
fn before<'a>(scenario: &'a Scenario, example: &'a Example) -> Vec<&'a Example> {
    fn add<'a>(scenario: &'a Scenario, example: &'a Example, all: &mut Vec<&'a Example>) {
        for name in &example.after {
            let earlier = scenario.examples.iter().find(|other| other.name == *name);
            if let Some(earlier) = earlier.filter(|earlier| !all.iter().any(|known| known.name == earlier.name)) {
                // Loading has refused circles, so this ends.
                add(scenario, earlier, all);
                all.push(earlier);
            }
        }
    }
    let mut all = Vec::new();
    add(scenario, example, &mut all);
    all
}

fn send(engine: &Engine, scenario: &Scenario, example: &Example) -> Result<Exchange, String> {
    for (machine, state) in &example.state {
        engine.set_state(machine, state);
    }
    send_at(engine, scenario, example, moment(example)?)
}

/// The time at which an example is played.
pub(super) fn moment(example: &Example) -> Result<Timestamp, String> {
    match &example.now {
        None => Ok(Timestamp::UNIX_EPOCH),
        Some(text) => parse_moment(text).ok_or_else(|| format!("now: `{text}` is not a date of RFC 3339")),
    }
}

/// Sends the request of an example at a time, with the on-demand stub armed that it asks for.
pub(super) fn send_at(
    engine: &Engine,
    scenario: &Scenario,
    example: &Example,
    now: Timestamp,
) -> Result<Exchange, String> {
    if let Some(wanted) = &example.stub {
        let full = full_name(scenario, wanted);
        let set = engine.stubs();
        if set.stubs().iter().any(|live| live.stub.on_demand && live.full_name() == full) {
            engine.arm(&full, 1).map_err(|unknown| unknown.to_string())?;
        }
    }
    Ok(engine.handle(&request(example, now), now, None))
}

/// `scenario/stub`; an example that names no scenario means a stub of its own.
fn full_name(scenario: &Scenario, wanted: &str) -> String {
    if wanted.contains('/') {
        wanted.to_owned()
    } else {
        format!("{}/{wanted}", scenario.name)
    }
}

/// The request as it would be received; a body brings its type, unless the example says another.
pub(super) fn request(example: &Example, now: Timestamp) -> Request {
    let (body, media) = match &example.request.body {
        None => (Bytes::new(), None),
        Some(ExampleBody::Json(json)) => (json.to_string().into(), Some("application/json")),
        Some(ExampleBody::Xml(text)) => (text.clone().into(), Some("application/xml")),
        Some(ExampleBody::Text(text)) => (text.clone().into(), Some("text/plain; charset=utf-8")),
        Some(ExampleBody::File(path, bytes)) => (bytes.clone(), media_of_file(path)),
        Some(ExampleBody::Base64(bytes)) => (bytes.clone(), None),
    };
    let length = body.len().to_string();
    let said = |name: &str| example.request.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let mut headers: Vec<(&str, &[u8])> = Vec::new();
    for (name, values) in &example.request.headers {
        headers.extend(values.iter().map(|value| (name.as_str(), value.as_bytes())));
    }
    headers.extend(Some(("Host", &b"localhost"[..])).filter(|_| !said("host")));
    headers.extend(media.map(|media| ("Content-Type", media.as_bytes())).filter(|_| !said("content-type")));
    headers.extend(Some(("Content-Length", length.as_bytes())).filter(|_| !body.is_empty()));
    Request::new(Head::compose(&example.request.method, &example.request.url, headers), body, None, now)
}

fn media_of_file(path: &str) -> Option<&'static str> {
    match path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("json") => Some("application/json"),
        Some("xml") => Some("application/xml"),
        Some("txt") => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}

fn wrong_stub(scenario: &Scenario, example: &Example, exchange: &Exchange) -> Vec<String> {
    let Some(wanted) = &example.stub else { return Vec::new() };
    match exchange.entry.stub() {
        Some(stub) if format!("{}/{}", stub.scenario, stub.name) == full_name(scenario, wanted) => Vec::new(),
        Some(stub) => vec![format!("stub: expected `{wanted}`, `{}` of {} answered", stub.name, stub.scenario)],
        None => {
            let why = exchange.explanation.as_ref().map(|explanation| explanation.text(Style::default()));
            vec![format!("stub: expected `{wanted}`, none answered\n{}", why.unwrap_or_default())]
        }
    }
}
