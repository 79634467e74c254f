//! Prints a stub in the words of the format, so that what the admin API shows could be sent to it again.

use crate::model::{
    Answer, Batch, BatchCase, Body, Delay, Delivery, Json, Matcher, Merge, PartPattern, PathPattern, Repeat,
    RequestPattern, Response, Stub, WireFault,
};

use super::body::print_base64;
use super::duration;
use super::expect::print_expect;
use super::json_value;
use super::print_matcher::{conditions, matcher, matchers, object};

/// The stub as one object with the keys of `[[stub]]`; where it was written is left out.
///
/// Read again with [`read_stub`](super::read_stub) it is the same stub.
pub fn print_stub(stub: &Stub) -> Json {
    let text = |text: &Option<String>| text.as_deref().map(Json::from);
    let mut members = vec![
        ("name", text(&stub.name)),
        ("priority", (stub.priority != Stub::DEFAULT_PRIORITY).then(|| Json::from(stub.priority))),
        ("when_state", text(&stub.when_state)),
        ("then_state", text(&stub.then_state)),
        ("state_machine", Some(Json::from(stub.state_machine.as_str()))),
        ("on_demand", stub.on_demand.then_some(Json::Bool(true))),
        ("expect", stub.expect.map(print_expect)),
        ("request", Some(request(&stub.request)).filter(|request| *request != Json::Object(Vec::new()))),
    ];
    match &stub.answer {
        Answer::Response(whole) => members.push(("response", Some(response(whole)))),
        Answer::Responses(all, repeat) => {
            members.push(("responses", Some(Json::Array(all.iter().map(response).collect()))));
            members.push(("repeat", (*repeat == Repeat::Cycle).then(|| Json::from("cycle"))));
        }
        Answer::Batch(whole, frame) => {
            members.push(("batch", Some(batch(whole))));
            members.push(("response", (*frame != Response::default()).then(|| response(frame))));
        }
    }
    object(members)
}

fn request(pattern: &RequestPattern) -> Json {
    let one = |asked: &Option<Matcher>| asked.as_ref().map(|asked| matcher(asked, false));
    let method = pattern.method.as_ref().map(|methods| match methods.as_slice() {
        [only] => Json::from(only.as_str()),
        several => texts(several),
    });
    let basic_auth = pattern.basic_auth.as_ref().map(|auth| {
        Json::from([("username", matcher(&auth.username, false)), ("password", matcher(&auth.password, false))])
    });
    let multipart: Vec<_> = pattern.multipart.iter().map(|(name, asked)| (name.clone(), part(asked))).collect();
    let mut members = vec![
        ("method", method),
        ("path", pattern.path.as_ref().map(path)),
        ("path_params", matchers(&pattern.path_params)),
        ("query", matchers(&pattern.query)),
        ("headers", matchers(&pattern.headers)),
        ("cookies", matchers(&pattern.cookies)),
        ("form", matchers(&pattern.form)),
        ("basic_auth", basic_auth),
        ("host", one(&pattern.host)),
        ("scheme", one(&pattern.scheme)),
        ("client_ip", one(&pattern.client_ip)),
        ("multipart", (!multipart.is_empty()).then_some(Json::Object(multipart))),
        ("body", one(&pattern.body)),
    ];
    members.extend(conditions(&pattern.holds).into_iter().map(|(key, value)| (key, Some(value))));
    members.push(("malformed", pattern.malformed.map(Json::Bool)));
    object(members)
}

fn path(path: &PathPattern) -> Json {
    match path {
        PathPattern::Template { template, ignore_case: false } => Json::from(template.as_str()),
        PathPattern::Template { template, ignore_case: true } => {
            Json::from([("template", Json::from(template.as_str())), ("ignore_case", Json::Bool(true))])
        }
        // A bare string would be a template.
        PathPattern::Matcher(asked) => super::print_matcher::table(asked),
    }
}

