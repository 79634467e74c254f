//! JSON that is written piece by piece, so that neither a long list nor a long text is in memory as a whole.
//!
//! The layout is that of `printed`: on several lines, and safe to show on a terminal.

use std::borrow::Cow;
use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::message::visible_json;
use crate::model::Json;
use crate::respond::{AnswerBody, BodyStream};

/// A piece that is sent has at least this many bytes, except the last one.
const PIECE: usize = 64 * 1024;

/// This many bytes of a long value are written at a time. It is a multiple of 3, so that Base64 has no padding between pieces.
const STEP: usize = 48 * 1024;

/// A value to print.
#[derive(Debug)]
pub(super) enum Printable {
    /// A small value.
    Json(Json),
    Object(Vec<(String, Printable)>),
    /// Bytes as a string of Base64.
    Base64(Bytes),
    /// A text in UTF-8.
    Text(Bytes),
}

/// The items of a list, each produced after the one before was written.
pub(super) type Items = Box<dyn Iterator<Item = Printable> + Send>;

/// Returns a value as a body that is written while it is sent.
pub(super) fn streamed(value: impl Fn() -> Printable + Send + Sync + 'static) -> BodyStream {
    BodyStream::new(move || {
        let mut parts = Parts::default();
        value().format_scenario(0, &mut parts);
        parts.text("\n");
        Box::new(Pieces { items: None, parts })
    })
}

/// Returns an object with a list of this name and further members, as a body that is written while it is sent.
pub(super) fn streamed_list(
    name: &'static str,
    items: impl Fn() -> Items + Send + Sync + 'static,
    members: Vec<(&'static str, Json)>,
) -> BodyStream {
    BodyStream::new(move || {
        let mut parts = Parts::default();
        parts.text(&format!("{{\n  {}: [", Json::from(name)));
        let mut end = Parts::default();
        for (name, value) in &members {
            end.text(&format!(",\n  {}: ", Json::from(*name)));
            Printable::Json(value.clone()).format_scenario(1, &mut end);
        }
        end.text("\n}\n");
        Box::new(Pieces { items: Some(List { items: items(), is_first: true, end }), parts })
    })
}

/// Returns a short body as a whole, so that its length is known before it is sent.
pub(super) fn whole_if_short(stream: BodyStream) -> AnswerBody {
    let first = stream.pieces().next().unwrap_or_default();
    if first.len() < PIECE {
        AnswerBody::Whole(first)
    } else {
        AnswerBody::Stream(stream)
    }
}

/// The parts of a text that are not written yet.
#[derive(Debug, Default)]
struct Parts(VecDeque<Part>);

#[derive(Debug)]
enum Part {
    Written(String),
    Base64(Bytes),
    Text(Bytes),
}

impl Parts {
    fn text(&mut self, text: &str) {
        match self.0.back_mut() {
            Some(Part::Written(written)) => written.push_str(text),
            _ => self.0.push_back(Part::Written(text.to_owned())),
        }
    }

    /// Writes some of the first part. Returns whether there was any.
    fn write_some(&mut self, out: &mut Vec<u8>) -> bool {
        let rest = match self.0.pop_front() {
            None => return false,
            Some(Part::Written(text)) => {
                out.extend_from_slice(text.as_bytes());
                return true;
            }
            Some(Part::Base64(mut bytes)) => {
                let step = bytes.split_to(bytes.len().min(STEP));
                out.extend_from_slice(STANDARD.encode(step).as_bytes());
                Part::Base64(bytes)
            }
            Some(Part::Text(mut text)) => {
                let step = text.split_to(end_of_step(&text));
                out.extend_from_slice(escaped(&step).as_bytes());
                Part::Text(text)
            }
        };
        if !rest.is_empty() {
            self.0.push_front(rest);
        }
        true
    }
}

impl Part {
    fn is_empty(&self) -> bool {
        match self {
            Part::Written(text) => text.is_empty(),
            Part::Base64(bytes) | Part::Text(bytes) => bytes.is_empty(),
        }
    }
}

impl Printable {
    /// Returns a slice of the bytes that is valid UTF-8, without a copy.
    pub(super) fn text_within(bytes: &Bytes, text: Cow<'_, str>) -> Printable {
        Printable::Text(match text {
            Cow::Borrowed(text) => bytes.slice_ref(text.as_bytes()),
            Cow::Owned(text) => text.into(),
        })
    }

    /// Adds the parts of a value at a depth of indentation.
    fn format_scenario(self, depth: usize, parts: &mut Parts) {
        match self {
            Printable::Json(json) => {
                // Line ends in strings are escaped, so every line end of the text belongs to the layout.
                let text = json.pretty().replace('\n', &format!("\n{}", indent(depth)));
                parts.text(&visible_json(&text));
            }
            Printable::Object(members) => {
                parts.text("{");
                for (place, (name, value)) in members.into_iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    parts.text(&format!("{comma}\n{}{}: ", indent(depth + 1), Json::from(name)));
                    value.format_scenario(depth + 1, parts);
                }
                parts.text(&format!("\n{}}}", indent(depth)));
            }
            Printable::Base64(bytes) => parts.quoted(Part::Base64(bytes)),
            Printable::Text(text) => parts.quoted(Part::Text(text)),
        }
    }
}

