//! A path whose names are resolved as far as possible at load.

use super::failure::Failure;
use super::request_part::RequestPart;

#[derive(Debug)]
pub(super) struct ResolvedPath {
    /// As written in the template.
    pub(super) source: String,
    pub(super) start: PathStart,
    /// The remaining steps: names of members and indices in lists.
    pub(super) steps: Vec<String>,
    /// Whether a list or an object at the path must be parsed completely.
    pub(super) whole: bool,
    /// Whether the value is the object of headers, whose names are in lower case.
    pub(super) headers: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathStart {
    /// The object of all top-level names.
    Top,
    Request,
    Part(RequestPart),
    /// The object of the stub's variables.
    Vars,
    Item,
    Index,
    Capture(String),
    /// `this` of an enclosing `each` or `with`; the number counts levels up.
    This(usize),
    /// The first block parameter of an enclosing block; the number counts levels up.
    Value(usize),
    /// The second block parameter.
    Key(usize),
    Local(usize, LoopVariable),
}

impl ResolvedPath {
    /// Returns the failure that its value is missing.
    pub(super) fn missing(&self) -> Failure {
        let below = matches!(self.start, PathStart::This(_))
            && self.steps.first().is_some_and(|name| matches!(name.as_str(), "request" | "vars"));
        Failure::Missing { name: self.source.clone(), below }
    }
}

/// The variables of `each`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoopVariable {
    Index,
    Key,
    First,
    Last,
}

impl LoopVariable {
    pub(super) const NAMES: [(&'static str, LoopVariable); 4] = [
        ("index", LoopVariable::Index),
        ("key", LoopVariable::Key),
        ("first", LoopVariable::First),
        ("last", LoopVariable::Last),
    ];
}
