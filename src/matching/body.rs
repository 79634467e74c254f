//! Conditions on a text that contains JSON or XML: the body of a request, or a value in it.

use std::sync::Arc;

use bytes::Bytes;

use crate::message::{Document, Request, Unreadable, XmlDocument, read_json};
use crate::model::{
    BodyCondition, Fault, Json, JsonPathText, KeyPath, Matcher, OperatorName, Projection, Representation, Timestamp,
};

use super::schema::CompiledSchema;
use super::xpath::CompiledXPath;
use super::{CompiledMatcher, JsonPath, RequestValue, TooCostly, same_xml};

/// What a body condition reads.
pub(crate) trait BodySource {
    /// Returns whether there is nothing to read.
    fn is_empty(&self) -> bool;
    /// Reads it as JSON.
    fn json(&self) -> Result<Arc<Json>, Unreadable>;
    /// Reads it as XML.
    fn xml(&self) -> Result<Arc<XmlDocument>, Unreadable>;
    /// Reads it as a document; `None` if it is empty.
    fn document(&self, representation: &Arc<Representation>) -> Result<Option<Document>, Unreadable>;
}

impl BodySource for Request {
    fn is_empty(&self) -> bool {
        self.body().is_empty()
    }

    fn json(&self) -> Result<Arc<Json>, Unreadable> {
        Request::json(self).cloned().map_err(Unreadable::clone)
    }

    fn xml(&self) -> Result<Arc<XmlDocument>, Unreadable> {
        Request::xml(self).cloned().map_err(Unreadable::clone)
    }

    fn document(&self, representation: &Arc<Representation>) -> Result<Option<Document>, Unreadable> {
        Request::document(self, representation)
    }
}

/// A request of which only a projection of the JSON body is read.
pub(super) struct ProjectedRequest<'a> {
    pub(super) request: &'a Request,
    pub(super) projection: &'a Arc<Projection>,
}

impl BodySource for ProjectedRequest<'_> {
    fn is_empty(&self) -> bool {
        BodySource::is_empty(self.request)
    }

    fn json(&self) -> Result<Arc<Json>, Unreadable> {
        self.request.json_part(self.projection).cloned().map_err(Unreadable::clone)
    }

    fn xml(&self) -> Result<Arc<XmlDocument>, Unreadable> {
        BodySource::xml(self.request)
    }

    fn document(&self, representation: &Arc<Representation>) -> Result<Option<Document>, Unreadable> {
        self.request.document_part(representation, self.projection)
    }
}

/// A text that is not a whole body, or JSON that was selected from one.
pub(super) enum TextSource {
    /// Characters in UTF-8. An encoding that an XML declaration names is ignored, because the text is decoded already.
    Text(String),
    /// Bytes in this charset, if one is known.
    Bytes(Bytes, Option<String>),
    Json(Arc<Json>),
}

impl TextSource {
    pub(super) fn text(text: &str) -> TextSource {
        TextSource::Text(text.to_owned())
    }

    pub(super) fn bytes(bytes: Bytes, charset: Option<&str>) -> TextSource {
        TextSource::Bytes(bytes, charset.map(str::to_owned))
    }

    pub(super) fn json(json: &Json) -> TextSource {
        TextSource::Json(Arc::new(json.clone()))
    }
}

impl BodySource for TextSource {
    fn is_empty(&self) -> bool {
        match self {
            TextSource::Text(text) => text.is_empty(),
            TextSource::Bytes(bytes, _) => bytes.is_empty(),
            TextSource::Json(_) => false,
        }
    }

    fn json(&self) -> Result<Arc<Json>, Unreadable> {
        match self {
            TextSource::Json(json) => Ok(json.clone()),
            TextSource::Text(text) => read_json(text.as_bytes(), None, Json::parse),
            TextSource::Bytes(bytes, charset) => read_json(bytes, charset.as_deref(), Json::parse),
        }
    }

    fn xml(&self) -> Result<Arc<XmlDocument>, Unreadable> {
        let malformed = |reason: String| Unreadable::Malformed { expected: "XML", reason };
        let document = match self {
            TextSource::Json(_) => return Err(malformed("it is JSON".to_owned())),
            TextSource::Text(text) => XmlDocument::parse_text(text),
            TextSource::Bytes(bytes, charset) => XmlDocument::parse_in(bytes, charset.as_deref()),
        };
        document.map(Arc::new).map_err(|fault| malformed(fault.to_string()))
    }

