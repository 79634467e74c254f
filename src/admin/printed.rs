//! Prints what is answered. A journal of ten thousand requests takes a while, so that there are places to rest.

use std::io;

use serde_core::ser::{self, Serialize, SerializeMap as _, SerializeSeq as _};
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::aside::{let_go, rest};
use crate::message::visible_json;
use crate::model::Json;

/// A body as it is sent: on several lines, for people.
pub(super) fn printed(json: Json) -> String {
    let mut bytes = Vec::with_capacity(256);
    let mut serializer = Serializer::with_formatter(&mut bytes, Visible(PrettyFormatter::new()));
    InPieces(&json).serialize(&mut serializer).expect("a tree of our own always serialises");
    bytes.push(b'\n');
    let text = String::from_utf8(bytes).expect("JSON is UTF-8");
    if let Json::Object(members) = json {
        let lists = members.into_iter().filter_map(|(_, member)| match member {
            Json::Array(items) => Some(items),
            _ => None,
        });
        let_go(lists.flatten());
    }
    text
}

/// A value with a place to rest at each item of its lists.
struct InPieces<'a>(&'a Json);

impl Serialize for InPieces<'_> {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Json::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &InPieces(value))?;
                }
                map.end()
            }
            Json::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    rest();
                    list.serialize_element(item)?;
                }
                list.end()
            }
            leaf => leaf.serialize(serializer),
        }
    }
}

/// Lays JSON out, and escapes in its strings what a terminal would obey, in the same pieces.
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
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::aside::aside;

    fn long() -> Json {
        let item = |number: usize| {
            Json::from([("id", number.into()), ("list", Json::Array(vec![Json::Null])), ("text", "é\n".into())])
        };
        let requests = Json::Array((0..20_000).map(item).collect());
        Json::from([
            ("requests", requests),
            ("none", Json::Array(Vec::new())),
            ("meta", Json::from([("total", 7.into())])),
        ])
    }

    #[test]
    fn it_is_what_a_tree_prints() {
        assert_eq!(printed(long()), format!("{}\n", long().pretty()));
        assert_eq!(printed(Json::Null), "null\n");
        let unsafe_to_show = Json::from([("a\u{9b}", "é\u{202e}\n".into())]);
        assert_eq!(printed(unsafe_to_show), "{\n  \"a\\u009b\": \"é\\u202e\\n\"\n}\n");
    }

    #[test]
    fn what_is_long_is_printed_in_pieces() {
        let asked = Rc::new(Cell::new(0));
        let counted = asked.clone();
        let served = move || counted.replace(counted.get() + 1);

        aside(served, || printed(long()));

        assert!(asked.get() > 2, "once before the first piece, and once after each");
    }
}
