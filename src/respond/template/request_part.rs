//! The parts of a request that templates can name.

/// A part of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestPart {
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

impl RequestPart {
    /// All of them with their names below `request`.
    pub(super) const NAMES: [(&'static str, RequestPart); 19] = [
        ("method", RequestPart::Method),
        ("url", RequestPart::Url),
        ("path", RequestPart::Path),
        ("path_segments", RequestPart::PathSegments),
        ("path_params", RequestPart::PathParams),
        ("query", RequestPart::Query),
        ("query_all", RequestPart::QueryAll),
        ("headers", RequestPart::Headers),
        ("headers_all", RequestPart::HeadersAll),
        ("cookies", RequestPart::Cookies),
        ("body", RequestPart::Body),
        ("json", RequestPart::Json),
        ("xml", RequestPart::Xml),
        ("document", RequestPart::Document),
        ("form", RequestPart::Form),
        ("form_all", RequestPart::FormAll),
        ("host", RequestPart::Host),
        ("scheme", RequestPart::Scheme),
        ("client_ip", RequestPart::ClientIp),
    ];

    pub(super) fn by_name(name: &str) -> Option<RequestPart> {
        RequestPart::NAMES.iter().find(|(known, _)| *known == name).map(|(_, part)| *part)
    }
}
