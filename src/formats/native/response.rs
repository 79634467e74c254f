//! The keys of a response, of a stub or of the file's defaults: how they are read, inherited and printed.

use std::time::Duration;

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::tree::Value;
use crate::formats::words::in_backticks;
use crate::model::{Delay, Delivery, Fault, Json, Number, Response, WireFault};

use super::body::{body, print_body};
use super::delivery::{delivery, print_delivery};
use super::duration::{self, duration};
use super::merge::named;
use super::names;
use super::print_matcher::{object, texts};
use super::request::refuse_second;

/// What a key describes: the response itself, or how it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// Status, headers or body. A fault that sends no response excludes it.
    Response,
    Sending,
}

/// The keys of a response.
const KEYS: [(&str, About); 13] = [
    ("status", About::Response),
    ("reason", About::Response),
    ("headers", About::Response),
    ("json", About::Response),
    ("xml", About::Response),
    ("text", About::Response),
    ("file", About::Response),
    ("base64", About::Response),
    ("document", About::Response),
    ("delay", About::Sending),
    ("template", About::Response),
    ("dribble", About::Sending),
    ("fault", About::Sending),
];

/// Returns the keys of a response.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().map(|(key, _)| key)
}

/// Returns the default response of a file without `[response]`.
pub(super) fn unspecified() -> Response {
    Response { template: Some(true), ..Response::default() }
}

/// Reads a response. If it does not specify `template`, `defaults` do.
pub(super) fn response(located: &Located<'_>, defaults: &Response, context: &mut ReadContext<'_>) -> Option<Response> {
    let mut table = TableReader::open(located, "a response", context)?;
    let specified = table.take("template").and_then(|value| value.boolean(context));
    let template = specified.or(defaults.template);
    let templates = template == Some(true);
    let response = Response {
        status: table.take("status").and_then(|value| names::status(&value, context)),
        reason: table.take("reason").and_then(|value| names::reason(&value, context)),
        headers: table
            .take("headers")
            .map(|value| headers(&value, names::response_header, context))
            .unwrap_or_default(),
        body: body(&mut table, templates, context),
        delay: table.take("delay").and_then(|value| delay(&value, context)),
        delivery: delivery(&mut table, context),
        template,
    };
    table.finish(context);
    refuse_unsent(located, response.delivery, context);
    Some(response)
}

/// Returns the response of a stub, completed from the file's defaults. A body of any kind replaces the default body.
pub(super) fn merged(file: &Response, own: &Response) -> Response {
    Response {
        status: own.status.or(file.status),
        reason: own.reason.clone().or_else(|| file.reason.clone()),
        headers: named(&file.headers, &own.headers, str::eq_ignore_ascii_case),
        body: own.body.clone().or_else(|| file.body.clone()),
        delay: own.delay.or(file.delay),
        delivery: own.delivery.or(file.delivery),
        template: own.template.or(file.template),
    }
}

/// Prints a response so that the response that is read from it is sent alike. The frame of a batch always has a body.
///
/// A stub may inherit keys that have no effect: a dribble without a body, or a response with a fault that does not send it. A
/// stub that specifies these itself is refused, so they are left out.
pub(super) fn print_response(response: &Response, is_frame: bool) -> Json {
    // Without `..`, so that the build fails if a new field is not printed.
    let Response { status, reason, headers, body, delay, delivery, template } = response;
    let header = |(name, values): &(String, Vec<String>)| match values.as_slice() {
        [only] => (name.clone(), Json::from(only.as_str())),
        several => (name.clone(), texts(several)),
    };
    let sends_response = delivery.and_then(Delivery::fault).is_none_or(WireFault::sends_response);
    let is_template = *template == Some(true);
    let delivery =
        delivery.filter(|how| is_frame || !matches!(how, Delivery::Dribble(_)) || !response.has_empty_body());
    let mut members = vec![
        ("status", status.map(|status| Json::from(i64::from(status)))),
        ("reason", reason.as_deref().map(Json::from)),
        ("headers", (!headers.is_empty()).then(|| Json::Object(headers.iter().map(header).collect()))),
    ];
    members.extend(body.as_ref().map(print_body).map(|(key, value)| (key, Some(value))));
    if !sends_response {
        members.clear();
    }
    members.push(("delay", delay.map(print_delay)));
    members.extend(delivery.map(print_delivery).map(|(key, value)| (key, Some(value))));
    members.push(("template", (sends_response && !is_template).then_some(Json::Bool(false))));
    object(members)
}

