//! The server of a test.

use std::fmt;
use std::net::SocketAddr;
use std::panic::Location;
#[cfg(feature = "files")]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::journal::Entry;
use crate::model::{Expect, Timestamp};
#[cfg(feature = "tls")]
use crate::server::tls::Identity;
use crate::verify::matches;

use super::builder::{ServerBuilder, StartError};
use super::failures;
use super::given::Given;
use super::handle::{ScopedStub, StubHandle, add_stub};
use super::received::Received;
use super::running_server::RunningServer;
use super::server_state::ServerState;
use super::stub::StubBuilder;
use super::verify;
use super::wait::Waiting;

/// A mock server on a port of its own. It runs until it is dropped. The drop fails the test if an `expect` is not met.
///
/// ```
/// use cannery::{MockServer, given, status};
///
/// let server = MockServer::start();
/// server.stub(given::get("/health").respond(status(200).text("well")).expect(1));
///
/// let reply = ureq::get(server.url("/health")).call().unwrap();
/// assert_eq!(reply.status(), 200);
/// assert_eq!(server.received().only().path(), "/health");
/// ```
#[must_use = "it stops when it is dropped"]
pub struct MockServer {
    shared: Arc<ServerState>,
    running: Option<RunningServer>,
    address: SocketAddr,
    #[cfg(feature = "tls")]
    identity: Option<Identity>,
}

/// Functions that start a server.
impl MockServer {
    /// A server on a free port, without stubs.
    ///
    /// # Panics
    /// Panics if no port is free.
    #[track_caller]
    pub fn start() -> MockServer {
        MockServer::builder().start()
    }

    /// Like [`MockServer::start`], but returns the error.
    ///
    /// # Errors
    /// Returns why no port can be bound.
    pub fn try_start() -> Result<MockServer, StartError> {
        MockServer::builder().try_start()
    }

    /// A server on a free port that serves a scenario file, or a folder of them. A relative path starts at the current
    /// folder, which is the folder of the package in `cargo test`. Needs the feature `files`.
    ///
    /// # Panics
    /// Panics with everything that is wrong with the files, if anything is.
    #[track_caller]
    #[cfg(feature = "files")]
    pub fn serving(path: impl Into<PathBuf>) -> MockServer {
        MockServer::builder().scenarios(path).start()
    }

    /// Like [`MockServer::serving`], but returns the error.
    ///
    /// # Errors
    /// Returns everything that is wrong with the files.
    #[cfg(feature = "files")]
    pub fn try_serving(path: impl Into<PathBuf>) -> Result<MockServer, StartError> {
        MockServer::builder().scenarios(path).try_start()
    }

    /// A builder for a server with other settings.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }
}

/// Functions that start the server.
impl ServerBuilder {
    /// Starts the server. It is ready when this returns.
    ///
    /// # Panics
    /// Panics with everything that is wrong with the scenario files, or if the port cannot be bound.
    #[track_caller]
    pub fn start(self) -> MockServer {
        self.try_start().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Like [`ServerBuilder::start`], but returns the error.
    ///
    /// # Errors
    /// Returns everything that is wrong with the scenario files, or why the port cannot be bound.
    pub fn try_start(self) -> Result<MockServer, StartError> {
        let launched = self.launch()?;
        Ok(MockServer {
            address: launched.running.address(),
            shared: launched.shared,
            running: Some(launched.running),
            #[cfg(feature = "tls")]
            identity: launched.identity,
        })
    }
}

/// Functions that return the address.
impl MockServer {
    /// `http://127.0.0.1:PORT`, without a slash at the end; `https` if the server speaks HTTPS.
    pub fn uri(&self) -> String {
        format!("{}://{}", self.scheme(), self.address)
    }

    /// The URL of a path on the server.
    pub fn url(&self, path: impl AsRef<str>) -> String {
        let path = path.as_ref();
        let slash = if path.starts_with('/') { "" } else { "/" };
        format!("{}{slash}{path}", self.uri())
    }

    #[cfg(feature = "tls")]
    fn scheme(&self) -> &'static str {
        if self.identity.is_some() { "https" } else { "http" }
    }

    #[cfg(not(feature = "tls"))]
    fn scheme(&self) -> &'static str {
        "http"
    }

    /// The authority that clients of an HTTPS server must trust, as PEM.
    ///
    /// # Panics
    /// Panics if the server does not speak HTTPS.
    #[cfg(feature = "tls")]
    #[track_caller]
    pub fn certificate_pem(&self) -> &str {
        let identity = self.identity.as_ref();
        identity.expect("a server has a certificate only if it was built with `.https()`").ca_pem()
    }

    /// The address that the server listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The port that the server listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

