//! Decodes bytes by the name of their character encoding.
//!
//! Names are those of the WHATWG Encoding Standard: ISO-8859-1 and US-ASCII are read as windows-1252. UTF-32 and EBCDIC
//! are not among them.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Why bytes could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// No encoding has this name.
    Unknown(String),
    /// The bytes are malformed in this encoding, from this byte on if that is known.
    Malformed(&'static str, Option<usize>),
}

impl std::error::Error for Undecodable {}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undecodable::Unknown(name) => write!(f, "the encoding `{name}` is not known"),
            Undecodable::Malformed(name, _) => write!(f, "not {name}"),
        }
    }
}

/// Returns the encoding that a byte order mark names, and the bytes after the mark.
pub(crate) fn by_mark(bytes: &[u8]) -> Option<(&'static Encoding, &[u8])> {
    Encoding::for_bom(bytes).map(|(encoding, length)| (encoding, &bytes[length..]))
}

/// Returns the encoding of this name. UTF-16 without an order of its bytes is big-endian (RFC 2781 §4.3): where a byte
/// order mark tells otherwise, that has been read before.
///
/// # Errors
/// If there is none.
pub(crate) fn by_name(name: &str) -> Result<&'static Encoding, Undecodable> {
    match Encoding::for_label(name.as_bytes()) {
        Some(encoding) if encoding == UTF_16LE && !name.trim().eq_ignore_ascii_case("utf-16le") => Ok(UTF_16BE),
        Some(encoding) => Ok(encoding),
        None => Err(Undecodable::Unknown(name.to_owned())),
    }
}

/// Decodes bytes that have no byte order mark.
///
/// # Errors
/// If they are malformed in this encoding.
pub(crate) fn decode<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Result<Cow<'b, str>, Undecodable> {
    if encoding == UTF_8 {
        return std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .map_err(|error| Undecodable::Malformed(encoding.name(), Some(error.valid_up_to())));
    }
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or(Undecodable::Malformed(encoding.name(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], name: &str) -> Result<String, String> {
        by_name(name).and_then(|encoding| decode(bytes, encoding)).map(Cow::into_owned).map_err(|why| why.to_string())
    }

    #[test]
    fn bytes_are_read_by_the_name_of_their_encoding() {
        assert_eq!(decoded(b"caf\xe9", "ISO-8859-1").as_deref(), Ok("café"));
        assert_eq!(decoded(b"\xc3\xa9", "latin1").as_deref(), Ok("Ã©"));
        assert_eq!(decoded(b"\xf9\xec\xe5\xed", "iso-8859-8").as_deref(), Ok("שלום"));
        assert_eq!(decoded(b"\x00a\x00b", "UTF-16").as_deref(), Ok("ab"));
        assert_eq!(decoded(b"a\x00b\x00", " utf-16LE").as_deref(), Ok("ab"));
    }

    #[test]
    fn what_is_malformed_or_unknown_is_refused() {
        assert_eq!(decoded(b"\xff", "utf-8"), Err("not UTF-8".to_owned()));
        assert_eq!(decoded(b"a\x81", "shift_jis"), Err("not Shift_JIS".to_owned()));
        assert_eq!(decoded(b"\xd8\x00", "utf-16"), Err("not UTF-16BE".to_owned()));
        assert_eq!(decoded(b"a", "utf-32"), Err("the encoding `utf-32` is not known".to_owned()));
        assert_eq!(decoded(b"a", ""), Err("the encoding `` is not known".to_owned()));
    }
}
