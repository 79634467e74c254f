//! The parts of a multipart body (RFC 2046 §5.1, RFC 7578).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use super::MediaType;
use super::charset::{self, by_name, decode_or_escape, encoding_of_text};
use super::content_disposition::parameter;
use super::fields::header_value;
use super::form::CHARSET_FIELD;

/// One part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name from Content-Disposition.
    pub name: Option<String>,
    /// The file's name from Content-Disposition.
    pub filename: Option<String>,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// The span of its content in the body.
    pub content: Range<usize>,
    /// The charset of its Content-Type.
    charset: Option<String>,
    /// The charset of the form, for a part without a charset.
    form_charset: Option<Arc<str>>,
}

impl Part {
    /// Returns the charset of its own Content-Type.
    pub(crate) fn charset(&self) -> Option<&str> {
        self.charset.as_deref()
    }

    /// Returns the content of the part in this body as text: in its own charset, else in that of the form, else in UTF-8.
    pub fn text<'b>(&self, body: &'b [u8]) -> Cow<'b, str> {
        charset::text(&body[self.content.clone()], self.charset.as_deref().or(self.form_charset.as_deref()))
    }
}

/// Splits a body at its boundary. Parts without a charset of their own are in that of the field `_charset_` (RFC 7578
/// §4.6), else in the charset of the whole body's Content-Type.
pub(super) fn parse(body: &[u8], boundary: &str, charset: Option<&str>) -> Result<Vec<Part>, String> {
    let mut parts = split(body, boundary, charset)?;
    let field = parts.iter().find(|part| part.name.as_deref() == Some(CHARSET_FIELD));
    let named = field.map(|field| String::from_utf8_lossy(&body[field.content.clone()]).trim().to_owned());
    let named = named.filter(|name| by_name(name).is_ok());
    if named.is_some() {
        // Names of fields and files have this charset too.
        parts = split(body, boundary, named.as_deref())?;
    }
    if let Some(charset) = named.as_deref().or(charset) {
        let charset: Arc<str> = charset.into();
        parts.iter_mut().for_each(|part| part.form_charset = Some(charset.clone()));
    }
    Ok(parts)
}

fn split(body: &[u8], boundary: &str, charset: Option<&str>) -> Result<Vec<Part>, String> {
    if boundary.is_empty() || boundary.len() > 70 {
        return Err("the boundary must have from 1 to 70 characters".to_owned());
    }
    let encoding = encoding_of_text(b"", charset).0;
    let encoding = if encoding.is_ascii_compatible() { encoding } else { UTF_8 };
    let delimiter = format!("--{boundary}");
    let mut at = find(body, delimiter.as_bytes(), 0).ok_or("the boundary is missing")? + delimiter.len();
    let between = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    loop {
        if body[at..].starts_with(b"--") {
            return Ok(parts);
        }
        let line_end = find(body, b"\r\n", at).ok_or("the line of a boundary must end with CRLF")?;
        let from = line_end + 2;
        // A part without headers starts with the empty line.
        let end = find(body, between.as_bytes(), line_end).ok_or("the last part is not closed by its boundary")?;
        parts.push(part(body, from, end.max(from), encoding));
        at = end + between.len();
    }
}

fn part(body: &[u8], from: usize, end: usize, encoding: &'static Encoding) -> Part {
    let (head, content) = if body[from..end].starts_with(b"\r\n") {
        (from..from, from + 2)
    } else {
        match find(&body[..end], b"\r\n\r\n", from) {
            Some(blank) => (from..blank, blank + 4),
            None => (from..end, end),
        }
    };
    let headers: Vec<(String, String)> = unfolded_lines(&head_text(&body[head], encoding))
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let disposition = header_value(&headers, "content-disposition").map_or("", String::as_str);
    let media = header_value(&headers, "content-type").and_then(|value| MediaType::parse(value));
    Part {
        name: parameter(disposition, "name"),
        filename: parameter(disposition, "filename"),
        content: content.min(end)..end,
        charset: media.and_then(|media| media.parameter("charset").map(str::to_owned)),
        form_charset: None,
        headers,
    }
}

