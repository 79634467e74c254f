//! A server that runs in the background until it is dropped; after that it answers nothing and its port is free.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::server::{Attended, Server};

use super::runtime::{Home, is_background};

/// How long a drop waits for connections to end: longer than any closure that only holds the runtime up by mistake.
const LONGEST: Duration = Duration::from_secs(10);

pub(super) struct Running {
    server: Attended,
    _home: Home,
}

impl Running {
    /// Binds a server and lets it run.
    pub(super) fn start(bind: impl FnOnce() -> io::Result<Server>) -> io::Result<Running> {
        let home = Home::find()?;
        let within = home.runtime().enter();
        let server = bind()?;
        drop(within);
        Ok(Running { server: server.attend(home.runtime().clone())?, _home: home })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.server.address()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.stop();
        if !is_background() {
            self.server.wait(LONGEST);
        }
    }
}
