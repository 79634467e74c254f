//! The journal over HTTP in WireMock's shapes: its members and no others, because its Java client refuses any other.
//!
//! A question whose answer would need entries that are gone is refused with 409 rather than answered from what is
//! left. `at_least` asks a count that stays answerable, and `incomplete=true` takes what is left knowingly.

use crate::journal::{Entry, JournalSnapshot};
use crate::model::{Json, KeyPath};
use crate::respond::BodyStream;

use super::call::{Call, Reply};
use super::entries::{chosen, find_entry, streamed_entries};
use super::fault::AdminFault;
use super::logged::{logged_request, serve_event};
use super::printable::streamed;
use super::wiremock_pattern::{Holds, WireMockPattern};

/// `GET /requests`: newest first; `limit`, `since`, `unmatched=true` and `matchingStub` narrow it.
pub(super) fn list(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let chosen = chosen(call, &journal, "matchingStub")?.map(|entry| (entry.number, ())).collect();
    let meta = Json::from([("total", journal.len().into())]);
    let members = vec![("meta", meta), ("requestJournalDisabled", disabled(&journal))];
    Reply::streamed(streamed_entries("requests", journal, chosen, members, |entry, ()| serve_event(entry)))
}

/// `DELETE /requests`: forgets the journal and the counts.
pub(super) fn forget(call: &Call<'_>) -> Result<Reply, AdminFault> {
    call.engine.reset_requests();
    Reply::done()
}

/// `GET /requests/{id}`
pub(super) fn one(call: &Call<'_>, id: &str) -> Result<Reply, AdminFault> {
    let entry = find_entry(call, id)?;
    Reply::streamed(streamed(move || serve_event(&entry)))
}

/// `GET /requests/unmatched`: newest first.
pub(super) fn unmatched(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let unmatched = journal.after(0).rev().filter(Entry::is_unmatched).map(|entry| entry.number).collect();
    Reply::streamed(logged_requests(journal, unmatched))
}

/// `POST /requests/count`: how many are of a pattern.
pub(super) fn count(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let mut found = 0;
    let untold = matching(call, &journal, |_| found += 1)?;
    let at_least = call.number("at_least")?;
    let enough = at_least.is_some_and(|least| found >= least);
    if !enough && !call.flag("incomplete")? {
        whole(&journal, found, untold)?;
    }
    Reply::ok(Json::from([("count", found.into()), ("requestJournalDisabled", disabled(&journal))]))
}

/// `POST /requests/find`: those of a pattern, oldest first.
pub(super) fn find(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let mut found = Vec::new();
    let untold = matching(call, &journal, |entry| found.push(entry.number))?;
    if !call.flag("incomplete")? {
        whole(&journal, found.len(), untold)?;
    }
    Reply::streamed(logged_requests(journal, found))
}

/// The requests alone of some entries.
fn logged_requests(journal: JournalSnapshot, numbers: Vec<u64>) -> BodyStream {
    let members = vec![("requestJournalDisabled", disabled(&journal))];
    let chosen = numbers.into_iter().map(|number| (number, ())).collect();
    streamed_entries("requests", journal, chosen, members, |entry, ()| logged_request(entry))
}

/// Goes through the entries of the pattern in the call's body, and returns of how many it cannot be told, because their bodies were cut.
fn matching(call: &Call<'_>, journal: &JournalSnapshot, mut found: impl FnMut(&Entry)) -> Result<usize, AdminFault> {
    let body = call.request.body();
    let json = match body.is_empty() {
        true => Json::Object(Vec::new()),
        false => Json::parse(body).map_err(|fault| AdminFault::not_json(&KeyPath::top(), &fault))?,
    };
    let pattern = WireMockPattern::read(&json)?;
    let mut untold = 0;
    for entry in journal.after(0) {
        match pattern.holds(&entry.request(), entry.cut.is_some()) {
            Holds::Yes => found(&entry),
            Holds::No => {}
            Holds::CannotTell => untold += 1,
        }
    }
    Ok(untold)
}

/// Refuses to answer from what is left.
fn whole(journal: &JournalSnapshot, found: usize, untold: usize) -> Result<(), AdminFault> {
    let reason = match (journal.evicted(), untold) {
        (0, 0) => return Ok(()),
        (0, untold) => {
            format!("bodies were cut (requests: {untold}), so it cannot be told whether they are of the pattern")
        }
        (evicted, _) => format!("requests were evicted from the journal since the last reset ({evicted})"),
    };
    let at_least = if found > 0 { format!("`?at_least={found}`, or ") } else { String::new() };
    let detail = format!(
        "{reason}; of those that are left {found} are of the pattern. Ask {at_least}`?incomplete=true` for what is left, \
         or serve with a larger `--journal-limit` or `--journal-bytes`."
    );
    Err(AdminFault {
        more: vec![("atLeast".to_owned(), found.into()), ("evicted".to_owned(), (journal.evicted() as usize).into())],
        ..AdminFault::new(409, "the journal is incomplete", detail)
    })
}

fn disabled(journal: &JournalSnapshot) -> Json {
    (journal.limits().entries == 0 || journal.limits().bytes == 0).into()
}
