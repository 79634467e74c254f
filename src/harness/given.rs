//! Builds request patterns in the words of a scenario file: `given::post("/orders").header("Accept", ...)`.
//!
//! A pattern is the first part of a stub ([`MockServer::stub`](crate::MockServer::stub)), or a question about the requests that
//! came ([`MockServer::verify`](crate::MockServer::verify)). Every condition must hold.

use std::panic::Location;
use std::sync::Arc;

use serde_core::Serialize;

use crate::matching::Predicate;
use crate::message::Request;
use crate::model::{
    BasicAuth, BodyCondition, JsonPathText, Matcher, PartPattern, PathPattern, Representation, RequestPattern, Schema,
    XPathText,
};

use super::ReceivedRequest;
use super::matchers::to_json;

/// A request pattern. [`Given::respond`] and the other functions that add an answer make it a stub.
#[derive(Debug, Clone)]
#[must_use = "a pattern does nothing until it is given to a server"]
pub struct Given {
    pub(super) pattern: RequestPattern,
    pub(super) closures: Vec<Predicate>,
    pub(super) representation: Arc<Representation>,
}

/// A GET request to a path. It does not match HEAD.
///
/// ```
/// use cannery::{MockServer, given, status};
///
/// let server = MockServer::start();
/// server.stub(given::get("/orders/{id}").respond(status(200).text("an order")));
/// ```
pub fn get(path: impl Into<PathPattern>) -> Given {
    method("GET", path)
}

/// A POST request to a path.
pub fn post(path: impl Into<PathPattern>) -> Given {
    method("POST", path)
}

/// A PUT request to a path.
pub fn put(path: impl Into<PathPattern>) -> Given {
    method("PUT", path)
}

/// A PATCH request to a path.
pub fn patch(path: impl Into<PathPattern>) -> Given {
    method("PATCH", path)
}

/// A DELETE request to a path.
pub fn delete(path: impl Into<PathPattern>) -> Given {
    method("DELETE", path)
}

/// A HEAD request to a path.
pub fn head(path: impl Into<PathPattern>) -> Given {
    method("HEAD", path)
}

/// An OPTIONS request to a path.
pub fn options(path: impl Into<PathPattern>) -> Given {
    method("OPTIONS", path)
}

/// A request to a path with this method.
pub fn method(method: impl Into<String>, path: impl Into<PathPattern>) -> Given {
    let mut given = any(path);
    given.pattern.method = Some(vec![method.into()]);
    given
}

/// A request to a path with any method.
pub fn any(path: impl Into<PathPattern>) -> Given {
    let mut given = anything();
    given.pattern.path = Some(path.into());
    given
}

/// Any request.
pub fn anything() -> Given {
    Given { pattern: RequestPattern::default(), closures: Vec::new(), representation: Representation::plain() }
}

/// A path template whose fixed segments match in any case.
///
/// ```
/// use cannery::given;
///
/// given::post(given::path_in_any_case("/1/content/{namespace}/collection/add"));
/// ```
pub fn path_in_any_case(template: impl Into<String>) -> PathPattern {
    PathPattern::Template { template: template.into(), ignore_case: true }
}

impl From<Matcher> for PathPattern {
    /// A matcher on the path as it was sent.
    fn from(matcher: Matcher) -> PathPattern {
        PathPattern::Matcher(matcher)
    }
}

/// Conditions on the request line and the headers.
impl Given {
    /// Also matches another method: a list of methods in a file.
    pub fn or_method(mut self, method: impl Into<String>) -> Given {
        self.pattern.method.get_or_insert_default().push(method.into());
        self
    }

    /// The value of a placeholder of the path.
    pub fn path_param(mut self, name: impl Into<String>, matcher: impl Into<Matcher>) -> Given {
        self.pattern.path_params.push((name.into(), matcher.into()));
        self
    }

    /// The values of a query parameter.
    pub fn query(mut self, name: impl Into<String>, matcher: impl Into<Matcher>) -> Given {
        self.pattern.query.push((name.into(), matcher.into()));
        self
    }

    /// The values of a header, its name in any case.
    pub fn header(mut self, name: impl Into<String>, matcher: impl Into<Matcher>) -> Given {
        self.pattern.headers.push((name.into(), matcher.into()));
        self
    }

    /// The values of a cookie.
    pub fn cookie(mut self, name: impl Into<String>, matcher: impl Into<Matcher>) -> Given {
        self.pattern.cookies.push((name.into(), matcher.into()));
        self
    }

    /// User and password of basic authentication (RFC 7617).
    pub fn basic_auth(mut self, username: impl Into<Matcher>, password: impl Into<Matcher>) -> Given {
        self.pattern.basic_auth = Some(BasicAuth { username: username.into(), password: password.into() });
        self
    }

    /// The host without its port.
    pub fn host(mut self, matcher: impl Into<Matcher>) -> Given {
        self.pattern.host = Some(matcher.into());
        self
    }

    /// `http` or `https`.
    pub fn scheme(mut self, matcher: impl Into<Matcher>) -> Given {
        self.pattern.scheme = Some(matcher.into());
        self
    }

    /// The address that the request comes from.
    pub fn client_ip(mut self, matcher: impl Into<Matcher>) -> Given {
        self.pattern.client_ip = Some(matcher.into());
        self
    }
}

