//! Runs the command as a process, with its output and its exit code.

#![allow(dead_code, unused_imports, missing_docs, reason = "each test file uses some of it")]

#[path = "../../../tests/support/mod.rs"]
pub mod library;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cannery::model::Json;

pub use library::{Connection, Folder, Reply, at, is_installed, repository, request, wait_until, wait_within};

/// Returns the command in a folder, with an empty environment.
pub fn cannery(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cannery"));
    command.current_dir(folder).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The output and exit code of a process that has ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub fn run(command: &mut Command) -> Ended {
    let output = command.output().expect("the command runs");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs `cannery journal` for a server.
pub fn journal(folder: &Folder, server: &Serving, more: &[&str]) -> Ended {
    run(cannery(&folder.path).args(["journal", &format!("http://{}", server.addr)]).args(more))
}

/// Replaces the times and the address in the output of `cannery journal`, which differ from run to run.
pub fn mask_times_and_address(text: &str, server: &Serving) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix("  ").and_then(|line| line.split_once(' ')) {
        Some((time, rest)) if time.len() == 8 && time.as_bytes()[2] == b':' => format!("  HH:MM:SS {rest}"),
        _ => line.replace(&server.addr.to_string(), "HOST:PORT"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A server process that is ready.
pub struct Serving {
    pub child: Child,
    pub ready: Json,
    pub addr: SocketAddr,
    stdout: BufReader<ChildStdout>,
    stderr: Option<JoinHandle<String>>,
}

impl Serving {
    /// Starts a server, and waits for its ready line. The command must ask for a free port.
    pub fn start(command: &mut Command) -> Serving {
        let mut child = command.spawn().expect("the command starts");
        let mut errors = child.stderr.take().expect("stderr");
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).expect("UTF-8");
            text
        });
        Serving::once_ready(child, Some(stderr))
    }

    /// Like [`Serving::start`], but nothing reads the log while the returned pipe exists.
    pub fn start_unread(command: &mut Command) -> (Serving, ChildStderr) {
        let mut child = command.spawn().expect("the command starts");
        let unread = child.stderr.take().expect("stderr");
        (Serving::once_ready(child, None), unread)
    }

    fn once_ready(mut child: Child, stderr: Option<JoinHandle<String>>) -> Serving {
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        if line.is_empty() {
            panic!("no ready line: {:?}", stderr.map(|stderr| stderr.join().expect("stderr")));
        }
        let ready = Json::parse(line.as_bytes()).unwrap_or_else(|fault| panic!("{fault}: {line}"));
        let url = at(&ready, "url").as_str().expect("a URL");
        let addr = url.trim_start_matches("http://").parse().expect("an address");
        Serving { child, ready, addr, stdout, stderr }
    }

    pub fn connect(&self) -> Connection {
        Connection::to(self.addr)
    }

    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut connection = self.connect();
        connection.write(&request(method, target, headers, body.as_bytes()));
        connection.read_to(method)
    }

    pub fn get(&self, target: &str) -> Reply {
        self.send("GET", target, &[], "")
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits until the process has ended, for at most ten seconds.
    pub fn ended(mut self) -> Ended {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a process") {
                break status;
            }
            assert!(started.elapsed() < Duration::from_secs(10), "the process does not end");
            std::thread::sleep(Duration::from_millis(2));
        };
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).expect("UTF-8");
        let stderr = self.stderr.take().map(|thread| thread.join().expect("stderr")).unwrap_or_default();
        Ended { code: status.code(), stdout, stderr }
    }

    /// Stops the server with SIGTERM, and waits for its end.
    pub fn stop(self) -> Ended {
        self.signal("TERM");
        self.ended()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
