//! Handles of stubs that were added to a server.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::engine::MountedStub;
use crate::journal::Entry;
use crate::model::Fault;

use super::failures;
use super::fault_text::fault_text;
use super::received::Received;
use super::server_state::ServerState;
use super::stub::StubBuilder;

/// A stub that was added to a server. Dropping this does not remove it.
#[derive(Clone)]
pub struct StubHandle {
    shared: Arc<ServerState>,
    stub: Arc<MountedStub>,
}

/// Everything that is wrong with a stub.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongStub {
    /// The place where the stub was added: file, line and column.
    pub place: String,
    /// The faults, at paths such as `request.headers.Accept`.
    #[doc(hidden)]
    pub faults: Vec<Fault>,
}

impl Error for WrongStub {}

impl fmt::Display for WrongStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stub at {} cannot be served:", self.place)?;
        self.faults.iter().try_for_each(|fault| f.write_str(&fault_text(fault)))
    }
}

pub(super) fn add_stub(
    shared: &Arc<ServerState>,
    stub: StubBuilder,
    at: &'static Location<'static>,
) -> Result<StubHandle, WrongStub> {
    let stub = shared.engine.add(stub.build(at)).map_err(|faults| WrongStub { place: at.to_string(), faults })?;
    Ok(StubHandle { shared: shared.clone(), stub })
}

impl StubHandle {
    /// How often the stub has answered since it was added or the requests were reset. It is exact even if the journal
    /// evicted requests.
    pub fn calls(&self) -> u64 {
        self.shared.engine.totals(&self.stub).calls
    }

    /// The requests that the stub answered.
    ///
    /// # Panics
    /// Panics if the journal evicted requests.
    #[track_caller]
    pub fn received(&self) -> Received {
        let id = &self.stub.reference.id;
        self.shared.received(|entry: &Entry| entry.stub().is_some_and(|stub| stub.id == *id))
    }

    /// Checks the stub's `expect`, or that the stub was called if it has none.
    ///
    /// # Panics
    /// Panics if the stub was called more or less often.
    #[track_caller]
    pub fn verify(&self) {
        if let Some(failure) = failures::of_stub(&self.shared, &self.stub) {
            panic!("{failure}");
        }
    }

    /// Removes the stub without checking its `expect`. To check it, call [`StubHandle::verify`] first.
    pub fn remove(self) {
        self.shared.engine.remove(&self.stub.reference.id);
    }

    /// Removes the stub when the returned value is dropped, and checks its `expect` then.
    pub fn scoped(self) -> ScopedStub {
        ScopedStub(self)
    }
}

/// A stub that is removed when this is dropped. Its `expect` is checked then.
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
        let StubHandle { shared, stub } = &self.0;
        // Checked before the removal, which drops the count.
        let failure = stub.stub.expect.and_then(|_| failures::of_stub(shared, stub));
        shared.engine.remove(&stub.reference.id);
        if let Some(failure) = failure.filter(|_| !std::thread::panicking()) {
            panic!("{failure}");
        }
    }
}
