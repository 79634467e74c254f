//! Bodies that arrive slowly, malformed, compressed, or not at all, without harm to other requests.

#![cfg(all(feature = "admin", feature = "gzip", feature = "templates"))]
#![allow(missing_docs)]

mod support;

use std::io::Write as _;
use std::time::{Duration, Instant};

use cannery::engine::Settings;
use cannery::model::Json;
use cannery::server::ServerSettings;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use support::{Folder, Running, at};

const STUBS: &str = r#"
[[stub]]
name = "echo"
request = { method = "POST", path = "/echo" }
response.text = "{{request.body}}"

[[stub]]
name = "any body"
request = { method = "POST", path = "/any" }
response.text = "any"

[[stub]]
name = "hello"
request.path = "/hello"
response.text = "hello"
"#;

const CHUNKED: &str = "POST /any HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

fn serve(settings: ServerSettings) -> Running {
    let folder = Folder::new();
    let path = folder.write("scenario.toml", STUBS);
    Running::start_at(&[path], Settings::default(), settings)
}

fn with_body_timeout(body_timeout: Duration) -> Running {
    serve(ServerSettings { body_timeout, ..ServerSettings::default() })
}

fn with_max_body(max_body: usize) -> Running {
    serve(ServerSettings { max_body, ..ServerSettings::default() })
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(plain).expect("memory");
    packer.finish().expect("memory")
}

/// Returns an empty body, packed as a gzip member with a file name.
fn named_gzip(name: String) -> Vec<u8> {
    flate2::GzBuilder::new().filename(name).write(Vec::new(), Compression::fast()).finish().expect("memory")
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(plain).expect("memory");
    packer.finish().expect("memory")
}

/// Returns the status of the newest entry of the journal, and the reason why it was refused.
fn newest(server: &Running) -> (Json, String) {
    let listed = server.admin("GET", "/journal", "");
    let entry = at(&listed, "entries.0");
    let refused = at(entry, "refused").as_str().unwrap_or_default().to_owned();
    (at(entry, "answer.status").clone(), refused)
}