fn part(part: &PartPattern) -> Json {
    let mut members = vec![
        ("filename", part.filename.as_ref().map(|asked| matcher(asked, false))),
        ("headers", matchers(&part.headers)),
        ("body", part.body.as_ref().map(|asked| matcher(asked, false))),
    ];
    members.extend(conditions(&part.holds).into_iter().map(|(key, value)| (key, Some(value))));
    object(members)
}

fn response(response: &Response) -> Json {
    let headers = response.headers.iter().map(|(name, values)| match values.as_slice() {
        [only] => (name.clone(), Json::from(only.as_str())),
        several => (name.clone(), texts(several)),
    });
    let body = response.body.as_ref().map(|body| match body {
        Body::Json(json) => ("json", json_value::print(json)),
        Body::Document(json) => ("document", json_value::print(json)),
        Body::Xml(text) => ("xml", Json::from(text.as_str())),
        Body::Text(text) => ("text", Json::from(text.as_str())),
        Body::File(file) => ("file", Json::from(file.path.as_str())),
        Body::Base64(bytes) => ("base64", Json::from(print_base64(bytes))),
    });
    let is_sent = response.delivery.and_then(Delivery::fault).is_none_or(WireFault::sends_response);
    let (key, body) = body.map_or(("", None), |(key, body)| (key, Some(body)));
    let (sent, how) = response.delivery.map_or(("", None), |how| {
        let (key, value) = delivery(how);
        (key, Some(value))
    });
    object(vec![
        ("status", response.status.map(|status| Json::from(i64::from(status)))),
        ("reason", response.reason.as_deref().map(Json::from)),
        ("headers", (!response.headers.is_empty()).then(|| Json::Object(headers.collect()))),
        (key, body),
        ("delay", response.delay.map(delay)),
        (sent, how),
        ("template", (is_sent && !response.has_templates()).then_some(Json::Bool(false))),
    ])
}

fn texts(texts: &[String]) -> Json {
    Json::Array(texts.iter().map(|text| Json::from(text.as_str())).collect())
}

fn delay(delay: Delay) -> Json {
    let text = |long| Json::from(duration::print(long));
    match delay {
        Delay::Fixed(long) => text(long),
        Delay::Uniform(low, high) => Json::from([("uniform", Json::Array(vec![text(low), text(high)]))]),
        Delay::Lognormal { median, sigma } => {
            let sigma = Json::Number(crate::model::Number::Float(sigma));
            Json::from([("lognormal", Json::from([("median", text(median)), ("sigma", sigma)]))])
        }
    }
}

fn delivery(delivery: Delivery) -> (&'static str, Json) {
    match delivery {
        Delivery::Fault(fault) => ("fault", Json::from(fault.name())),
        Delivery::Dribble(dribble) => {
            let over = Json::from(duration::print(dribble.over));
            ("dribble", Json::from([("chunks", Json::from(i64::from(dribble.chunks))), ("over", over)]))
        }
    }
}

fn batch(batch: &Batch) -> Json {
    let merged = |merged: &Option<Merge>| merged.as_ref().map(merge);
    object(vec![
        ("items", Some(Json::from(&*batch.items))),
        ("captures", batch.captures.as_deref().map(Json::from)),
        ("results", Some(Json::from(batch.results.as_str()))),
        ("case", Some(Json::Array(batch.cases.iter().map(case).collect()))),
        ("some_failed", merged(&batch.some_failed)),
        ("all_failed", merged(&batch.all_failed)),
        ("none_failed", merged(&batch.none_failed)),
    ])
}

fn case(case: &BatchCase) -> Json {
    object(vec![
        ("item", case.item.as_ref().map(|asked| matcher(asked, false))),
        ("failed", case.failed.then_some(Json::Bool(true))),
        ("result", Some(json_value::print(&case.result))),
    ])
}

fn merge(merge: &Merge) -> Json {
    let status = merge.status.map(|status| ("status".to_owned(), Json::from(i64::from(status))));
    Json::Object(status.into_iter().chain(merge.members.iter().cloned()).collect())
}
