//! Events: what happened in an engine, as plain data, for those that wait for it.
//!
//! The `store` publishes them, because nothing else changes anything. `broadcast` sends them to subscribers.

/// Something that happened in an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Counted from 1 over the life of the engine, whether or not anybody is subscribed.
    pub number: u64,
    /// What happened.
    pub kind: EventKind,
}

/// What happened. A request is given by the number of its entry in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A request was recorded in the journal.
    Received {
        /// The number of its entry.
        request: u64,
    },
    /// No stub answers a request.
    Unmatched {
        /// The number of its entry.
        request: u64,
    },
    /// The answer of a request was recorded in the journal. There is at most one for each request. An explanation, CORS headers or a 500
    /// may still replace the answer before it is sent. That does not publish another event.
    Answered {
        /// The number of its entry.
        request: u64,
        /// The status, if the client is sent any.
        status: Option<u16>,
    },
    /// A state machine moved to another state.
    StateChanged {
        /// The name of the machine.
        machine: String,
        /// Its state now.
        state: String,
    },
    /// The scenario files were loaded again.
    Reloaded {
        /// The number of new stubs.
        added: usize,
        /// The number of stubs that have changed.
        changed: usize,
        /// The number of stubs that are gone.
        removed: usize,
    },
}

/// What a subscriber gets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The next event.
    Event(Event),
    /// The subscriber fell behind, and missed the events of these numbers.
    Gap {
        /// The number of the first event that it missed.
        from: u64,
        /// The number of the last event that it missed.
        to: u64,
    },
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use std::iter;
    use std::sync::Arc;

    use bytes::Bytes;

    use super::*;
    use crate::engine::{Answer, Engine, Settings, StubSet, Subscription};
    use crate::formats::{NoFiles, read_scenario};
    use crate::journal::AnswerRecord;
    use crate::message::{Head, Request};
    use crate::model::Timestamp;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    const SHOP: &str = r#"
[[stub]]
request.path = "/buy"
then_state = "sold"
response.text = "sold"

[[stub]]
request.path = "/turn"
responses = [{ text = "1" }, { status = 201, text = "2" }]

[[stub]]
request.path = "/nothing"
response.fault = "empty"
"#;

    fn set(text: &str) -> StubSet {
        StubSet::compile(&[read_scenario(text, "shop.toml", &NoFiles).expect("a scenario").0]).expect("a set")
    }

    fn shop() -> Engine {
        Engine::new(set(SHOP).into(), Settings::default())
    }

    fn request(path: &str) -> Request {
        Request::new(Head::compose("GET", path, []), Bytes::new(), None, AT)
    }

    fn send(engine: &Engine, path: &str) {
        engine.handle(&request(path), AT, None);
    }

    fn kinds(events: &mut Subscription) -> Vec<EventKind> {
        let kind = |notice| match notice {
            Notice::Event(event) => event.kind,
            Notice::Gap { .. } => panic!("{notice:?}"),
        };
        iter::from_fn(|| events.try_next()).map(kind).collect()
    }

    fn received(request: u64) -> EventKind {
        EventKind::Received { request }
    }

    fn answered(request: u64, status: u16) -> EventKind {
        EventKind::Answered { request, status: Some(status) }
    }

    fn in_state(state: &str) -> EventKind {
        EventKind::StateChanged { machine: "shop".to_owned(), state: state.to_owned() }
    }

    #[test]
    fn a_request_has_one_answer_and_a_state_that_stays_is_no_event() {
        let engine = shop();
        let mut events = engine.subscribe();

        send(&engine, "/buy");
        assert_eq!(kinds(&mut events), [received(1), in_state("sold"), answered(1, 200)]);
        send(&engine, "/buy");
        assert_eq!(kinds(&mut events), [received(2), answered(2, 200)]);

        send(&engine, "/turn");
        send(&engine, "/turn");
        assert_eq!(kinds(&mut events), [received(3), answered(3, 200), received(4), answered(4, 201)]);

        send(&engine, "/nothing");
        assert_eq!(kinds(&mut events), [received(5), EventKind::Answered { request: 5, status: None }]);
    }

    #[test]
    fn a_request_that_no_stub_answers_is_unmatched_and_completing_its_answer_is_no_second_event() {
        let engine = shop();
        let mut events = engine.subscribe();
        let unmatched = |request| EventKind::Unmatched { request };

        send(&engine, "/none");
        assert_eq!(kinds(&mut events), [received(1), unmatched(1), answered(1, 404)]);

        let refusal = Arc::new(Answer { status: 413, ..Answer::default() });
        let entry = engine.refuse(&request("/buy"), None, &refusal, "too large".to_owned());
        assert_eq!(kinds(&mut events), [received(2), unmatched(2), answered(2, 413)]);

        let fault = Arc::new(Answer { status: 500, ..Answer::default() });
        engine.correct_answer(entry.number, &AnswerRecord::new(&refusal), &fault);
        assert_eq!(engine.journal().entries[1].status, Some(500));
        assert_eq!(kinds(&mut events), []);
    }

    #[test]
    fn states_that_are_set_or_reset_and_reloads_are_events() {
        let engine = shop();
        let mut events = engine.subscribe();

        engine.set_state("shop", "closed");
        engine.set_state("shop", "closed");
        assert_eq!(kinds(&mut events), [in_state("closed")]);
        engine.reset();
        engine.reset();
        assert_eq!(kinds(&mut events), [in_state("Started")]);

        let closed = format!("initial_state = \"closed\"\n{SHOP}");
        engine.reload(&set(&closed), AT);
        assert_eq!(kinds(&mut events).split_off(1), [in_state("closed")]);
        engine.reload(&set(SHOP), AT);
        assert_eq!(kinds(&mut events).split_off(1), [in_state("Started")]);

        let other = SHOP.replace("\"/nothing\"", "\"/new\"").replace("\"2\"", "\"3\"");
        let reloaded = engine.reload(&set(&other), AT);
        let (added, changed, removed) = (reloaded.added.len(), reloaded.changed.len(), reloaded.removed.len());
        assert_eq!(kinds(&mut events), [EventKind::Reloaded { added, changed, removed }]);
        assert!(added + changed + removed > 0);
    }
}
