//! The body of a request as text, form, parts, JSON, XML and document.
//!
//! Each view is parsed on first use, and at most once.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::UTF_8;

use crate::budget;
use crate::lock::lock;
use crate::model::{Json, JsonFault, Projection, Representation};

use super::charset::{self, Undecodable};
use super::content_encoding::{self, Content};
use super::request::{Form, ReadJson};
use super::{Document, Part, Request, Unreadable, XmlDocument, form, multipart};

impl Request {
    /// Returns the error of a body that is too large after its Content-Encoding is decoded; `None` if it is not.
    pub(crate) fn content_too_large(&self) -> Option<String> {
        match self.decoded_content() {
            #[cfg(feature = "gzip")]
            Content::TooLarge => self.unreadable().map(|reason| reason.to_string()),
            _ => None,
        }
    }

    /// Returns the body after its Content-Encoding is decoded. It is returned as sent if it has no encoding or an unknown
    /// one, cannot be decoded, or is too large when it is decoded.
    pub fn content(&self) -> &Bytes {
        match self.decoded_content() {
            #[cfg(feature = "gzip")]
            Content::Decoded(content) => content,
            _ => &self.body,
        }
    }

    /// Returns why no view of the body can be read: it is too large when it is decoded, or this build cannot decode it.
    pub fn unreadable(&self) -> Option<Unreadable> {
        match self.decoded_content() {
            #[cfg(not(feature = "gzip"))]
            Content::Packed(encoding) => Some(Unreadable::Packed(encoding.clone())),
            #[cfg(feature = "gzip")]
            Content::TooLarge => Some(Unreadable::TooLarge(self.largest_content)),
            _ => None,
        }
    }

    fn decoded_content(&self) -> &Content {
        self.content.get_or_init(|| {
            let mut fields = self.headers("Content-Encoding");
            match fields.next() {
                Some(first) if !self.body.is_empty() => {
                    // Several headers are equivalent to one with their values separated by commas (RFC 9110 §5.3).
                    let encodings = fields.fold(first.into_owned(), |all, field| all + "," + &field);
                    content_encoding::content(&encodings, &self.body, self.largest_content)
                }
                _ => Content::AsSent,
            }
        })
    }

    fn readable_content(&self) -> Result<&Bytes, Unreadable> {
        self.unreadable().map_or_else(|| Ok(self.content()), Err)
    }

