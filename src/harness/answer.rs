//! Answers, built in the words of a scenario file: `status(503).header("Retry-After", "1")`.
//!
//! Braces are braces, other than in a file, since code has better means to make text; [`Response::template`] makes templates
//! of them, and a [`batch`] has them from the start, as each result is made of its item.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use serde_core::Serialize;

use crate::model::{
    Batch, BatchCase, Body, Delay, Delivery, Dribble, FileBody, Json, JsonPathText, Matcher, Merge, RegexText,
    Response, WireFault,
};

use super::matchers::json_of;

/// A response with a status.
///
/// ```
/// use cannery::status;
/// use serde_json::json;
///
/// status(201).header("Location", "/orders/7").json(json!({ "id": 7 }));
/// ```
pub fn status(status: u16) -> Response {
    Response { status: Some(status), ..Response::default() }
}

/// The fields of a response as functions.
impl Response {
    /// The reason phrase on HTTP/1.1, where it must be another than the standard one.
    #[must_use]
    pub fn reason(mut self, phrase: impl Into<String>) -> Response {
        self.reason = Some(phrase.into());
        self
    }

    /// A header; named again it is repeated.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Response {
        let (name, value) = (name.into(), value.into());
        match self.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => values.push(value),
            None => self.headers.push((name, vec![value])),
        }
        self
    }

    /// A body of JSON.
    ///
    /// # Panics
    /// Where the value cannot be written as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(self, value: impl Serialize) -> Response {
        self.with(Body::Json(json_of(&value)))
    }

    /// A body of XML.
    #[must_use]
    pub fn xml(self, text: impl Into<String>) -> Response {
        self.with(Body::Xml(text.into()))
    }

    /// A body of plain text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Response {
        self.with(Body::Text(text.into()))
    }

    /// A body of bytes, without a Content-Type: a file's `base64`.
    #[must_use]
    pub fn body(self, bytes: impl Into<Bytes>) -> Response {
        self.with(Body::Base64(bytes.into()))
    }

    /// A body that is written as the client asks for it, as JSON or as XML.
    ///
    /// # Panics
    /// Where the value cannot be written as JSON.
    #[must_use]
    #[track_caller]
    pub fn document(self, value: impl Serialize) -> Response {
        self.with(Body::Document(json_of(&value)))
    }

    /// A body out of a file, whose ending gives the Content-Type. It is read now; a relative path is one below the
    /// current folder, which under `cargo test` is that of the package.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    #[track_caller]
    pub fn file(self, path: impl AsRef<Path>) -> Response {
        let shown = path.as_ref().display().to_string();
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("cannot read {shown}: {error}"));
        self.with(Body::File(FileBody { path: shown.clone(), files: vec![(shown, bytes.into())] }))
    }

    /// How long to wait before answering: a time, or a [`Delay`] drawn by chance.
    #[must_use]
    pub fn delay(mut self, delay: impl Into<Delay>) -> Response {
        self.delay = Some(delay.into());
        self
    }

    /// The body goes out in so many pieces over a time.
    #[must_use]
    pub fn dribble(mut self, chunks: u32, over: Duration) -> Response {
        self.delivery = Some(Delivery::Dribble(Dribble { chunks, over }));
        self
    }

    /// What goes wrong on the wire instead of an answer.
    #[must_use]
    pub fn fault(mut self, fault: WireFault) -> Response {
        self.delivery = Some(Delivery::Fault(fault));
        self
    }

    /// Whether `{{ }}` in its strings are templates; without this they are in a [`batch`] and its frame, and nowhere else.
    ///
    /// ```
    /// use cannery::status;
    ///
    /// status(200).text("{{request.path}} is not here").template(true);
    /// ```
    #[must_use]
    pub fn template(mut self, template: bool) -> Response {
        self.template = Some(template);
        self
    }

    fn with(mut self, body: Body) -> Response {
        self.body = Some(body);
        self
    }
}

impl From<Duration> for Delay {
    fn from(delay: Duration) -> Delay {
        Delay::Fixed(delay)
    }
}

/// One result an item: the items that a JSONPath selects in the request's document, and the member under which the
/// results go. At least one [`case`] must follow, the last without a condition.
///
/// ```
/// use cannery::{batch, case, given, matches};
/// use serde_json::json;
///
/// given::post("/tracks").batch(
///     batch("$.TrackIds", "Results")
///         .case(case(json!({ "InputId": "{{item}}" })).item(matches("^music[.]")))
///         .case(case(json!({ "InputId": "{{item}}", "Error": "unknown" })).failed())
///         .some_failed(json!({ "Error": "some failed" })),
/// );
/// ```
pub fn batch(items: impl Into<String>, results: impl Into<String>) -> Batch {
    Batch {
        items: JsonPathText::from(items.into()),
        captures: None,
        results: results.into(),
        cases: Vec::new(),
        some_failed: None,
        all_failed: None,
        none_failed: None,
    }
}

/// One fate of an item: what stands in the results for it.
///
/// # Panics
/// Where the value cannot be written as JSON.
#[track_caller]
pub fn case(result: impl Serialize) -> BatchCase {
    BatchCase { item: None, failed: false, result: json_of(&result) }
}

impl BatchCase {
    /// Which items it is for.
    #[must_use]
    pub fn item(mut self, matcher: impl Into<Matcher>) -> BatchCase {
        self.item = Some(matcher.into());
        self
    }

    /// Its items failed.
    #[must_use]
    pub fn failed(mut self) -> BatchCase {
        self.failed = true;
        self
    }
}

/// The fields of a batch as functions.
impl Batch {
    /// A regular expression whose named groups are names in the templates.
    #[must_use]
    pub fn captures(mut self, pattern: impl Into<String>) -> Batch {
        self.captures = Some(RegexText::from(pattern.into()));
        self
    }

    /// One more case; the first whose item matches gives the result.
    #[must_use]
    pub fn case(mut self, case: BatchCase) -> Batch {
        self.cases.push(case);
        self
    }

    /// Members of the answer's document when any item failed; a member `status` is its status.
    ///
    /// # Panics
    /// Where the value is no object.
    #[must_use]
    #[track_caller]
    pub fn some_failed(mut self, members: impl Serialize) -> Batch {
        self.some_failed = Some(merge(json_of(&members)));
        self
    }

    /// Instead of `some_failed` when all did.
    ///
    /// # Panics
    /// Where the value is no object.
    #[must_use]
    #[track_caller]
    pub fn all_failed(mut self, members: impl Serialize) -> Batch {
        self.all_failed = Some(merge(json_of(&members)));
        self
    }

    /// When none did.
    ///
    /// # Panics
    /// Where the value is no object.
    #[must_use]
    #[track_caller]
    pub fn none_failed(mut self, members: impl Serialize) -> Batch {
        self.none_failed = Some(merge(json_of(&members)));
        self
    }
}

#[track_caller]
fn merge(json: Json) -> Merge {
    let Json::Object(mut members) = json else { panic!("members are an object, not {json}") };
    let place = members.iter().position(|(name, _)| name == "status");
    let status = place.map(|place| members.remove(place).1).map(|status| {
        let number = status.to_string().parse();
        number.unwrap_or_else(|_| panic!("`status` is a number from 200 to 999, not {status}"))
    });
    Merge { status, members }
}
