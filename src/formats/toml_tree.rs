//! Makes the tree of a TOML text, or says why it is not TOML.
//!
//! The messages are the `toml` crate's; the traps of the language that scenario authors fall into get a remedy.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Lines;
use super::tree::{Entry, Node, Value};

/// One place where the text is not TOML.
#[derive(Debug)]
pub(super) struct Misread {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// So many faults of a text that is not TOML are told; beyond them the parser is lost, and so would be the reader.
const MOST_TOLD: usize = 100;

/// What the pieces begin with in which a long text is read.
const STUB: &str = "[[stub]]";

/// Pieces have so many bytes at least. What the crate makes of a text takes some forty times its memory.
const PIECE: usize = 16 * 1024;

/// Reads TOML, or says all that is wrong with it as far as the parser recovers.
pub(super) fn parse(text: &str, lines: &Lines) -> Result<Node, Vec<Misread>> {
    if let Some(root) = parse_in_pieces(text, PIECE) {
        return Ok(root);
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(Node { span: 0..0, value: table(root.get_ref(), 0) });
    }
    let complaints = errors.iter().map(|error| (error.message(), error.span().unwrap_or(0..0)));
    let kept = one_a_line(complaints.collect(), lines).into_iter().take(MOST_TOLD);
    Err(kept.map(|(complaint, span)| misread(text, complaint, span)).collect())
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
    // Stubs that are begun there, as a list in brackets or a table, take no more.
    if all.iter().any(|entry| entry.key == "stub") {
        return None;
    }
    for cut in cuts.windows(2) {
        let piece = DeTable::parse(&text[cut[0]..cut[1]]).ok()?;
        for more in entries(piece.get_ref(), cut[0]) {
            let Some(known) = all.iter_mut().find(|known| known.key == more.key) else {
                all.push(more);
                continue;
            };
            match (&mut known.node.value, more.node.value) {
                (Value::List(stubs), Value::List(more_stubs)) if more.key == "stub" => stubs.extend(more_stubs),
                _ => return None,
            }
        }
    }
    all.sort_by_cached_key(first_byte);
    Some(Node { span: 0..0, value: Value::Table(all) })
}

/// The places of headers of stubs between which a text is read, and its end; none where it is short.
fn cuts(text: &str, least: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = Vec::new();
    for (at, _) in text.match_indices(STUB) {
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
    let mut entries = entries(table, from);
    // The map of the crate is sorted by name; the spans know the order of the file.
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

const NOT_CLOSED: &str = "a string without its closing quote";
const CLOSE_IT: &str = "Close it on the same line; a string of several lines begins and ends with three quotes.";
const UNQUOTED: &str = "string values must be quoted";

/// Keeps one fault a line: what follows on the same line is the parser finding its feet.
fn one_a_line<'e>(mut complaints: Vec<(&'e str, Range<usize>)>, lines: &Lines) -> Vec<(&'e str, Range<usize>)> {
    // A value that is merely not quoted is the parser's last guess, so anything else on the line wins.
    complaints.sort_by_key(|(complaint, span)| (lines.line(span.start), complaint.starts_with(UNQUOTED), span.start));
    complaints.dedup_by_key(|(_, span)| lines.line(span.start));
    complaints
}

fn misread(text: &str, complaint: &str, span: Range<usize>) -> Misread {
    let name = text.get(span.clone()).unwrap_or_default().to_owned();
    if complaint == "duplicate key" {
        return duplicate(text, span, &name);
    }
    if let Some(kind) =
        complaint.strip_prefix("cannot extend value of type ").and_then(|rest| rest.strip_suffix(" with a dotted key"))
    {
        return extended(text, span, &name, kind);
    }
    let remedy = REMEDIES.iter().find(|(start, _, _)| complaint.starts_with(start));
    match remedy {
        Some((_, message, help)) => Misread { span, message: (*message).to_owned(), help: Some((*help).to_owned()) },
        None => Misread { span, message: complaint.to_owned(), help: None },
    }
}

/// How the crate's complaints begin, what we say instead, and what would be right.
const REMEDIES: [(&str, &str, &str); 6] = [
    ("invalid basic string", NOT_CLOSED, CLOSE_IT),
    ("invalid literal string", NOT_CLOSED, CLOSE_IT),
    (
        "missing escaped value",
        "no such escape in a string in double quotes",
        "Write it in single quotes, where a backslash is a backslash: regular expressions belong there.",
    ),
    (
        "invalid unquoted key",
        "a key without quotes has only letters of ASCII, digits, `-` and `_`",
        "Put a key that holds other characters in quotes, as in `json_path.\"$.id\"`.",
    ),
    ("key with no value", "a key without a value", "Write `key = value`."),
    (
        UNQUOTED,
        "text stands in quotes",
        "Write \"text\" or 'text'; only true, false, numbers and dates stand without quotes.",
    ),
];

/// A key or a table that stands twice.
fn duplicate(text: &str, span: Range<usize>, name: &str) -> Misread {
    let header = header_at(text, span.start);
    let first = earlier(text, span.start);
    let before = first.map_or(String::new(), |line| format!(" on line {line}"));
    let (message, help) = match header {
        Some(header) => (
            format!("the table `{header}` is defined twice"),
            format!("It was begun{before} already: write all of its keys there, under one header."),
        ),
        // `X.present = true` and then `X = "v"`.
        None if first.is_some_and(|line| !same_key(text, line, span.end)) => (
            format!("`{name}` is a table already, and cannot be a value"),
            format!("It was begun{before}. Write both in one table: `{name} = {{ equals = \"v\", present = true }}`."),
        ),
        None => (format!("`{name}` is given twice"), format!("It was given{before} already: keep one of the two.")),
    };
    Misread { span, message, help: Some(help) }
}

/// `X = "v"` and then `X.present = true`.
fn extended(text: &str, span: Range<usize>, name: &str, kind: &str) -> Misread {
    let before = earlier(text, span.start).map_or(String::new(), |line| format!(" on line {line}"));
    let (kind, help) = match kind {
        "inline table" => ("an inline table", format!("Add the key inside the braces of `{name} = {{ … }}`{before}.")),
        "array" => ("a list", format!("`{name}` was given as a list{before}; a list has no keys.")),
        _ => (
            "a value",
            format!(
                "`{name}` was given{before}. Write both in one table: `{name} = {{ equals = \"v\", present = true }}`."
            ),
        ),
    };
    Misread { span, message: format!("`{name}` is {kind} already, and cannot be added to"), help: Some(help) }
}

/// The name within the brackets, where the place is in a header.
fn header_at(text: &str, offset: usize) -> Option<&str> {
    let line = line_text(text, offset).trim();
    line.starts_with('[').then(|| line.split(']').next().unwrap_or(line).trim_start_matches('[').trim())
}

/// The nearest line before (counted from 1) that gives the table or the key which stands at a place.
///
/// In a list of tables each element may define the same table once, so the nearest is the one that is meant.
fn earlier(text: &str, offset: usize) -> Option<usize> {
    let at = text[..offset].matches('\n').count();
    let name = match header_at(text, offset) {
        Some(header) => header.to_owned(),
        None => {
            let length = text[offset..].find(['.', '=', ' ', '\t', '\n']).unwrap_or(text.len() - offset);
            let dotted = text.get(line_start(text, offset)..offset + length)?.trim();
            let section = text.lines().take(at).filter_map(|line| header_at(line, 0)).last();
            section.map_or(dotted.to_owned(), |section| format!("{section}.{dotted}"))
        }
    };
    let (mut section, mut found) = ("", None);
    for (place, line) in text.lines().take(at).enumerate() {
        let gives = match header_at(line, 0) {
            Some(header) => {
                section = header;
                header == name
            }
            None if section.is_empty() => under(line.trim(), &name),
            None => name
                .strip_prefix(section)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| under(line.trim(), rest)),
        };
        if gives {
            found = Some(place + 1);
        }
    }
    found
}

