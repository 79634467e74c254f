//! A request: its line, its headers and where it came from. The views of its body are in `body_views`.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use once_cell::sync::OnceCell;
use smallvec::SmallVec;

use crate::budget::Exceeded;
use crate::model::{Json, Projection, Representation, Timestamp};

use super::content_encoding::Content;
use super::target::{BaseLength, Segment, is_below, origin_form, segments_of};
use super::{Document, Head, MediaType, Part, Protocol, Unreadable, XmlDocument, decode_form};

/// The fields of a form, or the limit on their number.
pub(super) type Form = Result<Vec<(String, String)>, Exceeded>;

/// A request that was received, or that an example describes.
#[derive(Debug)]
pub struct Request {
    pub(super) head: Head,
    /// How much of the target, as from its first slash, is the path.
    path_length: usize,
    /// How much of the path is its base.
    base: BaseLength,
    pub(super) body: Bytes,
    protocol: Protocol,
    client: Option<IpAddr>,
    at: Timestamp,
    /// The largest content that the body is unpacked to, in bytes.
    pub(super) largest_content: usize,
    segments: OnceCell<Vec<Segment>>,
    query: OnceCell<Vec<(String, String)>>,
    cookies: OnceCell<Vec<(String, String)>>,
    pub(super) form: OnceCell<Option<Form>>,
    pub(super) parts: OnceCell<Result<Vec<Part>, Unreadable>>,
    pub(super) media: OnceCell<Option<MediaType>>,
    pub(super) content: OnceCell<Content>,
    /// The body as text, unless it is UTF-8 as it is.
    pub(super) decoded: OnceCell<String>,
    pub(super) json: OnceCell<ReadJson>,
    /// The part that was requested first, if that was not all.
    pub(super) json_part: OnceCell<(Arc<Projection>, ReadJson)>,
    pub(super) xml: OnceCell<Result<Arc<XmlDocument>, Unreadable>>,
    /// One for each way in which they are written; nearly always there is one.
    pub(super) xml_documents: Mutex<SmallVec<[DocumentOfXml; 1]>>,
}

/// The default limit on the content: 16 MiB, as that of a server.
const LARGEST_CONTENT: usize = 16 * 1024 * 1024;

pub(super) type ReadJson = Result<Arc<Json>, Unreadable>;

pub(super) type DocumentOfXml = (Arc<Representation>, Document);

impl Request {
    /// A request over plain HTTP/1.1, received at a time that the caller gives.
    pub fn new(head: Head, body: Bytes, client: Option<IpAddr>, at: Timestamp) -> Request {
        let target = origin_form(head.target());
        Request {
            path_length: target.bytes().position(|byte| byte == b'?').unwrap_or(target.len()),
            base: BaseLength::default(),
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

    /// Returns a copy of the request without its parsed views.
    #[must_use]
    pub fn again(&self) -> Request {
        Request::new(self.head.clone(), self.body.clone(), self.client, self.at)
            .with_base(self.base)
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

    /// Sets the protocol over which it came; the default is plain HTTP/1.1.
    #[must_use]
    pub fn over(self, protocol: Protocol) -> Request {
        Request { protocol, ..self }
    }

    /// Limits the bytes that the body is unpacked to; the default is 16 MiB.
    #[must_use]
    pub fn unpacked_within(self, bytes: usize) -> Request {
        Request { largest_content: bytes, ..self }
    }

    /// The protocol over which it came.
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

    /// Returns the path below the base, as sent and still encoded; `*` if the request is for the whole server.
    pub fn path(&self) -> &str {
        match self.split_path().1 {
            "" if !self.base.is_zero() => "/",
            path => path,
        }
    }

    /// Returns the part of the path that led to the engine or to the admin API, such as `/__admin`; mostly it is empty.
    pub fn base(&self) -> &str {
        self.split_path().0
    }

    /// Whether the path is another base, or below it.
    pub fn is_below(&self, base: &str) -> bool {
        is_below(self.split_path().1, base)
    }

    /// Takes another base off the path, if the path is that base or below it. Returns whether it is.
    pub fn strip_base(&mut self, base: &str) -> bool {
        let is_below = self.is_below(base);
        if is_below {
            self.base = self.base.and(base);
            self.segments.take();
        }
        is_below
    }

    /// Gives it the base of another request with the same head.
    pub(crate) fn with_base(self, base: BaseLength) -> Request {
        Request { base, ..self }
    }

    pub(crate) fn base_length(&self) -> BaseLength {
        self.base
    }

    /// Returns the base and the rest of the path, as they were sent.
    fn split_path(&self) -> (&str, &str) {
        let target = origin_form(self.head.target());
        self.base.split(&target[..self.path_length])
    }

    /// Returns the target below the base: path and query. It is as sent if the base is empty.
    pub fn url(&self) -> Cow<'_, str> {
        if self.base.is_zero() {
            return Cow::Borrowed(self.head.target());
        }
        match self.base.split(origin_form(self.head.target())).1 {
            below if below.starts_with('/') => Cow::Borrowed(below),
            below => Cow::Owned(format!("/{below}")),
        }
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

    /// The cookies in order (RFC 6265 §4.2), as sent: quotes around a value are part of it.
    pub fn cookies(&self) -> &[(String, String)] {
        self.cookies.get_or_init(|| {
            let mut cookies = Vec::new();
            for header in self.headers("Cookie") {
                for pair in header.split(';') {
                    if let Some((name, value)) = pair.split_once('=') {
                        cookies.push((name.trim().to_owned(), value.trim().to_owned()));
                    }
                }
            }
            cookies
        })
    }

    /// The host without user, password and port, in lower case, from an absolute target or the Host header.
    pub fn host(&self) -> Option<String> {
        let target = self.head.target();
        let authority = match target.split_once("://") {
            Some((_, rest)) if !target.starts_with('/') => {
                Cow::Borrowed(rest.split(['/', '?']).next().unwrap_or_default())
            }
            _ => self.head.header("Host")?,
        };
        let authority = authority.rsplit_once('@').map_or(&*authority, |(_, host)| host);
        let without_port = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => host,
            _ => authority,
        };
        Some(without_port.to_ascii_lowercase())
    }

    /// Returns the parsed Content-Type.
    pub fn content_type(&self) -> Option<&MediaType> {
        let media =
            self.media.get_or_init(|| self.head.header("Content-Type").and_then(|value| MediaType::parse(&value)));
        media.as_ref()
    }
}

#[cfg(test)]
mod tests;
