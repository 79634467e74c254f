//! Reads a request from a file in the format of HTTP/1.1: request line, headers, an empty line, body.
//!
//! Lines end with LF or CRLF, and the version may be missing. A line end at the end of the file is not part of the body,
//! because text editors add it.

use cannery::message::{Head, Request, RequestDraft};
use cannery::model::Timestamp;
use hyper::body::Bytes;

/// The reason why a file is not a valid request.
#[derive(Debug, thiserror::Error)]
pub enum HttpFileError {
    /// The file is empty.
    #[error("it is empty")]
    Empty,
    /// The head is not valid.
    #[error("{0}")]
    Head(String),
    /// The body is shorter than Content-Length.
    #[error("its Content-Length is {0}, and the body has {1} bytes")]
    Short(String, usize),
    /// The body is chunked.
    #[error("its body must not be in chunks: write the body itself, without Transfer-Encoding")]
    Chunked,
}

/// Parses the request.
pub fn draft(text: &[u8]) -> Result<RequestDraft, HttpFileError> {
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).ok_or(HttpFileError::Empty)?;
    let (head, body) = split(&text[start..]);
    let head = Head::parse(head.as_ref()).map_err(|error| HttpFileError::Head(error.to_string()))?;
    let draft = RequestDraft::from_request(&Request::new(head, Bytes::new(), None, Timestamp::UNIX_EPOCH));
    if draft.has("transfer-encoding") {
        return Err(HttpFileError::Chunked);
    }
    let declared = draft.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body = match declared {
        Some((_, length)) => {
            let length = String::from_utf8_lossy(length).into_owned();
            let whole = length.parse().ok().and_then(|length: usize| body.get(..length));
            whole.ok_or(HttpFileError::Short(length, body.len()))?
        }
        None => without_line_end(body),
    };
    Ok(RequestDraft { body: Bytes::copy_from_slice(body), ..draft })
}

/// Returns the head with CRLF and a version, and the bytes after it.
fn split(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut head = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        let line = line.trim_ascii_end();
        if line.is_empty() {
            break;
        }
        if head.is_empty() {
            let version = line.iter().rposition(|byte| *byte == b' ').filter(|at| line[at + 1..].starts_with(b"HTTP/"));
            head.extend_from_slice(line[..version.unwrap_or(line.len())].trim_ascii_end());
            head.extend_from_slice(b" HTTP/1.1");
        } else {
            head.extend_from_slice(line);
        }
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    (head, rest)
}

fn without_line_end(body: &[u8]) -> &[u8] {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    #[test]
    fn either_line_end_and_any_version_will_do() {
        for text in [
            "POST /a HTTP/1.1\r\nA: b\r\n\r\ntea\r\n",
            "\nPOST /a\nA: b\n\ntea",
            "POST /a HTTP/2\nA: b\nContent-Length: 3\n\ntea and more",
        ] {
            let draft = draft(text.as_bytes()).expect(text);
            assert_eq!((draft.method.as_str(), draft.target.as_str(), &draft.body[..]), ("POST", "/a", &b"tea"[..]));
            assert_eq!(draft.headers[0], ("A".to_owned(), b"b".to_vec()));
        }
    }

    #[test]
    fn a_head_alone_is_a_request() {
        assert_eq!(draft(b"GET /a").expect("a request").target, "/a");
    }

    #[test]
    fn what_is_no_request_says_why() {
        for (text, expected) in [
            ("", "it is empty"),
            ("\r\n \n", "it is empty"),
            ("GET /a HTTP/1.1\nno header\n", "header name"),
            ("GET /a\nContent-Length: 9\n\ntea", "is 9, and the body has 3 bytes"),
            ("GET /a\nContent-Length: x\n\ntea", "Content-Length is x"),
            ("GET /a\nTransfer-Encoding: chunked\n\n3\ntea\n0\n\n", "in chunks"),
        ] {
            let refused = draft(text.as_bytes()).expect_err(text).to_string();
            assert!(refused.contains(expected), "{text:?}: {refused}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text: Vec<u8>) {
            let _ = draft(&text);
        }
    }
}
