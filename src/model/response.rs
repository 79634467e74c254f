//! The answer of a stub: responses, batches, bodies and delays.

use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use std::time::Duration;

use bytes::Bytes;

use super::{Delivery, Json, JsonPathText, Matcher, Number, RegexText};

/// The answer of a stub.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum StubAnswer {
    /// One response.
    Response(Response),
    /// Several responses, one after another.
    Responses(Vec<Response>, Repeat),
    /// One result for each item of the request. The response is the frame of the results.
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
    /// The status; 200 if it is not specified.
    #[doc(hidden)]
    pub status: Option<u16>,
    /// The reason phrase on HTTP/1.1, if it is not the standard one.
    #[doc(hidden)]
    pub reason: Option<String>,
    /// Names and values of the headers, in order. Several values repeat the header.
    #[doc(hidden)]
    pub headers: Vec<(String, Vec<String>)>,
    /// The body.
    #[doc(hidden)]
    pub body: Option<Body>,
    /// How long to wait before answering.
    #[doc(hidden)]
    pub delay: Option<Delay>,
    /// How the answer is sent, if it is not sent as a whole and at once.
    #[doc(hidden)]
    pub delivery: Option<Delivery>,
    /// Whether `{{ }}` is a template. The default is true in files and in batches, and false elsewhere.
    #[doc(hidden)]
    pub template: Option<bool>,
}

impl Response {
    /// Returns whether `{{ }}` in its strings is a template.
    #[doc(hidden)]
    pub fn has_templates(&self) -> bool {
        self.template == Some(true)
    }

    /// Returns whether it has no body, or a body that is always empty.
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

/// A body, by the format in which it is written in the stub.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Body {
    /// JSON.
    Json(Json),
    /// XML text.
    Xml(String),
    /// Plain text.
    Text(String),
    /// A file of the scenario's folder.
    File(FileBody),
    /// Bytes.
    Base64(Bytes),
    /// A document, which is sent as JSON or XML, as the client accepts it.
    Document(Json),
}

/// A body from a file, which is read when the scenario is loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct FileBody {
    /// The path in the stub, relative to the scenario. It may be a template.
    pub path: String,
    /// Path and contents of the file. If the path is a template, of every file that it could name, sorted by path.
    pub files: Vec<(String, Bytes)>,
}

/// Hashes the path alone: files may be large, and a stub keeps its identity if the contents change.
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
    /// The member of the document that receives the results.
    #[doc(hidden)]
    pub results: String,
    /// The cases. The first one that matches an item has its result. The last one matches every item.
    #[doc(hidden)]
    pub cases: Vec<BatchCase>,
    /// Merged into the document if an item failed.
    #[doc(hidden)]
    pub some_failed: Option<Merge>,
    /// Merged instead of `some_failed` if all items failed.
    #[doc(hidden)]
    pub all_failed: Option<Merge>,
    /// Merged if no item failed.
    #[doc(hidden)]
    pub none_failed: Option<Merge>,
}

/// One case of a batch: the result of the items that it applies to. [`case`](crate::case) makes one.
#[derive(Debug, Clone, PartialEq, Hash)]
#[non_exhaustive]
pub struct BatchCase {
    /// A condition on the item; `None` matches every item.
    #[doc(hidden)]
    pub item: Option<Matcher>,
    /// Whether the item failed.
    #[doc(hidden)]
    pub failed: bool,
    /// The result of the item.
    #[doc(hidden)]
    pub result: Json,
}

/// Changes that are merged into the frame of a batch.
#[derive(Debug, Clone, PartialEq, Default, Hash)]
pub struct Merge {
    /// The status, which replaces that of the frame.
    pub status: Option<u16>,
    /// The members to set in the document.
    pub members: Vec<(String, Json)>,
}
