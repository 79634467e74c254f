//! How much memory the server takes for one request that asks for as much as it can.

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
"#;

/// The largest body that is taken by default.
const MOST: usize = 16 * 1024 * 1024;

/// A generous bound: the body, the tree that is read of it, and what is rendered until the limit ends it.
const MIB: usize = 700;

fn serving() -> Serving {
    let folder = Folder::new();
    folder.write("scenarios/limits.toml", SCENARIO);
    Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--watch", "off"]))
}

/// The status and the text of the answer to one request. A build for tests takes some seconds for it.
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

/// The most memory that the process ever had, in MiB.
fn peak(server: &Serving) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    let kilobytes: usize = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    kilobytes / 1024
}

/// A list of one value again and again, of so many bytes.
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
fn as_many_items_in_a_small_packed_body_take_no_more() {
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
fn the_option_limits_what_is_rendered() {
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
