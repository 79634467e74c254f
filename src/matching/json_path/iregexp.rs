//! Regular expressions of `match` and `search`: I-Regexp (RFC 9485), translated for the crate `regex`.
//!
//! `^` and `$` keep their usual meaning, as in the mapping of that RFC to other dialects.

use std::sync::Arc;

use super::super::expression::{Expression, compile_within};

/// The longest expression that a document may contain, in bytes.
pub(super) const LONGEST_FOUND: usize = 4096;

/// How much memory a compiled expression may use, and how many visits each 8 bytes of a text count as then. An expression that
/// needs more memory has more states, and in the worst case all of them are looked at for each byte. Most expressions need the
/// least.
const SIZES: [(usize, usize); 4] = [(8 << 10, 1), (32 << 10, 8), (128 << 10, 32), (1 << 20, 128)];

/// The same for an expression from the document, with the visits that compiling it counts as. The sender of the document can
/// choose the worst case.
pub(super) const SIZES_FOUND: [SizeFound; 3] = [
    SizeFound { memory: 8 << 10, visits: 128, compilation: 20_000 },
    SizeFound { memory: 32 << 10, visits: 512, compilation: 40_000 },
    SizeFound { memory: 128 << 10, visits: 2048, compilation: 100_000 },
];

/// What an expression from the document may cost.
pub(super) struct SizeFound {
    memory: usize,
    visits: usize,
    pub(super) compilation: usize,
}

/// A compiled expression.
#[derive(Debug, Clone)]
pub(super) struct IRegexp {
    compiled: Arc<dyn Expression>,
    /// The visits that 8 bytes of a text count as.
    visits: usize,
}

