//! Faults and dribbles as clients see them: curl, Python's http.client, reqwest, and a bare socket.

#![cfg(all(feature = "admin", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use cannery::engine::Settings;
use cannery::server::ServerSettings;
use support::{FAULT_STUBS, Folder, Running, at, error_messages, is_installed, request};

/// The stubs besides [`FAULT_STUBS`].
const MORE_STUBS: &str = r#"
[[stub]]
name = "whole"
request.path = "/whole"
response.text = "whole"

[[stub]]
name = "large"
request.path = "/large"
response.file = "large.txt"

[[stub]]
name = "empty"
request.path = "/empty"
response.fault = "empty"

[[stub]]
name = "garbage"
request.path = "/garbage"
response.fault = "garbage"

[[stub]]
name = "stall"
request.path = "/stall"
response.fault = "stall"

[[stub]]
name = "slower"
request.path = "/slower"
response = { text = "0123456789", dribble = { chunks = 1, over = "1h" } }
"#;

/// More bytes than the socket buffers of both sides hold.
const LARGE: usize = 8 << 20;

/// Longer than any test takes.
const FOREVER: Duration = Duration::from_secs(30 * 60);

fn faults() -> Running {
    let folder = Folder::new();
    folder.write("large.txt", &"~".repeat(LARGE));
    folder.write("faults.toml", &format!("{FAULT_STUBS}{MORE_STUBS}"));
    let server = ServerSettings { grace: FOREVER, ..ServerSettings::default() };
    Running::start_at(std::slice::from_ref(&folder.path), Settings::default(), server)
}

/// Returns the exit code of curl, and what it prints on both streams.
fn curl(server: &Running, target: &str) -> (Option<i32>, String) {
    let url = server.url(target);
    let output = Command::new("curl").args(["-sS", "--noproxy", "*", "--max-time", "1", &url]).output();
    let output = output.expect("curl runs");
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn curl_reports_each_fault() {
    if !is_installed("curl") {
        return;
    }
    let server = faults();

    for (target, code, message) in [
        ("/reset", 56, "Connection reset by peer"),
        ("/late", 56, "Connection reset by peer"),
        ("/empty", 52, "Empty reply from server"),
        ("/garbage", 1, "HTTP/0.9"),
        ("/truncate", 18, "bytes remaining"),
        ("/stall", 28, "0 bytes received"),
        ("/slower", 28, "0 out of 10 bytes received"),
    ] {
        let (ended, printed) = curl(&server, target);
        // Some versions of curl say "outstanding read data remaining" instead.
        let message = if printed.contains("outstanding") { "outstanding" } else { message };
        assert!(ended == Some(code) && printed.contains(message), "{target}: {ended:?} {printed}");
    }
    assert!(curl(&server, "/truncate").1.starts_with("01234curl"), "the first half arrives");
    assert_eq!(curl(&server, "/slow"), (Some(0), "0123456789".to_owned()));
}

const PYTHON: &str = r#"
import http.client, sys
for target in sys.argv[2:]:
    client = http.client.HTTPConnection(sys.argv[1], timeout=0.5)
    try:
        client.request("GET", target)
        reply = client.getresponse()
        print(target, reply.status, reply.read().decode())
    except Exception as error:
        print(target, type(error).__name__, getattr(error, "partial", b"").decode())
"#;

#[test]
fn python_reports_each_fault() {
    if !is_installed("python3") {
        return;
    }
    let server = faults();
    let targets = ["/reset", "/empty", "/garbage", "/truncate", "/stall", "/slow"];

    let output = Command::new("python3").args(["-c", PYTHON, &server.addr.to_string()]).args(targets).output();

    let output = output.expect("python3 runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let expected = [
        "/reset ConnectionResetError",
        "/empty RemoteDisconnected",
        "/garbage BadStatusLine",
        "/truncate IncompleteRead 01234",
        "/stall TimeoutError",
        "/slow 200 0123456789",
    ];
    assert_eq!(lines, expected, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn reqwest_reports_each_fault() {
    let server = faults();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let get = |target: &str, timeout: Duration| {
        runtime.block_on(async { client.get(server.url(target)).timeout(timeout).send().await?.text().await })
    };
    let failed = |target: &str, timeout| get(target, timeout).expect_err(target);
    let long = Duration::from_secs(10);

    let reset = error_messages(&failed("/reset", long));
    assert!(reset.contains("reset by peer"), "{reset}");
    let empty = error_messages(&failed("/empty", long));
    assert!(empty.contains("connection closed before message completed"), "{empty}");
    let garbage = error_messages(&failed("/garbage", long));
    assert!(garbage.contains("invalid HTTP version parsed"), "{garbage}");
    let truncated = failed("/truncate", long);
    assert!(truncated.is_body() || truncated.is_decode(), "{truncated:?}");
    assert!(
        error_messages(&truncated).contains("end of file before message length reached"),
        "{}",
        error_messages(&truncated)
    );
    assert!(failed("/stall", Duration::from_millis(300)).is_timeout());
    assert!(failed("/slower", Duration::from_millis(300)).is_timeout());
    assert_eq!(get("/slow", long).expect("whole"), "0123456789");
    assert!(get("/passes", long).is_err());
    assert_eq!(get("/passes", long).expect("a second answer"), "at last");
}

/// Opens a plain socket and sends these requests.
fn bare(server: &Running, requests: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.addr).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    stream.write_all(requests).expect("the server reads");
    stream
}

fn get(target: &str) -> Vec<u8> {
    request("GET", target, &[], b"")
}

/// Returns all bytes until the end of the connection, and whether it ended by a reset.
fn rest(stream: &mut TcpStream) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Ok(_) => (all, false),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => (all, true),
        Err(error) => panic!("{error} after {} bytes", all.len()),
    }
}

