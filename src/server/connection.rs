//! Serves the requests of one connection.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
#[cfg(feature = "http2")]
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::engine::Engine;

use super::ServerSettings;
use super::answering::answer;
use super::ending::{before_stop, end};
use super::handover::Handover;
use super::link::Link;
use super::living::{Life, Living};
use super::observe::Observer;
use super::opening::{Opened, open, open_at_once};
use super::reserved::Reserved;
use super::stop::Stop;
use super::wire::{Heads, Wire};

/// What all connections of a server share.
pub(super) struct Shared {
    pub(super) engine: Arc<Engine>,
    pub(super) reserved: Option<Arc<dyn Reserved>>,
    pub(super) settings: ServerSettings,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) stop: Stop,
    pub(super) living: Living,
    /// Permits for work that takes long. Its number is limited, so that the threads for it never run out, and the threads that
    /// answer get processors.
    pub(super) long_work: Semaphore,
    /// Permits for calls of reserved paths that may take long or much memory.
    pub(super) long_calls: Semaphore,
    /// Where TLS is spoken.
    #[cfg(feature = "tls")]
    pub(super) identity: Option<super::tls::Identity>,
}

/// A connection that says nothing for so long has ended.
#[cfg(feature = "http2")]
pub(super) const IDLE: Duration = Duration::from_secs(75);

/// Serves a connection until it ends, or until the server stops and what is in flight is done.
pub(super) fn serve(
    accepted: (TcpStream, SocketAddr),
    shared: Arc<Shared>,
) -> impl Future<Output = ()> + Send + 'static {
    // Not only when it is first polled: who stops the server must know of it.
    serve_for(Life::new(shared), accepted)
}

async fn serve_for(life: Life, (socket, client): (TcpStream, SocketAddr)) {
    let shared = life.shared().clone();
    // Without it small answers wait for the client's acknowledgement; a socket that refuses still works.
    let _ = socket.set_nodelay(true);
    let opened = match open_at_once(socket, &shared) {
        Ok(opened) => opened,
        Err(socket) => match before_stop(open(socket, &shared), &shared.stop).await {
            Some(Some(opened)) => opened,
            _ => return,
        },
    };
    let Opened { stream, ahead, secure, http2 } = opened;
    let (heads, handover) = (if http2 { Heads::unwatched() } else { Heads::default() }, Handover::default());
    let link = Arc::new(Link { heads, handover, client: Some(client.ip()), secure, http2, life });
    let ended = converse(Wire::new(stream, ahead, link.clone()), &link).await;
    if let Some((stream, ending)) = link.handover.take() {
        Box::pin(end(stream, ending, &shared.stop)).await;
    } else if let Err(error) = ended
        && error.is_parse()
    {
        shared.record_broken(&link, &error);
    }
}

/// Runs a connection until it ends; once the server stops, until what is in flight is done.
macro_rules! run {
    ($connection:expr, $stop:expr) => {{
        let mut connection = pin!($connection);
        match before_stop(connection.as_mut(), $stop).await {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    }};
}

/// Answers the requests of a connection.
async fn converse(wire: Wire, link: &Arc<Link>) -> hyper::Result<()> {
    let (io, stop) = (TokioIo::new(wire), &link.life.shared().stop);
    let answering = link.clone();
    let service = service_fn(move |request| answer(request, answering.clone()));
    #[cfg(feature = "http2")]
    if link.http2 {
        let mut builder = hyper::server::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
        return run!(
            builder.timer(hyper_util::rt::TokioTimer::new()).keep_alive_interval(IDLE).serve_connection(io, service),
            stop
        );
    }
    let mut builder = http1::Builder::new();
    builder.half_close(true).title_case_headers(true);
    run!(builder.serve_connection(io, service), stop)
}
