//! State between requests: state machines and sequences of responses, also with concurrent requests.

#![cfg(feature = "admin")]
#![allow(missing_docs)]

mod support;

use std::time::{Duration, Instant};

use support::{Running, at};

const MACHINE: &str = r#"
initial_state = "free"

[[stub]]
name = "taken"
when_state = "free"
then_state = "taken"
request.path = "/take"
response.text = "yours"

[[stub]]
name = "too late"
request.path = "/take"
response = { status = 409, text = "taken" }

[[stub]]
name = "in turn"
request.path = "/turn"
responses = [{ text = "1" }, { text = "2" }, { text = "3" }]

[[stub]]
name = "round"
request.path = "/round"
repeat = "cycle"
responses = [{ text = "1" }, { status = 503, text = "2" }]

[[stub]]
name = "slow"
request.path = "/slow"
response = { text = "slow", delay = "150ms" }
"#;

#[test]
fn only_one_of_many_concurrent_requests_takes_a_transition() {
    for _ in 0..20 {
        let server = Running::with(MACHINE);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| server.get("/take").status)).collect();
            threads.into_iter().map(|thread| thread.join().expect("a reply")).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(server.engine.state("scenario"), "taken");
    }
}

#[test]
fn responses_are_sent_in_turn_and_the_last_repeats() {
    let server = Running::with(MACHINE);
    let turn: Vec<String> = (0..5).map(|_| server.get("/turn").text()).collect();
    assert_eq!(turn, ["1", "2", "3", "3", "3"]);
    let round: Vec<u16> = (0..5).map(|_| server.get("/round").status).collect();
    assert_eq!(round, [200, 503, 200, 503, 200]);

    server.admin("DELETE", "/requests", "");
    assert_eq!(server.get("/turn").text(), "3", "clearing the journal does not change the turn");
    server.admin("POST", "/reset", "");
    assert_eq!(server.get("/turn").text(), "1");
}

#[test]
fn concurrent_requests_get_each_turn_once() {
    let server = Running::with(MACHINE);
    let mut replies: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(|| server.get("/turn").text())).collect();
        threads.into_iter().map(|thread| thread.join().expect("a reply")).collect()
    });
    replies.sort_unstable();
    assert_eq!((replies[0].as_str(), replies[1].as_str(), replies[2].as_str()), ("1", "2", "3"));
    assert_eq!(replies.iter().filter(|reply| *reply == "3").count(), 30);
    let calls = server.admin("GET", "/stubs", "");
    assert_eq!(at(&calls, "stubs.2.calls").to_string(), "32");
}

#[test]
fn a_delayed_answer_delays_no_other_and_is_recorded_at_once() {
    let server = Running::with(MACHINE);
    let mut slow = server.connect();
    let started = Instant::now();
    slow.write(&support::request("GET", "/slow", &[], b""));
    while server.engine.journal().entries.is_empty() {
        assert!(started.elapsed() < Duration::from_secs(5), "the request must be recorded before it is answered");
        std::thread::yield_now();
    }
    assert_eq!(server.get("/turn").text(), "1");
    assert_eq!(slow.read().text(), "slow");
    assert!(started.elapsed() >= Duration::from_millis(150), "{:?}", started.elapsed());
}
