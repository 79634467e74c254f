//! A request, and the stubs and the engine that answer it, without a socket.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use cannery::engine::{Engine, Settings, StubSet};
use cannery::explain;
use cannery::formats::{BodyFiles, read_scenario};
use cannery::message::{Head, Request};
use cannery::model::Timestamp;

use crate::measured::Work;

pub const AT: Timestamp = Timestamp::UNIX_EPOCH;

/// Whether the explanation of an unmatched request is rendered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Explained {
    Yes,
    No,
}

/// Returns the stubs of one file.
pub fn loaded(text: &str, files: &dyn BodyFiles) -> StubSet {
    let (scenario, _) = read_scenario(text, "stubs.toml", files).expect("a scenario");
    StubSet::compile(&[scenario]).expect("a set")
}

/// Returns a POST that is not parsed yet. Headers without a value are left out.
pub fn post(target: &str, headers: &[(&str, &str)], body: String) -> Request {
    let length = body.len().to_string();
    let always = [("Host", "127.0.0.1:8080"), ("User-Agent", "micro/1.0"), ("Content-Length", length.as_str())];
    let present = always.iter().chain(headers).filter(|(_, value)| !value.is_empty());
    let head = Head::compose("POST", target, present.map(|(name, value)| (*name, value.as_bytes())));
    Request::new(head, Bytes::from(body), None, AT)
}

/// Answers requests from a set. Each answer must have the expected status, so that the right work is measured.
pub fn answering(
    set: Arc<StubSet>,
    request: impl Fn() -> Request,
    explained: Explained,
    status: u16,
) -> impl Fn(usize) -> Work {
    let engine = Arc::new(Engine::new(set, Settings::default()));
    let first = explain::handle(&engine, &request(), AT, None);
    assert_eq!(first.answer.status, status, "{}: {:?}", request().path(), first.failure);
    move |times| {
        let engine = engine.clone();
        let requests: Vec<Request> = (0..times).map(|_| request()).collect();
        Box::new(move || {
            for (second, request) in requests.iter().enumerate() {
                // Each in its own second, because an explanation is cached within a second.
                let now = Timestamp::new(second as i64, 0).expect("a few seconds after 1970");
                match explained {
                    Explained::Yes => drop(black_box(explain::handle(&engine, request, now, None))),
                    Explained::No => drop(black_box(engine.handle(request, AT, None))),
                }
            }
        })
    }
}
