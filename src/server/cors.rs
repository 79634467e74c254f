//! Cross-origin requests of clients in a browser (the Fetch standard, "HTTP extensions").

use crate::engine::Answer;
use crate::journal::Outcome;
use crate::message::Request;

/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "600";

/// What a preflight is answered with where no stub answers it.
pub(super) fn preflight(request: &Request) -> Option<(Outcome, Answer)> {
    let asked = request.head().header("access-control-request-method")?;
    request.head().header("origin")?;
    if request.method() != "OPTIONS" {
        return None;
    }
    let mut headers = vec![("Access-Control-Allow-Methods".to_owned(), asked.into_owned())];
    let echo = |name: &str, from: &str| request.head().header(from).map(|value| (name.to_owned(), value.into_owned()));
    headers.extend(echo("Access-Control-Allow-Headers", "access-control-request-headers"));
    headers.extend(echo("Access-Control-Allow-Private-Network", "access-control-request-private-network"));
    headers.push(("Access-Control-Max-Age".to_owned(), MAX_AGE.to_owned()));
    Some((Outcome::Preflight, Answer { status: 204, headers, ..Answer::default() }))
}

/// Lets the origin of the request read the answer, unless the stub says something else about it.
pub(super) fn allow(request: &Request, answer: &mut Answer) {
    let Some(origin) = request.head().header("origin") else { return };
    let said = |name: &str| answer.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    if said("access-control-allow-origin") {
        return;
    }
    let names: Vec<String> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
    let mut add = |name: &str, value: &str| answer.headers.push((name.to_owned(), value.to_owned()));
    add("Access-Control-Allow-Origin", &origin);
    add("Access-Control-Allow-Credentials", "true");
    add("Vary", "Origin");
    if !names.is_empty() {
        add("Access-Control-Expose-Headers", &names.join(", "));
    }
}
