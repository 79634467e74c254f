//! A condition that is a closure, which no file can express.
//!
//! It is checked last, and only for a request that satisfies all other conditions. The harness decides what it is called with.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::budget::Exceeded;
use crate::message::Request;

/// A closure that decides whether a request matches.
#[derive(Clone)]
pub struct Predicate {
    /// The place of its source code, for people.
    pub place: String,
    test: Arc<dyn Fn(&Request) -> bool + Send + Sync>,
}

/// A closure panicked, with this text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked(pub String);

impl Error for Panicked {}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it panicked: {}", self.0)
    }
}

/// Why it is not known whether a pattern matches a request. No other pattern may answer then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undecided {
    /// A closure panicked.
    Closure(Panicked),
    /// Evaluating a condition exceeded a limit.
    Exceeded {
        /// The condition, such as `json_path $..a`.
        condition: String,
        /// The limit.
        limit: Exceeded,
    },
}

impl Error for Undecided {}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undecided::Closure(panicked) => panicked.fmt(f),
            Undecided::Exceeded { condition, limit } => write!(f, "`{condition}` is undecided: {limit}"),
        }
    }
}

impl Predicate {
    /// Wraps a closure, with the place of its source code.
    pub fn new(place: String, test: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Predicate {
        Predicate { place, test: Arc::new(test) }
    }

    /// Returns whether the request matches.
    ///
    /// # Errors
    /// Fails if the closure panics.
    pub fn holds(&self, request: &Request) -> Result<bool, Panicked> {
        caught(|| (self.test)(request))
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Predicate({})", self.place)
    }
}

/// Runs code of a user and catches its panic.
///
/// Such code changes no state of Cannery, so a panic leaves nothing inconsistent.
pub(crate) fn caught<T>(code: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        Panicked(text.unwrap_or("without a text").to_owned())
    })
}
