//! Why a template cannot be rendered.

use crate::budget::Exceeded;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// A value is absent.
    Missing {
        /// What the template calls it.
        name: String,
        /// Whether a block went a level down, and the name is one of the top level.
        below: bool,
    },
    /// Lower case, no full stop.
    Wrong(String),
    /// A limit of the request ended it.
    Exceeded(Exceeded),
}

impl From<Exceeded> for Failure {
    fn from(exceeded: Exceeded) -> Failure {
        Failure::Exceeded(exceeded)
    }
}

impl Failure {
    pub(super) fn missing(name: String) -> Failure {
        Failure::Missing { name, below: false }
    }
}

/// Returns a failure with this message.
pub(super) fn wrong(message: impl Into<String>) -> Failure {
    Failure::Wrong(message.into())
}
