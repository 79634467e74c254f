//! The body of a response, with the Content-Type that goes with it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use crate::message::XmlDocument;
use crate::model::{Body, Fault, FileBody, KeyPath, Representation, Spot};

use super::content_type;
use super::document::CompiledDocument;
use super::fault::{RenderFault, quoted};
use super::rendered::Nulls;
use super::templating::Rendering;
use super::text::{Compiling, Escape, Text};
use super::tree::Tree;
use super::xml;

/// Bytes and what they are called.
pub(super) type Written = (Cow<'static, str>, Bytes);

/// A body; one without templates is its bytes already.
#[derive(Debug)]
pub(super) enum CompiledBody {
    /// Always the same.
    Fixed(&'static str, Bytes),
    /// Text with templates.
    Text(Text),
    /// XML with templates.
    Xml(Text, KeyPath),
    /// JSON with templates.
    Json(Tree, KeyPath),
    /// A file with templates in its path or its content.
    File(CompiledFile),
    /// Negotiated.
    Document(CompiledDocument),
}

impl CompiledBody {
    /// Compiles the body of the response at a path.
    pub(super) fn compile(
        body: &Body,
        representation: &Arc<Representation>,
        at: &KeyPath,
        compiling: &mut Compiling<'_>,
    ) -> CompiledBody {
        match body {
            Body::Json(json) => {
                let at = at.key("json");
                let tree = compiling.tree(json, &at);
                match tree.fixed() {
                    Some(json) => CompiledBody::Fixed("application/json", json.to_string().into()),
                    None => CompiledBody::Json(tree, at),
                }
            }
            Body::Xml(source) => CompiledBody::xml(source, at.key("xml"), compiling),
            Body::Text(source) => match compiling.text(source, &at.key("text"), Escape::Nothing) {
                Text::Constant(text) => CompiledBody::Fixed(content_type::TEXT, text.into()),
                text => CompiledBody::Text(text),
            },
            Body::File(file) => CompiledFile::compile(file, &at.key("file"), compiling).ready(),
            Body::Base64(bytes) => CompiledBody::Fixed(content_type::BYTES, bytes.clone()),
            Body::Document(document) => CompiledBody::Document(CompiledDocument::compile(
                document,
                representation,
                &at.key("document"),
                compiling,
            )),
        }
    }

    fn xml(source: &str, at: KeyPath, compiling: &mut Compiling<'_>) -> CompiledBody {
        let text = compiling.text(source, &at, Escape::Xml);
        let Text::Constant(text) = text else {
            return CompiledBody::Xml(text, at);
        };
        if !compiling.is_template(&text) {
            compiling.faults.extend(xml_fault(&text, &at));
        }
        CompiledBody::Fixed("application/xml", text.into())
    }

    pub(super) fn render(&self, rendering: &Rendering<'_>) -> Result<Written, RenderFault> {
        match self {
            CompiledBody::Fixed(media, bytes) => Ok((Cow::Borrowed(media), bytes.clone())),
            CompiledBody::Text(text) => Ok((content_type::TEXT.into(), text.render(rendering)?.into_owned().into())),
            CompiledBody::Xml(text, at) => {
                let text = text.render(rendering)?;
                xml::check_text(&text).map_err(|why| RenderFault::new(at, why.0))?;
                Ok(("application/xml".into(), text.into_owned().into()))
            }
            CompiledBody::Json(tree, at) => {
                let bytes = tree.render(rendering, at)?.to_bytes(Nulls::Kept).map_err(RenderFault::exceeded(at))?;
                Ok(("application/json".into(), bytes))
            }
            CompiledBody::File(file) => file.render(rendering),
            CompiledBody::Document(document) => {
                let (choice, bytes) = document.render(rendering)?;
                Ok((choice.media_type, bytes))
            }
        }
    }
}

/// The files that a path with a template may name, or the one that it does.
#[derive(Debug)]
pub(super) struct CompiledFile {
    path: Text,
    at: KeyPath,
    files: Vec<(String, Content)>,
}

#[derive(Debug)]
enum Content {
    Bytes(Bytes),
    Text(Text),
}

impl CompiledFile {
    fn compile(file: &FileBody, at: &KeyPath, compiling: &mut Compiling<'_>) -> CompiledFile {
        let path = compiling.text(&file.path, at, Escape::Nothing);
        let files =
            file.files.iter().map(|(path, bytes)| (path.clone(), content(path, bytes, at, compiling))).collect();
        CompiledFile { path, at: at.clone(), files }
    }

    /// A single file without templates is just its bytes.
    fn ready(self) -> CompiledBody {
        match self.files.as_slice() {
            [(path, Content::Bytes(bytes))] if self.path.constant().is_some() => {
                CompiledBody::Fixed(content_type::of_file(path), bytes.clone())
            }
            _ => CompiledBody::File(self),
        }
    }

    /// Only files that were read at load can be named, so that no request reaches beyond the scenario's folder.
    fn render(&self, rendering: &Rendering<'_>) -> Result<Written, RenderFault> {
        let path = self.path.render(rendering)?;
        let found = match (self.path.constant(), self.files.as_slice()) {
            (Some(_), [(_, only)]) => Some(only),
            (_, files) => files.iter().find(|(name, _)| *name == *path).map(|(_, content)| content),
        };
        let content = found.ok_or_else(|| RenderFault {
            help: closest(&path, &self.files),
            ..RenderFault::new(&self.at, format!("there is no file {} beside the scenario", quoted(&path)))
        })?;
        let bytes = match content {
            Content::Bytes(bytes) => bytes.clone(),
            Content::Text(text) => text.render(rendering)?.into_owned().into(),
        };
        Ok((content_type::of_file(&path).into(), bytes))
    }
}

/// A file that is not UTF-8 holds no templates.
/// Returns what is wrong with a body in XML, if anything.
fn xml_fault(text: &str, at: &KeyPath) -> Option<Fault> {
    match XmlDocument::parse_text(text) {
        Err(fault) => {
            let spot = usize::try_from(fault.at).unwrap_or_default().min(text.len());
            let help = "A body that is meant to be broken goes under `text`, with a Content-Type among the headers.";
            let message = format!("the body is not XML: {}", fault.message);
            Some(Fault::value(at, message).labelled("not well-formed").helped(help).within(spot, text.len()))
        }
        Ok(read) if text.starts_with("<?xml") && XmlDocument::parse(text.as_bytes()).as_ref() != Ok(&read) => {
            let message = "the body is sent in UTF-8, and would be read differently in the encoding that it declares";
            let help = "Leave `encoding` out of the XML declaration, or write `encoding=\"UTF-8\"`.";
            Some(Fault::value(at, message).labelled("declares another encoding").helped(help))
        }
        Ok(_) => None,
    }
}

fn content(path: &str, bytes: &Bytes, at: &KeyPath, compiling: &mut Compiling<'_>) -> Content {
    let Some(source) = std::str::from_utf8(bytes).ok().filter(|text| compiling.is_template(text)) else {
        return Content::Bytes(bytes.clone());
    };
    let known = compiling.faults.len();
    let text = compiling.text(source, at, Escape::Nothing);
    for fault in &mut compiling.faults[known..] {
        // The place inside the file says nothing about the scenario's own text.
        fault.spot = Spot::Value;
        fault.message = format!("in `{path}`: {}", fault.message);
        let help = fault.help.take().map(|help| format!("{help} ")).unwrap_or_default();
        fault.help = Some(format!("{help}`template = false` sends a file with `{{{{` as it is."));
    }
    Content::Text(text)
}

fn closest(path: &str, files: &[(String, Content)]) -> Option<String> {
    // The distance takes steps in proportion to both lengths, and no file has a longer path.
    const LONGEST: usize = 1024;
    if path.len() > LONGEST {
        return None;
    }
    let nearest = files.iter().min_by_key(|(name, _)| strsim::levenshtein(name, path))?;
    Some(format!("The nearest of the {} files that were read is `{}`.", files.len(), nearest.0))
}