/// Conditions on the body.
impl Given {
    /// The body as text.
    pub fn body(mut self, matcher: impl Into<Matcher>) -> Given {
        self.pattern.body = Some(matcher.into());
        self
    }

    /// The body equals this JSON.
    #[track_caller]
    pub fn json(self, value: impl Serialize) -> Given {
        self.with_condition(BodyCondition::Json(to_json(&value)))
    }

    /// The body contains this JSON: objects may have more members, and an array contains another as a subsequence.
    #[track_caller]
    pub fn json_includes(self, value: impl Serialize) -> Given {
        self.with_condition(BodyCondition::JsonIncludes(to_json(&value)))
    }

    /// What a JSONPath (RFC 9535) selects in the body satisfies a matcher.
    pub fn json_path(self, path: impl Into<String>, matcher: impl Into<Matcher>) -> Given {
        self.with_condition(BodyCondition::JsonPath(JsonPathText::from(path.into()), matcher.into()))
    }

    /// The body is valid by a JSON Schema. Needs the feature `json-schema`.
    #[track_caller]
    pub fn json_schema(self, schema: impl Serialize) -> Given {
        self.with_condition(BodyCondition::JsonSchema(Schema { file: None, schema: to_json(&schema) }))
    }

    /// The body equals this XML. Prefixes, attribute order and white space between elements do not count.
    pub fn xml(self, text: impl Into<String>) -> Given {
        self.with_condition(BodyCondition::Xml(text.into()))
    }

    /// What an XPath 1.0 selects in the body satisfies a matcher. Needs the feature `xpath`.
    pub fn xpath(self, path: impl Into<String>, matcher: impl Into<Matcher>) -> Given {
        self.with_condition(BodyCondition::XPath(XPathText::from(path.into()), matcher.into(), Vec::new()))
    }

    /// Like [`Given::xpath`], with prefixes and their namespaces: `xml_namespaces` in a file.
    pub fn xpath_with<P: Into<String>, N: Into<String>>(
        self,
        path: impl Into<String>,
        matcher: impl Into<Matcher>,
        namespaces: impl IntoIterator<Item = (P, N)>,
    ) -> Given {
        let namespaces = namespaces.into_iter().map(|(prefix, name)| (prefix.into(), name.into()));
        self.with_condition(BodyCondition::XPath(XPathText::from(path.into()), matcher.into(), namespaces.collect()))
    }

    /// What a JSONPath selects in the document satisfies a matcher. The body may be JSON or XML.
    pub fn document(self, path: impl Into<String>, matcher: impl Into<Matcher>) -> Given {
        self.with_condition(BodyCondition::Document(JsonPathText::from(path.into()), matcher.into()))
    }

    /// The values of a field of a form.
    pub fn form(mut self, name: impl Into<String>, matcher: impl Into<Matcher>) -> Given {
        self.pattern.form.push((name.into(), matcher.into()));
        self
    }

    /// A part of a multipart body, by its name.
    ///
    /// ```
    /// use cannery::{PartPattern, given};
    ///
    /// given::post("/upload").multipart("file", PartPattern::default().filename("letter.txt"));
    /// ```
    pub fn multipart(mut self, name: impl Into<String>, part: PartPattern) -> Given {
        self.pattern.multipart.push((name.into(), part));
        self
    }

    /// Whether the body must be malformed for its Content-Type.
    pub fn malformed(mut self, malformed: bool) -> Given {
        self.pattern.malformed = Some(malformed);
        self
    }

    fn with_condition(mut self, condition: BodyCondition) -> Given {
        self.pattern.holds.push(condition);
        self
    }
}

/// Closures, and how documents are read.
impl Given {
    /// Also requires that a closure accepts the request. It is called only if every other condition holds, and again for an
    /// explanation.
    #[track_caller]
    pub fn matching(mut self, takes: impl Fn(&ReceivedRequest) -> bool + Send + Sync + 'static) -> Given {
        let closure = move |request: &Request| takes(&ReceivedRequest::unanswered(request));
        self.closures.push(Predicate::new(Location::caller().to_string(), closure));
        self
    }

    /// Sets how documents are negotiated, read and written: `[representation]` in a file.
    ///
    /// ```
    /// use cannery::{Representation, XmlForm, given, status};
    /// use serde_json::json;
    ///
    /// given::get("/orders/7")
    ///     .representation(Representation::default().parameter("format").xml(XmlForm::new("Order")))
    ///     .respond(status(200).document(json!({ "Id": 7 })));
    /// ```
    pub fn representation(mut self, representation: Representation) -> Given {
        self.representation = Arc::new(representation);
        self
    }
}

/// Functions that set the conditions of a part. The default part has none.
impl PartPattern {
    /// The name of the file in the part.
    #[must_use]
    pub fn filename(mut self, matcher: impl Into<Matcher>) -> PartPattern {
        self.filename = Some(matcher.into());
        self
    }

    /// The values of a header of the part, its name in any case.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, matcher: impl Into<Matcher>) -> PartPattern {
        self.headers.push((name.into(), matcher.into()));
        self
    }

    /// The part's content as text. For content that is JSON or XML, [`matchers`](crate::matchers) has `json`, `xml` and the rest.
    #[must_use]
    pub fn body(mut self, matcher: impl Into<Matcher>) -> PartPattern {
        self.body = Some(matcher.into());
        self
    }
}