    /// Returns the body as text: in the encoding of its byte order mark, else in the charset of its Content-Type, else in
    /// UTF-8. The mark is removed, and malformed bytes become U+FFFD. A text in an unknown charset is decoded as UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        let (encoding, bytes) = charset::encoding_of_text(self.content(), self.charset());
        if encoding == UTF_8
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Cow::Borrowed(text);
        }
        Cow::Borrowed(self.decoded.get_or_init(|| encoding.decode_without_bom_handling(bytes).0.into_owned()))
    }

    /// Decodes other bytes as the body of this request, such as the beginning of its body.
    #[cfg(feature = "admin")]
    pub(crate) fn text_of<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        charset::text(bytes, self.charset())
    }

    /// Returns the body as text if all of it can be decoded.
    pub(crate) fn strict_text(&self) -> Option<Cow<'_, str>> {
        charset::strict_text(self.content(), self.charset()).ok()
    }

    /// Returns the charset of its Content-Type.
    fn charset(&self) -> Option<&str> {
        // Most types have no parameter, and need not be parsed.
        if self.media.get().is_none() && !self.head.header("Content-Type")?.contains('=') {
            return None;
        }
        self.content_type()?.parameter("charset")
    }

    /// Returns the fields of a form in order; `None` if the Content-Type is not that of a form, or the body cannot be read.
    ///
    /// The result is also `None` for a form with more than a million fields. Then a condition on them is undecided.
    pub fn form(&self) -> Option<&[(String, String)]> {
        match self.read_form()? {
            Ok(fields) => Some(fields),
            Err(limit) => {
                budget::exceed(*limit);
                None
            }
        }
    }

    /// Returns the fields of a form for display; none if there are too many. Verdicts must not depend on them.
    pub(crate) fn form_for_display(&self) -> &[(String, String)] {
        self.read_form().and_then(|form| form.as_deref().ok()).unwrap_or_default()
    }

    fn read_form(&self) -> Option<&Form> {
        let form = self.form.get_or_init(|| {
            let is_form = self.content_type().is_some_and(|media| media.is_form());
            self.readable_content().ok().filter(|_| is_form).map(|content| form::parse(content, self.charset()))
        });
        form.as_ref()
    }

    /// Returns the parts of a multipart body; none if the Content-Type is not that of one.
    ///
    /// # Errors
    /// If the Content-Type is multipart and the body is not.
    pub fn parts(&self) -> Result<&[Part], &Unreadable> {
        let parts = self.parts.get_or_init(|| {
            let Some(media) = self.content_type().filter(|media| media.is_multipart()) else { return Ok(Vec::new()) };
            let malformed = |reason: String| Unreadable::Malformed { expected: "multipart", reason };
            let boundary = media.parameter("boundary").ok_or_else(|| malformed("no boundary is given".to_owned()))?;
            multipart::parse(self.readable_content()?, boundary, media.parameter("charset")).map_err(malformed)
        });
        parts.as_deref()
    }

    /// Returns the body as JSON, regardless of its Content-Type.
    ///
    /// # Errors
    /// If it is not JSON.
    pub fn json(&self) -> Result<&Arc<Json>, &Unreadable> {
        self.json.get_or_init(|| self.read_json(Json::parse)).as_ref()
    }

    /// Returns at least the wanted parts of the body as JSON. The first call reads only its parts. A later call for other
    /// parts reads the whole body.
    ///
    /// # Errors
    /// If it is not JSON.
    pub fn json_part(&self, wanted: &Arc<Projection>) -> Result<&Arc<Json>, &Unreadable> {
        if self.json.get().is_some() || **wanted == Projection::Whole {
            return self.json();
        }
        let read = || (wanted.clone(), self.read_json(|text| wanted.read(text)));
        let (kept, part) = self.json_part.get_or_init(read);
        if Arc::ptr_eq(kept, wanted) || kept.covers(wanted) {
            part.as_ref()
        } else {
            self.json()
        }
    }

    fn read_json(&self, read: impl Fn(&[u8]) -> Result<Json, JsonFault>) -> ReadJson {
        read_json(self.readable_content()?, self.charset(), read)
    }

    /// Returns why the body is not JSON; `None` if it is.
    fn json_fault(&self) -> Option<&Unreadable> {
        match self.json_part.get() {
            Some((_, part)) => part.as_ref().err(),
            None => self.json().err(),
        }
    }

    /// Returns the body as XML, regardless of its Content-Type. A charset of the Content-Type takes precedence over the
    /// declared encoding.
    ///
    /// # Errors
    /// If it is not XML.
    pub fn xml(&self) -> Result<&Arc<XmlDocument>, &Unreadable> {
        let parsed = self.xml.get_or_init(|| {
            XmlDocument::parse_in(self.readable_content()?, self.charset())
                .map(Arc::new)
                .map_err(|fault| Unreadable::Malformed { expected: "XML", reason: fault.to_string() })
        });
        parsed.as_ref()
    }

    /// Returns the body as a document; `None` if there is no body.
    ///
    /// A body without a type is tried as JSON, then as XML.
    ///
    /// # Errors
    /// If the body does not have the type that its Content-Type names, or that type has no document.
    pub fn document(&self, representation: &Arc<Representation>) -> Result<Option<Document>, Unreadable> {
        self.document_with(representation, Request::json)
    }

    /// Returns the body as a document, with at least the wanted parts of JSON.
    ///
    /// # Errors
    /// Those of [`Request::document`].
    pub fn document_part(
        &self,
        representation: &Arc<Representation>,
        wanted: &Arc<Projection>,
    ) -> Result<Option<Document>, Unreadable> {
        self.document_with(representation, |request| request.json_part(wanted))
    }

    fn document_with<'r>(
        &'r self,
        representation: &Arc<Representation>,
        json: impl Fn(&'r Request) -> Result<&'r Arc<Json>, &'r Unreadable>,
    ) -> Result<Option<Document>, Unreadable> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let json = || json(self).map(|root| Document { root: root.clone(), untyped: false }).map_err(Unreadable::clone);
        let document = match self.content_type() {
            Some(media) if media.is_json() => json()?,
            Some(media) if media.is_xml() => self.xml_document(representation)?,
            Some(media) => return Err(Unreadable::NoDocument(media.essence.to_string())),
            None => match (json(), self.xml_document(representation)) {
                (Ok(document), _) | (_, Ok(document)) => document,
                (Err(neither), _) => return Err(neither),
            },
        };
        Ok(Some(document))
    }

    /// Returns the body as a document in XML, regardless of its Content-Type.
    pub(crate) fn xml_document(&self, representation: &Arc<Representation>) -> Result<Document, Unreadable> {
        let root = self.xml().map_err(Unreadable::clone)?;
        // The list is valid even if a thread panicked while it held the lock.
        let mut known = lock(&self.xml_documents);
        if let Some((_, document)) =
            known.iter().find(|(of, _)| Arc::ptr_eq(of, representation) || of.xml_lists() == representation.xml_lists())
        {
            return Ok(document.clone());
        }
        let document = Document::from_xml(root.root(), representation.xml_lists());
        known.push((representation.clone(), document.clone()));
        Ok(document)
    }

    /// Returns why the body does not have the type that its Content-Type names; `None` if it does, or that cannot be checked.
    ///
    /// An empty body is never malformed. One without a type must be JSON or XML.
    pub fn malformed(&self) -> Option<Unreadable> {
        if self.body.is_empty() || self.unreadable().is_some() {
            return None;
        }
        match self.content_type() {
            Some(media) if media.is_json() => self.json_fault().cloned(),
            Some(media) if media.is_xml() => self.xml().err().cloned(),
            Some(media) if media.is_multipart() => self.parts().err().cloned(),
            Some(media) => {
                let charset = media.parameter("charset")?;
                charset::strict_text(self.content(), Some(charset)).err().map(undecodable)
            }
            None => self.json_fault().filter(|_| self.xml().is_err()).cloned(),
        }
    }
}

