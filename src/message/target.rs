//! The target of a request: its path, and the segments of that.

use std::borrow::Cow;

use super::decode_segment;

/// One segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Where it starts and ends in the path as sent.
    at: usize,
    end: usize,
    /// The decoded text, if it differs from what was sent.
    decoded: Option<Option<String>>,
}

impl Segment {
    /// Returns the segment of this path, decoded once; `None` if that is not UTF-8.
    pub fn text<'a>(&'a self, path: &'a str) -> Option<&'a str> {
        match &self.decoded {
            None => Some(self.sent(path)),
            Some(decoded) => decoded.as_deref(),
        }
    }

    /// Returns the segment as sent in this path.
    pub fn sent<'a>(&self, path: &'a str) -> &'a str {
        &path[self.at..self.end]
    }
}

/// The length of a request's base in bytes. Only [`Request::strip_base`](super::Request::strip_base) makes one other than 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BaseLength(u32);

impl BaseLength {
    /// Whether the base is empty, as it is unless a route has taken one off the path.
    pub(super) fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Returns a path as its base and the rest.
    pub(super) fn split(self, path: &str) -> (&str, &str) {
        path.split_at(self.0 as usize)
    }

    /// Returns the length of this base with another one below it.
    pub(super) fn and(self, below: &str) -> BaseLength {
        BaseLength(self.0 + below.len() as u32)
    }
}

/// Whether a path is a base, or below it. Nothing is decoded.
pub(super) fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The segments of a path: split as sent at each slash after the first, then decoded once.
pub(super) fn segments_of(path: &str) -> Vec<Segment> {
    let mut at = usize::from(path.starts_with('/'));
    let mut segments = Vec::with_capacity(8);
    let is_plain = !path.contains('%');
    let slashes = (at..path.len()).filter(|place| path.as_bytes()[*place] == b'/');
    for end in slashes.chain([path.len()]) {
        let decoded = match is_plain {
            true => None,
            false => match decode_segment(&path[at..end]) {
                Some(Cow::Borrowed(_)) => None,
                decoded => Some(decoded.map(Cow::into_owned)),
            },
        };
        segments.push(Segment { at, end, decoded });
        at = end + 1;
    }
    segments
}

/// Path and query of a target without the host that an absolute one (RFC 9112 §3.2.2) carries.
pub(super) fn origin_form(target: &str) -> &str {
    if target.starts_with('/') {
        return target;
    }
    let Some((_, after_scheme)) = target.split_once("://") else { return target };
    match after_scheme.find(['/', '?']) {
        Some(at) if after_scheme.as_bytes()[at] == b'/' => &after_scheme[at..],
        _ => "/",
    }
}
