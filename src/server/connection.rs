//! Serves the requests of one connection.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::admin::Admin;
use crate::engine::{Answer, Engine, Exchange};
use crate::journal::{Cut, Entry, Outcome};
use crate::message::{Head, Request};
use crate::model::Timestamp;

use super::body::{Received, receive};
use super::ending::{Ending, end};
use super::handover::Handover;
use super::observe::{Observed, Observer};
use super::outgoing::Outgoing;
use super::wire::{Heads, Wire};
use super::{ServerSettings, cors, reply};

/// What all connections of a server share.
pub(super) struct Shared {
    pub(super) engine: Arc<Engine>,
    pub(super) admin: Admin,
    pub(super) settings: ServerSettings,
    pub(super) observer: Arc<dyn Observer>,
}

/// A connection, as those who answer its requests know it.
#[derive(Clone)]
struct Link {
    heads: Heads,
    handover: Handover<TcpStream>,
    client: Option<IpAddr>,
}

/// A connection that says nothing for so long is closed.
const IDLE: Duration = Duration::from_secs(75);

/// Serves a connection until it ends, or until `stop` says so and what is in flight is done.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let client = stream.peer_addr().ok().map(|address| address.ip());
    // Without it small answers wait for the client's acknowledgement; a socket that refuses still works.
    let _ = stream.set_nodelay(true);
    let (wire, heads, handover) = Wire::new(stream);
    let link = Link { heads, handover, client };
    let ended = converse(wire, &link, &shared, &mut stop).await;
    if let Some((stream, ending)) = link.handover.take() {
        end(stream, ending, &mut stop).await;
    } else if let Err(error) = ended
        && error.is_parse()
    {
        shared.record_broken(&link, &error);
    }
}

/// Answers the requests of a connection.
async fn converse(
    wire: Wire<TcpStream>,
    link: &Link,
    shared: &Arc<Shared>,
    stop: &mut watch::Receiver<bool>,
) -> hyper::Result<()> {
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let (shared, link) = (shared.clone(), link.clone());
        async move { Ok::<_, Infallible>(shared.answer(request, &link).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .half_close(true)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(wire), service);
    let mut connection = pin!(connection);
    let mut told = pin!(told_to_stop(stop));
    let mut stopping = false;
    poll_fn(|cx| {
        if !stopping && told.as_mut().poll(cx).is_ready() {
            stopping = true;
            link.handover.stop_within(shared.settings.grace);
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(cx)
    })
    .await
}

/// Completes once the server stops, or is gone.
async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

impl Shared {
    async fn answer(&self, request: hyper::Request<Incoming>, link: &Link) -> Response<Outgoing> {
        let at = Timestamp::now();
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let head = link.heads.take().unwrap_or_else(|| composed(&parts));
        let received = receive(body, self.settings.max_body).await;
        let request = |body| Request::new(head, body, link.client, at);
        match received {
            Received::Whole(body) => self.whole(request(body), link, started).await,
            Received::TooLarge(body, cut) => {
                let limit = self.settings.max_body;
                let size = if cut.complete {
                    format!("{}", cut.length)
                } else {
                    format!("at least {}", cut.length)
                };
                let reason = format!("the body has {size} bytes, more than the {limit} that `--max-body` allows");
                self.refused(&request(body), link, cut, 413, reason, started)
            }
            Received::Broken(body, cut, reason) => {
                self.refused(&request(body), link, cut, 408, reason.to_owned(), started)
            }
        }
    }

    async fn whole(&self, request: Request, link: &Link, started: Instant) -> Response<Outgoing> {
        let mut answer = match self.admin.answer(&request) {
            Some(answer) => answer,
            None => self.by_stub(&request, started).await,
        };
        if self.settings.cors {
            cors::allow(&request, &mut answer);
        }
        match answer.fault().filter(|fault| !fault.sends_response()) {
            Some(fault) => match link.handover.hand_over(Ending::of(fault)).await {},
            None => reply::response(&request, answer, &link.handover),
        }
    }

    async fn by_stub(&self, request: &Request, started: Instant) -> Answer {
        let otherwise = if self.settings.cors { cors::preflight(request) } else { None };
        let exchange = self.exchange(request, otherwise).await;
        self.observer.exchange(&Observed {
            entry: &exchange.entry,
            status: exchange.answer.status,
            length: exchange.answer.body.len(),
            took: started.elapsed(),
            delay: exchange.answer.delay,
            delivery: exchange.answer.delivery,
            explanation: exchange.explanation.as_ref(),
            failure: exchange.failure.as_deref(),
        });
        if !exchange.answer.delay.is_zero() {
            tokio::time::sleep(exchange.answer.delay).await;
        }
        exchange.answer
    }

    /// What becomes of a request. Closures may take their time, and do so where that holds nobody else up.
    async fn exchange(&self, request: &Request, otherwise: Option<(Outcome, Answer)>) -> Exchange {
        if !self.engine.stubs().has_code() {
            return self.engine.handle(request, request.received_at(), otherwise);
        }
        let (engine, request) = (self.engine.clone(), request.again());
        let handled =
            tokio::task::spawn_blocking(move || engine.handle(&request, request.received_at(), otherwise)).await;
        handled.expect("what a closure panics with is caught")
    }

    fn refused(
        &self,
        request: &Request,
        link: &Link,
        cut: Cut,
        status: u16,
        reason: String,
        started: Instant,
    ) -> Response<Outgoing> {
        let body: Bytes = format!("{reason}\n").into();
        if !self.admin.owns(request) {
            let entry = self.engine.refuse(request, Some(cut), status, reason.clone());
            self.observe_refusal(&entry, status, body.len(), started.elapsed(), &reason);
        }
        let headers = vec![("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned())];
        let mut answer = Answer { status, headers, body, ..Answer::default() };
        if self.settings.cors {
            cors::allow(request, &mut answer);
        }
        reply::response(request, answer, &link.handover)
    }

    /// hyper has answered what was not HTTP with a bare error; here it gets its entry.
    fn record_broken(&self, link: &Link, error: &hyper::Error) {
        let Some(raw) = link.heads.take_broken() else { return };
        let status = if error.is_parse_too_large() { 431 } else { 400 };
        let reason = format!("not an HTTP request: {error}");
        let request = Request::new(Head::salvage(raw), Bytes::new(), link.client, Timestamp::now());
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
            failure: Some(reason),
        });
    }
}

/// The head as hyper saw it, where the bytes themselves could not be followed.
fn composed(parts: &hyper::http::request::Parts) -> Head {
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    Head::compose(parts.method.as_str(), &parts.uri.to_string(), headers)
}
