//! Splits an expression into tokens (XPath 1.0 §3.7).

use std::ops::Range;

use crate::model::is_xml_name;

use super::fault::XPathFault;

/// A piece of an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'t> {
    /// `/`, `//`, `(`, `and`, `*` between two operands, and so on.
    Symbol(&'static str),
    /// A name, `*` or `p:*`.
    Name(Option<&'t str>, &'t str),
    Literal(&'t str),
    Number(f64),
}

/// A token with its place.
pub(super) type Placed<'t> = (Token<'t>, Range<usize>);

/// Longer symbols come first, so that `//` is not read as `/`.
const SYMBOLS: [&str; 22] = [
    "::", "..", "//", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=", "<", ">", "$", ":",
];

const OPERATOR_NAMES: [&str; 4] = ["and", "or", "div", "mod"];

/// Splits a text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed<'_>>, XPathFault> {
    let mut tokens: Vec<Placed<'_>> = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\n', '\r']).len();
        let Some(first) = text[at..].chars().next() else { return Ok(tokens) };
        let before = tokens.last().map(|(token, _)| *token);
        let (token, end) = match first {
            '"' | '\'' => literal(text, at, first)?,
            '*' if is_operand(before) => (Token::Symbol("*"), at + 1),
            '*' => (Token::Name(None, "*"), at + 1),
            _ if starts_number(&text[at..]) => number(text, at),
            _ => match SYMBOLS.into_iter().find(|symbol| text[at..].starts_with(symbol)) {
                Some(symbol) => (Token::Symbol(symbol), at + symbol.len()),
                None => name(text, at, before)?,
            },
        };
        tokens.push((token, at..end));
        at = end;
    }
}

/// Returns whether a token ends an operand, so that `*` and names after it are operators.
fn is_operand(before: Option<Token<'_>>) -> bool {
    match before {
        None => false,
        Some(Token::Symbol(symbol)) => matches!(symbol, ")" | "]" | "." | ".."),
        Some(_) => true,
    }
}

fn literal(text: &str, at: usize, quote: char) -> Result<(Token<'_>, usize), XPathFault> {
    match text[at + 1..].find(quote) {
        Some(length) => Ok((Token::Literal(&text[at + 1..at + 1 + length]), at + length + 2)),
        None => Err(XPathFault::new("not an XPath 1.0: a text in quotes is not closed", at..text.len())),
    }
}

fn starts_number(text: &str) -> bool {
    text.strip_prefix('.').unwrap_or(text).starts_with(|c: char| c.is_ascii_digit())
}

fn number(text: &str, at: usize) -> (Token<'_>, usize) {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = at + digits(at);
    if text[end..].starts_with('.') {
        end += 1 + digits(end + 1);
    }
    (Token::Number(super::number::parse_number(&text[at..end])), end)
}

/// Reads an operator, a name with or without a prefix, or `p:*`.
fn name<'t>(text: &'t str, at: usize, before: Option<Token<'_>>) -> Result<(Token<'t>, usize), XPathFault> {
    let first = part(text, at)?;
    let end = at + first.len();
    if is_operand(before) {
        return match OPERATOR_NAMES.into_iter().find(|operator| *operator == first) {
            Some(operator) => Ok((Token::Symbol(operator), end)),
            None => Err(XPathFault::new(format!("not an XPath 1.0: expected an operator, found `{first}`"), at..end)),
        };
    }
    let Some(after) = text[end..].strip_prefix(':').filter(|after| !after.starts_with(':')) else {
        return Ok((Token::Name(None, first), end));
    };
    if after.starts_with('*') {
        return Ok((Token::Name(Some(first), "*"), end + 2));
    }
    let local = part(text, end + 1)?;
    Ok((Token::Name(Some(first), local), end + 1 + local.len()))
}

/// Reads a name without a prefix.
fn part(text: &str, at: usize) -> Result<&str, XPathFault> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') || !c.is_ascii();
    let length = text[at..].find(|c| !in_name(c)).unwrap_or(text.len() - at);
    let name = &text[at..at + length];
    if !is_xml_name(name) {
        let found = text[at..].chars().next();
        let end = at + length.max(found.map_or(0, char::len_utf8));
        let found = found.map_or("the end".to_owned(), |_| format!("`{}`", &text[at..end]));
        return Err(XPathFault::new(format!("not an XPath 1.0: expected a name, found {found}"), at..end));
    }
    Ok(name)
}
