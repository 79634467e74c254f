//! Decodes a document: by its byte order mark, else the charset of its Content-Type, else the shape of its first bytes, else
//! the encoding that its XML declaration names, else as UTF-8 (RFC 7303 §3.2; XML 1.0, appendix F).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::super::charset::{Undecodable, by_mark, by_name, decode};
use super::fault::XmlFault;

/// Decodes a document whose Content-Type has this charset.
///
/// # Errors
/// If the encoding is not known, or the bytes are malformed in it.
pub(super) fn decoded<'b>(bytes: &'b [u8], charset: Option<&str>) -> Result<Cow<'b, str>, XmlFault> {
    let fault = |why: Undecodable| {
        let at = if let Undecodable::Malformed(_, Some(at)) = why { at } else { 0 };
        XmlFault::at(why.to_string(), bytes, at)
    };
    if let Some((encoding, rest)) = by_mark(bytes) {
        return decode(rest, encoding).map_err(fault);
    }
    let encoding = match (charset, bytes) {
        (Some(name), _) => by_name(name).map_err(fault)?,
        (None, [0x3c, 0, ..]) => UTF_16LE,
        (None, [0, 0x3c, ..]) => UTF_16BE,
        (None, _) => match declared(bytes) {
            Some(name) => by_declared_name(name).map_err(fault)?,
            None => UTF_8,
        },
    };
    decode(bytes, encoding).map_err(fault)
}

/// Returns the declared encoding. A declaration that is readable byte by byte is not in UTF-16, even if it names UTF-16.
fn by_declared_name(name: &str) -> Result<&'static Encoding, Undecodable> {
    let encoding = by_name(name)?;
    if encoding == UTF_16BE || encoding == UTF_16LE {
        return Err(Undecodable::Malformed(encoding.name(), None));
    }
    Ok(encoding)
}

/// Returns the encoding that the XML declaration names. The declaration is checked later.
fn declared(bytes: &[u8]) -> Option<&str> {
    let inside = bytes.strip_prefix(b"<?xml")?;
    let inside = &inside[..memchr::memchr(b'>', inside)?];
    let text = std::str::from_utf8(inside).ok()?;
    let value = text.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], charset: Option<&str>) -> Result<String, String> {
        decoded(bytes, charset).map(Cow::into_owned).map_err(|fault| fault.message)
    }

    #[test]
    fn the_mark_comes_first_then_the_charset_then_the_declaration() {
        let declared = b"<?xml version='1.0' encoding = \"ISO-8859-1\"?><a>\xe9</a>";

        assert!(read(declared, None).is_ok_and(|text| text.ends_with("<a>é</a>")));
        assert!(read(declared, Some("koi8-r")).is_ok_and(|text| text.ends_with("<a>И</a>")));
        assert_eq!(read(b"\xef\xbb\xbf<a>\xc3\xa9</a>", Some("latin1")).as_deref(), Ok("<a>é</a>"));
        assert_eq!(read(b"\xff\xfe<\0a\0/\0>\0", Some("utf-8")).as_deref(), Ok("<a/>"));
        assert_eq!(read(b"<\0a\0/\0>\0", None).as_deref(), Ok("<a/>"));
        assert_eq!(read(b"\0<\0a\0/\0>", None).as_deref(), Ok("<a/>"));
    }

    #[test]
    fn what_cannot_be_decoded_is_a_fault() {
        assert_eq!(read(b"<a>\xe9</a>", None), Err("not UTF-8".to_owned()));
        assert_eq!(read(b"<?xml version='1.0' encoding='utf-16'?><a/>", None), Err("not UTF-16BE".to_owned()));
        assert_eq!(
            read(b"<?xml version='1.0' encoding='x-mine'?><a/>", None),
            Err("the encoding `x-mine` is not known".to_owned())
        );
        let fault = decoded(b"<a>\n\xc3\xa9\xe9</a>", None).expect_err("not UTF-8");
        assert_eq!((fault.at, fault.line, fault.column), (6, 2, 2));
    }
}
