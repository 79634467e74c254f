//! Handles of stubs that were added to a server.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::engine::MountedStub;
use crate::journal::Entry;
use crate::model::Fault;

use super::fault_text::fault_text;
use super::received::Received;
use super::server_state::ServerState;
use super::stub::StubBuilder;
use super::unmet;

/// A stub that was added to a server. Dropping this does not remove it.
#[derive(Clone)]
pub struct StubHandle {
    shared: Arc<ServerState>,
    live: Arc<MountedStub>,
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

pub(super) fn added(
    shared: &Arc<ServerState>,
    stub: StubBuilder,
    at: &'static Location<'static>,
) -> Result<StubHandle, WrongStub> {
    let live = shared.engine.add(stub.build(at)).map_err(|faults| WrongStub { place: at.to_string(), faults })?;
    Ok(StubHandle { shared: shared.clone(), live })
}

impl StubHandle {
    /// How often the stub has answered since it was added or the requests were reset. It is exact even if the journal
    /// evicted requests.
    pub fn calls(&self) -> u64 {
        self.shared.engine.totals(&self.live).calls
    }

    /// The requests that the stub answered.
    ///
    /// # Panics
    /// Panics if the journal evicted requests.
    #[track_caller]
    pub fn received(&self) -> Received {
        let id = &self.live.reference.id;
        self.shared.received(|entry: &Entry| entry.stub().is_some_and(|stub| stub.id == *id))
    }

    /// Checks the stub's `expect`, or that the stub was called if it has none.
    ///
    /// # Panics
    /// Panics if the stub was called more or less often.
    #[track_caller]
    pub fn verify(&self) {
        if let Some(failure) = unmet::of_stub(&self.shared, &self.live) {
            panic!("{failure}");
        }
    }

    /// Removes the stub without checking its `expect`; call [`StubHandle::verify`] before if you need that.
    pub fn remove(self) {
        self.shared.engine.remove(&self.live.reference.id);
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
        let StubHandle { shared, live } = &self.0;
        // Checked before the removal, which drops the count.
        let failure = live.stub.expect.and_then(|_| unmet::of_stub(shared, live));
        shared.engine.remove(&live.reference.id);
        if let Some(failure) = failure.filter(|_| !std::thread::panicking()) {
            panic!("{failure}");
        }
    }
}
