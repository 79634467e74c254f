//! Listens for connections until it is told to stop.

use std::future::poll_fn;
use std::io;
#[cfg(feature = "admin")]
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

#[cfg(feature = "admin")]
use crate::admin::{Admin, AdminSettings};
use crate::engine::Engine;
#[cfg(feature = "admin")]
use crate::model::Timestamp;

use super::connection::serve;
use super::observe::Observer;
use super::server_context::{ConnectionCount, ServerContext};
use super::settings::ServerSettings;

/// A server that is bound to its address and not yet running.
pub struct Server {
    listener: TcpListener,
    context: ServerContext,
}

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long to wait when no connection can be accepted, as when file descriptors have run out.
const BREATH: Duration = Duration::from_millis(20);

impl Server {
    /// Binds to an address; port 0 takes any that is free. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Where the address cannot be bound.
    pub fn bind(
        address: SocketAddr,
        engine: Arc<Engine>,
        settings: ServerSettings,
        observer: Arc<dyn Observer>,
    ) -> io::Result<Server> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // Without it a port stays taken for a minute after a server with open connections has stopped. Where any port
        // will do it is set afterwards: with it the system looks through half of the ports for one that is free.
        #[cfg(unix)]
        if address.port() != 0 {
            socket.set_reuseaddr(true)?;
        }
        socket.bind(address)?;
        #[cfg(unix)]
        if address.port() == 0 {
            socket.set_reuseaddr(true)?;
        }
        let listener = socket.listen(BACKLOG)?;
        let context = ServerContext::new(engine, settings, observer);
        Ok(Server { listener, context })
    }

    /// The same server with the admin API; settings can be made of a path alone, such as `/__admin`.
    #[cfg(feature = "admin")]
    #[must_use]
    pub fn with_admin(mut self, settings: impl Into<AdminSettings>) -> Server {
        self.context.reserved = Some(Arc::new(self.admin(settings.into())));
        self
    }

    /// The same server with the admin API and nothing else: the stubs of its engine are served by another, on another port.
    #[cfg(feature = "admin")]
    #[must_use]
    pub fn with_admin_only(mut self, settings: impl Into<AdminSettings>) -> Server {
        self.context.reserved = Some(Arc::new(self.admin(settings.into()).on_own_port()));
        self
    }

    #[cfg(feature = "admin")]
    fn admin(&self, settings: AdminSettings) -> Admin {
        let admin = Admin::new(self.context.engine.clone(), settings, Timestamp::now());
        // A socket that does not say where it is bound is taken for one on loopback: that is the stricter rule.
        admin.bound_to(self.local_addr().map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip()))
    }

    /// The same server speaking HTTPS, and only that, as whom an identity says.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn https(mut self, identity: super::tls::Identity) -> Server {
        self.context.identity = Some(identity);
        self
    }

    /// The address that it is bound to.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Counts the connections on which something may still be answered.
    pub(crate) fn connections(&self) -> ConnectionCount {
        self.context.connections.clone()
    }

    /// Serves until `stop` completes, then until what is in flight is done or the grace is over. Returns whether all of it
    /// was done. Dropping the future closes the port and aborts all connections.
    pub async fn run(self, stop: impl Future<Output = ()>) -> bool {
        self.run_with(Vec::new(), stop).await
    }

    /// As [`Server::run`], with connections dealt out between the runtime that it runs in and others. Where each of them has one
    /// thread, nothing is ever handed from one to another.
    pub async fn run_with(self, others: Vec<Handle>, stop: impl Future<Output = ()>) -> bool {
        let context = Arc::new(self.context);
        let mut connections = Connections { tasks: JoinSet::new(), context: context.clone(), others, turn: 0 };
        let mut stop = pin!(stop);
        loop {
            let next = poll_fn(|cx| {
                // Finished tasks are removed, or the set would grow for as long as the server runs.
                while let Poll::Ready(Some(_)) = connections.tasks.poll_join_next(cx) {}
                match stop.as_mut().poll(cx) {
                    Poll::Ready(()) => Poll::Ready(None),
                    Poll::Pending => self.listener.poll_accept(cx).map(Some),
                }
            });
            match next.await {
                None => break,
                Some(Ok(accepted)) => connections.serve(accepted),
                Some(Err(_)) => tokio::time::sleep(BREATH).await,
            }
        }
        waiting(self.listener).into_iter().for_each(|accepted| connections.serve(accepted));
        context.stop.cancel();
        tokio::time::timeout(context.settings.grace, context.connections.closed()).await.is_ok()
    }
}

/// The connections of a running server.
struct Connections {
    /// Aborts the connections when it is dropped.
    tasks: JoinSet<()>,
    context: Arc<ServerContext>,
    others: Vec<Handle>,
    /// Whose the next one is: 0 is the runtime that accepts, and the others follow.
    turn: usize,
}

impl Connections {
    /// Serves one more, where it is due.
    fn serve(&mut self, (stream, client): (TcpStream, SocketAddr)) {
        let runtime = self.turn.checked_sub(1).map(|other| &self.others[other]);
        self.turn = (self.turn + 1) % (self.others.len() + 1);
        match runtime {
            None => drop(self.tasks.spawn(serve((stream, client), self.context.clone()))),
            // One that cannot be watched there is closed, as one that could not be accepted.
            Some(runtime) => {
                if let Ok(stream) = moved(stream, runtime) {
                    self.tasks.spawn_on(serve((stream, client), self.context.clone()), runtime);
                }
            }
        }
    }
}

/// A connection that is watched by another runtime from now on.
fn moved(stream: TcpStream, runtime: &Handle) -> io::Result<TcpStream> {
    let stream = stream.into_std()?;
    let _within = runtime.enter();
    TcpStream::from_std(stream)
}

/// Connections that were made before the stop and that nobody has accepted yet: they are in flight too. Closes the
/// listener.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    // It does not block: where nobody waits any more it says so.
    std::iter::from_fn(|| listener.accept().ok())
        .filter_map(|(stream, client)| {
            stream.set_nonblocking(true).ok()?;
            Some((TcpStream::from_std(stream).ok()?, client))
        })
        .collect()
}
