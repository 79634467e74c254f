//! Parses JSON text into a tree in which each value has its span.
//!
//! `serde_json` decides whether a text is JSON, and reads strings and numbers. This file only finds the spans. So a
//! text is JSON here exactly if it is JSON for every other part of the program.

use std::collections::HashMap;
use std::ops::Range;

use crate::model::{Json, JsonFault, Number};

use super::diagnostic::Diagnostic;
use super::excerpt::Lines;
use super::tree::{Entry, Node, Value};

/// Parses JSON text, and reports an error as a diagnostic.
///
/// # Errors
/// One diagnostic: the error at which the parser stops.
pub(super) fn read(text: &str, file: &str) -> Result<Node, Vec<Diagnostic>> {
    parse(text).map_err(|fault| {
        let diagnostic = Diagnostic::for_file(file, format!("this is not valid JSON: {}", fault.message));
        vec![diagnostic.with_span(&Lines::new(text), text, &span_of_fault(text, &fault), "")]
    })
}

/// Parses JSON text.
///
/// # Errors
/// The reason if the text is not JSON.
pub(super) fn parse(text: &str) -> Result<Node, JsonFault> {
    Json::parse(text.as_bytes())?;
    Ok(Scanner { text, at: 0 }.value())
}

/// Returns the span of the character at which the parser stopped.
pub(super) fn span_of_fault(text: &str, fault: &JsonFault) -> Range<usize> {
    let before: usize = text.split_inclusive('\n').take(fault.line.saturating_sub(1)).map(str::len).sum();
    let at = text.floor_char_boundary(before + fault.column.saturating_sub(1));
    at..at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// Finds the spans of the values in a text that is valid JSON.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl Scanner<'_> {
    /// Skips white space, and returns the next byte without consuming it.
    fn next(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self) -> Node {
        let first = self.next();
        let start = self.at;
        let value = match first {
            Some(b'{') => self.table(),
            Some(b'[') => self.list(),
            _ => self.scalar(),
        };
        Node { span: start..self.at, value }
    }

    fn list(&mut self) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            match self.next() {
                Some(b',') => self.at += 1,
                Some(b']') | None => break,
                _ => items.push(self.value()),
            }
        }
        self.at += 1;
        Value::List(items)
    }

    /// Reads an object. If a name occurs twice, the last value counts, as in [`Json`].
    fn table(&mut self) -> Value {
        let mut entries: Vec<Entry> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        self.at += 1;
        loop {
            match self.next() {
                Some(b',') => self.at += 1,
                Some(b'}') | None => break,
                _ => {
                    let entry = self.entry();
                    let place = *known.entry(entry.key.clone()).or_insert(entries.len());
                    match entries.get_mut(place) {
                        Some(earlier) => *earlier = entry,
                        None => entries.push(entry),
                    }
                }
            }
        }
        self.at += 1;
        Value::Table(entries)
    }

    fn entry(&mut self) -> Entry {
        let start = self.at;
        let key = match self.scalar() {
            Value::String(key) => key,
            _ => String::new(),
        };
        let key_span = start..self.at;
        // Skip the colon.
        self.next();
        self.at += 1;
        Entry { key, key_span, node: self.value() }
    }

    fn scalar(&mut self) -> Value {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest.first() {
            Some(b'"') => string_length(rest),
            _ => rest
                .iter()
                .take_while(|byte| !matches!(byte, b',' | b':' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n'))
                .count(),
        };
        let read = Json::parse(&rest[..length]);
        self.at += length;
        match read {
            Ok(Json::Bool(truth)) => Value::Bool(truth),
            Ok(Json::Number(Number::Integer(integer))) => Value::Integer(integer),
            Ok(Json::Number(Number::Float(float))) => Value::Float(float),
            Ok(Json::String(text)) => Value::String(text),
            _ => Value::Null,
        }
    }
}

/// Returns the length of the string that begins a text, with its quotes.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_oneof, proptest};
    use proptest::sample::select;

    use super::*;

    /// Text that is often JSON.
    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<String>().prop_map(|text| Json::from(text).to_string()),
            select(vec!["true", "null", "-0", "1.5e3", "1E400", "\"\\ud83d\\ude00\"", "\"\\\"\"", "\"\\\\\"", "tru"])
                .prop_map(str::to_owned),
        ];
        let space = || select(vec!["", " ", "\r\n\t"]);
        leaf.prop_recursive(4, 30, 5, move |inner| {
            let name = prop_oneof![select(vec!["a", "b"]).prop_map(str::to_owned), any::<String>()];
            let member = (name, space(), inner.clone())
                .prop_map(|(name, space, value)| format!("{}{space}:{space}{value}", Json::from(name)));
            prop_oneof![
                (proptest::collection::vec(inner, 0..5), space())
                    .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},")))),
                (proptest::collection::vec(member, 0..5), space())
                    .prop_map(|(members, space)| format!("{{{space}{}{space}}}", members.join(&format!(",{space}"))))
            ]
        })
    }

    /// Returns the value of a node, and checks that its span holds it.
    fn checked(text: &str, node: &Node) -> Json {
        let value = match &node.value {
            Value::Null => Json::Null,
            Value::Bool(truth) => Json::Bool(*truth),
            Value::Integer(integer) => Json::Number(Number::Integer(*integer)),
            Value::Float(float) => Json::Number(Number::Float(*float)),
            Value::String(string) => Json::String(string.clone()),
            Value::Date(date) => panic!("{date}"),
            Value::List(items) => Json::Array(items.iter().map(|item| checked(text, item)).collect()),
            Value::Table(entries) => Json::Object(
                entries
                    .iter()
                    .map(|entry| {
                        let key = Json::parse(&text.as_bytes()[entry.key_span.clone()]);
                        assert_eq!(key, Ok(Json::from(entry.key.as_str())));
                        (entry.key.clone(), checked(text, &entry.node))
                    })
                    .collect(),
            ),
        };
        assert_eq!(Json::parse(&text.as_bytes()[node.span.clone()]).as_ref(), Ok(&value));
        value
    }

    proptest! {
        #[test]
        fn the_tree_is_what_serde_json_reads_and_each_span_holds_its_value(text in json(), space in select(vec!["", "\n "])) {
            let text = format!("{space}{text}{space}");
            match (parse(&text), Json::parse(text.as_bytes())) {
                (Ok(tree), json) => assert_eq!(Ok(checked(&text, &tree)), json),
                (Err(fault), json) => assert_eq!(Err(fault), json),
            }
        }
    }

    #[test]
    fn a_fault_is_at_its_character() {
        let place = |text: &str| span_of_fault(text, &parse(text).expect_err("not JSON"));

        assert_eq!(place("{\n \"a\": }"), 8..9);
        assert_eq!(place("[é]"), 1..3);
        assert_eq!(place(""), 0..0);
        assert_eq!(place("[1\n"), 3..3);
    }
}
