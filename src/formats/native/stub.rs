//! Reads a stub: a request pattern and its answer.

use crate::model::{BodyCondition, Fault, KeyPath, Place, Repeat, RequestPattern, Response, Stub, StubAnswer};

use super::request::{RequestDraft, request};
use super::response::{merged, response, unsaid};
use super::{batch, conditions, delivery, expect, merge, names, path};
use crate::formats::keys::Keys;
use crate::formats::words::{did_you_mean, tick};
use crate::formats::written::{Reading, Written};

/// The keys of a stub.
pub(super) const KEYS: [&str; 12] = [
    "name",
    "priority",
    "when_state",
    "then_state",
    "state_machine",
    "on_demand",
    "expect",
    "request",
    "response",
    "responses",
    "repeat",
    "batch",
];

/// The values that a stub inherits from its file.
pub(super) struct Defaults {
    pub(super) request: RequestDraft,
    pub(super) response: Response,
    pub(super) state_machine: String,
}

impl Defaults {
    /// Returns the defaults of a file that specifies none.
    pub(super) fn unsaid(state_machine: &str) -> Defaults {
        Defaults { request: RequestDraft::default(), response: unsaid(), state_machine: state_machine.to_owned() }
    }
}

/// Reads a stub. If it has faults they are recorded, and the result is what could be read.
pub(super) fn stub(
    written: &Written<'_>,
    defaults: &Defaults,
    place: Place,
    reading: &mut Reading<'_>,
) -> Option<Stub> {
    let mut keys = Keys::open(written, "a stub", reading)?;
    let name = keys.take("name").and_then(|value| names::stub_name(&value, reading));
    let priority = keys.take("priority").and_then(|value| priority(&value, reading));
    let when_state = keys.take("when_state").and_then(|value| value.filled(reading));
    let then_state = keys.take("then_state").and_then(|value| value.filled(reading));
    let state_machine = keys.take("state_machine").and_then(|value| value.filled(reading));
    let on_demand = keys.take("on_demand").and_then(|value| value.boolean(reading)).unwrap_or(false);
    if on_demand && written.node.get("name").is_none() {
        let at = written.at.key("on_demand");
        let fault =
            Fault::key(&at, "a stub on demand must have a `name`").labelled("cannot be asked for without a name");
        reading.faults.push(fault.helped("Give the stub a name of its own."));
    }
    let expect = keys.take("expect").and_then(|value| expect::expect(&value, reading));
    let request = stub_request(&mut keys, defaults, &written.at, reading);
    let answer = answer(&mut keys, defaults, &written.at, reading);
    keys.finish(reading);
    Some(Stub {
        name,
        priority: priority.unwrap_or(Stub::DEFAULT_PRIORITY),
        when_state,
        then_state,
        state_machine: state_machine.unwrap_or_else(|| defaults.state_machine.clone()),
        on_demand,
        expect,
        request,
        answer: answer.unwrap_or_else(|| StubAnswer::Response(defaults.response.clone())),
        place,
    })
}

fn priority(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<i64> {
    let whole = written.whole(reading)?;
    match i64::try_from(whole) {
        Ok(priority) => Some(priority),
        Err(_) => {
            reading.refuse(written.fault("`priority` must be a number of at most 64 bits").labelled("out of range"))
        }
    }
}

fn stub_request(keys: &mut Keys<'_>, defaults: &Defaults, at: &KeyPath, reading: &mut Reading<'_>) -> RequestPattern {
    let own = keys.take("request").and_then(|value| request(&value, reading)).unwrap_or_default();
    let merged = merge::request(&defaults.request, &own);
    let at = at.key("request");
    let path_is_faulty = own.path_is_faulty || (own.pattern.path.is_none() && defaults.request.path_is_faulty);
    if !path_is_faulty {
        path::check_params(&merged, &own.pattern, &at, reading);
    }
    let has_xpath = merged.holds.iter().any(|condition| matches!(condition, BodyCondition::XPath(..)));
    if !own.namespaces.is_empty() && !has_xpath {
        conditions::refuse_namespaces(&at, reading);
    }
    merged
}

fn answer(keys: &mut Keys<'_>, defaults: &Defaults, at: &KeyPath, reading: &mut Reading<'_>) -> Option<StubAnswer> {
    let repeat = keys.take("repeat");
    let given = keys.take_among(&["response", "responses", "batch"]);
    let value = |key: &str| given.iter().find(|(given, _)| *given == key).map(|(_, value)| value);
    if let (Some(repeat), None) = (&repeat, value("responses")) {
        let fault = Fault::key(&repeat.at, "`repeat` must be beside `responses`").labelled("no `responses` beside it");
        reading.faults.push(fault.helped("It says what follows the last of several `responses`."));
    }
    refuse_two(&given, reading);
    let is_batch = value("batch").is_some();
    let whole = |value: &Written<'_>, reading: &mut Reading<'_>| {
        let own = response(value, &defaults.response, reading)?;
        let whole = merged(&defaults.response, &own);
        if !is_batch {
            delivery::refuse_idle(&own, &whole, &value.at, reading);
        }
        Some(whole)
    };
    if let Some(several) = value("responses") {
        let read = responses(several, reading, whole);
        let repeat = repeat.map_or(Some(Repeat::Last), |value| self::repeat(&value, reading));
        return Some(StubAnswer::Responses(read?, repeat?));
    }
    let frame = match value("response") {
        Some(value) => whole(value, reading),
        None => Some(defaults.response.clone()),
    };
    match value("batch") {
        Some(value) => {
            let batch = batch::batch(value, reading);
            if let Some(frame) = &frame {
                batch::check_frame(frame, &at.key("response"), reading);
            }
            Some(StubAnswer::Batch(batch?, frame?))
        }
        None => frame.map(StubAnswer::Response),
    }
}

/// Reports a second answer. Only `batch` and `response` can be combined, because the response is the batch's frame.
fn refuse_two(given: &[(&'static str, Written<'_>)], reading: &mut Reading<'_>) {
    if !given.iter().any(|(key, _)| *key == "responses") {
        return;
    }
    let Some((first, rest)) = given.split_first() else { return };
    for (key, value) in rest {
        let message = format!("a stub must have only one answer, found {} and {}", tick(first.0), tick(key));
        let help =
            "Keep one: `response`, or `responses` one after another, or a `batch` with a `response` as its frame.";
        reading.faults.push(Fault::key(&value.at, message).labelled("a second answer").helped(help));
    }
}

fn responses(
    written: &Written<'_>,
    reading: &mut Reading<'_>,
    one: impl Fn(&Written<'_>, &mut Reading<'_>) -> Option<Response>,
) -> Option<Vec<Response>> {
    let all = written.tables("stub.responses", reading)?;
    if all.is_empty() {
        let fault = written.fault("`responses` must not be an empty list").labelled("no answer");
        return reading.refuse(fault.helped("Leave it out to answer what `[response]` specifies."));
    }
    let read: Vec<_> = all.iter().map(|value| one(value, reading)).collect();
    read.into_iter().collect()
}

fn repeat(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Repeat> {
    match written.text(reading)? {
        "last" => Some(Repeat::Last),
        "cycle" => Some(Repeat::Cycle),
        other => {
            let help = did_you_mean(other, ["last", "cycle"]).unwrap_or_else(|| {
                "Write \"last\" for the last response again, or \"cycle\" for the first.".to_owned()
            });
            reading.refuse(
                written.fault(format!("`repeat` must be \"last\" or \"cycle\", found {}", tick(other))).helped(help),
            )
        }
    }
}