/// Whether a line gives just the key that ends at a place, and not one below it.
fn same_key(text: &str, line: usize, key_end: usize) -> bool {
    let dotted = text[line_start(text, key_end)..key_end].trim();
    let earlier = text.lines().nth(line - 1).unwrap_or_default().trim();
    earlier.strip_prefix(dotted).is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// Whether a line gives this key, or one below it.
fn under(line: &str, dotted: &str) -> bool {
    line.strip_prefix(dotted).is_some_and(|rest| rest.starts_with('.') || rest.trim_start().starts_with('='))
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_text(text: &str, offset: usize) -> &str {
    text[line_start(text, offset)..].lines().next().unwrap_or_default()
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

    #[test]
    fn a_value_that_becomes_a_table_names_the_line_of_the_value() {
        let misreads = parse("[request]\nquery.a = 'v'\nquery.a.present = true\n").expect_err("not TOML");

        assert_eq!(misreads.len(), 1);
        assert!(misreads[0].help.as_deref().is_some_and(|help| help.contains("on line 2")), "{misreads:?}");
    }

    #[test]
    fn faults_on_several_lines_are_all_told() {
        let misreads = parse("a = yes\nb = \"\\d\"\nfoo\n").expect_err("not TOML");

        assert_eq!(misreads.len(), 3);
    }
}
