//! Undoes the Content-Encoding of a body.

use bytes::Bytes;

/// What a body holds after its Content-Encoding.
#[derive(Debug)]
pub(super) enum Content {
    /// It is as it was sent: it has no encoding, an unknown one, or does not unpack.
    AsSent,
    /// What was packed.
    #[cfg(feature = "gzip")]
    Unpacked(Bytes),
    /// It is packed by this encoding, and this build cannot unpack it.
    #[cfg(not(feature = "gzip"))]
    Packed(String),
}

/// How far a compressed body is unpacked before it counts as a bomb: 64 MiB.
#[cfg(feature = "gzip")]
const LARGEST_CONTENT: u64 = 64 * 1024 * 1024;

#[cfg(feature = "gzip")]
pub(super) fn content(encoding: &str, body: &Bytes) -> Content {
    use std::io::Read;

    let mut unpacked = Vec::new();
    let mut unpack = |reader: &mut dyn Read| {
        reader.take(LARGEST_CONTENT + 1).read_to_end(&mut unpacked).is_ok_and(|n| n as u64 <= LARGEST_CONTENT)
    };
    let whole = match encoding.trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => unpack(&mut flate2::read::MultiGzDecoder::new(&body[..])),
        "deflate" => unpack(&mut flate2::read::ZlibDecoder::new(&body[..])),
        _ => false,
    };
    if whole { Content::Unpacked(unpacked.into()) } else { Content::AsSent }
}

#[cfg(not(feature = "gzip"))]
pub(super) fn content(encoding: &str, body: &Bytes) -> Content {
    let encoding = encoding.trim().to_ascii_lowercase();
    match encoding.as_str() {
        "gzip" | "x-gzip" | "deflate" if !body.is_empty() => Content::Packed(encoding),
        _ => Content::AsSent,
    }
}
