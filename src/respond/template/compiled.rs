//! A template that speaks only of what can exist, ready to be rendered.

use crate::model::Json;

use super::call::{Failure, Spec};
use super::model::Part;

#[derive(Debug)]
pub(super) enum Element {
    Text(String),
    Shown {
        argument: Argument,
        escaped: bool,
    },
    /// The first branch that is taken is rendered.
    Block(Vec<Branch>),
}

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) head: Head,
    pub(super) body: Vec<Element>,
}

/// When a branch is taken, and what is inside.
#[derive(Debug)]
pub(super) enum Head {
    Always,
    When {
        argument: Argument,
        /// What it must count as.
        truth: bool,
        /// Whether 0 counts as true.
        include_zero: bool,
    },
    Each(Argument),
    With(Argument),
}

/// What is shown, asked about, or given to a helper.
#[derive(Debug)]
pub(super) enum Argument {
    Literal(Json),
    Path(Path),
    Helper(Helper),
}

#[derive(Debug)]
pub(super) struct Helper {
    pub(super) spec: &'static Spec,
    pub(super) arguments: Vec<Argument>,
    pub(super) options: Vec<(&'static str, Argument)>,
}

#[derive(Debug)]
pub(super) struct Path {
    /// As it stands in the template.
    pub(super) written: String,
    pub(super) start: Start,
    /// On from there: names of members, places in lists.
    pub(super) way: Vec<String>,
    /// Whether lists and objects that it leads to are read with all that is in them.
    pub(super) whole: bool,
    /// Whether it leads to the headers, whose names are in lower case.
    pub(super) headers: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Start {
    /// All that a template sees.
    Top,
    Request,
    Part(Part),
    Item,
    Index,
    Capture(String),
    /// `this`, so many `each` and `with` up.
    This(usize),
    /// A name between bars, of the block so many up.
    Value(usize),
    /// The second of them.
    Key(usize),
    Local(usize, Local),
}

impl Argument {
    /// The complaint that it is absent.
    pub(super) fn missing(&self) -> Failure {
        match self {
            Argument::Path(path) => path.missing(),
            Argument::Helper(helper) => Failure::missing(format!("({} ...)", helper.spec.name)),
            Argument::Literal(literal) => Failure::missing(literal.to_string()),
        }
    }
}

impl Path {
    /// The complaint that it leads nowhere.
    pub(super) fn missing(&self) -> Failure {
        let below = matches!(self.start, Start::This(_)) && self.way.first().is_some_and(|name| name == "request");
        Failure::Missing { name: self.written.clone(), below }
    }
}

/// What `each` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Local {
    Index,
    Key,
    First,
    Last,
}

impl Local {
    pub(super) const NAMES: [(&'static str, Local); 4] =
        [("index", Local::Index), ("key", Local::Key), ("first", Local::First), ("last", Local::Last)];
}
