//! Matches paths by compiled templates. [`parse_path_template`] has the grammar of templates.

use std::borrow::Cow;

use crate::message::{PathError, Request, Segment, SegmentShape, parse_path_template};

use super::fold;

/// A compiled template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    pub(super) text: String,
    pub(super) segments: Vec<TemplateSegment>,
    pub(super) ignore_case: bool,
    /// Whether the text has neither placeholders nor escapes: a path with the same text matches without being decoded.
    is_plain: bool,
}

/// One segment of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TemplateSegment {
    /// This text, compared after decoding; in lower case if case is ignored.
    Fixed(String),
    /// A placeholder for one segment that is not empty.
    Param(String),
    /// A placeholder for the rest of the path.
    Rest(String),
}

/// The most segments and bytes of a template. The index goes down one level for each segment.
const MOST_SEGMENTS: usize = 256;
const LONGEST: usize = 8192;

impl PathTemplate {
    /// Parses a template.
    ///
    /// # Errors
    /// Returns why the text is not a valid template, with the bytes that are wrong.
    pub fn parse(text: &str, ignore_case: bool) -> Result<PathTemplate, PathError> {
        check_size(text)?;
        let parsed = parse_path_template(text)?;
        let is_plain = parsed.iter().all(|segment| matches!(segment.shape, SegmentShape::Fixed(Cow::Borrowed(_))));
        let compiled = parsed.into_iter().map(|segment| match segment.shape {
            SegmentShape::Fixed(text) if ignore_case => TemplateSegment::Fixed(text.to_lowercase()),
            SegmentShape::Fixed(text) => TemplateSegment::Fixed(text.into_owned()),
            SegmentShape::Param(name) => TemplateSegment::Param(name.to_owned()),
            SegmentShape::Rest(name) => TemplateSegment::Rest(name.to_owned()),
        });
        Ok(PathTemplate { text: text.to_owned(), segments: compiled.collect(), ignore_case, is_plain })
    }

    /// Returns the template as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether both match the same paths and name the same placeholders.
    pub(super) fn is_same(&self, other: &PathTemplate) -> bool {
        std::ptr::eq(self, other) || (self.ignore_case == other.ignore_case && self.text == other.text)
    }

    /// Returns the names of the placeholders, in order.
    pub fn names(&self) -> Vec<&str> {
        self.segments
            .iter()
            .filter_map(|segment| match segment {
                TemplateSegment::Param(name) | TemplateSegment::Rest(name) => Some(name.as_str()),
                TemplateSegment::Fixed(_) => None,
            })
            .collect()
    }

    /// Returns the segments, in order.
    pub(crate) fn segments(&self) -> &[TemplateSegment] {
        &self.segments
    }

    /// Returns whether case is ignored.
    pub(crate) fn ignores_case(&self) -> bool {
        self.ignore_case
    }

    /// Returns the path with these values in the placeholders. A placeholder without a value becomes its name.
    pub fn fill(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            match segment {
                TemplateSegment::Fixed(text) => path.push_str(&crate::message::encode_segment(text)),
                TemplateSegment::Param(name) | TemplateSegment::Rest(name) => {
                    let filled = value(name).unwrap_or_else(|| name.clone());
                    path.push_str(&crate::message::encode_segment(&filled));
                }
            }
        }
        path
    }

    /// Returns the values of the placeholders if a path matches.
    pub fn values_in(&self, path: &str) -> Option<Vec<(String, String)>> {
        let head = crate::message::Head::compose("GET", path, []);
        self.matches(&Request::new(head, bytes::Bytes::new(), None, crate::model::Timestamp::UNIX_EPOCH))
    }

    /// Returns the values of the placeholders if the path of the request matches.
    pub(crate) fn matches(&self, request: &Request) -> Option<Vec<(String, String)>> {
        if self.is_plain && request.path() == self.text {
            return Some(Vec::new());
        }
        let (path, sent) = (request.path(), request.segments());
        let enough = match self.segments.last() {
            Some(TemplateSegment::Rest(_)) => sent.len() >= self.segments.len(),
            _ => sent.len() == self.segments.len(),
        };
        if !enough || !path.starts_with('/') {
            return None;
        }
        let mut params = Vec::new();
        for (place, segment) in self.segments.iter().enumerate() {
            match segment {
                TemplateSegment::Fixed(text) => {
                    if !fixed_is(text, sent[place].text(path), self.ignore_case) {
                        return None;
                    }
                }
                TemplateSegment::Param(name) => {
                    let value = param_in(request, place)?;
                    if value.is_empty() {
                        return None;
                    }
                    params.push((name.clone(), value.to_owned()));
                }
                TemplateSegment::Rest(name) => params.push((name.clone(), rest_in(request, place))),
            }
        }
        Some(params)
    }
}