/// Returns the lines of a head. A line that starts with white space continues the line before it (RFC 5322 §2.2.3).
fn unfolded_lines(head: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in head.lines() {
        match lines.last_mut() {
            Some(previous) if line.starts_with([' ', '\t']) => previous.push_str(line),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Decodes the head of a part: as UTF-8 if it is valid UTF-8 (RFC 7578 §5.1), else in the charset of the form.
fn head_text<'b>(head: &'b [u8], encoding: &'static Encoding) -> Cow<'b, str> {
    match std::str::from_utf8(head) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(decode_or_escape(head.to_vec(), encoding)),
    }
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    body.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn parts_have_names_files_and_contents() {
        let body = b"preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --B\r\ncontent-disposition: form-data; name=f; filename=\"x;y.txt\"\r\nContent-Type: text/plain\r\n\r\ntwo\r\nlines\r\n--B--\r\n";
        let parts = parse(body, "B", None).expect("parts");

        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].name.as_deref(), &body[parts[0].content.clone()]), (Some("a"), &b"1"[..]));
        assert_eq!(parts[1].filename.as_deref(), Some("x;y.txt"));
        assert_eq!(&body[parts[1].content.clone()], b"two\r\nlines");
    }

    #[test]
    fn a_folded_header_is_one_header() {
        let body = b"--B\r\n folded: first\r\nX-Note: a\r\n\tb\r\nnothing\r\n c: d\r\nContent-Disposition: form-data;\r\n name=\"f\";\r\n\
            \tfilename=\"1 of\r\n 2.txt\"\r\n\r\nx\r\n--B--\r\n";
        let parts = parse(body, "B", None).expect("parts");

        assert_eq!((parts[0].name.as_deref(), parts[0].filename.as_deref()), (Some("f"), Some("1 of 2.txt")));
        assert_eq!(header_value(&parts[0].headers, "x-note").map(String::as_str), Some("a\tb"));
        assert_eq!(parts[0].headers.len(), 4);
    }

    #[test]
    fn parts_are_in_their_own_charset_or_in_that_of_the_form() {
        let part = |head: &str, content: &[u8]| {
            [b"--B\r\nContent-Disposition: form-data; ", head.as_bytes(), b"\r\n\r\n", content, b"\r\n"].concat()
        };
        let own = part("name=a\r\ncontent-type: text/plain; Charset=\"ISO-8859-1\"", b"caf\xe9");
        let plain = part("name=b", b"\x83e");
        let field = part("name=_charset_", b"shift_jis");
        let texts = |pieces: &[&[u8]], charset| -> Vec<String> {
            let body = [&pieces.concat(), &b"--B--\r\n"[..]].concat();
            let parts = parse(&body, "B", charset).expect("parts");
            parts.iter().map(|part| part.text(&body).into_owned()).collect()
        };

        assert_eq!(texts(&[&own, &plain], None), ["café", "\u{fffd}e"]);
        assert_eq!(texts(&[&own, &plain, &field], Some("koi8-r")), ["café", "テ", "shift_jis"]);
        assert_eq!(texts(&[&plain], Some("shift_jis")), ["テ"]);
    }

    #[test]
    fn a_body_that_is_cut_off_says_so() {
        assert_eq!(parse(b"--B\r\n\r\nhalf", "B", None), Err("the last part is not closed by its boundary".to_owned()));
        assert_eq!(parse(b"nothing", "B", None), Err("the boundary is missing".to_owned()));
    }

    proptest! {
        #[test]
        fn splitting_never_panics(body in any::<Vec<u8>>(), text in "(--B|\r\n|a|:|;|--)*") {
            let _ = parse(&body, "B", None);
            let _ = parse(text.as_bytes(), "B", Some("shift_jis"));
        }
    }
}
