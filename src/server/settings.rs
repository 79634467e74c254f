//! How a server behaves.

use std::time::Duration;

/// How a server behaves.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The largest body of a request in bytes, as sent and decompressed; a larger one gets 413. 16 MiB by default.
    pub max_body: usize,
    /// How long the body of a request may take to arrive; a slower one gets 408. 5 minutes by default.
    pub body_timeout: Duration,
    /// Whether preflights are answered, and pages of other origins may read the answers.
    pub cors: bool,
    /// How long requests in flight may take once the server is stopped. 10 seconds by default.
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
