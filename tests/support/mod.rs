//! A server for each test, and a client that sends exactly the given bytes.

#![allow(dead_code, missing_docs, reason = "each test file uses some of it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cannery::check;
use cannery::engine::{Engine, Settings};
use cannery::model::Json;
use cannery::server::{Server, ServerSettings, Silent};
use tokio::sync::oneshot;

/// Stubs with faults and a dribble.
pub const FAULT_STUBS: &str = r#"
[[stub]]
name = "reset"
request.path = "/reset"
response.fault = "reset"

[[stub]]
name = "truncate"
request.path = "/truncate"
response = { status = 203, fault = "truncate", text = "0123456789" }

[[stub]]
name = "late"
request.path = "/late"
response = { fault = "reset", delay = "200ms" }

[[stub]]
name = "slow"
request.path = "/slow"
response = { text = "0123456789", dribble = { chunks = 4, over = "200ms" } }

[[stub]]
name = "passes"
request.path = "/passes"
responses = [{ fault = "reset" }, { text = "at last" }]
"#;

/// A server in its own thread, on a free port. It stops when it is dropped.
pub struct Running {
    pub addr: SocketAddr,
    pub engine: Arc<Engine>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Serves the scenario files at a path in the repository.
    pub fn serving(path: &str) -> Running {
        Running::start(path, Settings::default(), ServerSettings::default())
    }

    /// Serves one scenario, given as text.
    pub fn with(scenario: &str) -> Running {
        let folder = Folder::new();
        folder.write("scenario.toml", scenario);
        Running::start_at(std::slice::from_ref(&folder.path), Settings::default(), ServerSettings::default())
    }

    pub fn start(path: &str, settings: Settings, server: ServerSettings) -> Running {
        Running::start_at(&[repository(path)], settings, server)
    }

    pub fn start_at(paths: &[PathBuf], settings: Settings, server: ServerSettings) -> Running {
        Running::start_as(paths, settings, server, |server| server)
    }

