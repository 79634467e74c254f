//! `cannery serve` as a process: its output, its options, and how it ends.

#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Folder, Serving, at, cannery, request, run, wait_within};

const SHOP: &str = r#"
[[stub]]
name = "an order is shown"
request = { method = "GET", path = "/orders/{id}", query.lang = "en" }
response.text = "an order"

[[stub]]
name = "slow"
request.path = "/slow"
response = { text = "slow", delay = "400ms" }

[[stub]]
name = "by expression"
request.path.matches = "/[0-9]+"
response.text = "a number"

[[example]]
stub = "an order is shown"
request.url = "/orders/7?lang=en"
response.status = 200
"#;

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("scenarios/shop.toml", SHOP);
    folder
}

#[test]
fn stdout_has_the_ready_line_and_stderr_the_routes() {
    let folder = shop();
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    let url = format!("http://{}", server.addr);
    assert_eq!(at(&server.ready, "ready").to_string(), "true");
    assert_eq!(at(&server.ready, "port").to_string(), server.addr.port().to_string());
    assert_eq!(at(&server.ready, "admin").as_str(), Some(format!("{url}/__admin").as_str()));
    assert_eq!(at(&server.ready, "stubs").to_string(), "3");
    assert_eq!(server.get("/orders/9?lang=en").text(), "an order");

    let ended = server.stop();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "stdout must have only the ready line");
    for line in [
        format!("  GET     {url}/orders/7?lang=en"),
        format!("  ANY     {url}/slow"),
        "  ANY     any path that matches the stub by expression (scenarios/shop.toml:12)".to_owned(),
        "1 scenario with 3 stubs, loaded in".to_owned(),
        "GET /orders/9?lang=en 200 shop/an order is shown (".to_owned(),
    ] {
        assert!(ended.stderr.contains(&line), "{line} is not in:\n{}", ended.stderr);
    }
    assert!(!ended.stderr.contains('\u{1b}'), "colours are for terminals: {}", ended.stderr);
}

/// Runs a command in a pseudo-terminal, ends it once it has written a text, and prints all its output.
const AT_A_TERMINAL: &str = r#"
import os, pty, signal, subprocess, sys

signal.alarm(20)
terminal, end = pty.openpty()
server = subprocess.Popen(sys.argv[2:], stdin=end, stdout=end, stderr=end)
os.close(end)
text, ending = b"", False
while True:
    try:
        text += os.read(terminal, 65536)
    except OSError:
        break
    if not ending and sys.argv[1].encode() in text:
        ending = True
        server.send_signal(signal.SIGTERM)
server.wait()
sys.stdout.buffer.write(text)
"#;

