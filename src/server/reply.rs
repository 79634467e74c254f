//! Writes an answer as an HTTP response.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use hyper::ext::ReasonPhrase;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::engine::Answer;
use crate::message::Request;

use super::connection_context::ConnectionContext;
use super::gzip;
use super::response_body::{ResponseBody, Tracked};

/// Whether an answer is compressed on its way out.
pub(super) fn is_compressed(request: &Request, answer: &Answer) -> bool {
    answer.delivery.is_none() && gzip::should_compress(request, answer)
}

/// The response for hyper, compressed if the client accepts that and the answer has no delivery of its own.
pub(super) fn response(
    request: &Request,
    answer: &Answer,
    connection: &Arc<ConnectionContext>,
    tracked: Option<Tracked>,
) -> Response<ResponseBody> {
    let compressed = if is_compressed(request, answer) {
        gzip::compressed(&answer.body)
    } else {
        None
    };
    let encoded = compressed.is_some();
    let body =
        ResponseBody::new(compressed.unwrap_or_else(|| answer.body.clone()), answer.delivery, connection, tracked);
    let mut response = Response::new(body);
    // Status, reason and headers were checked when the answer was made. A status that cannot be sent becomes 500.
    match StatusCode::from_u16(answer.status) {
        Ok(status) => *response.status_mut() = status,
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    let given = answer.reason.as_ref().and_then(|reason| ReasonPhrase::try_from(reason.as_bytes()).ok());
    // For a status that has no standard phrase hyper would invent one.
    let none = || response.status().canonical_reason().is_none().then(|| ReasonPhrase::from_static(b""));
    if let Some(reason) = given.or_else(none) {
        response.extensions_mut().insert(reason);
    }
    for (name, value) in &answer.headers {
        let value = match value {
            Cow::Borrowed(value) => Bytes::from_static(value.as_bytes()),
            Cow::Owned(value) => Bytes::copy_from_slice(value.as_bytes()),
        };
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(&**name), HeaderValue::from_maybe_shared(value)) {
            response.headers_mut().append(name, value);
        }
    }
    if encoded {
        mark_compressed(response.headers_mut());
    }
    response
}

/// Says that the body is compressed, and that others get another. A strong ETag is of other bytes, so it becomes weak.
fn mark_compressed(headers: &mut HeaderMap) {
    headers.insert("content-encoding", HeaderValue::from_static("gzip"));
    let varies = |vary: &HeaderValue| {
        let mut named = vary.to_str().unwrap_or_default().split(',').map(str::trim);
        named.any(|name| name == "*" || name.eq_ignore_ascii_case("accept-encoding"))
    };
    if !headers.get_all("vary").iter().any(varies) {
        headers.append("vary", HeaderValue::from_static("Accept-Encoding"));
    }
    let strong = headers.get("etag").filter(|etag| etag.as_bytes().starts_with(b"\""));
    if let Some(weak) = strong.and_then(|etag| HeaderValue::from_bytes(&[b"W/", etag.as_bytes()].concat()).ok()) {
        headers.insert("etag", weak);
    }
}
