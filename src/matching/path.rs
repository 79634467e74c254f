//! Path templates: `/orders/{id}`, `/files/{*rest}`.

use crate::message::{Request, Segment, decode_segment};

use super::fold;

/// A template split into segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    pub(super) text: String,
    pub(super) segments: Vec<TemplateSegment>,
    pub(super) ignore_case: bool,
    /// Whether a path that is the same text is of this form: then nothing has to be decoded to tell.
    is_plain: bool,
}

/// One segment of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TemplateSegment {
    /// This text, compared after decoding; in lower case where case is ignored.
    Fixed(String),
    /// Any one segment that is not empty.
    Param(String),
    /// All that is left.
    Rest(String),
}

/// Longer segments are not compared letter by letter, which takes their length squared.
const LONGEST_COMPARED: usize = 256;

/// The most segments and bytes of a template: the index goes down one level for each segment.
const MOST_SEGMENTS: usize = 256;
const LONGEST: usize = 8192;

impl PathTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// Where it does not start with a slash, its braces are not in order or it is too long; the message says what would be.
    pub fn parse(text: &str, ignore_case: bool) -> Result<PathTemplate, String> {
        if text.len() > LONGEST {
            return Err(format!("a path must have at most {LONGEST} bytes, found {}", text.len()));
        }
        let segments = text.bytes().filter(|byte| *byte == b'/').count();
        if segments > MOST_SEGMENTS {
            return Err(format!("a path must have at most {MOST_SEGMENTS} segments, found {segments}"));
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err("a path starts with `/`".to_owned());
        };
        if !text.bytes().any(|byte| matches!(byte, b'{' | b'}' | b'%')) {
            return Ok(PathTemplate::plain(text, rest, ignore_case));
        }
        let pieces: Vec<&str> = rest.split('/').collect();
        let last = pieces.len() - 1;
        let mut segments = Vec::with_capacity(pieces.len());
        for (place, piece) in pieces.into_iter().enumerate() {
            let segment = segment(piece, ignore_case)?;
            if matches!(segment, TemplateSegment::Rest(_)) && place != last {
                return Err(format!("`{piece}` takes the rest of the path and so comes last"));
            }
            segments.push(segment);
        }
        let template = PathTemplate { text: text.to_owned(), segments, ignore_case, is_plain: false };
        let mut names = template.names();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(twice) => Err(format!("`{{{}}}` stands twice in the path", twice[0])),
            None => Ok(template),
        }
    }

    /// One without placeholders and without anything encoded.
    fn plain(text: &str, rest: &str, ignore_case: bool) -> PathTemplate {
        let mut segments = Vec::with_capacity(4);
        for piece in rest.split('/') {
            segments.push(TemplateSegment::Fixed(if ignore_case { piece.to_lowercase() } else { piece.to_owned() }));
        }
        PathTemplate { text: text.to_owned(), segments, ignore_case, is_plain: true }
    }

    /// The template as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether both take the same paths and name the same placeholders.
    pub(super) fn is_same(&self, other: &PathTemplate) -> bool {
        std::ptr::eq(self, other) || (self.ignore_case == other.ignore_case && self.text == other.text)
    }

    /// The names of its placeholders, in order.
    pub fn names(&self) -> Vec<&str> {
        self.segments
            .iter()
            .filter_map(|segment| match segment {
                TemplateSegment::Param(name) | TemplateSegment::Rest(name) => Some(name.as_str()),
                TemplateSegment::Fixed(_) => None,
            })
            .collect()
    }

    /// Its segments, in order.
    pub(crate) fn segments(&self) -> &[TemplateSegment] {
        &self.segments
    }

    /// Whether its fixed parts match in any case.
    #[cfg(feature = "check")]
    pub(crate) fn ignores_case(&self) -> bool {
        self.ignore_case
    }

    /// The path that the template stands for with these values; a placeholder without one keeps its name.
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

    /// How like the path of the request is, from 0 to 1: the likeness of each segment, taken together.
    pub(super) fn likeness(&self, request: &Request) -> f64 {
        let (path, sent) = (request.path(), request.segments());
        let alike = |(segment, sent): (&TemplateSegment, &Segment)| match segment {
            TemplateSegment::Param(_) | TemplateSegment::Rest(_) => 1.0,
            TemplateSegment::Fixed(text) => {
                let sent = sent.text(path).unwrap_or_default();
                let lower = fold::lower(sent);
                match text == sent || *text == *lower {
                    true => 1.0,
                    false if text.len().max(sent.len()) > LONGEST_COMPARED => 0.0,
                    false if lower == sent => strsim::normalized_levenshtein(text, sent),
                    false => {
                        let either = [&*lower, sent].map(|sent| strsim::normalized_levenshtein(text, sent));
                        either[0].max(either[1])
                    }
                }
            }
        };
        let together: f64 = self.segments.iter().zip(sent).map(alike).sum();
        together / self.segments.len().max(sent.len()) as f64
    }

    /// The values of the placeholders in a path, if it is of this form.
    pub fn values_in(&self, path: &str) -> Option<Vec<(String, String)>> {
        let head = crate::message::Head::compose("GET", path, []);
        self.matches(&Request::new(head, bytes::Bytes::new(), None, crate::model::Timestamp::UNIX_EPOCH))
    }

    /// The values of the placeholders, if the path of the request is of this form.
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

