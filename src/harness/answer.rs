//! Builds answers in the words of a scenario file: `status(503).header("Retry-After", "1")`.
//!
//! Unlike in a file, `{{ }}` is plain text, because code has better means to make text. [`Response::template`] switches
//! templates on. A [`batch`] always has them, because each result is made from its item.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use serde_core::Serialize;

use crate::model::{
    Batch, BatchCase, Body, Delay, Delivery, Dribble, FileBody, Json, JsonPathText, Matcher, Merge, RegexText,
    Response, WireFault,
};

use super::matchers::to_json;

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

/// Functions that set the fields of a response.
impl Response {
    /// Sets the reason phrase on HTTP/1.1, instead of the standard one.
    #[must_use]
    pub fn reason(mut self, phrase: impl Into<String>) -> Response {
        self.reason = Some(phrase.into());
        self
    }

    /// Adds a header. A further call with the same name adds a value.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Response {
        let (name, value) = (name.into(), value.into());
        match self.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => values.push(value),
            None => self.headers.push((name, vec![value])),
        }
        self
    }

    /// Sets a body of JSON.
    ///
    /// # Panics
    /// Panics if the value cannot be serialised as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(self, value: impl Serialize) -> Response {
        self.with_body(Body::Json(to_json(&value)))
    }

    /// Sets a body of XML.
    #[must_use]
    pub fn xml(self, text: impl Into<String>) -> Response {
        self.with_body(Body::Xml(text.into()))
    }

    /// Sets a body of plain text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Response {
        self.with_body(Body::Text(text.into()))
    }

    /// Sets a body of bytes, without a Content-Type: `base64` in a file.
    #[must_use]
    pub fn body(self, bytes: impl Into<Bytes>) -> Response {
        self.with_body(Body::Base64(bytes.into()))
    }

    /// Sets a body that is sent as JSON or as XML, as the client prefers.
    ///
    /// # Panics
    /// Panics if the value cannot be serialised as JSON.
    #[must_use]
    #[track_caller]
    pub fn document(self, value: impl Serialize) -> Response {
        self.with_body(Body::Document(to_json(&value)))
    }

    /// Sets a body from a file, whose extension gives the Content-Type. The file is read now. A relative path starts at the
    /// current folder, which is the folder of the package in `cargo test`.
    ///
    /// # Panics
    /// Panics if the file cannot be read.
    #[must_use]
    #[track_caller]
    pub fn file(self, path: impl AsRef<Path>) -> Response {
        let shown = path.as_ref().display().to_string();
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("cannot read {shown}: {error}"));
        self.with_body(Body::File(FileBody { path: shown.clone(), files: vec![(shown, bytes.into())] }))
    }

    /// Sets how long to wait before answering: a time, or a random [`Delay`].
    #[must_use]
    pub fn delay(mut self, delay: impl Into<Delay>) -> Response {
        self.delay = Some(delay.into());
        self
    }

    /// Sends the body in `chunks` pieces over a time.
    #[must_use]
    pub fn dribble(mut self, chunks: u32, over: Duration) -> Response {
        self.delivery = Some(Delivery::Dribble(Dribble { chunks, over }));
        self
    }

    /// Sets the fault on the wire that replaces the answer.
    #[must_use]
    pub fn fault(mut self, fault: WireFault) -> Response {
        self.delivery = Some(Delivery::Fault(fault));
        self
    }

    /// Sets whether `{{ }}` in the strings are templates. By default, only those of a [`batch`] and its frame are.
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

    fn with_body(mut self, body: Body) -> Response {
        self.body = Some(body);
        self
    }
}

impl From<Duration> for Delay {
    fn from(delay: Duration) -> Delay {
        Delay::Fixed(delay)
    }
}

/// An answer with one result for each item of the request. `items` is the JSONPath that selects the items in the request's
/// document, and `results` is the member for the results. Add at least one [`case`]; the last must have no condition.
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

/// One case of a batch: the result of the items that it applies to.
///
/// # Panics
/// Panics if the value cannot be serialised as JSON.
#[track_caller]
pub fn case(result: impl Serialize) -> BatchCase {
    BatchCase { item: None, failed: false, result: to_json(&result) }
}

impl BatchCase {
    /// Limits the case to items that satisfy a matcher.
    #[must_use]
    pub fn item(mut self, matcher: impl Into<Matcher>) -> BatchCase {
        self.item = Some(matcher.into());
        self
    }

    /// Marks the items of the case as failed.
    #[must_use]
    pub fn failed(mut self) -> BatchCase {
        self.failed = true;
        self
    }
}

/// Functions that set the fields of a batch.
impl Batch {
    /// Sets a regular expression whose named groups are names in the templates.
    #[must_use]
    pub fn captures(mut self, pattern: impl Into<String>) -> Batch {
        self.captures = Some(RegexText::from(pattern.into()));
        self
    }

    /// Adds a case. The first case whose item matches gives the result.
    #[must_use]
    pub fn case(mut self, case: BatchCase) -> Batch {
        self.cases.push(case);
        self
    }

    /// Sets members of the answer's document for when any item failed. A member `status` is the status of the answer.
    ///
    /// # Panics
    /// Panics if the value is not an object.
    #[must_use]
    #[track_caller]
    pub fn some_failed(mut self, members: impl Serialize) -> Batch {
        self.some_failed = Some(merge(to_json(&members)));
        self
    }

    /// Sets members of the answer's document for when all items failed, instead of `some_failed`.
    ///
    /// # Panics
    /// Panics if the value is not an object.
    #[must_use]
    #[track_caller]
    pub fn all_failed(mut self, members: impl Serialize) -> Batch {
        self.all_failed = Some(merge(to_json(&members)));
        self
    }

    /// Sets members of the answer's document for when no item failed.
    ///
    /// # Panics
    /// Panics if the value is not an object.
    #[must_use]
    #[track_caller]
    pub fn none_failed(mut self, members: impl Serialize) -> Batch {
        self.none_failed = Some(merge(to_json(&members)));
        self
    }
}

#[track_caller]
fn merge(json: Json) -> Merge {
    let Json::Object(mut members) = json else { panic!("members must be an object, found {json}") };
    let place = members.iter().position(|(name, _)| name == "status");
    let status = place.map(|place| members.remove(place).1).map(|status| {
        let number = status.to_string().parse();
        number.unwrap_or_else(|_| panic!("`status` must be a number from 200 to 999, found {status}"))
    });
    Merge { status, members }
}
