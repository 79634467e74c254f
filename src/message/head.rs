//! The head of a request, kept as the bytes that were received.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr;

use super::fields::header_text;

/// Request line and headers: the bytes, and the spans of the parts in them.
///
/// Header names keep their case, and headers keep their order. Clones share the bytes, so the journal does not copy the
/// head of a request.
#[derive(Debug, Clone)]
pub struct Head(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    raw: Raw,
    /// The spans of method and target, then of the name and the value of each header.
    spans: Vec<Span>,
}

/// The span of a part in a head.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The number of parts of the request line, which precede those of the headers.
const OF_THE_LINE: usize = 2;

/// The bytes of a head. UTF-8 is validated once for all parts.
#[derive(Debug)]
enum Raw {
    Text(Box<str>),
    Bytes(Box<[u8]>),
}

impl Raw {
    fn new(bytes: &[u8]) -> Raw {
        std::str::from_utf8(bytes).map_or_else(|_| Raw::Bytes(bytes.into()), |text| Raw::Text(text.into()))
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Raw::Text(text) => text.as_bytes(),
            Raw::Bytes(bytes) => bytes,
        }
    }
}

/// The maximum number of headers, which is also that of hyper.
const MAX_HEADERS: usize = 100;

impl Head {
    /// Parses the head of an HTTP/1 request, which ends with an empty line.
    ///
    /// # Errors
    /// The error of the parser.
    pub fn parse(raw: &[u8]) -> Result<Head, httparse::Error> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(raw)? {
            httparse::Status::Complete(_) => {}
            httparse::Status::Partial => return Err(httparse::Error::NewLine),
        }
        let start = raw.as_ptr() as usize;
        let span = |part: &[u8]| {
            let from = part.as_ptr() as usize - start;
            Span::new(from, from + part.len())
        };
        let line = [parsed.method, parsed.path].map(|word| span(word.unwrap_or_default().as_bytes()));
        let headers = parsed.headers.iter().flat_map(|header| [span(header.name.as_bytes()), span(header.value)]);
        Ok(Head::from_spans(raw, line.into_iter().chain(headers).collect()))
    }

    /// Reads the head at the start of bytes that another parser has accepted; `None` if the head is incomplete.
    pub(crate) fn first_of(bytes: &[u8]) -> Option<Head> {
        let mut line = 0;
        let mut spans = Vec::with_capacity(OF_THE_LINE + 2 * 8);
        // A loop over indices, because tests run debug builds, in which each step of an iterator is a call.
        while let Some(length) = memchr(b'\n', &bytes[line..]) {
            let at = line + length + 1;
            let end = if length > 0 && bytes[at - 2] == b'\r' { at - 2 } else { at - 1 };
            if spans.is_empty() {
                spans.extend_from_slice(&first_words(&bytes[line..end]));
            } else if end == line {
                return Some(Head::from_spans(&bytes[..at], spans));
            } else {
                let mut colon = line;
                while bytes[colon] != b':' {
                    colon += 1;
                    if colon == at {
                        return None;
                    }
                }
                spans.extend_from_slice(&field(bytes, line, colon, end));
            }
            line = at;
        }
        None
    }

    /// Reads as much as possible of bytes that are not a valid head: the words of the first line, and no headers.
    pub fn salvage(raw: &[u8]) -> Head {
        let line_end = raw.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(raw.len());
        Head::from_spans(raw, first_words(&raw[..line_end]).to_vec())
    }

    /// Makes a head from its parts, for requests that were not received over HTTP/1.
    pub fn compose<'a>(method: &str, target: &str, headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Head {
        let mut raw = Vec::with_capacity(256);
        let mut put = |part: &[u8], after: &[u8]| {
            let from = raw.len();
            raw.extend_from_slice(part);
            raw.extend_from_slice(after);
            Span::new(from, from + part.len())
        };
        let mut spans = vec![put(method.as_bytes(), b" "), put(target.as_bytes(), b" HTTP/1.1\r\n")];
        for (name, value) in headers {
            spans.extend([put(name.as_bytes(), b": "), put(value, b"\r\n")]);
        }
        put(b"\r\n", b"");
        Head::from_spans(&raw, spans)
    }

    fn from_spans(raw: &[u8], spans: Vec<Span>) -> Head {
        Head(Arc::new(Parts { raw: Raw::new(raw), spans }))
    }

    /// Restores a head from its bytes and its [`Head::spans`].
    pub(crate) fn again(raw: &[u8], spans: &[Span]) -> Head {
        Head::from_spans(raw, spans.to_vec())
    }

    /// Returns the spans of its parts in its bytes.
    pub(crate) fn spans(&self) -> &[Span] {
        &self.0.spans
    }

    /// Returns the bytes as received, including the empty line at the end.
    pub fn raw(&self) -> &[u8] {
        self.0.raw.bytes()
    }

    /// Returns the method in its original case.
    pub fn method(&self) -> &str {
        self.text(self.0.spans[0]).unwrap_or_default()
    }

    /// Returns the request target as sent: path and query, or an absolute URL in a request to a proxy.
    ///
    /// Empty if its bytes are not UTF-8; see [`Head::target_text`].
    pub fn target(&self) -> &str {
        self.text(self.0.spans[1]).unwrap_or_default()
    }

    /// Returns the request target for display. Bytes that are not UTF-8 are percent-encoded.
    pub fn target_text(&self) -> Cow<'_, str> {
        match self.text(self.0.spans[1]) {
            Some(text) => Cow::Borrowed(text),
            None => {
                let shown = |byte: &u8| {
                    if byte.is_ascii() {
                        char::from(*byte).to_string()
                    } else {
                        format!("%{byte:02X}")
                    }
                };
                Cow::Owned(self.bytes(self.0.spans[1]).iter().map(shown).collect())
            }
        }
    }

    /// Returns names and values of all headers in their original order.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.fields().map(|(name, value)| (self.text(name).unwrap_or_default(), self.bytes(value)))
    }

    /// Returns the values of a header. Its name ignores case (RFC 9110 §5.1).
    ///
    /// A value that is not UTF-8 is decoded as ISO 8859-1, which never fails.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> + 'a {
        let is_named = |key: Span| key.len() == name.len() && is_same_name(self.bytes(key), name.as_bytes());
        let values = self.fields().filter(move |(key, _)| is_named(*key));
        values.map(|(_, value)| self.text(value).map_or_else(|| header_text(self.bytes(value)), Cow::Borrowed))
    }

    /// Returns the first value of a header.
    pub fn header<'a>(&'a self, name: &'a str) -> Option<Cow<'a, str>> {
        self.header_values(name).next()
    }

    fn fields(&self) -> impl ExactSizeIterator<Item = (Span, Span)> {
        self.0.spans[OF_THE_LINE..].chunks_exact(2).map(|field| (field[0], field[1]))
    }

    fn bytes(&self, span: Span) -> &[u8] {
        &self.raw()[span.range()]
    }

    /// Returns a part as text; `None` if it is not UTF-8.
    fn text(&self, span: Span) -> Option<&str> {
        match &self.0.raw {
            Raw::Text(text) => text.get(span.range()),
            Raw::Bytes(bytes) => std::str::from_utf8(&bytes[span.range()]).ok(),
        }
    }
}