pub(super) fn fixed_is(fixed: &str, sent: Option<&str>, ignore_case: bool) -> bool {
    match sent {
        Some(text) if ignore_case => fold::lower(text) == *fixed,
        Some(text) => text == fixed,
        None => false,
    }
}

/// The value of a placeholder that stands there.
pub(super) fn param_in(request: &Request, place: usize) -> Option<&str> {
    request.segments().get(place).map(|segment| value_of(segment, request.path()))
}

/// The value of a placeholder that takes the rest from there.
pub(super) fn rest_in(request: &Request, place: usize) -> String {
    let rest = request.segments().iter().skip(place).map(|segment| value_of(segment, request.path()));
    rest.collect::<Vec<_>>().join("/")
}

/// The decoded segment; as it was sent where its bytes are not UTF-8, so that nothing is lost.
fn value_of<'a>(segment: &'a Segment, path: &'a str) -> &'a str {
    segment.text(path).unwrap_or_else(|| segment.sent(path))
}

fn segment(piece: &str, ignore_case: bool) -> Result<TemplateSegment, String> {
    if let Some(name) = placeholder(piece) {
        return match name.strip_prefix('*') {
            Some(rest) => named(rest, piece).map(TemplateSegment::Rest),
            None => named(name, piece).map(TemplateSegment::Param),
        };
    }
    let mut text = String::new();
    let mut characters = piece.chars().peekable();
    while let Some(c) = characters.next() {
        if matches!(c, '{' | '}') && characters.next_if_eq(&c).is_none() {
            return Err(format!(
                "`{piece}`: a placeholder `{{name}}` is a whole segment; a brace itself is written `{c}{c}`"
            ));
        }
        text.push(c);
    }
    let decoded = decode_segment(&text).ok_or_else(|| format!("`{piece}` is not UTF-8 when decoded"))?.into_owned();
    Ok(TemplateSegment::Fixed(if ignore_case { decoded.to_lowercase() } else { decoded }))
}

fn placeholder(piece: &str) -> Option<&str> {
    let inner = piece.strip_prefix('{')?.strip_suffix('}')?;
    (!inner.starts_with('{') && !inner.contains(['{', '}'])).then_some(inner)
}

fn named(name: &str, piece: &str) -> Result<String, String> {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        Ok(name.to_owned())
    } else {
        Err(format!("`{piece}`: a placeholder's name has letters, digits and `_`, and does not start with a digit"))
    }
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
    fn bad_templates_say_what_would_be_right() {
        for bad in ["a", "/{a", "/x{a}", "/{}", "/{1}", "/{*a}/b", "/{a}/{a}", "/}"] {
            assert!(PathTemplate::parse(bad, false).is_err(), "{bad}");
        }
        let long = |text: &str| PathTemplate::parse(text, false).expect_err("too long");
        assert_eq!(long(&"/a".repeat(257)), "a path must have at most 256 segments, found 257");
        assert_eq!(long(&format!("/{}", "a".repeat(8192))), "a path must have at most 8192 bytes, found 8193");
    }
}
