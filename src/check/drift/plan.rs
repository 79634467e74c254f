//! Decides which examples can be sent to a service, and why the others cannot.

use std::fmt;
use std::sync::Arc;

use crate::check::play::{moment, request, send_at};
use crate::engine::{Engine, Exchange, MountedStub, Settings, StubSet};
use crate::message::Request;
use crate::model::{Example, Scenario, StubAnswer, Timestamp, WireFault};

use super::marks::marked_scenarios;
use super::promise::{Promise, PromiseSource};

/// The methods that may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Methods {
    /// GET, HEAD and OPTIONS, which change nothing (RFC 9110 §9.2.1).
    Safe,
    /// All of them.
    All,
}

/// An example with the request to send and the promised answer.
#[derive(Debug)]
pub struct PlannedExample {
    /// Its scenario.
    pub scenario: String,
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What to send, as the mock would receive it.
    pub request: Request,
    /// The promised answer, or the reason why the request is not sent.
    pub step: Result<Promise, Skipped>,
}

/// The reason why an example is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skipped {
    /// An on-demand stub answers it: its name. A real service has no such stub.
    OnDemand(String),
    /// It must be played after these examples.
    After(Vec<String>),
    /// It starts in a state that it sets.
    State(String),
    /// The state decides which stub answers it: a stub that may answer, and its state.
    InState(String, String),
    /// Its answer is a fault of the connection.
    Fault(WireFault),
    /// Its stub sends several responses in turn.
    InTurn,
    /// Another stub answers it at any other time than its `now`.
    Time(String),
    /// Its method may change something.
    Unsafe(String),
    /// It cannot be played: the reason.
    Unplayable(String),
}

impl std::error::Error for Skipped {}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Skipped::OnDemand(stub) => write!(f, "it needs the on-demand stub `{stub}`"),
            Skipped::After(examples) => write!(f, "it comes after {}", quoted(examples)),
            Skipped::State(why) => write!(f, "it needs a state: {why}"),
            Skipped::InState(stub, state) => {
                write!(f, "its answer depends on a state: `{stub}` answers in `{state}` only")
            }
            Skipped::Fault(fault) => {
                write!(f, "its answer is the fault `{fault}`, which a service cannot be made to send")
            }
            Skipped::InTurn => f.write_str("its stub sends several responses in turn, and this is only the first"),
            Skipped::Time(time) => write!(f, "its answer depends on the time `{time}`"),
            Skipped::Unsafe(method) => write!(f, "{method} may change something, and is sent only with --unsafe"),
            Skipped::Unplayable(why) => write!(f, "it cannot be played: {why}"),
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Plans every example of every scenario, in order. `now` is the time at which they will be sent.
pub fn plan(scenarios: &[Scenario], stubs: &Arc<StubSet>, methods: Methods, now: Timestamp) -> Vec<PlannedExample> {
    let marked = StubSet::compile(&marked_scenarios(scenarios)).ok().map(Arc::new);
    let each = scenarios.iter().flat_map(|scenario| scenario.examples.iter().map(move |example| (scenario, example)));
    each.map(|(scenario, example)| PlannedExample {
        scenario: scenario.name.clone(),
        name: example.name.clone(),
        file: scenario.file.clone(),
        line: example.line,
        request: request(example, now),
        step: step(scenario, example, stubs, marked.as_ref(), methods, now),
    })
    .collect()
}

/// Returns the id of the stub that would answer a request, if no state is set and no stub is armed.
///
/// This shows whether the same stub still answers after a change to the request of an example.
pub fn answering_stub(stubs: &Arc<StubSet>, request: &Request, now: Timestamp) -> Option<String> {
    let exchange = Engine::new(stubs.clone(), Settings::default()).handle(request, now, None);
    exchange.entry.stub().map(|stub| stub.id.clone())
}

fn step(
    scenario: &Scenario,
    example: &Example,
    stubs: &Arc<StubSet>,
    marked: Option<&Arc<StubSet>>,
    methods: Methods,
    now: Timestamp,
) -> Result<Promise, Skipped> {
    if !example.after.is_empty() {
        return Err(Skipped::After(example.after.clone()));
    }
    if let Some((machine, state)) = example.state.first() {
        return Err(Skipped::State(format!("`{state}` of `{machine}`")));
    }
    let own = moment(example).map_err(Skipped::Unplayable)?;
    let exchange = played(stubs, scenario, example, own)?;
    let stub = answering(stubs, &exchange);
    if let Some(stub) = stub {
        refuse_stub(stub)?;
    }
    if let Some(fault) = exchange.answer.fault().or(example.response.fault) {
        return Err(Skipped::Fault(fault));
    }
    refuse_state_dependent(stubs, stub, &request(example, own), own)?;
    if let Some(time) = &example.now {
        let later = played(stubs, scenario, example, now)?;
        if later.entry.stub().map(|stub| &stub.id) != exchange.entry.stub().map(|stub| &stub.id) {
            return Err(Skipped::Time(time.clone()));
        }
    }
    let method = &example.request.method;
    if methods == Methods::Safe && !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        return Err(Skipped::Unsafe(method.clone()));
    }
    let source = match (stub, marked) {
        (None, _) => PromiseSource::Example,
        (Some(_), None) => PromiseSource::Unknown,
        (Some(_), Some(marked)) => {
            let exchange = played(marked, scenario, example, own)?;
            if exchange.failure.is_none() {
                PromiseSource::Stub(exchange.answer)
            } else {
                PromiseSource::Unknown
            }
        }
    };
    Ok(Promise { response: example.response.clone(), ignore: example.ignore.clone(), source })
}

fn played(stubs: &Arc<StubSet>, scenario: &Scenario, example: &Example, now: Timestamp) -> Result<Exchange, Skipped> {
    let engine = Engine::new(stubs.clone(), Settings::default());
    send_at(&engine, scenario, example, now).map(|(_, exchange)| exchange).map_err(Skipped::Unplayable)
}

fn answering<'a>(stubs: &'a StubSet, exchange: &Exchange) -> Option<&'a MountedStub> {
    let reference = exchange.entry.stub()?;
    stubs.find(&reference.id).map(Arc::as_ref)
}

/// Refuses stubs that a real service cannot have: on-demand stubs, and stubs with several responses in turn.
fn refuse_stub(mounted: &MountedStub) -> Result<(), Skipped> {
    match &mounted.stub.answer {
        _ if mounted.stub.on_demand => Err(Skipped::OnDemand(mounted.reference.name.clone())),
        StubAnswer::Responses(responses, _) if responses.len() > 1 => Err(Skipped::InTurn),
        _ => Ok(()),
    }
}

/// Refuses an example if a state decides which stub answers it, because a service does not have the scenario's states.
fn refuse_state_dependent(
    stubs: &StubSet,
    answering: Option<&MountedStub>,
    request: &Request,
    now: Timestamp,
) -> Result<(), Skipped> {
    for mounted in stubs.stubs().iter().filter(|mounted| !mounted.stub.on_demand) {
        if let Some(state) = &mounted.stub.when_state
            && mounted.pattern().matches(request, now).is_some()
        {
            return Err(Skipped::InState(mounted.reference.name.clone(), state.clone()));
        }
        if answering.is_some_and(|stub| stub.reference.id == mounted.reference.id) {
            break;
        }
    }
    Ok(())
}