    /// Like [`Running::start_at`], and `configure` may change the server before it runs.
    pub fn start_as(
        paths: &[PathBuf],
        settings: Settings,
        server: ServerSettings,
        configure: impl FnOnce(Server) -> Server + Send + 'static,
    ) -> Running {
        let catalogue = check::load(paths).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        let engine = Arc::new(Engine::new(catalogue.stubs, settings));
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let served = engine.clone();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let server =
                    Server::bind((Ipv4Addr::LOCALHOST, 0).into(), served, server, Arc::new(Silent)).expect("a port");
                ready.send(server.local_addr().expect("an address")).expect("the test waits");
                configure(server.with_admin("/__admin")).run(async { drop(stopped.await) }).await;
            });
        });
        Running { addr: is_ready.recv().expect("the server starts"), engine, stop: Some(stop), thread: Some(thread) }
    }

    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.addr)
    }

    /// Opens a connection that waits at most ten seconds for any bytes.
    pub fn connect(&self) -> Connection {
        Connection::to(self.addr)
    }

    /// Sends one request on a new connection.
    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
        let mut connection = self.connect();
        connection.write(&request(method, target, headers, body.as_ref()));
        connection.read_to(method)
    }

    pub fn get(&self, target: &str) -> Reply {
        self.send("GET", target, &[], "")
    }

    /// Calls the admin API. The call must succeed.
    pub fn admin(&self, method: &str, path: &str, body: &str) -> Json {
        let reply = self.send(method, &format!("/__admin{path}"), &[], body);
        assert!((200..300).contains(&reply.status), "{} {}", reply.status, reply.text());
        if reply.body.is_empty() { Json::Null } else { reply.json() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

pub fn repository(path: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = if here.join("scenarios").exists() {
        here
    } else {
        here.parent().expect("the workspace")
    };
    root.join(path)
}

/// A temporary folder that is removed when it is dropped.
pub struct Folder {
    pub path: PathBuf,
}

impl Folder {
    pub fn new() -> Folder {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cannery-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Folder { path }
    }

    pub fn write(&self, name: &str, contents: &str) -> PathBuf {
        let path = self.path.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, contents).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Returns the bytes of a request, with Content-Length if it has a body.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if !body.is_empty() {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn to(addr: SocketAddr) -> Connection {
        Connection::with_timeout(addr, Duration::from_secs(10))
    }

    /// Opens a connection that waits at most this long for any bytes.
    pub fn with_timeout(addr: SocketAddr, timeout: Duration) -> Connection {
        let stream = TcpStream::connect(addr).expect("the server listens");
        stream.set_read_timeout(Some(timeout)).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        Connection { stream: BufReader::new(stream) }
    }

    /// Changes how long the connection waits: some answers take long in a debug build.
    pub fn wait_at_most(&mut self, time: Duration) {
        self.stream.get_mut().set_read_timeout(Some(time)).expect("a timeout");
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("the server reads");
    }

    pub fn shut_down_writing(&mut self) {
        self.stream.get_mut().shutdown(std::net::Shutdown::Write).expect("a connection");
    }

    /// Reads the next reply, to a request whose method was not HEAD.
    pub fn read(&mut self) -> Reply {
        self.read_to("GET")
    }

    /// Reads the next reply, to a request with this method.
    pub fn read_to(&mut self, method: &str) -> Reply {
        let line = self.line().expect("a reply");
        let mut words = line.splitn(3, ' ');
        let (version, status, reason) = (words.next(), words.next(), words.next());
        assert_eq!(version, Some("HTTP/1.1"), "{line}");
        let mut headers = Vec::new();
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').expect("a header");
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut reply = Reply {
            status: status.and_then(|status| status.parse().ok()).expect("a status"),
            reason: reason.unwrap_or_default().to_owned(),
            headers,
            body: Vec::new(),
        };
        if let Some(length) = reply.header("content-length").filter(|_| method != "HEAD" && reply.status >= 200) {
            let mut body = vec![0; length.parse().expect("a length")];
            self.stream.read_exact(&mut body).expect("a whole body");
            reply.body = body;
        } else if reply.header("transfer-encoding") == Some("chunked") && method != "HEAD" {
            reply.body = self.chunks();
        }
        reply
    }

    /// Reads a body in chunked transfer coding.
    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = self.line().expect("a chunk");
            let length = usize::from_str_radix(&line, 16).expect("a length");
            let start = body.len();
            body.resize(start + length, 0);
            self.stream.read_exact(&mut body[start..]).expect("a whole chunk");
            assert_eq!(self.line().as_deref(), Some(""), "the end of a chunk");
            if length == 0 {
                return body;
            }
        }
    }

    /// Reads until the end of the connection. Returns the text, and whether the connection was reset.
    pub fn rest(&mut self) -> (String, bool) {
        let mut all = Vec::new();
        let was_reset = match self.stream.read_to_end(&mut all) {
            Ok(_) => false,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => true,
            Err(error) => panic!("{error} after {} bytes", all.len()),
        };
        (String::from_utf8_lossy(&all).into_owned(), was_reset)
    }

    /// Whether the server has closed its side.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.stream.fill_buf(), Ok(bytes) if bytes.is_empty())
    }

    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).expect("a line in time");
        let text = String::from_utf8_lossy(&line);
        (!line.is_empty()).then(|| text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Unpacks the body if it is compressed with gzip.
    pub fn unpacked(mut self) -> Reply {
        if self.header("content-encoding") == Some("gzip") {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&self.body[..]).read_to_end(&mut plain).expect("gzip");
            self.body = plain;
        }
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Json {
        Json::parse(&self.body).unwrap_or_else(|fault| panic!("{fault}: {}", self.text()))
    }
}

/// Returns the value at a path of names and indices, such as `requests.0.url`; null if there is none.
pub fn at<'a>(json: &'a Json, path: &str) -> &'a Json {
    path.split('.').fold(json, |json, step| match json {
        Json::Array(items) => items.get(step.parse::<usize>().expect("an index")).unwrap_or(&Json::Null),
        _ => json.get(step).unwrap_or(&Json::Null),
    })
}

/// Returns the names of an object's members.
pub fn member_names(json: &Json) -> Vec<&str> {
    let Json::Object(members) = json else { panic!("not an object: {json}") };
    members.iter().map(|(name, _)| name.as_str()).collect()
}

/// Waits until a condition is true, for at most ten seconds.
pub fn wait_until(what: &str, is_true: impl FnMut() -> bool) {
    wait_within(Duration::from_secs(10), what, is_true);
}

/// Waits until a condition is true, for at most `limit`.
pub fn wait_within(limit: Duration, what: &str, mut is_true: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_true() {
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a program is installed. If it is not, prints that the test is skipped.
pub fn is_installed(program: &str) -> bool {
    let is_installed = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_installed {
        eprintln!("skipped: {program} is not installed");
    }
    is_installed
}

/// Returns the messages of an error and of its sources, outermost first.
pub fn error_messages(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
