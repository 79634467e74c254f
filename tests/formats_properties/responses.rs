//! Generators of responses and batches.

use std::time::Duration;

use bytes::Bytes;
use cannery::model::{
    Body, Delay, Delivery, Dribble, FileBody, Json, Merge, RegexText, Repeat, Response, StubAnswer, WireFault,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use super::requests::matcher;
use super::values::{json, members, named, text, word};
use super::{CONTENT, FILE};

fn delay() -> impl Strategy<Value = Delay> {
    let long = || (0_u64..3_600_000_000_000).prop_map(Duration::from_nanos);
    prop_oneof![
        long().prop_map(Delay::Fixed),
        (long(), long()).prop_map(|(a, b)| Delay::Uniform(a.min(b), a.max(b))),
        (1_u64..1000, (0_u8..80).prop_map(|eighths| f64::from(eighths) / 8.0))
            .prop_map(|(median, sigma)| Delay::Lognormal { median: Duration::from_millis(median), sigma }),
    ]
}

fn body() -> impl Strategy<Value = Body> {
    let file = FileBody { path: FILE.to_owned(), files: vec![(FILE.to_owned(), Bytes::from_static(CONTENT))] };
    prop_oneof![
        json().prop_map(Body::Json),
        json().prop_map(Body::Document),
        text().prop_map(Body::Text),
        text().prop_map(Body::Xml),
        vec(any::<u8>(), 0..9).prop_map(|bytes| Body::Base64(bytes.into())),
        Just(Body::File(file)),
    ]
}

fn response() -> impl Strategy<Value = Response> {
    let headers = named("[A-Z][a-z]{0,4}-X", vec(text(), 1..3));
    let parts = (
        option::of(200_u16..=999),
        option::of(text()),
        headers,
        option::of(body()),
        option::of(delay()),
        option::of(delivery()),
        any::<bool>(),
    );
    parts.prop_map(|(status, reason, headers, body, delay, delivery, on)| {
        // If no response is sent, a file cannot specify one.
        if matches!(delivery, Some(Delivery::Fault(fault)) if !fault.sends_response()) {
            return unsent(delay, delivery);
        }
        let has_dribble = matches!(delivery, Some(Delivery::Dribble(_)));
        let is_dribble_of_nothing = has_dribble && body.as_ref().is_none_or(is_empty);
        let mut response = Response::default();
        (response.status, response.reason, response.headers, response.body) = (status, reason, headers, body);
        response.delay = delay;
        response.delivery = delivery.filter(|_| !is_dribble_of_nothing);
        response.template(on)
    })
}

/// A response of which nothing is sent.
pub fn unsent(delay: Option<Delay>, delivery: Option<Delivery>) -> Response {
    let mut response = Response::default();
    (response.delay, response.delivery) = (delay, delivery);
    response.template(true)
}

fn is_empty(body: &Body) -> bool {
    match body {
        Body::Text(text) | Body::Xml(text) => text.is_empty(),
        Body::Base64(bytes) => bytes.is_empty(),
        _ => false,
    }
}

fn delivery() -> impl Strategy<Value = Delivery> {
    let dribble = (1..=Dribble::MAX_CHUNKS, 0_u64..3_600_000_000_000)
        .prop_map(|(chunks, over)| Dribble { chunks, over: Duration::from_nanos(over) });
    prop_oneof![
        dribble.prop_map(Delivery::Dribble),
        select(WireFault::NAMES.to_vec()).prop_map(|(_, fault)| Delivery::Fault(fault)),
    ]
}

fn merge() -> impl Strategy<Value = Merge> {
    let members = named("[A-Z][a-z]{0,4}", json());
    (option::of(200_u16..=999), members).prop_map(|(status, members)| Merge { status, members })
}

fn batch() -> impl Strategy<Value = StubAnswer> {
    let cases = vec((matcher(), any::<bool>(), json()), 1..3);
    let frame = (response(), option::of(members(json())));
    (word(), option::of(word()), cases, option::of(merge()), frame).prop_map(
        |(items, captures, cases, merged, frame)| {
            let last = cases.len() - 1;
            let case = |(place, (item, failed, result))| {
                let mut case = cannery::case(&result);
                (case.item, case.failed, case.result) = (Some(item).filter(|_| place != last), failed, result);
                case
            };
            let cases = cases.into_iter().enumerate().map(case).collect();
            let is_sent = frame.0.delivery.and_then(Delivery::fault).is_none_or(WireFault::sends_response);
            let document = frame.1.filter(|_| is_sent).map(|members| Body::Document(Json::Object(members)));
            let mut frame = frame.0;
            frame.body = document;
            let mut batch = cannery::batch(items.clone(), items);
            (batch.captures, batch.cases) = (captures.map(RegexText::from), cases);
            (batch.some_failed, batch.none_failed) = (merged.clone(), merged);
            StubAnswer::Batch(batch, frame)
        },
    )
}

pub fn answer() -> impl Strategy<Value = StubAnswer> {
    prop_oneof![
        response().prop_map(StubAnswer::Response),
        (vec(response(), 1..3), select(vec![Repeat::Last, Repeat::Cycle]))
            .prop_map(|(all, repeat)| StubAnswer::Responses(all, repeat)),
        batch(),
    ]
}
