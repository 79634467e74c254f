//! A description of a request: checked as if it were received over a connection, and written as JSON for the admin API.
//!
//! It is made from flags, a file or a curl command. The code that makes it parses these.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::model::{Fault, Json, KeyPath, Timestamp};

use super::fields::{header_text, header_value, is_token};
use super::{Head, Request};

/// The parts of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestDraft {
    /// The method, in the case in which it is sent.
    pub method: String,
    /// Path and query as they are sent.
    pub target: String,
    /// Names and values in the order in which they are sent.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Bytes,
}

/// The reason why a draft cannot be sent over HTTP/1.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsendable {
    /// A method that is empty, or contains characters that a method must not contain.
    Method(String),
    /// A target with a space or a control character.
    Word(String),
    /// A target that is neither a path nor a URL.
    Target(String),
    /// A header with an invalid name, or a line end in its value.
    Header(String),
    /// Any other error of the parser.
    Head(httparse::Error),
}

impl std::error::Error for Unsendable {}

impl fmt::Display for Unsendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsendable::Method(method) => write!(f, "`{method}` is not a valid HTTP method"),
            Unsendable::Word(target) => {
                write!(
                    f,
                    "the target must not contain spaces or control characters, found `{target}`: write a space as %20"
                )
            }
            Unsendable::Target(target) => write!(f, "the target must start with `/` or be a URL, found `{target}`"),
            Unsendable::Header(name) => {
                write!(f, "the header `{name}` must have a valid name, and a value without control characters")
            }
            Unsendable::Head(reason) => reason.fmt(f),
        }
    }
}

impl RequestDraft {
    /// Describes a request that was received.
    pub fn from_request(request: &Request) -> RequestDraft {
        let head = request.head();
        RequestDraft {
            method: head.method().to_owned(),
            target: head.target_text().into_owned(),
            headers: head.headers().map(|(name, value)| (name.to_owned(), value.to_vec())).collect(),
            body: request.body().clone(),
        }
    }

    /// Returns whether it has a header of this name, ignoring case.
    pub fn has(&self, name: &str) -> bool {
        header_value(&self.headers, name).is_some()
    }

    /// Returns the request as a server would receive it: with the headers Host and Content-Length, unless it has
    /// its own.
    ///
    /// # Errors
    /// If it could not be sent: for example a space in its target, or a line end in a header.
    pub fn request(mut self, client: Option<IpAddr>, at: Timestamp) -> Result<Request, Unsendable> {
        if !self.has("host") {
            self.headers.insert(0, ("Host".to_owned(), b"localhost".to_vec()));
        }
        if !self.body.is_empty() && !self.has("content-length") && !self.has("transfer-encoding") {
            self.headers.push(("Content-Length".to_owned(), self.body.len().to_string().into_bytes()));
        }
        self.check()?;
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        let composed = Head::compose(&self.method, &self.target, headers);
        // Parsed like a received head, so that values lose the white space around them.
        let head = Head::parse(composed.raw()).map_err(Unsendable::Head)?;
        Ok(Request::new(head, self.body, client, at))
    }

    fn check(&self) -> Result<(), Unsendable> {
        if !is_token(&self.method) {
            return Err(Unsendable::Method(self.method.clone()));
        }
        if self.target.contains(|c: char| c == ' ' || c.is_control()) {
            return Err(Unsendable::Word(self.target.clone()));
        }
        if !self.target.starts_with('/') && self.target != "*" && !self.target.contains("://") {
            return Err(Unsendable::Target(self.target.clone()));
        }
        let unfit = |value: &[u8]| value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t');
        match self.headers.iter().find(|(name, value)| !is_token(name) || unfit(value)) {
            Some((name, _)) => Err(Unsendable::Header(name.clone())),
            None => Ok(()),
        }
    }

    /// Writes it as JSON: `method`, `url`, `headers`, and `body` or `bodyAsBase64`.
    pub fn to_json(&self) -> Json {
        let header = |(name, value): &(String, Vec<u8>)| {
            Json::Array(vec![name.as_str().into(), header_text(value).into_owned().into()])
        };
        let mut json = Json::from([
            ("method", self.method.as_str().into()),
            ("url", self.target.as_str().into()),
            ("headers", Json::Array(self.headers.iter().map(header).collect())),
        ]);
        if !self.body.is_empty() {
            let (name, body) = body_json(&self.body);
            json.set(name, body);
        }
        json
    }

