//! Stubs that never answer because one before them takes every request that they take.
//!
//! Each stub is compared with those only whose path covers its own, and of those that ask for one certain value only
//! with the ones that ask for a value of its own, so that ten thousand stubs on one path are no trouble.

use std::collections::HashMap;

use crate::engine::{LiveStub, StubSet};
use crate::matching::{PathIndex, TemplateSegment};
use crate::model::{BodyCondition, Fault, Json, KeyPath, Matcher, Number, Operator, RequestPattern, Scenario};

use super::Found;
use super::covers::{Candidate, param_at};
use super::value::{Judge, flat};
use super::words::{place_in_words, stub_in_words};

/// A stub is compared with at most so many others; what is beyond goes unwarned.
const MOST_COMPARED: usize = 256;

/// What a stub asks for that tells it from most others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Mark {
    State(String, String),
    /// Of what, and which value in words.
    Value(Subject, String),
}

/// What a value is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Subject {
    Segment(usize),
    Header(String),
    Query(String),
    Cookie(String),
    Form(String),
    Host,
    Body,
    Json,
    JsonPath(String),
    XPath(String),
    Document(String),
}

/// The stubs before the one that is looked at, by their mark; those without one are under `None`.
#[derive(Default)]
struct Earlier(HashMap<Option<Mark>, PathIndex>);

impl Earlier {
    fn add(&mut self, live: &LiveStub, number: usize) {
        let mark = marks(live, Side::Earlier).into_iter().next();
        self.0.entry(mark).or_default().insert(live.pattern().template(), number);
    }

    /// The numbers of those that may take all that a stub takes, in order of precedence.
    fn of(&self, live: &LiveStub) -> Vec<usize> {
        let marks = marks(live, Side::Later).into_iter().map(Some).chain([None]);
        let template = live.pattern().template();
        let indexes = marks.filter_map(|mark| self.0.get(&mark));
        let mut found: Vec<usize> = indexes.flat_map(|index| index.covering(template, MOST_COMPARED)).collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(MOST_COMPARED);
        found
    }
}

/// Adds a warning for each stub that never answers for that reason; `dead` are those of which it is known already.
pub(super) fn shadowed(
    judge: &Judge,
    scenarios: &[Scenario],
    set: &StubSet,
    dead: &dyn Fn(&LiveStub) -> bool,
) -> Vec<Found> {
    let places: HashMap<&str, usize> =
        scenarios.iter().enumerate().map(|(place, scenario)| (scenario.file.as_str(), place)).collect();
    let place_of = |live: &LiveStub| places.get(&*live.stub.place.file).copied();
    let mut earlier = Earlier::default();
    let mut warnings = Vec::new();
    for (number, live) in set.stubs().iter().enumerate() {
        let Some(place) = place_of(live).filter(|_| !live.stub.on_demand && !dead(live)) else { continue };
        let later = Candidate { live, representation: &scenarios[place].representation };
        let shadowing = earlier.of(live).into_iter().map(|number| &set.stubs()[number]).find(|other| {
            place_of(other).is_some_and(|place| {
                judge.takes_all_of(Candidate { live: other, representation: &scenarios[place].representation }, later)
            })
        });
        match shadowing {
            Some(other) => warnings.push((place, fault(live, other))),
            // What a shadowed stub takes is taken by the one that shadows it, so only the others are kept.
            None => earlier.add(live, number),
        }
    }
    warnings
}

fn fault(live: &LiveStub, other: &LiveStub) -> Fault {
    let at = KeyPath::top().key("stub").index(live.stub.place.index);
    let (name, shadow) =
        (stub_in_words(&live.stub), format!("{} ({})", stub_in_words(&other.stub), place_in_words(&other.stub)));
    let is_same = live.stub.request == other.stub.request && live.stub.when_state == other.stub.when_state;
    let message = if is_same {
        format!("{name} never answers: {shadow} comes first and asks for the same request")
    } else {
        format!("{name} never answers: {shadow} comes first and takes every request that it takes")
    };
    let help = if is_same {
        "Leave one of them out, or ask for something by which the two differ."
    } else if live.stub.priority != other.stub.priority {
        "The lower `priority` goes first: give this stub one that is lower still, or let the other one ask for more."
    } else if live.stub.place.file == other.stub.place.file {
        "The first stub that matches answers: move this one up, or let the other one ask for more."
    } else {
        "Files go by path, and the first stub that matches answers: give this one a lower `priority`, or let the other one ask for more."
    };
    let at = if live.stub.name.is_some() { at.key("name") } else { at };
    Fault::value(&at, message).labelled("never answers").helped(help)
}

