//! Serves the requests of one connection.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::answering::answer;
use super::connection_context::ConnectionContext;
use super::ending::end;
use super::handover::Handover;
use super::head_recorder::HeadRecorder;
#[cfg(feature = "http2")]
use super::opening::HTTP2_SILENCE;
use super::opening::{Opened, open_after_reading, open_at_once};
use super::server_context::{ConnectionGuard, ServerContext};
use super::tapped_stream::TappedStream;

/// Serves a connection until it ends, or until the server stops and the requests in flight are answered.
pub(super) fn serve(
    accepted: (TcpStream, SocketAddr),
    server: Arc<ServerContext>,
) -> impl Future<Output = ()> + Send + 'static {
    // Taken before the first poll, so that stopping the server waits for this connection too.
    let guard = server.connections.subscribe();
    serve_guarded(guard, accepted, server)
}

async fn serve_guarded(guard: ConnectionGuard, (socket, client): (TcpStream, SocketAddr), server: Arc<ServerContext>) {
    // Each connection has a token of its own, so that connections share no lock when they are polled.
    let stop = server.stop.child_token();
    // Without it small answers wait for the client's acknowledgement; a socket that refuses still works.
    let _ = socket.set_nodelay(true);
    let opened = match open_at_once(socket, &server) {
        Ok(opened) => opened,
        Err(socket) => match stop.run_until_cancelled(open_after_reading(socket, &server)).await {
            Some(Some(opened)) => opened,
            _ => return,
        },
    };
    let Opened { stream, ahead, secure, http2 } = opened;
    let (heads, handover) =
        (if http2 { HeadRecorder::disabled() } else { HeadRecorder::default() }, Handover::default());
    let connection = Arc::new(ConnectionContext {
        heads,
        handover,
        client: Some(client.ip()),
        secure,
        http2,
        server,
        stop,
        _guard: guard,
    });
    let ended = converse(TappedStream::new(stream, ahead, connection.clone()), &connection).await;
    if let Some((stream, ending)) = connection.handover.take() {
        Box::pin(end(stream, ending, &connection.stop)).await;
    } else if let Err(error) = ended
        && error.is_parse()
    {
        connection.server.record_broken(&connection, &error);
    }
}

/// Runs a connection until it ends, or after the server has stopped until the requests in flight are answered.
macro_rules! run {
    ($connection:expr, $stop:expr) => {{
        let mut connection = pin!($connection);
        match $stop.run_until_cancelled(connection.as_mut()).await {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    }};
}

/// Answers the requests of a connection.
async fn converse(stream: TappedStream, connection: &Arc<ConnectionContext>) -> hyper::Result<()> {
    let (io, stop) = (TokioIo::new(stream), &connection.stop);
    let answering = connection.clone();
    let service = service_fn(move |request| answer(request, answering.clone()));
    #[cfg(feature = "http2")]
    if connection.http2 {
        let mut builder = hyper::server::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new());
        return run!(
            builder
                .timer(hyper_util::rt::TokioTimer::new())
                .keep_alive_interval(HTTP2_SILENCE)
                .serve_connection(io, service),
            stop
        );
    }
    let mut builder = http1::Builder::new();
    builder.half_close(true).title_case_headers(true);
    run!(builder.serve_connection(io, service), stop)
}
