//! Parses expressions: paths, and helpers with their arguments.

use std::ops::Range;

use crate::model::Json;

use super::ast::{AstExpression, AstPath, AstStart, AstValue, BlockOpening, DEEPEST, LONGEST_PATH, ParseError, Word};

/// A cursor in a template.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'s> {
    pub(super) source: &'s str,
    pub(super) at: usize,
    /// The start of the tag that is being read.
    pub(super) tag: usize,
}

impl<'s> Cursor<'s> {
    pub(super) fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    /// Skips a text if it comes next. Returns whether it was there.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    pub(super) fn skip_space(&mut self) {
        self.at = self.source.len() - self.rest().trim_start().len();
    }

    fn word_from(&self, from: usize) -> Word<'s> {
        Word { text: &self.source[from..self.at], at: from }
    }

    /// Returns the error for an unexpected word here.
    pub(super) fn unexpected(&self) -> ParseError {
        let rest = self.rest().trim_start();
        let at = self.source.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            return self.never_closed();
        };
        // The braces at the end of a tag are one word.
        let ends = |c: char| if ends_tag(first) { c != first } else { c.is_whitespace() || ends_tag(c) };
        let length = rest.find(ends).unwrap_or(rest.len());
        let text: String = rest[..length].chars().take(40).collect();
        ParseError {
            message: format!("`{text}` is not expected here in a template"),
            label: "not expected here",
            place: at..at + text.len(),
        }
    }

    /// Returns the error for a tag that is never closed.
    pub(super) fn never_closed(&self) -> ParseError {
        let braces = self.source[self.tag..].chars().take_while(|c| *c == '{').count();
        ParseError {
            message: format!("`{}` is never closed by `{}`", "{".repeat(braces), "}".repeat(braces)),
            label: "never closed",
            place: self.tag..self.source.len(),
        }
    }

    /// Parses the head of a block.
    pub(super) fn opening(&mut self) -> Result<BlockOpening<'s>, ParseError> {
        let expression = self.expression(0)?;
        let mut names = Vec::new();
        if self.at_bars() {
            self.at += "as".len();
            self.skip_space();
            self.eat("|");
            self.skip_space();
            while names.len() < 2 && !self.rest().starts_with('|') {
                names.push(self.name().ok_or_else(|| self.unexpected())?);
                self.skip_space();
            }
            if names.is_empty() || !self.eat("|") {
                return Err(self.unexpected());
            }
            self.skip_space();
        }
        Ok(BlockOpening { expression, names })
    }

    fn at_bars(&self) -> bool {
        self.rest().strip_prefix("as").is_some_and(|rest| rest.trim_start().starts_with('|'))
    }

    /// Parses a path, or a helper with its arguments, and the white space after it.
    pub(super) fn expression(&mut self, depth: usize) -> Result<AstExpression<'s>, ParseError> {
        self.skip_space();
        if self.rest().starts_with('(') {
            let message = "an expression that stands alone needs no parentheses".to_owned();
            return Err(ParseError { message, label: "write `{{upper x}}`", place: self.at..self.at + 1 });
        }
        let name = self.path()?;
        let (mut values, mut options) = (Vec::new(), Vec::new());
        self.skip_space();
        while !self.at_bars() && self.rest().starts_with(starts_value) {
            match self.option_name() {
                Some(name) => options.push((name, self.value(depth)?)),
                None => values.push(self.value(depth)?),
            }
            self.skip_space();
        }
        Ok(AstExpression { name, values, options })
    }

    /// Parses a name and the `=` after it.
    fn option_name(&mut self) -> Option<Word<'s>> {
        let mut ahead = *self;
        let name = ahead.name()?;
        ahead.skip_space();
        if !ahead.eat("=") {
            return None;
        }
        ahead.skip_space();
        *self = ahead;
        Some(name)
    }

    fn value(&mut self, depth: usize) -> Result<AstValue<'s>, ParseError> {
        let from = self.at;
        if self.eat("(") {
            if depth == DEEPEST {
                return Err(too_deep(from..self.source.len()));
            }
            let call = self.expression(depth + 1)?;
            return if self.eat(")") { Ok(AstValue::Call(call)) } else { Err(self.unexpected()) };
        }
        match self.literal(0)? {
            Some(literal) => Ok(AstValue::Literal(literal, from..self.at)),
            None => self.path().map(AstValue::Path),
        }
    }

    /// Parses a JSON value; `None` if the text is not JSON but may be a path.
    fn literal(&mut self, depth: usize) -> Result<Option<Json>, ParseError> {
        match self.rest().chars().next() {
            _ if depth == DEEPEST => Err(too_deep(self.at..self.source.len())),
            Some(quote @ ('"' | '\'')) => self.string(quote).map(Some),
            // A path in brackets is not a list.
            Some('[') => {
                let mut ahead = *self;
                let list = ahead.list(depth);
                *self = if list.is_some() { ahead } else { *self };
                Ok(list)
            }
            Some('{') => self.object(depth).map(Some),
            _ => Ok(self.scalar()),
        }
    }

    /// Parses a number, a boolean or null.
    fn scalar(&mut self) -> Option<Json> {
        let rest = self.rest();
        // Unlike a name, a number may have a point, or a sign in its exponent.
        let number = rest.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let length = rest.find(|c: char| !(is_of_name(c) || number && matches!(c, '.' | '+'))).unwrap_or(rest.len());
        let word = &rest[..length];
        let scalar = match word {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            _ if number => Json::parse(word.as_bytes()).ok()?,
            _ => return None,
        };
        self.at += length;
        Some(scalar)
    }

    fn string(&mut self, quote: char) -> Result<Json, ParseError> {
        let from = self.at;
        self.at += 1;
        let mut escaped = false;
        let length = self.rest().find(|c| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(length) = length else {
            let message = format!("a text is never closed by `{quote}`");
            return Err(ParseError { message, label: "never closed", place: from..self.source.len() });
        };
        let text = &self.rest()[..length];
        self.at += length + 1;
        let unknown = |_| ParseError {
            message: format!("`{quote}{text}{quote}` has an escape that JSON does not know"),
            label: "a backslash is written `\\\\`",
            place: from..self.at,
        };
        Json::parse(json_string(text).as_bytes()).map_err(unknown)
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        while !self.eat("]") {
            if !items.is_empty() {
                self.eat(",").then_some(())?;
                self.skip_space();
            }
            items.push(self.literal(depth + 1).ok()??);
            self.skip_space();
        }
        Some(Json::Array(items))
    }

    fn object(&mut self, depth: usize) -> Result<Json, ParseError> {
        self.at += 1;
        let mut members = Vec::new();
        let mut first = true;
        self.skip_space();
        while !self.eat("}") {
            if !std::mem::take(&mut first) {
                self.expect(",")?;
            }
            let Some(Json::String(name)) = self.literal(depth + 1)? else { return Err(self.unexpected()) };
            self.skip_space();
            self.expect(":")?;
            let value = self.literal(depth + 1)?;
            members.push((name, value.ok_or_else(|| self.unexpected())?));
            self.skip_space();
        }
        Ok(Json::from_members(members))
    }

    fn expect(&mut self, text: &str) -> Result<(), ParseError> {
        if !self.eat(text) {
            return Err(self.unexpected());
        }
        self.skip_space();
        Ok(())
    }

    fn path(&mut self) -> Result<AstPath<'s>, ParseError> {
        let from = self.at;
        let local = self.eat("@");
        let mut ups = 0;
        let mut ended = false;
        while !ended && self.eat("..") {
            ups += 1;
            ended = !self.eat("/");
        }
        let mut start = if ups > 0 { AstStart::This } else { AstStart::Name };
        if !local && !ended && self.here() {
            start = AstStart::This;
            ended = !(self.eat("/") || self.eat("."));
        }
        let mut names = Vec::new();
        while !ended {
            if names.len() == LONGEST_PATH {
                let message = format!("a path in a template has more than {LONGEST_PATH} names");
                return Err(ParseError { message, label: "too long", place: from..self.at });
            }
            names.push(self.name().ok_or_else(|| self.unexpected())?);
            ended = !(self.eat(".") || self.eat("/"));
        }
        if local {
            start = AstStart::Local;
            if ups == 0 && names.first().is_some_and(|name| name.text == "root") {
                names.remove(0);
                start = AstStart::Root;
            }
        }
        Ok(AstPath { whole: self.word_from(from), start, ups, names })
    }

    /// Skips `this` or a single point.
    fn here(&mut self) -> bool {
        let ends = |rest: &str| !rest.starts_with(|c| is_of_name(c) || c == '.');
        match self.rest() {
            rest if rest.strip_prefix("this").is_some_and(|rest| !rest.starts_with(is_of_name)) => self.eat("this"),
            rest if rest.strip_prefix('.').is_some_and(ends) => self.eat("."),
            _ => false,
        }
    }

    /// Parses a name: letters, digits and other characters without a meaning in the language, or any characters in brackets.
    pub(super) fn name(&mut self) -> Option<Word<'s>> {
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix('[') {
            let length = inside.find(']')?;
            let name = Word { text: &inside[..length], at: self.at + 1 };
            self.at += length + 2;
            return Some(name);
        }
        let length = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        let name = Word { text: &rest[..length], at: self.at };
        self.at += length;
        (length > 0).then_some(name)
    }
}

pub(super) fn too_deep(place: Range<usize>) -> ParseError {
    ParseError { message: format!("a template nests deeper than {DEEPEST} levels"), label: "too deep", place }
}

/// Whether a name may contain this character. Handlebars reserves the others.
pub(super) fn is_of_name(c: char) -> bool {
    let is_sign = matches!(c, '!'..='#' | '%'..=',' | '.' | '/' | ';'..='>' | '@' | '['..='^' | '`' | '{'..='~');
    !is_sign && !c.is_whitespace()
}

fn starts_value(c: char) -> bool {
    is_of_name(c) || matches!(c, '"' | '\'' | '(' | '[' | '{' | '@' | '.')
}

fn ends_tag(c: char) -> bool {
    matches!(c, '}' | '~' | ')')
}

/// Returns the text between quotes as a JSON string. Other quotes and line ends need no escape in it.
fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('\'') => json.push('\''),
                other => json.extend(['\\'].into_iter().chain(other)),
            },
            '"' => json.push_str("\\\""),
            c if c.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}
