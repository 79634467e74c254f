//! Checks how deeply a TOML text nests before it is parsed.
//!
//! The crate `toml` limits the depth of brackets and the length of dotted keys, but not both together. Brackets with a
//! long key in each would make a tree that overflows the stack of recursive code.

use std::ops::Range;

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// The maximum number of levels of tables and lists.
pub(super) const MAX_DEPTH: usize = 80;

/// Returns the span of the token at which a text nests too deeply, if it does.
pub(super) fn too_deep(text: &str) -> Option<Range<usize>> {
    let mut depth = Depth { line_begins: true, ..Depth::default() };
    for token in Source::new(text).lex() {
        depth.advance(token.kind());
        if depth.levels() > MAX_DEPTH {
            return Some(token.span().start()..token.span().end());
        }
    }
    None
}

/// The depth at a token.
#[derive(Default)]
struct Depth {
    /// The number of names in the header of the table.
    header: usize,
    /// The number of dots in the current key. The dot of a number counts too, which is harmless.
    dots: usize,
    /// The number of dots in the key before each open bracket.
    open: Vec<usize>,
    /// The sum of `open`.
    key_dots: usize,
    in_header: bool,
    line_begins: bool,
}

impl Depth {
    fn levels(&self) -> usize {
        self.header + self.key_dots + self.open.len() + self.dots
    }

    fn advance(&mut self, kind: TokenKind) {
        let line_begins = std::mem::take(&mut self.line_begins);
        match kind {
            TokenKind::Whitespace => self.line_begins = line_begins,
            TokenKind::Newline if self.open.is_empty() => {
                (self.dots, self.in_header, self.line_begins) = (0, false, true);
            }
            TokenKind::LeftSquareBracket if line_begins && self.open.is_empty() => {
                (self.header, self.in_header) = (1, true);
            }
            // The second bracket of `[[stub]]`.
            TokenKind::LeftSquareBracket | TokenKind::RightSquareBracket if self.in_header => {}
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                self.key_dots += self.dots;
                self.open.push(std::mem::take(&mut self.dots));
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                self.dots = self.open.pop().unwrap_or_default();
                self.key_dots -= self.dots;
            }
            TokenKind::Comma => self.dots = 0,
            TokenKind::Dot if self.in_header => self.header += 1,
            TokenKind::Dot => self.dots += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_brackets_and_headers_count_together() {
        let deep = |names: usize| vec!["a"; names].join(".");

        assert_eq!(too_deep(&format!("[{}]\nb = 1\n", deep(MAX_DEPTH))), None);
        assert!(too_deep(&format!("[{}]\nb = 1\n", deep(MAX_DEPTH + 1))).is_some());
        assert!(too_deep(&format!("[[{}]]\n{} = 1\n", deep(40), deep(42))).is_some());
        assert!(too_deep(&format!("{0} = {{ {0} = {{ {0} = 1 }} }}", deep(30))).is_some());
        assert!(too_deep(&format!("a = {}", "[".repeat(100_000))).is_some());
    }

    #[test]
    fn what_is_closed_or_a_string_does_not_count() {
        let many = "a.b.c = { d.e = [1.5, { f = 1 }] }\n[[stub]]\nx.y = [[1], [2]]\n".repeat(200);

        assert_eq!(too_deep(&many), None);
        assert_eq!(too_deep(&format!("a = '{}'\nb = \"\"\"\n{}\"\"\"", "[".repeat(200), "{a.b = ".repeat(200))), None);
        assert_eq!(too_deep(&"]".repeat(200)), None);
    }
}
