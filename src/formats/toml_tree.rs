//! Makes the tree of a TOML text. Why a text is none is told elsewhere.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Lines;
use super::toml_depth::{DEEPEST, too_deep};
use super::toml_misread::{Misread, misreads};
use super::tree::{Entry, Node, Value};

/// What the pieces begin with in which a long text is read.
const STUB: &str = "[[stub]]";

/// Pieces have so many bytes at least. What the crate makes of a text takes some forty times its memory.
const PIECE: usize = 2 * 1024;

/// Reads TOML, or says all that is wrong with it as far as the parser recovers.
pub(super) fn parse(text: &str, lines: &Lines) -> Result<Node, Vec<Misread>> {
    if let Some(span) = too_deep(text) {
        let help = "Write what nests deeper as JSON text in a string, or in a file of its own.";
        let message = format!("tables and lists nest deeper than {DEEPEST} levels");
        return Err(vec![Misread { span, message, help: Some(help.to_owned()) }]);
    }
    if let Some(root) = parse_in_pieces(text, PIECE) {
        return Ok(root);
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(Node { span: 0..0, value: table(root.get_ref(), 0) });
    }
    Err(misreads(text, &errors, lines))
}

/// Reads a text a few stubs at a time; `None` where it has to be read as a whole: it is wrong, or it is short, or what
/// stands in one piece is spoken of in another.
///
/// A string, a list or a table in braces that a line with the header of a stub stands in is not closed in the piece before,
/// which is wrong then.
fn parse_in_pieces(text: &str, least: usize) -> Option<Node> {
    let cuts = cuts(text, least);
    let before = DeTable::parse(&text[..*cuts.first()?]).ok()?;
    let mut all = entries(before.get_ref(), 0);
    // A list there may be one in brackets, which takes no more; after the header of a stub all are made by headers.
    let before = all.len();
    for cut in cuts.windows(2) {
        let piece = DeTable::parse(&text[cut[0]..cut[1]]).ok()?;
        for more in entries(piece.get_ref(), cut[0]) {
            let Some(known) = all.iter().position(|known| known.key == more.key) else {
                all.push(more);
                continue;
            };
            match (&mut all[known].node.value, more.node.value) {
                (Value::List(items), Value::List(more)) if known >= before => items.extend(more),
                _ => return None,
            }
        }
    }
    Some(Node { span: 0..0, value: in_order(all) })
}

/// The places of headers of stubs between which a text is read, and its end; none where it is short.
fn cuts(text: &str, least: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), STUB) {
        let begins_a_line = at == 0 || text.as_bytes()[at - 1] == b'\n';
        if begins_a_line && cuts.last().is_none_or(|last| at - last >= least) {
            cuts.push(at);
        }
    }
    if cuts.len() > 1 {
        cuts.push(text.len());
        cuts
    } else {
        Vec::new()
    }
}

/// The table whose text begins at a byte of the whole.
fn table(table: &DeTable<'_>, from: usize) -> Value {
    in_order(entries(table, from))
}

/// The map of the crate is sorted by name; the spans know the order of the file.
fn in_order(mut entries: Vec<Entry>) -> Value {
    entries.sort_by_cached_key(first_byte);
    Value::Table(entries)
}

fn entries(table: &DeTable<'_>, from: usize) -> Vec<Entry> {
    table.iter().map(|(key, value)| entry(key, value, from)).collect()
}

fn entry(key: &Spanned<impl AsRef<str>>, value: &Spanned<DeValue<'_>>, from: usize) -> Entry {
    Entry { key: key.get_ref().as_ref().to_owned(), key_span: later(key.span(), from), node: node(value, from) }
}

fn later(span: Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}

/// Where an entry is first spoken of. A header may come after the headers below it, so the key's own place is
/// not enough.
fn first_byte(entry: &Entry) -> usize {
    let below = match &entry.node.value {
        Value::Table(entries) => entries.first().map_or(usize::MAX, first_byte),
        _ => usize::MAX,
    };
    below.min(entry.key_span.start)
}

