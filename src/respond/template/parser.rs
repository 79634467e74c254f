//! Parses templates: tags and the text between them, white space control, and blocks.
//!
//! The language is that of <https://handlebarsjs.com/guide/>, without partials and decorators, and with lists and objects
//! of JSON as literals.

use std::ops::Range;

use super::ast::{AstBranch, AstExpression, AstNode, BlockOpening, DEEPEST, ParseError, Word};
use super::expression_parser::{Cursor, is_of_name, too_deep};

/// Parses a template.
pub(super) fn parse(source: &str) -> Result<Vec<AstNode<'_>>, ParseError> {
    let mut pieces = split(source)?;
    pieces.trim_white_space();
    nest(pieces)
}

/// A template as a sequence of tags. There is one text more than there are tags, and texts may be empty.
struct Pieces<'s> {
    texts: Vec<String>,
    tags: Vec<Tag<'s>>,
}

struct Tag<'s> {
    place: Range<usize>,
    kind: TagKind<'s>,
    /// Whether the white space before and after it is removed.
    tildes: (bool, bool),
}

enum TagKind<'s> {
    Output { expression: AstExpression<'s>, escaped: bool },
    Open(BlockOpening<'s>),
    Else(Option<BlockOpening<'s>>),
    Close(&'s str),
    Comment,
    Raw(&'s str),
}

fn split(source: &str) -> Result<Pieces<'_>, ParseError> {
    let mut pieces = Pieces { texts: Vec::new(), tags: Vec::new() };
    let mut text = String::new();
    let mut cursor = Cursor { source, at: 0, tag: 0 };
    while let Some(length) = cursor.rest().find("{{") {
        let before = &cursor.rest()[..length];
        cursor.at += length;
        let backslashes = before.len() - before.trim_end_matches('\\').len();
        // One backslash makes the braces literal. Of two backslashes, the first escapes the second.
        text.push_str(&before[..length - backslashes.min(1)]);
        if backslashes == 1 {
            let braces = if cursor.rest().starts_with("{{{{") { "{{{{" } else { "{{" };
            text.push_str(braces);
            cursor.at += braces.len();
            continue;
        }
        pieces.texts.push(std::mem::take(&mut text));
        cursor.tag = cursor.at;
        pieces.tags.push(tag(&mut cursor)?);
    }
    text.push_str(cursor.rest());
    pieces.texts.push(text);
    Ok(pieces)
}

fn tag<'s>(cursor: &mut Cursor<'s>) -> Result<Tag<'s>, ParseError> {
    let from = cursor.at;
    if cursor.eat("{{{{") {
        let kind = raw(cursor)?;
        return Ok(Tag { place: from..cursor.at, kind, tildes: (false, false) });
    }
    cursor.eat("{{");
    let before = cursor.eat("~");
    if cursor.eat("!") {
        let after = comment(cursor)?;
        return Ok(Tag { place: from..cursor.at, kind: TagKind::Comment, tildes: (before, after) });
    }
    let triple = cursor.eat("{");
    let before = before | (triple && cursor.eat("~"));
    let kind = if triple { output(cursor, false)? } else { kind(cursor)? };
    cursor.skip_space();
    let inner = triple && cursor.eat("~");
    if triple && !cursor.eat("}") {
        return Err(cursor.unexpected());
    }
    let after = cursor.eat("~") | inner;
    if !cursor.eat("}}") {
        return Err(cursor.unexpected());
    }
    Ok(Tag { place: from..cursor.at, kind, tildes: (before, after) })
}

fn kind<'s>(cursor: &mut Cursor<'s>) -> Result<TagKind<'s>, ParseError> {
    let is_else = |rest: &str| rest.strip_prefix("else").is_some_and(|rest| !rest.starts_with(is_of_name));
    cursor.skip_space();
    if cursor.rest().trim_start_matches('#').starts_with(['>', '*']) {
        let to = cursor.rest().find("}}").map_or(cursor.source.len(), |end| cursor.at + end + 2);
        return Err(ParseError {
            message: "partials and decorators are not part of a template here".to_owned(),
            label: "not known here",
            place: cursor.tag..to,
        });
    }
    if cursor.eat("#") {
        return cursor.opening().map(TagKind::Open);
    }
    if cursor.eat("/") {
        cursor.skip_space();
        return Ok(TagKind::Close(cursor.name().map_or("", |name| name.text)));
    }
    if cursor.eat("^") || (is_else(cursor.rest()) && cursor.eat("else")) {
        cursor.skip_space();
        let bare = cursor.rest().starts_with(['~', '}']);
        return Ok(TagKind::Else(if bare { None } else { Some(cursor.opening()?) }));
    }
    let escaped = !cursor.eat("&");
    output(cursor, escaped)
}

