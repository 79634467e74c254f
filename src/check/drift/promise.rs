//! Compares a received answer with the one that an example promises.

use std::sync::Arc;

use bytes::Bytes;

use crate::check::diff::differing_part;
use crate::engine::Answer;
use crate::matching::{mask_json, mask_xml};
use crate::message::{MediaType, XmlDocument, XmlFault, charset_of, media_type_of_file, strict_charset_text};
use crate::model::{ExampleBody, ExampleResponse, Json};

use super::finding::{Finding, FindingKind, Findings};
use super::marks::{MARK, Origin};
use super::{json, xml};

/// The answer that an example promises, and which parts of it templates render.
#[derive(Debug, Clone)]
pub struct Promise {
    pub(super) response: ExampleResponse,
    pub(super) ignore: Vec<String>,
    pub(super) source: PromiseSource,
}

/// The source of the values of a promise.
#[derive(Debug, Clone)]
pub(super) enum PromiseSource {
    /// No stub answers, so all values are written in the example.
    Example,
    /// The answer of the stub, with marks.
    Stub(Arc<Answer>),
    /// A stub whose marked answer cannot be rendered: any value may come from a template.
    Unknown,
}

/// An answer as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedAnswer {
    /// The status.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// In the order in which they were received.
    pub headers: Vec<(String, String)>,
    /// The body without any Content-Encoding, or why it cannot be read.
    pub body: Result<Bytes, String>,
}

impl Promise {
    /// Returns the differences between the promise and a received answer.
    pub fn compare_with(&self, received: &ReceivedAnswer) -> Findings {
        let mut found = Findings::default();
        if let Some(status) = self.response.status.filter(|status| *status != received.status) {
            found.value("status".to_owned(), status.to_string(), received.status.to_string(), false);
        }
        if let Some(reason) = self.response.reason.as_ref().filter(|reason| **reason != received.reason) {
            found.value("reason".to_owned(), format!("{reason:?}"), format!("{:?}", received.reason), false);
        }
        for (name, wanted) in &self.response.headers {
            self.header(name, wanted, received, &mut found);
        }
        if let Some(promised) = &self.response.body {
            match &received.body {
                Ok(actual) => {
                    let charset = values(&received.headers, "content-type").next().and_then(charset_of);
                    self.body(promised, actual, charset.as_deref(), &mut found);
                }
                Err(why) => found.drift(unreadable("body", why.clone(), None)),
            }
        }
        found
    }

    fn header(&self, name: &str, wanted: &[String], received: &ReceivedAnswer, found: &mut Findings) {
        let given: Vec<&str> = values(&received.headers, name).collect();
        let wanted: Vec<&str> = wanted.iter().map(|value| value.trim()).collect();
        let at = format!("header {name}");
        if given.is_empty() {
            found.removed(at, wanted.join(", "));
        } else if !same_values(name, &wanted, &given) {
            let from_template = match &self.source {
                PromiseSource::Example => false,
                PromiseSource::Stub(answer) => values(&answer.headers, name).any(|value| value.contains(MARK)),
                PromiseSource::Unknown => true,
            };
            found.value(at, wanted.join(", "), given.join(", "), from_template);
        }
    }

    fn body(&self, promised: &ExampleBody, sent: &[u8], charset: Option<&str>, found: &mut Findings) {
        // A text is compared after it is decoded from the charset of the answer.
        let text = strict_charset_text(sent, charset);
        let actual = text.as_ref().map_or(sent, |text| text.as_bytes());
        match promised {
            ExampleBody::Json(json) => self.json(json, actual, found),
            ExampleBody::Xml(text) => self.xml(XmlDocument::parse_text(text), sent, charset, found),
            ExampleBody::Text(text) => self.bytes(text.as_bytes(), actual, found),
            ExampleBody::File(path, bytes) => match (media_type_of_file(path), Json::parse(bytes)) {
                (Some("application/json"), Ok(json)) => self.json(&json, actual, found),
                (Some("application/xml"), _) => self.xml(XmlDocument::parse(bytes), sent, charset, found),
                _ if bytes[..] == *actual => {}
                _ => self.bytes(bytes, sent, found),
            },
            ExampleBody::Base64(bytes) => self.bytes(bytes, sent, found),
        }
    }

    fn json(&self, promised: &Json, actual: &[u8], found: &mut Findings) {
        let actual = match Json::parse(actual) {
            Ok(actual) => actual,
            Err(fault) => return found.drift(unreadable("body", format!("not JSON: {fault}"), Some(actual))),
        };
        let paths: Vec<&str> = self.ignore.iter().map(String::as_str).filter(|path| path.starts_with('$')).collect();
        let marked = self.marked(|bytes| Json::parse(bytes).ok());
        let (promised, actual) = (mask_json(promised, &paths), mask_json(&actual, &paths));
        json::compare("$", &promised, &actual, self.origin(marked.as_ref()), found);
    }

    fn xml(&self, promised: Result<XmlDocument, XmlFault>, actual: &[u8], charset: Option<&str>, found: &mut Findings) {
        let (promised, actual) = match (promised, XmlDocument::parse_in(actual, charset)) {
            (Ok(promised), Ok(actual)) => (promised, actual),
            (Err(fault), _) => return found.drift(unreadable("body", format!("promised as XML: {fault}"), None)),
            (_, Err(fault)) => return found.drift(unreadable("body", format!("not XML: {fault}"), Some(actual))),
        };
        let paths: Vec<&str> = self.ignore.iter().map(String::as_str).filter(|path| !path.starts_with('$')).collect();
        let marked = self.marked(|bytes| XmlDocument::parse(bytes).ok());
        let (promised, actual) = (mask_xml(&promised, &paths), mask_xml(&actual, &paths));
        xml::compare_documents(&promised, &actual, self.origin(marked.as_ref()), found);
    }

