//! Chooses the representation in which a document is written.
//!
//! The first of these that names an available format decides: the query parameter that the scenario
//! names, `Accept`, the format of the request's own body. The default is JSON.

use std::borrow::Cow;
use std::sync::Arc;

use crate::message::{Accepted, MediaType, Request, accepted, is_token_byte};
use crate::model::Representation;

/// A format in which a document can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentFormat {
    /// RFC 8259.
    Json,
    /// XML in the form that `[representation.xml]` defines.
    Xml,
}

impl DocumentFormat {
    /// Returns the Content-Type if the client did not name a more specific one.
    fn media_type(self) -> &'static str {
        match self {
            DocumentFormat::Json => "application/json",
            DocumentFormat::Xml => "application/xml",
        }
    }

    /// Returns the format of a media type.
    ///
    /// XHTML ends in `+xml`, but a browser that accepts it expects a page and not data.
    fn from_media_type(media: &MediaType) -> Option<DocumentFormat> {
        let family = media.essence.split_once('/').map(|(family, _)| family);
        if !matches!(family, Some("application" | "text")) || media.essence.ends_with("/xhtml+xml") {
            return None;
        }
        match (media.is_json(), media.is_xml()) {
            (true, _) => Some(DocumentFormat::Json),
            (_, true) => Some(DocumentFormat::Xml),
            _ => None,
        }
    }

    /// Returns the format with the type that the client named, if that type is valid in a response.
    fn called(self, media: &MediaType) -> NegotiatedFormat {
        let is_sendable = |byte: u8| byte == b'/' || is_token_byte(byte);
        if media.essence == self.media_type() || !media.essence.bytes().all(is_sendable) {
            return self.into();
        }
        NegotiatedFormat { form: self, media_type: media.essence.clone() }
    }
}

/// A format and the Content-Type to send with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NegotiatedFormat {
    /// The format of the document.
    pub(super) form: DocumentFormat,
    /// Its Content-Type.
    pub(super) media_type: Cow<'static, str>,
}

impl From<DocumentFormat> for NegotiatedFormat {
    fn from(form: DocumentFormat) -> NegotiatedFormat {
        NegotiatedFormat { form, media_type: Cow::Borrowed(form.media_type()) }
    }
}

/// Chooses the representation for a request.
pub(super) fn choose(request: &Request, representation: &Arc<Representation>) -> NegotiatedFormat {
    let available = |form: &DocumentFormat| *form == DocumentFormat::Json || representation.xml.is_some();
    if let Some(form) = by_parameter(request, representation).filter(available) {
        return form.into();
    }
    let values: Vec<_> = request.headers("Accept").collect();
    if let Some(choice) = alone(&values).filter(|choice| available(&choice.form)) {
        return choice;
    }
    let wishes = Wishes::read(accepted(values.iter().map(AsRef::as_ref)));
    if let Some(choice) = wishes.best(available) {
        return choice;
    }
    let acceptable = |form: &DocumentFormat| available(form) && !wishes.excludes(*form);
    let last_resorts = by_body(request, representation).into_iter().chain([DocumentFormat::Json, DocumentFormat::Xml]);
    last_resorts.into_iter().find(acceptable).unwrap_or(DocumentFormat::Json).into()
}

fn by_parameter(request: &Request, representation: &Representation) -> Option<DocumentFormat> {
    let parameter = representation.parameter.as_deref()?;
    let (_, value) = request.query().iter().find(|(name, _)| name == parameter)?;
    match value.to_ascii_lowercase().as_str() {
        "json" => Some(DocumentFormat::Json),
        "xml" => Some(DocumentFormat::Xml),
        other => DocumentFormat::from_media_type(&MediaType::parse(other)?),
    }
}

