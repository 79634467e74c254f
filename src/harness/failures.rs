//! The reasons why dropping a server fails its test: unmet expectations, requests that no stub answered, and answers that could
//! not be made.

use std::sync::Arc;

use crate::engine::MountedStub;
use crate::model::Timestamp;
use crate::verify::{Unmatched, unmet_expectation, unmet_expectations};

use super::server_state::ServerState;
use super::style::style;

/// Returns all reasons together; `None` if there is none.
pub(super) fn all(shared: &ServerState) -> Option<String> {
    let (failures, expectations) = (shared.take_failures(), of_expectations(shared));
    let unmatched = if shared.fail_on_unmatched { of_unmatched(shared) } else { None };
    if failures.is_empty() && expectations.is_none() && unmatched.is_none() {
        return None;
    }
    let failures = failures.into_iter().map(|text| format!("a stub could not answer: {text}\n"));
    Some(failures.chain(expectations).chain(unmatched).collect::<Vec<_>>().join("\n"))
}

/// Explains every `expect` that is not met.
pub(super) fn of_expectations(shared: &ServerState) -> Option<String> {
    let unmet = unmet_expectations(&shared.engine);
    if unmet.is_empty() {
        return None;
    }
    let (journal, now, style) = (shared.engine.journal(), Timestamp::now(), style());
    Some(unmet.iter().map(|unmet| unmet.text(&journal, now, style)).collect::<Vec<_>>().join("\n"))
}

/// Explains a stub that does not meet its `expect`, or that was not called if it has none.
pub(super) fn of_stub(shared: &ServerState, stub: &Arc<MountedStub>) -> Option<String> {
    let unmet = unmet_expectation(&shared.engine, stub)?;
    Some(unmet.text(&shared.engine.journal(), Timestamp::now(), style()))
}

/// Explains the requests that no stub answered.
fn of_unmatched(shared: &ServerState) -> Option<String> {
    let journal = shared.engine.journal();
    Unmatched::find(&shared.engine, &journal).map(|unmatched| unmatched.text(style()))
}