    fn document(&self, representation: &Arc<Representation>) -> Result<Option<Document>, Unreadable> {
        if self.is_empty() {
            return Ok(None);
        }
        match self.json() {
            Ok(root) => Ok(Some(Document { root, untyped: false })),
            Err(not_json) => match self.xml() {
                Ok(root) => Ok(Some(Document::from_xml(root.root(), representation.xml_lists()))),
                Err(_) => Err(not_json),
            },
        }
    }
}

/// A compiled body condition.
#[derive(Debug)]
pub(crate) enum CompiledBody {
    Json(Json),
    JsonIncludes(Json),
    JsonPath(JsonPath, CompiledMatcher),
    JsonSchema(CompiledSchema),
    Xml(String, XmlDocument),
    XPath(CompiledXPath, CompiledMatcher),
    Document(JsonPath, CompiledMatcher, Arc<Representation>),
}

impl CompiledBody {
    /// Compiles a condition. Faults are reported below `at`, the table that contains its key.
    pub(super) fn compile(
        condition: &BodyCondition,
        representation: &Arc<Representation>,
        at: &KeyPath,
        faults: &mut Vec<Fault>,
    ) -> Option<CompiledBody> {
        let matcher = |matcher: &Matcher, at: &KeyPath, faults: &mut Vec<Fault>| {
            CompiledMatcher::compile_in(matcher, representation, at, faults)
        };
        match condition {
            BodyCondition::Json(json) => Some(CompiledBody::Json(json.clone())),
            BodyCondition::JsonIncludes(json) => Some(CompiledBody::JsonIncludes(json.clone())),
            BodyCondition::JsonPath(path, inner) => {
                let at = at.key("json_path").key(path);
                let inner = matcher(inner, &at, faults);
                Some(CompiledBody::JsonPath(json_path(path, &at, faults)?, inner))
            }
            BodyCondition::Document(path, inner) => {
                let at = at.key("document").key(path);
                let inner = matcher(inner, &at, faults);
                Some(CompiledBody::Document(json_path(path, &at, faults)?, inner, representation.clone()))
            }
            BodyCondition::JsonSchema(schema) => {
                CompiledSchema::compile(schema, &at.key("json_schema"), faults).map(CompiledBody::JsonSchema)
            }
            BodyCondition::Xml(text) => match XmlDocument::parse_text(text) {
                Ok(root) => Some(CompiledBody::Xml(text.clone(), root)),
                Err(fault) => {
                    faults.push(Fault::value(&at.key("xml"), format!("not XML: {fault}")));
                    None
                }
            },
            BodyCondition::XPath(path, inner, namespaces) => {
                let at = at.key("xpath").key(path);
                let inner = matcher(inner, &at, faults);
                let path = CompiledXPath::compile(path, namespaces, &at, faults)?;
                Some(CompiledBody::XPath(path, inner))
            }
        }
    }

    /// Returns the subject of the condition: its name in words, and its path if it has one.
    pub(crate) fn subject(&self) -> String {
        let (name, path) = match self {
            CompiledBody::Json(_) => (OperatorName::Json, None),
            CompiledBody::JsonIncludes(_) => (OperatorName::JsonIncludes, None),
            CompiledBody::JsonPath(path, _) => (OperatorName::JsonPath, Some(path.as_str())),
            CompiledBody::JsonSchema(_) => (OperatorName::JsonSchema, None),
            CompiledBody::Xml(..) => (OperatorName::Xml, None),
            CompiledBody::XPath(path, _) => (OperatorName::XPath, Some(&*path.text)),
            CompiledBody::Document(path, ..) => (OperatorName::Document, Some(path.as_str())),
        };
        path.map_or_else(|| name.words().to_owned(), |path| format!("{} {path}", name.words()))
    }

