//! Answers one request of a connection.
//!
//! What can be done without waiting is done in plain functions. A future has room for everything that it holds across any
//! wait, and hyper moves it for each request, so it has to be small.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body as _, Incoming};

use crate::engine::{Answer, Exchange, Unfinished};
use crate::journal::{AnswerRecord, Cut, Entry, Outcome};
use crate::matching::{Panicked, caught};
use crate::message::{Head, HttpVersion, Protocol, Request};
use crate::model::{Timestamp, WireFault};

use super::connection_context::{AbortedResponse, ConnectionContext};
use super::observe::Observed;
use super::request_body::{ReceivedBody, read_body};
use super::reserved::Reserved;
use super::response_body::{ResponseBody, Tracked};
use super::server_context::ServerContext;
use super::{cors, reply};

/// A larger body, in bytes, is read or compressed on another thread while other clients send requests.
const LARGE: usize = 16 * 1024;
/// A larger body is handled on another thread even if no other client sends requests yet: it takes about a millisecond.
const VERY_LARGE: usize = 128 * 1024;
/// The same limit for a compressed body, which may be a thousand times as large when it is decompressed.
const LARGE_PACKED: usize = 1024;

type Answered = Result<Response<ResponseBody>, AbortedResponse>;

/// An answer, or a future that makes it.
enum Next {
    Now(Answered),
    Later(Pin<Box<dyn Future<Output = Answered> + Send>>),
}

/// A request whose body has not been read yet.
struct IncomingRequest {
    head: Head,
    protocol: Protocol,
    at: Timestamp,
    started: Instant,
    connection: Arc<ConnectionContext>,
}

/// A request that has been read whole.
struct CompleteRequest {
    request: Request,
    started: Instant,
    connection: Arc<ConnectionContext>,
    /// The number of its journal entry and the record of its answer, once it has one.
    record: Option<(u64, AnswerRecord)>,
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
        let request = Request::new(head, body, connection.client, at).over(protocol).unpacked_within(limit);
        CompleteRequest { request, started, connection, record: None }
    }
}

impl CompleteRequest {
    fn server(&self) -> &ServerContext {
        &self.connection.server
    }

    fn answer(self) -> Next {
        let server = self.server();
        match server.reserved_for(&self.request) {
            Some(reserved) => {
                let reserved = reserved.clone();
                Next::Later(Box::pin(self.by_reserved(reserved)))
            }
            None => self.by_stub(),
        }
    }

    /// Answers on a reserved path, on another thread: reading a full journal takes long.
    async fn by_reserved(self, reserved: Arc<dyn Reserved>) -> Answered {
        let connection = self.connection.clone();
        // An answer may hold the whole journal in memory, so few are made at the same time.
        let _permit = match reserved.may_take_long(&self.request) {
            true => connection.server.long_calls.acquire().await.ok(),
            false => None,
        };
        let answer = move |complete: &mut CompleteRequest| reserved.answer(&complete.request);
        let (complete, answer) = self.blocking(answer).await;
        let next = match answer {
            Ok(Some(answer)) => complete.send(Arc::new(answer)),
            Ok(None) => complete.by_stub(),
            Err(panicked) => {
                let reason = panic_text(&panicked);
                let answer = panic_answer(&panicked);
                complete.observe_failure(
                    &Entry::new(&complete.request, Outcome::Refused(reason.clone())),
                    &answer,
                    &reason,
                );
                complete.send(answer)
            }
        };
        next.wait().await
    }

