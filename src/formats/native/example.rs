//! Reads an example: a request, and the response that is expected.

use crate::model::{Delivery, Example, ExampleRequest, ExampleResponse, Fault, Timestamp, WireFault};

use super::body::example_body;
use super::delivery;
use super::names;
use super::request::refuse_second;
use super::response::{header_values, refuse_unsent};
use crate::formats::keys::Keys;
use crate::formats::tree::Value;
use crate::formats::words::tick;
use crate::formats::written::{Reading, Written};

/// The method of an example that specifies none.
const DEFAULT_METHOD: &str = "GET";

/// Reads an example. `number` counts from 1, and `machine` is the file's own state machine.
pub(super) fn example(
    written: &Written<'_>,
    number: usize,
    machine: &str,
    reading: &mut Reading<'_>,
) -> Option<Example> {
    let mut keys = Keys::open(written, "an example", reading)?;
    let name = keys.take("name").and_then(|value| value.filled(reading));
    let example = Example {
        name: name.unwrap_or_else(|| format!("example {number}")),
        stub: keys.take("stub").and_then(|value| value.filled(reading)),
        request: keys.need("request", reading).and_then(|value| request(&value, reading)).unwrap_or_default(),
        response: keys.need("response", reading).and_then(|value| response(&value, reading)).unwrap_or_default(),
        after: keys.take("after").map(|value| texts(&value, reading)).unwrap_or_default(),
        state: keys.take("state").map(|value| states(&value, machine, reading)).unwrap_or_default(),
        state_after: keys.take("state_after").map(|value| states(&value, machine, reading)).unwrap_or_default(),
        now: keys.take("now").and_then(|value| now(&value, reading)),
        ignore: keys.take("ignore").map(|value| texts(&value, reading)).unwrap_or_default(),
        line: reading.source.line(written.node),
    };
    keys.finish(reading);
    Some(example)
}

fn request(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<ExampleRequest> {
    let mut keys = Keys::open(written, "an example's request", reading)?;
    let method = keys.take("method").and_then(|value| names::method(&value, reading));
    let url = keys.need("url", reading).and_then(|value| url(&value, reading));
    let headers = keys.take("headers").map(|value| headers(&value, reading)).unwrap_or_default();
    let body = example_body(&mut keys, reading);
    keys.finish(reading);
    Some(ExampleRequest { method: method.unwrap_or_else(|| DEFAULT_METHOD.to_owned()), url: url?, headers, body })
}

/// Reads path and query, as the first line of a request has them.
fn url(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let text = written.text(reading)?;
    if !text.starts_with('/') && text != "*" {
        let fault = written.fault("the `url` of an example must begin with `/`").labelled("no `/` at the beginning");
        return reading.refuse(fault.helped("Write path and query without scheme and host: it is played anywhere."));
    }
    if let Some(at) = text.find(|c: char| c.is_ascii_whitespace() || c.is_control() || c == '#') {
        let length = text[at..].chars().next().map_or(0, char::len_utf8);
        let fault =
            written.fault("a `url` must not contain white space, control characters or `#`").within(at, at + length);
        return reading
            .refuse(fault.labelled("not allowed in a URL").helped("Encode it: a space is `%20`, a `#` is `%23`."));
    }
    Some(text.to_owned())
}

fn headers(written: &Written<'_>, reading: &mut Reading<'_>) -> Vec<(String, Vec<String>)> {
    let mut read: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in written.entries(reading).unwrap_or_default() {
        refuse_second(&read, name, &value, reading);
        read.extend(names::header(name, &value, reading).zip(header_values(&value, reading)));
    }
    read
}

fn response(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<ExampleResponse> {
    let mut keys = Keys::open(written, "an example's response", reading)?;
    let faults_before = reading.faults.len();
    let response = ExampleResponse {
        status: keys.take("status").and_then(|value| names::status(&value, reading)),
        fault: keys.take("fault").and_then(|value| delivery::wire_fault(&value, reading)),
        reason: keys.take("reason").and_then(|value| names::reason(&value, reading)),
        headers: keys.take("headers").map(|value| headers(&value, reading)).unwrap_or_default(),
        body: example_body(&mut keys, reading),
    };
    keys.finish(reading);
    refuse_unsent(written, response.fault.map(Delivery::Fault), reading);
    refuse_cut(written, &response, reading);
    if response == ExampleResponse::default() && reading.faults.len() == faults_before {
        let fault = written.fault("the response of an example must expect something").labelled("expects nothing");
        return reading.refuse(fault.helped("Expect at least a status: `response = { status = 200 }`."));
    }
    Some(response)
}

/// Reports an expected body that a fault truncates.
fn refuse_cut(written: &Written<'_>, response: &ExampleResponse, reading: &mut Reading<'_>) {
    if response.body.is_some() && response.fault.is_some_and(WireFault::sends_response) {
        let fault = Fault::value(&written.at, "an example with `fault = \"truncate\"` must not expect a body");
        let help = "Leave the body out: status and headers can be expected beside `fault = \"truncate\"`.";
        reading.faults.push(fault.labelled("a truncated body never comes whole").helped(help));
    }
}

/// Reads a string or a list of strings.
fn texts(written: &Written<'_>, reading: &mut Reading<'_>) -> Vec<String> {
    written.one_or_more().iter().filter_map(|value| value.filled(reading)).collect()
}

/// Reads a state of the file's own machine, or a table of machines and states.
fn states(written: &Written<'_>, machine: &str, reading: &mut Reading<'_>) -> Vec<(String, String)> {
    match &written.node.value {
        Value::Table(_) => written.texts(reading).unwrap_or_default(),
        Value::String(_) => written.filled(reading).map(|state| (machine.to_owned(), state)).into_iter().collect(),
        _ => {
            reading.faults.push(written.not("a string, or a table of machines and states"));
            Vec::new()
        }
    }
}

/// Reads a date and time with its offset (RFC 3339). The text is kept.
fn now(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let text = match &written.node.value {
        Value::Date(text) | Value::String(text) => text,
        _ => return reading.refuse(written.not("a date and time")),
    };
    if text.parse::<Timestamp>().is_err() {
        let fault = written.fault(format!("{} is not a valid date and time", tick(text))).labelled("not RFC 3339");
        return reading.refuse(fault.helped("Write date, time and offset, as in \"2031-05-06T07:08:09Z\"."));
    }
    Some(text.clone())
}