/// Compares two names of headers. Tries equal bytes first, because the case is mostly the same.
fn is_same_name(sent: &[u8], name: &[u8]) -> bool {
    sent == name || sent.eq_ignore_ascii_case(name)
}

/// Returns the spans of name and value in a line with a header. The value has no white space around it.
fn field(bytes: &[u8], line: usize, colon: usize, end: usize) -> [Span; 2] {
    let (mut from, mut to) = (colon + 1, end);
    while from < to && is_blank(bytes[from]) {
        from += 1;
    }
    while to > from && is_blank(bytes[to - 1]) {
        to -= 1;
    }
    [Span::new(line, colon), Span::new(from, to)]
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Returns the spans of the first two words of the first line, which are separated by a single space.
fn first_words(line: &[u8]) -> [Span; OF_THE_LINE] {
    let word = |from: usize| {
        let mut end = from;
        while end < line.len() && line[end] != b' ' {
            end += 1;
        }
        Span::new(from, end)
    };
    let method = word(0);
    [method, word((method.range().end + 1).min(line.len()))]
}

/// Returns the end of a head: the offset after its empty line.
pub(crate) fn end_of(head: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += head[at..].iter().position(|byte| *byte == b'\n')? + 1;
        if head[..at].ends_with(b"\n\r\n") || head[..at].ends_with(b"\n\n") {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn a_head_keeps_order_and_case() {
        let raw = b"POST /a?b HTTP/1.1\r\nX-B: 1\r\nx-a: 2\r\nX-b:  3 \r\n\r\n";
        let head = Head::parse(raw).expect("a head");

        let headers: Vec<_> = head.headers().collect();
        assert_eq!((head.method(), head.target()), ("POST", "/a?b"));
        assert_eq!(headers, [("X-B", &b"1"[..]), ("x-a", b"2"), ("X-b", b"3")]);
        assert_eq!(head.header_values("x-b").collect::<Vec<_>>(), ["1", "3"]);
    }

    #[test]
    fn a_composed_head_reads_back() {
        let composed = Head::compose("GET", "/x", [("A", &b"b"[..]), ("C", &b"\xE9"[..])]);
        let read = Head::parse(composed.raw()).expect("a head");

        assert_eq!(read.target(), "/x");
        assert_eq!(read.header("c").as_deref(), Some("\u{e9}"));
    }

    proptest! {
        #[test]
        fn what_is_a_head_is_read_alike(lines in proptest::collection::vec("[A-Za-z-]{1,3}:[ \t]{0,2}[a-zé:, \t]{0,6}", 0..5), end in "\r?\n", body in any::<Vec<u8>>()) {
            let text = format!("GET /a?b HTTP/1.1{end}{}{end}", lines.iter().map(|line| format!("{line}{end}")).collect::<String>());
            let parsed = Head::parse(text.as_bytes()).expect("a head");
            let read = Head::first_of(&[text.as_bytes(), &body].concat()).expect("a head");

            assert_eq!(read.raw(), parsed.raw());
            assert_eq!((read.method(), read.target()), (parsed.method(), parsed.target()));
            assert!(read.headers().eq(parsed.headers()));
        }

        #[test]
        fn whatever_the_bytes_are_reading_does_not_panic(bytes in any::<Vec<u8>>(), text in "[a: \r\n]{0,20}") {
            Head::first_of(&bytes);
            Head::first_of(text.as_bytes());
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_do_not_hide_a_head() {
        let head = Head::first_of(b"GET / HTTP/1.1\r\nA: \xE9\r\n\r\nrest").expect("a head");

        assert_eq!(head.header("a").as_deref(), Some("\u{e9}"));
        assert!(Head::first_of(b"GET / HTTP/1.1\r\nA: b\r\n").is_none());
    }

    #[test]
    fn the_first_words_are_salvaged() {
        let head = Head::salvage(b"GET /a b\r\nx");
        assert_eq!((head.method(), head.target()), ("GET", "/a"));
        for bytes in ["", " ", "GET", "GET ", "\r\n"] {
            Head::salvage(bytes.as_bytes()).target();
        }
    }

    #[test]
    fn what_is_not_http_is_an_error() {
        assert!(Head::parse(b"hello\r\n\r\n").is_err());
        assert!(Head::parse(b"GET / HTTP/1.1\r\nA: b\r\n").is_err());
    }
}
