//! A server that runs in the background until it is dropped. After the drop, it answers nothing and its port is free.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::server::{ConnectionCount, Port, Server};

use super::runtime::{RuntimeSlot, is_background};

/// The longest time that a drop waits for connections to end.
const MAX_SHUTDOWN: Duration = Duration::from_secs(10);

pub(super) struct RunningServer {
    address: SocketAddr,
    port: Port,
    /// Accepts connections. It owns the tasks of the connections. `None` once it is being stopped.
    accepting: Option<JoinHandle<bool>>,
    /// Counts the connections on which something may still be answered.
    connections: ConnectionCount,
    slot: RuntimeSlot,
}

impl RunningServer {
    /// Binds a server and starts it.
    pub(super) fn start(bind: impl FnOnce() -> io::Result<Server>) -> io::Result<RunningServer> {
        let slot = RuntimeSlot::acquire()?;
        let guard = slot.runtime().enter();
        let server = bind()?;
        drop(guard);
        let (address, port, connections) = (server.local_addr()?, server.port(), server.connections());
        let accepting = Some(slot.runtime().spawn(server.run(pending())));
        Ok(RunningServer { address, port, accepting, connections, slot })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for RunningServer {
    /// Closes the port, and waits until nothing is answered any more. A thread of the runtime cannot wait for itself: if it drops
    /// the server, connections end soon after.
    fn drop(&mut self) {
        let Some(accepting) = self.accepting.take() else { return };
        drop(self.port.close());
        accepting.abort();
        // No connection is added once the port is closed. Most tests end when there is none.
        if is_background() || self.connections.receiver_count() == 0 {
            return;
        }
        let (ended, end) = mpsc::channel();
        let connections = self.connections.clone();
        self.slot.runtime().spawn(async move {
            let _ = accepting.await;
            connections.closed().await;
            let _ = ended.send(());
        });
        let _ = end.recv_timeout(MAX_SHUTDOWN);
    }
}
