//! Encodes text in the charset that a Content-Type names.
//!
//! `encoding_rs` encodes as browsers do: it cannot write UTF-16, and writes ISO-8859-1 and US-ASCII as windows-1252. Here
//! these charsets follow their standards, so a client that decodes by the standard gets the same text.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{EncoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_874, WINDOWS_1252, WINDOWS_1254};

use super::charset::{Undecodable, by_name};

/// A charset in which text can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charset {
    name: String,
    kind: CharsetKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CharsetKind {
    Utf8,
    /// UTF-16 with a byte order mark, because its name specifies no byte order.
    Utf16,
    Utf16Be,
    Utf16Le,
    Ascii,
    /// An ISO charset, which has control characters where the Windows charset has other characters.
    Iso(&'static Encoding),
    Other(&'static Encoding),
}

/// A character that a charset does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unencodable {
    pub(crate) character: char,
    /// Its byte offset in the text.
    pub(crate) at: usize,
    charset: String,
}

impl std::error::Error for Unencodable {}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unencodable { character, charset, .. } = self;
        write!(
            f,
            "the charset `{charset}` has no character `{}` (U+{:04X})",
            character.escape_debug(),
            u32::from(*character)
        )
    }
}

impl Charset {
    /// Returns the charset of this name, in any case.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn by_name(name: &str) -> Result<Charset, Undecodable> {
        let encoding = by_name(name)?;
        let label = name.trim().to_ascii_lowercase();
        let is_of_windows = label.contains("windows") || label.contains("cp12") || label == "dos-874";
        let kind = match encoding {
            _ if encoding == UTF_8 => CharsetKind::Utf8,
            _ if label == "utf-16be" => CharsetKind::Utf16Be,
            _ if label == "utf-16le" => CharsetKind::Utf16Le,
            _ if encoding == UTF_16BE || encoding == UTF_16LE => CharsetKind::Utf16,
            _ if encoding == WINDOWS_1252 && matches!(&*label, "us-ascii" | "ascii" | "ansi_x3.4-1968") => {
                CharsetKind::Ascii
            }
            _ if [WINDOWS_1252, WINDOWS_1254, WINDOWS_874].contains(&encoding) && !is_of_windows => {
                CharsetKind::Iso(encoding)
            }
            _ => CharsetKind::Other(encoding),
        };
        Ok(Charset { name: name.trim().to_owned(), kind })
    }

    /// Returns its name as it was specified.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name that XML parsers know.
    pub(crate) fn xml_name(&self) -> &'static str {
        match self.kind {
            CharsetKind::Utf8 => "UTF-8",
            CharsetKind::Utf16 => "UTF-16",
            CharsetKind::Utf16Be => "UTF-16BE",
            CharsetKind::Utf16Le => "UTF-16LE",
            CharsetKind::Ascii => "US-ASCII",
            CharsetKind::Iso(encoding) if encoding == WINDOWS_1254 => "ISO-8859-9",
            CharsetKind::Iso(encoding) if encoding == WINDOWS_874 => "TIS-620",
            CharsetKind::Iso(_) => "ISO-8859-1",
            CharsetKind::Other(encoding) => encoding.name(),
        }
    }

    /// Returns whether it is UTF-8.
    pub(crate) fn is_utf8(&self) -> bool {
        self.kind == CharsetKind::Utf8
    }

    /// Returns whether a name is a name of the same encoding.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        Charset::by_name(name).is_ok_and(|other| other.kind == self.kind)
    }

    /// Encodes a text. An empty one has no byte order mark.
    ///
    /// # Errors
    /// Returns the first character that the charset does not have.
    pub(crate) fn encode<'t>(&self, text: &'t str) -> Result<Cow<'t, [u8]>, Unencodable> {
        let fault = |at: usize| Unencodable {
            character: text[at..].chars().next().expect("a character is at the place of a fault"),
            at,
            charset: self.name.clone(),
        };
        match self.kind {
            _ if text.is_empty() => Ok(Cow::Borrowed(b"")),
            CharsetKind::Utf8 => Ok(Cow::Borrowed(text.as_bytes())),
            CharsetKind::Utf16 => Ok(Cow::Owned(utf16("\u{feff}", text, u16::to_be_bytes))),
            CharsetKind::Utf16Be => Ok(Cow::Owned(utf16("", text, u16::to_be_bytes))),
            CharsetKind::Utf16Le => Ok(Cow::Owned(utf16("", text, u16::to_le_bytes))),
            CharsetKind::Ascii => match text.bytes().position(|byte| !byte.is_ascii()) {
                None => Ok(Cow::Borrowed(text.as_bytes())),
                Some(at) => Err(fault(at)),
            },
            CharsetKind::Iso(encoding) | CharsetKind::Other(encoding)
                if encoding.is_ascii_compatible() && text.is_ascii() =>
            {
                Ok(Cow::Borrowed(text.as_bytes()))
            }
            CharsetKind::Iso(encoding) => iso(encoding, text).map(Cow::Owned).map_err(fault),
            CharsetKind::Other(encoding) => by_table(encoding, text).map(Cow::Owned).map_err(fault),
        }
    }
}

fn utf16(mark: &str, text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2 * (text.len() + 1));
    mark.encode_utf16().chain(text.encode_utf16()).for_each(|unit| bytes.extend(bytes_of(unit)));
    bytes
}

