//! The HTTP API over an engine: the journal in WireMock's shapes, so that its clients work, and stubs in our own.
//!
//! One function an endpoint. Calls to it are never in the journal.

mod expectations;
mod explain;
mod fault;
mod health;
mod json_equal;
mod logged;
mod printed;
mod requests;
mod stubs;
mod wiremock_pattern;

use std::sync::Arc;

use crate::engine::{Answer, Engine};
use crate::message::Request;
use crate::model::{Json, Timestamp};

use fault::AdminFault;
use printed::printed;

/// The admin API of one engine.
#[derive(Debug)]
pub struct Admin {
    engine: Arc<Engine>,
    /// Where it lives, such as `/__admin`.
    path: String,
    started: Timestamp,
}

/// What an endpoint gives back: a status and a body, which may be nothing.
struct Reply(u16, Option<Json>);

impl Reply {
    fn ok(body: Json) -> Result<Reply, AdminFault> {
        Ok(Reply(200, Some(body)))
    }

    fn done() -> Result<Reply, AdminFault> {
        Ok(Reply(200, None))
    }
}

/// One call: what is below the path of the API, and the request.
struct Call<'a> {
    admin: &'a Admin,
    request: &'a Request,
    engine: &'a Engine,
}

type Endpoint = fn(&Call<'_>) -> Result<Reply, AdminFault>;
type EndpointOf = fn(&Call<'_>, &str) -> Result<Reply, AdminFault>;

/// Endpoints by path and method.
const ENDPOINTS: [(&str, &[(&str, Endpoint)]); 12] = [
    ("health", &[("GET", health::health)]),
    ("reset", &[("POST", stubs::reset)]),
    ("requests", &[("GET", requests::list), ("DELETE", requests::forget)]),
    ("requests/count", &[("POST", requests::count)]),
    ("requests/find", &[("POST", requests::find)]),
    ("requests/unmatched", &[("GET", requests::unmatched)]),
    ("stubs", &[("GET", stubs::list), ("POST", stubs::add), ("DELETE", stubs::remove_added)]),
    ("stubs/arm", &[("POST", stubs::arm)]),
    ("requests/reset", &[("POST", requests::forget)]),
    ("explain", &[("POST", explain::explain)]),
    ("expectations", &[("GET", expectations::expectations)]),
    ("", &[("GET", index)]),
];

/// Endpoints on one thing, named by the segment after the path.
const ENDPOINTS_OF: [(&str, &[(&str, EndpointOf)]); 2] = [
    ("requests/", &[("GET", requests::one)]),
    ("stubs/", &[("GET", stubs::one), ("PUT", stubs::replace), ("DELETE", stubs::remove)]),
];

impl Admin {
    /// The API of an engine that was started at a time, living at a path.
    pub fn new(engine: Arc<Engine>, path: String, started: Timestamp) -> Admin {
        Admin { engine, path, started }
    }

    /// Whether a request is for this API.
    pub fn owns(&self, request: &Request) -> bool {
        self.below(request).is_some()
    }

    fn below<'a>(&self, request: &'a Request) -> Option<&'a str> {
        let rest = request.path().strip_prefix(self.path.as_str())?;
        if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
    }

    /// Answers a request that is for this API; `None` for any other.
    pub fn answer(&self, request: &Request) -> Option<Answer> {
        let below = self.below(request)?.trim_end_matches('/');
        let call = Call { admin: self, request, engine: &self.engine };
        Some(match route(&call, below) {
            Ok(Reply(status, body)) => json_answer(status, body),
            Err(fault) => {
                let mut answer = json_answer(fault.status, Some(fault.to_json()));
                answer.headers.extend(fault.allow.map(|methods| ("Allow".into(), methods.into())));
                answer
            }
        })
    }
}

fn route(call: &Call<'_>, below: &str) -> Result<Reply, AdminFault> {
    let method = call.request.method();
    if let Some((_, methods)) = ENDPOINTS.iter().find(|(path, _)| *path == below) {
        let endpoint = methods.iter().find(|(of, _)| *of == method).map(|(_, endpoint)| endpoint);
        return endpoint.ok_or_else(|| not_allowed(methods.iter().map(|(of, _)| *of)))?(call);
    }
    for (prefix, methods) in ENDPOINTS_OF {
        if let Some(id) = below.strip_prefix(prefix).filter(|id| !id.contains('/')) {
            let endpoint = methods.iter().find(|(of, _)| *of == method).map(|(_, endpoint)| endpoint);
            return endpoint.ok_or_else(|| not_allowed(methods.iter().map(|(of, _)| *of)))?(call, id);
        }
    }
    let known: Vec<String> = ENDPOINTS
        .iter()
        .filter(|(path, _)| !path.is_empty())
        .map(|(path, _)| format!("{}/{path}", call.admin.path))
        .collect();
    Err(AdminFault::new(404, "there is no such endpoint", format!("the admin API has {}", known.join(", "))))
}

fn not_allowed<'a>(methods: impl Iterator<Item = &'a str>) -> AdminFault {
    let methods = methods.collect::<Vec<_>>().join(", ");
    AdminFault {
        allow: Some(methods.clone()),
        ..AdminFault::new(405, "another method is needed", format!("it takes {methods}"))
    }
}

/// What there is.
fn index(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let each = ENDPOINTS.iter().map(|(path, methods)| (*path, methods.iter().map(|(of, _)| *of).collect::<Vec<_>>()));
    let each_of = ENDPOINTS_OF.iter().map(|(path, methods)| (*path, methods.iter().map(|(of, _)| *of).collect()));
    let endpoints = each.chain(each_of).map(|(path, methods)| {
        let id = if path.ends_with('/') { "{id}" } else { "" };
        Json::from([
            ("path", format!("{}/{path}{id}", call.admin.path).into()),
            ("methods", Json::Array(methods.into_iter().map(Json::from).collect())),
        ])
    });
    Reply::ok(Json::from([("endpoints", Json::Array(endpoints.collect()))]))
}

fn json_answer(status: u16, body: Option<Json>) -> Answer {
    match body {
        Some(json) => Answer {
            status,
            headers: crate::engine::own_headers("application/json"),
            body: printed(json).into(),
            ..Answer::default()
        },
        None => Answer { status, ..Answer::default() },
    }
}
