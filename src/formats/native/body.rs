//! Reads the bodies of responses and of examples.

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine as _};
use bytes::Bytes;

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::model::{Body, ExampleBody, FileBody, Json};

use super::json_value::{self, json};

/// The keys of a response's body, of which one may be given.
const KEYS: [&str; 6] = ["json", "xml", "text", "file", "base64", "document"];

/// The keys of an example's body, of which one may be given.
const EXAMPLE_KEYS: [&str; 5] = ["json", "xml", "text", "file", "base64"];

/// Reads the body of a response. Its strings are templates unless `templates` is false.
pub(super) fn body(table: &mut TableReader<'_>, templates: bool, context: &mut ReadContext<'_>) -> Option<Body> {
    let (key, value) = table.take_one(&KEYS, "body", context)?;
    Some(match key {
        "json" => Body::Json(json(&value, context)?),
        "document" => Body::Document(json(&value, context)?),
        "xml" => Body::Xml(value.text(context)?.to_owned()),
        "text" => Body::Text(value.text(context)?.to_owned()),
        "base64" => Body::Base64(base64(&value, context)?),
        _ => Body::File(file(&value, templates, context)?),
    })
}

/// Reads the body of an example's request or response.
pub(super) fn example_body(table: &mut TableReader<'_>, context: &mut ReadContext<'_>) -> Option<ExampleBody> {
    let (key, value) = table.take_one(&EXAMPLE_KEYS, "body", context)?;
    Some(match key {
        "json" => ExampleBody::Json(json(&value, context)?),
        "xml" => ExampleBody::Xml(value.text(context)?.to_owned()),
        "text" => ExampleBody::Text(value.text(context)?.to_owned()),
        "base64" => ExampleBody::Base64(base64(&value, context)?),
        _ => {
            let path = value.text(context)?;
            ExampleBody::File(path.to_owned(), context.file(&value, path)?)
        }
    })
}

/// Reads a file, or every file that the template of its path can name.
fn file(value: &Located<'_>, templates: bool, context: &mut ReadContext<'_>) -> Option<FileBody> {
    let path = value.text(context)?;
    let files = match path.split_once("{{").filter(|_| templates) {
        None => vec![(path.to_owned(), context.file(value, path)?)],
        Some((fixed, _)) => {
            let folder = fixed.rfind('/').map_or("", |slash| &fixed[..=slash]);
            context.files_under(value, folder)?
        }
    };
    Some(FileBody { path: path.to_owned(), files })
}

/// Reads base64. White space in it is ignored.
fn base64(value: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Bytes> {
    let text = value.text(context)?;
    let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    match STANDARD.decode(&packed) {
        Ok(bytes) => Some(Bytes::from(bytes)),
        Err(error) => {
            let fault = value.fault("`base64` is not valid base64");
            let fault = match error {
                DecodeError::InvalidByte(at, _) if packed == text && text.is_char_boundary(at + 1) => {
                    fault.within(at, at + 1).with_label("not in its alphabet")
                }
                DecodeError::InvalidByte(..) => fault.with_label("not in its alphabet"),
                _ => fault.with_label("cut off, or padded wrongly"),
            };
            context.refuse(fault.with_help("Write it in the alphabet of RFC 4648 §4, padded with `=`."))
        }
    }
}

/// Prints the key of a body and its value.
pub(super) fn print_body(body: &Body) -> (&'static str, Json) {
    match body {
        Body::Json(value) => ("json", json_value::print(value)),
        Body::Document(value) => ("document", json_value::print(value)),
        Body::Xml(text) => ("xml", Json::from(text.as_str())),
        Body::Text(text) => ("text", Json::from(text.as_str())),
        Body::File(file) => ("file", Json::from(file.path.as_str())),
        Body::Base64(bytes) => ("base64", Json::from(STANDARD.encode(bytes))),
    }
}
