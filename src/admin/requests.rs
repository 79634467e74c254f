//! The journal over HTTP in WireMock's form: its members and no others, because its Java client rejects any other.
//!
//! A query whose result depends on evicted entries is refused with 409 instead of being answered from the remaining
//! ones. `at_least` needs only a lower bound, which stays certain, and `incomplete=true` accepts the remaining entries.

use crate::journal::{Entry, JournalSnapshot};
use crate::model::{Json, KeyPath};
use crate::respond::BodyStream;

use super::call::{Call, Reply};
use super::entries::{chosen, find_entry, streamed_entries};
use super::fault::AdminFault;
use super::logged::{logged_request, serve_event};
use super::printable::streamed;
use super::wiremock_pattern::{MatchResult, WireMockPattern};

/// `GET /requests`: newest first. `limit`, `since`, `unmatched=true` and `matchingStub` filter it.
pub(super) fn list(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.journal_snapshot();
    let chosen = chosen(call, &journal, "matchingStub")?.map(|entry| (entry.number, ())).collect();
    let meta = Json::from([("total", journal.len().into())]);
    let members = vec![("meta", meta), ("requestJournalDisabled", disabled(&journal))];
    Reply::streamed(streamed_entries("requests", journal, chosen, members, |entry, ()| serve_event(entry)))
}

/// `DELETE /requests`: clears the journal and the counts.
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
    let journal = call.engine.journal_snapshot();
    let unmatched = journal.after(0).rev().filter(Entry::is_unmatched).map(|entry| entry.number).collect();
    Reply::streamed(logged_requests(journal, unmatched))
}

/// `POST /requests/count`: the number of requests that match a pattern.
pub(super) fn count(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.journal_snapshot();
    let mut found = 0;
    let undecided = matching(call, &journal, |_| found += 1)?;
    let at_least = call.number("at_least")?;
    let enough = at_least.is_some_and(|least| found >= least);
    if !enough && !call.flag("incomplete")? {
        ensure_complete(&journal, found, undecided)?;
    }
    Reply::ok(Json::from([("count", found.into()), ("requestJournalDisabled", disabled(&journal))]))
}

/// `POST /requests/find`: the requests that match a pattern, oldest first.
pub(super) fn find(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.journal_snapshot();
    let mut found = Vec::new();
    let undecided = matching(call, &journal, |entry| found.push(entry.number))?;
    if !call.flag("incomplete")? {
        ensure_complete(&journal, found.len(), undecided)?;
    }
    Reply::streamed(logged_requests(journal, found))
}

/// Returns a list of the requests of some entries.
fn logged_requests(journal: JournalSnapshot, numbers: Vec<u64>) -> BodyStream {
    let members = vec![("requestJournalDisabled", disabled(&journal))];
    let chosen = numbers.into_iter().map(|number| (number, ())).collect();
    streamed_entries("requests", journal, chosen, members, |entry, ()| logged_request(entry))
}

/// Calls `found` for each entry that matches the pattern in the call's body. Returns the number of undecided entries, whose bodies
/// were truncated.
fn matching(call: &Call<'_>, journal: &JournalSnapshot, mut found: impl FnMut(&Entry)) -> Result<usize, AdminFault> {
    let body = call.request.body();
    let json = match body.is_empty() {
        true => Json::Object(Vec::new()),
        false => Json::parse(body).map_err(|fault| AdminFault::not_json(&KeyPath::top(), &fault))?,
    };
    let pattern = WireMockPattern::read(&json)?;
    let mut undecided = 0;
    for entry in journal.after(0) {
        match pattern.matches(&entry.request(), entry.cut.is_some()) {
            MatchResult::Match => found(&entry),
            MatchResult::NoMatch => {}
            MatchResult::Undecided => undecided += 1,
        }
    }
    Ok(undecided)
}

/// Refuses to answer if the remaining entries are not enough for a certain result.
fn ensure_complete(journal: &JournalSnapshot, found: usize, undecided: usize) -> Result<(), AdminFault> {
    let reason = match (journal.evicted(), undecided) {
        (0, 0) => return Ok(()),
        (0, undecided) => {
            format!("bodies were truncated (requests: {undecided}), so it is unknown whether they match the pattern")
        }
        (evicted, _) => format!("requests were evicted from the journal since the last reset ({evicted})"),
    };
    let at_least = if found > 0 { format!("`?at_least={found}`, or ") } else { String::new() };
    let detail = format!(
        "{reason}; {found} of the remaining requests match the pattern. Use {at_least}`?incomplete=true` to accept the remaining ones, \
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