/// Reports keys that have no effect because of a fault that does not send the response.
pub(super) fn refuse_unsent(located: &Located<'_>, delivery: Option<Delivery>, context: &mut ReadContext<'_>) {
    let Some(fault) = delivery.and_then(Delivery::fault).filter(|fault| !fault.sends_response()) else { return };
    let help = "Leave it out, or write `fault = \"truncate\"`, which sends the head and the first half of the body.";
    let is_given = |(key, about): &(&str, About)| *about == About::Response && located.node.get(key).is_some();
    for (key, _) in KEYS.into_iter().filter(is_given) {
        let message = format!(
            "`fault = \"{fault}\"` must not be combined with {}, because it sends no response",
            in_backticks(key)
        );
        context.faults.push(Fault::key(&located.at.key(key), message).with_label("never sent").with_help(help));
    }
}

/// Reads headers with their values. `read_name` reads the name of a header. A list of values repeats the header.
pub(super) fn headers(
    located: &Located<'_>,
    read_name: fn(&str, &Located<'_>, &mut ReadContext<'_>) -> Option<String>,
    context: &mut ReadContext<'_>,
) -> Vec<(String, Vec<String>)> {
    let mut read: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in located.entries(context).unwrap_or_default() {
        refuse_second(&read, name, &value, context);
        let (name, values) = (read_name(name, &value, context), header_values(&value, context));
        read.extend(name.zip(values));
    }
    read
}

