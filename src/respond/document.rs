//! A document, written in a format that the client accepts.

use std::sync::Arc;

use bytes::Bytes;

use crate::message::Request;
use crate::model::{Fault, Json, KeyPath, Representation};

use super::charset::{BodyCharset, BodyOrigin};
use super::fault::RenderFault;
use super::negotiate::{self, DocumentFormat, NegotiatedFormat};
use super::rendered_value::{Nulls, RenderedValue};
use super::templating::Rendering;
use super::text::TextCompiler;
use super::tree::Tree;
use super::xml::{self, NotXml};
use super::xml_check::XmlCheck;

/// A document with its representations. A document without templates is written at load.
#[derive(Debug)]
pub(super) struct CompiledDocument {
    tree: Tree,
    at: KeyPath,
    representation: Arc<Representation>,
    written: Option<ConstantForms>,
    /// Whether the bytes written at load are already in the charset of the response.
    is_encoded: bool,
}

#[derive(Debug)]
struct ConstantForms {
    json: Bytes,
    xml: Option<Bytes>,
}

impl CompiledDocument {
    pub(super) fn compile(
        document: &Json,
        representation: &Arc<Representation>,
        at: &KeyPath,
        compiler: &mut TextCompiler<'_>,
    ) -> CompiledDocument {
        let tree = Tree::compile(document, at, compiler);
        if let Some(form) = &representation.xml {
            XmlCheck { form, faults: compiler.faults }.document(document, at);
        }
        let written = tree.fixed().map(|document| ConstantForms {
            // A document that cannot be written as XML was already reported, and there are no limits at load.
            json: RenderedValue::Part(document).to_bytes(Nulls::LeftOut).unwrap_or_default(),
            xml: representation.xml.as_ref().and_then(|form| xml::write(document, form).ok()).map(Bytes::from),
        });
        CompiledDocument { tree, at: at.clone(), representation: representation.clone(), written, is_encoded: false }
    }

    /// Encodes the bytes written at load in the charset of the response.
    pub(super) fn encoded(mut self, charset: &BodyCharset, at: &KeyPath, faults: &mut Vec<Fault>) -> CompiledDocument {
        if charset.is_named()
            && let Some(written) = &mut self.written
        {
            let known = faults.len();
            let encode =
                |bytes: Bytes, faults: &mut _| charset.encode_constant(bytes, (BodyOrigin::Text, false), at, faults);
            written.json = encode(std::mem::take(&mut written.json), faults);
            if let Some(xml) = written.xml.take() {
                written.xml = Some(encode(xml, faults));
            }
            // The charset lacks the same character in both forms.
            faults.truncate(known + 1);
            self.is_encoded = true;
        }
        self
    }

    /// Returns the bytes, their Content-Type, and the kind of their source.
    pub(super) fn render(
        &self,
        rendering: &Rendering<'_>,
    ) -> Result<(NegotiatedFormat, Bytes, BodyOrigin), RenderFault> {
        let choice = negotiate::choose(rendering.request(), &self.representation);
        let ready = self.written.as_ref().and_then(|written| match choice.form {
            DocumentFormat::Json => Some(written.json.clone()),
            DocumentFormat::Xml => written.xml.clone(),
        });
        if let Some(bytes) = ready {
            return Ok((choice, bytes, if self.is_encoded { BodyOrigin::Bytes } else { BodyOrigin::Text }));
        }
        let document = self.tree.render(rendering, &self.at)?;
        let bytes = write(document, choice.form, &self.representation);
        Ok((choice, bytes.map_err(|why| RenderFault::new(&self.at, why.0))?, BodyOrigin::Text))
    }
}

/// Chooses a format for a rendered document, and writes it.
pub(super) fn negotiated(
    document: RenderedValue<'_>,
    request: &Request,
    representation: &Arc<Representation>,
) -> Result<(NegotiatedFormat, Bytes), NotXml> {
    let choice = negotiate::choose(request, representation);
    let bytes = write(document, choice.form, representation)?;
    Ok((choice, bytes))
}

fn write(document: RenderedValue<'_>, form: DocumentFormat, representation: &Representation) -> Result<Bytes, NotXml> {
    match (form, &representation.xml) {
        (DocumentFormat::Xml, Some(form)) => xml::write(&document, form).map(Bytes::from),
        _ => document.to_bytes(Nulls::LeftOut).map_err(|exceeded| NotXml(exceeded.to_string())),
    }
}

#[cfg(test)]
mod tests;
