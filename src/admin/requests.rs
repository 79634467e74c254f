//! The journal over HTTP.
//!
//! A question whose answer would need entries that are gone is refused with 409 rather than answered from what is
//! left. `at_least` asks a count that stays answerable, and `incomplete=true` takes what is left knowingly.

use std::sync::Arc;

use crate::engine::Style;
use crate::journal::{Entry, JournalSnapshot, Outcome};
use crate::matching::parse_moment;
use crate::model::{Json, KeyPath};
use crate::respond::BodyStream;

use super::call::{Call, Reply};
use super::fault::AdminFault;
use super::logged::{logged_request, serve_event};
use super::printable::{Items, Printable, streamed, streamed_list};
use super::wiremock_pattern::{Holds, WireMockPattern};

/// `GET /requests`: newest first; `limit`, `since`, `unmatched=true` and `matchingStub` narrow it, and `explain` says of
/// so many that no stub answered why none would now.
pub(super) fn list(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let limit = number(call, "limit")?;
    let since = match parameter(call, "since") {
        None => None,
        Some(text) => {
            let wrong = || AdminFault::parameter("since", format!("`{text}` is not a date of RFC 3339"));
            Some(parse_moment(&text).ok_or_else(wrong)?)
        }
    };
    let only_unmatched = flag(call, "unmatched")?;
    let stub = parameter(call, "matchingStub");
    let chosen = journal.after(0).rev().filter(|entry| {
        since.is_none_or(|since| entry.received_at >= since)
            && (!only_unmatched || entry.is_unmatched())
            && stub.as_ref().is_none_or(|id| entry.stub().is_some_and(|stub| stub.id == *id))
    });
    let mut to_explain = number(call, "explain")?.unwrap_or(0);
    let chosen = chosen.take(limit.unwrap_or(usize::MAX)).map(|entry| {
        let is_explained = to_explain > 0 && entry.outcome == Outcome::Unmatched;
        let explanation = is_explained.then(|| {
            to_explain -= 1;
            let why = call.engine.explain(&entry.request(), call.request.received_at());
            why.text(Style { colour: false, redact: true })
        });
        (entry.number, explanation)
    });
    let chosen = chosen.collect();
    let members = vec![("meta", meta(&journal)), ("requestJournalDisabled", disabled(&journal))];
    Reply::streamed(requests(journal, chosen, members, |entry, explanation| {
        let mut event = serve_event(entry);
        if let (Printable::Object(members), Some(explanation)) = (&mut event, explanation) {
            members.push(("explanation".to_owned(), Printable::Json(explanation.as_str().into())));
        }
        event
    }))
}

/// A list of entries by their numbers, each with what is known of it besides. It holds the journal as it was, and writes an entry when
/// its turn comes.
fn requests<T: Send + Sync + 'static>(
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
    streamed_list("requests", items, members)
}

/// `DELETE /requests`: forgets the journal and the counts.
pub(super) fn forget(call: &Call<'_>) -> Result<Reply, AdminFault> {
    call.engine.reset_requests();
    Reply::done()
}

/// `GET /requests/{id}`
pub(super) fn one(call: &Call<'_>, id: &str) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let number = Entry::number_of(id);
    if let Some(entry) = number.and_then(|number| journal.entry(number)).filter(|entry| entry.id() == id) {
        return Reply::streamed(streamed(move || serve_event(&entry)));
    }
    let evicted = number.is_some_and(|number| journal.has_evicted(number));
    let detail = if evicted {
        "it was evicted: the journal is full"
    } else {
        "no request has this id"
    };
    Err(AdminFault::new(404, "there is no such request", detail))
}

/// `GET /requests/unmatched`: newest first.
pub(super) fn unmatched(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let chosen = journal.after(0).rev().filter(Entry::is_unmatched).map(|entry| (entry.number, ())).collect();
    let members = vec![
        ("evicted", (journal.evicted_unmatched() as usize).into()),
        ("requestJournalDisabled", disabled(&journal)),
    ];
    Reply::streamed(requests(journal, chosen, members, |entry, ()| logged_request(entry)))
}

/// `POST /requests/count`: how many are of a pattern.
pub(super) fn count(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let mut found = 0;
    let untold = matching(call, &journal, |_| found += 1)?;
    let at_least = number(call, "at_least")?;
    let enough = at_least.is_some_and(|least| found >= least);
    if !enough && !flag(call, "incomplete")? {
        whole(&journal, found, untold)?;
    }
    let exact = journal.evicted() == 0 && untold == 0;
    Reply::ok(Json::from([
        ("count", found.into()),
        ("exact", exact.into()),
        ("evicted", (journal.evicted() as usize).into()),
        ("requestJournalDisabled", disabled(&journal)),
    ]))
}

/// `POST /requests/find`: those of a pattern, oldest first.
pub(super) fn find(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let journal = call.engine.held();
    let mut found = Vec::new();
    let untold = matching(call, &journal, |entry| found.push((entry.number, ())))?;
    if !flag(call, "incomplete")? {
        whole(&journal, found.len(), untold)?;
    }
    let members =
        vec![("evicted", (journal.evicted() as usize).into()), ("requestJournalDisabled", disabled(&journal))];
    Reply::streamed(requests(journal, found, members, |entry, ()| logged_request(entry)))
}

/// Goes through the entries of the pattern in the call's body, and gives of how many it cannot be told since their bodies were cut.
fn matching(call: &Call<'_>, journal: &JournalSnapshot, mut found: impl FnMut(&Entry)) -> Result<usize, AdminFault> {
    let body = call.request.body();
    let json = match body.is_empty() {
        true => Json::Object(Vec::new()),
        false => Json::parse(body).map_err(|fault| AdminFault::field(&KeyPath::top(), format!("not JSON: {fault}")))?,
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

fn meta(journal: &JournalSnapshot) -> Json {
    Json::from([
        ("total", journal.len().into()),
        ("evicted", (journal.evicted() as usize).into()),
        ("evictedUnmatched", (journal.evicted_unmatched() as usize).into()),
        ("received", (journal.total() as usize).into()),
    ])
}

fn disabled(journal: &JournalSnapshot) -> Json {
    (journal.limits().entries == 0 || journal.limits().bytes == 0).into()
}

fn parameter(call: &Call<'_>, name: &str) -> Option<String> {
    call.request.query().iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

fn number(call: &Call<'_>, name: &str) -> Result<Option<usize>, AdminFault> {
    let wrong = |text: &str| AdminFault::parameter(name, format!("`{text}` is not a whole number"));
    parameter(call, name).map(|text| text.parse().map_err(|_| wrong(&text))).transpose()
}

pub(super) fn flag(call: &Call<'_>, name: &str) -> Result<bool, AdminFault> {
    match parameter(call, name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true" | "") => Ok(true),
        Some(other) => Err(AdminFault::parameter(name, format!("`{other}` is neither true nor false"))),
    }
}
