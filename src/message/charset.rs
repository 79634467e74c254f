//! Decodes bytes by the name of their character encoding.
//!
//! Names are those of the WHATWG Encoding Standard: ISO-8859-1 and US-ASCII are read as windows-1252. UTF-32 and EBCDIC
//! are not among them.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The reason why bytes could not be decoded.
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

/// Returns the encoding of this name. UTF-16 without an order of its bytes is big-endian (RFC 2781 §4.3): a byte
/// order mark that specifies another order has been read before.
///
/// # Errors
/// If there is none.
pub(crate) fn by_name(name: &str) -> Result<&'static Encoding, Undecodable> {
    // Encodings that browsers refuse, such as ISO-2022-KR, are refused here too.
    match Encoding::for_label_no_replacement(name.as_bytes()) {
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

/// Returns the encoding of a text, and its bytes without a byte order mark. A mark takes precedence over the name of a
/// charset. Without both, or with an unknown name, a text is UTF-8.
pub(crate) fn encoding_of_text<'b>(bytes: &'b [u8], charset: Option<&str>) -> (&'static Encoding, &'b [u8]) {
    match by_mark(bytes) {
        Some(marked) => marked,
        None => (charset.and_then(|name| by_name(name).ok()).unwrap_or(UTF_8), bytes),
    }
}

/// Decodes a text. Malformed bytes become U+FFFD.
pub(crate) fn text<'b>(bytes: &'b [u8], charset: Option<&str>) -> Cow<'b, str> {
    let (encoding, bytes) = encoding_of_text(bytes, charset);
    encoding.decode_without_bom_handling(bytes).0
}

/// Decodes a text.
///
/// # Errors
/// If its charset is not known, or the bytes are malformed in it.
pub(crate) fn strict_text<'b>(bytes: &'b [u8], charset: Option<&str>) -> Result<Cow<'b, str>, Undecodable> {
    let (encoding, bytes) = match (by_mark(bytes), charset) {
        (Some(marked), _) => marked,
        (None, Some(name)) => (by_name(name)?, bytes),
        (None, None) => (UTF_8, bytes),
    };
    decode(bytes, encoding)
}

/// Decodes bytes. Each malformed byte becomes a percent-encoded byte, so that texts that differ in such bytes stay different.
pub(crate) fn decode_or_escape(bytes: Vec<u8>, encoding: &'static Encoding) -> String {
    if encoding == UTF_8 {
        return match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(malformed) => escape_outside_utf8(malformed.as_bytes()),
        };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len());
    // The buffer has a fixed size, because the decoder may write to all of it each time it stops at a malformed byte.
    let mut buffer = [0; 256];
    let mut at = 0;
    loop {
        // The pieces are short for the same reason. The last call has the end of the text.
        let piece = &bytes[at..bytes.len().min(at + 128)];
        let is_last = at + piece.len() == bytes.len();
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(piece, &mut buffer, is_last);
        text.push_str(std::str::from_utf8(&buffer[..written]).expect("a decoder writes UTF-8"));
        at += read;
        match result {
            DecoderResult::InputEmpty if is_last => return text,
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let end = at - usize::from(after);
                for byte in &bytes[end - usize::from(length)..end] {
                    push_escaped(*byte, &mut text);
                }
            }
        }
    }
}

fn escape_outside_utf8(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| push_escaped(*byte, &mut text));
    }
    text
}

fn push_escaped(byte: u8, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(char::from(DIGITS[usize::from(byte >> 4)]));
    text.push(char::from(DIGITS[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

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

    #[test]
    fn encodings_that_browsers_refuse_are_unknown() {
        assert_eq!(decoded(b"a", "iso-2022-kr"), Err("the encoding `iso-2022-kr` is not known".to_owned()));
    }

    #[test]
    fn a_mark_comes_before_a_charset() {
        assert_eq!(text(b"\xef\xbb\xbf\xc3\xa9", Some("latin1")), "é");
        assert_eq!(text(b"\xff\xfea\0", Some("utf-8")), "a");
        assert_eq!(text(b"\xe9\xff", None), "\u{fffd}\u{fffd}");
        assert_eq!(text(b"\xc3\xa9", Some("x-mine")), "é");
        assert!(strict_text(b"a", Some("x-mine")).is_err() && strict_text(b"\xe9", None).is_err());
    }

    #[test]
    fn malformed_bytes_stay_percent_encoded() {
        let escaped = |bytes: &[u8], name| decode_or_escape(bytes.to_vec(), by_name(name).expect("an encoding"));

        assert_eq!(escaped(b"a\xffb", "utf-8"), "a%FFb");
        assert_eq!(escaped(b"\xe2\x82", "utf-8"), "%E2%82");
        assert_eq!(escaped(b"\xe2\x82a", "utf-8"), "%E2%82a");
        assert_eq!(escaped(b"\x83\x65\x80\xff", "shift_jis"), "テ\u{80}%FF");
        assert_eq!(escaped(b"\xd8\x00\x00", "utf-16be"), "%D8%00%00");
    }

    proptest! {
        #[test]
        fn bytes_that_are_not_utf8_are_kept_apart(one in any::<Vec<u8>>(), other in any::<Vec<u8>>()) {
            // A percent sign in the bytes themselves reads like one that was added.
            let plain = |bytes: Vec<u8>| -> Vec<u8> { bytes.into_iter().filter(|byte| *byte != b'%').collect() };
            let (one, other) = (plain(one), plain(other));
            let escaped = |bytes: &[u8]| decode_or_escape(bytes.to_vec(), UTF_8);
            prop_assert_eq!(escaped(&one) == escaped(&other), one == other);
        }

        #[test]
        fn every_encoding_decodes_any_bytes(bytes in any::<Vec<u8>>(), place in any::<proptest::sample::Index>()) {
            let names = ["utf-8", "utf-16le", "utf-16be", "shift_jis", "gb18030", "big5", "euc-jp", "euc-kr", "iso-2022-jp", "latin1"];
            let name: &&str = place.get(&names);
            let encoding = by_name(name).expect("an encoding");
            let escaped = decode_or_escape(bytes.clone(), encoding);
            if let Ok(text) = decode(&bytes, encoding) {
                prop_assert_eq!(text, escaped);
            }
        }
    }
}
