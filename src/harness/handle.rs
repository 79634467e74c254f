//! A stub that a server has.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::engine::MountedStub;
use crate::journal::Entry;
use crate::model::Fault;

use super::received::Received;
use super::shared::Shared;
use super::stub::StubBuilder;
use super::unmet;

/// A stub that was added to a server. Dropping this does not remove it.
#[derive(Clone)]
pub struct StubHandle {
    shared: Arc<Shared>,
    live: Arc<MountedStub>,
}

/// Everything that is wrong in a stub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongStub {
    /// Where it was added: file, line and column.
    pub place: String,
    /// What is wrong, at paths such as `request.headers.Accept`.
    pub faults: Vec<Fault>,
}

impl Error for WrongStub {}

impl fmt::Display for WrongStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stub at {} cannot be served:", self.place)?;
        self.faults.iter().try_for_each(|fault| f.write_str(&fault_text(fault)))
    }
}

/// A fault on lines of its own.
pub(super) fn fault_text(fault: &Fault) -> String {
    let help = fault.help.as_ref().map(|help| format!("\n    help: {help}")).unwrap_or_default();
    let file = fault.file.as_ref().map(|file| format!("in `{file}`: ")).unwrap_or_default();
    match fault.at.last().is_none() {
        true => format!("\n  {file}{}{help}", fault.message),
        false => format!("\n  {}: {file}{}{help}", fault.at, fault.message),
    }
}

pub(super) fn added(
    shared: &Arc<Shared>,
    stub: StubBuilder,
    at: &'static Location<'static>,
) -> Result<StubHandle, WrongStub> {
    let live = shared.engine.add(stub.build(at)).map_err(|faults| WrongStub { place: at.to_string(), faults })?;
    Ok(StubHandle { shared: shared.clone(), live })
}

impl StubHandle {
    /// How often it has answered since it was added or the requests were reset; exact, whatever the journal let go.
    pub fn calls(&self) -> u64 {
        self.shared.engine.totals(&self.live).calls
    }

    /// The requests that it answered.
    ///
    /// # Panics
    /// Where the journal had to let requests go.
    #[track_caller]
    pub fn received(&self) -> Received {
        let id = &self.live.reference.id;
        self.shared.received(|entry: &Entry| entry.stub().is_some_and(|stub| stub.id == *id))
    }

    /// Checks what it expects, or, where it says nothing, that it was called.
    ///
    /// # Panics
    /// Where it was not called so often.
    #[track_caller]
    pub fn verify(&self) {
        if let Some(told) = unmet::of_stub(&self.shared, &self.live) {
            panic!("{told}");
        }
    }

    /// Removes it. What it expects is not checked any more: [`StubHandle::verify`] does that before.
    pub fn remove(self) {
        self.shared.engine.remove(&self.live.reference.id);
    }

    /// Removes it when what this gives back is dropped, and checks then what it expects.
    pub fn scoped(self) -> ScopedStub {
        ScopedStub(self)
    }
}

/// A stub that is removed when this is dropped; what it expects is checked then.
#[must_use = "the stub is removed when this is dropped"]
pub struct ScopedStub(StubHandle);

impl std::ops::Deref for ScopedStub {
    type Target = StubHandle;

    fn deref(&self) -> &StubHandle {
        &self.0
    }
}

impl Drop for ScopedStub {
    fn drop(&mut self) {
        let StubHandle { shared, live } = &self.0;
        // Judged before it is removed, since its count goes with it.
        let told = live.stub.expect.and_then(|_| unmet::of_stub(shared, live));
        shared.engine.remove(&live.reference.id);
        if let Some(told) = told.filter(|_| !std::thread::panicking()) {
            panic!("{told}");
        }
    }
}
