//! Reads a response, of a stub or of the file's defaults.

use std::time::Duration;

use crate::model::{Delay, Response};

use super::body;
use super::delivery;
use super::duration::duration;
use super::names;
use super::request::refuse_second;
use crate::formats::keys::Keys;
use crate::formats::tree::Value;
use crate::formats::written::{Reading, Written};

/// The keys of a response.
pub(super) const KEYS: [&str; 13] = [
    "status", "reason", "headers", "json", "xml", "text", "file", "base64", "document", "delay", "template", "dribble",
    "fault",
];

/// The response of a file that says nothing of it.
pub(super) fn unsaid() -> Response {
    Response { template: Some(true), ..Response::default() }
}

/// Reads a response; `defaults` say whether its strings are templates where it does not.
pub(super) fn response(written: &Written<'_>, defaults: &Response, reading: &mut Reading<'_>) -> Option<Response> {
    let mut keys = Keys::open(written, "a response", reading)?;
    let said = keys.take("template").and_then(|value| value.boolean(reading));
    let template = said.or(defaults.template);
    let templates = template == Some(true);
    let response = Response {
        status: keys.take("status").and_then(|value| names::status(&value, reading)),
        reason: keys.take("reason").and_then(|value| names::reason(&value, reading)),
        headers: keys.take("headers").map(|value| headers(&value, reading)).unwrap_or_default(),
        body: body::body(&mut keys, templates, reading),
        delay: keys.take("delay").and_then(|value| delay(&value, reading)),
        delivery: delivery::delivery(&mut keys, reading),
        template,
    };
    keys.finish(reading);
    delivery::refuse_unsent(written, response.delivery, reading);
    Some(response)
}

/// Reads the headers that are sent; a list of values repeats one.
fn headers(written: &Written<'_>, reading: &mut Reading<'_>) -> Vec<(String, Vec<String>)> {
    let mut read: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in written.entries(reading).unwrap_or_default() {
        refuse_second(&read, name, &value, reading);
        let (name, values) = (names::answered_header(name, &value, reading), header_values(&value, reading));
        read.extend(name.zip(values));
    }
    read
}

/// Reads one value of a header or a list of them.
pub(super) fn header_values(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Vec<String>> {
    let all = written.one_or_more();
    if all.is_empty() {
        let fault = written.fault(format!("{} is an empty list", written.name())).labelled("no value at all");
        return reading.refuse(fault.helped("Leave the header out, or write \"\" for one without a value."));
    }
    let values: Vec<_> = all.iter().map(|value| header_value(value, reading)).collect();
    values.into_iter().collect()
}

fn header_value(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    match &written.node.value {
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Integer(_) | Value::Float(_) => written.number(reading).map(|number| number.to_string()),
        Value::String(_) => names::header_value(written, reading),
        _ => reading.refuse(written.not("a string or a list of them")),
    }
}

fn delay(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Delay> {
    let Value::Table(_) = written.node.value else {
        return duration(written, reading).map(Delay::Fixed);
    };
    let mut keys = Keys::open(written, "a delay", reading)?;
    let given = keys.take_one(&["uniform", "lognormal"], "distribution", reading);
    keys.finish(reading);
    match given {
        Some(("uniform", value)) => uniform(&value, reading),
        Some((_, value)) => lognormal(&value, reading),
        None => {
            let fault = written.fault("a delay needs `uniform` or `lognormal`").labelled("no distribution");
            let help = "Write `delay = \"250ms\"`, `{ uniform = [\"50ms\", \"1s\"] }` or `{ lognormal = { median = \"90ms\", sigma = 0.4 } }`.";
            reading.refuse(fault.helped(help))
        }
    }
}

fn uniform(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Delay> {
    let bounds = written.items(reading)?;
    let [low, high] = bounds.as_slice() else {
        let fault = written.fault("`uniform` has two durations, the shortest and the longest");
        return reading.refuse(fault.labelled("not two").helped("Write `{ uniform = [\"50ms\", \"1s\"] }`."));
    };
    let (low, high) = (duration(low, reading), duration(high, reading));
    if low? > high? {
        let fault = written.fault("the shortest delay is longer than the longest").labelled("the wrong way round");
        return reading.refuse(fault.helped("Write the shorter of the two first."));
    }
    Some(Delay::Uniform(low?, high?))
}

fn lognormal(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Delay> {
    let mut keys = Keys::open(written, "`lognormal`", reading)?;
    let median = keys.need("median", reading).and_then(|value| {
        let median = duration(&value, reading)?;
        if median == Duration::ZERO {
            return reading.refuse(value.fault("the median of a delay is more than 0").labelled("nothing to spread"));
        }
        Some(median)
    });
    let sigma = keys.need("sigma", reading).and_then(|value| {
        let sigma = match &value.node.value {
            Value::Integer(whole) => *whole as f64,
            Value::Float(float) => *float,
            _ => return reading.refuse(value.not("a number")),
        };
        if !(0.0..=10.0).contains(&sigma) {
            return reading.refuse(value.fault("`sigma` lies between 0 and 10").labelled("out of range"));
        }
        Some(sigma)
    });
    keys.finish(reading);
    Some(Delay::Lognormal { median: median?, sigma: sigma? })
}