/// Reads a value of a header, or a list of values.
fn header_values(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Vec<String>> {
    let all = located.one_or_more();
    if all.is_empty() {
        let fault = located.fault(format!("{} must not be an empty list", located.name())).with_label("no value");
        return context.refuse(fault.with_help("Leave the header out, or write \"\" for one without a value."));
    }
    let values: Vec<_> = all.iter().map(|value| header_value(value, context)).collect();
    values.into_iter().collect()
}

fn header_value(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    match &located.node.value {
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Integer(_) | Value::Float(_) => located.number(context).map(|number| number.to_string()),
        Value::String(_) => names::header_value(located, context),
        _ => context.refuse(located.wrong_type("a string or a list of strings")),
    }
}

fn delay(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Delay> {
    let Value::Table(_) = located.node.value else {
        return duration(located, context).map(Delay::Fixed);
    };
    let mut table = TableReader::open(located, "a delay", context)?;
    let given = table.take_one(&["uniform", "lognormal"], "distribution", context);
    table.finish(context);
    match given {
        Some(("uniform", value)) => uniform(&value, context),
        Some((_, value)) => lognormal(&value, context),
        None => {
            let fault = located.fault("a delay must have `uniform` or `lognormal`").with_label("no distribution");
            let help = "Write `delay = \"250ms\"`, `{ uniform = [\"50ms\", \"1s\"] }` or `{ lognormal = { median = \"90ms\", sigma = 0.4 } }`.";
            context.refuse(fault.with_help(help))
        }
    }
}

fn print_delay(delay: Delay) -> Json {
    let text = |long| Json::from(duration::print(long));
    match delay {
        Delay::Fixed(long) => text(long),
        Delay::Uniform(low, high) => Json::from([("uniform", Json::Array(vec![text(low), text(high)]))]),
        Delay::Lognormal { median, sigma } => {
            let sigma = Json::Number(Number::Float(sigma));
            Json::from([("lognormal", Json::from([("median", text(median)), ("sigma", sigma)]))])
        }
    }
}

fn uniform(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Delay> {
    let bounds = located.items(context)?;
    let [low, high] = bounds.as_slice() else {
        let fault = located.fault("`uniform` must have two durations, the shortest and the longest");
        return context.refuse(fault.with_label("not two").with_help("Write `{ uniform = [\"50ms\", \"1s\"] }`."));
    };
    let (low, high) = (duration(low, context), duration(high, context));
    if low? > high? {
        let fault =
            located.fault("the shortest delay must not be longer than the longest").with_label("the wrong way round");
        return context.refuse(fault.with_help("Write the shorter of the two first."));
    }
    Some(Delay::Uniform(low?, high?))
}

fn lognormal(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Delay> {
    let mut table = TableReader::open(located, "`lognormal`", context)?;
    let median = table.require("median", context).and_then(|value| {
        let median = duration(&value, context)?;
        if median == Duration::ZERO {
            return context
                .refuse(value.fault("the median of a delay must be more than 0").with_label("nothing to spread"));
        }
        Some(median)
    });
    let sigma = table.require("sigma", context).and_then(|value| {
        let sigma = match &value.node.value {
            Value::Integer(whole) => *whole as f64,
            Value::Float(float) => *float,
            _ => return context.refuse(value.wrong_type("a number")),
        };
        if !(0.0..=10.0).contains(&sigma) {
            return context.refuse(value.fault("`sigma` must be between 0 and 10").with_label("out of range"));
        }
        Some(sigma)
    });
    table.finish(context);
    Some(Delay::Lognormal { median: median?, sigma: sigma? })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use crate::formats::{BodyFiles, Diagnostic, FileFault, Syntax, read_stub};
    use crate::model::{Body, StubAnswer};

    use super::*;

    /// A response for each key, printed as it is read.
    const RESPONSES: [(&str, &str); 13] = [
        ("status", r#""status": 201"#),
        ("reason", r#""reason": "Made""#),
        ("headers", r#""headers": {"A": ["1", "2"], "B": "3"}"#),
        ("json", r#""json": {"a": 1}"#),
        ("xml", r#""xml": "<a/>""#),
        ("text", r#""text": "a""#),
        ("file", r#""file": "a{{request.path}}""#),
        ("base64", r#""base64": "AAEC""#),
        ("document", r#""document": {"a": 1}"#),
        ("delay", r#""delay": {"lognormal": {"median": "5ms", "sigma": 0.5}}"#),
        ("template", r#""template": false"#),
        ("dribble", r#""text": "a", "dribble": {"chunks": 2, "over": "1s"}"#),
        ("fault", r#""fault": "truncate""#),
    ];

    struct AnyFile;

    impl BodyFiles for AnyFile {
        fn read(&self, _: &str) -> Result<Bytes, FileFault> {
            Ok(Bytes::from_static(b"a"))
        }

        fn under(&self, _: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
            Ok(Vec::new())
        }
    }

    fn read(response: &str) -> Result<Response, Vec<Diagnostic>> {
        let stub = format!(r#"{{"response": {{{response}}}}}"#);
        let (stub, _) = read_stub(&stub, Syntax::Json, "body", "test", &AnyFile)?;
        match stub.answer {
            StubAnswer::Response(response) => Ok(response),
            other => panic!("not one response: {other:?}"),
        }
    }

    #[test]
    fn each_key_reads_as_it_is_printed() {
        assert_eq!(RESPONSES.map(|(key, _)| key).to_vec(), keys().collect::<Vec<_>>(), "a response for each key");
        for (key, text) in RESPONSES {
            let response = read(text).unwrap_or_else(|faults| panic!("{key}: {faults:?}"));
            let printed = print_response(&response, false);
            let expected = Json::parse(format!("{{{text}}}").as_bytes()).expect("JSON");
            assert_eq!(printed.get(key), expected.get(key), "{printed}");
        }
    }

    #[test]
    fn each_key_that_is_read_is_in_the_table() {
        let faults = read(r#""qqqqqqqq": 1"#).expect_err("an unknown key");
        let help = faults[0].help.as_deref().expect("a list of the keys");
        let mut read: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
        let mut listed: Vec<&str> = keys().collect();
        read.sort_unstable();
        listed.sort_unstable();

        assert_eq!(read, listed);
    }

    #[test]
    fn a_stub_inherits_each_key_that_it_does_not_specify() {
        for (key, text) in RESPONSES {
            let file = read(text).unwrap_or_else(|faults| panic!("{key}: {faults:?}"));
            assert_eq!(merged(&file, &Response::default()), file, "{key}");
        }
    }

    #[test]
    fn a_body_replaces_a_body_of_another_kind() {
        let file = Response { status: Some(201), body: Some(Body::Text("a".to_owned())), ..Response::default() };
        let own = Response { body: Some(Body::Xml("<b/>".to_owned())), ..Response::default() };

        let whole = merged(&file, &own);

        assert_eq!((whole.status, whole.body), (Some(201), own.body));
    }
}