/// Functions for stubs, on-demand answers and states.
impl MockServer {
    /// Adds a stub. It stays until it is removed or the server is dropped. Of stubs with the same priority, the one added last is
    /// asked first, and stubs of files are asked last.
    ///
    /// # Panics
    /// Panics with everything that is wrong with the stub, if anything is.
    #[track_caller]
    pub fn stub(&self, stub: StubBuilder) -> StubHandle {
        add_stub(&self.shared, stub, Location::caller()).unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    /// Like [`MockServer::stub`], but returns the error.
    ///
    /// # Errors
    /// Returns everything that is wrong with the stub.
    #[track_caller]
    pub fn try_stub(&self, stub: StubBuilder) -> Result<StubHandle, super::WrongStub> {
        add_stub(&self.shared, stub, Location::caller())
    }

    /// Adds a stub that is removed when the returned value is dropped: [`StubHandle::scoped`] of [`MockServer::stub`].
    ///
    /// # Panics
    /// Panics with everything that is wrong with the stub, if anything is.
    #[track_caller]
    pub fn scoped(&self, stub: StubBuilder) -> ScopedStub {
        self.stub(stub).scoped()
    }

    /// Arms the on-demand stubs of a name for the next request that they match.
    ///
    /// # Panics
    /// Panics if no on-demand stub has that name.
    #[track_caller]
    pub fn arm(&self, name: impl AsRef<str>) {
        self.arm_times(name, 1);
    }

    /// Arms the on-demand stubs of a name for the next `times` requests that they match.
    ///
    /// # Panics
    /// Panics if no on-demand stub has that name.
    #[track_caller]
    pub fn arm_times(&self, name: impl AsRef<str>, times: u64) {
        self.shared.engine.arm(name.as_ref(), times).unwrap_or_else(|unknown| panic!("{unknown}"));
    }

    /// Disarms the on-demand stubs of a name.
    ///
    /// # Panics
    /// Panics if no on-demand stub has that name.
    #[track_caller]
    pub fn disarm(&self, name: impl AsRef<str>) {
        self.arm_times(name, 0);
    }

    /// Returns the state of a state machine.
    pub fn state(&self, machine: impl AsRef<str>) -> String {
        self.shared.engine.state(machine.as_ref())
    }

    /// Sets the state of a state machine.
    pub fn set_state(&self, machine: impl AsRef<str>, state: impl AsRef<str>) {
        self.shared.engine.set_state(machine.as_ref(), state.as_ref());
    }

    /// Resets the server to its start: states, sequences, armed stubs, added stubs and their expectations, journal and counts.
    pub fn reset(&self) {
        self.shared.engine.reset();
        self.shared.take_failures();
    }

    /// Clears the journal and the counts.
    pub fn reset_requests(&self) {
        self.shared.engine.reset_requests();
        self.shared.take_failures();
    }
}

/// Functions for what was received. A request is recorded before its answer can be read, so nothing is missing when a client
/// returns.
impl MockServer {
    /// All requests, oldest first.
    ///
    /// # Panics
    /// Panics if the journal evicted requests: see [`ServerBuilder::journal_limit`].
    #[track_caller]
    pub fn received(&self) -> Received {
        self.shared.received(|_| true)
    }

    /// The requests that match a pattern.
    ///
    /// # Panics
    /// Panics if the journal evicted requests, or if the pattern is wrong.
    #[track_caller]
    pub fn received_matching(&self, given: Given) -> Received {
        let pattern = verify::compiled(&given);
        let now = Timestamp::now();
        self.shared.received(|entry| matches(&pattern, entry, now))
    }

    /// The requests that no stub answered.
    ///
    /// # Panics
    /// Panics if the journal evicted requests.
    #[track_caller]
    pub fn unmatched(&self) -> Received {
        self.shared.received(Entry::is_unmatched)
    }

    /// Checks how many requests match a pattern: a number or a range.
    ///
    /// # Panics
    /// Panics if another number of requests matches; the message shows the nearest requests. Also panics if the journal
    /// evicted requests and the rest does not decide it.
    #[track_caller]
    pub fn verify(&self, given: Given, times: impl Into<Expect>) {
        if let Err(failure) = verify::count(&self.shared, &verify::compiled(&given), times.into()) {
            panic!("{failure}");
        }
    }

    /// Checks that requests that match these patterns came one after another, perhaps with others in between.
    ///
    /// # Panics
    /// Panics if they did not, or if the journal evicted requests. Also panics if a pattern is wrong.
    #[track_caller]
    pub fn verify_order(&self, given: impl IntoIterator<Item = Given>) {
        let given: Vec<Given> = given.into_iter().collect();
        if let Err(failure) = verify::order(&self.shared, &given) {
            panic!("{failure}");
        }
    }

    /// Checks every `expect`, of files and of added stubs, as dropping the server does.
    ///
    /// # Panics
    /// Panics if one is not met.
    #[track_caller]
    pub fn verify_expected(&self) {
        if let Some(failure) = failures::of_expectations(&self.shared) {
            panic!("{failure}");
        }
    }

    /// Waits until requests that match a pattern have come, for code that sends them in the background. Await the result,
    /// or call [`Waiting::blocking`].
    ///
    /// It ends when the requests are recorded. Their answers may not have been sent yet: before you drop or reset the server, wait for
    /// the code that sends the requests.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cannery::{MockServer, given};
    ///
    /// let server = MockServer::start();
    /// let url = server.url("/ping");
    /// std::thread::spawn(move || ureq::get(url).call());
    ///
    /// server.wait_for(given::get("/ping"), 1, Duration::from_secs(5)).blocking();
    /// ```
    ///
    /// # Panics
    /// Panics as [`MockServer::verify`] does when the time is over, or at once if too many have come. Also panics if the
    /// pattern is wrong.
    #[track_caller]
    pub fn wait_for(&self, given: Given, times: impl Into<Expect>, within: Duration) -> Waiting {
        Waiting::new(self.shared.clone(), &given, times.into(), within, Location::caller())
    }
}

impl Drop for MockServer {
    /// Stops the server, and checks what was expected unless the test is failing already.
    fn drop(&mut self) {
        drop(self.running.take());
        if std::thread::panicking() {
            return;
        }
        if let Some(failure) = failures::all(&self.shared) {
            panic!("{failure}");
        }
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MockServer({})", self.uri())
    }
}
