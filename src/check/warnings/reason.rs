//! Finds reason phrases that HTTP/2 drops.

use crate::message::standard_reason;
use crate::model::{Fault, KeyPath, Response, Scenario, Stub, StubAnswer};

use super::Found;

/// Returns a warning for each phrase that is not the standard one and that no example expects. An example that expects a
/// phrase shows that it is intended.
pub(super) fn reasons(scenarios: &[Scenario]) -> Vec<Found> {
    let mut found = Vec::new();
    for (place, scenario) in scenarios.iter().enumerate() {
        let is_expected =
            |phrase: &str| scenario.examples.iter().any(|example| example.response.reason.as_deref() == Some(phrase));
        for stub in &scenario.stubs {
            for (at, response) in responses(stub) {
                let Some(phrase) = response.reason.as_deref().filter(|phrase| !is_standard(response, phrase)) else {
                    continue;
                };
                if !is_expected(phrase) {
                    found.push((place, fault(&at.key("reason"))));
                }
            }
        }
    }
    found
}

fn fault(at: &KeyPath) -> Fault {
    let help = "If clients use HTTP/1.1 and need it, add an example that expects it. Otherwise leave it out.";
    Fault::value(at, "HTTP/2 has no reason phrase, so this one is dropped there")
        .with_label("only on HTTP/1.1")
        .with_help(help)
}

fn is_standard(response: &Response, phrase: &str) -> bool {
    standard_reason(response.status.unwrap_or(200)) == Some(phrase)
}

/// Returns the responses of a stub and their places.
pub(super) fn responses(stub: &Stub) -> Vec<(KeyPath, &Response)> {
    let at = KeyPath::top().key("stub").index(stub.place.index);
    match &stub.answer {
        StubAnswer::Response(response) | StubAnswer::Batch(_, response) => vec![(at.key("response"), response)],
        StubAnswer::Responses(responses, _) => {
            let at = at.key("responses");
            responses.iter().enumerate().map(|(place, response)| (at.index(place), response)).collect()
        }
    }
}