    /// Answers by a stub: on this thread if that takes few steps, else on one of the pool for long work.
    fn by_stub(mut self) -> Next {
        if self.server().engine.has_code() || self.is_long_to_read() {
            return Next::Later(Box::pin(self.by_stub_on_worker(None)));
        }
        let engine = &self.server().engine;
        let handled = caught(|| match self.refuse_unpacked() {
            Some(exchange) => Ok(exchange),
            None => engine.handle_at_once(&self.request, self.request.received_at(), self.preflight()),
        });
        match handled {
            Ok(Ok(exchange)) => {
                let answer = self.report(exchange);
                self.send(answer)
            }
            Ok(Err(unfinished)) => Next::Later(Box::pin(self.by_stub_on_worker(Some(unfinished)))),
            Err(panicked) => {
                let answer = self.fail_unrecorded(&panicked);
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

    /// Whether compressing the answer takes long.
    fn is_long_to_send(&self, answer: &Answer) -> bool {
        let length = answer.body.whole().map_or(0, Bytes::len);
        length > LARGE
            && (length > VERY_LARGE || self.connection.has_concurrent_requests())
            && reply::is_compressed(&self.request, answer)
    }

    /// Answers on another thread, from the beginning or from where the first try was left unfinished.
    async fn by_stub_on_worker(self, unfinished: Option<Unfinished>) -> Answered {
        let connection = self.connection.clone();
        let server = &connection.server;
        // Closures may wait for each other, so their number is not limited.
        let _permit = match server.engine.has_code() {
            true => None,
            false => server.long_work.acquire().await.ok(),
        };
        let work = |complete: &mut CompleteRequest| {
            let engine = complete.server().engine.clone();
            let (request, now) = (&complete.request, complete.request.received_at());
            let exchange = match (unfinished, complete.refuse_unpacked()) {
                (Some(unfinished), _) => engine.finish(unfinished, request, now, complete.preflight()),
                (None, Some(refused)) => refused,
                (None, None) => engine.handle(request, now, complete.preflight()),
            };
            // Reporting takes long too: the log looks for secrets in the whole request.
            let answer = complete.report(exchange);
            // Drops the views of a large body here, because that takes long.
            complete.request = complete.request.again();
            answer
        };
        let (mut complete, answer) = self.blocking(work).await;
        let answer = answer.unwrap_or_else(|panicked| complete.fail_unrecorded(&panicked));
        complete.send(answer).wait().await
    }

    /// Runs work that may take long on another thread. Returns its panic, if it panicked.
    async fn blocking<T: Send + 'static>(
        mut self,
        work: impl FnOnce(&mut CompleteRequest) -> T + Send + 'static,
    ) -> (CompleteRequest, Result<T, Panicked>) {
        let worked = tokio::task::spawn_blocking(move || {
            let done = caught(|| work(&mut self));
            (self, done)
        });
        worked.await.expect("a panic of the work is caught, and a runtime that ends drops this future too")
    }

    /// Refuses a request whose body is too large once it is decompressed.
    fn refuse_unpacked(&self) -> Option<Exchange> {
        let reason = self.request.unpacks_to_too_much()?;
        Some(self.server().engine.refusal(&self.request, 413, reason))
    }

    /// The answer to a browser's preflight that no stub answers.
    fn preflight(&self) -> Option<(Outcome, Answer)> {
        if self.server().settings.cors { cors::preflight(&self.request) } else { None }
    }

    /// Reports an exchange. Returns what to send.
    fn report(&mut self, mut exchange: Exchange) -> Arc<Answer> {
        let observed = caught(|| self.observe(&exchange));
        self.keep_record(&mut exchange.entry);
        match observed {
            Ok(()) => exchange.answer,
            Err(panicked) => {
                let answer = self.correct(&panicked);
                self.observe_failure(&exchange.entry, &answer, &panic_text(&panicked));
                answer
            }
        }
    }

    /// Takes from an entry what is needed until the answer is sent.
    fn keep_record(&mut self, entry: &mut Entry) {
        self.record = entry.answer.take().map(|answer| (entry.number, answer));
    }

    /// Records a request whose handling panicked, and reports it. Returns its 500.
    fn fail_unrecorded(&mut self, panicked: &Panicked) -> Arc<Answer> {
        let (answer, reason) = (panic_answer(panicked), panic_text(panicked));
        let mut entry = self.server().engine.refuse(&self.request, None, &answer, reason.clone());
        self.observe_failure(&entry, &answer, &reason);
        self.keep_record(&mut entry);
        answer
    }

    /// Writes into the journal that a request is answered with a 500, although it had another answer. Returns the 500.
    fn correct(&mut self, panicked: &Panicked) -> Arc<Answer> {
        let answer = panic_answer(panicked);
        self.record_instead(&answer);
        answer
    }

    /// Writes into the journal that another answer is sent than the one that it has.
    fn record_instead(&mut self, answer: &Arc<Answer>) {
        if let Some((number, record)) = &mut self.record {
            *record = self.connection.server.engine.correct_answer(*number, record, answer);
        }
    }

    fn observe_failure(&self, entry: &Entry, answer: &Answer, reason: &str) {
        // The observer may be what panicked.
        let _ = caught(|| {
            self.server().observe_refusal(entry, answer.status, answer.sent_length(), self.started.elapsed(), reason);
        });
    }

    fn observe(&self, exchange: &Exchange) {
        self.server().observer.exchange(&Observed {
            entry: &exchange.entry,
            status: exchange.answer.status,
            length: exchange.answer.sent_length(),
            took: self.started.elapsed(),
            delay: exchange.answer.delay,
            delivery: exchange.answer.delivery,
            explanation: exchange.explanation.as_deref(),
            explained_before: exchange.explained_before,
            failure: exchange.failure.as_deref(),
        });
    }

    fn refuse(mut self, cut: Cut, status: u16, reason: String) -> Next {
        let server = self.server();
        if let Some(reserved) = server.reserved_for(&self.request) {
            let answer = reserved.refuse(&self.request, status, &reason);
            return self.send(Arc::new(answer));
        }
        let answer = Arc::new(Answer::plain(status, format!("{reason}\n")));
        let mut entry = server.engine.refuse(&self.request, Some(cut), &answer, reason.clone());
        server.observe_refusal(&entry, status, answer.sent_length(), self.started.elapsed(), &reason);
        self.keep_record(&mut entry);
        self.send(answer)
    }

    fn send(mut self, mut answer: Arc<Answer>) -> Next {
        // Reserved paths decide themselves which origins may read their answers.
        if self.server().settings.cors
            && self.request.head().header("Origin").is_some()
            && self.server().reserved_for(&self.request).is_none()
        {
            cors::allow(&self.request, Arc::make_mut(&mut answer));
            self.record_instead(&answer);
        }
        match answer.fault().filter(|fault| !fault.sends_response()) {
            None if answer.delay.is_zero() && !self.is_long_to_send(&answer) => Next::Now(self.sent(&answer)),
            fault => Next::Later(Box::pin(self.send_later(answer, fault))),
        }
    }

    async fn send_later(self, answer: Arc<Answer>, fault: Option<WireFault>) -> Answered {
        if !answer.delay.is_zero() {
            tokio::time::sleep(answer.delay).await;
        }
        match fault {
            None if self.is_long_to_send(&answer) => {
                let (mut complete, sent) = self.blocking(move |complete| complete.sent(&answer)).await;
                sent.unwrap_or_else(|panicked| {
                    let answer = complete.correct(&panicked);
                    complete.sent(&answer)
                })
            }
            None => self.sent(&answer),
            Some(fault) => {
                let broken = self.connection.fail(fault).await;
                self.connection.heads.answered();
                Err(broken)
            }
        }
    }

    fn sent(&self, answer: &Answer) -> Answered {
        self.connection.heads.answered();
        let tracked = self.record.as_ref().map(|(_, record)| self.tracked(record));
        Ok(reply::response(&self.request, answer, &self.connection, tracked))
    }

    fn tracked(&self, record: &AnswerRecord) -> Tracked {
        let has_no_body = self.request.method() == "HEAD" || matches!(record.status(), 204 | 304);
        Tracked::begin(record.sending().clone(), self.started, has_no_body)
    }
}

/// The text of the 500 after a panic.
fn panic_text(panicked: &Panicked) -> String {
    format!("a fault of Cannery: handling this request panicked: {}", panicked.0)
}

fn panic_answer(panicked: &Panicked) -> Arc<Answer> {
    Arc::new(Answer::plain(500, format!("{}\n", panic_text(panicked))))
}

impl Next {
    async fn wait(self) -> Answered {
        match self {
            Next::Now(answered) => answered,
            Next::Later(answered) => answered.await,
        }
    }
}

impl ServerContext {
    /// Returns what answers a request on a reserved path.
    fn reserved_for(&self, request: &Request) -> Option<&Arc<dyn Reserved>> {
        self.reserved.as_ref().filter(|reserved| reserved.owns(request))
    }

    /// Records bytes that were not HTTP. hyper has answered them with an error and no body.
    pub(super) fn record_broken(&self, connection: &ConnectionContext, error: &hyper::Error) {
        let Some(raw) = connection.heads.take_refused() else { return };
        let status = if error.is_parse_too_large() { 431 } else { 400 };
        let reason = format!("not an HTTP request: {error}");
        let request = Request::new(Head::salvage(&raw), Bytes::new(), connection.client, Timestamp::now());
        let request = request.over(Protocol { secure: connection.secure, ..Protocol::default() });
        if self.reserved_for(&request).is_some() {
            return;
        }
        let answer = Arc::new(Answer { status, ..Answer::default() });
        let entry = self.engine.refuse(&request, None, &answer, reason.clone());
        self.observe_refusal(&entry, status, Some(0), Duration::ZERO, &reason);
    }

    fn observe_refusal(&self, entry: &Entry, status: u16, length: Option<usize>, took: Duration, reason: &str) {
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
