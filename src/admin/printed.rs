//! Prints the JSON of an answer.

use std::io;

use serde_core::ser::Serialize as _;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::message::visible_json;
use crate::model::Json;

/// Prints a body on several lines, for people.
pub(super) fn printed(json: &Json) -> String {
    let mut bytes = Vec::with_capacity(256);
    let mut serializer = Serializer::with_formatter(&mut bytes, Visible(PrettyFormatter::new()));
    json.serialize(&mut serializer).expect("our own tree always serialises");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// Formats JSON on several lines, and escapes control characters that a terminal would obey.
struct Visible(PrettyFormatter<'static>);

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        writer.write_all(visible_json(fragment).as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json() -> Json {
        let item = |number: usize| {
            Json::from([("id", number.into()), ("list", Json::Array(vec![Json::Null])), ("text", "é\n".into())])
        };
        let requests = Json::Array((0..20).map(item).collect());
        Json::from([
            ("requests", requests),
            ("none", Json::Array(Vec::new())),
            ("meta", Json::from([("total", 7.into())])),
        ])
    }

    #[test]
    fn the_output_is_that_of_the_pretty_printer() {
        assert_eq!(printed(&json()), format!("{}\n", json().pretty()));
        assert_eq!(printed(&Json::Null), "null\n");
        let unsafe_to_show = Json::from([("a\u{9b}", "é\u{202e}\n".into())]);
        assert_eq!(printed(&unsafe_to_show), "{\n  \"a\\u009b\": \"é\\u202e\\n\"\n}\n");
    }
}