fn node(value: &Spanned<DeValue<'_>>, from: usize) -> Node {
    let made = match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        // Whatever does not fit is as far out of every range as the widest number is.
        DeValue::Integer(integer) => {
            Value::Integer(i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX))
        }
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, from)).collect()),
        DeValue::Table(entries) => table(entries, from),
    };
    Node { span: later(value.span(), from), value: made }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, proptest};
    use proptest::sample::select;

    use super::{DeTable, Lines, Misread, Node, Value, parse_in_pieces, table};

    fn parse(text: &str) -> Result<Node, Vec<Misread>> {
        super::parse(text, &Lines::of(text))
    }

    fn keys(node: &Node) -> Vec<&str> {
        match &node.value {
            Value::Table(entries) => entries.iter().map(|entry| entry.key.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    /// Lines that come in the files of people, and some that break what stands before them.
    fn lines() -> impl Strategy<Value = String> {
        let line = select(vec![
            "[[stub]]",
            "[[stub]]",
            "[[stub]] # again",
            "  [[stub]]",
            "[stub.request]",
            "[[stub.responses]]",
            "[request]",
            "[[example]]",
            "[representation.xml]",
            "name = 'a'",
            "a.b = 1",
            "request = { path = '/\u{e9}' }",
            "x = [",
            "1,",
            "]",
            "t = {",
            "}",
            "m = '''",
            "'''",
            "d = \"\"\"",
            "\"\"\"",
            "stub = []",
            "# [[stub]]",
            "",
            "[stub]",
            "e = 2020-01-01",
            "f = -1.5",
        ]);
        let end = select(vec!["\n", "\r\n"]);
        (proptest::collection::vec(line, 0..24), end).prop_map(|(lines, end)| lines.join(end))
    }

    proptest! {
        #[test]
        fn in_pieces_it_is_read_as_it_is_read_whole(text in lines(), least in 0usize..40, mark in any::<bool>()) {
            let text = if mark { format!("\u{feff}{text}") } else { text };
            if let Some(root) = parse_in_pieces(&text, least) {
                let whole = DeTable::parse(&text).unwrap_or_else(|why| panic!("{why} in {text}"));
                assert_eq!(root.value, table(whole.get_ref(), 0), "{text}");
            }
        }
    }

    #[test]
    fn a_long_file_of_stubs_is_read_in_pieces() {
        let text = "name = 'n'\n[request]\nmethod = 'GET'\n".to_owned() + &"[[stub]]\nrequest.path = '/a'\n".repeat(30);

        let root = parse_in_pieces(&text, 100).expect("nothing in it is spoken of twice");
        assert_eq!(keys(&root), ["name", "request", "stub"]);
        assert_eq!(Ok(root), parse(&text).map_err(|_| ()));
    }

    #[test]
    fn lists_that_headers_make_go_on_in_the_next_piece_and_others_do_not() {
        let examples = "[[stub]]\nname = 'a'\n[[example]]\nname = 'b'\n".repeat(2);
        assert!(parse_in_pieces(&examples, 1).is_some());

        let twice = "m = '''\r\nm = '''\r\nstub = []\r\n[[stub]]\r\nd = \"\"\"\r\nd = \"\"\"\r\n[[stub]]";
        assert!(parse_in_pieces(twice, 1).is_none() && parse(twice).is_err());
    }

    #[test]
    fn keys_stand_in_the_order_of_the_file() {
        let root = parse("z = 1\n[b.x]\n[a]\nq = 1\nc = 2\n[b]\n").expect("TOML");

        assert_eq!(keys(&root), ["z", "b", "a"]);
        assert_eq!(keys(&root.get("a").expect("a").node), ["q", "c"]);
    }

    #[test]
    fn a_key_after_a_byte_order_mark_stands_where_it_is() {
        let root = parse("\u{feff}name = 'x'").expect("TOML");

        assert_eq!(root.get("name").expect("name").key_span, 3..7);
    }
}