/// Returns the format of the only type that Accept names. Most clients of an API name one type.
fn alone(values: &[Cow<'_, str>]) -> Option<NegotiatedFormat> {
    let [value] = values else { return None };
    if value.bytes().any(|byte| matches!(byte, b',' | b';' | b'*')) {
        return None;
    }
    let media = MediaType::parse(value)?;
    DocumentFormat::from_media_type(&media).map(|form| form.called(&media))
}

/// Returns the format of the request's own body. If the body has no type, parsing decides.
fn by_body(request: &Request, representation: &Arc<Representation>) -> Option<DocumentFormat> {
    match request.content_type() {
        Some(media) => DocumentFormat::from_media_type(media),
        None => {
            let document = request.document(representation).ok().flatten()?;
            Some(if document.untyped { DocumentFormat::Xml } else { DocumentFormat::Json })
        }
    }
}

/// The weights that an Accept header gives the two formats.
struct Wishes {
    ranges: Vec<Accepted>,
}

impl Wishes {
    fn read(ranges: Vec<Accepted>) -> Wishes {
        Wishes { ranges }
    }

    /// Returns the best format that it names, or that a wildcard beside a named one allows.
    ///
    /// Wildcards alone do not count, because every HTTP library sends `*/*` by default.
    fn best(&self, available: impl Fn(&DocumentFormat) -> bool) -> Option<NegotiatedFormat> {
        self.ranges.iter().find(|range| named(range).is_some())?;
        let candidates = [DocumentFormat::Json, DocumentFormat::Xml].into_iter().filter(available);
        let weighed = candidates.map(|form| (self.weigh(form), form)).filter(|(wish, _)| wish.quality > 0);
        let (wish, form) =
            weighed.max_by_key(|(wish, _)| (wish.quality, wish.place.is_some(), wish.place.map(std::cmp::Reverse)))?;
        Some(wish.place.map_or_else(|| form.into(), |place| form.called(&self.ranges[place].range)))
    }

    /// Whether a format is named with weight 0, which refuses it.
    fn excludes(&self, form: DocumentFormat) -> bool {
        let mut named = self.ranges.iter().filter(|range| named(range) == Some(form)).peekable();
        named.peek().is_some() && named.all(|range| range.quality == 0)
    }

    fn weigh(&self, form: DocumentFormat) -> Wish {
        let mut best: Option<Wish> = None;
        for (place, range) in self.ranges.iter().enumerate().filter(|(_, range)| named(range) == Some(form)) {
            if best.as_ref().is_none_or(|best| range.quality > best.quality) {
                best = Some(Wish { quality: range.quality, place: Some(place) });
            }
        }
        best.unwrap_or_else(|| Wish { quality: self.wildcard(), place: None })
    }

    /// Returns the weight of a format that only a wildcard names: the more specific wildcard takes precedence (RFC 9110 §12.5.1).
    fn wildcard(&self) -> u16 {
        let weight = |essence: &str| self.ranges.iter().find(|r| r.range.essence == essence).map(|r| r.quality);
        weight("application/*").or_else(|| weight("*/*")).unwrap_or(0)
    }
}

/// The weight of a format, and the media range that named it.
struct Wish {
    quality: u16,
    place: Option<usize>,
}

fn named(range: &Accepted) -> Option<DocumentFormat> {
    if range.is_concrete() {
        DocumentFormat::from_media_type(&range.range)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::proptest;

    use super::*;
    use crate::message::Head;
    use crate::model::{Timestamp, XmlForm};

    fn chosen(target: &str, headers: &[(&str, &str)], body: &'static str, xml: bool) -> String {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        let head = Head::compose("POST", target, headers);
        let request = Request::new(head, Bytes::from_static(body.as_bytes()), None, Timestamp::UNIX_EPOCH);
        let xml = xml.then(XmlForm::default);
        let representation = Arc::new(Representation { parameter: Some("contentType".to_owned()), xml });
        choose(&request, &representation).media_type.into_owned()
    }

    fn accepting(accept: &str) -> String {
        chosen("/", &[("Accept", accept)], "", true)
    }

    #[test]
    fn the_query_parameter_takes_precedence() {
        let headers = [("Accept", "application/json"), ("Content-Type", "application/json")];

        assert_eq!(chosen("/?contentType=XML", &headers, "{}", true), "application/xml");
        assert_eq!(chosen("/?contentType=text/xml", &headers, "{}", true), "application/xml");
        assert_eq!(chosen("/?contentType=csv", &headers, "{}", true), "application/json");
        assert_eq!(chosen("/?contentType=xml", &[], "", false), "application/json");
    }

    #[test]
    fn wildcards_alone_are_silence() {
        let xml = ("Content-Type", "application/xml");

        for accept in ["*/*", "application/*", "text/html, */*;q=0.1", "text/html", "*/*;q=0", ""] {
            assert_eq!(chosen("/", &[("Accept", accept), xml], "<a/>", true), "application/xml", "{accept}");
        }
    }

    #[test]
    fn a_browser_does_not_ask_for_xhtml_data() {
        assert_eq!(accepting("text/html,application/xhtml+xml,*/*;q=0.8"), "application/json");
    }

    #[test]
    fn the_heavier_type_wins_and_the_first_of_equals() {
        assert_eq!(accepting("application/json;q=0.5, application/xml;q=0.6"), "application/xml");
        assert_eq!(accepting("application/xml, application/json"), "application/xml");
        assert_eq!(accepting("application/json, application/xml"), "application/json");
        assert_eq!(accepting("*/*, application/xml"), "application/xml");
        assert_eq!(accepting("application/xml;q=0.5, */*"), "application/json");
        assert_eq!(accepting("application/xml;q=0.5, application/*;q=0.4, */*"), "application/xml");
    }

    #[test]
    fn a_refused_type_is_not_answered_while_there_is_another() {
        assert_eq!(accepting("application/json;q=0, */*"), "application/xml");
        assert_eq!(accepting("application/json;q=0"), "application/xml");
        assert_eq!(chosen("/", &[("Accept", "application/json;q=0")], "", false), "application/json");
    }

    #[test]
    fn the_type_that_was_named_is_the_type_that_is_sent() {
        assert_eq!(accepting("text/xml"), "text/xml");
        assert_eq!(accepting("application/vnd.x+json;q=0.9, application/json;q=0.8"), "application/vnd.x+json");
        assert_eq!(accepting("application/x y+json"), "application/json");
    }

    #[test]
    fn an_unavailable_format_is_ignored() {
        assert_eq!(chosen("/", &[("Accept", "application/xml")], "", false), "application/json");
        assert_eq!(
            chosen("/", &[("Accept", "application/xml, application/json;q=0.1")], "", false),
            "application/json"
        );
    }

    #[test]
    fn the_body_decides_if_accept_names_no_format() {
        assert_eq!(chosen("/", &[], "<a/>", true), "application/xml");
        assert_eq!(chosen("/", &[], "<a/>", false), "application/json");
        assert_eq!(chosen("/", &[("Content-Type", "application/xml")], "", true), "application/xml");
        assert_eq!(chosen("/", &[("Content-Type", "text/plain")], "<a/>", true), "application/json");
        assert_eq!(chosen("/", &[], "", true), "application/json");
    }

    proptest! {
        #[test]
        fn negotiation_never_panics(accept in "[ -~]{0,60}", query in "[ -~&&[^ ]]{0,20}", parts in "[jsonxml/*+,;q=0.1 ]{0,60}") {
            chosen(&format!("/?contentType={query}"), &[("Accept", &accept), ("Accept", &parts)], "", true);
        }
    }
}