/// From which side a stub is looked at: what an earlier one insists on, or all that a later one may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Earlier,
    Later,
}

/// The marks of a stub. An earlier stub takes all that a later one takes only if the later one has each of its marks.
fn marks(live: &LiveStub, side: Side) -> Vec<Mark> {
    let stub = &live.stub;
    let mut marks = Vec::new();
    marks.extend(stub.when_state.as_ref().map(|state| Mark::State(stub.state_machine.clone(), state.clone())));
    for (subject, matcher) in subjects(live, &stub.request) {
        let values = flat(matcher).into_iter().flat_map(|(operator, fold)| values(operator, fold, side));
        marks.extend(values.map(|value| Mark::Value(subject.clone(), value)));
    }
    for condition in &stub.request.holds {
        if let BodyCondition::Json(json) = condition {
            marks.push(Mark::Value(Subject::Json, json.to_string()));
        }
    }
    if let Some(template) = live.pattern().template().filter(|_| side == Side::Later) {
        for (place, segment) in template.segments().iter().enumerate() {
            if let TemplateSegment::Fixed(text) = segment {
                let values = values(&Operator::Equals(Json::from(text.as_str())), template.ignores_case(), side);
                marks.extend(values.into_iter().map(|value| Mark::Value(Subject::Segment(place), value)));
            }
        }
    }
    marks
}

fn subjects<'a>(live: &LiveStub, request: &'a RequestPattern) -> Vec<(Subject, &'a Matcher)> {
    let mut all: Vec<(Subject, &Matcher)> = Vec::new();
    for (name, matcher) in &request.path_params {
        all.extend(param_at(live, name).map(|(place, _)| (Subject::Segment(place), matcher)));
    }
    all.extend(request.headers.iter().map(|(name, matcher)| (Subject::Header(name.to_ascii_lowercase()), matcher)));
    all.extend(request.query.iter().map(|(name, matcher)| (Subject::Query(name.clone()), matcher)));
    all.extend(request.cookies.iter().map(|(name, matcher)| (Subject::Cookie(name.clone()), matcher)));
    all.extend(request.form.iter().map(|(name, matcher)| (Subject::Form(name.clone()), matcher)));
    all.extend(request.host.iter().map(|matcher| (Subject::Host, matcher)));
    all.extend(request.body.iter().map(|matcher| (Subject::Body, matcher)));
    all.extend(request.holds.iter().filter_map(|condition| match condition {
        BodyCondition::JsonPath(path, matcher) => Some((Subject::JsonPath(path.clone()), matcher)),
        BodyCondition::XPath(path, matcher, _) => Some((Subject::XPath(path.clone()), matcher)),
        BodyCondition::Document(path, matcher) => Some((Subject::Document(path.clone()), matcher)),
        _ => None,
    }));
    all
}

/// The values that an operator asks for, in words that are the same for the same value.
fn values(operator: &Operator, fold: bool, side: Side) -> Vec<String> {
    let number = |number: &Number| {
        format!(
            "number {}",
            if number.is_whole() {
                format!("{:.0}", as_float(number))
            } else {
                number.to_string()
            }
        )
    };
    let of = |json: &Json| match json {
        Json::String(text) if side == Side::Earlier && fold => vec![format!("any case {}", text.to_lowercase())],
        Json::String(text) if side == Side::Earlier => vec![format!("text {text}")],
        Json::String(text) => {
            let mut all = vec![format!("text {text}"), format!("any case {}", text.to_lowercase())];
            all.extend(Number::parse(text).as_ref().map(number));
            all.extend((text == "true" || text == "false").then(|| format!("truth {text}")));
            all
        }
        Json::Number(of) => vec![number(of)],
        Json::Bool(truth) if side == Side::Later => {
            vec![format!("truth {truth}"), format!("text {truth}"), format!("any case {truth}")]
        }
        Json::Bool(truth) => vec![format!("truth {truth}")],
        Json::Null | Json::Array(_) | Json::Object(_) => Vec::new(),
    };
    match operator {
        Operator::Equals(json) => of(json),
        Operator::OneOf(options) if side == Side::Later => options.iter().flat_map(of).collect(),
        _ => Vec::new(),
    }
}

fn as_float(number: &Number) -> f64 {
    match number {
        Number::Integer(whole) => *whole as f64,
        Number::Float(float) => *float,
    }
}
