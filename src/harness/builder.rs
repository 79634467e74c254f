//! Builds a server: scenario files, port, limits.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
#[cfg(feature = "files")]
use std::path::PathBuf;
use std::sync::Arc;

use once_cell::sync::Lazy;

#[cfg(feature = "admin")]
use crate::admin::AdminSettings;
use crate::engine::{Engine, Settings, StubSet};
use crate::journal::Limits;
#[cfg(feature = "tls")]
use crate::server::tls::Identity;
use crate::server::{Server, ServerSettings};

use super::running_server::RunningServer;
#[cfg(feature = "files")]
use super::scenarios::{WrongScenarios, load};
use super::server_state::ServerState;

/// The settings of a server; [`MockServer::builder`](crate::MockServer::builder) makes one.
#[derive(Debug, Clone)]
#[must_use = "nothing is served until it is started"]
pub struct ServerBuilder {
    #[cfg(feature = "files")]
    scenarios: Vec<PathBuf>,
    address: SocketAddr,
    limits: Limits,
    max_body: usize,
    max_rendered: u64,
    seed: u64,
    fail_on_unmatched: bool,
    /// The settings of the admin API, if the server has one.
    #[cfg(feature = "admin")]
    admin: Option<AdminSettings>,
    #[cfg(feature = "tls")]
    https: bool,
}

/// Why a server did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The scenario files are wrong.
    #[cfg(feature = "files")]
    Scenarios(WrongScenarios),
    /// The address cannot be bound.
    Listen(SocketAddr, io::Error),
    /// The certificate cannot be made.
    #[cfg(feature = "tls")]
    Identity(crate::server::tls::IdentityError),
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            #[cfg(feature = "files")]
            StartError::Scenarios(_) => None,
            StartError::Listen(_, error) => Some(error),
            #[cfg(feature = "tls")]
            StartError::Identity(error) => Some(error),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "files")]
            StartError::Scenarios(wrong) => write!(f, "{wrong}"),
            StartError::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            #[cfg(feature = "tls")]
            StartError::Identity(error) => write!(f, "{error}"),
        }
    }
}

/// The parts of a server that was started.
pub(super) struct LaunchedServer {
    pub(super) shared: Arc<ServerState>,
    pub(super) running: RunningServer,
    #[cfg(feature = "tls")]
    pub(super) identity: Option<Identity>,
}

/// The stubs of every server without files.
static NO_STUBS: Lazy<Arc<StubSet>> = Lazy::new(Arc::default);

impl ServerBuilder {
    pub(super) fn new() -> ServerBuilder {
        ServerBuilder {
            #[cfg(feature = "files")]
            scenarios: Vec::new(),
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            limits: Limits::default(),
            max_body: ServerSettings::default().max_body,
            max_rendered: Settings::default().max_rendered,
            seed: 0,
            fail_on_unmatched: false,
            #[cfg(feature = "admin")]
            admin: None,
            #[cfg(feature = "tls")]
            https: false,
        }
    }

    /// Adds a scenario file, or all files below a folder. A relative path starts at the current folder, which is the
    /// folder of the package in `cargo test`. Needs the feature `files`.
    #[cfg(feature = "files")]
    pub fn scenarios(mut self, path: impl Into<PathBuf>) -> ServerBuilder {
        self.scenarios.push(path.into());
        self
    }

    /// The port. Any free port by default.
    pub fn port(mut self, port: u16) -> ServerBuilder {
        self.address.set_port(port);
        self
    }

    /// The address to listen on. 127.0.0.1 by default.
    pub fn bind_address(mut self, address: IpAddr) -> ServerBuilder {
        self.address.set_ip(address);
        self
    }

    /// How many requests the journal keeps. 10,000 by default, and at most 64 MiB. An assertion that would need evicted
    /// requests fails and explains why.
    pub fn journal_limit(mut self, entries: usize) -> ServerBuilder {
        self.limits.entries = entries;
        self
    }

    /// How many bytes of requests the journal keeps. 64 MiB by default.
    pub fn journal_bytes(mut self, bytes: usize) -> ServerBuilder {
        self.limits.bytes = bytes;
        self
    }

