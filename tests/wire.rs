//! HTTP on the wire: framing, limits, and invalid requests.

#![cfg(all(feature = "admin", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use std::io::Read as _;
use std::time::{Duration, Instant};

use cannery::engine::Settings;
use cannery::model::Json;
use cannery::server::ServerSettings;
use sha2::Digest as _;
use support::{Running, at, request, wait_until};

const ECHO: &str = r#"
[[stub]]
name = "echo"
request = { method = "POST", path = "/echo" }
response.text = "{{request.body}}"

[[stub]]
name = "hello"
request = { method = ["GET", "HEAD"], path = "/hello" }
[stub.response]
status = 203
reason = "Heard Elsewhere"
headers = { X-Twice = ["1", "2"], Content-Type = "text/x-hello" }
text = "hello"

[[stub]]
name = "only GET"
request = { method = "GET", path = "/get" }
response.json = {}

[[stub]]
name = "slow"
request.path = "/slow"
response = { text = "slow", delay = "300ms" }
"#;

fn with_max_body(max_body: usize) -> Running {
    let folder = support::Folder::new();
    let path = folder.write("scenario.toml", ECHO);
    Running::start_at(&[path], Settings::default(), ServerSettings { max_body, ..ServerSettings::default() })
}

#[test]
fn nothing_is_added_to_an_answer_but_date_and_length() {
    let server = Running::with(ECHO);

    let reply = server.get("/hello");
    assert_eq!((reply.status, reply.reason.as_str(), reply.text().as_str()), (203, "Heard Elsewhere", "hello"));
    let mut names: Vec<_> = reply.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Content-Length", "Content-Type", "Date", "X-Twice", "X-Twice"]);
}

#[test]
fn a_status_without_a_standard_phrase_is_sent_without_one() {
    let server = Running::with("[[stub]]\nrequest.path = \"/\"\nresponse.status = 299");
    let mut connection = server.connect();
    connection.write(b"GET / HTTP/1.1\r\nHost: made.up\r\nConnection: close\r\n\r\n");

    let (answer, _) = connection.rest();
    assert!(answer.starts_with("HTTP/1.1 299 \r\n"), "{answer}");
}

#[test]
fn a_head_request_is_answered_only_if_a_stub_matches_head() {
    let server = Running::with(ECHO);

    let head = server.send("HEAD", "/hello", &[], "");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (203, Some("5"), 0));
    assert_eq!(server.send("HEAD", "/get", &[], "").status, 404);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Running::with(ECHO);
    let mut connection = server.connect();
    let all: Vec<u8> = (0..50).flat_map(|n| request("POST", "/echo", &[], format!("body {n}").as_bytes())).collect();

    connection.write(&all);
    for n in 0..50 {
        assert_eq!(connection.read().text(), format!("body {n}"));
    }
    assert_eq!(server.engine.journal().entries.len(), 50);
}

