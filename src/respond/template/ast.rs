//! The syntax tree of a template. Every word has its position in the source.
//!
//! Names are not resolved here; `compile` does that.

use std::ops::Range;

use crate::model::Json;

/// The deepest nesting of blocks, and of parentheses in an expression. It is limited because the tree is traversed recursively.
pub(super) const DEEPEST: usize = 32;

/// The largest number of names in a path. JSON nests no deeper.
pub(super) const LONGEST_PATH: usize = 128;

#[derive(Debug)]
pub(super) enum AstNode<'s> {
    Text(String),
    /// `{{ }}`, and `{{{ }}}` if it is not escaped.
    Output {
        /// The position of its tag.
        at: usize,
        expression: AstExpression<'s>,
        escaped: bool,
    },
    /// `{{#x}}..{{else y}}..{{else}}..{{/x}}`: the first branch that is taken is rendered.
    Block {
        /// The position of its first tag.
        at: usize,
        branches: Vec<AstBranch<'s>>,
    },
}

#[derive(Debug)]
pub(super) struct AstBranch<'s> {
    /// The condition; `None` for a bare `{{else}}`.
    pub(super) opening: Option<BlockOpening<'s>>,
    pub(super) body: Vec<AstNode<'s>>,
}

/// The head of a block: `each request.json.tags as |tag place|`.
#[derive(Debug)]
pub(super) struct BlockOpening<'s> {
    pub(super) expression: AstExpression<'s>,
    /// The names between the bars.
    pub(super) names: Vec<Word<'s>>,
}

/// A path, or a helper with its arguments.
#[derive(Debug)]
pub(super) struct AstExpression<'s> {
    pub(super) name: AstPath<'s>,
    pub(super) values: Vec<AstValue<'s>>,
    /// The named options.
    pub(super) options: Vec<(Word<'s>, AstValue<'s>)>,
}

#[derive(Debug)]
pub(super) enum AstValue<'s> {
    Literal(Json, Range<usize>),
    Path(AstPath<'s>),
    /// In parentheses.
    Call(AstExpression<'s>),
}

#[derive(Debug)]
pub(super) struct AstPath<'s> {
    /// The whole path as written.
    pub(super) whole: Word<'s>,
    pub(super) start: AstStart,
    /// The number of levels up at which it starts: the number of its `..`.
    pub(super) ups: usize,
    pub(super) names: Vec<Word<'s>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AstStart {
    /// A name, which may also be that of a helper or of a block parameter.
    Name,
    /// `this`, `./` or `../`
    This,
    /// `@root`
    Root,
    /// `@index` and similar: the name follows.
    Local,
}

/// A word and its position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'s> {
    pub(super) text: &'s str,
    pub(super) at: usize,
}

impl Word<'_> {
    pub(super) fn place(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }
}

impl<'s> AstPath<'s> {
    /// Returns the name if the path is one name.
    pub(super) fn as_name(&self) -> Option<&'s str> {
        match self.names.as_slice() {
            [only] if self.start == AstStart::Name => Some(only.text),
            _ => None,
        }
    }
}

/// A syntax error and its place.
#[derive(Debug)]
pub(super) struct ParseError {
    pub(super) message: String,
    /// A few words that describe the place.
    pub(super) label: &'static str,
    pub(super) place: Range<usize>,
}
