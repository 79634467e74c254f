//! Writes an answer as an HTTP response.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::ext::ReasonPhrase;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::engine::Answer;
use crate::message::{Request, accepted};

use super::link::Link;
use super::outgoing::Outgoing;

/// The response as hyper sends it, compressed where the client accepts that and nothing is special about its way out.
pub(super) fn response(request: &Request, answer: Answer, link: &Link) -> Response<Outgoing> {
    let compress = !answer.body.is_empty()
        && answer.delivery.is_none()
        && !answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-encoding"))
        && accepts_gzip(request);
    let packed = if compress { gzip(&answer.body) } else { None };
    let encoded = packed.is_some();
    let body = Outgoing::new(packed.unwrap_or(answer.body), answer.delivery, link);
    let mut response = Response::new(body);
    // Status, reason and headers were checked when the answer was made; what could not be sent is a 500.
    match StatusCode::from_u16(answer.status) {
        Ok(status) => *response.status_mut() = status,
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    if let Some(reason) = answer.reason.and_then(|reason| ReasonPhrase::try_from(reason.into_bytes()).ok()) {
        response.extensions_mut().insert(reason);
    }
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().append(name, value);
        }
    }
    if encoded {
        response.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    }
    response
}

fn accepts_gzip(request: &Request) -> bool {
    let values: Vec<_> = request.headers("accept-encoding").collect();
    let codings = accepted(values.iter().map(|value| value.as_ref()));
    let quality = |name: &str| codings.iter().find(|coding| coding.range.essence == name).map(|coding| coding.quality);
    quality("gzip").or_else(|| quality("x-gzip")).or_else(|| quality("*")).is_some_and(|quality| quality > 0)
}

fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2 + 32), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::message::Head;

    fn accepts(header: &str) -> bool {
        let head = Head::compose("GET", "/", [("Accept-Encoding", header.as_bytes())]);
        accepts_gzip(&Request::new(head, Bytes::new(), None, Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn gzip_is_used_only_where_it_is_accepted() {
        assert!(accepts("gzip") && accepts("br, GZIP;q=0.1") && accepts("*"));
        assert!(!accepts("gzip;q=0, *") && !accepts("br") && !accepts("identity"));
    }
}
