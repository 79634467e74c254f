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

use super::count::Totals;
use super::store::Store;
use super::{Answer, Expectation, Freshness, MountedStub, NewStub, Reloaded, StubSet, identity};

/// What an engine is made with.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How much of the journal is kept.
    pub journal: Limits,
    /// Random values and delays follow from this and from nothing else.
    pub seed: u64,
    /// The number of bytes that templates, batches and documents may render for one answer; 32 MiB.
    pub max_rendered: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { journal: Limits::default(), seed: 0, max_rendered: 32 * 1024 * 1024 }
    }
}

/// A name that no on-demand stub has, with those that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownStub {
    /// What was asked for.
    pub name: String,
    /// What could be, sorted.
    pub known: Vec<String>,
}

impl std::error::Error for UnknownStub {}

impl fmt::Display for UnknownStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no on-demand stub is named `{}`; there are: {}", self.name, self.known.join(", "))
    }
}

/// Answers requests. SharedConditions by reference between any number of threads.
#[derive(Debug)]
pub struct Engine {
    /// All that changes while it answers.
    pub(super) store: Store,
    /// Whether any stub of the set is code.
    has_code: AtomicBool,
    /// How many stubs were added while running. Held by whoever makes the next set out of the one that is served, so
    /// that no change of it is lost.
    added: Mutex<u64>,
    pub(super) settings: Settings,
}

/// The scenario that stubs added while running belong to.
const ADDED: &str = "added";

impl Engine {
    /// An engine that serves a set, which any number of engines may share.
    pub fn new(set: Arc<StubSet>, settings: Settings) -> Engine {
        Engine {
            has_code: AtomicBool::new(set.has_code()),
            store: Store::new(set, settings.journal),
            added: Mutex::default(),
            settings,
        }
    }

    /// Records a request that is answered before any stub is asked, for this reason; `cut` tells what is missing of its body.
    pub fn refuse(&self, request: &Request, cut: Option<Cut>, answer: &Arc<Answer>, reason: String) -> Entry {
        let mut entry = Entry { cut, ..Entry::new(request, Outcome::Refused(reason)) };
        entry.set_answer(AnswerRecord::new(answer));
        self.store.record(&mut entry);
        entry
    }

    /// Corrects the answer of an entry of the journal, because the server sends another. Returns its record.
    pub(crate) fn correct_answer(&self, number: u64, before: &AnswerRecord, answer: &Arc<Answer>) -> AnswerRecord {
        let corrected = AnswerRecord::new(answer).instead_of(before);
        self.store.note_answer(number, corrected.clone());
        corrected
    }

    /// Writes the answer of an entry into the journal too.
    pub(super) fn note_answer(&self, entry: &Entry) {
        if let Some(answer) = &entry.answer {
            self.store.note_answer(entry.number, answer.clone());
        }
    }

    /// What is being served.
    pub fn stubs(&self) -> Arc<StubSet> {
        self.store.stubs()
    }

    /// Whether any stub is code, which may take as long as it likes.
    pub fn has_code(&self) -> bool {
        self.has_code.load(Ordering::Relaxed)
    }

    /// Serves another set of files from now on, loaded at a time; what is being answered is answered out of the old one.
    ///
    /// Everything else stays: states, arming, stubs added while running, the journal, and the counts and sequences of
    /// stubs by their identity. Those of a stub that is gone stay too, so that it finds them again when it comes back.
    pub fn reload(&self, set: &StubSet, at: Timestamp) -> Reloaded {
        let added = self.added();
        let old = self.stubs();
        let new = Arc::new(set.with_added_of(&old).with_freshness(Freshness { at, problem: None }));
        self.swap(new.clone());
        drop(added);
        Reloaded::between(&old, &new)
    }

    /// Sets whether what is served is as new as its files: explanations and the admin API report it.
    pub fn set_freshness(&self, freshness: Freshness) {
        // Held so that no stub is added to a set that is about to be replaced.
        let _added = self.added();
        self.swap(Arc::new(self.stubs().with_freshness(freshness)));
    }

    /// How often a stub has answered.
    pub fn totals(&self, stub: &MountedStub) -> Totals {
        self.store.totals(stub)
    }

    /// The stubs with an expected number of calls, in order of precedence, with how often they were called since the last
    /// reset of the journal.
    pub fn expectations(&self) -> Vec<Expectation> {
        let set = self.stubs();
        let expecting = set.expecting();
        let calls = self.calls(&expecting);
        let expected = expecting.into_iter().zip(calls);
        expected.map(|((live, expect), calls)| Expectation { stub: live.reference.clone(), expect, calls }).collect()
    }

