//! What a stub answers.

use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use std::time::Duration;

use bytes::Bytes;

use super::{Delivery, Json, JsonPathText, Matcher, Number, RegexText};

/// The one answer of a stub.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum StubAnswer {
    /// Always the same.
    Response(Response),
    /// One after another.
    Responses(Vec<Response>, Repeat),
    /// One result an item.
    Batch(Batch, Response),
}

/// What follows the last of several responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Repeat {
    /// The last one again.
    #[default]
    Last,
    /// The first one.
    Cycle,
}

/// A response. [`status`](crate::status) makes one.
#[derive(Debug, Clone, PartialEq, Default, Hash)]
#[non_exhaustive]
pub struct Response {
    /// 200 where it is not said.
    #[doc(hidden)]
    pub status: Option<u16>,
    /// The reason phrase on HTTP/1.1, where it must be another than the standard one.
    #[doc(hidden)]
    pub reason: Option<String>,
    /// Names and the values to send, in order; several values repeat the header.
    #[doc(hidden)]
    pub headers: Vec<(String, Vec<String>)>,
    /// At most one body.
    #[doc(hidden)]
    pub body: Option<Body>,
    /// How long to wait before answering.
    #[doc(hidden)]
    pub delay: Option<Delay>,
    /// How the answer goes out, where it does not go out at once and whole.
    #[doc(hidden)]
    pub delivery: Option<Delivery>,
    /// Whether `{{ }}` is a template. In a file it is where this is not said; elsewhere it is not, but in a batch.
    #[doc(hidden)]
    pub template: Option<bool>,
}

impl Response {
    /// Whether `{{ }}` in its strings is a template.
    #[doc(hidden)]
    pub fn has_templates(&self) -> bool {
        self.template == Some(true)
    }

    /// Whether it has no body, or one that has no bytes however it is rendered.
    #[cfg(feature = "files")]
    pub(crate) fn has_empty_body(&self) -> bool {
        match &self.body {
            None => true,
            Some(Body::Text(text) | Body::Xml(text)) => text.is_empty(),
            Some(Body::Base64(bytes)) => bytes.is_empty(),
            Some(Body::Json(_) | Body::Document(_) | Body::File(_)) => false,
        }
    }
}

/// A body and how it was written.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Body {
    /// Written as JSON.
    Json(Json),
    /// XML text.
    Xml(String),
    /// Plain text.
    Text(String),
    /// A file of the scenario's folder.
    File(FileBody),
    /// Bytes.
    Base64(Bytes),
    /// Written as the client asks for it.
    Document(Json),
}

/// A body out of a file, read when the scenario is loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct FileBody {
    /// As written, relative to the scenario; may hold a template.
    pub path: String,
    /// The file, or, for a path with a template, every file that it could name; by path, sorted.
    pub files: Vec<(String, Bytes)>,
}

/// By what is written: the files may be large, and the stub stays itself where one of them changes.
impl Hash for FileBody {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.hash(state);
    }
}

/// A delay before the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Delay {
    /// The same delay for every answer.
    Fixed(Duration),
    /// A random delay, uniform between the two.
    Uniform(Duration, Duration),
    /// A random delay with a log-normal distribution: most are near the median, and a few are long.
    Lognormal {
        /// The median: half of the delays are shorter.
        median: Duration,
        /// The standard deviation of the delay's natural logarithm.
        sigma: f64,
    },
}

impl Hash for Delay {
    fn hash<H: Hasher>(&self, state: &mut H) {
        discriminant(self).hash(state);
        match self {
            Delay::Fixed(delay) => delay.hash(state),
            Delay::Uniform(least, most) => (least, most).hash(state),
            Delay::Lognormal { median, sigma } => (median, Number::Float(*sigma)).hash(state),
        }
    }
}

/// An answer that has one result for each item of the request. [`batch`](crate::batch) makes one.
#[derive(Debug, Clone, PartialEq, Hash)]
#[non_exhaustive]
pub struct Batch {
    /// A JSONPath that selects an array of the document.
    #[doc(hidden)]
    pub items: JsonPathText,
    /// A regular expression whose named groups are names in the templates.
    #[doc(hidden)]
    pub captures: Option<RegexText>,
    /// The member under which the results go.
    #[doc(hidden)]
    pub results: String,
    /// The first that holds gives an item's result; the last holds always.
    #[doc(hidden)]
    pub cases: Vec<BatchCase>,
    /// Merged into the document when any item failed.
    #[doc(hidden)]
    pub some_failed: Option<Merge>,
    /// Instead of `some_failed` when all did.
    #[doc(hidden)]
    pub all_failed: Option<Merge>,
    /// When none did.
    #[doc(hidden)]
    pub none_failed: Option<Merge>,
}

/// One case of a batch: the result of the items that it applies to. [`case`](crate::case) makes one.
#[derive(Debug, Clone, PartialEq, Hash)]
#[non_exhaustive]
pub struct BatchCase {
    /// Which items it is for; `None` for any.
    #[doc(hidden)]
    pub item: Option<Matcher>,
    /// Whether the item failed.
    #[doc(hidden)]
    pub failed: bool,
    /// What stands in the results for it.
    #[doc(hidden)]
    pub result: Json,
}

/// What is merged into a batch's document.
#[derive(Debug, Clone, PartialEq, Default, Hash)]
pub struct Merge {
    /// Instead of the frame's.
    pub status: Option<u16>,
    /// Members to set, an object.
    pub members: Vec<(String, Json)>,
}