#[test]
fn answers_before_a_fault_arrive_whole() {
    let server = faults();

    for fault in ["/reset", "/empty", "/garbage", "/truncate"] {
        let mut stream = bare(&server, &[get("/whole"), get("/large"), get(fault), get("/whole")].concat());
        let (received, was_reset) = rest(&mut stream);

        let text = String::from_utf8_lossy(&received);
        assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{fault}");
        assert_eq!(received.iter().filter(|byte| **byte == b'~').count(), LARGE, "{fault}");
        assert_eq!(was_reset, fault == "/reset", "{fault}");
    }
    let listed = server.admin("GET", "/journal", "");
    assert_eq!(at(&listed, "received").to_string(), "12", "requests after a fault are never read");
}

/// A reset discards what the socket buffers hold for a client that has not read it yet.
#[test]
#[cfg(target_os = "linux")]
fn a_reset_waits_until_a_slow_client_has_read_the_earlier_answers() {
    let folder = Folder::new();
    for (name, length) in [("a", 100_000), ("b", 400_000), ("c", 1_600_000)] {
        folder.write(&format!("{name}.txt"), &"~".repeat(length));
    }
    folder.write("late.toml", LATE_READERS);
    let server = Running::start_at(std::slice::from_ref(&folder.path), Settings::default(), ServerSettings::default());

    for (name, length) in [("a", 100_000), ("b", 400_000), ("c", 1_600_000)] {
        let mut stream = bare(&server, &[get(&format!("/{name}")), get("/reset")].concat());
        let before = server.engine.journal().entries.len();
        let started = Instant::now();
        while server.engine.journal().entries.len() < before + 2 && started.elapsed() < Duration::from_millis(200) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let (received, was_reset) = rest(&mut stream);
        assert_eq!(received.iter().filter(|byte| **byte == b'~').count(), length, "{name}");
        assert!(was_reset, "{name}");
    }
}

#[cfg(target_os = "linux")]
const LATE_READERS: &str = r#"
[[stub]]
request.path = "/reset"
response.fault = "reset"

[[stub]]
request.path = "/{name}"
response.file = "{{request.path_params.name}}.txt"
"#;

