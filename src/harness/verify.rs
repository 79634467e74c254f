//! Asks the room `verify` with the patterns of a test. An error is the text of a verdict that is not met.

use crate::matching::CompiledPattern;
use crate::model::{Expect, KeyPath, Timestamp};
use crate::verify::{CountVerdict, OrderVerdict, Verdict};

use super::fault_text::fault_text;
use super::given::Given;
use super::server_state::ServerState;
use super::style::style;

/// Compiles a pattern.
///
/// # Panics
/// Panics if the pattern is wrong.
#[track_caller]
pub(super) fn compiled(given: &Given) -> CompiledPattern {
    let mut faults = Vec::new();
    let top = KeyPath::top();
    let pattern = CompiledPattern::compile(&given.pattern, None, &given.representation, &top, &mut faults);
    if !faults.is_empty() {
        let text: String = faults.iter().map(fault_text).collect();
        panic!("no request can be compared with this pattern:{text}");
    }
    pattern.with_code(&given.closures)
}

/// Checks how many requests came.
pub(super) fn count(shared: &ServerState, pattern: &CompiledPattern, expected: Expect) -> Result<(), String> {
    let journal = shared.engine.journal();
    let count = CountVerdict::new(&journal, pattern, expected, Timestamp::now());
    result(count.verdict, || count.text(style()))
}

/// Checks that requests that match these patterns came one after another.
///
/// # Panics
/// Panics if a pattern is wrong.
#[track_caller]
pub(super) fn order(shared: &ServerState, given: &[Given]) -> Result<(), String> {
    let patterns: Vec<CompiledPattern> = given.iter().map(compiled).collect();
    let journal = shared.engine.journal();
    let order = OrderVerdict::new(&journal, &patterns, Timestamp::now());
    result(order.verdict, || order.text(style()))
}

fn result(verdict: Verdict, text: impl FnOnce() -> String) -> Result<(), String> {
    match verdict {
        Verdict::Met => Ok(()),
        Verdict::Unmet | Verdict::Unknown => Err(text()),
    }
}
