//! The table of endpoints, and the choice of one for a call.

use crate::model::Json;

use super::call::{Call, Reply};
use super::fault::AdminFault;
use super::{expectations, explain, health, journal, requests, stubs};

type Endpoint = fn(&Call<'_>) -> Result<Reply, AdminFault>;
type EndpointOf = fn(&Call<'_>, &str) -> Result<Reply, AdminFault>;

/// Endpoints by path and method.
const ENDPOINTS: [(&str, &[(&str, Endpoint)]); 13] = [
    ("health", &[("GET", health::health)]),
    ("reset", &[("POST", stubs::reset)]),
    ("journal", &[("GET", journal::list)]),
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

/// Endpoints of one item, whose id is the segment after the path.
const ENDPOINTS_OF: [(&str, &[(&str, EndpointOf)]); 3] = [
    ("journal/", &[("GET", journal::one)]),
    ("requests/", &[("GET", requests::one)]),
    ("stubs/", &[("GET", stubs::one), ("PUT", stubs::replace), ("DELETE", stubs::remove)]),
];

/// Finds the endpoint and calls it.
pub(super) fn route(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let Call { method, below, .. } = *call;
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
        .map(|(path, _)| format!("{}/{path}", call.request.base()))
        .collect();
    Err(AdminFault::new(404, "there is no such endpoint", format!("the admin API has {}", known.join(", "))))
}

fn not_allowed<'a>(methods: impl Iterator<Item = &'a str>) -> AdminFault {
    let methods = with_head(methods).join(", ");
    AdminFault {
        header: Some(("Allow", methods.clone())),
        ..AdminFault::new(405, "the method is not allowed", format!("must be {methods}"))
    }
}

/// Every endpoint with GET accepts HEAD too.
fn with_head<'a>(methods: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    methods.flat_map(|method| [method].into_iter().chain((method == "GET").then_some("HEAD"))).collect()
}

/// Returns the list of all endpoints.
fn index(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let each = ENDPOINTS.iter().map(|(path, methods)| (*path, with_head(methods.iter().map(|(of, _)| *of))));
    let each_of = ENDPOINTS_OF.iter().map(|(path, methods)| (*path, with_head(methods.iter().map(|(of, _)| *of))));
    let endpoints = each.chain(each_of).map(|(path, methods)| {
        let id = if path.ends_with('/') { "{id}" } else { "" };
        Json::from([
            ("path", format!("{}/{path}{id}", call.request.base()).into()),
            ("methods", Json::Array(methods.into_iter().map(Json::from).collect())),
        ])
    });
    Reply::ok(Json::from([("endpoints", Json::Array(endpoints.collect()))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/admin-api.md");

    #[test]
    fn each_endpoint_has_a_row_on_the_page_of_the_api() {
        let page = std::fs::read_to_string(PAGE).expect("the page");
        let firsts: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).collect();
        // The list of endpoints itself has no row.
        let whole = ENDPOINTS
            .iter()
            .filter(|(path, _)| !path.is_empty())
            .flat_map(|(path, methods)| methods.iter().map(move |(method, _)| format!("`{method} /{path}`")));
        let of_one = ENDPOINTS_OF
            .iter()
            .flat_map(|(path, methods)| methods.iter().map(move |(method, _)| format!("`{method} /{path}{{id}}`")));

        let missing: Vec<String> =
            whole.chain(of_one).filter(|row| !firsts.iter().any(|first| first.contains(row))).collect();
        assert!(missing.is_empty(), "no row for {missing:?}");
    }
}
