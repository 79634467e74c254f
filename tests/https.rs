//! HTTPS and HTTP/2: the same answers, journal and faults as over plain HTTP/1.1.

#![cfg(all(feature = "admin", feature = "http2", feature = "tls"))]
#![allow(missing_docs)]

mod support;

use std::future::poll_fn;
use std::io::{Read as _, Write as _};
use std::net::TcpStream as Socket;
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use cannery::engine::Settings;
use cannery::model::Json;
use cannery::server::ServerSettings;
use cannery::server::tls::Identity;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use support::{Folder, Running, at, error_messages, is_installed};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

const STUBS: &str = r#"
[[stub]]
name = "over TLS only"
request = { path = "/whole", scheme = "https" }
response = { status = 203, reason = "Heard Elsewhere", headers.X-Twice = ["1", "2"], text = "secure" }

[[stub]]
name = "whole"
request.path = "/whole"
response.text = "plain"

[[stub]]
name = "echo"
request = { method = "POST", path = "/echo" }
response.text = "{{request.body}}"

[[stub]]
name = "reset"
request.path = "/reset"
response.fault = "reset"

[[stub]]
name = "empty"
request.path = "/empty"
response.fault = "empty"

[[stub]]
name = "garbage"
request.path = "/garbage"
response.fault = "garbage"

[[stub]]
name = "truncate"
request.path = "/truncate"
response = { fault = "truncate", text = "0123456789" }

[[stub]]
name = "stall"
request.path = "/stall"
response.fault = "stall"

[[stub]]
name = "slow"
request.path = "/slow"
response = { text = "0123456789", dribble = { chunks = 4, over = "100ms" } }

[[stub]]
name = "slower"
request.path = "/slower"
response = { text = "0123456789", dribble = { chunks = 1, over = "1h" } }
"#;

/// The TLS identity that all servers of these tests share.
static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::generate().expect("a certificate"));

fn start(secure: bool) -> Running {
    let folder = Folder::new();
    folder.write("https.toml", STUBS);
    let settings = ServerSettings { grace: Duration::from_secs(30 * 60), ..ServerSettings::default() };
    Running::start_as(std::slice::from_ref(&folder.path), Settings::default(), settings, move |server| match secure {
        true => server.https(IDENTITY.clone()),
        false => server,
    })
}

/// Has a worker thread, so that a client's connection is driven while the test waits for something else.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

/// Opens a TLS connection that trusts the certificate authority and offers these protocols.
async fn tls(server: &Running, protocols: &[&str]) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(IDENTITY.ca_pem().as_bytes()).expect("PEM");
    roots.add(authority).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("TLS");
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let socket = TcpStream::connect(server.addr).await.expect("the server listens");
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, socket).await.expect("TLS")
}

type Body = Empty<Bytes>;
type Received = hyper::Result<(Response<()>, String)>;

fn request(url: &str) -> Request<Body> {
    let request = Request::get(url).header("Host", "localhost").header("X-b", "1").header("Accept", "*/*");
    request.body(Body::new()).expect("a request")
}

async fn whole(reply: Response<hyper::body::Incoming>) -> Received {
    let (head, body) = reply.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok((Response::from_parts(head, ()), String::from_utf8_lossy(&body).into_owned()))
}

/// Sends one request over HTTP/1.1 and returns the answer.
async fn over_http1(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, target: &str) -> Received {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    whole(sender.send_request(request(target)).await?).await
}

