//! Parses the segments and selectors of a JSONPath.

use std::ops::Range;

use super::fault::JsonPathFault;
use super::syntax::{Query, Segment, Selector};

/// How deep filters, parentheses and arguments may nest. Parsing and evaluating them recurses.
const DEEPEST: usize = 32;

/// How many segments a path may have, including those of the paths in its filters. Compiling, cloning and dropping them
/// recurses. No document is that deep.
pub(super) const MOST_SEGMENTS: usize = 1000;

/// The longest path, in bytes.
pub(super) const LONGEST: usize = 64 * 1024;

const STARTS: &str = "A JSONPath starts with `$`, such as `$.items[0].id` (RFC 9535).";
const SPLIT: &str = "Split it into several conditions.";
const SELECTORS: &str =
    "Brackets contain a name in quotes, an index, a slice such as `1:3`, `*`, or a filter such as `?@.id == 7`.";

/// Parses a whole text as a JSONPath.
pub(super) fn whole_path(text: &str) -> Result<Vec<Segment>, JsonPathFault> {
    let mut parser = Parser { text, at: 0, depth: 0, segments: 0 };
    if text.len() > LONGEST {
        let message = format!("a JSONPath must have at most {LONGEST} bytes, found {}", text.len());
        return Err(parser.fault(0..0, message, SPLIT));
    }
    if !parser.eat("$") {
        return Err(parser.fault_here("no `$` at the start", STARTS));
    }
    let segments = parser.segments()?;
    match parser.peek() {
        None => Ok(segments),
        Some(c) => Err(parser.left_over(c)),
    }
}

