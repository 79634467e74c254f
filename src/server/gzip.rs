//! Compresses an answer if the client accepts that.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::engine::Answer;
use crate::message::{Request, accepted};
use crate::respond::{AnswerBody, BodyPieces, BodyStream};

/// Whether to compress an answer: the client accepts it, and the answer has no encoding of its own and is not a part of a body.
pub(super) fn should_compress(request: &Request, answer: &Answer) -> bool {
    let encoded = || answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    !answer.body.is_empty() && answer.status != 206 && !encoded() && accepts_gzip(request)
}

/// Compresses a body.
pub(super) fn compressed(body: &AnswerBody) -> Option<AnswerBody> {
    match body {
        AnswerBody::Whole(bytes) => compressed_bytes(bytes).map(AnswerBody::Whole),
        AnswerBody::Stream(stream) => {
            let stream = stream.clone();
            Some(AnswerBody::Stream(BodyStream::new(move || Box::new(CompressedPieces::new(stream.pieces())))))
        }
    }
}

/// The pieces of a body in gzip. There may be fewer of them than of the body.
struct CompressedPieces {
    pieces: BodyPieces,
    /// `None` after the last piece.
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl CompressedPieces {
    fn new(pieces: BodyPieces) -> CompressedPieces {
        CompressedPieces { pieces, encoder: Some(GzEncoder::new(Vec::new(), Compression::fast())) }
    }
}

impl Iterator for CompressedPieces {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        for piece in self.pieces.by_ref() {
            let encoder = self.encoder.as_mut()?;
            encoder.write_all(&piece).expect("memory takes all that is written to it");
            let compressed = std::mem::take(encoder.get_mut());
            if !compressed.is_empty() {
                return Some(compressed.into());
            }
        }
        let rest = self.encoder.take()?.finish().expect("memory takes all that is written to it");
        Some(rest.into())
    }
}

fn compressed_bytes(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2 + 32), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn accepts_gzip(request: &Request) -> bool {
    let values: Vec<_> = request.headers("Accept-Encoding").collect();
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
    fn gzip_is_used_only_if_it_is_accepted() {
        assert!(accepts("gzip") && accepts("br, GZIP;q=0.1") && accepts("*"));
        assert!(!accepts("gzip;q=0, *") && !accepts("br") && !accepts("identity"));
    }
}