#[test]
fn headers_are_recorded_in_the_order_and_case_in_which_they_were_sent() {
    let server = Running::with(ECHO);
    let mut connection = server.connect();
    connection.write(b"GET /hello HTTP/1.1\r\nhost: h\r\nX-b: 1\r\nAccept: */*\r\nx-B: 2\r\n\r\n");
    connection.read();

    let listed = server.admin("GET", "/requests", "");
    let expected = r#"[["host","h"],["X-b","1"],["Accept","*/*"],["x-B","2"]]"#;
    assert_eq!(at(&server.admin("GET", "/journal", ""), "entries.0.rawHeaders").to_string(), expected);
    assert_eq!(at(&listed, "requests.0.request.headers.X-b").to_string(), r#"["1","2"]"#);
}

/// Requests after which the connection continues with HTTP/1, although each could have switched to another protocol.
const FIRST_REQUESTS: [(&str, &str); 8] = [
    (
        "h2c",
        "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    ),
    ("h2c with a body", "POST /echo HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody"),
    (
        "websocket",
        "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    ),
    (
        "websocket in chunks",
        "POST /echo HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n\
         4\r\nbody\r\n0\r\nTrailer: x\r\n\r\n",
    ),
    ("CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"),
    ("continue", "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody"),
    ("1.0", "GET /hello HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n"),
    ("1.0 with an upgrade", "GET /hello HTTP/1.0\r\nConnection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n\r\n"),
];

#[test]
fn headers_are_recorded_as_sent_after_any_request_that_leaves_the_connection_open() {
    const NEXT: &str = "GET /hello HTTP/1.1\r\nhOsT: h\r\nX-OdD-CaSe: 1\r\nConnection: close\r\n\r\n";

    let server = Running::with(ECHO);
    for (name, first) in FIRST_REQUESTS {
        for pipelined in [true, false] {
            server.engine.reset_requests();
            let mut connection = server.connect();

            connection.write(first.as_bytes());
            while !pipelined && server.engine.journal().entries.is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
            connection.write(NEXT.as_bytes());
            let (replies, _) = connection.rest();

            assert!(replies.ends_with("\r\n\r\nhello"), "{name}, pipelined {pipelined}: {replies}");
            let journal = server.engine.journal();
            let heads: Vec<&[u8]> = journal.entries.iter().map(|entry| entry.head.raw()).collect();
            let (head, _) = first.split_once("\r\n\r\n").expect("the end of a head");
            let expected = [format!("{head}\r\n\r\n"), NEXT.to_owned()];
            assert_eq!(heads, expected.each_ref().map(String::as_bytes), "{name}, pipelined {pipelined}");
        }
    }
}

#[test]
fn a_body_beyond_the_limit_is_refused_and_its_prefix_length_and_hash_are_recorded() {
    let server = Running::with(ECHO);
    let body: Vec<u8> = (0..20 * 1024 * 1024).map(|n: u32| (n % 251) as u8).collect();

    let mut connection = server.connect();
    connection.write(&request("POST", "/echo", &[], &body));
    let reply = connection.read();
    assert_eq!(reply.status, 413);
    assert!(reply.text().contains("20971520 bytes, more than the 16777216"), "{}", reply.text());
    connection.write(&request("GET", "/hello", &[], b""));
    assert_eq!(connection.read().status, 203);

    let listed = server.admin("GET", "/journal", "");
    let cut = at(&listed, "entries.1.bodyCut");
    let hash: String = sha2::Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(at(cut, "length").to_string(), "20971520");
    assert_eq!(at(cut, "kept").to_string(), "65536");
    assert_eq!(at(cut, "sha256"), &Json::from(hash));
    assert_eq!(at(&listed, "entries.1.answer.status").to_string(), "413");
}

#[test]
fn a_chunked_body_beyond_the_limit_is_refused_too() {
    let server = with_max_body(100);
    let mut connection = server.connect();
    let chunk = "x".repeat(60);
    let head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    connection.write(format!("{head}3c\r\n{chunk}\r\n3c\r\n{chunk}\r\n0\r\n\r\n").as_bytes());

    assert_eq!(connection.read().status, 413);
    let entry = server.engine.journal().entries[0].clone();
    assert_eq!(entry.cut.as_ref().map(|cut| (cut.length, cut.complete)), Some((120, true)));
    assert_eq!(with_max_body(100).send("POST", "/echo", &[], "x".repeat(100)).status, 200);
}

#[test]
fn a_body_with_an_enormous_content_length_is_not_read() {
    let server = with_max_body(100);
    let mut connection = server.connect();
    connection.write(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n");

    assert_eq!(connection.read().status, 413);
    let entry = server.engine.journal().entries[0].clone();
    assert_eq!(entry.cut.as_ref().map(|cut| (cut.length, cut.complete)), Some((99_999_999_999, false)));
}

#[test]
fn bytes_that_are_not_http_get_400_and_an_entry() {
    let server = Running::with(ECHO);
    for (bytes, target) in [
        (&b"GET /\xFF\xFE HTTP/1.1\r\nHost: h\r\n\r\n"[..], "/%FF%FE"),
        (b"hello\r\n\r\n", ""),
        (b"GET /a b HTTP/1.1\r\n\r\n", "/a"),
    ] {
        let mut connection = server.connect();
        connection.write(bytes);
        assert_eq!(connection.read().status, 400);
        assert!(connection.is_closed());

        let entry = newest(&server);
        assert_eq!(at(&entry, "target").as_str(), Some(target));
        assert!(at(&entry, "refused").as_str().is_some_and(|reason| reason.starts_with("not an HTTP request")));
        assert_eq!(at(&entry, "answer.status").to_string(), "400");
    }
}

/// Waits for the next entry of the journal: that of a broken connection is recorded just after its answer.
fn newest(server: &Running) -> Json {
    static SEEN: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let expected = SEEN.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let listed = server.admin("GET", "/journal", "");
        if at(&listed, "received").to_string() == expected.to_string() {
            return at(&listed, "entries.0").clone();
        }
        assert!(Instant::now() < deadline, "{listed}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn gzip_is_used_if_the_client_accepts_it() {
    let server = Running::with(ECHO);
    let body = "to be packed ".repeat(100);

    let packed = server.send("POST", "/echo", &[("Accept-Encoding", "br, gzip;q=0.5")], &body);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < body.len());
    assert_eq!(packed.unpacked().text(), body);

    let refused = server.send("POST", "/echo", &[("Accept-Encoding", "gzip;q=0")], &body);
    assert_eq!((refused.header("content-encoding"), refused.text()), (None, body));
}

#[test]
fn a_compressed_answer_says_that_it_varies_and_its_etag_is_weak() {
    let server = Running::with(
        r#"
        [[stub]]
        request.path = "/strong"
        response = { headers.ETag = '"v1"', text = "body" }

        [[stub]]
        request.path = "/weak"
        response = { headers = { ETag = 'W/"v1"', Vary = "Origin, accept-encoding" }, text = "body" }
        "#,
    );
    for (path, vary) in [("/strong", "Accept-Encoding"), ("/weak", "Origin, accept-encoding")] {
        let reply = server.send("GET", path, &[("Accept-Encoding", "gzip")], "");
        assert_eq!(reply.header("content-encoding"), Some("gzip"), "{path}");
        let varies: Vec<_> =
            reply.headers.iter().filter(|(name, _)| name == "Vary").map(|(_, value)| value.as_str()).collect();
        assert_eq!((varies, reply.header("etag")), (vec![vary], Some("W/\"v1\"")), "{path}");
    }
    let plain = server.get("/strong");
    assert_eq!((plain.header("vary"), plain.header("etag")), (None, Some("\"v1\"")));
}

const DOWNLOADS: &str = r#"
[[stub]]
request.path = "/text"
response = { headers = { ETag = '"v1"', Last-Modified = "Mon, 30 Nov 2026 07:00:00 GMT" }, text = "0123456789" }

[[stub]]
request.path = "/bytes"
response = { headers.X-Path = "{{request.path}}", base64 = "AAEC/w==" }

[[stub]]
request.path = "/rendered"
response.text = "{{request.path}}"

[[stub]]
request.path = "/own"
response = { headers.Content-Range = "bytes 0-9/10", text = "0123456789" }

[[stub]]
request.path = "/created"
response = { status = 201, text = "0123456789" }
"#;

#[test]
fn a_range_request_gets_the_bytes_that_it_asks_for() {
    let server = Running::with(DOWNLOADS);
    let gzip = ("Accept-Encoding", "gzip");
    for (range, sent, body) in [
        ("bytes=0-3", "bytes 0-3/10", "0123"),
        ("Bytes=8-", "bytes 8-9/10", "89"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=-30", "bytes 0-9/10", "0123456789"),
        ("bytes=5-99999999999999999999999", "bytes 5-9/10", "56789"),
        ("bytes=20-30, 1-1", "bytes 1-1/10", "1"),
    ] {
        let reply = server.send("GET", "/text", &[("Range", range), gzip], "");
        assert_eq!((reply.status, reply.header("content-range")), (206, Some(sent)), "{range}");
        assert_eq!((reply.header("etag"), reply.text().as_str()), (Some("\"v1\""), body), "{range}");
        let entry = server.admin("GET", "/journal?limit=1", "");
        assert_eq!(at(&entry, "entries.0.answer.status").to_string(), "206");
    }
    let reply = server.send("GET", "/bytes", &[("Range", "bytes=2-")], "");
    assert_eq!((reply.status, reply.header("x-path"), &reply.body[..]), (206, Some("/bytes"), &[2, 255][..]));
}

#[test]
fn several_ranges_are_sent_as_parts() {
    let server = Running::with(DOWNLOADS);

    let reply = server.send("GET", "/text", &[("Range", "bytes=0-1,-2")], "");
    assert_eq!(reply.status, 206);
    assert_eq!(reply.header("content-type"), Some("multipart/byteranges; boundary=cannery-range-0"));
    let part = "Content-Type: text/plain; charset=utf-8\r\nContent-Range: bytes";
    let parts = format!(
        "--cannery-range-0\r\n{part} 0-1/10\r\n\r\n01\r\n--cannery-range-0\r\n{part} 8-9/10\r\n\r\n89\r\n--cannery-range-0--\r\n"
    );
    assert_eq!(reply.text(), parts);
}

#[test]
fn a_range_beyond_the_body_gets_416() {
    let server = Running::with(DOWNLOADS);

    for range in ["bytes=10-", "bytes=-0", "bytes=10-12,40-"] {
        let reply = server.send("GET", "/text", &[("Range", range)], "");
        assert_eq!((reply.status, reply.header("content-range")), (416, Some("bytes */10")), "{range}");
        assert_eq!(reply.text(), "", "{range}");
    }
}

#[test]
fn the_whole_body_is_sent_where_a_range_does_not_apply() {
    let server = Running::with(DOWNLOADS);
    let many = format!("bytes={}", vec!["0-0"; 51].join(","));
    for range in
        ["lines=0-1", "bytes=", "bytes=3-1", "bytes=a-", "bytes=+1-2", "bytes=0-,0-,0-", "bytes=0-,0-,0-0", &many]
    {
        let reply = server.send("GET", "/text", &[("Range", range)], "");
        assert_eq!((reply.status, reply.text().as_str()), (200, "0123456789"), "{range}");
    }
    for (path, status) in [("/rendered", 200), ("/created", 201)] {
        assert_eq!(server.send("GET", path, &[("Range", "bytes=0-0")], "").status, status, "{path}");
    }
    assert_eq!(server.send("POST", "/text", &[("Range", "bytes=0-0")], "").status, 200);
}

#[test]
fn an_answer_has_one_content_range() {
    let server = Running::with(DOWNLOADS);
    let reply = server.send("GET", "/own", &[("Range", "bytes=1-2")], "");
    let sent: Vec<_> = reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-range")).collect();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!((sent[0].1.as_str(), reply.text().as_str()), ("bytes 1-2/10", "12"));
}

#[test]
fn a_range_is_sent_only_of_the_version_that_if_range_names() {
    let server = Running::with(DOWNLOADS);
    for (validator, status) in [
        ("\"v1\"", 206),
        ("\"v2\"", 200),
        ("W/\"v1\"", 200),
        ("Mon, 30 Nov 2026 07:00:00 GMT", 206),
        ("Mon, 30 Nov 2026 07:00:01 GMT", 200),
    ] {
        let reply = server.send("GET", "/text", &[("Range", "bytes=0-0"), ("If-Range", validator)], "");
        assert_eq!(reply.status, status, "{validator}");
    }
}

#[test]
fn a_long_body_arrives_whole_while_other_requests_are_answered() {
    let server = Running::with(ECHO);
    let body: String = (0..300_000).map(|number| format!("{number} ")).collect();

    std::thread::scope(|scope| {
        let long = scope.spawn(|| server.send("POST", "/echo", &[], &body));
        while !long.is_finished() {
            assert_eq!(server.get("/hello").status, 203);
        }
        assert!(long.join().expect("an answer").text() == body);
    });
}

#[test]
fn a_delay_is_obeyed_and_delays_no_other_request() {
    let server = Running::with(ECHO);
    let mut slow = server.connect();
    let started = Instant::now();
    slow.write(&request("GET", "/slow", &[], b""));
    assert_eq!(server.get("/hello").status, 203);
    assert!(server.engine.journal().entries.len() >= 2 || slow_is_recorded(&server));

    assert_eq!(slow.read().text(), "slow");
    assert!(started.elapsed() >= Duration::from_millis(300));
}

/// Waits for the entry, which must be there before the delayed answer is sent.
fn slow_is_recorded(server: &Running) -> bool {
    let deadline = Instant::now() + Duration::from_millis(250);
    while Instant::now() < deadline {
        if server.engine.journal().entries.iter().any(|entry| entry.head.target() == "/slow") {
            return true;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    false
}

#[test]
fn a_client_that_disconnects_during_its_body_leaves_an_entry() {
    let server = Running::with(ECHO);
    let mut connection = server.connect();
    connection.write(b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
    connection.shut_down_writing();
    drop(connection);

    wait_until("the request is recorded", || !server.engine.journal().entries.is_empty());
    let entry = server.engine.journal().entries[0].clone();
    assert_eq!(entry.body[..], b"half"[..]);
    assert_eq!(entry.cut.as_ref().map(|cut| cut.complete), Some(false));
}

#[test]
fn a_widely_used_client_works() {
    let server = Running::with(ECHO);
    let agent = ureq::Agent::new_with_defaults();
    for n in 0..5 {
        let mut reply = agent.post(server.url("/echo")).send(format!("n{n}")).expect("an answer");
        assert_eq!(reply.body_mut().read_to_string().expect("text"), format!("n{n}"));
    }
}

#[test]
fn cors_is_enabled_only_by_its_setting() {
    let folder = support::Folder::new();
    let path = folder.write("scenario.toml", ECHO);
    let server =
        Running::start_at(&[path], Settings::default(), ServerSettings { cors: true, ..ServerSettings::default() });
    let origin = ("Origin", "http://page.example");

    let headers = [origin, ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-a, x-b")];
    let preflight = server.send("OPTIONS", "/anything", &headers, "");
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("http://page.example"));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("PUT"));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("x-a, x-b"));

    let answer = server.send("GET", "/hello", &[origin], "");
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://page.example"));
    assert!(answer.header("access-control-expose-headers").is_some_and(|names| names.contains("X-Twice")));
    assert_eq!(server.get("/hello").header("access-control-allow-origin"), None);
    assert_eq!(server.send("OPTIONS", "/anything", &[], "").status, 404);
    assert_eq!(at(&server.admin("GET", "/requests/unmatched", ""), "requests.1"), &Json::Null);
}

/// Large bodies are read and rendered on other threads, with the same result.
#[test]
fn large_and_small_bodies_are_answered_and_recorded_at_once() {
    let server = Running::with(ECHO);
    let mut connections: Vec<_> = (0..9).map(|_| server.connect()).collect();
    let body = |number: usize| format!("{number}").repeat(if number.is_multiple_of(2) { 50_000 } else { 5 });

    for (number, connection) in connections.iter_mut().enumerate() {
        let headers: &[_] = if number.is_multiple_of(3) { &[("Accept-Encoding", "gzip")] } else { &[] };
        connection.write(&request("POST", "/echo", headers, body(number).as_bytes()));
    }

    for (number, connection) in connections.iter_mut().enumerate() {
        let text = connection.read().unpacked().text();
        assert!(text == body(number), "{number}: {}", &text[..5]);
    }
    let numbers: String = (0..2000).map(|number| format!("{number} ")).collect();
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(numbers.as_bytes(), flate2::Compression::best())
        .read_to_end(&mut packed)
        .expect("gzip");
    let reply = server.send("POST", "/echo", &[("Content-Encoding", "gzip")], &packed);
    assert!(reply.text() == numbers, "{} bytes", packed.len());
    let journal = server.admin("GET", "/requests", "");
    assert_eq!(at(&journal, "meta.total").to_string(), "10");
}

#[test]
fn the_host_of_an_absolute_target_is_without_user_and_password() {
    let server = Running::with("[[stub]]\nrequest = { path = '/x', host = 'library.test' }\nresponse.text = 'here'\n");
    for target in ["http://library.test/x", "http://user:pass@Library.test:80/x", "http://a@b@library.test/x"] {
        assert_eq!(server.get(target).status, 200, "{target}");
    }
    assert_eq!(server.get("http://library.test@other.test/x").status, 404);
}

#[test]
#[cfg(feature = "json-schema")]
fn a_schema_of_a_parameter_or_header_validates_its_text_by_the_type() {
    let server = Running::with(
        r#"
[[stub]]
request = { path = "/text", query.id.json_schema = { type = "string", maxLength = 4 } }
[[stub]]
request = { path = "/member", json_path."$.s".json_schema = { type = "string", maxLength = 4 } }
[[stub]]
request = { path = "/number", headers.X-Count.json_schema = { type = "integer", minimum = 2 } }
"#,
    );
    let json = [("Content-Type", "application/json")];
    for (body, status) in [(r#"{"s":"abc"}"#, 200), (r#"{"s":"abcde"}"#, 404), (r#"{"s":12}"#, 404)] {
        assert_eq!(server.send("POST", "/member", &json, body).status, status, "{body}");
    }
    for (id, status) in [("123", 200), ("abc", 200), ("true", 200), ("", 200), ("abcde", 404), ("12345", 404)] {
        assert_eq!(server.get(&format!("/text?id={id}")).status, status, "{id}");
    }
    for (count, status) in [("2", 200), ("1", 404), ("2.5", 404), ("many", 404)] {
        assert_eq!(server.send("GET", "/number", &[("X-Count", count)], "").status, status, "{count}");
    }
}
