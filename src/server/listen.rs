//! Listens for connections until the server is stopped.

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
use super::port::{Listening, Port};
#[cfg(feature = "admin")]
use super::reserved::{OutsideAdmin, Reserved};
use super::router::Router;
use super::server_context::{ConnectionCount, ServerContext};
use super::settings::ServerSettings;

/// A server that is bound to its address and does not run yet.
pub struct Server {
    port: Port,
    context: ServerContext,
    /// The engine of all paths that have no other route. The admin API controls this engine.
    #[cfg(feature = "admin")]
    engine: Arc<Engine>,
}

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long connections that were not accepted before the stop have for the first read. What their clients have sent is there already.
const FIRST_READ_TIME: Duration = Duration::from_millis(50);

/// How long to wait after a connection could not be accepted, for example because there are no more file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(20);

impl Server {
    /// Binds to an address. Port 0 takes any free port. Call it within a tokio runtime.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub fn bind(
        address: SocketAddr,
        engine: Arc<Engine>,
        settings: ServerSettings,
        observer: Arc<dyn Observer>,
    ) -> io::Result<Server> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // Without this option a port stays taken for a minute after a server with open connections has stopped. For port 0
        // it is set after binding: with the option the system searches half of the ports for a free one.
        #[cfg(unix)]
        if address.port() != 0 {
            socket.set_reuseaddr(true)?;
        }
        socket.bind(address)?;
        #[cfg(unix)]
        if address.port() == 0 {
            socket.set_reuseaddr(true)?;
        }
        let port = Port::new(socket.listen(BACKLOG)?);
        let context = ServerContext::new(Router::new(engine.clone()), settings, observer);
        Ok(Server {
            port,
            context,
            #[cfg(feature = "admin")]
            engine,
        })
    }

    /// Adds an engine that answers below a base, such as `/shop`, and sees paths without it. The admin API controls
    /// only the engine that the server was bound with.
    ///
    /// The base must start with a slash and must not end with one.
    #[must_use]
    pub fn with_engine_at(mut self, base: impl Into<String>, engine: Arc<Engine>) -> Server {
        self.context.router.mount(base.into(), engine);
        self
    }

    /// Adds the admin API. The settings may be a path alone, such as `/__admin`.
    #[cfg(feature = "admin")]
    #[must_use]
    pub fn with_admin(mut self, settings: impl Into<AdminSettings>) -> Server {
        let admin = self.admin(settings.into());
        self.context.router.mount(admin.path().to_owned(), Arc::new(admin) as Arc<dyn Reserved>);
        self
    }

    /// Serves the admin API alone. Another server, on another port, serves the stubs of the engine.
    #[cfg(feature = "admin")]
    #[must_use]
    pub fn with_admin_only(mut self, settings: impl Into<AdminSettings>) -> Server {
        let admin = Arc::new(self.admin(settings.into()).on_own_port());
        self.context.router = Router::new(Arc::new(OutsideAdmin(admin.clone())) as Arc<dyn Reserved>);
        self.context.router.mount(admin.path().to_owned(), admin as Arc<dyn Reserved>);
        self
    }

    #[cfg(feature = "admin")]
    fn admin(&self, settings: AdminSettings) -> Admin {
        let admin = Admin::new(self.engine.clone(), settings, Timestamp::now());
        // If the address is unknown, loopback is assumed, because that is the stricter rule.
        admin.bound_to(self.local_addr().map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip()))
    }

    /// Serves HTTPS, and nothing else, with the certificate of an identity.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn https(mut self, identity: super::tls::Identity) -> Server {
        self.context.identity = Some(identity);
        self
    }

    /// The address that the server is bound to.
    ///
    /// # Errors
    /// If the system does not return it.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.port.local_addr()
    }

    /// The port, for closing it from another thread.
    pub(crate) fn port(&self) -> Port {
        self.port.clone()
    }

    /// Counts the connections on which something may still be answered.
    pub(crate) fn connections(&self) -> ConnectionCount {
        self.context.connections.clone()
    }

    /// Serves until `stop` completes, then until the requests in flight are answered or the grace is over. Returns whether
    /// all of them were answered. Dropping the future closes the port and aborts all connections.
    pub fn run(self, stop: impl Future<Output = ()>) -> impl Future<Output = bool> {
        self.run_with(Vec::new(), stop)
    }

    /// As [`Server::run`], with the connections distributed in turn over the current runtime and others. If each of them has
    /// one thread, nothing moves from one thread to another.
    pub fn run_with(self, others: Vec<Handle>, stop: impl Future<Output = ()>) -> impl Future<Output = bool> {
        let Server { port, context, .. } = self;
        // The future itself keeps neither engine nor settings: both are gone once the port is closed.
        port.set_context(Arc::new(context));
        async move {
            let mut connections = Connections { tasks: JoinSet::new(), others, turn: 0 };
            let mut stop = pin!(stop);
            loop {
                let served = poll_fn(|cx| {
                    // Finished tasks are removed, or the set would grow for as long as the server runs.
                    while let Poll::Ready(Some(_)) = connections.tasks.poll_join_next(cx) {}
                    match stop.as_mut().poll(cx) {
                        Poll::Ready(()) => Poll::Ready(Ok(())),
                        Poll::Pending => port.poll_serve(cx, |accepted, context| connections.serve(accepted, context)),
                    }
                });
                match served.await {
                    Ok(()) => break,
                    Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
                }
            }
            // If another thread has closed the port, dropping `connections` aborts them.
            let Some(Listening { listener, context: Some(context) }) = port.close() else { return false };
            let waiting = waiting(listener);
            let has_waiting = !waiting.is_empty();
            waiting.into_iter().for_each(|accepted| connections.serve(accepted, &context));
            if has_waiting {
                // A connection that starts after the stop is closed before anything is read of it.
                tokio::time::sleep(FIRST_READ_TIME).await;
            }
            context.stop.cancel();
            tokio::time::timeout(context.settings.grace, context.connections.closed()).await.is_ok()
        }
    }
}

/// The connections of a running server.
struct Connections {
    /// Aborts the connections when it is dropped.
    tasks: JoinSet<()>,
    others: Vec<Handle>,
    /// The runtime of the next connection: 0 is the one that accepts, and the others follow.
    turn: usize,
}

impl Connections {
    /// Serves a connection on the runtime whose turn it is.
    fn serve(&mut self, (stream, client): (TcpStream, SocketAddr), context: &Arc<ServerContext>) {
        let runtime = self.turn.checked_sub(1).map(|other| &self.others[other]);
        self.turn = (self.turn + 1) % (self.others.len() + 1);
        match runtime {
            None => drop(self.tasks.spawn(serve((stream, client), context.clone()))),
            // A connection that cannot be registered there is closed, as one that could not be accepted.
            Some(runtime) => {
                if let Ok(stream) = moved(stream, runtime) {
                    self.tasks.spawn_on(serve((stream, client), context.clone()), runtime);
                }
            }
        }
    }
}

/// Registers a connection with another runtime.
fn moved(stream: TcpStream, runtime: &Handle) -> io::Result<TcpStream> {
    let stream = stream.into_std()?;
    let _within = runtime.enter();
    TcpStream::from_std(stream)
}

/// Closes the listener. Returns the connections that were made before the stop and have not been accepted yet: they are in
/// flight too.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    // The listener does not block: if no connection waits, `accept` returns an error.
    std::iter::from_fn(|| listener.accept().ok())
        .filter_map(|(stream, client)| {
            stream.set_nonblocking(true).ok()?;
            Some((TcpStream::from_std(stream).ok()?, client))
        })
        .collect()
}