/// Returns what `cannery serve` writes to a terminal, up to a text and its end; `None` without Python 3.
fn at_a_terminal(options: &[&str], until: &str) -> Option<String> {
    let folder = shop();
    let serve = [env!("CARGO_BIN_EXE_cannery"), "serve", "--port", "0"];
    let mut python = Command::new("python3");
    python.args(["-c", AT_A_TERMINAL, until]).args(serve).args(options).current_dir(&folder.path);
    let Ok(output) = python.stderr(Stdio::inherit()).output() else {
        eprintln!("skipped: python3, which provides the terminal, is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains(until), "{options:?}: {text}");
    Some(text)
}

#[test]
fn no_ready_line_is_printed_to_a_terminal() {
    let Some(text) = at_a_terminal(&[], "loaded in") else { return };

    assert!(text.contains("listens on http://127.0.0.1:"), "{text}");
    assert!(!text.contains("\"ready\""), "{text}");
}

#[test]
fn the_ready_option_prints_the_ready_line_to_a_terminal() {
    let Some(text) = at_a_terminal(&["--ready", "json"], "loaded in") else { return };

    let line = text.lines().find(|line| line.starts_with('{')).expect("a ready line");
    let ready = cannery::model::Json::parse(line.as_bytes()).expect("JSON");
    assert_eq!(at(&ready, "ready").to_string(), "true");
    assert!(text.contains("listens on http://127.0.0.1:"), "{text}");
}

#[test]
fn the_json_log_reports_readiness_at_a_terminal() {
    let options = ["--log-format", "json", "--admin-port", "0"];
    let Some(text) = at_a_terminal(&options, "\"event\":\"ready\"") else { return };

    let line = text.lines().next().expect("a line");
    let ready = cannery::model::Json::parse(line.as_bytes()).expect("JSON");
    let message = at(&ready, "message").as_str().expect("a message");
    assert!(message.contains("listens on http://127.0.0.1:"), "{text}");
    assert!(message.contains("the admin API is at http://127.0.0.1:"), "{text}");
    assert!(!text.contains("\"ready\":true"), "{text}");
}

#[test]
fn the_ready_line_can_be_switched_off() {
    let folder = shop();
    let mut server = cannery(&folder.path)
        .args(["serve", "--port", "0"])
        .env("CANNERY_READY", "off")
        .spawn()
        .expect("the command starts");
    let mut log = BufReader::new(server.stderr.take().expect("stderr"));
    let mut line = String::new();
    log.read_line(&mut line).expect("a line");
    let ended = Command::new("kill").args(["-s", "TERM", &server.id().to_string()]).status();
    assert!(ended.expect("kill runs").success());

    let output = server.wait_with_output().expect("the command ends");

    assert!(line.contains("listens on http://127.0.0.1:"), "{line}");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn every_option_is_also_in_the_environment() {
    let folder = shop();
    let other = "[[stub]]\nrequest.path = '/other'\nrequest.method = 'POST'\nresponse.text = 'other'\n\n\
                 [[stub]]\nrequest.path = '/copy'\nresponse.text = '{{request.body}}'\n";
    folder.write("other.toml", other);
    let server = Serving::start(cannery(&folder.path).arg("serve").envs([
        ("CANNERY_SCENARIOS", "scenarios/shop.toml:other.toml"),
        ("CANNERY_PORT", "0"),
        ("CANNERY_BIND_ADDRESS", "127.0.0.2"),
        ("CANNERY_MAX_BODY", "1KiB"),
        ("CANNERY_MAX_RENDERED", "512"),
        ("CANNERY_JOURNAL_LIMIT", "2"),
        ("CANNERY_JOURNAL_BYTES", "1MiB"),
        ("CANNERY_CORS", "true"),
        ("CANNERY_LOG_FORMAT", "json"),
        ("CANNERY_SEED", "7"),
        ("CANNERY_ADMIN_PATH", "/cannery"),
        ("CANNERY_GRACE", "3s"),
        ("CANNERY_THREADS", "1"),
        ("CANNERY_WATCH", "off"),
    ]));
    assert_eq!(server.addr.ip().to_string(), "127.0.0.2");
    assert_eq!(server.send("POST", "/other", &[], &"x".repeat(1025)).status, 413);
    assert_eq!(server.send("POST", "/copy", &[], &"x".repeat(513)).status, 500);
    let reply = server.send("POST", "/other", &[("Origin", "http://page.example")], "x");
    assert_eq!(
        (reply.text().as_str(), reply.header("access-control-allow-origin")),
        ("other", Some("http://page.example"))
    );
    server.get("/orders/1?lang=en");
    let journal = server.get("/cannery/journal").json();
    assert_eq!((at(&journal, "received").to_string(), at(&journal, "evicted").to_string()), ("4".into(), "2".into()));
    let requests = server.get("/cannery/requests").json();
    assert_eq!(at(&requests, "meta").to_string(), r#"{"total":2}"#);

    let ended = server.stop();
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 5, "expected a line for each request, and one for the stop: {}", ended.stderr);
    let last = cannery::model::Json::parse(lines[3].as_bytes()).expect("JSON");
    assert_eq!(at(&last, "target").as_str(), Some("/orders/1?lang=en"));
    assert_eq!(at(&last, "stub").as_str(), Some("an order is shown"));
    assert_eq!(at(&last, "status").to_string(), "200");
}

/// With one thread the first thread answers requests.
#[test]
#[cfg(target_os = "linux")]
fn requests_are_answered_by_the_given_number_of_threads() {
    let folder = shop();
    let half = std::thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2));
    for (options, threads) in [(&["--threads", "3"][..], 3), (&["--threads", "1"], 1), (&[], half)] {
        let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]).args(options));
        // Connections are assigned in turn: each thread has one, and one thread has two.
        let mut connections: Vec<_> = (0..=threads).map(|_| server.connect()).collect();
        for connection in connections.iter_mut().chain(&mut [server.connect()]) {
            connection.write(&request("GET", "/orders/1", &[], b""));
            assert_eq!(connection.read().status, 200, "{options:?}");
        }
        // A thread has its name once it runs, and each has answered by now.
        let tasks = format!("/proc/{}/task", server.child.id());
        let tasks = std::fs::read_dir(tasks).expect("threads").filter_map(Result::ok);
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
        let others = names.filter(|name| name.trim_end() == "answers").count();
        assert_eq!(1 + others, threads, "{options:?}");
    }
}

