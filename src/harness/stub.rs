//! A stub as a test writes it: a request, an answer, and what else a scenario file's `[[stub]]` says.

use std::panic::Location;
use std::sync::Arc;

use crate::engine::{Code, NewStub};
use crate::message::Request;
use crate::model::{Batch, Expect, Place, Repeat, Response, Stub, StubAnswer};
use crate::respond::Responder;

use super::given::Given;
use super::received::ReceivedRequest;

/// A stub that no server has yet; made by [`Given::respond`] and its like.
#[derive(Debug, Clone)]
#[must_use = "it answers nothing until it is given to `MockServer::stub`"]
pub struct StubBuilder {
    given: Given,
    answer: AnswerSource,
    settings: Settings,
}

/// What answers: data as of a file, or code.
#[derive(Debug, Clone)]
enum AnswerSource {
    Model(Box<StubAnswer>),
    Code(Responder),
}

#[derive(Debug, Clone, Default)]
struct Settings {
    name: Option<String>,
    priority: Option<i64>,
    expect: Option<Expect>,
    machine: Option<String>,
    when_state: Option<String>,
    then_state: Option<String>,
    on_demand: bool,
}

/// The machine of stubs that name none.
const MACHINE: &str = "added";

const ONE_ANSWER: &str = "`cycle` goes with `responses`: there is one answer only";
const NO_BATCH: &str = "`frame` goes with `batch`: there are no items";

/// The one answer.
impl Given {
    /// Always the same response.
    pub fn respond(self, response: impl Into<Response>) -> StubBuilder {
        self.answering(AnswerSource::Model(Box::new(StubAnswer::Response(response.into()))))
    }

    /// One response after another, and the last one ever after; [`StubBuilder::cycle`] starts again instead.
    pub fn responses(self, responses: impl IntoIterator<Item = Response>) -> StubBuilder {
        let responses = responses.into_iter().collect();
        self.answering(AnswerSource::Model(Box::new(StubAnswer::Responses(responses, Repeat::Last))))
    }

    /// Whatever a closure makes of the request. It may take its time: it runs where it holds nobody up. Where it
    /// panics the client gets a 500, and the test fails when the server is dropped.
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
        self.answering(AnswerSource::Code(Responder::new(Location::caller().to_string(), closure)))
    }

    /// One result an item, each with a fate of its own: a file's `batch`. Its strings are templates, those of its frame
    /// too unless it says otherwise.
    pub fn batch(self, batch: Batch) -> StubBuilder {
        let frame = Response::default().template(true);
        self.answering(AnswerSource::Model(Box::new(StubAnswer::Batch(batch, frame))))
    }

    fn answering(self, answer: AnswerSource) -> StubBuilder {
        StubBuilder { given: self, answer, settings: Settings::default() }
    }
}

impl StubBuilder {
    /// Its name, in explanations and for [`MockServer::arm`](crate::MockServer::arm).
    pub fn named(mut self, name: impl Into<String>) -> StubBuilder {
        self.settings.name = Some(name.into());
        self
    }

    /// Lower goes first; 5 where it is not said. Of one priority, what was added last goes first.
    pub fn priority(mut self, priority: i64) -> StubBuilder {
        self.settings.priority = Some(priority);
        self
    }

    /// How often it must be called: a number or a range. It is checked when the server is dropped, by
    /// [`StubHandle::verify`](crate::StubHandle::verify) and by [`MockServer::verify_expected`](crate::MockServer::verify_expected).
    pub fn expect(mut self, times: impl Into<Expect>) -> StubBuilder {
        self.settings.expect = Some(times.into());
        self
    }

    /// The state machine that `when_state` and `then_state` speak of.
    pub fn in_scenario(mut self, machine: impl Into<String>) -> StubBuilder {
        self.settings.machine = Some(machine.into());
        self
    }

    /// The state that its machine must be in.
    pub fn when_state(mut self, state: impl Into<String>) -> StubBuilder {
        self.settings.when_state = Some(state.into());
        self
    }

    /// The state that its machine goes to when it answers.
    pub fn then_state(mut self, state: impl Into<String>) -> StubBuilder {
        self.settings.then_state = Some(state.into());
        self
    }

    /// It answers only when it is asked for by name: armed, or by a request's `Prefer: stub=NAME`.
    pub fn on_demand(mut self) -> StubBuilder {
        self.settings.on_demand = true;
        self
    }

    /// After the last of several responses comes the first again: a file's `repeat = "cycle"`.
    ///
    /// # Panics
    /// Where there are not several responses.
    #[track_caller]
    pub fn cycle(mut self) -> StubBuilder {
        let AnswerSource::Model(answer) = &mut self.answer else { panic!("{ONE_ANSWER}") };
        let StubAnswer::Responses(_, repeat) = &mut **answer else { panic!("{ONE_ANSWER}") };
        *repeat = Repeat::Cycle;
        self
    }

    /// Status, headers and further members of a batch's answer: a file's `response` beside `batch`.
    ///
    /// # Panics
    /// Where the answer is no batch.
    #[track_caller]
    pub fn frame(mut self, response: impl Into<Response>) -> StubBuilder {
        let AnswerSource::Model(answer) = &mut self.answer else { panic!("{NO_BATCH}") };
        let StubAnswer::Batch(_, frame) = &mut **answer else { panic!("{NO_BATCH}") };
        let response = response.into();
        *frame = Response { template: response.template.or(Some(true)), ..response };
        self
    }

    /// The stub as the engine takes it, written where the caller is.
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
            state_machine: settings.machine.unwrap_or_else(|| MACHINE.to_owned()),
            on_demand: settings.on_demand,
            expect: settings.expect,
            request: pattern,
            answer,
            place: Place { file: Arc::from(at.file()), line: at.line() as usize, index: 0 },
        };
        NewStub { stub: Arc::new(stub), representation, code: Code { matching: closures, respond } }
    }
}
