//! Reads the values of one field of a request, for the index.

use std::sync::Arc;

use crate::message::Request;
use crate::model::{Json, Projection};

use super::condition::{basic_auth, client, named, text_of};
use super::index_key::{RequestField, XPathField};
use super::path::{param_in, rest_in};
use super::{JsonPath, RequestValue};

/// A field that is ready to be read.
#[derive(Debug)]
pub(super) struct Extractor {
    field: RequestField,
    path: Option<JsonPath>,
    projection: Arc<Projection>,
}

impl Extractor {
    /// Compiles the path of a field; `None` if it is too long. Of a body as JSON the `projection` is read, which must include
    /// the field.
    pub(super) fn new(field: &RequestField, projection: &Arc<Projection>) -> Option<Extractor> {
        let path = match field {
            RequestField::Json(path) | RequestField::Document(path, _) => Some(JsonPath::compile(path).ok()?),
            _ => None,
        };
        Some(Extractor { field: field.clone(), path, projection: projection.clone() })
    }

    /// Calls `visit` with each value that the request has in this field.
    pub(super) fn each_value(&self, request: &Request, visit: &mut dyn FnMut(&RequestValue<'_>)) {
        let nodes = |root: &Json, untyped, visit: &mut dyn FnMut(&RequestValue<'_>)| {
            // If selecting takes too long, the condition does not hold either.
            let selected = self.path.iter().filter_map(|path| path.select(root).ok());
            selected.for_each(|nodes| nodes.iter().for_each(|node| visit(&RequestValue::from_node(node, untyped))));
        };
        let values = match &self.field {
            RequestField::Json(_) if request.body().is_empty() => return,
            RequestField::Json(_) => {
                return request.json_part(&self.projection).into_iter().for_each(|root| nodes(root, false, visit));
            }
            RequestField::Document(_, representation) => {
                let document = request.document_part(representation, &self.projection).ok().flatten();
                return document.iter().for_each(|document| nodes(&document.root, document.untyped, visit));
            }
            RequestField::XPath(_) if request.body().is_empty() => return,
            RequestField::XPath(XPathField(path)) => {
                let results = request.xml().map(|root| path.select(root)).unwrap_or_default();
                return results.iter().for_each(|node| visit(&RequestValue::from_node(node, true)));
            }
            RequestField::Method => vec![RequestValue::text(request.method())],
            RequestField::Path => vec![RequestValue::text(request.path())],
            RequestField::Segment(place) => param_in(request, *place).map(RequestValue::text).into_iter().collect(),
            RequestField::Rest(place) => vec![RequestValue::text(rest_in(request, *place))],
            RequestField::Scheme => vec![RequestValue::text(request.scheme())],
            RequestField::Host => request.host().map(RequestValue::text).into_iter().collect(),
            RequestField::ClientIp => client(request).into_iter().collect(),
            RequestField::Header(name) => {
                return request.headers(name).for_each(|value| visit(&RequestValue::text(value)));
            }
            RequestField::Query(name) => return named(request.query(), name).for_each(|value| visit(&value)),
            RequestField::Cookie(name) => return named(request.cookies(), name).for_each(|value| visit(&value)),
            RequestField::User => basic_auth(request).map(|(user, _)| RequestValue::text(user)).into_iter().collect(),
            RequestField::Form(name) => {
                return named(request.form().unwrap_or_default(), name).for_each(|value| visit(&value));
            }
            RequestField::Body => text_of(request).into_iter().collect(),
        };
        values.iter().for_each(visit);
    }
}