/// A text, and how far it is parsed.
pub(super) struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    /// How many segments have been parsed.
    segments: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn eat(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        self.at += if there { token.len() } else { 0 };
        there
    }

    /// Skips some bytes, and returns where they start.
    pub(super) fn advance(&mut self, len: usize) -> usize {
        let from = self.at;
        self.at += len;
        from
    }

    pub(super) fn text_from(&self, from: usize) -> &'t str {
        &self.text[from..self.at]
    }

    /// Goes back to an earlier place.
    pub(super) fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    pub(super) fn fault(&self, at: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> JsonPathFault {
        let character = self.text[..at.start].chars().count() + 1;
        JsonPathFault { message: message.into(), at, character, help: help.into() }
    }

    /// Returns an error at the next character, or at the end.
    pub(super) fn fault_here(&self, message: impl Into<String>, help: impl Into<String>) -> JsonPathFault {
        let len = self.peek().map_or(0, char::len_utf8);
        self.fault(self.at..self.at + len, message, help)
    }

    /// Describes the next character.
    pub(super) fn found(&self) -> String {
        self.peek().map_or("the end".to_owned(), |c| format!("`{}`", c.escape_debug()))
    }

    /// Parses something that may contain the same again.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, JsonPathFault>,
    ) -> Result<T, JsonPathFault> {
        if self.depth == DEEPEST {
            let message = format!("filters and parentheses more than {DEEPEST} deep");
            return Err(self.fault_here(message, SPLIT));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Parses a path inside a filter, if one starts here.
    pub(super) fn query(&mut self) -> Result<Option<Query>, JsonPathFault> {
        let from_root = self.eat("$");
        if !from_root && !self.eat("@") {
            return Ok(None);
        }
        Ok(Some(Query { from_root, segments: self.segments()? }))
    }

    fn segments(&mut self) -> Result<Vec<Segment>, JsonPathFault> {
        let mut segments = Vec::new();
        loop {
            let before = self.at;
            self.blanks();
            if self.segments == MOST_SEGMENTS && self.rest().starts_with(['.', '[']) {
                let message = format!("a JSONPath must have at most {MOST_SEGMENTS} segments, found more");
                return Err(self.fault_here(message, "Select by `..name`, or split it into several conditions."));
            }
            self.segments += 1;
            segments.push(if self.eat("..") {
                Segment::Descendant(if self.eat("[") { self.bracketed()? } else { vec![self.dotted()?] })
            } else if self.eat(".") {
                Segment::Child(vec![self.dotted()?])
            } else if self.eat("[") {
                Segment::Child(self.bracketed()?)
            } else {
                self.segments -= 1;
                self.back_to(before);
                return Ok(segments);
            });
        }
    }

    /// Parses a name or `*` after one or two dots.
    fn dotted(&mut self) -> Result<Selector, JsonPathFault> {
        if self.eat("*") {
            return Ok(Selector::Every);
        }
        if let Some(name) = self.shorthand() {
            return Ok(Selector::Name(name.to_owned()));
        }
        let word = word(self.rest());
        if word.is_empty() {
            let message = format!("a name or `*` is missing after the dot, before {}", self.found());
            return Err(self.fault_here(message, "Remove the dot, or write a name after it: `.name`, `.*`."));
        }
        let message = format!("`{word}` must not follow a dot");
        let index = word.bytes().all(|byte| byte.is_ascii_digit());
        let instead = if index {
            format!("`[{word}]`, and a name as `['{word}']`")
        } else {
            format!("`['{word}']`")
        };
        let what = if index { "an index" } else { "such a name" };
        Err(self.fault(self.at..self.at + word.len(), message, format!("Write {what} in brackets: {instead}.")))
    }

    /// Parses selectors in brackets, after the opening bracket.
    fn bracketed(&mut self) -> Result<Vec<Selector>, JsonPathFault> {
        let opened = self.at - 1;
        let mut selectors = Vec::new();
        loop {
            self.blanks();
            selectors.push(self.selector()?);
            self.blanks();
            if self.eat("]") {
                return Ok(selectors);
            }
            if self.peek().is_none() {
                return Err(self.fault(opened..self.at, "a bracket is not closed", "End the selectors with `]`."));
            }
            if !self.eat(",") {
                let message = format!("{} after a selector", self.found());
                return Err(self.misplaced(message, "After a selector comes `]`, or a comma and another one."));
            }
        }
    }

    fn selector(&mut self) -> Result<Selector, JsonPathFault> {
        match self.peek() {
            Some('\'' | '"') => self.string().map(Selector::Name),
            Some('*') => {
                self.advance(1);
                Ok(Selector::Every)
            }
            Some('?') => {
                self.advance(1);
                self.blanks();
                self.filter().map(Selector::Filter)
            }
            _ => self.index_or_slice(),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, JsonPathFault> {
        let start = self.integer()?;
        let after_start = self.at;
        self.blanks();
        if !self.eat(":") {
            self.back_to(after_start);
            return start.map(Selector::Index).ok_or_else(|| self.no_selector());
        }
        self.blanks();
        let end = self.integer()?;
        let after_end = self.at;
        self.blanks();
        let step = if self.eat(":") {
            self.blanks();
            self.integer()?.unwrap_or(1)
        } else {
            self.back_to(after_end);
            1
        };
        Ok(Selector::Slice { start, end, step })
    }

    fn no_selector(&self) -> JsonPathFault {
        let word = word(self.rest());
        if word.is_empty() {
            return self.fault_here(format!("a selector is missing before {}", self.found()), SELECTORS);
        }
        let at = self.at..self.at + word.len();
        if word.starts_with('(') {
            return self.fault(at, "a script, which is not part of JSONPath", "Write a filter as `[?@.id == 7]`.");
        }
        self.fault(at, format!("`{word}` is not a selector"), format!("Put a name in quotes: `['{word}']`."))
    }

    /// Returns an error at the text after a complete path.
    fn left_over(&self, next: char) -> JsonPathFault {
        if self.rest().trim().is_empty() {
            return self.fault(self.at..self.text.len(), "blanks at the end", "Remove them.");
        }
        let message = format!("`{}` where the path should continue or end", next.escape_debug());
        self.misplaced(message, "A path continues with `.name`, `[...]` or `..`.")
    }

    /// Returns an error at the next character, which may have been meant as a part of the name before it.
    pub(super) fn misplaced(&self, message: String, help: &str) -> JsonPathFault {
        let before = &self.text[..self.at];
        let dotted = before.rsplit_once('.').map(|(_, name)| name).filter(|name| !name.is_empty());
        let name =
            dotted.filter(|name| word(name).len() == name.len() && !name.contains(['*', '=', '>', '<', '!', ')']));
        let more = word(self.rest());
        match name {
            Some(name) if more.starts_with(['-', ':', '@', '$', '#', '/', '+']) => {
                self.fault_here(message, format!("Write such a name in brackets: `['{name}{more}']`."))
            }
            _ => self.fault_here(message, help),
        }
    }
}

/// Returns what may have been meant as one name.
fn word(text: &str) -> &str {
    &text[..text.find(['.', '[', ']', ',', '\'', '"', '\\', ' ', '\t', '\n', '\r']).unwrap_or(text.len())]
}
