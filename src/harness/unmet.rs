//! Why dropping a server fails the test: unmet expectations, requests that no stub answered, and answers that could not be
//! made.

use std::fmt::Write as _;

use crate::engine::{Expectation, MountedStub};
use crate::journal::Entry;
use crate::model::{Expect, Timestamp};
use crate::verify::{describe_pattern, eviction_text, explain_nearest, list};

use super::shared::Shared;
use super::style::style;

/// Every reason together; `None` if there is none.
pub(super) fn everything(shared: &Shared) -> Option<String> {
    let (failures, expectations) = (shared.take_failures(), expectations(shared));
    let unmatched = if shared.fail_on_unmatched { unmatched(shared) } else { None };
    if failures.is_empty() && expectations.is_none() && unmatched.is_none() {
        return None;
    }
    let failures = failures.into_iter().map(|text| format!("a stub could not answer: {text}\n"));
    Some(failures.chain(expectations).chain(unmatched).collect::<Vec<_>>().join("\n"))
}

/// Explains every `expect` that is not met.
pub(super) fn expectations(shared: &Shared) -> Option<String> {
    if shared.engine.all_met() {
        return None;
    }
    let missed: Vec<_> = shared.engine.expectations().into_iter().filter(|one| !one.is_met()).collect();
    let set = shared.engine.stubs();
    let found = missed.iter().filter_map(|one| Some((set.find(&one.stub.id)?, one)));
    Some(found.map(|(live, one)| unmet(shared, live, one)).collect::<Vec<_>>().join("\n"))
}

/// Explains a stub that does not meet its `expect`, or that was not called if it has none.
pub(super) fn of_stub(shared: &Shared, live: &MountedStub) -> Option<String> {
    let expect = live.stub.expect.unwrap_or(Expect { min: 1, max: None });
    let calls = shared.engine.totals(live).calls;
    let expectation = Expectation { stub: live.reference.clone(), expect, calls };
    (!expectation.is_met()).then(|| unmet(shared, live, &expectation))
}

fn unmet(shared: &Shared, live: &MountedStub, expectation: &Expectation) -> String {
    let Expectation { stub: reference, expect: expected, calls } = expectation;
    let got = if *calls == 0 { "none".to_owned() } else { calls.to_string() };
    let mut text = format!(
        "the stub `{}` ({}:{}) expected {expected}, got {got}:\n",
        reference.name, reference.place.file, reference.place.line
    );
    describe_pattern(live.pattern(), &mut text);
    let journal = shared.engine.journal();
    let entries = journal.entries.iter().map(|entry| &**entry);
    let (its, others): (Vec<&Entry>, Vec<_>) =
        entries.partition(|entry| entry.stub().is_some_and(|stub| stub.id == reference.id));
    if *calls < expected.min {
        explain_nearest(live.pattern(), &others, Timestamp::now(), style(), &mut text);
    }
    if !its.is_empty() {
        let _ = write!(text, "\nit answered{}\n", list(its.iter().copied()));
    }
    if journal.evicted > 0 {
        let _ = writeln!(text, "\n{}", eviction_text(&journal));
    }
    text
}

/// How many unmatched requests are explained.
const EXPLAINED: usize = 3;

/// Explains the first requests that no stub answered, and counts the others.
fn unmatched(shared: &Shared) -> Option<String> {
    let journal = shared.engine.journal();
    let found: Vec<_> = journal.entries.iter().filter(|entry| entry.is_unmatched()).collect();
    let count = found.len() as u64 + journal.evicted_unmatched;
    if count == 0 {
        return None;
    }
    let requests = if count == 1 { "a request".to_owned() } else { format!("{count} requests") };
    let mut text = format!("no stub answered {requests}:\n");
    for entry in found.iter().take(EXPLAINED) {
        let explanation = shared.engine.explain(&entry.request(), entry.received_at);
        let _ = write!(text, "\n{}", explanation.text(style()));
    }
    if count > EXPLAINED as u64 {
        let _ = writeln!(text, "\n... and {} more", count - EXPLAINED.min(found.len()) as u64);
    }
    if journal.evicted_unmatched > 0 {
        let _ = writeln!(text, "\n{}", eviction_text(&journal));
    }
    Some(text)
}
