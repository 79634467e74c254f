//! Prints a stub in the native format, so that what the admin API shows can be sent to it again.

use crate::model::{
    Batch, BatchCase, Json, Matcher, Merge, PartPattern, PathPattern, Repeat, RequestPattern, Response, Stub,
    StubAnswer,
};

#[cfg(feature = "admin")]
use crate::model::{ElementOrder, Representation};

use super::expect::print_expect;
use super::json_value;
use super::print_matcher::{conditions, matcher, matchers, object, texts};
use super::response::print_response;

/// Prints the stub as one object with the keys of `[[stub]]`, without its place.
///
/// [`read_stub`](super::read_stub) reads the same stub from it.
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
        ("vars", (!stub.vars.is_empty()).then(|| Json::Object(stub.vars.clone()))),
        ("request", Some(request(&stub.request)).filter(|request| *request != Json::Object(Vec::new()))),
    ];
    match &stub.answer {
        StubAnswer::Response(whole) => members.push(("response", Some(print_response(whole, false)))),
        StubAnswer::Responses(all, repeat) => {
            let printed = all.iter().map(|one| print_response(one, false));
            members.push(("responses", Some(Json::Array(printed.collect()))));
            members.push(("repeat", (*repeat == Repeat::Cycle).then(|| Json::from("cycle"))));
        }
        StubAnswer::Batch(whole, frame) => {
            members.push(("batch", Some(batch(whole))));
            members.push(("response", (*frame != Response::default()).then(|| print_response(frame, true))));
        }
    }
    object(members)
}

/// Prints `[representation]` as one object, which is empty for the default.
#[cfg(feature = "admin")]
pub(crate) fn print_representation(representation: &Representation) -> Json {
    let by_name = |named: &[(String, String)]| {
        let members = named.iter().map(|(name, text)| (name.clone(), Json::from(text.as_str())));
        (!named.is_empty()).then(|| Json::Object(members.collect()))
    };
    let xml = representation.xml.as_ref().map(|xml| {
        let order = match &xml.order {
            ElementOrder::AsWritten => None,
            ElementOrder::Ordinal => Some(Json::from("ordinal")),
            ElementOrder::Given(given) => {
                let members = given.iter().map(|(name, members)| (name.clone(), texts(members)));
                Some(Json::Object(members.collect()))
            }
        };
        object(vec![
            ("root", Some(Json::from(xml.root.as_str()))),
            ("namespace", xml.namespace.as_deref().map(Json::from)),
            ("prefixes", by_name(&xml.prefixes)),
            ("lists", by_name(&xml.lists)),
            ("order", order),
        ])
    });
    object(vec![("parameter", representation.parameter.as_deref().map(Json::from)), ("xml", xml)])
}

fn request(pattern: &RequestPattern) -> Json {
    let one = |given: &Option<Matcher>| given.as_ref().map(|given| matcher(given, false));
    let method = pattern.method.as_ref().map(|methods| match methods.as_slice() {
        [only] => Json::from(only.as_str()),
        several => texts(several),
    });
    let basic_auth = pattern.basic_auth.as_ref().map(|auth| {
        Json::from([("username", matcher(&auth.username, false)), ("password", matcher(&auth.password, false))])
    });
    let multipart: Vec<_> = pattern.multipart.iter().map(|(name, given)| (name.clone(), part(given))).collect();
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
        // As a table, because a bare string would be a template.
        PathPattern::Matcher(given) => super::print_matcher::table(given),
    }
}

fn part(part: &PartPattern) -> Json {
    let mut members = vec![
        ("filename", part.filename.as_ref().map(|given| matcher(given, false))),
        ("headers", matchers(&part.headers)),
        ("body", part.body.as_ref().map(|given| matcher(given, false))),
    ];
    members.extend(conditions(&part.holds).into_iter().map(|(key, value)| (key, Some(value))));
    object(members)
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
        ("item", case.item.as_ref().map(|given| matcher(given, false))),
        ("failed", case.failed.then_some(Json::Bool(true))),
        ("result", Some(json_value::print(&case.result))),
    ])
}

fn merge(merge: &Merge) -> Json {
    let status = merge.status.map(|status| ("status".to_owned(), Json::from(i64::from(status))));
    Json::Object(status.into_iter().chain(merge.members.iter().cloned()).collect())
}
