//! A request that has been read whole, with everything that is needed to answer it.
//!
//! `answering` makes its answer, `reporting` reports the answer, and `sending` sends it.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use hyper::Response;

use crate::engine::Engine;
use crate::journal::AnswerRecord;
use crate::matching::{Panicked, caught};
use crate::message::Request;

use super::connection_context::{AbortedResponse, ConnectionContext};
use super::response_body::ResponseBody;
use super::router::{EngineId, Route};
use super::server_context::ServerContext;

/// A larger body, in bytes, is read or compressed on another thread while other clients send requests.
pub(super) const LARGE: usize = 16 * 1024;
/// A larger body is handled on another thread even if no other client sends requests yet: it takes about a millisecond.
pub(super) const VERY_LARGE: usize = 128 * 1024;

/// The response for hyper.
pub(super) type Answered = Result<Response<ResponseBody>, AbortedResponse>;

/// An answer, or a future that makes it.
pub(super) enum Next {
    Now(Answered),
    Later(Pin<Box<dyn Future<Output = Answered> + Send>>),
}

/// A request that has been read whole.
pub(super) struct CompleteRequest {
    pub(super) request: Request,
    /// Its route. The router has removed the base of the route from the path.
    pub(super) route: Route,
    pub(super) started: Instant,
    pub(super) connection: Arc<ConnectionContext>,
    /// The number of its journal entry and the record of its answer, once it has one.
    pub(super) record: Option<(u64, AnswerRecord)>,
}

impl CompleteRequest {
    pub(super) fn server(&self) -> &ServerContext {
        &self.connection.server
    }

    /// Returns the engine of its route.
    pub(super) fn engine(&self, id: EngineId) -> &Arc<Engine> {
        self.server().router.engine(id)
    }

    /// Runs work that may take long on another thread. Returns its panic, if it panicked.
    pub(super) async fn blocking<T: Send + 'static>(
        mut self,
        work: impl FnOnce(&mut CompleteRequest) -> T + Send + 'static,
    ) -> (CompleteRequest, Result<T, Panicked>) {
        let worked = tokio::task::spawn_blocking(move || {
            let done = caught(|| work(&mut self));
            (self, done)
        });
        worked.await.expect("a panic of the work is caught, and a runtime that ends drops this future too")
    }
}

impl Next {
    /// Waits for the answer.
    pub(super) async fn wait(self) -> Answered {
        match self {
            Next::Now(answered) => answered,
            Next::Later(answered) => answered.await,
        }
    }
}