fn output<'s>(cursor: &mut Cursor<'s>, escaped: bool) -> Result<TagKind<'s>, ParseError> {
    let expression = cursor.expression(0)?;
    Ok(TagKind::Output { expression, escaped })
}

/// Skips a comment. Returns whether it removes the white space after it.
fn comment(cursor: &mut Cursor<'_>) -> Result<bool, ParseError> {
    let dashes = if cursor.eat("--") { "--" } else { "" };
    let rest = cursor.rest();
    let mut from = 0;
    while let Some(at) = rest[from..].find("}}").map(|at| from + at) {
        let (before, tilde) = match rest[..at].strip_suffix('~') {
            Some(before) if before.ends_with(dashes) => (before, true),
            _ => (&rest[..at], false),
        };
        if before.ends_with(dashes) {
            cursor.at += at + "}}".len();
            return Ok(tilde);
        }
        from = at + 1;
    }
    Err(cursor.never_closed())
}

/// Parses `raw}}}}` and the text before `{{{{/raw}}}}`.
fn raw<'s>(cursor: &mut Cursor<'s>) -> Result<TagKind<'s>, ParseError> {
    cursor.skip_space();
    match cursor.name() {
        Some(Word { text: "raw", .. }) => {}
        Some(other) => {
            return Err(ParseError {
                message: format!("four braces are for `raw`, not for `{}`", other.text),
                label: "two braces are enough",
                place: other.place(),
            });
        }
        None => return Err(cursor.unexpected()),
    }
    cursor.skip_space();
    if !cursor.eat("}}}}") {
        return Err(cursor.unexpected());
    }
    let inside = cursor.rest();
    let mut from = 0;
    while let Some(at) = inside[from..].find("{{{{").map(|at| from + at) {
        let end = inside[at + 4..].trim_start().strip_prefix('/').map(str::trim_start);
        let end = end.and_then(|end| end.strip_prefix("raw")).map(str::trim_start);
        if let Some(rest) = end.and_then(|end| end.strip_prefix("}}}}")) {
            cursor.at += inside.len() - rest.len();
            return Ok(TagKind::Raw(&inside[..at]));
        }
        from = at + 1;
    }
    Err(ParseError {
        message: "`{{{{raw}}}}` is never closed by `{{{{/raw}}}}`".to_owned(),
        label: "never closed",
        place: cursor.tag..cursor.at,
    })
}

impl Pieces<'_> {
    /// Removes the white space around a `~`, and the whole line if a block's tag or a comment is alone on it.
    fn trim_white_space(&mut self) {
        let alone: Vec<bool> = (0..self.tags.len()).map(|place| self.is_alone(place)).collect();
        for (place, text) in self.texts.iter_mut().enumerate() {
            let mut kept = text.as_str();
            if let Some((tag, alone)) = place.checked_sub(1).map(|before| (&self.tags[before], alone[before])) {
                kept = match alone {
                    _ if tag.tildes.1 => kept.trim_start(),
                    true => kept.split_once('\n').map_or("", |(_, rest)| rest),
                    false => kept,
                };
            }
            if let Some((tag, alone)) = self.tags.get(place).zip(alone.get(place)) {
                kept = match alone {
                    _ if tag.tildes.0 => kept.trim_end(),
                    true => kept.trim_end_matches([' ', '\t']),
                    false => kept,
                };
            }
            if kept.len() < text.len() {
                *text = kept.to_owned();
            }
        }
    }

    /// Whether a tag is alone on its line.
    fn is_alone(&self, place: usize) -> bool {
        let (before, after) = (&self.texts[place], &self.texts[place + 1]);
        let (start, end) = (before.rsplit_once('\n'), after.split_once('\n'));
        let starts = start.map_or(place == 0 && is_blank(before), |(_, line)| is_blank(line));
        let ends = end.map_or(place + 2 == self.texts.len() && is_blank(after), |(line, _)| is_blank(line));
        let quiet =
            matches!(self.tags[place].kind, TagKind::Open(_) | TagKind::Else(_) | TagKind::Close(_) | TagKind::Comment);
        quiet && starts && ends
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_start().is_empty()
}

