//! Builds a stub in a test: a request, an answer, and the other keys of a scenario file's `[[stub]]`.

use std::panic::Location;
use std::sync::Arc;

use crate::engine::{Code, NewStub};
use crate::message::Request;
use crate::model::{Batch, Expect, Place, Repeat, Response, Stub, StubAnswer};
use crate::respond::Responder;

use super::given::Given;
use super::received::ReceivedRequest;

/// A stub that was not added to a server yet. [`Given::respond`] and the other functions that add an answer make one.
#[derive(Debug, Clone)]
#[must_use = "it answers nothing until it is given to `MockServer::stub`"]
pub struct StubBuilder {
    given: Given,
    answer: AnswerSource,
    settings: StubSettings,
}

/// Where the answer comes from: data, as in a file, or code.
#[derive(Debug, Clone)]
enum AnswerSource {
    Model(Box<StubAnswer>),
    Code(Responder),
}

#[derive(Debug, Clone, Default)]
struct StubSettings {
    name: Option<String>,
    priority: Option<i64>,
    expect: Option<Expect>,
    machine: Option<String>,
    when_state: Option<String>,
    then_state: Option<String>,
    on_demand: bool,
}

/// The state machine of stubs without [`StubBuilder::in_scenario`].
const DEFAULT_MACHINE: &str = "added";

const ONE_ANSWER: &str = "`cycle` needs `responses`, and this stub has one answer";
const NO_BATCH: &str = "`frame` needs `batch`, and this stub has no items";

/// Functions that add the answer. Each stub has one.
impl Given {
    /// Always answers with the same response.
    pub fn respond(self, response: impl Into<Response>) -> StubBuilder {
        self.with_answer(AnswerSource::Model(Box::new(StubAnswer::Response(response.into()))))
    }

    /// Answers with one response after another, and then repeats the last. [`StubBuilder::cycle`] starts again instead.
    pub fn responses(self, responses: impl IntoIterator<Item = Response>) -> StubBuilder {
        let responses = responses.into_iter().collect();
        self.with_answer(AnswerSource::Model(Box::new(StubAnswer::Responses(responses, Repeat::Last))))
    }

    /// Answers with the response that a closure makes from the request. The closure may block, because it runs on a pool of its
    /// own. If it panics, the client gets a 500, and dropping the server fails the test.
    ///
    /// ```
    /// use cannery::{MockServer, given, status};
    ///
    /// let server = MockServer::start();
    /// server.stub(given::post("/echo").respond_with(|request| status(200).text(request.text())));
    /// ```
    #[track_caller]
    pub fn respond_with(self, answer: impl Fn(&ReceivedRequest) -> Response + Send + Sync + 'static) -> StubBuilder {
        let closure = move |request: &Request| answer(&ReceivedRequest::unanswered(request));
        self.with_answer(AnswerSource::Code(Responder::new(Location::caller().to_string(), closure)))
    }

    /// Answers with one result for each item of the request: `batch` in a file. Its strings are templates. Those of its frame
    /// are templates too, unless the frame switches them off.
    pub fn batch(self, batch: Batch) -> StubBuilder {
        let frame = Response::default().template(true);
        self.with_answer(AnswerSource::Model(Box::new(StubAnswer::Batch(batch, frame))))
    }

    fn with_answer(self, answer: AnswerSource) -> StubBuilder {
        StubBuilder { given: self, answer, settings: StubSettings::default() }
    }
}

impl StubBuilder {
    /// Sets the name, for explanations and for [`MockServer::arm`](crate::MockServer::arm).
    pub fn named(mut self, name: impl Into<String>) -> StubBuilder {
        self.settings.name = Some(name.into());
        self
    }

    /// Sets the priority, 5 by default. The stub with the lowest priority is asked first. Of stubs with the same priority, the
    /// one added last is asked first.
    pub fn priority(mut self, priority: i64) -> StubBuilder {
        self.settings.priority = Some(priority);
        self
    }

    /// Sets how often the stub must be called: a number or a range. Dropping the server checks it, and so do
    /// [`StubHandle::verify`](crate::StubHandle::verify) and [`MockServer::verify_expected`](crate::MockServer::verify_expected).
    pub fn expect(mut self, times: impl Into<Expect>) -> StubBuilder {
        self.settings.expect = Some(times.into());
        self
    }

    /// Sets the state machine of `when_state` and `then_state`.
    pub fn in_scenario(mut self, machine: impl Into<String>) -> StubBuilder {
        self.settings.machine = Some(machine.into());
        self
    }

    /// Sets the state that the state machine must be in.
    pub fn when_state(mut self, state: impl Into<String>) -> StubBuilder {
        self.settings.when_state = Some(state.into());
        self
    }

    /// Sets the state that the state machine goes to when the stub answers.
    pub fn then_state(mut self, state: impl Into<String>) -> StubBuilder {
        self.settings.then_state = Some(state.into());
        self
    }

    /// Makes the stub answer only on demand: if it is armed, or if a request has `Prefer: stub=NAME`.
    pub fn on_demand(mut self) -> StubBuilder {
        self.settings.on_demand = true;
        self
    }

    /// Starts again with the first response after the last: `repeat = "cycle"` in a file.
    ///
    /// # Panics
    /// Panics if the stub was not built with several responses.
    #[track_caller]
    pub fn cycle(mut self) -> StubBuilder {
        let AnswerSource::Model(answer) = &mut self.answer else { panic!("{ONE_ANSWER}") };
        let StubAnswer::Responses(_, repeat) = &mut **answer else { panic!("{ONE_ANSWER}") };
        *repeat = Repeat::Cycle;
        self
    }

    /// Sets the status, headers and other members of a batch's answer: `response` beside `batch` in a file.
    ///
    /// # Panics
    /// Panics if the answer is not a batch.
    #[track_caller]
    pub fn frame(mut self, response: impl Into<Response>) -> StubBuilder {
        let AnswerSource::Model(answer) = &mut self.answer else { panic!("{NO_BATCH}") };
        let StubAnswer::Batch(_, frame) = &mut **answer else { panic!("{NO_BATCH}") };
        let response = response.into();
        *frame = Response { template: response.template.or(Some(true)), ..response };
        self
    }

    /// Returns the stub in the form that the engine expects. Diagnostics name `at` as its place.
    pub(super) fn build(self, at: &Location<'_>) -> NewStub {
        let StubBuilder { given, answer, settings } = self;
        let Given { pattern, closures, representation } = given;
        let (answer, respond) = match answer {
            AnswerSource::Model(answer) => (*answer, None),
            AnswerSource::Code(responder) => (StubAnswer::Response(Response::default()), Some(responder)),
        };
        let stub = Stub {
            name: settings.name,
            priority: settings.priority.unwrap_or(Stub::DEFAULT_PRIORITY),
            when_state: settings.when_state,
            then_state: settings.then_state,
            state_machine: settings.machine.unwrap_or_else(|| DEFAULT_MACHINE.to_owned()),
            on_demand: settings.on_demand,
            expect: settings.expect,
            vars: Vec::new(),
            request: pattern,
            answer,
            place: Place { file: Arc::from(at.file()), line: at.line() as usize, index: 0 },
        };
        NewStub { stub: Arc::new(stub), representation, code: Code { matching: closures, respond } }
    }
}
