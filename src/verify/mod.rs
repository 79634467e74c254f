//! Verdicts on the requests that were received.
//!
//! A verdict is data with a text for people. The code that matches decides it, from the journal of an engine. If the journal
//! evicted requests and the rest does not decide a question, the verdict is *unknown*. The caller gives the time and the style
//! of the text, and chooses what follows from a verdict.

mod count;
mod expectations;
mod nearest;
mod order;
mod progress;
mod summary;
#[cfg(all(test, feature = "files"))]
mod tests;
mod unmatched;

pub(crate) use count::{CountVerdict, Verdict, matches};
pub(crate) use expectations::{unmet_expectation, unmet_expectations};
pub(crate) use order::OrderVerdict;
pub(crate) use progress::{Progress, RunningCount};
pub(crate) use summary::{RequestSummary, eviction_text, list};
pub(crate) use unmatched::Unmatched;
