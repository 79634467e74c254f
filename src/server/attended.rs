//! A server that needs no task to wait for connections: the first sign of one makes the task that accepts it.
//!
//! For servers that come and go by the hundred, as those of tests do: neither to start nor to stop does the caller have to
//! wait for a thread of the runtime.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

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
    /// Never used to tell anything, but without it connections believe that the server is stopping.
    tell: watch::Sender<bool>,
    open: Mutex<Open>,
    living: Arc<Living>,
}

struct Open {
    /// None once the server is stopped.
    listener: Option<TcpListener>,
    connections: JoinSet<()>,
}

/// How many connections are not over.
#[derive(Default)]
struct Living {
    count: Mutex<usize>,
    none: Condvar,
}

/// One of them.
struct Life(Arc<Living>);

impl Server {
    /// Serves on a runtime from now on.
    ///
    /// # Errors
    /// Where the system does not say which address it is bound to.
    pub fn attend(self, runtime: Handle) -> io::Result<Attended> {
        let address = self.local_addr()?;
        let Server { listener, shared } = self;
        let (shared, open) = (Arc::new(shared), Open { listener: Some(listener), connections: JoinSet::new() });
        let (tell, _) = watch::channel(false);
        let attending = Arc::new(Attending { runtime, shared, tell, open: Mutex::new(open), living: Arc::default() });
        if attending.accept().is_err() {
            attending.wake_by_ref();
        }
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
        open.listener = None;
        open.connections.abort_all();
    }

    /// Waits until all connections have ended, so long at most; whether they have. Not for a thread of the runtime itself.
    pub fn wait(&self, longest: Duration) -> bool {
        let living = &self.attending.living;
        let some = |count: &mut usize| *count > 0;
        let waited = living.none.wait_timeout_while(living.count(), longest, some);
        *waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0 == 0
    }
}

impl Attending {
    /// Accepts who is waiting, and asks to be woken by the next.
    fn accept(self: &Arc<Self>) -> io::Result<()> {
        let waker = Waker::from(self.clone());
        let context = &mut Context::from_waker(&waker);
        let mut open = self.open();
        // Finished ones are let go of, or the set would grow for as long as the server runs.
        while open.connections.try_join_next().is_some() {}
        while let Some(listener) = &open.listener {
            match listener.poll_accept(context) {
                Poll::Ready(Ok((stream, _))) => self.serve(stream, &mut open),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => break,
            }
        }
        Ok(())
    }

    fn serve(&self, stream: TcpStream, open: &mut Open) {
        let life = Life::new(self.living.clone());
        let serving = serve(stream, self.shared.clone(), self.tell.subscribe());
        let until_it_ends = async move {
            serving.await;
            drop(life);
        };
        open.connections.spawn_on(until_it_ends, &self.runtime);
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // Nothing panics while it is held.
        self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Wake for Attending {
    fn wake(self: Arc<Self>) {
        // Not here, where the runtime may be in the middle of anything.
        let attending = self.clone();
        self.runtime.spawn(async move {
            while attending.accept().is_err() {
                tokio::time::sleep(BREATH).await;
            }
        });
    }
}

impl Life {
    fn new(living: Arc<Living>) -> Life {
        *living.count() += 1;
        Life(living)
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        let mut count = self.0.count();
        *count -= 1;
        if *count == 0 {
            self.0.none.notify_all();
        }
    }
}

impl Living {
    fn count(&self) -> MutexGuard<'_, usize> {
        // Nothing panics while it is held.
        self.count.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
