//! Charges the copies that templates make of values and texts, and the steps of reading them.

use std::io;

use crate::budget::Exceeded;
use crate::model::Json;

use super::{COPY, bytes, reading, steps};

/// Charges a text that is about to be copied into the answer.
pub(in crate::respond) fn text(text: &str) -> Result<(), Exceeded> {
    reading(text)?;
    bytes(text.len())
}

/// Copies a text into an owned value, which is charged.
pub(in crate::respond) fn copy_of_text(source: &str) -> Result<String, Exceeded> {
    bytes(COPY)?;
    text(source)?;
    Ok(source.to_owned())
}

/// Charges a copy of a value, before it is made.
pub(in crate::respond) fn copy(json: &Json) -> Result<(), Exceeded> {
    bytes(COPY)?;
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => steps(1),
        Json::String(string) => text(string),
        Json::Array(items) => {
            steps(1)?;
            items.iter().try_for_each(copy)
        }
        Json::Object(members) => {
            steps(1)?;
            members.iter().try_for_each(|(name, value)| {
                bytes(COPY)?;
                text(name)?;
                copy(value)
            })
        }
    }
}

/// Charges the steps of reading a whole value.
pub(in crate::respond) fn visit(json: &Json) -> Result<(), Exceeded> {
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => steps(1),
        Json::String(string) => reading(string),
        Json::Array(items) => {
            steps(1)?;
            items.iter().try_for_each(visit)
        }
        Json::Object(members) => {
            steps(1)?;
            members.iter().try_for_each(|(name, value)| {
                reading(name)?;
                visit(value)
            })
        }
    }
}

/// Writes a value as compact JSON, each byte of which is charged.
pub(in crate::respond) fn json_text(json: &Json) -> Result<String, Exceeded> {
    visit(json)?;
    let mut writer = ChargedBuffer { out: Vec::new(), exceeded: None };
    let written = serde_json::to_writer(&mut writer, json);
    match (writer.exceeded, written) {
        (Some(exceeded), _) => Err(exceeded),
        (None, written) => {
            written.expect("writing to memory does not fail");
            Ok(String::from_utf8(writer.out).expect("JSON is text"))
        }
    }
}

/// A buffer that charges each byte, and fails at the limit.
struct ChargedBuffer {
    out: Vec<u8>,
    exceeded: Option<Exceeded>,
}

impl io::Write for ChargedBuffer {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if let Err(exceeded) = bytes(buffer.len()) {
            self.exceeded = Some(exceeded);
            return Err(io::Error::other(exceeded));
        }
        self.out.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
