//! How a server behaves.

use std::time::Duration;

/// How a server behaves.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Larger bodies get 413, in bytes, as they are sent and unpacked; 16 MiB.
    pub max_body: usize,
    /// How long a request's body may take to arrive; later it gets 408. 5 minutes.
    pub body_timeout: Duration,
    /// Whether preflights are answered and answers may be read from other origins.
    pub cors: bool,
    /// How long what is in flight may take once the server is told to stop; 10 seconds.
    pub grace: Duration,
}

impl Default for ServerSettings {
    fn default() -> ServerSettings {
        ServerSettings {
            max_body: 16 * 1024 * 1024,
            body_timeout: Duration::from_secs(5 * 60),
            cors: false,
            grace: Duration::from_secs(10),
        }
    }
}