/// Encodes a text in a single-byte charset whose bytes from 80 to 9F are control characters. The error is the offset of the
/// first character that it does not have.
fn iso(encoding: &'static Encoding, text: &str) -> Result<Vec<u8>, usize> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut one = [0; 4];
    for (at, character) in text.char_indices() {
        match u32::from(character) {
            code @ 0..0xa0 => bytes.push(u8::try_from(code).expect("below 160")),
            _ => match &*by_table(encoding, character.encode_utf8(&mut one)).map_err(|_| at)? {
                [byte] if *byte >= 0xa0 => bytes.push(*byte),
                _ => return Err(at),
            },
        }
    }
    Ok(bytes)
}

/// Encodes a text by the tables of the WHATWG. The error is the offset of the first character that the encoding does not
/// have.
fn by_table(encoding: &'static Encoding, text: &str) -> Result<Vec<u8>, usize> {
    let mut encoder = encoding.new_encoder();
    let mut bytes = Vec::with_capacity(text.len() + 16);
    let mut at = 0;
    loop {
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(&text[at..], &mut bytes, true);
        at += read;
        match result {
            EncoderResult::InputEmpty => return Ok(bytes),
            EncoderResult::OutputFull => bytes.reserve(text.len() - at + 16),
            EncoderResult::Unmappable(_) => {
                // The encoder has already read past it, and for some characters of ISO-2022-JP it reports another one.
                let character = text[..at].chars().next_back().map_or(0, char::len_utf8);
                return Err(at - character);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::super::charset::strict_text;
    use super::*;

    fn encoded(text: &str, name: &str) -> Result<Vec<u8>, String> {
        let charset = Charset::by_name(name).map_err(|why| why.to_string())?;
        charset.encode(text).map(Cow::into_owned).map_err(|why| why.to_string())
    }

    #[test]
    fn text_is_written_in_the_charset_of_its_name() {
        assert_eq!(encoded("ça", "ISO-8859-1"), Ok(b"\xe7a".to_vec()));
        assert_eq!(encoded("ça", "utf-16"), Ok(b"\xfe\xff\0\xe7\0a".to_vec()));
        assert_eq!(encoded("\u{1f600}", "UTF-16LE"), Ok(b"\x3d\xd8\x00\xde".to_vec()));
        assert_eq!(encoded("a", "utf-16be"), Ok(b"\0a".to_vec()));
        assert_eq!(encoded("€", "windows-1252"), Ok(b"\x80".to_vec()));
        assert_eq!(encoded("ğ\u{85}", "iso-8859-9"), Ok(b"\xf0\x85".to_vec()));
        assert_eq!(encoded("テ", "Shift_JIS"), Ok(b"\x83e".to_vec()));
        assert_eq!(encoded("", "utf-16"), Ok(Vec::new()));
        assert_eq!(encoded("é", "utf8"), Ok("é".as_bytes().to_vec()));
    }

    #[test]
    fn a_character_that_a_charset_does_not_have_is_named() {
        for (text, name, character) in [
            ("a€", "iso-8859-1", "`€` (U+20AC)"),
            ("a€", "latin1", "`€` (U+20AC)"),
            ("é", "us-ascii", "`é` (U+00E9)"),
            ("\u{85}", "ascii", "`\\u{85}` (U+0085)"),
            ("€", "iso-8859-9", "`€` (U+20AC)"),
            ("…", "tis-620", "`…` (U+2026)"),
            ("aя", "windows-1252", "`я` (U+044F)"),
            ("a\u{1f600}b", "shift_jis", "`\u{1f600}` (U+1F600)"),
            ("テ\u{e}", "iso-2022-jp", "`\\u{e}` (U+000E)"),
        ] {
            assert_eq!(encoded(text, name), Err(format!("the charset `{name}` has no character {character}")));
        }
        assert_eq!(encoded("a", "utf-32"), Err("the encoding `utf-32` is not known".to_owned()));
        assert_eq!(encoded("a", "iso-2022-kr"), Err("the encoding `iso-2022-kr` is not known".to_owned()));
    }

    const NAMES: [&str; 22] = [
        "utf-8",
        "utf-16",
        "utf-16le",
        "utf-16be",
        "us-ascii",
        "iso-8859-1",
        "iso-8859-2",
        "iso-8859-5",
        "iso-8859-8",
        "iso-8859-9",
        "iso-8859-15",
        "tis-620",
        "windows-1251",
        "windows-1252",
        "koi8-r",
        "macintosh",
        "shift_jis",
        "euc-jp",
        "iso-2022-jp",
        "big5",
        "gb18030",
        "euc-kr",
    ];

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(
            text in "[a-z \u{a0}-\u{17f}Ѐ-ӿא-ת฀-๿、-ヿ一-龠€…\u{1f600}]{0,12}",
            place in any::<proptest::sample::Index>(),
        ) {
            let name = place.get(&NAMES);
            // Shift_JIS, EUC-JP and ISO-2022-JP write some characters as their doubles, as browsers do.
            let is_exact = !matches!(*name, "shift_jis" | "euc-jp" | "iso-2022-jp");
            if let Ok(bytes) = encoded(&text, name) {
                let decoded = strict_text(&bytes, Some(name)).expect("what was encoded can be decoded");
                if is_exact {
                    prop_assert_eq!(decoded, text);
                } else {
                    prop_assert_eq!(encoded(&decoded, name), Ok(bytes.clone()));
                }
            }
        }

        #[test]
        fn iso_8859_1_has_the_first_256_characters(character in any::<char>()) {
            let expected = u8::try_from(u32::from(character)).ok().map(|byte| vec![byte]);
            prop_assert_eq!(encoded(&character.to_string(), "iso-8859-1").ok(), expected);
        }
    }
}
