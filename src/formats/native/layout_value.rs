//! Formats keys and values.
//!
//! A list or table with a line break or a comment of its own gets a line for each entry and a comma after the last. Any
//! other is on one line. Strings are in double quotes if they need no escape.

use toml_parser::decoder::Encoding;
use toml_parser::parser::{Event, EventKind};

/// The remaining events, without white space.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) events: &'t [Event],
    pub(super) line_end: &'static str,
}

impl<'t> Cursor<'t> {
    pub(super) fn peek(&self) -> Option<Event> {
        self.events.first().copied()
    }

    pub(super) fn take(&mut self) -> Option<Event> {
        let (first, rest) = self.events.split_first()?;
        self.events = rest;
        Some(*first)
    }

    fn raw(&self, event: Event) -> &'t str {
        let span = event.span();
        &self.text[span.start()..span.end()]
    }

    /// Returns how many names the next key has.
    pub(super) fn names(&self) -> usize {
        let of_key = |event: &&Event| matches!(event.kind(), EventKind::SimpleKey | EventKind::KeySep);
        self.events.iter().take_while(of_key).filter(|event| event.kind() == EventKind::SimpleKey).count()
    }

    /// Consumes a comment, if it is next.
    pub(super) fn comment(&mut self) -> Option<&'t str> {
        let event = self.peek().filter(|event| event.kind() == EventKind::Comment)?;
        self.take();
        Some(self.raw(event).trim_end())
    }
}

/// Consumes the names of a key and the token after it: `=`, or the bracket of a header.
pub(super) fn key_path(cursor: &mut Cursor<'_>) -> String {
    let mut path = String::new();
    while let Some(event) = cursor.take() {
        match event.kind() {
            EventKind::SimpleKey => path.push_str(&key(cursor.raw(event), event.encoding())),
            EventKind::KeySep => path.push('.'),
            _ => break,
        }
    }
    path
}

/// Removes the quotes of a key that needs none.
fn key(raw: &str, encoding: Option<Encoding>) -> String {
    let bare =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match raw.get(1..raw.len().saturating_sub(1)) {
        Some(name) if encoding.is_some() && bare(name) => name.to_owned(),
        _ => scalar(raw, encoding),
    }
}

/// Puts a string in double quotes if it needs no escape. Anything else stays as it is.
fn scalar(raw: &str, encoding: Option<Encoding>) -> String {
    match encoding {
        Some(Encoding::LiteralString) if !raw.contains(['\\', '"']) => {
            format!("\"{}\"", raw.trim_start_matches('\'').trim_end_matches('\''))
        }
        _ => raw.to_owned(),
    }
}

/// Consumes a value. `depth` is the number of lists and tables around it that are written on several lines.
pub(super) fn value(cursor: &mut Cursor<'_>, depth: usize) -> String {
    let Some(event) = cursor.take() else { return String::new() };
    match event.kind() {
        EventKind::ArrayOpen => entries(cursor, depth, ("[", "]", "")),
        EventKind::InlineTableOpen => entries(cursor, depth, ("{", "}", " ")),
        _ => scalar(cursor.raw(event), event.encoding()),
    }
}

/// Consumes the entries between brackets, and the closing bracket.
fn entries(cursor: &mut Cursor<'_>, depth: usize, (open, close, padding): (&str, &str, &str)) -> String {
    if is_broken(cursor.events) {
        return broken(cursor, depth, open, close);
    }
    let mut written: Vec<String> = Vec::new();
    while let Some(event) = cursor.peek() {
        match event.kind() {
            EventKind::ArrayClose | EventKind::InlineTableClose => {
                cursor.take();
                break;
            }
            EventKind::ValueSep => drop(cursor.take()),
            _ => written.push(entry(cursor, depth)),
        }
    }
    match written.as_slice() {
        [] => format!("{open}{close}"),
        all => format!("{open}{padding}{}{padding}{close}", all.join(", ")),
    }
}

/// Consumes a value, with its key if it is in a table.
fn entry(cursor: &mut Cursor<'_>, depth: usize) -> String {
    match cursor.peek().map(|event| event.kind()) {
        Some(EventKind::SimpleKey) => {
            let path = key_path(cursor);
            format!("{path} = {}", value(cursor, depth))
        }
        _ => value(cursor, depth),
    }
}

/// Returns whether a list or table has line breaks or comments of its own.
fn is_broken(events: &[Event]) -> bool {
    let mut inside = 0_usize;
    for event in events {
        match event.kind() {
            EventKind::ArrayOpen | EventKind::InlineTableOpen => inside += 1,
            EventKind::ArrayClose | EventKind::InlineTableClose if inside == 0 => return false,
            EventKind::ArrayClose | EventKind::InlineTableClose => inside -= 1,
            EventKind::Newline | EventKind::Comment if inside == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Consumes entries that get a line each, and the closing bracket.
fn broken(cursor: &mut Cursor<'_>, depth: usize, open: &str, close: &str) -> String {
    let mut lines = vec![open.to_owned()];
    // A comment belongs to its line, and a blank line to the entry after it.
    let (mut fresh, mut blank) = (false, false);
    while let Some(event) = cursor.peek() {
        match event.kind() {
            EventKind::ArrayClose | EventKind::InlineTableClose => {
                cursor.take();
                break;
            }
            EventKind::Newline => {
                cursor.take();
                blank = fresh && lines.len() > 1;
                fresh = true;
            }
            EventKind::ValueSep => drop(cursor.take()),
            kind => {
                let written = match kind {
                    EventKind::Comment => cursor.comment().unwrap_or_default().to_owned(),
                    _ => format!("{},", entry(cursor, depth + 1)),
                };
                match lines.last_mut().filter(|_| kind == EventKind::Comment && !fresh) {
                    Some(line) => *line = format!("{line} {written}"),
                    None => {
                        if blank {
                            lines.push(String::new());
                        }
                        lines.push(format!("{}{written}", "  ".repeat(depth + 1)));
                        blank = false;
                    }
                }
                fresh = false;
            }
        }
    }
    if lines.len() == 1 && lines[0] == open {
        return format!("{open}{close}");
    }
    lines.push(format!("{}{close}", "  ".repeat(depth)));
    lines.join(cursor.line_end)
}
