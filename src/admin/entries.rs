//! Selects the entries of the journal for a call, independently of the form in which they are printed.

use std::sync::Arc;

use crate::journal::{Entry, JournalSnapshot};
use crate::matching::parse_moment;
use crate::model::Json;
use crate::respond::BodyStream;

use super::call::Call;
use super::fault::AdminFault;
use super::printable::{Items, Printable, streamed_list};

/// Returns the entries that the query parameters `limit`, `since` and `unmatched` select, newest first. The parameter with this name
/// is the id of a stub that must have answered.
pub(super) fn chosen<'j>(
    call: &Call<'j>,
    journal: &'j JournalSnapshot,
    stub_parameter: &str,
) -> Result<impl Iterator<Item = Entry> + use<'j>, AdminFault> {
    let limit = call.number("limit")?.unwrap_or(usize::MAX);
    let since = match call.parameter("since") {
        None => None,
        Some(text) => {
            let wrong = || AdminFault::parameter("since", format!("must be a date of RFC 3339, found `{text}`"));
            Some(parse_moment(text).ok_or_else(wrong)?)
        }
    };
    let only_unmatched = call.flag("unmatched")?;
    let stub = call.parameter(stub_parameter).map(str::to_owned);
    let is_chosen = move |entry: &Entry| {
        since.is_none_or(|since| entry.received_at >= since)
            && (!only_unmatched || entry.is_unmatched())
            && stub.as_ref().is_none_or(|id| entry.stub().is_some_and(|stub| stub.id == *id))
    };
    Ok(journal.after(0).rev().filter(is_chosen).take(limit))
}

/// Returns the entry with an id.
pub(super) fn find_entry(call: &Call<'_>, id: &str) -> Result<Entry, AdminFault> {
    let journal = call.engine.journal_snapshot();
    let number = Entry::number_of(id);
    if let Some(entry) = number.and_then(|number| journal.entry(number)).filter(|entry| entry.id() == id) {
        return Ok(entry);
    }
    let detail = if number.is_some_and(|number| journal.has_evicted(number)) {
        "it was evicted: the journal is full"
    } else {
        "no request has this id"
    };
    Err(AdminFault::new(404, "there is no such request", detail))
}

/// A list of entries by their numbers, each with further data. It keeps a snapshot of the journal, and prints an entry only after
/// the client has received those before it.
pub(super) fn streamed_entries<T: Send + Sync + 'static>(
    name: &'static str,
    journal: JournalSnapshot,
    chosen: Vec<(u64, T)>,
    members: Vec<(&'static str, Json)>,
    print: impl Fn(&Entry, &T) -> Printable + Send + Sync + Copy + 'static,
) -> BodyStream {
    let chosen = Arc::new((journal, chosen));
    let items = move || -> Items {
        let chosen = chosen.clone();
        Box::new((0..chosen.1.len()).filter_map(move |place| {
            let (number, more) = &chosen.1[place];
            Some(print(&chosen.0.entry(*number)?, more))
        }))
    };
    streamed_list(name, items, members)
}
