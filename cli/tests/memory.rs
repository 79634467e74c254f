//! The memory that the server needs for one request that is as expensive as possible, and for a list of large requests.

#![cfg(target_os = "linux")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use support::{Folder, Serving, cannery};

const SCENARIO: &str = r#"
[[stub]]
name = "batch"
request.path = "/batch"
batch.items = "$"
batch.results = "all"
[[stub.batch.case]]
result.id = "{{item}}"

[[stub]]
name = "whole request"
request.path = "/request"
response.text = "{{json request}}"

[[stub]]
name = "taken"
request.path = "/taken"
response.status = 204
"#;

/// The default of `--max-body`.
const MOST: usize = 16 * 1024 * 1024;

/// A generous limit: the body, its parsed tree, and the answer up to the limit on rendering.
const MIB: usize = 700;

fn serving() -> Serving {
    let folder = Folder::new();
    folder.write("scenarios/limits.toml", SCENARIO);
    Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--watch", "off"]))
}

/// Returns status and text of the answer to one request, which takes a debug build some seconds.
fn post(server: &Serving, path: &str, encoding: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(server.addr).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(180))).expect("a timeout");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{encoding}Content-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("the server reads");
    stream.write_all(body).expect("the server reads");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("a reply in time");
    let status = reply.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, reply)
}

/// Returns the peak memory of the process in MiB.
fn peak(server: &Serving) -> usize {
    peak_in_kib(server) / 1024
}

fn peak_in_kib(server: &Serving) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// Resets the peak memory of the process to what it uses now.
fn reset_peak(server: &Serving) {
    std::fs::write(format!("/proc/{}/clear_refs", server.child.id()), "5").expect("a process of our own");
}

/// Starts a server, and sends it sixty requests of 1 MB. Some of their characters are escaped in JSON.
fn with_sixty_requests() -> Serving {
    let server = serving();
    let body = "0123456789 \u{e9}\"\u{9b}\n".repeat(1_000_000 / 17);
    for _ in 0..60 {
        assert_eq!(post(&server, "/taken", "", body.as_bytes()).0, 204);
    }
    server
}

/// Requests the journal from an endpoint, and returns the connection.
fn ask_for_journal(server: &Serving, endpoint: &str, version: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.addr).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(180))).expect("a timeout");
    let head = format!("GET /__admin/{endpoint} {version}\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("the server reads");
    stream
}

/// Reads until the end. Returns the number of bytes, and the first and the last of them as text.
fn read_all(mut stream: TcpStream) -> (usize, String, String) {
    let (mut buffer, mut length, mut first, mut last) = (vec![0; 64 * 1024], 0, Vec::new(), Vec::new());
    loop {
        let read = stream.read(&mut buffer).expect("a reply in time");
        if read == 0 {
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            return (length, text(first), text(last));
        }
        length += read;
        first.extend_from_slice(&buffer[..read.min(1024usize.saturating_sub(first.len()))]);
        last.extend_from_slice(&buffer[..read]);
        last.drain(..last.len().saturating_sub(200));
    }
}

/// Returns a list that repeats one value, of `bytes` bytes.
fn list_of(value: &str, bytes: usize) -> Vec<u8> {
    let times = (bytes - 2 - value.len()) / (value.len() + 1);
    format!("[{}{value}]", format!("{value},").repeat(times)).into_bytes()
}

#[test]
fn a_body_of_millions_of_items_is_refused_within_a_few_hundred_megabytes() {
    for (path, value) in [("/batch", "1"), ("/batch", "[1]"), ("/batch", "{\"\":1}"), ("/request", "1")] {
        let server = serving();

        let (status, reply) = post(&server, path, "", &list_of(value, MOST));

        assert_eq!(status, 500, "{path} {value}");
        assert!(reply.contains("the 33554432 bytes that `--max-rendered` allows"), "{reply}");
        assert!(peak(&server) < MIB, "{path} {value} takes {} MiB", peak(&server));
    }
}