    /// The longest body in bytes; longer ones get 413. 16 MiB by default.
    pub fn max_body(mut self, bytes: usize) -> ServerBuilder {
        self.max_body = bytes;
        self
    }

    /// How many bytes templates, batches and documents may render for one answer. 32 MiB by default. A request that needs
    /// more gets 500. Constant bodies do not count.
    pub fn max_rendered(mut self, bytes: u64) -> ServerBuilder {
        self.max_rendered = bytes;
        self
    }

    /// The seed of random values in templates and delays. 0 by default.
    pub fn seed(mut self, seed: u64) -> ServerBuilder {
        self.seed = seed;
        self
    }

    /// Dropping the server fails the test if no stub answered a request.
    pub fn fail_on_unmatched(mut self) -> ServerBuilder {
        self.fail_on_unmatched = true;
        self
    }

    /// Adds the admin API at `/__admin`, for clients outside this process, such as a child process that arms a failure, or a
    /// browser. Without it, that path is an ordinary one. Needs the feature `admin`.
    ///
    /// Pages of other origins may not use it; see [`ServerBuilder::admin_with`].
    #[cfg(feature = "admin")]
    pub fn admin(self) -> ServerBuilder {
        self.admin_with(AdminSettings::default())
    }

    /// Adds the admin API with other settings than [`ServerBuilder::admin`]: at another path, with a token, for pages of
    /// other origins. Needs the feature `admin`.
    #[cfg(feature = "admin")]
    pub fn admin_with(mut self, settings: AdminSettings) -> ServerBuilder {
        self.admin = Some(settings);
        self
    }

    /// Makes the server speak only HTTPS, as `localhost`, 127.0.0.1 and ::1. Clients must trust
    /// [`MockServer::certificate_pem`](crate::MockServer::certificate_pem); all servers of a process share it. With the feature `http2`
    /// clients may choose HTTP/2. Needs the feature `tls`.
    #[cfg(feature = "tls")]
    pub fn https(mut self) -> ServerBuilder {
        self.https = true;
        self
    }

    /// Binds the port and starts the server.
    pub(super) fn launch(self) -> Result<LaunchedServer, StartError> {
        let settings = Settings { journal: self.limits, seed: self.seed, max_rendered: self.max_rendered };
        let engine = Arc::new(Engine::new(self.stubs()?, settings));
        let shared = Arc::new(ServerState::new(engine.clone(), self.fail_on_unmatched));
        let settings = ServerSettings { max_body: self.max_body, ..ServerSettings::default() };
        #[cfg(feature = "tls")]
        let identity = if self.https { Some(identity().map_err(StartError::Identity)?) } else { None };
        let bind = || {
            let server = Server::bind(self.address, engine, settings, shared.clone())?;
            #[cfg(feature = "admin")]
            let server = match self.admin {
                Some(settings) => server.with_admin(settings),
                None => server,
            };
            #[cfg(feature = "tls")]
            if let Some(identity) = &identity {
                return Ok(server.https(identity.clone()));
            }
            Ok(server)
        };
        let running = RunningServer::start(bind).map_err(|error| StartError::Listen(self.address, error))?;
        Ok(LaunchedServer {
            shared,
            running,
            #[cfg(feature = "tls")]
            identity,
        })
    }

    /// The stubs that the server starts with.
    fn stubs(&self) -> Result<Arc<StubSet>, StartError> {
        #[cfg(feature = "files")]
        if !self.scenarios.is_empty() {
            return load(&self.scenarios).map_err(StartError::Scenarios);
        }
        Ok(NO_STUBS.clone())
    }
}

/// The identity of all HTTPS servers of the process, so that a client that trusts one trusts all.
#[cfg(feature = "tls")]
fn identity() -> Result<Identity, crate::server::tls::IdentityError> {
    static IDENTITY: once_cell::sync::OnceCell<Identity> = once_cell::sync::OnceCell::new();
    IDENTITY.get_or_try_init(Identity::generate).cloned()
}
