//! Cross-origin requests of clients in a browser (the Fetch standard, "HTTP extensions").

use std::borrow::Cow;

use crate::engine::Answer;
use crate::journal::Outcome;
use crate::message::Request;

/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "600";

/// The answer to a preflight that no stub answers.
pub(super) fn preflight(request: &Request) -> Option<(Outcome, Answer)> {
    let method = request.head().header("Access-Control-Request-Method")?;
    request.head().header("Origin")?;
    if request.method() != "OPTIONS" {
        return None;
    }
    let mut headers = vec![("Access-Control-Allow-Methods".into(), method.into_owned().into())];
    let echo = |name: &'static str, from: &str| {
        request.head().header(from).map(|value| (name.into(), value.into_owned().into()))
    };
    headers.extend(echo("Access-Control-Allow-Headers", "access-control-request-headers"));
    headers.extend(echo("Access-Control-Allow-Private-Network", "access-control-request-private-network"));
    headers.push(("Access-Control-Max-Age".into(), MAX_AGE.into()));
    Some((Outcome::Preflight, Answer { status: 204, headers, ..Answer::default() }))
}

/// Allows the origin of the request to read the answer, unless the stub sets that header itself.
pub(super) fn allow(request: &Request, answer: &mut Answer) {
    let Some(origin) = request.head().header("Origin") else { return };
    let is_set = |name: &str| answer.headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    if is_set("access-control-allow-origin") {
        return;
    }
    let names: Vec<&str> = answer.headers.iter().map(|(name, _)| &**name).collect();
    let names = names.join(", ");
    let mut add = |name: &'static str, value: Cow<'static, str>| answer.headers.push((name.into(), value));
    add("Access-Control-Allow-Origin", origin.into_owned().into());
    add("Access-Control-Allow-Credentials", "true".into());
    add("Vary", "Origin".into());
    if !names.is_empty() {
        add("Access-Control-Expose-Headers", names.into());
    }
}