#[test]
fn a_small_compressed_body_with_as_many_items_needs_no_more_memory() {
    let server = serving();
    let unpacked = list_of("1", 2 * MOST - MOST / 16);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&unpacked).expect("memory");
    let packed = packer.finish().expect("memory");
    assert!(packed.len() < 64 * 1024, "{} bytes", packed.len());

    let (status, reply) = post(&server, "/batch", "Content-Encoding: gzip\r\n", &packed);

    assert!(status >= 400, "{reply}");
    assert!(peak(&server) < MIB, "{} MiB", peak(&server));
    assert_eq!(post(&server, "/batch", "", b"[1]").0, 200);
}

#[test]
fn the_option_limits_rendered_bytes() {
    let folder = Folder::new();
    folder.write("scenarios/limits.toml", SCENARIO);
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--max-rendered", "1KiB"]));

    assert_eq!(post(&server, "/batch", "", b"[1,2]").0, 200);
    let (status, reply) = post(&server, "/batch", "", &list_of("1", 1000));
    assert_eq!(status, 500);
    assert!(
        reply.contains("it renders more than the 1024 bytes that `--max-rendered` allows for one answer"),
        "{reply}"
    );
}

/// A tenth of the size of the bodies in Base64.
const FEW_KIB: usize = 10 * 1024;

#[test]
fn the_list_of_sixty_large_requests_needs_less_than_ten_megabytes() {
    let server = with_sixty_requests();
    // WireMock's form has each body in Base64 too.
    for (list, of_each_body, end) in
        [("requests", 2, "\"requestJournalDisabled\": false\n}\n"), ("journal", 1, "  }\n}\n")]
    {
        // A debug build takes long to compress the whole list.
        for (query, encoding) in [("", ""), ("?limit=15", "Accept-Encoding: gzip\r\n")] {
            reset_peak(&server);
            let before = peak_in_kib(&server);

            let (length, first, last) =
                read_all(ask_for_journal(&server, &format!("{list}{query}"), "HTTP/1.1", encoding));

            let more = peak_in_kib(&server) - before;
            assert!(more < FEW_KIB, "{list}: {more} KiB more than {before}");
            assert!(first.to_ascii_lowercase().contains("transfer-encoding: chunked"), "{first}");
            assert!(length > 60 * of_each_body * 1_000_000 || !encoding.is_empty(), "{length} bytes");
            assert!(last.ends_with("0\r\n\r\n"), "{last}");
        }
        // Over HTTP/1.0 the end of the connection is the end of the list.
        let (length, first, last) = read_all(ask_for_journal(&server, &format!("{list}?limit=5"), "HTTP/1.0", ""));
        assert!(length > 5 * of_each_body * 1_000_000, "{length} bytes");
        assert!(!first.to_ascii_lowercase().contains("transfer-encoding"), "{first}");
        assert!(last.ends_with(end), "{last}");
    }
}

#[test]
fn a_slow_or_disconnected_reader_needs_no_more_memory_than_its_snapshot() {
    let server = with_sixty_requests();
    reset_peak(&server);
    let before = peak_in_kib(&server);

    let mut slow: Vec<TcpStream> = (0..4).map(|_| ask_for_journal(&server, "requests", "HTTP/1.1", "")).collect();
    for stream in &mut slow {
        stream.read_exact(&mut [0; 1000]).expect("the beginning");
    }
    drop(slow.pop());
    assert_eq!(post(&server, "/taken", "", b"another").0, 204);
    std::thread::sleep(Duration::from_millis(300));

    let more = peak_in_kib(&server) - before;
    assert!(more < FEW_KIB, "{more} KiB more than {before}");
    let (_, _, last) = read_all(slow.remove(0));
    assert!(last.contains("\"total\": 60"), "the reader must get the journal of the moment of its request: {last}");
}
