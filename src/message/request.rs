//! A request and its views.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use encoding_rs::UTF_8;
use once_cell::sync::OnceCell;
use smallvec::SmallVec;

use crate::budget::{self, Exceeded};
use crate::lock::lock;
use crate::model::{Json, JsonFault, Projection, Representation, Timestamp};

use super::charset::{self, Undecodable};
use super::packed::{self, Content};
use super::target::{Segment, origin_form, segments_of};
use super::{Document, Head, MediaType, Part, Protocol, Unreadable, XmlDocument, decode_form, form, multipart};

/// The fields of a form, or the limit on their number.
type Form = Result<Vec<(String, String)>, Exceeded>;

/// A request that was received, or that an example describes.
#[derive(Debug)]
pub struct Request {
    head: Head,
    /// How much of the target, as from its first slash, is the path.
    path_length: usize,
    body: Bytes,
    protocol: Protocol,
    client: Option<IpAddr>,
    at: Timestamp,
    /// The largest content that the body is unpacked to, in bytes.
    largest_content: usize,
    segments: OnceCell<Vec<Segment>>,
    query: OnceCell<Vec<(String, String)>>,
    cookies: OnceCell<Vec<(String, String)>>,
    form: OnceCell<Option<Form>>,
    parts: OnceCell<Result<Vec<Part>, Unreadable>>,
    media: OnceCell<Option<MediaType>>,
    content: OnceCell<Content>,
    /// The body as text, unless it is UTF-8 as it is.
    decoded: OnceCell<String>,
    json: OnceCell<ReadJson>,
    /// What was asked for of it first, where that was not all.
    json_part: OnceCell<(Arc<Projection>, ReadJson)>,
    xml: OnceCell<Result<Arc<XmlDocument>, Unreadable>>,
    /// One for each way in which they are written; nearly always there is one.
    xml_documents: Mutex<SmallVec<[DocumentOfXml; 1]>>,
}

/// The largest content where nobody sets another limit: 16 MiB, as the default of a server.
const LARGEST_CONTENT: usize = 16 * 1024 * 1024;

type ReadJson = Result<Arc<Json>, Unreadable>;

type DocumentOfXml = (Arc<Representation>, Document);

impl Request {
    /// A request over plain HTTP/1.1, received at a time that the caller gives.
    pub fn new(head: Head, body: Bytes, client: Option<IpAddr>, at: Timestamp) -> Request {
        let target = origin_form(head.target());
        Request {
            path_length: target.bytes().position(|byte| byte == b'?').unwrap_or(target.len()),
            head,
            body,
            protocol: Protocol::default(),
            client,
            at,
            largest_content: LARGEST_CONTENT,
            segments: OnceCell::new(),
            query: OnceCell::new(),
            cookies: OnceCell::new(),
            form: OnceCell::new(),
            parts: OnceCell::new(),
            media: OnceCell::new(),
            content: OnceCell::new(),
            decoded: OnceCell::new(),
            json: OnceCell::new(),
            json_part: OnceCell::new(),
            xml: OnceCell::new(),
            xml_documents: Mutex::new(SmallVec::new()),
        }
    }

    /// The same request, with views of its own.
    #[must_use]
    pub fn again(&self) -> Request {
        Request::new(self.head.clone(), self.body.clone(), self.client, self.at)
            .over(self.protocol)
            .unpacked_within(self.largest_content)
    }

    /// Request line and headers.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The body as sent, after chunks were joined.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The same request, come over something else than plain HTTP/1.1.
    #[must_use]
    pub fn over(self, protocol: Protocol) -> Request {
        Request { protocol, ..self }
    }

    /// The same request, whose body is unpacked to so many bytes at most; 16 MiB where nothing is set.
    #[must_use]
    pub fn unpacked_within(self, bytes: usize) -> Request {
        Request { largest_content: bytes, ..self }
    }

    /// Why the body is larger than it may be once its Content-Encoding is undone; `None` if it is not.
    pub(crate) fn unpacks_to_too_much(&self) -> Option<String> {
        match self.unpacked() {
            #[cfg(feature = "gzip")]
            Content::TooLarge => self.closed().map(|reason| reason.to_string()),
            _ => None,
        }
    }

