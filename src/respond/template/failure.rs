//! The reason why a template cannot be rendered.

use crate::budget::Exceeded;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// A value is absent.
    Missing {
        /// Its name in the template.
        name: String,
        /// Whether the name is one of the top level and was used inside a block that changes `this`.
        below: bool,
    },
    /// Lower case, no full stop.
    Wrong(String),
    /// A limit of the request was exceeded.
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