#[test]
fn options_take_precedence_over_the_environment() {
    let folder = shop();
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]).env("CANNERY_PORT", "1"));
    assert_ne!(server.addr.port(), 1);
}

#[test]
fn stopping_finishes_requests_in_flight() {
    for (signal, threads) in [("TERM", "1"), ("INT", "1"), ("TERM", "3")] {
        let folder = shop();
        let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--threads", threads]));
        // An idle and a slow connection on each of three threads.
        let mut idle: Vec<_> = (0..3).map(|_| server.connect()).collect();
        let mut slow: Vec<_> = (0..3).map(|_| server.connect()).collect();
        slow.iter_mut().for_each(|slow| slow.write(&request("GET", "/slow", &[], b"")));
        wait_for_requests(&server, "3");
        server.signal(signal);
        slow.iter_mut().for_each(|slow| assert_eq!(slow.read().text(), "slow", "{signal}"));
        assert!(idle.iter_mut().all(|idle| idle.is_closed()), "an idle connection must be closed");
        let addr = server.addr;
        assert_eq!(server.ended().code, Some(0), "{signal}");
        assert!(std::net::TcpStream::connect(addr).is_err());
    }
}

#[test]
fn stopping_answers_connections_that_had_not_been_accepted() {
    for threads in ["1", "3"] {
        let folder = shop();
        let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--threads", threads]));
        // The process is suspended, so the system takes connections and requests for it.
        server.signal("STOP");
        let mut early: Vec<_> = (0..20).map(|_| server.connect()).collect();
        early.iter_mut().for_each(|early| early.write(&request("GET", "/slow", &[], b"")));
        server.signal("TERM");
        server.signal("CONT");
        early.iter_mut().for_each(|early| assert_eq!(early.read().text(), "slow", "{threads} threads"));
        assert_eq!(server.ended().code, Some(0));
    }
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let folder = shop();
    folder.write("scenarios/long.toml", "[[stub]]\nrequest.path = '/long'\nresponse.delay = '60s'\n");
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--grace", "60s"]));
    let mut long = server.connect();
    long.write(&request("GET", "/long", &[], b""));
    wait_for_requests(&server, "1");
    server.signal("TERM");
    wait_within(LIMIT, "the port is closed", || std::net::TcpStream::connect(server.addr).is_err());
    server.signal("TERM");
    assert_eq!(server.ended().code, Some(130));
}

#[test]
fn an_unread_log_delays_neither_requests_nor_the_end() {
    let folder = shop();
    let (server, _unread) = Serving::start_unread(cannery(&folder.path).args(["serve", "--port", "0"]));
    let target = format!("/{}", "a".repeat(1000));
    // More than fits into a pipe.
    for _ in 0..300 {
        assert_eq!(server.get(&target).status, 404);
    }
    assert_eq!(server.stop().code, Some(0));
}

#[test]
fn the_end_of_the_grace_period_ends_the_server() {
    let folder = shop();
    folder.write("scenarios/long.toml", "[[stub]]\nrequest.path = '/long'\nresponse.delay = '60s'\n");
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--grace", "100ms"]));
    let mut long = server.connect();
    long.write(&request("GET", "/long", &[], b""));
    wait_for_requests(&server, "1");
    let ended = server.stop();
    assert_eq!(ended.code, Some(0));
    assert!(ended.stderr.contains("still in flight"), "{}", ended.stderr);
}

