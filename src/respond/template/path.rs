//! A path that leads somewhere, as far as that is known before there is a request.

use super::failure::Failure;
use super::request_part::Part;

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
