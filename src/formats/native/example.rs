//! Reads an example: a request, and the response that is expected.

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::tree::Value;
use crate::formats::words::in_backticks;
use crate::model::{Delivery, Example, ExampleRequest, ExampleResponse, Fault, Timestamp, WireFault};

use super::body::example_body;
use super::delivery;
use super::names;
use super::response::{headers, refuse_unsent};

/// The method of an example that specifies none.
const DEFAULT_METHOD: &str = "GET";

/// Reads an example. `number` counts from 1, and `machine` is the file's own state machine.
pub(super) fn example(
    located: &Located<'_>,
    number: usize,
    machine: &str,
    context: &mut ReadContext<'_>,
) -> Option<Example> {
    let mut table = TableReader::open(located, "an example", context)?;
    let name = table.take("name").and_then(|value| value.nonempty_text(context));
    let example = Example {
        name: name.unwrap_or_else(|| format!("example {number}")),
        stub: table.take("stub").and_then(|value| value.nonempty_text(context)),
        request: table.require("request", context).and_then(|value| request(&value, context)).unwrap_or_default(),
        response: table.require("response", context).and_then(|value| response(&value, context)).unwrap_or_default(),
        after: table.take("after").map(|value| texts(&value, context)).unwrap_or_default(),
        state: table.take("state").map(|value| states(&value, machine, context)).unwrap_or_default(),
        state_after: table.take("state_after").map(|value| states(&value, machine, context)).unwrap_or_default(),
        now: table.take("now").and_then(|value| now(&value, context)),
        ignore: table.take("ignore").map(|value| texts(&value, context)).unwrap_or_default(),
        line: context.source.line(located.node),
    };
    table.finish(context);
    Some(example)
}

fn request(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<ExampleRequest> {
    let mut table = TableReader::open(located, "an example's request", context)?;
    let method = table.take("method").and_then(|value| names::method(&value, context));
    let url = table.require("url", context).and_then(|value| url(&value, context));
    let headers = table.take("headers").map(|value| headers(&value, names::header, context)).unwrap_or_default();
    let body = example_body(&mut table, context);
    table.finish(context);
    Some(ExampleRequest { method: method.unwrap_or_else(|| DEFAULT_METHOD.to_owned()), url: url?, headers, body })
}

/// Reads the path and query of a request.
fn url(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let text = located.text(context)?;
    if !text.starts_with('/') && text != "*" {
        let fault = located.fault("the `url` of an example must begin with `/`").with_label("no `/` at the beginning");
        return context.refuse(fault.with_help("Write path and query without scheme and host."));
    }
    if let Some(at) = text.find(|c: char| c.is_ascii_whitespace() || c.is_control() || c == '#') {
        let length = text[at..].chars().next().map_or(0, char::len_utf8);
        let fault =
            located.fault("a `url` must not contain white space, control characters or `#`").within(at, at + length);
        return context.refuse(
            fault.with_label("not allowed in a URL").with_help("Encode it: a space is `%20`, a `#` is `%23`."),
        );
    }
    Some(text.to_owned())
}

fn response(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<ExampleResponse> {
    let mut table = TableReader::open(located, "an example's response", context)?;
    let faults_before = context.faults.len();
    let response = ExampleResponse {
        status: table.take("status").and_then(|value| names::status(&value, context)),
        fault: table.take("fault").and_then(|value| delivery::wire_fault(&value, context)),
        reason: table.take("reason").and_then(|value| names::reason(&value, context)),
        headers: table.take("headers").map(|value| headers(&value, names::header, context)).unwrap_or_default(),
        body: example_body(&mut table, context),
    };
    table.finish(context);
    refuse_unsent(located, response.fault.map(Delivery::Fault), context);
    refuse_cut(located, &response, context);
    if response == ExampleResponse::default() && context.faults.len() == faults_before {
        let fault = located.fault("the response of an example must have at least one key").with_label("empty");
        return context.refuse(fault.with_help("Expect at least a status: `response = { status = 200 }`."));
    }
    Some(response)
}

/// Reports an expected body that a fault truncates.
fn refuse_cut(located: &Located<'_>, response: &ExampleResponse, context: &mut ReadContext<'_>) {
    if response.body.is_some() && response.fault.is_some_and(WireFault::sends_response) {
        let fault = Fault::value(&located.at, "an example with `fault = \"truncate\"` must not expect a body");
        let help = "Leave the body out. With `fault = \"truncate\"` an example can expect status and headers.";
        context.faults.push(fault.with_label("a truncated body is never complete").with_help(help));
    }
}

/// Reads a string or a list of strings.
fn texts(located: &Located<'_>, context: &mut ReadContext<'_>) -> Vec<String> {
    located.one_or_more().iter().filter_map(|value| value.nonempty_text(context)).collect()
}

/// Reads a state of the file's own machine, or a table of machines and states.
fn states(located: &Located<'_>, machine: &str, context: &mut ReadContext<'_>) -> Vec<(String, String)> {
    match &located.node.value {
        Value::Table(_) => located.texts(context).unwrap_or_default(),
        Value::String(_) => {
            located.nonempty_text(context).map(|state| (machine.to_owned(), state)).into_iter().collect()
        }
        _ => {
            context.faults.push(located.wrong_type("a string, or a table of machines and states"));
            Vec::new()
        }
    }
}

/// Reads a date and time with its offset (RFC 3339), and returns its text.
fn now(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let text = match &located.node.value {
        Value::Date(text) | Value::String(text) => text,
        _ => return context.refuse(located.wrong_type("a date and time")),
    };
    if text.parse::<Timestamp>().is_err() {
        let fault =
            located.fault(format!("{} is not a valid date and time", in_backticks(text))).with_label("not RFC 3339");
        return context.refuse(fault.with_help("Write date, time and offset, as in \"2031-05-06T07:08:09Z\"."));
    }
    Some(text.clone())
}
