//! HTTPS and HTTP/2 of a test's own server.

#![cfg(all(feature = "http2", feature = "tls"))]
#![allow(missing_docs)]

use std::sync::Arc;

use bytes::Bytes;
use cannery::{MockServer, given, status};
use http_body_util::{BodyExt as _, Empty};
use hyper::Version;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Opens a TLS connection that trusts one certificate authority and offers these protocols.
async fn connect_tls(server: &MockServer, pem: &str, protocols: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(server.addr()).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").expect("a name"), stream).await
}

fn request(path: &str) -> hyper::Request<Empty<Bytes>> {
    let request = hyper::Request::get(format!("https://localhost{path}")).header("Host", "localhost");
    request.body(Empty::new()).expect("a request")
}

fn https() -> MockServer {
    let server = MockServer::builder().https().start();
    server.stub(
        given::get("/{name}")
            .scheme("https")
            .respond(status(200).text("{{request.path_params.name}}").template(true))
            .expect(1),
    );
    server
}

#[tokio::test]
async fn http_1_is_served_over_tls() {
    let server = https();
    let stream = connect_tls(&server, server.certificate_pem(), &[b"http/1.1"]).await.expect("trust");
    let (mut sender, driving) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    tokio::spawn(driving);

    let reply = sender.send_request(request("/one")).await.expect("an answer");

    assert_eq!(reply.version(), Version::HTTP_11);
    assert_eq!(reply.into_body().collect().await.expect("a body").to_bytes(), "one");
    assert_eq!((server.received().only().scheme(), server.uri().starts_with("https://127.0.0.1:")), ("https", true));
}

#[tokio::test]
async fn http_2_is_negotiated_by_alpn() {
    let server = https();
    let stream = connect_tls(&server, server.certificate_pem(), &[b"h2", b"http/1.1"]).await.expect("trust");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = TokioIo::new(stream);
    let (mut sender, driving) = http2::handshake(TokioExecutor::new(), io).await.expect("HTTP/2");
    tokio::spawn(driving);

    let reply = sender.send_request(request("/two")).await.expect("an answer");

    assert_eq!(reply.version(), Version::HTTP_2);
    assert_eq!(server.received().only().path(), "/two");
}

#[tokio::test]
async fn http_2_is_served_by_prior_knowledge() {
    let server = MockServer::start();
    server.stub(given::get("/{name}").respond(status(200)).expect(1));
    let io = TokioIo::new(TcpStream::connect(server.addr()).await.expect("the server listens"));
    let (mut sender, driving) = http2::handshake(TokioExecutor::new(), io).await.expect("HTTP/2");
    tokio::spawn(driving);

    let reply = sender.send_request(request("/two")).await.expect("an answer");

    assert_eq!((reply.status().as_u16(), server.received().only().path()), (200, "/two"));
}

#[tokio::test]
async fn all_servers_of_a_process_have_one_certificate_authority() {
    let (one, other) = (MockServer::builder().https().start(), MockServer::builder().https().start());

    assert_eq!(one.certificate_pem(), other.certificate_pem());
    assert!(connect_tls(&one, other.certificate_pem(), &[]).await.is_ok());
}

#[test]
#[should_panic(expected = "built with `.https()`")]
fn a_plain_server_has_no_certificate() {
    let _ = MockServer::start().certificate_pem();
}
