//! The charset in which the body of an answer is sent: that of its Content-Type, else UTF-8.
//!
//! A body whose source is text is encoded in it. Bytes, such as those of a file, are sent unchanged.

use std::borrow::Cow;

use bytes::Bytes;

use crate::message::{Charset, Unencodable, charset_of, header_value};
use crate::model::{Fault, KeyPath};

use super::answer::{Answer, Header};
use super::charge;
use super::fault::RenderFault;
use super::text::Text;

/// The kind of a body's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyOrigin {
    /// Bytes that are sent unchanged.
    Bytes,
    /// Text.
    Text,
    /// Text whose XML declaration, if it has one, names the charset in which it is sent.
    Xml,
}

/// The charset of a response, as far as it is known when a scenario is loaded.
#[derive(Debug)]
pub(super) enum BodyCharset {
    /// The Content-Type names none, so it is UTF-8.
    Unnamed,
    Named(Charset),
    /// An unknown name, with the path of the Content-Type.
    Unknown(String, KeyPath),
    /// The Content-Type has a template.
    Rendered,
}

impl BodyCharset {
    /// Returns the charset that the headers of the response at a path name.
    pub(super) fn from_headers(headers: &[(String, Text)], at: &KeyPath) -> BodyCharset {
        let Some((name, value)) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")) else {
            return BodyCharset::Unnamed;
        };
        let Some(value) = value.constant() else { return BodyCharset::Rendered };
        let Some(charset) = charset_of(value) else { return BodyCharset::Unnamed };
        match Charset::by_name(&charset) {
            Ok(charset) => BodyCharset::Named(charset),
            Err(_) => BodyCharset::Unknown(charset, at.key("headers").key(name)),
        }
    }

    /// Whether the headers name a charset that is known before a request comes.
    pub(super) fn is_named(&self) -> bool {
        matches!(self, BodyCharset::Named(_))
    }

    /// Reports a charset in which no text can be sent.
    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        if let BodyCharset::Unknown(name, at) = self {
            faults.push(Fault::value(at, unknown(name)).with_label("names an unknown charset").with_help(HELP_UNKNOWN));
        }
    }

    /// Encodes a constant body whose text is at this path.
    /// `is_source` if the text is the value at this path, so that a place in it can be shown.
    pub(super) fn encode_constant(
        &self,
        bytes: Bytes,
        (origin, is_source): (BodyOrigin, bool),
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> Bytes {
        let (BodyCharset::Named(charset), Some(text)) = (self, text_of(&bytes, origin)) else { return bytes };
        match encode(text, origin, charset) {
            Ok(None) => bytes,
            Ok(Some(encoded)) => encoded.into(),
            Err(why) => {
                let fault = Fault::value(at, why.to_string()).with_label(format!("not in {}", charset.name()));
                let fault = fault.with_help(help_unencodable(&why, origin));
                // Changing the declaration may have moved the character, but it is still the first of its kind in the source.
                let place = text.find(why.character).filter(|_| is_source);
                faults.push(match place {
                    Some(from) => fault.within(from, from + why.character.len_utf8()),
                    None => fault,
                });
                bytes
            }
        }
    }

    /// Encodes a body that was rendered.
    ///
    /// # Errors
    /// If the charset is unknown, or does not have all characters of the body.
    pub(super) fn encode_rendered(
        &self,
        (bytes, origin): (Bytes, BodyOrigin),
        answer: &Answer,
        at: &KeyPath,
    ) -> Result<Bytes, RenderFault> {
        let Some(text) = text_of(&bytes, origin) else { return Ok(bytes) };
        let charset = match self {
            BodyCharset::Named(charset) => Some(Cow::Borrowed(charset)),
            BodyCharset::Unnamed | BodyCharset::Unknown(..) => None,
            BodyCharset::Rendered => rendered_charset(&answer.headers, at)?.map(Cow::Owned),
        };
        let Some(charset) = charset else { return as_declared(text, origin, at).map(|()| bytes) };
        if !charset.is_utf8() {
            charge::reading(text).map_err(RenderFault::exceeded(at))?;
        }
        let encoded = encode(text, origin, &charset).map_err(|why| RenderFault {
            help: Some(help_unencodable(&why, origin)),
            ..RenderFault::new(at, why.to_string())
        })?;
        let Some(encoded) = encoded else { return Ok(bytes) };
        // The text was charged when it was rendered.
        charge::bytes(encoded.len().saturating_sub(text.len())).map_err(RenderFault::exceeded(at))?;
        Ok(encoded.into())
    }
}

fn rendered_charset(headers: &[Header], at: &KeyPath) -> Result<Option<Charset>, RenderFault> {
    let content_type = header_value(headers, "content-type");
    let Some(name) = content_type.and_then(|value| charset_of(value)) else { return Ok(None) };
    let fault = |_| RenderFault { help: Some(HELP_UNKNOWN.to_owned()), ..RenderFault::new(at, unknown(&name)) };
    Charset::by_name(&name).map(Some).map_err(fault)
}

