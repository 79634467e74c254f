//! The port of a server, which any thread can close at once.
//!
//! A test that drops its server does not have to wait for the thread that accepts connections.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use tokio::net::{TcpListener, TcpStream};

use crate::lock::lock;

use super::server_context::ServerContext;

/// A listener that the task that accepts connections shares with the code that stops the server. `None` once it is closed.
#[derive(Clone)]
pub(crate) struct Port(Arc<Mutex<Option<Listening>>>);

/// A listener, and what answers its connections. They go together, so that a closed port keeps no stub alive.
pub(crate) struct Listening {
    pub(super) listener: TcpListener,
    /// `None` until the server runs.
    pub(super) context: Option<Arc<ServerContext>>,
}

impl Port {
    pub(super) fn new(listener: TcpListener) -> Port {
        Port(Arc::new(Mutex::new(Some(Listening { listener, context: None }))))
    }

    /// Sets what answers the connections.
    pub(super) fn set_context(&self, context: Arc<ServerContext>) {
        if let Some(listening) = &mut *lock(&self.0) {
            listening.context = Some(context);
        }
    }

    /// The address that it is bound to.
    ///
    /// # Errors
    /// If the system does not return it, or the port is closed.
    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        lock(&self.0).as_ref().ok_or(io::ErrorKind::NotConnected)?.listener.local_addr()
    }

    /// Passes each connection that is made to `serve`. Completes when the port is closed.
    ///
    /// `serve` runs under the lock, so that it is not called any more once [`Port::close`] has returned.
    ///
    /// # Errors
    /// If a connection could not be accepted.
    pub(super) fn poll_serve(
        &self,
        cx: &mut Context<'_>,
        mut serve: impl FnMut((TcpStream, SocketAddr), &Arc<ServerContext>),
    ) -> Poll<io::Result<()>> {
        let port = lock(&self.0);
        let Some(Listening { listener, context: Some(context) }) = &*port else { return Poll::Ready(Ok(())) };
        loop {
            serve(ready!(listener.poll_accept(cx))?, context);
        }
    }

    /// Closes the port. Returns what it had, unless it was closed before.
    pub(crate) fn close(&self) -> Option<Listening> {
        lock(&self.0).take()
    }
}
