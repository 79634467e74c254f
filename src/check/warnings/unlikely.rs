//! Finds what cannot be meant: a placeholder of another tool in a path, a host with a port, a body where HTTP has none.

use crate::model::{Fault, Json, KeyPath, Operator, PathPattern, RequestPattern, Response, Scenario};

use super::Found;
use super::reason::responses;

/// Returns a warning for each of them.
pub(super) fn unlikely(scenarios: &[Scenario]) -> Vec<Found> {
    let mut found = Vec::new();
    for (place, scenario) in scenarios.iter().enumerate() {
        for stub in &scenario.stubs {
            let at = KeyPath::top().key("stub").index(stub.place.index).key("request");
            let faults = foreign_placeholder(&stub.request, &at).into_iter().chain(host_with_port(&stub.request, &at));
            let bodies = responses(stub).into_iter().filter_map(|(at, response)| body_not_sent(response, &at));
            found.extend(faults.chain(bodies).map(|fault| (place, fault)));
        }
    }
    found
}

/// Finds `*` and `:id` as a whole segment, which routers of other tools read as placeholders.
fn foreign_placeholder(request: &RequestPattern, at: &KeyPath) -> Option<Fault> {
    let Some(PathPattern::Template { template, .. }) = &request.path else { return None };
    let placeholder = template.split('/').find_map(|segment| match segment {
        "*" => Some(("*", "{name}".to_owned())),
        "**" => Some(("**", "{*rest}".to_owned())),
        _ => {
            let name = segment.strip_prefix(':').filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))?;
            let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            is_name.then(|| (segment, format!("{{{name}}}")))
        }
    });
    let (segment, instead) = placeholder?;
    let help = match segment {
        "**" => format!("Write `{instead}` at the end for any rest of the path."),
        _ => format!("Write `{instead}` for any segment, or `{{*rest}}` at the end for any rest of the path."),
    };
    Some(
        Fault::value(&at.key("path"), format!("`{segment}` is not a placeholder: it matches only itself"))
            .with_label("matches only itself")
            .with_help(help),
    )
}

/// Finds a host that ends with a port. Hosts are compared without it.
fn host_with_port(request: &RequestPattern, at: &KeyPath) -> Option<Fault> {
    let expected = request.host.as_ref()?.operators.iter().find_map(|operator| match operator {
        Operator::Equals(Json::String(text)) => Some(text),
        _ => None,
    })?;
    let (host, port) = expected.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    // An IPv6 address in brackets has a port only after them.
    let is_host = !host.contains(':') || host.ends_with(']');
    (is_port && is_host).then(|| {
        Fault::value(&at.key("host"), "the host is compared without its port, so this never matches")
            .with_label("with a port")
            .with_help(format!("Write `{host}`, or compare the header with `headers.Host`."))
    })
}

/// Finds a body of a status that has none (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
fn body_not_sent(response: &Response, at: &KeyPath) -> Option<Fault> {
    let status = response.status.filter(|status| [204, 205, 304].contains(status))?;
    (!response.has_empty_body()).then(|| {
        Fault::value(&at.key("status"), format!("an answer of status {status} must not have a body, found one"))
            .with_label("has no body")
            .with_help("Leave the body out, or answer with another status.")
    })
}
