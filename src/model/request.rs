//! The request pattern of a stub. All of its conditions must hold.

use super::{BodyCondition, Matcher};

/// A request pattern. A field that is `None` or empty matches every request.
#[derive(Debug, Clone, PartialEq, Default, Hash)]
pub struct RequestPattern {
    /// One of these methods.
    pub method: Option<Vec<String>>,
    /// The path.
    pub path: Option<PathPattern>,
    /// Values of the placeholders of a path template, by name.
    pub path_params: Vec<(String, Matcher)>,
    /// Query parameters by name.
    pub query: Vec<(String, Matcher)>,
    /// Headers by name, which ignores case.
    pub headers: Vec<(String, Matcher)>,
    /// Cookies by name.
    pub cookies: Vec<(String, Matcher)>,
    /// Fields of a form by name.
    pub form: Vec<(String, Matcher)>,
    /// User and password of basic authentication.
    pub basic_auth: Option<BasicAuth>,
    /// The host without its port.
    pub host: Option<Matcher>,
    /// `http` or `https`.
    pub scheme: Option<Matcher>,
    /// The address that the request came from.
    pub client_ip: Option<Matcher>,
    /// Parts of a multipart body by name.
    pub multipart: Vec<(String, PartPattern)>,
    /// The body as text.
    pub body: Option<Matcher>,
    /// Conditions on the body as JSON, XML or document.
    pub holds: Vec<BodyCondition>,
    /// If true, the body must not have the format of its Content-Type; if false, it must.
    pub malformed: Option<bool>,
}

/// How a path is matched.
#[derive(Debug, Clone, PartialEq, Hash)]
#[non_exhaustive]
pub enum PathPattern {
    /// A template such as `/orders/{id}`.
    Template {
        /// The text of the template.
        template: String,
        /// Whether its fixed parts ignore case.
        ignore_case: bool,
    },
    /// A matcher on the path as it was sent.
    Matcher(Matcher),
}

/// Basic authentication (RFC 7617).
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct BasicAuth {
    /// The user's name.
    pub username: Matcher,
    /// The password.
    pub password: Matcher,
}

/// The conditions on one part of a multipart body (RFC 7578).
#[derive(Debug, Clone, PartialEq, Default, Hash)]
#[non_exhaustive]
pub struct PartPattern {
    /// The name of the file in the part.
    #[doc(hidden)]
    pub filename: Option<Matcher>,
    /// Headers of the part by name, which ignores case.
    #[doc(hidden)]
    pub headers: Vec<(String, Matcher)>,
    /// The part's content as text.
    #[doc(hidden)]
    pub body: Option<Matcher>,
    /// Conditions on the part's content as JSON or XML.
    #[doc(hidden)]
    pub holds: Vec<BodyCondition>,
}
