//! Answers one request of a connection.
//!
//! Everything that can be done without waiting is done in plain functions. A future is as large as everything that it holds across
//! its waits, and hyper moves it for each request, so it has to be small.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};

use crate::engine::{Answer, Engine};
use crate::explain::{self, ExplainedExchange, UnfinishedExchange};
use crate::journal::{Cut, Outcome};
use crate::matching::caught;
use crate::message::{Head, HttpVersion, Protocol, Request};
use crate::model::Timestamp;

use super::complete_request::{Answered, CompleteRequest, LARGE, Next, VERY_LARGE};
use super::connection_context::ConnectionContext;
use super::cors;
use super::request_body::{ReceivedBody, read_body};
use super::router::{EngineId, ReservedId, Route};

/// The same limit as [`LARGE`] for a compressed body, which may be a thousand times as large when it is decompressed.
const LARGE_PACKED: usize = 1024;

/// A request whose body has not been read yet.
struct IncomingRequest {
    head: Head,
    protocol: Protocol,
    at: Timestamp,
    started: Instant,
    connection: Arc<ConnectionContext>,
}

/// Answers a request.
pub(super) fn answer(
    request: hyper::Request<Incoming>,
    connection: Arc<ConnectionContext>,
) -> impl Future<Output = Answered> + Send + 'static {
    let (at, started) = (Timestamp::now(), Instant::now());
    let (parts, body) = request.into_parts();
    let head = connection.heads.take().unwrap_or_else(|| composed(&parts));
    let protocol = Protocol { secure: connection.secure, version: version(parts.version) };
    let incoming = IncomingRequest { head, protocol, at, started, connection };
    async move {
        let received = match body.is_end_stream() {
            true => ReceivedBody::Complete(Bytes::new()),
            false => {
                let connection = &incoming.connection;
                let heads = Some(&connection.heads).filter(|heads| heads.follows_body());
                read_body(body, &connection.server, heads, incoming.started).await
            }
        };
        let has_concurrent_requests = incoming.connection.has_concurrent_requests();
        match incoming.with(received) {
            Next::Now(answered) => {
                if has_concurrent_requests {
                    yield_to_other_requests().await;
                }
                answered
            }
            Next::Later(answered) => answered.await,
        }
    }
}

/// Lets the requests that have arrived with this one be read and answered before its answer is sent, so that the answers go
/// out together. A client on the same machine is woken by the first and finds the others while it is awake.
async fn yield_to_other_requests() {
    tokio::task::yield_now().await;
}

impl IncomingRequest {
    fn with(self, received: ReceivedBody) -> Next {
        match received {
            ReceivedBody::Complete(body) => self.complete(body).answer(),
            ReceivedBody::TooLarge(body, cut) => {
                let limit = self.connection.server.settings.max_body;
                let size = if cut.complete {
                    cut.length.to_string()
                } else {
                    format!("at least {}", cut.length)
                };
                let reason = format!("the body has {size} bytes, more than the {limit} that `--max-body` allows");
                self.complete(body).refuse(cut, 413, reason)
            }
            ReceivedBody::Broken(body, cut, reason) => {
                self.complete(body).refuse(cut, reason.status(), reason.to_string())
            }
        }
    }

    fn complete(self, body: Bytes) -> CompleteRequest {
        let IncomingRequest { head, protocol, at, started, connection } = self;
        let limit = connection.server.settings.max_body;
        let mut request = Request::new(head, body, connection.client, at).over(protocol).unpacked_within(limit);
        let route = connection.server.router.route(&mut request);
        CompleteRequest { request, route, started, connection, record: None }
    }
}

impl CompleteRequest {
    fn answer(self) -> Next {
        match self.route {
            Route::Engine(engine) => self.by_stub(engine),
            Route::Reserved(reserved) => Next::Later(Box::pin(self.by_reserved(reserved))),
        }
    }

    /// Answers on a reserved path, on another thread: reading a full journal takes long.
    async fn by_reserved(self, reserved: ReservedId) -> Answered {
        let connection = self.connection.clone();
        let reserved = connection.server.router.reserved(reserved).clone();
        // An answer may hold the whole journal in memory, so only a few are made at the same time.
        let _permit = match reserved.may_take_long(&self.request) {
            true => connection.server.long_calls.acquire().await.ok(),
            false => None,
        };
        let answer = move |complete: &mut CompleteRequest| reserved.answer(&complete.request);
        let (complete, answer) = self.blocking(answer).await;
        let next = match answer {
            Ok(answer) => complete.send(Arc::new(answer)),
            Err(panicked) => {
                let answer = complete.fail_reserved(&panicked);
                complete.send(answer)
            }
        };
        next.wait().await
    }