    /// Reads the JSON that [`RequestDraft::to_json`] writes. The default method is GET. Other members are ignored.
    ///
    /// # Errors
    /// The first member that is not valid.
    pub fn from_json(json: &Json) -> Result<RequestDraft, Fault> {
        let top = KeyPath::top();
        let text = |name: &str| match json.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Fault::value(&top.key(name), "a string is needed")),
        };
        let method = text("method")?.unwrap_or("GET").to_owned();
        let target = text("url")?.ok_or_else(|| Fault::value(&top.key("url"), "the path and query are needed"))?;
        let body = match (text("body")?, text("bodyAsBase64")?) {
            (None, None) => Bytes::new(),
            (Some(text), None) => text.to_owned().into(),
            (None, Some(text)) => {
                let wrong = |_| Fault::value(&top.key("bodyAsBase64"), "it is not valid base64");
                STANDARD.decode(text).map_err(wrong)?.into()
            }
            (Some(_), Some(_)) => {
                return Err(Fault::value(&top.key("bodyAsBase64"), "`body` and `bodyAsBase64` must not be combined"));
            }
        };
        let headers = json.get("headers").map(|headers| headers_from(headers, &top.key("headers"))).transpose()?;
        Ok(RequestDraft { method, target: target.to_owned(), headers: headers.unwrap_or_default(), body })
    }
}

/// Returns a body with its key in JSON: as text if it is UTF-8, else in base64.
pub(crate) fn body_json(body: &[u8]) -> (&'static str, Json) {
    match std::str::from_utf8(body) {
        Ok(text) => ("body", text.into()),
        Err(_) => ("bodyAsBase64", STANDARD.encode(body).into()),
    }
}

/// Reads headers, which are a list of pairs because names may repeat and their order may matter.
fn headers_from(json: &Json, at: &KeyPath) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    const PAIR: &str = "a pair of a name and a value is needed, such as [\"Accept\", \"*/*\"]";
    let pair = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    match json {
        Json::Array(pairs) => pairs
            .iter()
            .enumerate()
            .map(|(place, each)| match each {
                Json::Array(each) => match each.as_slice() {
                    [Json::String(name), Json::String(value)] => Ok(pair(name, value)),
                    _ => Err(Fault::value(&at.index(place), PAIR)),
                },
                _ => Err(Fault::value(&at.index(place), PAIR)),
            })
            .collect(),
        _ => Err(Fault::value(at, "a list of pairs is needed, such as [[\"Accept\", \"*/*\"]]")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn draft(method: &str, target: &str, headers: &[(&str, &str)]) -> RequestDraft {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
        RequestDraft { method: method.into(), target: target.into(), headers: headers.collect(), body: Bytes::new() }
    }

    #[test]
    fn a_host_and_a_length_are_added_where_they_are_missing() {
        let with_body = RequestDraft { body: "tea".into(), ..draft("POST", "/a", &[]) };

        let request = with_body.request(None, Timestamp::UNIX_EPOCH).expect("a request");

        let headers: Vec<_> = request.head().headers().collect();
        assert_eq!(headers, [("Host", &b"localhost"[..]), ("Content-Length", b"3")]);
    }

    #[test]
    fn what_no_wire_carries_is_refused() {
        for (method, target, headers) in [
            ("GE T", "/a", &[][..]),
            ("", "/a", &[]),
            ("GET", "/a b", &[]),
            ("GET", "a", &[]),
            ("GET", "", &[]),
            ("GET", "/ HTTP/1.1\r\nX: y\r\n", &[]),
            ("GET", "/", &[("A B", "c")]),
            ("GET", "/", &[("A", "b\r\nC: d")]),
            ("GET", "/", &[("A", "b\r\n\r\n")]),
        ] {
            let refused = draft(method, target, headers).request(None, Timestamp::UNIX_EPOCH);
            assert!(refused.is_err(), "{method:?} {target:?} {headers:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_as_json_reads_as_it_was(name in "[a-zA-Z-]{1,8}", value in "[ -~é]{0,8}", body: Vec<u8>) {
            let draft = RequestDraft { body: body.into(), ..draft("PUT", "/a?b=c", &[(&name, &value)]) };
            assert_eq!(RequestDraft::from_json(&draft.to_json()), Ok(draft));
        }

        #[test]
        fn what_is_sent_is_what_was_meant(
            method in "[A-Z!-~ ]{0,4}",
            target in "/?[!-~ é\r\n\t]{0,6}",
            name in "[A-Za-z:; -]{0,4}",
            value in any::<String>(),
        ) {
            let meant = draft(&method, &target, &[("Host", "h"), (&name, &value)]);
            if let Ok(request) = meant.clone().request(None, Timestamp::UNIX_EPOCH) {
                let trimmed = value.trim_matches([' ', '\t']).as_bytes().to_vec();
                let headers = vec![meant.headers[0].clone(), (name, trimmed)];
                assert_eq!(RequestDraft::from_request(&request), RequestDraft { headers, ..meant });
            }
        }
    }
}
