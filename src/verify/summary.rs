//! Describes recorded requests on one line each, and what the journal evicted.

use std::fmt;

use crate::journal::{Entry, JournalContents, Outcome};
use crate::message::{Head, visible};
use crate::model::WireFault;

/// A request and its outcome, on one line.
#[derive(Debug)]
pub(crate) struct RequestSummary<'a> {
    /// The number in the journal; 0 if the request is not recorded yet.
    pub(crate) number: u64,
    pub(crate) head: &'a Head,
    pub(crate) status: Option<u16>,
    pub(crate) fault: Option<WireFault>,
    /// `None` while the request is being answered.
    pub(crate) outcome: Option<&'a Outcome>,
}

impl<'a> From<&'a Entry> for RequestSummary<'a> {
    fn from(entry: &'a Entry) -> RequestSummary<'a> {
        RequestSummary {
            number: entry.number,
            head: &entry.head,
            status: entry.status,
            fault: entry.fault,
            outcome: Some(&entry.outcome),
        }
    }
}

impl fmt::Display for RequestSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.number > 0 {
            write!(f, "{}. ", self.number)?;
        }
        write!(f, "{} {}", visible(self.head.method()), visible(&self.head.target_text()))?;
        let status = self.status.map(|status| status.to_string());
        let got = self.fault.map(|fault| fault.to_string()).or(status).unwrap_or_default();
        match self.outcome {
            Some(Outcome::Stub(stub)) => write!(f, "  ({got} by `{}`)", visible(&stub.name)),
            Some(Outcome::Refused(reason)) => write!(f, "  ({got}: {})", visible(reason)),
            Some(Outcome::Unmatched) => write!(f, "  ({got}: no stub answered)"),
            Some(Outcome::Preflight) => write!(f, "  ({got}: a preflight)"),
            None => Ok(()),
        }
    }
}

/// How many requests a list shows.
const LISTED: usize = 10;

/// Lists requests after a colon, one on each line. Returns an empty text if there are none.
pub(crate) fn list<'a, R: Into<RequestSummary<'a>>>(requests: impl ExactSizeIterator<Item = R>) -> String {
    let count = requests.len();
    if count == 0 {
        return String::new();
    }
    let lines: String = requests.take(LISTED).map(|request| format!("\n  {}", request.into())).collect();
    match count.saturating_sub(LISTED) {
        0 => format!(":{lines}"),
        more => format!(":{lines}\n  ... and {more} more"),
    }
}

/// Says that the journal evicted requests, and how to prevent it.
pub(crate) fn eviction_text(journal: &JournalContents) -> String {
    format!(
        "the journal is not complete: it evicted {1} of {0} requests; \
         raise `journal_limit` ({2}) or `journal_bytes` ({3}), or call `reset_requests` in between",
        journal.total(),
        journal.evicted,
        journal.limits.entries,
        journal.limits.bytes,
    )
}