#[test]
fn the_port_is_bound_only_after_everything_is_loaded() {
    let folder = shop();
    folder.write("scenarios/bad.toml", "[[stub]]\nrequest.pth = '/'\n");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let ended = run(cannery(&folder.path).args(["serve", "--port", &port]));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{}", ended.stderr);
    assert!(ended.stderr.contains("scenarios/bad.toml:2:9"), "{}", ended.stderr);
}

#[test]
fn a_port_in_use_is_reported_with_a_remedy() {
    let folder = shop();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let ended = run(cannery(&folder.path).args(["serve", "--port", &port]));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""));
    let (message, _) = ended.stderr.split_once(" (os error").expect("the system's own words");
    assert_eq!(message.replace(&port, "PORT"), "error: cannot listen on 127.0.0.1:PORT: Address already in use");
    assert!(ended.stderr.contains("`--port 0`"), "{}", ended.stderr);
}

#[test]
fn bad_usage_is_reported_with_a_remedy() {
    let folder = shop();
    for (arguments, expected) in [
        (vec!["serve", "--prot", "1"], "--port"),
        (vec!["serve", "--port", "70000"], "0..=65535"),
        (vec!["serve", "--max-body", "many"], "such as 4096, 64KiB"),
        (vec!["serve", "--grace", "soon"], "such as 10s"),
        (vec!["serve", "--threads", "0"], "1..=256"),
        (vec!["serve", "--admin-path", "admin"], "starts with `/`"),
        (vec!["serv"], "serve"),
    ] {
        let ended = run(cannery(&folder.path).args(&arguments));
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
    let ended = run(cannery(&folder.path).args(["serve", "nowhere"]));
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("there is no such file or folder") && ended.stderr.contains("nowhere"));
}

#[test]
fn secrets_are_masked_in_the_log() {
    let folder = shop();
    folder.write(
        "scenarios/private.toml",
        "[[stub]]\nrequest.path = '/private'\nrequest.headers.Authorization = 'Bearer right'\nresponse.status = 204\n",
    );
    for format in ["text", "json"] {
        let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--log-format", format]));
        let headers = [("Authorization", "Bearer s3cret-1"), ("Cookie", "session=s3cret-2")];
        assert_eq!(server.send("GET", "/private?accessToken=s3cret-3", &headers, "").status, 404);
        let ended = server.stop();
        assert!(ended.stderr.contains("/private?accessToken="), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("header Authorization"),
            "the log must name the failed condition: {}",
            ended.stderr
        );
        assert!(!ended.stderr.contains("s3cret"), "{}", ended.stderr);
    }
}

#[test]
fn the_log_explains_a_repeated_request_once() {
    let folder = shop();
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    // Each thread logs the explanation once, and again when a new second begins.
    let texts = (0..8).map(|_| server.send("GET", "/orders/x", &[], "").text()).collect::<Vec<_>>();
    assert!(texts.iter().all(|body| body.contains("nearest: an order is shown") && *body == texts[0]), "{texts:?}");
    let log = server.stop().stderr;
    assert_eq!(log.matches("GET /orders/x 404 no stub").count(), 8, "{log}");
    let (explained, again) =
        (log.matches("nearest: an order is shown").count(), log.matches("(explained above)").count());
    assert!(explained >= 1 && again >= 1 && explained + again == 8, "{log}");
}

#[test]
fn a_log_that_is_off_has_no_requests() {
    let folder = shop();
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--log-format", "off"]));
    assert_eq!(server.send("GET", "/orders/x", &[], "").status, 404);
    let log = server.stop().stderr;
    assert!(log.contains("listens on") && log.contains("stopping"), "{log}");
    assert!(!log.contains("/orders/x"), "{log}");
}

#[test]
fn help_names_every_option() {
    let folder = shop();
    for arguments in [vec!["--help"], vec!["serve", "--help"], vec!["check", "--help"]] {
        let ended = run(cannery(&folder.path).args(&arguments));
        assert_eq!(ended.code, Some(0));
        insta::assert_snapshot!(arguments.join("-").replace("--", ""), ended.stdout);
    }
}

const LIMIT: Duration = Duration::from_secs(5);

/// Waits until the journal has this many requests.
fn wait_for_requests(server: &Serving, total: &str) {
    let count = || at(&server.get("/__admin/requests").json(), "meta.total").to_string();
    wait_within(LIMIT, &format!("{total} requests"), || count() == total);
}
