//! Parses templates, and finds the place of what is wrong in their text.

use handlebars::{Template as Parsed, TemplateError, TemplateErrorReason};

use crate::model::{Fault, KeyPath};

/// The parser, and rendering after it, go a level down the stack with each nested block and parenthesis.
const DEEPEST: usize = 32;

/// Parses a template, or says where it is not one.
pub(super) fn parse(source: &str, at: &KeyPath) -> Result<Parsed, Fault> {
    if let Some(place) = too_deep(source) {
        let message = format!("a template nests deeper than {DEEPEST} levels");
        return Err(Fault::value(at, message).labelled("too deep").within(place, source.len()));
    }
    Parsed::compile(source).map_err(|error| fault(&error, source, at))
}

fn fault(error: &TemplateError, source: &str, at: &KeyPath) -> Fault {
    let (message, label) = match error.reason() {
        TemplateErrorReason::MismatchingClosedHelper(opened, closed) => {
            let closed = closed.trim_matches('"');
            (format!("`{{{{#{}}}}}` is closed by `{{{{/{closed}}}}}`", opened.trim_matches('"')), "another block's end")
        }
        TemplateErrorReason::InvalidParam(text) => (format!("`{text}` cannot be a value in a template"), "not a value"),
        _ => ("the template cannot be read".to_owned(), "not expected here"),
    };
    let from = error.pos().map_or(0, |(line, column)| offset(source, line, column));
    let to = source[from..].find("}}").map_or(source.len(), |end| from + end + 2);
    Fault::value(at, message)
        .labelled(label)
        .helped("Templates are Handlebars; `\\{{` is `{{` itself, and `template = false` switches them off.")
        .within(from, to)
}

/// The byte at a line and column, both counted from 1, the column in characters.
pub(super) fn offset(source: &str, line: usize, column: usize) -> usize {
    let start: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = &source[start..];
    rest.char_indices().nth(column.saturating_sub(1)).map_or(source.len(), |(at, _)| start + at)
}

/// The bytes of a word in the expression that starts at a place; all of the expression where it is not there.
pub(super) fn spot(source: &str, from: usize, word: &str) -> (usize, usize) {
    let to = source[from..].find("}}").map_or(source.len(), |end| from + end + 2);
    match source[from..to].find(word) {
        Some(place) if !word.is_empty() => (from + place, from + place + word.len()),
        _ => (from, to),
    }
}

/// Where a template goes deeper than is safe.
///
/// An `{{else if}}` counts as a level of its block: the parser makes it a block inside the one before.
fn too_deep(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut blocks: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(start) = source[at..].find("{{").map(|place| at + place) {
        let tag = source[start..].trim_start_matches(['{', '~', ' ']);
        if tag.starts_with('/') {
            blocks.pop();
        } else if tag.starts_with('#') {
            blocks.push(1);
        } else if tag.starts_with("else") || tag.starts_with('^') {
            blocks.last_mut().into_iter().for_each(|levels| *levels += 1);
        }
        let (end, brackets) = expression(bytes, start + 2);
        if blocks.iter().sum::<usize>() > DEEPEST || brackets > DEEPEST {
            return Some(start);
        }
        at = end;
    }
    None
}

/// Where an expression ends, and how deep its brackets nest; those in a string count, to be on the safe side.
fn expression(bytes: &[u8], from: usize) -> (usize, usize) {
    let (mut depth, mut deepest, mut quote) = (0_usize, 0, None);
    for at in from..bytes.len() {
        match (bytes[at], quote) {
            (b'}', None) if bytes.get(at + 1) == Some(&b'}') => return (at, deepest),
            (b'(' | b'[' | b'{', _) => depth += 1,
            (b')' | b']' | b'}', _) => depth = depth.saturating_sub(1),
            (byte @ (b'"' | b'\''), None) => quote = Some(byte),
            (byte, Some(open)) if byte == open && bytes[at - 1] != b'\\' => quote = None,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    (bytes.len(), deepest)
}