impl Parts {
    fn quoted(&mut self, part: Part) {
        self.text("\"");
        self.0.push_back(part);
        self.text("\"");
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// Returns the end of the next piece of a text, which is between two characters.
fn end_of_step(text: &[u8]) -> usize {
    if text.len() <= STEP {
        return text.len();
    }
    let is_start = |byte: u8| byte & 0b1100_0000 != 0b1000_0000;
    (1..=STEP).rev().find(|end| is_start(text[*end])).unwrap_or(STEP)
}

/// Returns a text with the escapes of a JSON string.
fn escaped(text: &[u8]) -> String {
    let text = std::str::from_utf8(text).expect("a text in UTF-8 is split between characters");
    let quoted = Json::from(text).to_string();
    visible_json(&quoted[1..quoted.len() - 1]).into_owned()
}

/// The remaining items of a list, and the text after the list.
struct List {
    items: Items,
    is_first: bool,
    end: Parts,
}

/// Produces the text in pieces.
struct Pieces {
    items: Option<List>,
    parts: Parts,
}

impl Pieces {
    /// Continues with the next item of the list, or with its end. Returns whether there is more to write.
    fn advance(&mut self) -> bool {
        let Some(list) = &mut self.items else { return false };
        match list.items.next() {
            Some(item) => {
                let comma = if std::mem::take(&mut list.is_first) { "" } else { "," };
                self.parts.text(&format!("{comma}\n    "));
                item.format_scenario(2, &mut self.parts);
            }
            None => {
                self.parts.text(if list.is_first { "]" } else { "\n  ]" });
                self.parts.0.append(&mut list.end.0);
                self.items = None;
            }
        }
        true
    }
}

impl Iterator for Pieces {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let mut piece = Vec::with_capacity(PIECE + STEP);
        while piece.len() < PIECE && (self.parts.write_some(&mut piece) || self.advance()) {}
        (!piece.is_empty()).then(|| piece.into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::printed::printed;
    use super::*;

    fn text(stream: BodyStream) -> String {
        assert!(stream.pieces().all(|piece| !piece.is_empty() && piece.len() < 2 * PIECE + STEP));
        String::from_utf8(AnswerBody::Stream(stream).to_bytes().to_vec()).expect("UTF-8")
    }

    fn item(number: usize) -> Json {
        Json::from([("id", number.into()), ("text", "é\u{9b}\n".into()), ("list", Json::Array(vec![number.into()]))])
    }

    #[test]
    fn a_list_has_the_same_layout_as_if_it_were_printed_whole() {
        let meta = || Json::from([("total", 7.into()), ("none", Json::Array(Vec::new()))]);
        for length in [0, 1, 3, 5000] {
            let items = move || -> Items { Box::new((0..length).map(|number| Printable::Json(item(number)))) };
            let whole = Json::from([
                ("requests", Json::Array((0..length).map(item).collect())),
                ("meta", meta()),
                ("disabled", false.into()),
            ]);

            let members = vec![("meta", meta()), ("disabled", false.into())];
            let list = streamed_list("requests", items, members);
            assert_eq!(whole_if_short(list.clone()).whole().is_some(), length < 100, "{length}");
            assert_eq!(text(list), printed(&whole), "{length}");
        }
    }

    #[test]
    fn long_values_in_pieces_are_written_as_if_whole() {
        let long = "a\"\\\n\u{1b}é\u{202e}€😀".repeat(20_000);
        let body = Bytes::from(long.clone());
        let whole = Json::from([
            ("empty", "".into()),
            ("bodyAsBase64", STANDARD.encode(&body).into()),
            ("body", long.into()),
            ("inside", Json::from([("a", 1.into())])),
        ]);

        let value = move || {
            Printable::Object(vec![
                ("empty".to_owned(), Printable::Text(Bytes::new())),
                ("bodyAsBase64".to_owned(), Printable::Base64(body.clone())),
                ("body".to_owned(), Printable::text_within(&body, String::from_utf8_lossy(&body))),
                ("inside".to_owned(), Printable::Object(vec![("a".to_owned(), Printable::Json(1.into()))])),
            ])
        };
        assert_eq!(text(streamed(value)), printed(&whole));
    }
}