    /// Whether every stub with an expected number of calls was called as often as that.
    pub fn all_met(&self) -> bool {
        let set = self.stubs();
        let expecting = set.expecting();
        let calls = self.calls(&expecting);
        expecting.into_iter().zip(calls).all(|((_, expect), calls)| expect.is_met_by(calls))
    }

    /// How often each has answered, at one moment.
    fn calls(&self, expecting: &[(&Arc<MountedStub>, Expect)]) -> Vec<u64> {
        self.store.calls(expecting.iter().map(|(live, _)| *live))
    }

    /// For how many requests a stub is armed.
    pub fn armed(&self, stub: &MountedStub) -> u64 {
        self.store.armed(stub)
    }

    /// The journal at this moment.
    pub fn journal(&self) -> JournalContents {
        self.held().read()
    }

    /// The journal at this moment, of which no more is read than is asked for.
    pub fn held(&self) -> JournalSnapshot {
        self.store.held()
    }

    /// Arms the on-demand stubs of a name for the next requests that they would answer; 0 disarms them.
    ///
    /// # Errors
    /// Where there is none of that name.
    pub fn arm(&self, name: &str, times: u64) -> Result<(), UnknownStub> {
        let set = self.stubs();
        if !set.is_on_demand(name) {
            return Err(UnknownStub { name: name.to_owned(), known: set.on_demand_names() });
        }
        self.store.arm(name, times);
        Ok(())
    }

    /// The state of a machine.
    pub fn state(&self, machine: &str) -> String {
        self.store.machine_state(machine)
    }

    /// Puts a machine into a state.
    pub fn set_state(&self, machine: &str, state: &str) {
        self.store.set_machine_state(machine, state);
    }

    /// Adds a stub while running; it goes before those of files of the same priority.
    ///
    /// # Errors
    /// What is wrong with it, at paths such as `request.headers.Accept`.
    pub fn add(&self, stub: impl Into<NewStub>) -> Result<Arc<MountedStub>, Vec<Fault>> {
        let stub = stub.into();
        let mut added = self.added();
        let number = *added + 1;
        let live = compile_added(stub, number, &identity::numbered(number))?;
        *added = number;
        self.swap(Arc::new(self.stubs().with(&live)));
        Ok(live)
    }

    /// Puts another stub in the place of one that was added while running; it starts without counts.
    ///
    /// # Errors
    /// What is wrong with it. `None` where no stub was added under that id.
    pub fn replace(&self, id: &str, stub: Stub) -> Option<Result<Arc<MountedStub>, Vec<Fault>>> {
        let _added = self.added();
        let set = self.stubs();
        let old = set.find(id)?;
        let number = old.added?;
        Some(compile_added(stub.into(), number, id).inspect(|live| {
            self.swap(Arc::new(set.with_instead(id, Some(live))));
            self.store.forget([old].into_iter());
        }))
    }

    /// Takes away a stub that was added while running; whether there was one.
    pub fn remove(&self, id: &str) -> bool {
        let _added = self.added();
        let set = self.stubs();
        let Some(gone) = set.find(id).filter(|live| live.added.is_some()) else { return false };
        self.swap(Arc::new(set.with_instead(id, None)));
        self.store.forget([gone].into_iter());
        true
    }

    /// Takes away all stubs that were added while running.
    pub fn remove_added(&self) {
        let added = self.added();
        let set = self.stubs();
        self.swap(Arc::new(set.without_added()));
        drop(added);
        self.store.forget(set.added());
    }

    /// Back to the beginning: states, sequences, arming, added stubs, counts and journal.
    pub fn reset(&self) {
        self.remove_added();
        self.store.start_over();
    }

    /// Forgets the journal and the counts.
    pub fn reset_requests(&self) {
        let set = self.stubs();
        self.store.forget_requests(set.added());
    }

    fn swap(&self, set: Arc<StubSet>) {
        let has_code = set.has_code();
        // A thread that answers others must never run code, so between two sets there is code if either has some.
        self.has_code.fetch_or(has_code, Ordering::Relaxed);
        self.store.serve(set);
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
    // What compiling takes does not count against the call that adds the stub: it would be refused after the stub was added.
    let compile =
        || MountedStub::compile(&stub, code, reference, Some(number), &KeyPath::top(), &mut faults, &mut shared);
    let live = within(UNLIMITED, compile).expect("an unlimited budget is never exceeded");
    if faults.is_empty() { Ok(Arc::new(live)) } else { Err(faults) }
}
