//! A server that needs no task to wait for connections: whoever is told of one accepts it.
//!
//! For servers that come and go by the hundred, as those of tests do: neither to start nor to stop does the caller have to
//! wait for a thread of the runtime.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::connection::{Shared, serve};
use super::listen::{BREATH, Server};

/// A server that serves until it is stopped.
pub struct Attended {
    address: SocketAddr,
    attending: Arc<Attending>,
}

struct Attending {
    runtime: Handle,
    shared: Arc<Shared>,
    open: Mutex<Open>,
}

struct Open {
    /// None once the server is stopped.
    listener: Option<TcpListener>,
    connections: Vec<AbortHandle>,
    /// With so many, those that are over are let go of.
    full: usize,
}

/// So few connections are not looked through.
const FEW: usize = 32;

impl Server {
    /// Serves on a runtime from now on.
    ///
    /// # Errors
    /// Where the system does not say which address it is bound to.
    pub fn attend(self, runtime: Handle) -> io::Result<Attended> {
        let address = self.local_addr()?;
        let Server { listener, shared } = self;
        let (shared, open) = (Arc::new(shared), Open { listener: Some(listener), connections: Vec::new(), full: FEW });
        let attending = Arc::new(Attending { runtime, shared, open: Mutex::new(open) });
        attending.wake_by_ref();
        Ok(Attended { address, attending })
    }
}

impl Attended {
    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port at once and tells connections to end as they are. Nothing is answered any more once
    /// [`Attended::wait`] has returned true.
    pub fn stop(&self) {
        let mut open = self.attending.open();
        let (listener, connections) = (open.listener.take(), std::mem::take(&mut open.connections));
        // Who waits for the next connection is told that there is none, and looks.
        drop(open);
        drop(listener);
        connections.iter().for_each(AbortHandle::abort);
    }

    /// Waits until nothing more is answered on any connection, so long at most; whether that is so. Not for a thread of
    /// the runtime itself.
    pub fn wait(&self, longest: Duration) -> bool {
        self.attending.shared.living.wait(longest)
    }
}

impl Attending {
    /// Accepts who is waiting, and asks to be woken by the next.
    fn accept(self: &Arc<Self>) -> io::Result<()> {
        let waker = Waker::from(self.clone());
        let context = &mut Context::from_waker(&waker);
        let mut open = self.open();
        while let Some(listener) = &open.listener {
            match listener.poll_accept(context) {
                Poll::Ready(Ok(accepted)) => self.serve(accepted, &mut open),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        Ok(())
    }

    fn serve(&self, accepted: (TcpStream, SocketAddr), open: &mut Open) {
        let serving = serve(accepted, self.shared.clone());
        if open.connections.len() >= open.full {
            open.connections.retain(|connection| !connection.is_finished());
            open.full = FEW.max(2 * open.connections.len());
        }
        open.connections.push(self.runtime.spawn(serving).abort_handle());
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // Nothing panics while it is held.
        self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Wake for Attending {
    fn wake(self: Arc<Self>) {
        if self.accept().is_ok() {
            return;
        }
        let attending = self.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(BREATH).await;
            attending.wake();
        });
    }
}
