//! Formats the text of a scenario file: `cannery fmt`.
//!
//! Only white space, line breaks, commas and quotes change. Comments stay where they are, keys keep their order, and the
//! file loads as before. This file formats lines, and `layout_value` formats the values on them.

use toml_parser::Source;
use toml_parser::parser::{Event, EventKind, parse_document};

use super::layout_value::{Cursor, key_path, value};

/// A line of a file, or several lines if a value has several.
enum Item<'t> {
    Blank,
    Comment(&'t str),
    Header { text: String, apart: bool },
    Pair(String),
}

/// Formats a text, which must be TOML. All line ends become like the last one, and a byte order mark is removed.
pub(super) fn format_text(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut events: Vec<Event> = Vec::new();
    parse_document(&tokens, &mut events, &mut ());
    events.retain(|event| event.kind() != EventKind::Whitespace);
    // Line breaks inside strings are content, and some others are removed, so the last one decides.
    let last_break = events.iter().rfind(|event| event.kind() == EventKind::Newline);
    let line_end = match last_break.map(|event| &text[event.span().start()..event.span().end()]) {
        Some("\r\n") => "\r\n",
        _ => "\n",
    };
    let mut cursor = Cursor { text, events: &events, line_end };
    let mut items = Vec::new();
    while let Some(item) = next_item(&mut cursor) {
        items.push(item);
    }
    join_items(&items, line_end)
}

/// Consumes the next item and the line break after it.
fn next_item<'t>(cursor: &mut Cursor<'t>) -> Option<Item<'t>> {
    let event = cursor.peek()?;
    let item = match event.kind() {
        EventKind::Newline => {
            cursor.take();
            return Some(Item::Blank);
        }
        EventKind::Comment => Item::Comment(cursor.comment().unwrap_or_default()),
        EventKind::StdTableOpen | EventKind::ArrayTableOpen => header(cursor, event.kind()),
        _ => {
            let path = key_path(cursor);
            let value = value(cursor, 0);
            Item::Pair(with_comment(format!("{path} = {value}"), cursor))
        }
    };
    if cursor.peek().is_some_and(|next| next.kind() == EventKind::Newline) {
        cursor.take();
    }
    Some(item)
}

/// Consumes a header. Headers of lists, and headers of one name, get an empty line before them.
fn header<'t>(cursor: &mut Cursor<'t>, kind: EventKind) -> Item<'t> {
    cursor.take();
    let names = cursor.names();
    let path = key_path(cursor);
    let is_list = kind == EventKind::ArrayTableOpen;
    let apart = is_list || names == 1;
    let text = if is_list { format!("[[{path}]]") } else { format!("[{path}]") };
    Item::Header { text: with_comment(text, cursor), apart }
}

fn with_comment(text: String, cursor: &mut Cursor<'_>) -> String {
    match cursor.comment() {
        Some(comment) => format!("{text} {comment}"),
        None => text,
    }
}

/// Writes the items with the blank lines that belong between them.
fn join_items(items: &[Item<'_>], line_end: &str) -> String {
    let mut out = String::new();
    let mut blank = false;
    let mut below_header = false;
    for (place, item) in items.iter().enumerate() {
        let text = match item {
            Item::Blank => {
                blank = true;
                continue;
            }
            Item::Comment(text) => text,
            Item::Header { text, .. } | Item::Pair(text) => text.as_str(),
        };
        // A block of comments belongs to the item that follows it without a blank line.
        let starts_block = !matches!(place.checked_sub(1).map(|before| &items[before]), Some(Item::Comment(_)));
        if starts_block {
            match items[place..].iter().find(|item| !matches!(item, Item::Comment(_))) {
                Some(Item::Header { apart: true, .. }) => blank = true,
                Some(Item::Pair(_)) if below_header => blank = false,
                _ => {}
            }
        }
        if blank && !out.is_empty() {
            out.push_str(line_end);
        }
        out.push_str(text);
        out.push_str(line_end);
        blank = false;
        below_header = matches!(item, Item::Header { .. });
    }
    out
}