/// Opens an HTTP/2 connection, by prior knowledge or over TLS.
async fn http2_over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> http2::SendRequest<Body> {
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

async fn plain_http2(server: &Running) -> http2::SendRequest<Body> {
    http2_over(TcpStream::connect(server.addr).await.expect("the server listens")).await
}

async fn send(sender: &http2::SendRequest<Body>, server: &Running, target: &str) -> Received {
    let mut request = request(&server.url(target));
    request.headers_mut().remove("host");
    whole(sender.clone().send_request(request).await?).await
}

/// Returns a request of the journal in WireMock's form. Place 0 is the newest.
fn logged(server: &Running, place: usize) -> Json {
    at(&recorded(server, "requests", place), "request").clone()
}

/// Returns a request of the journal as an endpoint of the admin API shows it. Place 0 is the newest.
fn recorded(server: &Running, endpoint: &str, place: usize) -> Json {
    let entry = server.engine.journal().entries.iter().rev().nth(place).expect("an entry").clone();
    let admin =
        cannery::admin::Admin::new(server.engine.clone(), "/__admin".to_owned(), cannery::model::Timestamp::now());
    let head = cannery::message::Head::compose("GET", &format!("/__admin/{endpoint}/{}", entry.id()), []);
    let mut list = cannery::message::Request::new(head, Bytes::new(), None, cannery::model::Timestamp::now());
    assert!(list.strip_base(admin.path()));
    let answer = admin.answer(&list);
    Json::parse(&answer.body.to_bytes()).expect("JSON")
}

#[test]
fn https_has_the_same_answers_as_http() {
    let server = start(true);

    let (reply, body) =
        runtime().block_on(async { over_http1(tls(&server, &[]).await, "/whole").await }).expect("an answer");

    let reason = reply.extensions().get::<hyper::ext::ReasonPhrase>().map(|reason| reason.as_bytes().to_vec());
    assert_eq!((reply.status().as_u16(), reason.as_deref()), (203, Some(&b"Heard Elsewhere"[..])));
    assert_eq!((reply.headers().get_all("x-twice").iter().count(), body.as_str()), (2, "secure"));
    let logged = logged(&server, 0);
    assert_eq!(at(&logged, "absoluteUrl").as_str(), Some("https://localhost/whole"));
    assert_eq!((at(&logged, "protocol").as_str(), at(&logged, "port").to_string()), (Some("HTTP/1.1"), "443".into()));
}

#[test]
fn http2_is_negotiated_by_alpn() {
    let server = start(true);

    let (reply, body) = runtime()
        .block_on(async {
            let stream = tls(&server, &["h2", "http/1.1"]).await;
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            let sender = http2_over(stream).await;
            let mut request = request("https://localhost:1234/whole?a=b");
            request.headers_mut().remove("host");
            whole(sender.clone().send_request(request).await?).await
        })
        .expect("an answer");

    assert_eq!((reply.version(), reply.status().as_u16(), body.as_str()), (Version::HTTP_2, 203, "secure"));
    let logged = logged(&server, 0);
    assert_eq!(at(&logged, "absoluteUrl").as_str(), Some("https://localhost:1234/whole?a=b"));
    assert_eq!(at(&logged, "url").as_str(), Some("/whole?a=b"));
    assert_eq!((at(&logged, "scheme").as_str(), at(&logged, "protocol").as_str()), (Some("https"), Some("HTTP/2")));
    let recorded = recorded(&server, "journal", 0);
    let Json::Array(headers) = at(&recorded, "rawHeaders") else { panic!("{recorded}") };
    let mut headers: Vec<String> = headers.iter().map(ToString::to_string).collect();
    headers.sort();
    assert_eq!(headers, [r#"["accept","*/*"]"#, r#"["host","localhost:1234"]"#, r#"["x-b","1"]"#]);
}

#[test]
fn a_client_that_offers_only_http1_gets_http1() {
    let server = start(true);

    let agreed =
        runtime().block_on(async { tls(&server, &["http/1.1"]).await.get_ref().1.alpn_protocol().map(<[u8]>::to_vec) });

    assert_eq!(agreed.as_deref(), Some(&b"http/1.1"[..]));
}

#[test]
fn a_plain_socket_detects_the_protocol_by_the_first_bytes() {
    let server = start(false);

    let (reply, body) = runtime()
        .block_on(async {
            let sender = plain_http2(&server).await;
            send(&sender, &server, "/whole").await
        })
        .expect("an answer");
    assert_eq!((reply.version(), body.as_str()), (Version::HTTP_2, "plain"));
    assert_eq!(at(&logged(&server, 0), "scheme").as_str(), Some("http"));

    // A POST starts with the same letter as the preface of HTTP/2. Its head is recorded byte for byte.
    let mut socket = Socket::connect(server.addr).expect("the server listens");
    socket.set_nodelay(true).expect("no delay");
    for byte in b"POST /echo HTTP/1.1\r\nhOST: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc" {
        socket.write_all(&[*byte]).expect("the server reads");
    }
    let mut reply = String::new();
    socket.read_to_string(&mut reply).expect("a reply");
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n") && reply.ends_with("\r\n\r\nabc"), "{reply}");
    let raw = at(&recorded(&server, "journal", 0), "rawHeaders").to_string();
    assert_eq!(raw, r#"[["hOST","h"],["Content-Length","3"],["Connection","close"]]"#);
}

#[test]
fn a_client_without_tls_or_trust_does_not_affect_others() {
    let server = start(true);
    let mut socket = Socket::connect(server.addr).expect("the server listens");
    socket.write_all(b"GET /whole HTTP/1.1\r\nHost: h\r\n\r\n").expect("the server reads");
    let mut received = Vec::new();
    let _ = socket.read_to_end(&mut received);
    assert!(!received.starts_with(b"HTTP/"), "{received:?}");

    let (_, body) =
        runtime().block_on(async { over_http1(tls(&server, &[]).await, "/whole").await }).expect("an answer");
    assert_eq!(body, "secure");
}

#[test]
fn curl_trusts_the_authority_over_http1_and_http2() {
    if !is_installed("curl") {
        return;
    }
    let folder = Folder::new();
    let authority = folder.write("ca.pem", IDENTITY.ca_pem());
    let (secure, plain) = (start(true), start(false));
    let curl = |how: &str, url: String| {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--noproxy", "*", "--max-time", "10", "-w", " %{http_version}", how]);
        let output = curl.arg("--cacert").arg(&authority).arg(url).output().expect("curl runs");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let port = secure.addr.port();

    assert_eq!(curl("--http1.1", format!("https://localhost:{port}/whole")), "secure 1.1");
    assert_eq!(curl("--http1.1", format!("https://127.0.0.1:{port}/whole")), "secure 1.1");
    let reset = curl("--http1.1", format!("https://localhost:{port}/reset"));
    assert!(reset.contains("Connection reset by peer"), "{reset}");
    let version = Command::new("curl").arg("--version").output().expect("curl runs").stdout;
    if String::from_utf8_lossy(&version).contains("HTTP2") {
        assert_eq!(curl("--http2", format!("https://localhost:{port}/whole")), "secure 2");
        assert_eq!(curl("--http2-prior-knowledge", plain.url("/whole")), "plain 2");
        let reset = curl("--http2-prior-knowledge", plain.url("/reset"));
        assert!(reset.contains("INTERNAL_ERROR"), "{reset}");
    }
}

const PYTHON: &str = r#"
import http.client, ssl, sys
trusting = ssl.create_default_context(cafile=sys.argv[1])
trusting.verify_flags |= ssl.VERIFY_X509_STRICT
for target in sys.argv[3:]:
    client = http.client.HTTPSConnection("localhost", int(sys.argv[2]), timeout=2, context=trusting)
    try:
        client.request("GET", target)
        print(target, client.getresponse().read().decode())
    except Exception as error:
        print(target, type(error).__name__)
"#;

#[test]
fn python_trusts_the_authority_and_reports_faults_over_tls() {
    if !is_installed("python3") {
        return;
    }
    let folder = Folder::new();
    let authority = folder.write("ca.pem", IDENTITY.ca_pem());
    let server = start(true);

    let mut python = Command::new("python3");
    python.args(["-c", PYTHON]).arg(authority).arg(server.addr.port().to_string());
    // A reset is left out, because Python's ssl module reports it as an end. curl and hyper report it.
    let output = python.args(["/whole", "/empty", "/garbage", "/truncate", "/slow"]).output();

    let output = output.expect("python3 runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let expected = "/whole secure\n/empty RemoteDisconnected\n/garbage BadStatusLine\n\
         /truncate IncompleteRead\n/slow 0123456789\n";
    assert_eq!(printed, expected, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn faults_over_tls_end_the_connection() {
    let server = start(true);
    let get = |target: &'static str| {
        let answer = async { over_http1(tls(&server, &[]).await, target).await };
        runtime().block_on(async { tokio::time::timeout(Duration::from_secs(10), answer).await.expect("in time") })
    };
    let failed = |target| error_messages(&get(target).expect_err(target));

    let reset = failed("/reset");
    assert!(reset.contains("reset by peer"), "{reset}");
    assert!(failed("/empty").contains("connection closed before message completed"));
    assert!(failed("/garbage").contains("invalid HTTP version parsed"));
    assert!(failed("/truncate").contains("end of file before message length reached"));
    assert_eq!(get("/slow").expect("whole").1, "0123456789");
}

#[test]
fn a_fault_over_http2_resets_only_its_stream() {
    let server = start(false);
    runtime().block_on(async {
        let sender = plain_http2(&server).await;
        let stalled = tokio::spawn({
            let request = request(&server.url("/stall"));
            sender.clone().send_request(request)
        });

        let reset = error_messages(&send(&sender, &server, "/reset").await.expect_err("a reset"));
        assert!(reset.contains("stream error received"), "{reset}");
        let mut truncated = sender.clone().send_request(request(&server.url("/truncate"))).await.expect("a head");
        assert_eq!(truncated.headers()["content-length"], "10");
        let first = truncated.body_mut().frame().await.expect("a frame").expect("data").into_data().expect("data");
        assert_eq!(&first[..], b"01234");
        let broken = truncated.body_mut().frame().await.expect("an end").expect_err("a reset");
        assert!(error_messages(&broken).contains("stream error received"), "{}", error_messages(&broken));

        assert_eq!(send(&sender, &server, "/slow").await.expect("whole").1, "0123456789");
        assert_eq!(send(&sender, &server, "/whole").await.expect("whole").1, "plain");
        assert!(!stalled.is_finished());
        stalled.abort();
    });
}

#[test]
fn empty_and_garbage_end_the_whole_http2_connection() {
    let server = start(false);
    for target in ["/empty", "/garbage"] {
        runtime().block_on(async {
            let sender = plain_http2(&server).await;

            let failed = send(&sender, &server, target).await;

            assert!(failed.is_err(), "{target}");
            let mut after = sender.clone();
            let closed = poll_fn(|cx| after.poll_ready(cx));
            assert!(tokio::time::timeout(Duration::from_secs(10), closed).await.expect("in time").is_err(), "{target}");
        });
    }
}

#[test]
fn stopping_does_not_wait_for_a_stall_over_http2() {
    let server = start(false);
    let runtime = runtime();
    let stalled = runtime.block_on(async {
        let sender = plain_http2(&server).await;
        let slower = sender.clone().send_request(request(&server.url("/slower"))).await.expect("a head");
        let stalled = tokio::spawn(sender.clone().send_request(request(&server.url("/stall"))));
        while server.engine.journal().entries.len() < 2 {
            tokio::task::yield_now().await;
        }
        (slower, stalled)
    });

    // Without the limit of the grace period, this would take half an hour.
    drop(server);

    runtime.block_on(async {
        assert!(stalled.0.into_body().collect().await.is_err());
        assert!(stalled.1.await.expect("no panic").is_err());
    });
}