    /// Answers by a stub: on this thread if that takes few steps, otherwise on a thread of the pool for long work.
    fn by_stub(mut self, id: EngineId) -> Next {
        let engine = self.engine(id);
        if engine.has_code() || self.is_long_to_read() {
            return Next::Later(Box::pin(self.by_stub_on_worker(id, None)));
        }
        let handled = caught(|| match self.refuse_unpacked(engine) {
            Some(exchange) => Ok(exchange),
            None => explain::handle_at_once(engine, &self.request, self.request.received_at(), self.preflight()),
        });
        match handled {
            Ok(Ok(exchange)) => {
                let answer = self.report(exchange);
                self.send(answer)
            }
            Ok(Err(unfinished)) => Next::Later(Box::pin(self.by_stub_on_worker(id, Some(unfinished)))),
            Err(panicked) => {
                let answer = self.fail_unrecorded(id, &panicked);
                self.send(answer)
            }
        }
    }

    /// Whether reading the body takes long.
    fn is_long_to_read(&self) -> bool {
        let is_packed = || self.request.headers("Content-Encoding").next().is_some();
        let length = self.request.body().len();
        length > VERY_LARGE
            || length > LARGE_PACKED && (is_packed() || length > LARGE && self.connection.has_concurrent_requests())
    }

    /// Answers on another thread, from the beginning or from where the first try was left unfinished.
    async fn by_stub_on_worker(self, id: EngineId, unfinished: Option<UnfinishedExchange>) -> Answered {
        let connection = self.connection.clone();
        // Closures may wait for each other, so their number is not limited.
        let _permit = match self.engine(id).has_code() {
            true => None,
            false => connection.server.long_work.acquire().await.ok(),
        };
        let work = move |complete: &mut CompleteRequest| {
            let engine = complete.engine(id);
            let (request, now) = (&complete.request, complete.request.received_at());
            let exchange = match (unfinished, complete.refuse_unpacked(engine)) {
                (Some(unfinished), _) => explain::finish(engine, unfinished, request, now, complete.preflight()),
                (None, Some(refused)) => refused,
                (None, None) => explain::handle(engine, request, now, complete.preflight()),
            };
            // Reporting takes long too: the log looks for secrets in the whole request.
            let answer = complete.report(exchange);
            // Drops the views of a large body here, because that takes long.
            complete.request = complete.request.again();
            answer
        };
        let (mut complete, answer) = self.blocking(work).await;
        let answer = answer.unwrap_or_else(|panicked| complete.fail_unrecorded(id, &panicked));
        complete.send(answer).wait().await
    }

    /// Refuses a request whose body is too large once it is decompressed.
    fn refuse_unpacked(&self, engine: &Engine) -> Option<ExplainedExchange> {
        let reason = self.request.content_too_large()?;
        Some(engine.refusal(&self.request, 413, reason).into())
    }

    /// The answer to a browser's preflight that no stub answers.
    fn preflight(&self) -> Option<(Outcome, Answer)> {
        if self.server().settings.cors { cors::preflight(&self.request) } else { None }
    }

    /// Answers a request whose body could not be read whole.
    fn refuse(mut self, cut: Cut, status: u16, reason: String) -> Next {
        let answer = match self.route {
            Route::Engine(engine) => {
                let answer = Arc::new(Answer::plain(status, format!("{reason}\n")));
                let mut entry = self.engine(engine).refuse(&self.request, Some(cut), &answer, reason.clone());
                self.observe_refusal(&entry, &answer, &reason);
                self.keep_record(&mut entry);
                answer
            }
            Route::Reserved(reserved) => {
                let reserved = self.server().router.reserved(reserved);
                Arc::new(reserved.refuse(&self.request, status, &reason))
            }
        };
        self.send(answer)
    }
}

/// The head as hyper parsed it, for HTTP/2 and for HTTP/1 that the head parser could not follow.
///
/// HTTP/2 has the host in a field of its own. Here it is a header, as in HTTP/1.1 (RFC 9113 §8.3.1).
fn composed(parts: &hyper::http::request::Parts) -> Head {
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let method = parts.method.as_str();
    match (parts.version, parts.uri.authority()) {
        (hyper::Version::HTTP_2, Some(authority)) if method != "CONNECT" => {
            let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
            // A `Host` that differs from the authority is kept beside it, so that both are seen.
            let is_same = |host: &hyper::header::HeaderValue| host.as_bytes() == authority.as_str().as_bytes();
            let has_host = parts.headers.get_all("host").iter().any(is_same);
            let host = (!has_host).then_some(("host", authority.as_str().as_bytes()));
            Head::compose(method, target, host.into_iter().chain(headers))
        }
        _ => Head::compose(method, &parts.uri.to_string(), headers),
    }
}

fn version(version: hyper::Version) -> HttpVersion {
    match version {
        hyper::Version::HTTP_2 => HttpVersion::Http2,
        hyper::Version::HTTP_10 => HttpVersion::Http10,
        _ => HttpVersion::Http11,
    }
}
