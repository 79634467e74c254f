//! The body of a response, with the Content-Type that goes with it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use crate::message::{BYTES, TEXT, XmlDocument, media_type_of_file};
use crate::model::{Body, Fault, FileBody, KeyPath, Representation};

use super::charset::{BodyCharset, BodyOrigin};
use super::document::CompiledDocument;
use super::fault::{RenderFault, quoted};
use super::rendered_value::Nulls;
use super::templating::{Escape, Rendering};
use super::text::{Text, TextCompiler};
use super::tree::Tree;
use super::xml;

/// Bytes and their Content-Type.
pub(super) type TypedBody = (Cow<'static, str>, Bytes);

/// Bytes, their Content-Type, and the kind of their source.
type RenderedBody = (Cow<'static, str>, Bytes, BodyOrigin);

/// A compiled body. A body without templates is already encoded.
#[derive(Debug)]
pub(super) enum CompiledBody {
    /// The same for every request.
    Fixed(&'static str, Bytes, BodyOrigin),
    /// Text with templates.
    Text(Text),
    /// XML with templates.
    Xml(Text, KeyPath),
    /// JSON with templates.
    Json(Tree, KeyPath),
    /// A file with templates in its path or its content.
    File(CompiledFile),
    /// A document, whose format is negotiated.
    Document(CompiledDocument),
}

impl CompiledBody {
    /// Compiles the body of the response at a path.
    pub(super) fn compile(
        body: &Body,
        representation: &Arc<Representation>,
        at: &KeyPath,
        charset: &BodyCharset,
        compiler: &mut TextCompiler<'_>,
    ) -> CompiledBody {
        match body {
            Body::Json(json) => {
                let at = at.key("json");
                let tree = Tree::compile(json, &at, compiler);
                match tree.fixed() {
                    Some(json) => CompiledBody::Fixed("application/json", json.to_string().into(), BodyOrigin::Text),
                    None => CompiledBody::Json(tree, at),
                }
            }
            Body::Xml(source) => CompiledBody::xml(source, at.key("xml"), charset, compiler),
            Body::Text(source) => match compiler.text(source, &at.key("text"), Escape::Nothing) {
                Text::Constant(text) => CompiledBody::Fixed(TEXT, text.into(), BodyOrigin::Text),
                text => CompiledBody::Text(text),
            },
            Body::File(file) => CompiledFile::compile(file, &at.key("file"), compiler).ready(),
            Body::Base64(bytes) => CompiledBody::Fixed(BYTES, bytes.clone(), BodyOrigin::Bytes),
            Body::Document(document) => CompiledBody::Document(CompiledDocument::compile(
                document,
                representation,
                &at.key("document"),
                compiler,
            )),
        }
    }

    fn xml(source: &str, at: KeyPath, charset: &BodyCharset, compiler: &mut TextCompiler<'_>) -> CompiledBody {
        let text = compiler.text(source, &at, Escape::Xml);
        let Text::Constant(text) = text else {
            return CompiledBody::Xml(text, at);
        };
        if !compiler.is_template(&text) {
            compiler.faults.extend(xml_fault(&text, charset, &at));
        }
        CompiledBody::Fixed("application/xml", text.into(), BodyOrigin::Xml)
    }

    /// Encodes a constant body in the charset of the response, and reports a charset in which text cannot be
    /// sent. The body is at this path.
    pub(super) fn encoded(self, charset: &BodyCharset, at: &KeyPath, faults: &mut Vec<Fault>) -> CompiledBody {
        if self.is_text() {
            charset.check(faults);
        }
        match self {
            CompiledBody::Fixed(media, bytes, origin) if charset.is_named() => CompiledBody::Fixed(
                media,
                charset.encode_constant(bytes, (origin, media != "application/json"), at, faults),
                BodyOrigin::Bytes,
            ),
            CompiledBody::Document(document) => CompiledBody::Document(document.encoded(charset, at, faults)),
            other => other,
        }
    }

    /// Whether its source is text.
    fn is_text(&self) -> bool {
        match self {
            CompiledBody::Fixed(_, bytes, origin) => *origin != BodyOrigin::Bytes && !bytes.is_empty(),
            CompiledBody::File(file) => file.files.iter().any(|(_, content)| matches!(content, FileContent::Text(_))),
            CompiledBody::Text(_) | CompiledBody::Xml(..) | CompiledBody::Json(..) | CompiledBody::Document(_) => true,
        }
    }

    pub(super) fn render(&self, rendering: &Rendering<'_>) -> Result<RenderedBody, RenderFault> {
        match self {
            CompiledBody::Fixed(media, bytes, origin) => Ok((Cow::Borrowed(media), bytes.clone(), *origin)),
            CompiledBody::Text(text) => {
                Ok((TEXT.into(), text.render(rendering)?.into_owned().into(), BodyOrigin::Text))
            }
            CompiledBody::Xml(text, at) => {
                let text = text.render(rendering)?;
                xml::check_text(&text).map_err(|why| RenderFault::new(at, why.0))?;
                Ok(("application/xml".into(), text.into_owned().into(), BodyOrigin::Xml))
            }
            CompiledBody::Json(tree, at) => {
                let bytes = tree.render(rendering, at)?.to_bytes(Nulls::Kept).map_err(RenderFault::exceeded(at))?;
                Ok(("application/json".into(), bytes, BodyOrigin::Text))
            }
            CompiledBody::File(file) => file.render(rendering),
            CompiledBody::Document(document) => {
                let (choice, bytes, origin) = document.render(rendering)?;
                Ok((choice.media_type, bytes, origin))
            }
        }
    }
}

/// Returns the key of a body in a scenario file.
pub(super) fn key_of(body: &Body) -> &'static str {
    match body {
        Body::Json(_) => "json",
        Body::Xml(_) => "xml",
        Body::Text(_) => "text",
        Body::File(_) => "file",
        Body::Base64(_) => "base64",
        Body::Document(_) => "document",
    }
}

/// The files that a templated path may name, or the single file of a constant path.
#[derive(Debug)]
pub(super) struct CompiledFile {
    path: Text,
    at: KeyPath,
    files: Vec<(String, FileContent)>,
}

#[derive(Debug)]
enum FileContent {
    Bytes(Bytes),
    Text(Text),
}

impl CompiledFile {
    fn compile(file: &FileBody, at: &KeyPath, compiler: &mut TextCompiler<'_>) -> CompiledFile {
        let path = compiler.text(&file.path, at, Escape::Nothing);
        let files = file.files.iter().map(|(path, bytes)| (path.clone(), content(path, bytes, at, compiler))).collect();
        CompiledFile { path, at: at.clone(), files }
    }

    /// Returns a constant body for a single file without templates.
    fn ready(self) -> CompiledBody {
        match self.files.as_slice() {
            [(path, FileContent::Bytes(bytes))] if self.path.constant().is_some() => {
                CompiledBody::Fixed(media_type_of_file(path).unwrap_or(BYTES), bytes.clone(), BodyOrigin::Bytes)
            }
            _ => CompiledBody::File(self),
        }
    }

    /// Renders a file. Only files that were read at load can be named, so that no request can read other files.
    fn render(&self, rendering: &Rendering<'_>) -> Result<RenderedBody, RenderFault> {
        let path = self.path.render(rendering)?;
        let found = match (self.path.constant(), self.files.as_slice()) {
            (Some(_), [(_, only)]) => Some(only),
            (_, files) => files.iter().find(|(name, _)| *name == *path).map(|(_, content)| content),
        };
        let content = found.ok_or_else(|| RenderFault {
            help: closest(&path, &self.files),
            ..RenderFault::new(&self.at, format!("there is no file {} beside the scenario", quoted(&path)))
        })?;
        let media = media_type_of_file(&path).unwrap_or(BYTES);
        let (bytes, origin) = match content {
            FileContent::Bytes(bytes) => (bytes.clone(), BodyOrigin::Bytes),
            FileContent::Text(text) => {
                let origin = if media.ends_with("xml") { BodyOrigin::Xml } else { BodyOrigin::Text };
                (text.render(rendering)?.into_owned().into(), origin)
            }
        };
        Ok((media.into(), bytes, origin))
    }
}

/// Returns what is wrong with a body in XML, if anything. Without a charset in its Content-Type it is sent in UTF-8, so it must
/// have the same bytes in the encoding that its declaration names.
fn xml_fault(text: &str, charset: &BodyCharset, at: &KeyPath) -> Option<Fault> {
    match XmlDocument::parse_text(text) {
        Err(fault) => {
            let spot = usize::try_from(fault.at).unwrap_or_default().min(text.len());
            let help = "A body that is meant to be broken goes under `text`, with a Content-Type among the headers.";
            let message = format!("the body is not XML: {}", fault.message);
            Some(Fault::value(at, message).with_label("not well-formed").with_help(help).within(spot, text.len()))
        }
        Ok(read) if !charset.is_named() && XmlDocument::parse(text.as_bytes()).as_ref() != Ok(&read) => {
            let message = "the body is sent in UTF-8, and would be read differently in the encoding that it declares";
            let help = "Leave `encoding` out of the XML declaration, or name the encoding in a Content-Type among the headers too, such as `application/xml; charset=iso-8859-1`.";
            Some(Fault::value(at, message).with_label("declares another encoding").with_help(help))
        }
        Ok(_) => None,
    }
}

/// A file that is not UTF-8 has no templates.
fn content(path: &str, bytes: &Bytes, at: &KeyPath, compiler: &mut TextCompiler<'_>) -> FileContent {
    let Some(source) = std::str::from_utf8(bytes).ok().filter(|text| compiler.is_template(text)) else {
        return FileContent::Bytes(bytes.clone());
    };
    let known = compiler.faults.len();
    let text = compiler.text(source, at, Escape::Nothing);
    for fault in &mut compiler.faults[known..] {
        fault.file = Some(path.into());
        let help = fault.help.take().map(|help| format!("{help} ")).unwrap_or_default();
        fault.help = Some(format!("{help}`template = false` sends a file with `{{{{` as it is."));
    }
    FileContent::Text(text)
}

fn closest(path: &str, files: &[(String, FileContent)]) -> Option<String> {
    // The edit distance is quadratic in the length, and no file has a longer path.
    const LONGEST: usize = 1024;
    if path.len() > LONGEST {
        return None;
    }
    let nearest = files.iter().min_by_key(|(name, _)| strsim::levenshtein(name, path))?;
    Some(format!("The nearest of the {} files that were read is `{}`.", files.len(), nearest.0))
}