/// Reads JSON in the encoding of its byte order mark, else in this charset, else in UTF-8.
///
/// # Errors
/// If it is malformed in that, or not JSON.
pub(crate) fn read_json(
    bytes: &[u8],
    charset: Option<&str>,
    read: impl Fn(&[u8]) -> Result<Json, JsonFault>,
) -> Result<Arc<Json>, Unreadable> {
    let malformed = |reason: String| Unreadable::Malformed { expected: "JSON", reason };
    let (encoding, bytes) = charset::encoding_of_text(bytes, charset);
    let read = |text: &[u8]| read(text).map(Arc::new).map_err(|fault| malformed(fault.to_string()));
    if encoding == UTF_8 {
        return read(bytes);
    }
    let text = charset::decode(bytes, encoding).map_err(|why| malformed(why.to_string()))?;
    read(text.as_bytes())
}

fn undecodable(why: Undecodable) -> Unreadable {
    match why {
        Undecodable::Unknown(name) => Unreadable::UnknownCharset(name),
        Undecodable::Malformed(expected, at) => {
            let reason = match at {
                Some(at) => format!("it is malformed from byte {} on", at + 1),
                None => "some of its bytes are malformed".to_owned(),
            };
            Unreadable::Malformed { expected, reason }
        }
    }
}
