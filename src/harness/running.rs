//! A server that runs in the background until it is dropped; after that it answers nothing and its port is free.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::server::{Attended, Server};

use super::runtime::{background, is_background};

/// How long a drop waits for connections to end: longer than any closure that only holds the runtime up by mistake.
const LONGEST: Duration = Duration::from_secs(10);

pub(super) struct Running(Attended);

impl Running {
    /// Binds a server and lets it run.
    pub(super) fn start(bind: impl FnOnce() -> io::Result<Server>) -> io::Result<Running> {
        let runtime = background()?;
        let within = runtime.enter();
        let server = bind()?;
        drop(within);
        server.attend(runtime.clone()).map(Running)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stop();
        if !is_background() {
            self.0.wait(LONGEST);
        }
    }
}
