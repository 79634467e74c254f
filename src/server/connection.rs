//! Serves the requests of one connection.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::engine::{Answer, Engine, Exchange};
use crate::journal::{Cut, Entry, Outcome};
use crate::message::{Head, HttpVersion, Protocol, Request};
use crate::model::Timestamp;

use super::body::{Received, receive};
use super::ending::{before_stop, end};
use super::handover::Handover;
use super::link::{BrokenOff, Link};
use super::living::{Life, Living};
use super::observe::{Observed, Observer};
use super::opening::{Opened, open, open_at_once};
use super::outgoing::Outgoing;
use super::reserved::Reserved;
use super::stop::Stop;
use super::wire::{Heads, Wire};
use super::{ServerSettings, cors, reply};

/// What all connections of a server share.
pub(super) struct Shared {
    pub(super) engine: Arc<Engine>,
    pub(super) reserved: Option<Arc<dyn Reserved>>,
    pub(super) settings: ServerSettings,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) stop: Stop,
    pub(super) living: Living,
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
        end(stream, ending, &shared.stop).await;
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

async fn answer(request: hyper::Request<Incoming>, link: Arc<Link>) -> Result<Response<Outgoing>, BrokenOff> {
    let (at, started) = (Timestamp::now(), Instant::now());
    let shared = link.life.shared();
    let (parts, body) = request.into_parts();
    let head = link.heads.take().unwrap_or_else(|| composed(&parts));
    let received = match body.is_end_stream() {
        true => Received::Whole(Bytes::new()),
        false => {
            let heads = Some(&link.heads).filter(|heads| heads.follow_body());
            receive(body, shared.settings.max_body, heads).await
        }
    };
    let protocol = Protocol { secure: link.secure, version: version(parts.version) };
    let request = |body| Request::new(head, body, link.client, at).over(protocol);
    let (request, mut answer) = match received {
        Received::Whole(body) => {
            let request = request(body);
            let (request, answer) = match &shared.reserved {
                Some(reserved) if reserved.owns(&request) => aside(reserved.clone(), request).await,
                _ => (request, None),
            };
            let answer = match answer {
                Some(answer) => answer,
                None => shared.by_stub(&request, started).await,
            };
            (request, answer)
        }
        Received::TooLarge(body, cut) => {
            let limit = shared.settings.max_body;
            let size = if cut.complete {
                cut.length.to_string()
            } else {
                format!("at least {}", cut.length)
            };
            let reason = format!("the body has {size} bytes, more than the {limit} that `--max-body` allows");
            let request = request(body);
            let answer = shared.refused(&request, cut, 413, reason, started);
            (request, answer)
        }
        Received::Broken(body, cut, reason) => {
            let request = request(body);
            let answer = shared.refused(&request, cut, 408, reason.to_owned(), started);
            (request, answer)
        }
    };
    if shared.settings.cors {
        cors::allow(&request, &mut answer);
    }
    let broken = match answer.fault().filter(|fault| !fault.sends_response()) {
        Some(fault) => Some(link.fail(fault).await),
        None => None,
    };
    link.heads.answered();
    broken.map_or_else(|| Ok(reply::response(&request, answer, &link)), Err)
}

/// Answers on a reserved path. A question to a full journal takes a while, in which others are answered.
async fn aside(reserved: Arc<dyn Reserved>, request: Request) -> (Request, Option<Answer>) {
    let asked = tokio::task::spawn_blocking(move || {
        let answer = reserved.answer(&request);
        (request, answer)
    });
    asked.await.expect("no question makes it panic")
}

impl Shared {
    async fn by_stub(&self, request: &Request, started: Instant) -> Answer {
        let otherwise = if self.settings.cors { cors::preflight(request) } else { None };
        let exchange = match self.engine.has_code() {
            false => self.engine.handle(request, request.received_at(), otherwise),
            true => self.by_code(request, otherwise).await,
        };
        self.observer.exchange(&Observed {
            entry: &exchange.entry,
            status: exchange.answer.status,
            length: exchange.answer.sent_length(),
            took: started.elapsed(),
            delay: exchange.answer.delay,
            delivery: exchange.answer.delivery,
            explanation: exchange.explanation.as_deref(),
            explained_before: exchange.explained_before,
            failure: exchange.failure.as_deref(),
        });
        if !exchange.answer.delay.is_zero() {
            tokio::time::sleep(exchange.answer.delay).await;
        }
        exchange.answer
    }

    /// What becomes of a request. Closures may take their time, and do so where that holds nobody else up.
    async fn by_code(&self, request: &Request, otherwise: Option<(Outcome, Answer)>) -> Exchange {
        let (engine, request) = (self.engine.clone(), request.again());
        let handled =
            tokio::task::spawn_blocking(move || engine.handle(&request, request.received_at(), otherwise)).await;
        handled.expect("what a closure panics with is caught")
    }

    fn refused(&self, request: &Request, cut: Cut, status: u16, reason: String, started: Instant) -> Answer {
        let body: Bytes = format!("{reason}\n").into();
        if !self.reserved.as_ref().is_some_and(|reserved| reserved.owns(request)) {
            let entry = self.engine.refuse(request, Some(cut), status, reason.clone());
            self.observe_refusal(&entry, status, body.len(), started.elapsed(), &reason);
        }
        let headers = vec![("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned())];
        Answer { status, headers, body, ..Answer::default() }
    }

    /// hyper has answered what was not HTTP with a bare error; here it gets its entry.
    fn record_broken(&self, link: &Link, error: &hyper::Error) {
        let Some(raw) = link.heads.take_broken() else { return };
        let status = if error.is_parse_too_large() { 431 } else { 400 };
        let reason = format!("not an HTTP request: {error}");
        let request = Request::new(Head::salvage(&raw), Bytes::new(), link.client, Timestamp::now());
        let request = request.over(Protocol { secure: link.secure, ..Protocol::default() });
        let entry = self.engine.refuse(&request, None, status, reason.clone());
        self.observe_refusal(&entry, status, 0, Duration::ZERO, &reason);
    }

    fn observe_refusal(&self, entry: &Entry, status: u16, length: usize, took: Duration, reason: &str) {
        let delay = Duration::ZERO;
        self.observer.exchange(&Observed {
            entry,
            status,
            length,
            took,
            delay,
            delivery: None,
            explanation: None,
            explained_before: false,
            failure: Some(reason),
        });
    }
}

/// The head as hyper saw it, where the bytes themselves could not be followed or are those of HTTP/2.
///
/// HTTP/2 has the host in a field of its own; here it is a header, as HTTP/1.1 has it (RFC 9113 §8.3.1).
fn composed(parts: &hyper::http::request::Parts) -> Head {
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let method = parts.method.as_str();
    match (parts.version, parts.uri.authority()) {
        (hyper::Version::HTTP_2, Some(authority)) if method != "CONNECT" => {
            let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
            let has_host = parts.headers.contains_key("host");
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