    /// Compares bodies that are neither JSON nor XML. Such a body is one value.
    fn bytes(&self, promised: &[u8], actual: &[u8], found: &mut Findings) {
        if promised == actual {
            return;
        }
        let marked = self.marked(|bytes| Some(String::from_utf8_lossy(bytes).into_owned()));
        let from_template = self.origin(marked.as_ref()).is_from_template(|text| text.contains(MARK));
        match (std::str::from_utf8(promised), std::str::from_utf8(actual)) {
            (Ok(promised), Ok(actual)) => {
                let (line, promised, actual) = differing_lines(promised, actual);
                found.value(format!("body line {line}"), promised, actual, from_template);
            }
            _ => {
                let (place, ..) = differing_part(promised, actual);
                let count = |bytes: &[u8]| format!("{} bytes", bytes.len());
                found.value(format!("body byte {}", place + 1), count(promised), count(actual), from_template);
            }
        }
    }

    /// Parses the marked body of the stub's answer.
    fn marked<T>(&self, read: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        match &self.source {
            PromiseSource::Stub(answer) => read(&answer.body.to_bytes()),
            _ => None,
        }
    }

    /// Returns the origin of the values of a body. If it cannot be parsed with its marks, any value may be from a template.
    fn origin<'a, T>(&self, marked: Option<&'a T>) -> Origin<'a, T> {
        match (&self.source, marked) {
            (PromiseSource::Example, _) => Origin::Written,
            (_, Some(marked)) => Origin::Marked(marked),
            (_, None) => Origin::Template,
        }
    }
}

fn values<'a, T: AsRef<str>>(headers: &'a [(T, T)], name: &str) -> impl Iterator<Item = &'a str> {
    let named = headers.iter().filter(move |(key, _)| key.as_ref().eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_ref().trim())
}

/// Returns whether header values are as promised. A list may be in one header or in several (RFC 9110 §5.3). A media type
/// may have parameters that were not promised. An entity tag may be weak, as it becomes when a server compresses the answer.
fn same_values(name: &str, wanted: &[&str], given: &[&str]) -> bool {
    if wanted == given || (!name.eq_ignore_ascii_case("set-cookie") && wanted.join(", ") == given.join(", ")) {
        return true;
    }
    match (wanted, given) {
        ([wanted], [given]) if name.eq_ignore_ascii_case("content-type") => MediaType::parse(wanted)
            .zip(MediaType::parse(given))
            .is_some_and(|(wanted, given)| includes(&given, &wanted)),
        ([wanted], [given]) if name.eq_ignore_ascii_case("etag") => given.strip_prefix("W/") == Some(wanted),
        _ => false,
    }
}

fn includes(given: &MediaType, wanted: &MediaType) -> bool {
    let same = |name: &str, wanted: &str, given: &str| match name {
        "charset" => wanted.eq_ignore_ascii_case(given),
        _ => wanted == given,
    };
    given.essence == wanted.essence
        && wanted
            .parameters
            .iter()
            .all(|(name, value)| given.parameter(name).is_some_and(|given| same(name, value, given)))
}

fn unreadable(at: &str, what: String, actual: Option<&[u8]>) -> Finding {
    let actual = actual.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    Finding { at: at.to_owned(), kind: FindingKind::Unreadable, what, promised: None, actual }
}

/// Returns the number of the first line that differs, and the lines of both texts from there to the last that differs.
fn differing_lines(promised: &str, actual: &str) -> (usize, String, String) {
    let (wanted, given): (Vec<&str>, Vec<&str>) =
        (promised.split_inclusive('\n').collect(), actual.split_inclusive('\n').collect());
    let (before, wanted, given) = differing_part(&wanted, &given);
    (before + 1, wanted.concat(), given.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, wanted: &str, given: &[&str]) -> bool {
        same_values(name, &[wanted], given)
    }

    #[test]
    fn a_media_type_may_say_more_and_not_less() {
        assert!(header("Content-Type", "application/json", &["application/json; charset=utf-8"]));
        assert!(header("content-type", "text/html; charset=UTF-8", &["Text/HTML;charset=utf-8"]));
        assert!(!header("Content-Type", "text/html; charset=utf-8", &["text/html"]));
        assert!(!header("Content-Type", "text/html", &["text/plain"]));
    }

    #[test]
    fn an_entity_tag_may_become_weak() {
        assert!(header("ETag", "\"1\"", &["W/\"1\""]));
        assert!(!header("ETag", "W/\"1\"", &["\"1\""]));
        assert!(!header("ETag", "\"1\"", &["W/\"2\""]));
    }

    #[test]
    fn a_list_may_come_in_several_headers() {
        assert!(header("Allow", "GET, HEAD", &["GET", "HEAD"]));
        assert!(!header("Set-Cookie", "a=1, b=2", &["a=1", "b=2"]));
        assert!(!header("Allow", "GET", &["GET", "HEAD"]));
    }

    #[test]
    fn text_is_told_by_the_lines_that_differ() {
        assert_eq!(differing_lines("a\nb\nc\n", "a\nx\ny\nc\n"), (2, "b\n".into(), "x\ny\n".into()));
        assert_eq!(differing_lines("a", "a\n"), (1, "a".into(), "a\n".into()));
        assert_eq!(differing_lines("a\na\n", "a\n"), (2, "a\n".into(), String::new()));
    }
}
