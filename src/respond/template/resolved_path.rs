//! A path whose names are resolved, as far as that is possible before there is a request.

use super::failure::Failure;
use super::request_part::RequestPart;

#[derive(Debug)]
pub(super) struct ResolvedPath {
    /// As written in the template.
    pub(super) written: String,
    pub(super) start: PathStart,
    /// On from there: names of members, places in lists.
    pub(super) steps: Vec<String>,
    /// Whether lists and objects that it leads to are read with all that is in them.
    pub(super) whole: bool,
    /// Whether it leads to the headers, whose names are in lower case.
    pub(super) headers: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathStart {
    /// Returns everything that a template sees.
    Top,
    Request,
    Part(RequestPart),
    Item,
    Index,
    Capture(String),
    /// `this` of a block, this many `each` and `with` up.
    This(usize),
    /// The first name between bars of a block, this many up.
    Value(usize),
    /// The second of them.
    Key(usize),
    Local(usize, LoopVariable),
}

impl ResolvedPath {
    /// Returns the failure that its value is missing.
    pub(super) fn missing(&self) -> Failure {
        let below =
            matches!(self.start, PathStart::This(_)) && self.steps.first().is_some_and(|name| name == "request");
        Failure::Missing { name: self.written.clone(), below }
    }
}

/// What `each` counts.
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
