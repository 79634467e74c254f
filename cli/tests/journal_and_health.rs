//! `cannery health` and `cannery journal` as processes, against a server process.

#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use support::{Folder, Serving, at, cannery, journal, mask_times_and_address, run};

const SHOP: &str = r#"
[[stub]]
name = "an order is shown"
request = { method = "GET", path = "/orders/{id}" }
response.text = "an order"
"#;

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("scenarios/shop.toml", SHOP);
    folder
}

fn serving(folder: &Folder, more: &[&str]) -> Serving {
    Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]).args(more))
}

#[test]
fn no_request_was_received() {
    let folder = shop();
    let server = serving(&folder, &[]);
    let ended = journal(&folder, &server, &[]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, "0 requests received\n\nnothing came\n");
}

#[test]
fn every_request_was_answered() {
    let folder = shop();
    let server = serving(&folder, &[]);
    server.get("/orders/1?accessToken=s3cret");
    let ended = journal(&folder, &server, &[]);
    assert_eq!(ended.code, Some(0));
    insta::assert_snapshot!(mask_times_and_address(&ended.stdout, &server));
}

#[test]
fn unmatched_requests_are_explained() {
    let folder = shop();
    let server = serving(&folder, &["--max-body", "10B"]);
    server.get("/orders/1");
    server.send("POST", "/orders/1?token=s3cret", &[("Authorization", "s3cret")], "");
    server.send("PUT", "/orders/1", &[], "more than ten bytes");
    let ended = journal(&folder, &server, &[]);
    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(mask_times_and_address(&ended.stdout, &server));
    assert_eq!(journal(&folder, &server, &["--allow-unmatched"]).code, Some(0));
}

#[test]
fn json_has_every_request_completely() {
    let folder = shop();
    let server = serving(&folder, &[]);
    server.get("/orders/1");
    server.send("POST", "/nowhere", &[("X-A", "b")], "body");
    let ended = journal(&folder, &server, &["--format", "json"]);
    assert_eq!(ended.code, Some(1));
    let json = cannery::model::Json::parse(ended.stdout.as_bytes()).expect("JSON");
    assert_eq!((at(&json, "received").to_string(), at(&json, "unmatchedCount").to_string()), ("2".into(), "1".into()));
    assert_eq!(at(&json, "requests.0.target").as_str(), Some("/orders/1"));
    assert_eq!(at(&json, "unmatched.0.body").as_str(), Some("body"));
    let headers = at(&json, "unmatched.0.rawHeaders").to_string();
    assert!(headers.contains(r#"["X-A","b"]"#), "{headers}");
}

#[test]
fn the_verdict_counts_evicted_requests() {
    let folder = shop();
    let server = serving(&folder, &["--journal-limit", "2"]);
    server.get("/nowhere");
    (0..3).for_each(|_| drop(server.get("/orders/1")));
    let ended = journal(&folder, &server, &[]);
    assert_eq!(ended.code, Some(1), "the unmatched request is no longer in the journal");
    insta::assert_snapshot!(mask_times_and_address(&ended.stdout, &server));
}

#[test]
fn the_server_is_given_by_url_options_or_environment() {
    let folder = shop();
    let server = serving(&folder, &["--admin-path", "/cannery"]);
    let port = server.addr.port().to_string();
    let healthy = |command: &mut Command| {
        let ended = run(command);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "healthy: 1 scenario, 1 stub\n"), "{}", ended.stderr);
    };
    healthy(cannery(&folder.path).args(["health", &format!("http://{}/cannery", server.addr)]));
    healthy(cannery(&folder.path).args(["health", &format!("localhost:{port}"), "--admin-path", "/cannery"]));
    healthy(cannery(&folder.path).args(["health", "--port", &port, "--admin-path", "/cannery"]));
    healthy(cannery(&folder.path).arg("health").envs([
        ("CANNERY_PORT", port.as_str()),
        ("CANNERY_ADMIN_PATH", "/cannery"),
        ("CANNERY_BIND_ADDRESS", "0.0.0.0"),
    ]));
    healthy(cannery(&folder.path).arg("health").env("CANNERY_URL", format!("http://{}/cannery/", server.addr)));
    let ended = run(cannery(&folder.path).args(["health", "--port", &port]));
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("status 404: check that it is Cannery, and that its admin path is `/__admin`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn an_invalid_call_or_unreachable_server_is_reported() {
    let folder = shop();
    for (arguments, code, expected) in [
        (["journal", "http://127.0.0.1:1"], 4, "cannot reach http://127.0.0.1:1/__admin"),
        (["health", "http://127.0.0.1:1"], 1, "unhealthy: cannot reach http://127.0.0.1:1/__admin"),
        (["journal", "https://127.0.0.1:1"], 2, "the URL must start with http://"),
        (["journal", "ftp://127.0.0.1"], 2, "write it as in http://127.0.0.1:8080"),
        (["journal", "not a url"], 2, "write it as in http://127.0.0.1:8080"),
    ] {
        let ended = run(cannery(&folder.path).args(arguments));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn waiting_ends_when_the_server_is_ready() {
    let folder = shop();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port().to_string();
    drop(free);
    let waiting =
        cannery(&folder.path).args(["health", "--wait", "20s", "--port", &port]).spawn().expect("the command starts");
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", &port]));
    let output = waiting.wait_with_output().expect("the command ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    drop(server);
    let started = Instant::now();
    assert_eq!(run(cannery(&folder.path).args(["health", "--wait", "200ms", "--port", &port])).code, Some(1));
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_signal_stops_the_server_while_it_loads() {
    let folder = shop();
    let pipe = folder.path.join("later.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    for signal in ["TERM", "INT"] {
        let mut child =
            cannery(&folder.path).args(["serve", "--port", "0", "later.toml"]).spawn().expect("the command starts");
        // Opening the pipe for writing waits until the server reads it. The signal handlers are set by then.
        let writer = std::fs::OpenOptions::new().write(true).open(&pipe).expect("a reader");
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().expect("kill runs");
        assert!(kill.success());
        assert_eq!(child.wait().expect("the command ends").code(), Some(0), "{signal}");
        drop(writer);
    }
}

#[test]
fn output_that_is_not_read_is_not_an_error() {
    let folder = shop();
    let server = serving(&folder, &[]);
    (0..500).for_each(|number| drop(server.get(&format!("/orders/{number}"))));
    let mut child = cannery(&folder.path)
        .args(["journal", "--port", &server.addr.port().to_string()])
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
