//! Says why a text is not TOML.
//!
//! The messages are the `toml` crate's; the traps of the language that scenario authors fall into get a remedy.

use std::ops::Range;

use super::diagnostic::Lines;

/// One place where the text is not TOML.
#[derive(Debug)]
pub(super) struct Misread {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// So many faults of a text that is not TOML are told; beyond them the parser is lost, and so would be the reader.
const MOST_TOLD: usize = 100;

/// All that is wrong with a text, as far as the parser recovered.
pub(super) fn misreads(text: &str, errors: &[toml::de::Error], lines: &Lines) -> Vec<Misread> {
    let complaints = errors.iter().map(|error| (error.message(), error.span().unwrap_or(0..0)));
    let kept = one_a_line(complaints.collect(), lines).into_iter().take(MOST_TOLD);
    kept.map(|(complaint, span)| misread(text, complaint, span)).collect()
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
    use super::super::toml_tree;
    use super::*;

    fn told(text: &str) -> Vec<Misread> {
        toml_tree::parse(text, &Lines::of(text)).expect_err("not TOML")
    }

    #[test]
    fn a_value_that_becomes_a_table_names_the_line_of_the_value() {
        let misreads = told("[request]\nquery.a = 'v'\nquery.a.present = true\n");

        assert_eq!(misreads.len(), 1);
        assert!(misreads[0].help.as_deref().is_some_and(|help| help.contains("on line 2")), "{misreads:?}");
    }

    #[test]
    fn faults_on_several_lines_are_all_told() {
        let misreads = told("a = yes\nb = \"\\d\"\nfoo\n");

        assert_eq!(misreads.len(), 3);
    }
}