    /// Over what it came.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        self.protocol.scheme()
    }

    /// The address that it came from.
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// When it was received.
    pub fn received_at(&self) -> Timestamp {
        self.at
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.head.method()
    }

    /// The path as sent, still encoded; `*` where the whole server is asked.
    pub fn path(&self) -> &str {
        let target = origin_form(self.head.target());
        &target[..self.path_length]
    }

    /// The segments of the path: split as sent at each slash after the first, then decoded once.
    pub fn segments(&self) -> &[Segment] {
        self.segments.get_or_init(|| segments_of(self.path()))
    }

    /// The parameters of the query in order, decoded once.
    pub fn query(&self) -> &[(String, String)] {
        self.query.get_or_init(|| {
            let target = self.head.target();
            target.split_once('?').map(|(_, query)| decode_form(query.as_bytes())).unwrap_or_default()
        })
    }

    /// The values of a header, its name in any case.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> + 'a {
        self.head.header_values(name)
    }

    /// The cookies in order (RFC 6265 §4.2), as sent but for quotes around a value.
    pub fn cookies(&self) -> &[(String, String)] {
        self.cookies.get_or_init(|| {
            let mut cookies = Vec::new();
            for header in self.headers("Cookie") {
                for pair in header.split(';') {
                    if let Some((name, value)) = pair.split_once('=') {
                        let value = value.trim();
                        let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
                        cookies.push((name.trim().to_owned(), bare.to_owned()));
                    }
                }
            }
            cookies
        })
    }

    /// The host without its port, in lower case, from an absolute target or the Host header.
    pub fn host(&self) -> Option<String> {
        let target = self.head.target();
        let authority = match target.split_once("://") {
            Some((_, rest)) if !target.starts_with('/') => {
                Cow::Borrowed(rest.split(['/', '?']).next().unwrap_or_default())
            }
            _ => self.head.header("Host")?,
        };
        let without_port = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => host,
            _ => &authority,
        };
        Some(without_port.to_ascii_lowercase())
    }

    /// What Content-Type says.
    pub fn content_type(&self) -> Option<&MediaType> {
        let media =
            self.media.get_or_init(|| self.head.header("Content-Type").and_then(|value| MediaType::parse(&value)));
        media.as_ref()
    }

    /// The body after Content-Encoding was undone; as sent where it has none, an unknown one, does not unpack, or unpacks to
    /// more than it may.
    pub fn content(&self) -> &Bytes {
        match self.unpacked() {
            #[cfg(feature = "gzip")]
            Content::Unpacked(content) => content,
            _ => &self.body,
        }
    }

    /// Why no view of the body opens: it unpacks to more than it may, or is packed and this build has no feature to unpack it.
    pub fn closed(&self) -> Option<Unreadable> {
        match self.unpacked() {
            #[cfg(not(feature = "gzip"))]
            Content::Packed(encoding) => Some(Unreadable::Packed(encoding.clone())),
            #[cfg(feature = "gzip")]
            Content::TooLarge => Some(Unreadable::TooLarge(self.largest_content)),
            _ => None,
        }
    }

    fn unpacked(&self) -> &Content {
        self.content.get_or_init(|| {
            let mut fields = self.headers("Content-Encoding");
            match fields.next() {
                Some(first) if !self.body.is_empty() => {
                    // Several fields say the same as one with commas between them (RFC 9110 §5.3).
                    let encodings = fields.fold(first.into_owned(), |all, field| all + "," + &field);
                    packed::content(&encodings, &self.body, self.largest_content)
                }
                _ => Content::AsSent,
            }
        })
    }

    fn open(&self) -> Result<&Bytes, Unreadable> {
        self.closed().map_or_else(|| Ok(self.content()), Err)
    }

    /// The body as text: in the encoding of its byte order mark, else in the charset of its Content-Type, else in UTF-8. A mark is
    /// left out, and malformed bytes are U+FFFD. A text in an unknown charset is read as UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        let (encoding, bytes) = charset::of_text(self.content(), self.charset());
        if encoding == UTF_8
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            return Cow::Borrowed(text);
        }
        Cow::Borrowed(self.decoded.get_or_init(|| encoding.decode_without_bom_handling(bytes).0.into_owned()))
    }

    /// Returns other bytes of this request, such as the beginning of its body, as text.
    #[cfg(feature = "admin")]
    pub(crate) fn text_of<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        charset::text(bytes, self.charset())
    }

    /// Returns the body as text if all of it can be decoded.
    pub(crate) fn strict_text(&self) -> Option<Cow<'_, str>> {
        charset::strict_text(self.content(), self.charset()).ok()
    }

    /// The charset of its Content-Type.
    fn charset(&self) -> Option<&str> {
        // Most types have no parameter, and need not be parsed.
        if self.media.get().is_none() && !self.head.header("Content-Type")?.contains('=') {
            return None;
        }
        self.content_type()?.parameter("charset")
    }

    /// The fields of a form in order; `None` where Content-Type does not say that it is one, or the body is closed.
    ///
    /// Of a form with more than a million fields there are none either. What depends on them is undecided then.
    pub fn form(&self) -> Option<&[(String, String)]> {
        match self.read_form()? {
            Ok(fields) => Some(fields),
            Err(limit) => {
                budget::exceed(*limit);
                None
            }
        }
    }

    /// The fields of a form to be shown; none if there are too many, on which nothing depends.
    pub(crate) fn shown_form(&self) -> &[(String, String)] {
        self.read_form().and_then(|form| form.as_deref().ok()).unwrap_or_default()
    }

    fn read_form(&self) -> Option<&Form> {
        let form = self.form.get_or_init(|| {
            let is_form = self.content_type().is_some_and(|media| media.is_form());
            self.open().ok().filter(|_| is_form).map(|content| form::parse(content, self.charset()))
        });
        form.as_ref()
    }

    /// The parts of a multipart body; none where Content-Type does not say that it is one.
    ///
    /// # Errors
    /// Where it says so and is not.
    pub fn parts(&self) -> Result<&[Part], &Unreadable> {
        let parts = self.parts.get_or_init(|| {
            let Some(media) = self.content_type().filter(|media| media.is_multipart()) else { return Ok(Vec::new()) };
            let malformed = |reason: String| Unreadable::Malformed { expected: "multipart", reason };
            let boundary = media.parameter("boundary").ok_or_else(|| malformed("no boundary is given".to_owned()))?;
            multipart::parse(self.open()?, boundary, media.parameter("charset")).map_err(malformed)
        });
        parts.as_deref()
    }

    /// The body as JSON, whatever its Content-Type.
    ///
    /// # Errors
    /// Where it is not JSON.
    pub fn json(&self) -> Result<&Arc<Json>, &Unreadable> {
        self.json.get_or_init(|| self.read_json(Json::parse)).as_ref()
    }

    /// As [`Request::json`], with no more in it than is wanted, or with more. What is wanted first is read for it alone, and
    /// the whole once something else is.
    ///
    /// # Errors
    /// Where it is not JSON.
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
        read_json(self.open()?, self.charset(), read)
    }

    /// Why it is not JSON, if so.
    fn json_fault(&self) -> Option<&Unreadable> {
        match self.json_part.get() {
            Some((_, part)) => part.as_ref().err(),
            None => self.json().err(),
        }
    }

    /// The body as XML, whatever its Content-Type; the charset of that comes before the encoding that the XML declares.
    ///
    /// # Errors
    /// Where it is not XML.
    pub fn xml(&self) -> Result<&Arc<XmlDocument>, &Unreadable> {
        let parsed = self.xml.get_or_init(|| {
            XmlDocument::parse_in(self.open()?, self.charset())
                .map(Arc::new)
                .map_err(|fault| Unreadable::Malformed { expected: "XML", reason: fault.to_string() })
        });
        parsed.as_ref()
    }

    /// The body as a document; `None` where there is no body.
    ///
    /// A body without a type is tried as JSON, then as XML.
    ///
    /// # Errors
    /// Where the body is not what its type says, or its type has no document.
    pub fn document(&self, representation: &Arc<Representation>) -> Result<Option<Document>, Unreadable> {
        self.document_with(representation, Request::json)
    }

    /// As [`Request::document`], with no more of JSON than is wanted, or with more.
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

    /// The document in XML, whatever its Content-Type.
    pub(crate) fn xml_document(&self, representation: &Arc<Representation>) -> Result<Document, Unreadable> {
        let root = self.xml().map_err(Unreadable::clone)?;
        // A panic elsewhere cannot leave this list half written, so a poisoned lock is as good as new.
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

    /// Why the body is not what its Content-Type claims; `None` where it is, or claims nothing that can be told.
    ///
    /// An empty body claims nothing. One without a type is JSON or XML or malformed.
    pub fn malformed(&self) -> Option<Unreadable> {
        if self.body.is_empty() || self.closed().is_some() {
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
    let (encoding, bytes) = charset::of_text(bytes, charset);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        Request::new(Head::compose(method, target, headers), Bytes::copy_from_slice(body), None, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_path_is_split_before_it_is_decoded() {
        let sent = request("GET", "/a%2Fb//%FF/c%20?x=/y", &[], b"");

        let texts: Vec<_> = sent.segments().iter().map(|s| s.text(sent.path())).collect();
        assert_eq!(sent.path(), "/a%2Fb//%FF/c%20");
        assert_eq!(texts, [Some("a/b"), Some(""), None, Some("c ")]);
    }

    #[test]
    fn an_absolute_target_names_its_host() {
        let sent = request("GET", "http://Example.org:81/a?b=c", &[("Host", "other")], b"");

        assert_eq!((sent.path(), sent.host().as_deref()), ("/a", Some("example.org")));
        assert_eq!(sent.query(), [("b".to_owned(), "c".to_owned())]);
        assert_eq!(request("GET", "/", &[("host", "[::1]:80")], b"").host().as_deref(), Some("[::1]"));
        assert_eq!(request("GET", "http://h", &[], b"").path(), "/");
    }

    #[test]
    fn only_json_and_xml_have_a_document() {
        let form = request("POST", "/", &[("Content-Type", "text/plain")], b"{}");
        let untyped = request("POST", "/", &[], b"<a><b>1</b></a>");
        let vendor = request("POST", "/", &[("content-type", "application/x+json")], b"{\"b\":1}");

        let nothing = Representation::plain();
        assert_eq!(form.document(&nothing).err(), Some(Unreadable::NoDocument("text/plain".to_owned())));
        assert_eq!(
            untyped.document(&nothing).ok().flatten().map(|d| d.root.to_string()),
            Some(r#"{"b":"1"}"#.to_owned())
        );
        assert_eq!(vendor.document(&nothing).ok().flatten().map(|d| d.untyped), Some(false));
        assert!(request("POST", "/", &[], b"").document(&nothing).is_ok_and(|none| none.is_none()));
    }

    #[test]
    fn a_body_is_malformed_by_what_it_claims() {
        let malformed = |media: &[(&str, &str)], body: &[u8]| request("POST", "/", media, body).malformed().is_some();

        assert!(malformed(&[("Content-Type", "application/json")], b"{"));
        assert!(malformed(&[("Content-Type", "application/xml")], b"{}"));
        assert!(malformed(&[], b"neither"));
        assert!(malformed(&[("Content-Type", "multipart/form-data")], b"x"));
        assert!(malformed(&[("Content-Type", "text/plain; charset=UTF-8")], b"\xFF"));
        assert!(!malformed(&[("Content-Type", "application/json")], b""));
        assert!(!malformed(&[("Content-Type", "text/plain")], b"{"));
    }

    #[test]
    #[cfg(feature = "gzip")]
    fn a_compressed_body_is_read_unpacked_and_kept_as_sent() {
        use std::io::Write as _;

        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"{\"a\":1}").expect("memory");
        let packed = packer.finish().expect("memory");
        let sent = request("POST", "/", &[("Content-Encoding", "gzip")], &packed);

        assert_eq!(sent.text(), "{\"a\":1}");
        assert_eq!(sent.body()[..], packed[..]);
    }

    #[test]
    #[cfg(not(feature = "gzip"))]
    fn a_compressed_body_stays_closed_in_a_build_without_gzip() {
        let headers = [("Content-Encoding", "GZIP"), ("Content-Type", "application/json")];
        let sent = request("POST", "/", &headers, b"{\"a\":1}");

        let closed = Unreadable::Packed("gzip".to_owned());
        assert_eq!(sent.json().err(), Some(&closed));
        assert_eq!(sent.xml().err(), Some(&closed));
        assert_eq!(sent.document(&Representation::plain()).err(), Some(closed));
        assert_eq!(sent.malformed(), None);
    }

    #[test]
    fn cookies_may_be_quoted() {
        let sent = request("GET", "/", &[("Cookie", "a=1; b=\"2\""), ("cookie", "c=x=y")], b"");

        let expected = [("a", "1"), ("b", "2"), ("c", "x=y")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(sent.cookies(), expected);
    }
}
