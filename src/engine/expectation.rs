//! How often a stub must be called, compared with how often it was.

use std::fmt;
use std::sync::Arc;

use crate::journal::StubRef;
use crate::model::Expect;

/// A stub with an expected number of calls, and how often it was called.
///
/// Every request that the stub answers counts: with any of its responses, and also if sending the response fails. A stub on demand
/// counts only the requests that it answered because it was preferred or armed.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Which stub: identity, name and place.
    pub stub: Arc<StubRef>,
    /// How often it must be called.
    pub expect: Expect,
    /// How often it answered since the last reset of the journal, exactly.
    pub calls: u64,
}

impl Expectation {
    /// Whether it was called as often as it must be.
    pub fn is_met(&self) -> bool {
        self.expect.is_met_by(self.calls)
    }
}

/// One line for people, such as `shop/paid (shop.toml:3): expected 2 calls, got 1`.
impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StubRef { scenario, name, place, .. } = &*self.stub;
        write!(f, "{scenario}/{name} ({}", place.file)?;
        if place.line > 0 {
            write!(f, ":{}", place.line)?;
        }
        write!(f, "): expected {}, got {}", self.expect, self.calls)
    }
}