/// Returns whether a segment as it was sent is the text of a fixed segment.
pub(crate) fn fixed_is(fixed: &str, sent: Option<&str>, ignore_case: bool) -> bool {
    match sent {
        Some(text) if ignore_case => fold::lower(text) == *fixed,
        Some(text) => text == fixed,
        None => false,
    }
}

fn check_size(text: &str) -> Result<(), PathError> {
    let help = "Match a longer path by a matcher, such as `path.starts_with`.".to_owned();
    if text.len() > LONGEST {
        let message = format!("a path must have at most {LONGEST} bytes, found {}", text.len());
        return Err(PathError { message, label: "too long", help, span: 0..text.len() });
    }
    let mut slashes = text.match_indices('/').map(|(at, _)| at);
    let Some(first_too_many) = slashes.nth(MOST_SEGMENTS) else { return Ok(()) };
    let found = MOST_SEGMENTS + 1 + slashes.count();
    let message = format!("a path must have at most {MOST_SEGMENTS} segments, found {found}");
    Err(PathError { message, label: "too many", help, span: first_too_many..text.len() })
}

/// Returns the value of a placeholder for the segment at a place.
pub(super) fn param_in(request: &Request, place: usize) -> Option<&str> {
    request.segments().get(place).map(|segment| value_of(segment, request.path()))
}

/// Returns the value of a placeholder for the rest of the path from a place on.
pub(super) fn rest_in(request: &Request, place: usize) -> String {
    let rest = request.segments().iter().skip(place).map(|segment| value_of(segment, request.path()));
    rest.collect::<Vec<_>>().join("/")
}

/// Returns the decoded segment, or the segment as it was sent if its bytes are not UTF-8, so that nothing is lost.
fn value_of<'a>(segment: &'a Segment, path: &'a str) -> &'a str {
    segment.text(path).unwrap_or_else(|| segment.sent(path))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Head;
    use crate::model::Timestamp;

    fn params(template: &str, ignore_case: bool, path: &str) -> Option<Vec<(String, String)>> {
        let request = Request::new(Head::compose("GET", path, []), Bytes::new(), None, Timestamp::UNIX_EPOCH);
        PathTemplate::parse(template, ignore_case).expect(template).matches(&request)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn placeholders_take_whole_segments() {
        assert_eq!(params("/a/{id}", false, "/a/x%2Fy"), pairs(&[("id", "x/y")]));
        assert_eq!(params("/a/{id}", false, "/a/"), None);
        assert_eq!(params("/a/{id}", false, "/a/b/c"), None);
        assert_eq!(params("/{*rest}", false, "/a/b%20c/"), pairs(&[("rest", "a/b c/")]));
        assert_eq!(params("/f/{*rest}", false, "/f/"), pairs(&[("rest", "")]));
        assert_eq!(params("/f/{*rest}", false, "/f"), None);
        assert_eq!(params("/", false, "/"), pairs(&[]));
        assert_eq!(params("/{x}", false, "/%FF"), pairs(&[("x", "%FF")]));
    }

    #[test]
    fn case_and_escapes_of_fixed_parts() {
        assert_eq!(params("/A%20b/{x}", true, "/a%20B/C"), pairs(&[("x", "C")]));
        assert_eq!(params("/a", false, "/A"), None);
        assert_eq!(params("/{{a}}", false, "/%7Ba%7D"), pairs(&[]));
    }

    #[test]
    fn a_template_has_a_limit_in_segments_and_bytes() {
        let refused = |text: &str| PathTemplate::parse(text, false).expect_err("too long").to_string();

        assert!(PathTemplate::parse(&"/a".repeat(256), false).is_ok());
        assert_eq!(refused(&"/a".repeat(258)), "a path must have at most 256 segments, found 258");
        assert_eq!(refused(&format!("/{}", "a".repeat(8192))), "a path must have at most 8192 bytes, found 8193");
    }
}
