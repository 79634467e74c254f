//! Parses TOML text into a tree in which each value has its span.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Diagnostic;
use super::excerpt::Lines;
use super::toml_depth::{MAX_DEPTH, too_deep};
use super::toml_errors::{ParseError, parse_errors};
use super::tree::{Entry, Node, Value};

/// Parses TOML text, and reports errors as diagnostics.
///
/// # Errors
/// A diagnostic for each error of the text.
pub(super) fn read(text: &str, file: &str) -> Result<Node, Vec<Diagnostic>> {
    let lines = Lines::new(text);
    parse(text, &lines).map_err(|errors| {
        let diagnostics = errors.into_iter().map(|error| {
            Diagnostic::for_file(file, error.message).with_help(error.help).with_span(&lines, text, &error.span, "")
        });
        diagnostics.collect()
    })
}

/// Parses TOML text.
///
/// # Errors
/// All errors from which the parser recovers.
pub(super) fn parse(text: &str, lines: &Lines) -> Result<Node, Vec<ParseError>> {
    if let Some(span) = too_deep(text) {
        let help = "Write what nests deeper as JSON text in a string, or in a file of its own.";
        let message = format!("tables and lists must nest at most {MAX_DEPTH} levels deep");
        return Err(vec![ParseError { span, message, help: Some(help.to_owned()) }]);
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let root = root.into_inner();
        return match empty_integer(root.iter()) {
            Some(span) => Err(vec![ParseError { span, message: NO_DIGITS.to_owned(), help: None }]),
            None => Ok(Node { span: 0..0, value: table(root) }),
        };
    }
    Err(parse_errors(text, &errors, lines))
}

/// An integer must have digits after its prefix; the crate accepts it without.
const NO_DIGITS: &str = "an integer must have digits after `0x`, `0o` or `0b`";

/// Returns the place of the first integer without digits.
fn empty_integer<'t, 'v: 't>(
    entries: impl Iterator<Item = (&'t Spanned<Cow<'v, str>>, &'t Spanned<DeValue<'v>>)>,
) -> Option<Range<usize>> {
    entries.map(|(_, value)| value).find_map(empty_integer_in)
}

fn empty_integer_in(value: &Spanned<DeValue<'_>>) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Integer(integer) => integer.as_str().is_empty().then(|| value.span()),
        DeValue::Array(items) => items.iter().find_map(empty_integer_in),
        DeValue::Table(entries) => empty_integer(entries.iter()),
        _ => None,
    }
}

/// Converts a table of the crate. Its map is sorted by name, so the spans restore the order of the file.
///
/// The map is consumed while the tree is built, because it needs about 40 times the memory of the text.
fn table(table: DeTable<'_>) -> Value {
    let mut entries: Vec<Entry> = table.into_iter().map(|(key, value)| entry(key, value)).collect();
    entries.sort_by_cached_key(first_byte);
    Value::Table(entries)
}

fn entry(key: Spanned<Cow<'_, str>>, value: Spanned<DeValue<'_>>) -> Entry {
    Entry { key_span: key.span(), key: key.into_inner().into_owned(), node: node(value) }
}

/// Returns the first byte of an entry or of anything below it. The header of a table may come after those of its subtables,
/// so the position of the key is not enough.
fn first_byte(entry: &Entry) -> usize {
    let below = match &entry.node.value {
        Value::Table(entries) => entries.first().map_or(usize::MAX, first_byte),
        _ => usize::MAX,
    };
    below.min(entry.key_span.start)
}

fn node(value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(text.into_owned()),
        // An integer that is too large becomes `i128::MAX`, which every later check of a range refuses.
        DeValue::Integer(integer) => {
            Value::Integer(i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX))
        }
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Bool(truth),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(items.into_iter().map(node).collect()),
        DeValue::Table(entries) => table(entries),
    };
    Node { span, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Node {
        super::parse(text, &Lines::new(text)).expect("TOML")
    }

    fn keys(node: &Node) -> Vec<&str> {
        match &node.value {
            Value::Table(entries) => entries.iter().map(|entry| entry.key.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn an_integer_must_have_digits() {
        for (text, at) in [("a = 0x", 4..6), ("[[a]]\nb = { c = [1, 0b] }\n", 20..22)] {
            let errors = super::parse(text, &Lines::new(text)).expect_err("no digits");
            assert_eq!((errors[0].message.as_str(), errors[0].span.clone()), (NO_DIGITS, at), "{text}");
        }
        parse("a = [0x0, 0xff, 0]");
    }

    #[test]
    fn keys_stand_in_the_order_of_the_file() {
        let root = parse("z = 1\n[b.x]\n[a]\nq = 1\nc = 2\n[b]\n");

        assert_eq!(keys(&root), ["z", "b", "a"]);
        assert_eq!(keys(&root.get("a").expect("a").node), ["q", "c"]);
    }

    #[test]
    fn a_key_after_a_byte_order_mark_stands_where_it_is() {
        let root = parse("\u{feff}name = 'x'");

        assert_eq!(root.get("name").expect("name").key_span, 3..7);
    }
}