#[test]
fn each_fault_sends_the_documented_bytes() {
    let server = faults();
    let sent = |target: &str| rest(&mut bare(&server, &get(target)));

    assert_eq!(sent("/reset"), (Vec::new(), true));
    assert_eq!(sent("/empty"), (Vec::new(), false));
    let (garbage, was_reset) = sent("/garbage");
    assert!(!garbage.is_empty() && !garbage.starts_with(b"HTTP/") && !was_reset, "{garbage:?}");
    let (truncated, was_reset) = sent("/truncate");
    let text = String::from_utf8(truncated).expect("text");
    assert!(text.starts_with("HTTP/1.1 203 "), "{text}");
    assert!(text.contains("\r\nContent-Length: 10\r\n") && text.ends_with("\r\n\r\n01234") && !was_reset, "{text}");
}

#[test]
fn neither_a_fault_nor_a_dribble_is_compressed() {
    let server = faults();
    let gzip = [("Accept-Encoding", "gzip")];

    let slow = server.send("GET", "/slow", &gzip, "");
    let (truncated, _) = rest(&mut bare(&server, &request("GET", "/truncate", &gzip, b"")));

    assert_eq!((slow.header("content-encoding"), slow.text().as_str()), (None, "0123456789"));
    assert!(truncated.ends_with(b"01234"));
}

#[test]
fn an_answer_to_head_is_whole_although_its_body_would_be_cut() {
    let server = faults();
    let mut connection = server.connect();

    for target in ["/truncate", "/slower", "/whole"] {
        connection.write(&request("HEAD", target, &[], b""));
        let reply = connection.read_to("HEAD");
        assert!(reply.header("content-length").is_some(), "{target}: {reply:?}");
    }
}

#[test]
fn a_dribble_sends_its_head_at_once_and_keeps_the_connection() {
    let server = faults();
    let mut connection = server.connect();

    let started = Instant::now();
    connection.write(&[get("/slow"), get("/whole")].concat());
    assert_eq!(connection.read().text(), "0123456789");
    assert!(started.elapsed() >= Duration::from_millis(200), "{:?}", started.elapsed());
    assert_eq!(connection.read().text(), "whole");

    let mut stream = bare(&server, &get("/slower"));
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a head");
        head.extend(byte);
    }
    assert!(String::from_utf8_lossy(&head).contains("Content-Length: 10"));
}

#[test]
fn a_stall_ends_when_the_client_gives_up() {
    let server = faults();
    let mut stream = bare(&server, &[get("/stall"), get("/whole")].concat());

    // The next request is never read: nothing more is sent on this connection.
    stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
    assert!(stream.read(&mut [0]).is_err(), "nothing is sent");
    assert_eq!(at(&server.admin("GET", "/journal", ""), "received").to_string(), "1");

    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    stream.shutdown(Shutdown::Write).expect("a connection");
    assert_eq!(rest(&mut stream), (Vec::new(), false));
}

#[test]
fn a_delayed_fault_is_sent_although_the_server_stops() {
    let server = faults();
    let mut stream = bare(&server, &get("/late"));
    let (journal, started) = (server.engine.clone(), Instant::now());
    while journal.journal().entries.is_empty() && started.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(1));
    }

    drop(server);

    assert_eq!(rest(&mut stream), (Vec::new(), true));
}

#[test]
fn a_stop_waits_neither_for_stalls_nor_for_dribbles_beyond_its_grace() {
    let server = faults();
    let mut open = [bare(&server, &get("/stall")), bare(&server, &get("/slower")), bare(&server, &get("/slow"))];
    let journal = server.engine.clone();
    let started = Instant::now();
    while journal.journal().entries.len() < 3 && started.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(1));
    }

    // Without the limit of the grace period, this would take half an hour.
    drop(server);

    let [stalled, slower, slow] = open.each_mut().map(|stream| rest(stream).0);
    assert!(stalled.is_empty());
    assert!(slower.ends_with(b"\r\n\r\n"), "only its head received");
    assert!(slow.ends_with(b"0123456789"), "an answer that ends within the grace period is finished");
}
