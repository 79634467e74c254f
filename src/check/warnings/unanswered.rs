//! Finds stubs that specify no response, and so answer with an empty 200.

use crate::model::{Fault, KeyPath, Response, Scenario, Stub, StubAnswer};

use super::Found;
use super::words::stub_in_words;

/// Returns a warning for each stub whose response is specified neither by the stub nor by the defaults of its file.
pub(super) fn unanswered(scenarios: &[Scenario]) -> Vec<Found> {
    let stubs = scenarios.iter().enumerate().flat_map(|(place, scenario)| {
        scenario.stubs.iter().filter(|stub| has_no_response(stub)).map(move |stub| (place, fault(stub)))
    });
    stubs.collect()
}

fn has_no_response(stub: &Stub) -> bool {
    let StubAnswer::Response(response) = &stub.answer else { return false };
    // `template` alone does not specify what is sent.
    let Response { status, reason, headers, body, delay, delivery, template: _ } = response;
    status.is_none()
        && reason.is_none()
        && headers.is_empty()
        && body.is_none()
        && delay.is_none()
        && delivery.is_none()
}

fn fault(stub: &Stub) -> Fault {
    let at = KeyPath::top().key("stub").index(stub.place.index);
    let at = if stub.name.is_some() { at.key("name") } else { at };
    let message = format!("{} specifies no response, so it answers with status 200 and no body", stub_in_words(stub));
    let help = "Add a `response`. If an empty 200 is what you want, write `response.status = 200`.";
    Fault::value(&at, message).with_label("no response").with_help(help)
}
