//! The engine: a set of stubs, and everything that changes while it answers.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::budget::{UNLIMITED, within};
use crate::journal::{AnswerRecord, Cut, Entry, JournalContents, JournalSnapshot, Limits, Outcome, StubRef};
use crate::lock::lock;
use crate::matching::SharedConditions;
use crate::message::Request;
use crate::model::{Expect, Fault, KeyPath, Stub, Timestamp};

use super::broadcast::Subscription;
use super::count::Totals;
use super::snapshot::Snapshot;
use super::store::Store;
use super::{Answer, Expectation, Freshness, MountedStub, NewStub, Reloaded, StubSet, identity};

/// The settings of an engine.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How much of the journal is kept.
    pub journal: Limits,
    /// The seed of all random values and delays, which depend on nothing else.
    pub seed: u64,
    /// The number of bytes that templates, batches and documents may render for one answer; 32 MiB.
    pub max_rendered: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { journal: Limits::default(), seed: 0, max_rendered: 32 * 1024 * 1024 }
    }
}

/// The error for a name that no on-demand stub has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownStub {
    /// The name.
    pub name: String,
    /// The names of the on-demand stubs, sorted.
    pub known: Vec<String>,
}

impl std::error::Error for UnknownStub {}

impl fmt::Display for UnknownStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no on-demand stub is named `{}`; there are: {}", self.name, self.known.join(", "))
    }
}

/// Answers requests, on any number of threads.
#[derive(Debug)]
pub struct Engine {
    /// Everything that changes while the engine answers.
    pub(super) store: Store,
    /// Whether any stub of the set is code.
    has_code: AtomicBool,
    /// The number of stubs that were added while running. It is locked while the next set is made out of the one that is served, so
    /// that no change is lost.
    added: Mutex<u64>,
    pub(super) settings: Settings,
}

/// The name of the scenario to which added stubs belong.
const ADDED: &str = "added";

impl Engine {
    /// Makes an engine that serves a set. Any number of engines may share the set.
    pub fn new(set: Arc<StubSet>, settings: Settings) -> Engine {
        Engine {
            has_code: AtomicBool::new(set.has_code()),
            store: Store::new(set, settings.journal),
            added: Mutex::default(),
            settings,
        }
    }

    /// Records a request that is refused for this reason before any stub is compared. `cut` describes the missing part of its body.
    pub fn refuse(&self, request: &Request, cut: Option<Cut>, answer: &Arc<Answer>, reason: String) -> Entry {
        let mut entry = Entry { cut, ..Entry::new(request, Outcome::Refused(reason)) };
        entry.set_answer(AnswerRecord::new(answer));
        self.store.record(&mut entry);
        entry
    }

    /// Corrects the answer of an entry of the journal, because the server sends another. Returns its record.
    pub(crate) fn correct_answer(&self, number: u64, before: &AnswerRecord, answer: &Arc<Answer>) -> AnswerRecord {
        let corrected = AnswerRecord::new(answer).instead_of(before);
        self.store.replace_answer(number, corrected.clone());
        corrected
    }

    /// Writes the answer of an entry into the journal again, because it was completed.
    pub(crate) fn note_answer(&self, entry: &Entry) {
        if let Some(answer) = &entry.answer {
            self.store.replace_answer(entry.number, answer.clone());
        }
    }

    /// Receives the events from now on.
    pub fn subscribe(&self) -> Subscription {
        self.store.subscribe()
    }

