//! What all connections of a server share.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::observe::Observer;
use super::router::Router;
use super::settings::ServerSettings;

/// Counts connections by their guards. `closed` completes once there are none.
///
/// tokio-util's `TaskTracker` does the same, but brings ten crates, among them those of procedural macros.
pub(crate) type ConnectionCount = watch::Sender<()>;

/// Exists for as long as something may be answered on a connection.
pub(super) type ConnectionGuard = watch::Receiver<()>;

/// What all connections of a server share.
pub(super) struct ServerContext {
    pub(super) router: Router,
    pub(super) settings: ServerSettings,
    pub(super) observer: Arc<dyn Observer>,
    /// Cancelled when the server stops.
    pub(super) stop: CancellationToken,
    pub(super) connections: ConnectionCount,
    /// Permits for work that takes long. Its number is limited, so that the threads for it never run out, and the threads that
    /// answer get processors.
    pub(super) long_work: Semaphore,
    /// Permits for calls of reserved paths that may take long or much memory.
    pub(super) long_calls: Semaphore,
    /// The server speaks TLS if it has an identity.
    #[cfg(feature = "tls")]
    pub(super) identity: Option<super::tls::Identity>,
}

/// How many calls of reserved paths that may take long are answered at the same time.
const LONG_CALLS: usize = 2;

impl ServerContext {
    pub(super) fn new(router: Router, settings: ServerSettings, observer: Arc<dyn Observer>) -> ServerContext {
        ServerContext {
            router,
            settings,
            observer,
            stop: CancellationToken::new(),
            connections: ConnectionCount::new(()),
            long_work: Semaphore::new(long_works()),
            long_calls: Semaphore::new(LONG_CALLS),
            #[cfg(feature = "tls")]
            identity: None,
        }
    }
}

/// Returns how many pieces of long work are done at the same time: two more than there are processors, because some wait.
fn long_works() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get) + 2
}