/// A block that is not closed yet.
struct OpenBlock<'s> {
    name: &'s str,
    place: Range<usize>,
    /// All but the last are complete.
    branches: Vec<AstBranch<'s>>,
}

/// Builds blocks from the tags that open and close them.
fn nest(pieces: Pieces<'_>) -> Result<Vec<AstNode<'_>>, ParseError> {
    let mut top = Vec::new();
    let mut open: Vec<OpenBlock<'_>> = Vec::new();
    let mut texts = pieces.texts.into_iter();
    for tag in pieces.tags {
        let text = texts.next().unwrap_or_default();
        add(&mut top, &mut open, text_node(text));
        match tag.kind {
            TagKind::Comment => {}
            TagKind::Output { expression, escaped } => {
                add(&mut top, &mut open, Some(AstNode::Output { at: tag.place.start, expression, escaped }));
            }
            TagKind::Raw(text) => add(&mut top, &mut open, text_node(text.to_owned())),
            TagKind::Open(_) if open.len() == DEEPEST => return Err(too_deep(tag.place)),
            TagKind::Open(opening) => {
                let name = opening.expression.name.whole.text;
                let first = AstBranch { opening: Some(opening), body: Vec::new() };
                open.push(OpenBlock { name, place: tag.place, branches: vec![first] });
            }
            TagKind::Else(opening) => {
                let branches = open.last_mut().map(|block| &mut block.branches);
                match branches.filter(|all| all.last().is_some_and(|last| last.opening.is_some())) {
                    Some(branches) => branches.push(AstBranch { opening, body: Vec::new() }),
                    None => return Err(misplaced(tag.place, "`{{else}}` has no block to belong to")),
                }
            }
            TagKind::Close(name) => {
                let Some(block) = open.pop() else {
                    return Err(misplaced(tag.place, &format!("`{{{{/{name}}}}}` closes no block")));
                };
                if block.name != name {
                    let message = format!("`{{{{#{}}}}}` is closed by `{{{{/{name}}}}}`", block.name);
                    return Err(ParseError { message, label: "another block's end", place: tag.place });
                }
                add(&mut top, &mut open, Some(AstNode::Block { at: block.place.start, branches: block.branches }));
            }
        }
    }
    if let Some(block) = open.pop() {
        let message = format!("`{{{{#{0}}}}}` is never closed by `{{{{/{0}}}}}`", block.name);
        return Err(ParseError { message, label: "never closed", place: block.place });
    }
    top.extend(texts.next().and_then(text_node));
    Ok(top)
}

fn misplaced(place: Range<usize>, message: &str) -> ParseError {
    ParseError { message: message.to_owned(), label: "not expected here", place }
}

fn text_node<'s>(text: String) -> Option<AstNode<'s>> {
    (!text.is_empty()).then_some(AstNode::Text(text))
}

/// Adds to the innermost branch that is open.
fn add<'s>(top: &mut Vec<AstNode<'s>>, open: &mut [OpenBlock<'s>], node: Option<AstNode<'s>>) {
    let branch = open.last_mut().and_then(|block| block.branches.last_mut());
    branch.map_or(top, |branch| &mut branch.body).extend(node);
}
