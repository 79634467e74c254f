//! Explains why a text is not TOML.
//!
//! The messages are those of the `toml` crate. For three frequent mistakes we add a remedy. They are recognised by the
//! token at the position of the error, never by the text of a message.

use std::ops::Range;

use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

use super::excerpt::Lines;

/// One place where the text is not TOML.
#[derive(Debug)]
pub(super) struct ParseError {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// The maximum number of errors that are reported.
const MAX_ERRORS: usize = 100;

/// Returns the errors that the parser found, in the order of the text.
///
/// Only the first error of each line is kept, because the others are mostly its consequences.
pub(super) fn parse_errors(text: &str, errors: &[toml::de::Error], lines: &Lines) -> Vec<ParseError> {
    let mut found: Vec<(Range<usize>, &str)> =
        errors.iter().map(|error| (error.span().unwrap_or_default(), error.message())).collect();
    found.sort_by_key(|(span, _)| span.start);
    found.dedup_by_key(|(span, _)| lines.line(span.start));
    found.truncate(MAX_ERRORS);
    let tokens = Source::new(text).lex().into_vec();
    let read = Lexed { text, tokens };
    found.into_iter().map(|(span, message)| read.explain(span, message)).collect()
}

/// A text and its tokens.
struct Lexed<'t> {
    text: &'t str,
    tokens: Vec<Token>,
}

/// What a token is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The key before an `=`.
    Key,
    /// The name in the brackets of a header.
    Header,
    Other,
}

impl Lexed<'_> {
    fn explain(&self, span: Range<usize>, message: &str) -> ParseError {
        let place = self.tokens.partition_point(|token| token.span().end() <= span.start);
        let Some(token) = self.tokens.get(place) else {
            return ParseError { span, message: message.to_owned(), help: None };
        };
        let token_span = token.span().start()..token.span().end();
        let raw = &self.text[token_span.clone()];
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let (message, help) = match (self.part(place), token.kind()) {
            (Part::Header, _) if span == token_span => duplicate(self.text, &span, true),
            (Part::Key, _) if span == token_span && raw.chars().any(is_bare) && !needs_quotes(*token, raw) => {
                duplicate(self.text, &span, false)
            }
            (Part::Key | Part::Header, _) if needs_quotes(*token, raw) => {
                (message.to_owned(), Some(QUOTE_KEY.to_owned()))
            }
            (_, TokenKind::BasicString | TokenKind::MlBasicString) if self.text[..span.start].ends_with('\\') => {
                (message.to_owned(), Some(SINGLE_QUOTES.to_owned()))
            }
            _ => (message.to_owned(), None),
        };
        ParseError { span, message, help }
    }

    /// Returns what the token at this place is part of.
    fn part(&self, place: usize) -> Part {
        let in_key = |token: &&Token| {
            matches!(
                token.kind(),
                TokenKind::Atom
                    | TokenKind::Dot
                    | TokenKind::Whitespace
                    | TokenKind::BasicString
                    | TokenKind::LiteralString
            )
        };
        let before = self.tokens[..place].iter().rev().find(|token| !in_key(token)).map(Token::kind);
        let after = self.tokens[place..].iter().find(|token| !in_key(token)).map(Token::kind);
        match (before, after) {
            (Some(TokenKind::LeftSquareBracket), Some(TokenKind::RightSquareBracket)) => Part::Header,
            (
                None | Some(TokenKind::Newline | TokenKind::LeftCurlyBracket | TokenKind::Comma),
                Some(TokenKind::Equals),
            ) => Part::Key,
            _ => Part::Other,
        }
    }
}

const SINGLE_QUOTES: &str =
    "Write it in single quotes, where a backslash is a backslash: regular expressions belong there.";
const QUOTE_KEY: &str =
    "Put a key with characters other than ASCII letters, digits, `-` and `_` in quotes, as in `json_path.\"$.id\"`.";

/// Returns whether a token is a name without quotes that has characters for which it needs quotes.
fn needs_quotes(token: Token, raw: &str) -> bool {
    token.kind() == TokenKind::Atom && raw.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
}

/// Describes a key or a table that is given a second time.
fn duplicate(text: &str, span: &Range<usize>, is_header: bool) -> (String, Option<String>) {
    let before = earlier_definition(text, span.start).map_or("before it".to_owned(), |line| format!("on line {line}"));
    let name = text.get(span.clone()).unwrap_or_default();
    match header_at(text, span.start).filter(|_| is_header) {
        Some(header) => {
            let help = format!("The first is {before}. Write all of its keys there, under one header.");
            (format!("the table `{header}` is defined twice"), Some(help))
        }
        None => {
            let help = format!(
                "The first is {before}. Keep one, or write a matcher as one table: `{name} = {{ equals = \"v\", present = true }}`."
            );
            (format!("`{name}` is given twice"), Some(help))
        }
    }
}

/// Returns the name in the brackets if the offset is in a header.
fn header_at(text: &str, offset: usize) -> Option<&str> {
    let line = line_text(text, offset).trim();
    line.starts_with('[').then(|| line.split(']').next().unwrap_or(line).trim_start_matches('[').trim())
}

/// Returns the nearest earlier line, counted from 1, that defines the table or key at an offset.
///
/// In a list of tables each element may define the same table once, so the nearest line is the right one.
fn earlier_definition(text: &str, offset: usize) -> Option<usize> {
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
        let is_definition = match header_at(line, 0) {
            Some(header) => {
                section = header;
                header == name
            }
            None if section.is_empty() => defines(line.trim(), &name),
            None => name
                .strip_prefix(section)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| defines(line.trim(), rest)),
        };
        if is_definition {
            found = Some(place + 1);
        }
    }
    found
}

/// Returns whether a line defines this key, or a key below it.
fn defines(line: &str, dotted: &str) -> bool {
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

    fn errors(text: &str) -> Vec<ParseError> {
        toml_tree::parse(text, &Lines::new(text)).expect_err("not TOML")
    }

    #[test]
    fn a_value_that_becomes_a_table_names_the_line_of_the_value() {
        let errors = errors("[request]\nquery.a = 'v'\nquery.a.present = true\n");

        assert_eq!(errors.len(), 1);
        assert!(errors[0].help.as_deref().is_some_and(|help| help.contains("on line 2")), "{errors:?}");
    }

    #[test]
    fn errors_on_several_lines_are_all_reported() {
        let errors = errors("a = yes\nb = \"\\d\"\nfoo\n");

        assert_eq!(errors.len(), 3);
    }
}
