//! The connection of requests that are being answered, and how an answer aborts it.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::futures::OwnedNotified;
use tokio_util::sync::CancellationToken;

use crate::model::WireFault;

use super::ending::Ending;
use super::handover::Handover;
use super::head_recorder::HeadRecorder;
use super::server_context::{ConnectionGuard, ServerContext};

/// One connection. Its stream and the answers to its requests share it.
pub(super) struct ConnectionContext {
    pub(super) heads: HeadRecorder,
    pub(super) handover: Handover,
    pub(super) client: Option<IpAddr>,
    /// Whether it uses TLS.
    pub(super) secure: bool,
    /// Whether it has many streams, each of which can be reset by itself.
    pub(super) http2: bool,
    pub(super) server: Arc<ServerContext>,
    /// Cancelled when the server stops.
    pub(super) stop: CancellationToken,
    pub(super) _guard: ConnectionGuard,
}

/// The error that ends an answer early. Over HTTP/2 it resets the stream.
#[derive(Debug)]
pub(super) struct AbortedResponse;

impl fmt::Display for AbortedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stub's fault aborts the answer")
    }
}

impl std::error::Error for AbortedResponse {}

impl ConnectionContext {
    /// Carries out a fault that sends no response. Over HTTP/1 this never returns, because the connection ends.
    pub(super) async fn fail(&self, fault: WireFault) -> AbortedResponse {
        match fault {
            WireFault::Reset if self.http2 => AbortedResponse,
            WireFault::Stall if self.http2 => {
                self.stop.cancelled().await;
                AbortedResponse
            }
            fault => match self.handover.hand_over(Ending::from_fault(fault)).await {},
        }
    }

    /// Whether other requests may arrive at the same time.
    pub(super) fn has_concurrent_requests(&self) -> bool {
        self.http2 || self.server.connections.receiver_count() > 1
    }

    /// How long requests in flight may take once the server stops.
    pub(super) fn grace(&self) -> Duration {
        self.server.settings.grace
    }
}

/// Aborts an answer after the part of it that was sent.
pub(super) struct ResponseAbort {
    connection: Arc<ConnectionContext>,
    /// Over HTTP/2: how many flushes to wait for, because a reset discards what has not been sent.
    flushes: Option<u8>,
    flushed: Option<Pin<Box<OwnedNotified>>>,
}

impl ResponseAbort {
    pub(super) fn new(connection: &Arc<ConnectionContext>) -> ResponseAbort {
        // The first flush may have begun before the last bytes were written.
        ResponseAbort { connection: connection.clone(), flushes: connection.http2.then_some(2), flushed: None }
    }

    /// Over HTTP/1 this never completes, because the connection is closed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<AbortedResponse> {
        let Some(flushes) = &mut self.flushes else {
            self.connection.handover.request(Ending::Close);
            return Poll::Pending;
        };
        while *flushes > 0 {
            let flushed = self.flushed.get_or_insert_with(|| Box::pin(self.connection.handover.flush()));
            ready!(flushed.as_mut().poll(cx));
            self.flushed = None;
            *flushes -= 1;
        }
        Poll::Ready(AbortedResponse)
    }
}
