//! Compresses an answer where the client accepts that.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::engine::Answer;
use crate::message::{Request, accepted};

/// The body of an answer in gzip; nothing where the client does not accept it, or the answer has an encoding of its own.
pub(super) fn packed(request: &Request, answer: &Answer) -> Option<Bytes> {
    let encoded = || answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    if answer.body.is_empty() || encoded() || !accepts_gzip(request) {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(answer.body.len() / 2 + 32), Compression::fast());
    encoder.write_all(&answer.body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn accepts_gzip(request: &Request) -> bool {
    let values: Vec<_> = request.headers("accept-encoding").collect();
    if values.is_empty() {
        return false;
    }
    let codings = accepted(values.iter().map(|value| value.as_ref()));
    let quality = |name: &str| codings.iter().find(|coding| coding.range.essence == name).map(|coding| coding.quality);
    quality("gzip").or_else(|| quality("x-gzip")).or_else(|| quality("*")).is_some_and(|quality| quality > 0)
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::message::Head;
    use crate::model::Timestamp;

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