impl IRegexp {
    /// Returns the visits that searching a text counts as.
    pub(super) fn cost(&self, text: &str) -> usize {
        text.len().saturating_mul(self.visits) / 8
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

/// Compiles an expression that must match a part of a text, or the whole.
///
/// # Errors
/// Fails if it is not an I-Regexp.
pub(super) fn compile(text: &str, whole: bool) -> Result<IRegexp, String> {
    let pattern = translated(text, whole)?;
    let mut reason = String::new();
    for (memory, visits) in SIZES {
        match compile_within(&pattern, false, memory) {
            Ok(compiled) => return Ok(IRegexp { compiled, visits }),
            Err(fault) => reason = fault,
        }
    }
    Err(reason)
}

/// As [`compile`], for an expression from the document with a limit of its size.
///
/// # Errors
/// Fails if it is not an I-Regexp, or is larger.
pub(super) fn compile_found(text: &str, whole: bool, size: &SizeFound) -> Result<IRegexp, String> {
    let compiled = compile_within(&translated(text, whole)?, false, size.memory)?;
    Ok(IRegexp { compiled, visits: size.visits })
}

fn translated(text: &str, whole: bool) -> Result<String, String> {
    let inner = Translation { rest: text, made: String::with_capacity(text.len() + 8), open: 0 }.translate()?;
    Ok(if whole { format!("^(?:{inner})$") } else { inner })
}

struct Translation<'t> {
    rest: &'t str,
    made: String,
    open: usize,
}

impl Translation<'_> {
    fn translate(mut self) -> Result<String, String> {
        // Whether the last item can be repeated.
        let mut atom = false;
        while let Some(next) = self.next() {
            atom = match next {
                '(' => {
                    self.open += 1;
                    self.made.push_str("(?:");
                    false
                }
                ')' => {
                    self.open = self.open.checked_sub(1).ok_or("`)` without `(`")?;
                    self.made.push(')');
                    true
                }
                '|' => {
                    self.made.push('|');
                    false
                }
                '*' | '+' | '?' | '{' => {
                    if !atom {
                        return Err(format!("`{next}` repeats nothing"));
                    }
                    self.made.push(next);
                    if next == '{' {
                        self.counts()?;
                    }
                    false
                }
                '.' => {
                    self.made.push_str(r"[^\n\r]");
                    true
                }
                '[' => {
                    self.class()?;
                    true
                }
                '\\' => {
                    self.escape()?;
                    true
                }
                ']' | '}' => return Err(format!("`{next}` without its beginning")),
                other => {
                    self.made.push(other);
                    true
                }
            };
        }
        if self.open > 0 { Err("`(` without `)`".to_owned()) } else { Ok(self.made) }
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn eat(&mut self, token: char) -> bool {
        let there = self.rest.starts_with(token);
        if there {
            self.rest = &self.rest[token.len_utf8()..];
        }
        there
    }

    /// Translates the rest of `{n}`, `{n,}` or `{n,m}`.
    fn counts(&mut self) -> Result<(), String> {
        let (inside, after) = self.rest.split_once('}').ok_or("`{` without `}`")?;
        let (least, most) = inside.split_once(',').unwrap_or((inside, "0"));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if least.is_empty() || !digits(least) || !digits(most) {
            return Err(format!("`{{{inside}}}` is not a valid count"));
        }
        self.made.push_str(inside);
        self.made.push('}');
        self.rest = after;
        Ok(())
    }

    /// Translates an escape after its backslash: a character with a meaning, or a property.
    fn escape(&mut self) -> Result<(), String> {
        match self.next() {
            Some(kind @ ('p' | 'P')) => self.property(kind),
            Some(c) if is_escapable(c) => {
                self.made.extend(['\\', c]);
                Ok(())
            }
            Some(c) => Err(format!("`\\{c}` is not a valid escape")),
            None => Err("`\\` at the end".to_owned()),
        }
    }

    fn property(&mut self, kind: char) -> Result<(), String> {
        let inside = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let (name, after) = inside.ok_or_else(|| format!("`\\{kind}` without a category in braces"))?;
        if !is_category(name) {
            return Err(format!("`{name}` is not a category of characters"));
        }
        self.made.extend(['\\', kind, '{']);
        self.made.push_str(name);
        self.made.push('}');
        self.rest = after;
        Ok(())
    }

    /// Translates a class after its `[`.
    fn class(&mut self) -> Result<(), String> {
        self.made.push('[');
        if self.eat('^') {
            self.made.push('^');
        }
        let mut first = true;
        loop {
            match self.next().ok_or("`[` without `]`")? {
                ']' if first => return Err("`[]` is empty".to_owned()),
                ']' => {
                    self.made.push(']');
                    return Ok(());
                }
                '-' if first || self.rest.starts_with(']') => self.made.push_str(r"\-"),
                '\\' if self.rest.starts_with(['p', 'P']) => self.escape()?,
                start => {
                    self.member(start)?;
                    // A `-` before the end is a member by itself.
                    if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                        self.eat('-');
                        self.made.push('-');
                        let end = self.next().ok_or("`[` without `]`")?;
                        self.member(end)?;
                    }
                }
            }
            first = false;
        }
    }

    /// Translates one character of a class, which has no other meaning.
    fn member(&mut self, c: char) -> Result<(), String> {
        match c {
            '\\' if self.rest.starts_with(['p', 'P']) => Err("a category cannot end a range".to_owned()),
            '\\' => self.escape(),
            '[' | ']' | '-' => Err(format!("`{c}` in a class needs a backslash")),
            c => {
                let means_something = c.is_ascii_punctuation() && !matches!(c, '<' | '>');
                self.made.extend(means_something.then_some('\\'));
                self.made.push(c);
                Ok(())
            }
        }
    }
}

fn is_escapable(c: char) -> bool {
    matches!(c, '('..='+' | '-' | '.' | '?' | '['..='^' | 'n' | 'r' | 't' | '{'..='}')
}

/// Returns whether a name is a general category of Unicode that an I-Regexp knows.
fn is_category(name: &str) -> bool {
    let mut letters = name.chars();
    let minors = match letters.next() {
        Some('L') => "lmotu",
        Some('M') => "cen",
        Some('N') => "dlo",
        Some('P') => "cdefios",
        Some('Z') => "lps",
        Some('S') => "ckmo",
        Some('C') => "cfno",
        _ => return false,
    };
    letters.next().is_none_or(|minor| minors.contains(minor)) && letters.next().is_none()
}
