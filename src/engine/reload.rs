//! What a reload changes: how a set stands to its files, and which stubs are others than before.
//!
//! When files are read, and which, is their reader's business.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::Stub;

use super::{LiveStub, StubSet};

/// How what is served stands to the files that it was loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// When the files were last loaded, or tried to be.
    pub at: Timestamp,
    /// Why they do not load, where they do not: what is served is then older than they are.
    pub problem: Option<String>,
}

/// Which of the files' stubs are others than before, by their identity; each in order of precedence.
#[derive(Debug, Clone, Default)]
pub struct Reloaded {
    /// Those that were not there.
    pub added: Vec<Arc<LiveStub>>,
    /// Those that ask or answer something else, as they are now.
    pub changed: Vec<Arc<LiveStub>>,
    /// Those that are no longer there, as they were.
    pub removed: Vec<Arc<LiveStub>>,
}

impl Reloaded {
    pub(super) fn between(old: &StubSet, new: &StubSet) -> Reloaded {
        let (before, now) = (by_id(old), by_id(new));
        let mut reloaded = Reloaded::default();
        for live in of_files(new) {
            match before.get(live.reference.id.as_str()) {
                None => reloaded.added.push(live.clone()),
                Some(earlier) if !same(earlier, live) => reloaded.changed.push(live.clone()),
                Some(_) => {}
            }
        }
        reloaded.removed =
            of_files(old).filter(|live| !now.contains_key(live.reference.id.as_str())).cloned().collect();
        reloaded
    }
}

fn of_files(set: &StubSet) -> impl Iterator<Item = &Arc<LiveStub>> {
    set.stubs().iter().filter(|live| live.added.is_none())
}

fn by_id(set: &StubSet) -> HashMap<&str, &LiveStub> {
    of_files(set).map(|live| (live.reference.id.as_str(), &**live)).collect()
}

/// Whether two say the same, wherever in the file it stands.
fn same(one: &LiveStub, other: &LiveStub) -> bool {
    let moved = Stub { place: other.stub.place.clone(), ..one.stub.clone() };
    moved == other.stub && one.representation == other.representation
}
