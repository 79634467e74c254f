//! The parts of a request that templates can name.

/// A part of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Method,
    Url,
    Path,
    PathSegments,
    PathParams,
    Query,
    QueryAll,
    Headers,
    HeadersAll,
    Cookies,
    Body,
    Json,
    Xml,
    Document,
    Form,
    FormAll,
    Host,
    Scheme,
    ClientIp,
}

impl Part {
    /// All of them with their names below `request`.
    pub(super) const NAMES: [(&'static str, Part); 19] = [
        ("method", Part::Method),
        ("url", Part::Url),
        ("path", Part::Path),
        ("path_segments", Part::PathSegments),
        ("path_params", Part::PathParams),
        ("query", Part::Query),
        ("query_all", Part::QueryAll),
        ("headers", Part::Headers),
        ("headers_all", Part::HeadersAll),
        ("cookies", Part::Cookies),
        ("body", Part::Body),
        ("json", Part::Json),
        ("xml", Part::Xml),
        ("document", Part::Document),
        ("form", Part::Form),
        ("form_all", Part::FormAll),
        ("host", Part::Host),
        ("scheme", Part::Scheme),
        ("client_ip", Part::ClientIp),
    ];

    pub(super) fn by_name(name: &str) -> Option<Part> {
        Part::NAMES.iter().find(|(known, _)| *known == name).map(|(_, part)| *part)
    }
}
