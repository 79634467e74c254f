//! Reports whether the server is healthy, and what it serves.

use crate::engine::Freshness;
use crate::model::{Json, Timestamp};

use super::call::{Call, Reply};
use super::fault::AdminFault;

/// `GET /health`
pub(super) fn health(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let set = call.engine.stubs();
    let journal = call.engine.journal_snapshot();
    let now = call.request.received_at();
    let mut health = Json::from([
        ("status", "healthy".into()),
        ("message", "Cannery is ready".into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("uptimeInSeconds", seconds_since(call.started, now).into()),
        ("timestamp", now.to_string().into()),
        ("scenarios", set.scenarios().len().into()),
        ("stubs", set.len().into()),
        (
            "journal",
            Json::from([
                ("entries", journal.len().into()),
                ("bytes", journal.bytes().into()),
                ("evicted", (journal.evicted() as usize).into()),
                ("maxEntries", journal.limits().entries.into()),
                ("maxBytes", journal.limits().bytes.into()),
            ]),
        ),
    ]);
    if let Some(freshness) = set.freshness() {
        health.set("reload", reload(freshness));
    }
    Reply::ok(health)
}

/// Returns whether the server serves the current content of its files. The server is healthy in either case, because it still answers.
fn reload(freshness: &Freshness) -> Json {
    let status = if freshness.problem.is_none() { "current" } else { "stale" };
    let mut reload = Json::from([("status", status.into()), ("at", freshness.at.to_string().into())]);
    if let Some(problem) = &freshness.problem {
        reload.set("problem", problem.as_str().into());
    }
    reload
}

fn seconds_since(started: Timestamp, now: Timestamp) -> i64 {
    now.as_second() - started.as_second()
}
