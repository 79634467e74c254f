//! The journal over HTTP in our own form: everything that is known of each request and of its answer.

use crate::explain::{Style, explain};
use crate::journal::{Limits, Outcome};
use crate::model::Json;

use super::call::{Call, Reply};
use super::entries::{chosen, find_entry, streamed_entries};
use super::fault::AdminFault;
use super::printable::streamed;
use super::recorded::recorded;

/// `GET /journal`: newest first. `limit`, `since`, `unmatched=true` and `stub` filter it. `explain=N` adds an explanation to the first
/// N unmatched requests: why no stub would match them now.
pub(super) fn list(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.journal_snapshot();
    let mut to_explain = call.number("explain")?.unwrap_or(0);
    let with_explanations = chosen(call, &journal, "stub")?.map(|entry| {
        let is_explained = to_explain > 0 && entry.outcome == Outcome::Unmatched;
        let explanation = is_explained.then(|| {
            to_explain -= 1;
            let why = explain(call.engine, &entry.request(), call.request.received_at());
            why.text(Style { colour: false, redact: true })
        });
        (entry.number, explanation)
    });
    let entries = with_explanations.collect();
    let Limits { entries: max_entries, bytes: max_bytes } = journal.limits();
    let members = vec![
        ("received", (journal.total() as usize).into()),
        ("evicted", (journal.evicted() as usize).into()),
        ("evictedUnmatched", (journal.evicted_unmatched() as usize).into()),
        ("limits", Json::from([("maxEntries", max_entries.into()), ("maxBytes", max_bytes.into())])),
    ];
    Reply::streamed(streamed_entries("entries", journal, entries, members, |entry, explanation| {
        recorded(entry, explanation.as_deref())
    }))
}

/// `GET /journal/{id}`
pub(super) fn one(call: &Call<'_>, id: &str) -> Result<Reply, AdminFault> {
    let entry = find_entry(call, id)?;
    Reply::streamed(streamed(move || recorded(&entry, None)))
}
