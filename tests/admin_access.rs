//! Who may use the admin API of a server in this process.

#![cfg(feature = "admin")]
#![allow(missing_docs)]

mod client;

use cannery::admin::AdminSettings;
use cannery::{MockServer, given, status};
use client::{answer, get, send};

#[test]
fn a_page_of_another_origin_cannot_change_the_server_of_a_test() {
    let server = MockServer::builder().admin().start();
    server.stub(given::get("/").respond(status(204)));

    let stub = r#"{"name": "planted", "request": {"path": "/"}, "response": {"text": "evil"}}"#;
    let page = [("Origin", "http://evil.example"), ("Content-Type", "text/plain")];
    let (refused, why) = send(&server, "POST", "/__admin/stubs", &page, stub);

    assert_eq!(refused, 403);
    assert!(why.contains("`--admin-origin`") && why.contains(&server.uri()), "{why}");
    assert_eq!(get(&server, "/").0, 204);
}

#[test]
fn pages_of_the_servers_own_origin_may_use_it() {
    let server = MockServer::builder().admin().start();
    let own = server.uri();

    let (accepted, _) = send(&server, "POST", "/__admin/reset", &[("Origin", own.as_str())], "");

    assert_eq!(accepted, 200);
}

#[test]
fn a_host_name_that_dns_resolves_is_refused() {
    let server = MockServer::builder().admin().start();

    assert_eq!(send(&server, "GET", "/__admin/requests", &[("Host", "evil.example")], "").0, 403);
}

#[test]
fn settings_set_its_path_and_who_may_use_it() {
    let mut settings = AdminSettings::at("/__cannery");
    settings.origins.push("http://localhost:3000".parse().expect("an origin"));
    settings.hosts.push("mock.test".parse().expect("a host"));
    settings.token = Some("made-up".parse().expect("a token"));
    let server = MockServer::builder().admin_with(settings).start();

    let page = [("Origin", "http://localhost:3000"), ("Host", "mock.test"), ("Authorization", "Bearer made-up")];
    let reply = answer(&server, "GET", "/__cannery/requests", &page, "");
    let without = send(&server, "GET", "/__cannery/requests", &page[..2], "");

    let readable = reply.headers().get("access-control-allow-origin").and_then(|origin| origin.to_str().ok());
    assert_eq!((reply.status().as_u16(), readable), (200, Some("http://localhost:3000")));
    assert_eq!((without.0, get(&server, "/__admin/requests").0), (401, 404));
}

#[test]
fn over_https_the_servers_own_origin_is_https() {
    use cannery::engine::{Engine, Settings, StubSet};
    use cannery::message::{Head, Protocol, Request};
    use cannery::model::Timestamp;
    let engine = std::sync::Arc::new(Engine::new(std::sync::Arc::<StubSet>::default(), Settings::default()));
    let admin = cannery::admin::Admin::new(engine, "/__admin", Timestamp::now());
    let status = |origin: &str| {
        let headers = [("Host", &b"localhost:8443"[..]), ("Origin", origin.as_bytes())];
        let head = Head::compose("POST", "/__admin/reset", headers);
        let request = Request::new(head, Default::default(), None, Timestamp::now());
        let mut request = request.over(Protocol { secure: true, ..Protocol::default() });
        request.strip_base(admin.path()).then(|| admin.answer(&request).status)
    };

    assert_eq!(status("https://localhost:8443"), Some(200));
    assert_eq!(status("http://localhost:8443"), Some(403));
}

#[cfg(feature = "http2")]
mod http2 {
    use bytes::Bytes;
    use cannery::MockServer;
    use http_body_util::Empty;
    use hyper::Request;
    use hyper::client::conn::http2;
    use hyper_util::rt::{TokioExecutor, TokioIo};

    /// The status of a request over HTTP/2 whose pseudo-header `:authority` is that of the URL.
    fn status(server: &MockServer, url: &str, headers: &[(&str, &str)]) -> u16 {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let stream = tokio::net::TcpStream::connect(server.addr()).await.expect("the server listens");
            let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
            let (mut sender, connection) = handshake.await.expect("HTTP/2");
            tokio::spawn(connection);
            let request =
                headers.iter().fold(Request::post(url), |request, (name, value)| request.header(*name, *value));
            let reply = sender.send_request(request.body(Empty::<Bytes>::new()).expect("a request")).await;
            reply.expect("an answer").status().as_u16()
        })
    }

    #[test]
    fn the_authority_of_http2_is_the_host() {
        let server = MockServer::builder().admin().start();

        assert_eq!(status(&server, "http://localhost/__admin/reset", &[]), 200);
        assert_eq!(status(&server, "http://localhost/__admin/reset", &[("Host", "localhost")]), 200);
        assert_eq!(status(&server, "http://evil.example/__admin/reset", &[]), 403);
        assert_eq!(status(&server, "http://evil.example/__admin/reset", &[("Host", "localhost")]), 403);
        assert_eq!(status(&server, "http://localhost/__admin/reset", &[("Host", "evil.example")]), 403);
        assert_eq!(status(&server, "http://localhost/__admin/reset", &[("Origin", "http://localhost")]), 200);
        assert_eq!(status(&server, "http://localhost/__admin/reset", &[("Origin", "http://evil.example")]), 403);
    }
}