    /// Returns the parts of a JSON body that the condition reads.
    pub(super) fn projection(&self) -> Projection {
        match self {
            CompiledBody::JsonIncludes(part) => Projection::to_include(part),
            CompiledBody::JsonPath(path, _) | CompiledBody::Document(path, ..) => path.projection(),
            CompiledBody::Xml(..) | CompiledBody::XPath(..) => Projection::NOTHING,
            CompiledBody::Json(_) | CompiledBody::JsonSchema(_) => Projection::Whole,
        }
    }

    /// Returns whether the condition holds.
    ///
    /// # Errors
    /// Returns why the body cannot be read. No condition on it holds then.
    pub(super) fn check(&self, source: &dyn BodySource, now: Timestamp) -> Result<bool, Unreadable> {
        if let Some(selected) = self.selected(source)? {
            return selected.with_values(|values| selected.matcher.holds(values, now));
        }
        if source.is_empty() {
            return Ok(false);
        }
        Ok(match self {
            CompiledBody::Json(expected) => source.json()?.same(expected),
            CompiledBody::JsonIncludes(expected) => source.json()?.includes(expected),
            CompiledBody::JsonSchema(schema) => schema.accepts_within_budget(&*source.json()?)?,
            CompiledBody::Xml(_, expected) => same_xml(source.xml()?.root(), expected.root()),
            CompiledBody::JsonPath(..) | CompiledBody::Document(..) | CompiledBody::XPath(..) => false,
        })
    }

    /// Returns what the path of the condition selects, which is nothing in an empty body; `None` if the condition has no path.
    pub(crate) fn selected(&self, source: &dyn BodySource) -> Result<Option<Selected<'_>>, Unreadable> {
        let (matcher, from) = match self {
            CompiledBody::JsonPath(_, matcher) | CompiledBody::XPath(_, matcher) if source.is_empty() => {
                (matcher, Selection::Nothing)
            }
            CompiledBody::JsonPath(path, matcher) => (matcher, Selection::Nodes(path, source.json()?, false)),
            CompiledBody::Document(path, matcher, representation) => match source.document(representation)? {
                None => (matcher, Selection::Nothing),
                Some(document) => (matcher, Selection::Nodes(path, document.root, document.untyped)),
            },
            CompiledBody::XPath(path, matcher) => (matcher, Selection::Results(path.select(&*source.xml()?))),
            _ => return Ok(None),
        };
        Ok(Some(Selected { matcher, from }))
    }
}

/// What a path selected, and the matcher that it must satisfy.
pub(crate) struct Selected<'a> {
    pub(crate) matcher: &'a CompiledMatcher,
    from: Selection<'a>,
}

enum Selection<'a> {
    Nothing,
    Nodes(&'a JsonPath, Arc<Json>, bool),
    Results(Vec<Json>),
}

impl Selected<'_> {
    /// Calls `visit` with the selected values.
    ///
    /// # Errors
    /// Fails if selecting them takes too long.
    pub(crate) fn with_values<T>(&self, visit: impl FnOnce(&[RequestValue<'_>]) -> T) -> Result<T, Unreadable> {
        match &self.from {
            Selection::Nothing => Ok(visit(&[])),
            Selection::Nodes(path, root, untyped) => {
                let nodes = path.select(root).map_err(too_costly)?;
                Ok(with_node_values(&nodes, *untyped, visit))
            }
            Selection::Results(results) => {
                Ok(visit(&results.iter().map(|node| RequestValue::from_node(node, true)).collect::<Vec<_>>()))
            }
        }
    }
}

/// Calls `visit` with the values of nodes. A single node, by far the most usual case, needs no memory.
pub(crate) fn with_node_values<T>(nodes: &[&Json], untyped: bool, visit: impl FnOnce(&[RequestValue<'_>]) -> T) -> T {
    match nodes {
        [] => visit(&[]),
        [only] => visit(&[RequestValue::from_node(only, untyped)]),
        several => visit(&several.iter().map(|node| RequestValue::from_node(node, untyped)).collect::<Vec<_>>()),
    }
}

pub(super) fn too_costly(reason: TooCostly) -> Unreadable {
    Unreadable::TooCostly(reason.to_string())
}

fn json_path(path: &JsonPathText, at: &KeyPath, faults: &mut Vec<Fault>) -> Option<JsonPath> {
    JsonPath::read(path).map_err(|fault| faults.push(fault.into_key_fault(at))).ok()
}