#[test]
fn a_slow_body_gets_408_after_its_timeout() {
    let server = with_body_timeout(Duration::from_millis(400));
    let mut slow = server.connect();
    slow.write(b"POST /any HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
    let started = Instant::now();

    std::thread::scope(|scope| {
        let answer = scope.spawn(|| {
            for _ in 0..5 {
                slow.write(b"x");
                std::thread::sleep(Duration::from_millis(60));
            }
            (slow.read(), slow.is_closed())
        });
        while !answer.is_finished() {
            let started = Instant::now();
            assert_eq!(server.get("/hello").text(), "hello");
            assert!(started.elapsed() < Duration::from_millis(300), "{:?}", started.elapsed());
        }
        let (reply, closed) = answer.join().expect("an answer");
        assert_eq!(reply.status, 408);
        assert_eq!(reply.text(), "the body did not arrive within the 400ms that `--body-timeout` allows\n");
        assert!(closed);
    });

    assert!(started.elapsed() >= Duration::from_millis(400));
    let listed = server.admin("GET", "/journal", "");
    let Json::Array(entries) = at(&listed, "entries") else { panic!("{listed}") };
    let late = entries.iter().find(|entry| at(entry, "target").as_str() == Some("/any")).expect("an entry");
    assert_eq!(at(late, "answer.status").to_string(), "408");
    assert_eq!(at(late, "bodyCut.length").to_string(), "5");
    assert!(at(late, "refused").as_str().is_some_and(|reason| reason.contains("400ms")), "{late}");
}

#[test]
fn a_body_that_is_sent_in_pieces_within_the_timeout_is_answered() {
    let server = with_body_timeout(Duration::from_secs(20));
    let mut connection = server.connect();
    connection.write(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
    for byte in ["a", "b", "c", "d"] {
        std::thread::sleep(Duration::from_millis(30));
        connection.write(byte.as_bytes());
    }

    assert_eq!(connection.read().text(), "abcd");
}

#[test]
fn a_slow_chunked_body_gets_408_too() {
    let server = with_body_timeout(Duration::from_millis(200));
    let mut connection = server.connect();
    connection.write(format!("{CHUNKED}5\r\nab").as_bytes());

    assert_eq!(connection.read().status, 408);
    assert!(connection.is_closed());
}

#[test]
fn malformed_chunks_get_400_at_once_and_end_the_connection() {
    let server = with_body_timeout(Duration::from_secs(60));
    let smuggled = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";
    for (body, reason) in [
        ("xyz\r\nabc\r\n0\r\n\r\n".to_owned(), "missing size digit"),
        ("\r\nabc\r\n0\r\n\r\n".to_owned(), "missing size digit"),
        ("-1\r\nabc\r\n0\r\n\r\n".to_owned(), "missing size digit"),
        ("3g\r\nabc\r\n0\r\n\r\n".to_owned(), "Invalid Size"),
        ("3 3\r\nabc\r\n0\r\n\r\n".to_owned(), "white space"),
        ("3\nabc\r\n0\r\n\r\n".to_owned(), "Invalid Size"),
        ("3\rabc\r\n0\r\n\r\n".to_owned(), "size LF"),
        ("3\r\nabcd\r\n0\r\n\r\n".to_owned(), "body CR"),
        ("3\r\nabc\r0\r\n\r\n".to_owned(), "body LF"),
        ("fffffffffffffffff\r\nabc\r\n0\r\n\r\n".to_owned(), "overflow"),
        (format!("3;{}\r\nabc\r\n0\r\n\r\n", "e".repeat(20_000)), "extensions over limit"),
        ("3;e\nabc\r\n0\r\n\r\n".to_owned(), "newline"),
        (format!("0\r\nT: {}\r\n\r\n", "t".repeat(20_000)), "over limit"),
        (format!("0\r\n{}\r\n", "T: t\r\n".repeat(2_000)), "overflow"),
        ("0\r\nno colon\r\n\r\n".to_owned(), "header"),
    ] {
        let (mut connection, started) = (server.connect(), Instant::now());
        connection.write(format!("{CHUNKED}{body}{smuggled}").as_bytes());

        let reply = connection.read();
        let shown = body.get(..20).unwrap_or(&body);
        assert_eq!(reply.status, 400, "{shown:?}: {}", reply.text());
        assert!(reply.text().starts_with("the body is not valid chunked transfer coding: "), "{}", reply.text());
        assert!(reply.text().contains(reason), "{shown:?}: {}", reply.text());
        assert!(started.elapsed() < Duration::from_secs(1));
        assert_eq!(connection.rest().0, "", "{shown:?}: no other answer");
        let (status, refused) = newest(&server);
        assert_eq!((status.to_string(), refused + "\n"), ("400".to_owned(), reply.text()), "{shown:?}");
    }
    assert_eq!(server.get("/hello").text(), "hello");
}

#[test]
fn a_client_that_disconnects_during_its_body_is_recorded() {
    let server = with_body_timeout(Duration::from_secs(60));
    for sent in [
        "POST /any HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab".to_owned(),
        format!("{CHUNKED}5\r\nab"),
        format!("{CHUNKED}5"),
    ] {
        let mut connection = server.connect();
        connection.write(sent.as_bytes());
        connection.shut_down_writing();

        assert_eq!(connection.read().status, 408);
        let (status, refused) = newest(&server);
        assert_eq!(status.to_string(), "408");
        assert_eq!(refused, "the client went away before the end of the body");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_claimed_length_allocates_nothing() {
    let server = with_max_body(64 << 30);
    let before = resident();

    let mut claims: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for connection in &mut claims {
        connection.write(b"POST /any HTTP/1.1\r\nHost: h\r\nContent-Length: 68719476736\r\n\r\nx");
    }
    std::thread::sleep(Duration::from_millis(200));

    assert_eq!(server.get("/hello").text(), "hello");
    assert!(resident() < before + 64 * 1024, "{} KiB", resident() - before);
    let large = "x".repeat(3 << 20);
    assert!(server.send("POST", "/echo", &[], &large).text() == large);
}

/// Returns the resident memory of this process, in KiB.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("the line");
    line.split_whitespace().nth(1).and_then(|size| size.parse().ok()).expect("a size")
}

#[test]
fn a_body_that_unpacks_to_more_than_the_limit_gets_413() {
    let server = with_max_body(100_000);
    let plain = "a".repeat(100_001);
    let reason = "the body unpacks to more than the 100000 bytes that `--max-body` allows";

    for (encoding, body) in [
        ("gzip", gzip(plain.as_bytes())),
        ("deflate", deflate(plain.as_bytes())),
        ("gzip, gzip", gzip(&gzip(plain.as_bytes()))),
        ("deflate, gzip", gzip(&deflate(plain.as_bytes()))),
        ("gzip", [gzip(&plain.as_bytes()[1..]), gzip(b"one more")].concat()),
        // The inner encoding is the large one: it unpacks to nothing.
        ("gzip, gzip", gzip(&named_gzip("n".repeat(2000)).repeat(100))),
    ] {
        for path in ["/any", "/echo"] {
            let reply = server.send("POST", path, &[("Content-Encoding", encoding)], &body);
            assert_eq!((reply.status, reply.text()), (413, format!("{reason}\n")), "{encoding}");
            assert_eq!(newest(&server).0.to_string(), "413");
            assert_eq!(newest(&server).1, reason);
        }
    }
}

#[test]
fn a_body_in_several_encodings_is_read_up_to_the_limit() {
    let server = with_max_body(100_000);
    let plain = "b".repeat(100_000);

    for (headers, body) in [
        (&[("Content-Encoding", "gzip")][..], gzip(plain.as_bytes())),
        (&[("Content-Encoding", "identity, GZIP ,x-gzip")], gzip(&gzip(plain.as_bytes()))),
        (&[("Content-Encoding", "deflate"), ("Content-Encoding", "gzip")], gzip(&deflate(plain.as_bytes()))),
    ] {
        let reply = server.send("POST", "/echo", headers, &body);
        assert_eq!(reply.status, 200);
        assert!(reply.text() == plain, "{headers:?}");
    }
    let unknown = server.send("POST", "/echo", &[("Content-Encoding", "br")], "as sent");
    assert_eq!(unknown.text(), "as sent");
}

#[test]
#[cfg(target_os = "linux")]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let server = with_max_body(16 << 20);
    // A gigabyte, packed twice.
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    (0..1024).for_each(|_| packer.write_all(&[b'0'; 1 << 20]).expect("memory"));
    let bomb = gzip(&packer.finish().expect("memory"));
    let (before, started) = (resident(), Instant::now());

    let reply = server.send("POST", "/any", &[("Content-Encoding", "gzip, gzip")], &bomb);

    assert_eq!(reply.status, 413);
    assert!(resident() < before + 96 * 1024, "{} KiB", resident() - before);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn many_empty_gzip_members_do_not_delay_a_request() {
    let server = with_max_body(16 << 20);
    let started = Instant::now();

    let members = [gzip(b"").repeat(800), gzip(b"read")].concat();
    assert_eq!(server.send("POST", "/echo", &[("Content-Encoding", "gzip")], &members).text(), "read");
    let members = gzip(b"").repeat(500_000);
    assert_eq!(server.send("POST", "/any", &[("Content-Encoding", "gzip")], &members).text(), "any");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[cfg(feature = "http2")]
mod over_http2 {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use hyper::body::{Body, Frame};
    use hyper_util::rt::{TokioExecutor, TokioIo};

    use super::*;

    /// A body that sends its first byte and never ends.
    struct Endless(bool);

    impl Body for Endless {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            match std::mem::replace(&mut self.0, true) {
                false => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x"))))),
                true => Poll::Pending,
            }
        }
    }

    #[test]
    fn a_body_that_never_ends_gets_408() {
        let server = with_body_timeout(Duration::from_millis(300));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");

        let status = runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(server.addr).await.expect("the server listens");
            let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
            let (mut sender, connection) = handshake.await.expect("HTTP/2");
            tokio::spawn(connection);
            let request = hyper::Request::post(server.url("/any")).body(Endless(false)).expect("a request");
            let answered = tokio::time::timeout(Duration::from_secs(10), sender.send_request(request)).await;
            answered.expect("in time").expect("an answer").status().as_u16()
        });

        assert_eq!(status, 408);
        assert_eq!(newest(&server).0.to_string(), "408");
        assert!(newest(&server).1.contains("300ms"));
    }
}

#[test]
fn a_form_of_too_many_fields_is_undecided() {
    let folder = Folder::new();
    let path = folder.write(
        "scenario.toml",
        "[[stub]]\nname = 'a form'\nrequest = { path = '/form', form.a.present = true }\nresponse.text = 'a'\n\
         [[stub]]\nname = 'any'\nresponse.text = 'any'\n",
    );
    let server = Running::start_at(&[path], Settings::default(), ServerSettings::default());
    let form = [("Content-Type", "application/x-www-form-urlencoded")];

    let allowed = server.send("POST", "/form", &form, "a&".repeat(999_999));
    let refused = server.send("POST", "/form", &form, "a&".repeat(1_000_000));

    assert_eq!((allowed.status, allowed.text().as_str()), (200, "a"));
    assert_eq!(refused.status, 500);
    assert!(
        refused.text().contains("`form a` is undecided: the form has more than 1000000 fields"),
        "{}",
        refused.text()
    );
}