    /// Returns the stubs that are served, with the state that decisions depend on.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.store.snapshot()
    }

    /// Returns the stubs that are served.
    pub fn stubs(&self) -> Arc<StubSet> {
        self.store.stubs()
    }

    /// Whether any stub is code, which may take any time.
    pub fn has_code(&self) -> bool {
        self.has_code.load(Ordering::Relaxed)
    }

    /// Serves another set of files from now on, which was loaded at this time. Requests that are being answered still use the old one.
    ///
    /// Everything else stays: states, arming, stubs added while running, the journal, and the counts and sequences of stubs by their
    /// identity. Those of a removed stub stay too, and apply again if it comes back.
    pub fn reload(&self, set: &StubSet, at: Timestamp) -> Reloaded {
        let added = self.added();
        let old = self.stubs();
        let new = Arc::new(set.with_added_of(&old).with_freshness(Freshness { at, problem: None }));
        let reloaded = Reloaded::between(&old, &new);
        self.swap_by(&new, || self.store.serve_reloaded(&new, &reloaded));
        drop(added);
        reloaded
    }

    /// Sets whether the stubs are as new as their files. Explanations and the admin API report this.
    pub fn set_freshness(&self, freshness: Freshness) {
        // Locked so that no stub is added to a set that is about to be replaced.
        let _added = self.added();
        self.swap(Arc::new(self.stubs().with_freshness(freshness)));
    }

    /// Returns how often a stub has answered.
    pub fn totals(&self, stub: &MountedStub) -> Totals {
        self.store.totals(stub)
    }

    /// Returns the stubs that expect a number of calls, in order of precedence, with their calls since the last reset of the journal.
    pub fn expectations(&self) -> Vec<Expectation> {
        let set = self.stubs();
        let expecting = set.expecting();
        let calls = self.calls(&expecting);
        let expected = expecting.into_iter().zip(calls);
        expected
            .map(|((mounted, expect), calls)| Expectation { stub: mounted.reference.clone(), expect, calls })
            .collect()
    }

    /// Whether every stub that expects a number of calls was called that often.
    pub fn all_met(&self) -> bool {
        let set = self.stubs();
        let expecting = set.expecting();
        let calls = self.calls(&expecting);
        expecting.into_iter().zip(calls).all(|((_, expect), calls)| expect.is_met_by(calls))
    }

    /// Returns how often each has answered, at one moment.
    fn calls(&self, expecting: &[(&Arc<MountedStub>, Expect)]) -> Vec<u64> {
        self.store.calls(expecting.iter().map(|(mounted, _)| *mounted))
    }

    /// Returns the number of requests for which a stub is armed.
    pub fn armed(&self, stub: &MountedStub) -> u64 {
        self.store.armed(stub)
    }

    /// Returns the journal at this moment.
    pub fn journal(&self) -> JournalContents {
        self.journal_snapshot().read()
    }

    /// Returns the journal at this moment, which is read only as far as it is needed.
    pub fn journal_snapshot(&self) -> JournalSnapshot {
        self.store.journal_snapshot()
    }

    /// Arms the on-demand stubs of a name for the next `times` requests that they match. 0 disarms them.
    ///
    /// # Errors
    /// Returns an error if no on-demand stub has that name.
    pub fn arm(&self, name: &str, times: u64) -> Result<(), UnknownStub> {
        let set = self.stubs();
        if !set.is_on_demand(name) {
            return Err(UnknownStub { name: name.to_owned(), known: set.on_demand_names() });
        }
        self.store.arm(name, times);
        Ok(())
    }

    /// Returns the state of a state machine.
    pub fn state(&self, machine: &str) -> String {
        self.store.machine_state(machine)
    }

    /// Sets the state of a state machine.
    pub fn set_state(&self, machine: &str, state: &str) {
        self.store.set_machine_state(machine, state);
    }

    /// Adds a stub while running. It precedes the files' stubs of the same priority.
    ///
    /// # Errors
    /// Returns everything that is wrong with the stub, at paths such as `request.headers.Accept`.
    pub fn add(&self, stub: impl Into<NewStub>) -> Result<Arc<MountedStub>, Vec<Fault>> {
        let stub = stub.into();
        let mut added = self.added();
        let number = *added + 1;
        let mounted = compile_added(stub, number, &identity::added_stub_id(number))?;
        *added = number;
        self.swap(Arc::new(self.stubs().with(&mounted)));
        Ok(mounted)
    }

    /// Replaces a stub that was added while running. The new one starts without counts. Returns `None` if no stub was added under
    /// that id.
    ///
    /// # Errors
    /// Returns everything that is wrong with the stub.
    pub fn replace(&self, id: &str, stub: Stub) -> Option<Result<Arc<MountedStub>, Vec<Fault>>> {
        let _added = self.added();
        let set = self.stubs();
        let old = set.find(id)?;
        let number = old.added?;
        Some(compile_added(stub.into(), number, id).inspect(|mounted| {
            self.swap(Arc::new(set.with_replaced(id, Some(mounted))));
            self.store.clear_counts([old].into_iter());
        }))
    }

    /// Removes a stub that was added while running. Returns whether there was one.
    pub fn remove(&self, id: &str) -> bool {
        let _added = self.added();
        let set = self.stubs();
        let Some(gone) = set.find(id).filter(|mounted| mounted.added.is_some()) else { return false };
        self.swap(Arc::new(set.with_replaced(id, None)));
        self.store.clear_counts([gone].into_iter());
        true
    }

    /// Removes all stubs that were added while running.
    pub fn remove_added(&self) {
        let added = self.added();
        let set = self.stubs();
        self.swap(Arc::new(set.without_added()));
        drop(added);
        self.store.clear_counts(set.added());
    }

    /// Resets everything to how the engine started: states, sequences, arming, added stubs, counts and journal.
    pub fn reset(&self) {
        self.remove_added();
        self.store.reset();
    }

    /// Clears the journal and the counts.
    pub fn reset_requests(&self) {
        let set = self.stubs();
        self.store.reset_requests(set.added());
    }

    fn swap(&self, set: Arc<StubSet>) {
        self.swap_by(&set.clone(), || self.store.serve(set));
    }

    /// Serves another set by calling `serve`.
    fn swap_by(&self, set: &StubSet, serve: impl FnOnce()) {
        let has_code = set.has_code();
        // A thread that answers other requests must never run code, so while the sets are exchanged there is code if either has some.
        self.has_code.fetch_or(has_code, Ordering::Relaxed);
        serve();
        self.has_code.store(has_code, Ordering::Relaxed);
    }

    fn added(&self) -> MutexGuard<'_, u64> {
        lock(&self.added)
    }
}

fn compile_added(new: NewStub, number: u64, id: &str) -> Result<Arc<MountedStub>, Vec<Fault>> {
    let NewStub { stub, representation, code } = new;
    let reference = StubRef {
        id: id.to_owned(),
        name: stub.name.clone().unwrap_or_else(|| format!("added stub {number}")),
        scenario: ADDED.to_owned(),
        place: stub.place.clone(),
    };
    let mut faults = Vec::new();
    let mut shared = SharedConditions::new(&representation);
    // The cost of compiling is not charged to the call that adds the stub, because that would be refused after the stub was added.
    let compile =
        || MountedStub::compile(&stub, code, reference, Some(number), &KeyPath::top(), &mut faults, &mut shared);
    let mounted = within(UNLIMITED, compile).expect("an unlimited budget is never exceeded");
    if faults.is_empty() { Ok(Arc::new(mounted)) } else { Err(faults) }
}