/// Whether XML that is sent in UTF-8 declares UTF-8, or has only characters with the same bytes in the declared encoding.
fn as_declared(text: &str, origin: BodyOrigin, at: &KeyPath) -> Result<(), RenderFault> {
    let utf8 = Charset::by_name("utf-8").expect("a charset that is always known");
    if origin != BodyOrigin::Xml || declare(text, &utf8).is_none() || text.is_ascii() {
        return Ok(());
    }
    let help =
        "Name the encoding in a Content-Type among the headers too, such as `application/xml; charset=iso-8859-1`.";
    let message = "the XML is sent in UTF-8, and its declaration names another encoding";
    Err(RenderFault { help: Some(help.to_owned()), ..RenderFault::new(at, message) })
}

fn text_of(bytes: &Bytes, origin: BodyOrigin) -> Option<&str> {
    let is_text = origin != BodyOrigin::Bytes && !bytes.is_empty();
    is_text.then(|| std::str::from_utf8(bytes).expect("a body whose source is text is UTF-8"))
}

/// Encodes a text; `None` if its UTF-8 bytes are the encoding.
fn encode(text: &str, origin: BodyOrigin, charset: &Charset) -> Result<Option<Vec<u8>>, Unencodable> {
    let declared = match origin {
        BodyOrigin::Xml => declare(text, charset),
        BodyOrigin::Text | BodyOrigin::Bytes => None,
    };
    match &declared {
        Some(declared) => charset.encode(declared).map(|encoded| Some(encoded.into_owned())),
        None => Ok(match charset.encode(text)? {
            Cow::Borrowed(_) => None,
            Cow::Owned(encoded) => Some(encoded),
        }),
    }
}

/// Returns the XML with a declaration that names this charset; `None` if it has no declaration, or one that does.
fn declare(text: &str, charset: &Charset) -> Option<String> {
    const START: &str = "<?xml";
    let inside = text.strip_prefix(START)?;
    let inside = &inside[..inside.find("?>")?];
    if !inside.starts_with(|c: char| c.is_ascii_whitespace()) {
        return None;
    }
    let named = |before: &str, after: &str| {
        let (before, after) = (before.len(), text.len() - after.len());
        format!("{}{}{}", &text[..before], charset.xml_name(), &text[after..])
    };
    let Some((before, after)) = inside.split_once("encoding") else {
        if charset.is_utf8() {
            return None;
        }
        let at = START.len() + inside.find("standalone").unwrap_or(inside.trim_end().len());
        let (before, after) = text.split_at(at);
        let name = charset.xml_name();
        return Some(match after.starts_with("standalone") {
            true => format!("{before}encoding=\"{name}\" {after}"),
            false => format!("{before} encoding=\"{name}\"{after}"),
        });
    };
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = value[1..].split_once(quote)?;
    if charset.is_named(name) {
        return None;
    }
    let from = START.len() + before.len() + "encoding".len() + (after.len() - value.len()) + 1;
    Some(named(&text[..from], &text[from + name.len()..]))
}

fn unknown(name: &str) -> String {
    format!("the charset `{name}` is not known")
}

const HELP_UNKNOWN: &str = "Name a charset that browsers know, such as `utf-8` or `iso-8859-1`. A body under `base64`, or in a file without templates, is sent as it is, with any charset.";

fn help_unencodable(why: &Unencodable, origin: BodyOrigin) -> String {
    let help = "Name a charset that has it, such as `utf-8`.";
    match origin {
        BodyOrigin::Xml => format!("{help} Between tags it may be written as `&#{};`.", u32::from(why.character)),
        BodyOrigin::Text | BodyOrigin::Bytes => help.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str, charset: &str) -> Option<String> {
        declare(text, &Charset::by_name(charset).expect("a charset"))
    }

    #[test]
    fn a_declaration_names_the_charset_in_which_it_is_sent() {
        let in_latin1 = |text: &str| declared(text, "iso-8859-1").unwrap_or_else(|| text.to_owned());

        assert_eq!(
            in_latin1("<?xml version='1.0' encoding='UTF-8'?><a/>"),
            "<?xml version='1.0' encoding='ISO-8859-1'?><a/>"
        );
        assert_eq!(in_latin1("<?xml version='1.0'?><a/>"), "<?xml version='1.0' encoding=\"ISO-8859-1\"?><a/>");
        assert_eq!(
            in_latin1("<?xml version='1.0' standalone='yes' ?><a/>"),
            "<?xml version='1.0' encoding=\"ISO-8859-1\" standalone='yes' ?><a/>"
        );
        assert_eq!(declared("<?xml version='1.0' encoding = \"latin1\"?><a/>", "ISO-8859-1"), None);
        assert_eq!(declared("<?xml version='1.0'?><a/>", "utf-8"), None);
        assert_eq!(declared("<a>encoding</a>", "koi8-r"), None);
        assert_eq!(declared("<?xml-stylesheet encoding='a'?><a/>", "koi8-r"), None);
    }
}
