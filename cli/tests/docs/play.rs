//! Follows a page as a reader would: writes its files, runs its commands, and compares their output.
//!
//! Each page has its own folder, and at most one server at a time, on a free port that replaces 8080.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cannery::model::Json;

use crate::compare::{is_shown, is_within, normalize};
use crate::mark::Mark;
use crate::page::{Fence, Page};
use crate::support::{Folder, at};

/// How long a command or a server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The outcome of a page.
#[derive(Default)]
pub struct Played {
    pub complaints: Vec<String>,
    /// The real output where a fence shows another one: the line of the fence, and the text.
    pub printed: Vec<(usize, String)>,
}

/// Follows the whole page.
pub fn play(page: &Page) -> Played {
    let mut player = Player {
        page,
        folder: Folder::new(),
        server: None,
        port: 8080,
        output: String::new(),
        written: Vec::new(),
        played: Played::default(),
    };
    for fence in &page.fences {
        player.fence(fence);
    }
    player.played
}

struct Player<'p> {
    page: &'p Page,
    folder: Folder,
    server: Option<Server>,
    /// The port that currently replaces 8080.
    port: u16,
    /// The output of the last commands.
    output: String,
    written: Vec<PathBuf>,
    played: Played,
}

/// A server in the background, killed when it is dropped.
struct Server {
    child: Child,
    /// The file with its stdout, which is not a terminal: the ready line.
    ready: PathBuf,
    /// The file with its stderr, which is all that a terminal would show.
    log: PathBuf,
}

impl Player<'_> {
    fn fence(&mut self, fence: &Fence) {
        match &fence.mark {
            Mark::File { path, check } => self.file(fence, path, *check),
            Mark::Scenario { check } => {
                let name = format!("scenario-{}.toml", fence.line);
                self.file(fence, &name, *check);
                fs::remove_file(self.folder.path.join(&name)).expect("the file is there");
                self.written.pop();
            }
            Mark::Commands { exit } => self.commands(fence, *exit),
            Mark::Serve => self.serve(fence),
            Mark::Printed => self.printed(fence),
            Mark::Log => self.log(fence),
            Mark::Manifest => self.manifest(fence),
            Mark::Readme | Mark::Rust | Mark::Foreign | Mark::Skip(_) => {}
        }
    }

    fn complain(&mut self, fence: &Fence, what: String) {
        self.played.complaints.push(format!("{}: {what}", self.page.place(fence)));
    }

    fn file(&mut self, fence: &Fence, path: &str, check: i32) {
        let file = self.folder.path.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("the folder can be made");
        fs::write(&file, fence.text.replace("127.0.0.1:8080", &format!("127.0.0.1:{}", self.port)))
            .expect("the file can be written");
        self.written.push(file);
        if fence.language == "toml" {
            let judged = self.bash(&format!("cannery check {path}"));
            if judged.0 != Some(check) {
                self.complain(fence, format!("`cannery check` ends with {:?}, not {check}\n{}", judged.0, judged.1));
            }
        }
    }

    /// The lines must name the current version.
    fn manifest(&mut self, fence: &Fence) {
        let version = env!("CARGO_PKG_VERSION").rsplit_once('.').expect("a version has a patch").0;
        let line = format!("cannery = \"{version}\"");
        if !fence.text.lines().any(|found| found == line) {
            self.complain(fence, format!("there is no line `{line}`"));
        }
    }

    fn commands(&mut self, fence: &Fence, exit: i32) {
        let (code, output) = self.bash(&as_served(&fence.text, self.port));
        if code != Some(exit) {
            self.complain(fence, format!("the commands end with {code:?}, not {exit}\n{output}"));
        }
        self.output = output;
    }

    /// Runs commands, and returns both streams together as a terminal shows them.
    fn bash(&self, commands: &str) -> (Option<i32>, String) {
        let output = self.folder.path.join(".output");
        let mut command = self.command(commands, &output);
        if self.server.is_some() {
            command.env("CANNERY_PORT", self.port.to_string());
        }
        let mut child = command.spawn().expect("bash starts");
        let started = Instant::now();
        let code = loop {
            match child.try_wait().expect("a process") {
                Some(status) => break status.code(),
                None if started.elapsed() > PATIENCE => {
                    let _ = child.kill();
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        (code, read(&output))
    }

    fn command(&self, commands: &str, output: &Path) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_cannery")).parent().expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let file = File::create(output).expect("the output can be written");
        let mut command = Command::new("bash");
        command.args(["-eu", "-o", "pipefail", "-c", commands]).current_dir(&self.folder.path).env_clear();
        command.env("PATH", format!("{}:{path}", binary.display())).env("HOME", &self.folder.path);
        command.env("LANG", "C.UTF-8").env("PYTHONDONTWRITEBYTECODE", "1");
        let both = file.try_clone().expect("the output can be shared");
        command.stdin(Stdio::null()).stdout(file).stderr(both);
        command
    }

    fn serve(&mut self, fence: &Fence) {
        self.server = None;
        let (ready, log) = (self.folder.path.join(".ready"), self.folder.path.join(".log"));
        let mut command = self.command(&format!("exec {}", fence.text), &log);
        command.env("CANNERY_PORT", "0").stdout(File::create(&ready).expect("the output can be written"));
        let mut server = Server { child: command.spawn().expect("bash starts"), ready, log };
        let started = Instant::now();
        while !server.is_ready() {
            if server.child.try_wait().expect("a process").is_some() || started.elapsed() > PATIENCE {
                return self.complain(fence, format!("the server does not get ready\n{}", read(&server.log)));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let port = server.port();
        self.server = Some(server);
        // Files of the page that name the server's address must name the current one.
        let (old, new) = (format!("127.0.0.1:{}", self.port), format!("127.0.0.1:{port}"));
        for file in &self.written {
            let text = fs::read_to_string(file).unwrap_or_default();
            if text.contains(&old) {
                fs::write(file, text.replace(&old, &new)).expect("the file can be written");
            }
        }
        self.port = port;
        self.output.clear();
    }

    fn printed(&mut self, fence: &Fence) {
        // A server may write more after it is ready.
        let of_server = self.output.is_empty() && self.server.is_some();
        let started = Instant::now();
        let printed = loop {
            let raw = if of_server {
                self.server.as_ref().map(Server::text).unwrap_or_default()
            } else {
                self.output.clone()
            };
            let printed = normalize(&raw, Some(self.port));
            if is_shown(&fence.language, &fence.text, &printed) {
                return;
            }
            if !of_server || started.elapsed() > PATIENCE / 10 {
                break printed;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        self.complain(fence, format!("this is printed instead:\n{printed}"));
        self.played.printed.push((fence.line, printed));
    }

    fn log(&mut self, fence: &Fence) {
        let Some(server) = &self.server else { return self.complain(fence, "no server runs".to_owned()) };
        let started = Instant::now();
        let printed = loop {
            let printed = normalize(&server.text(), Some(self.port));
            if is_within(&fence.text, &printed) {
                return;
            }
            if started.elapsed() > PATIENCE / 10 {
                break printed;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        self.complain(fence, format!("the server has printed this instead:\n{printed}"));
        self.played.printed.push((fence.line, printed));
    }
}

impl Server {
    fn text(&self) -> String {
        read(&self.log)
    }

    fn is_ready(&self) -> bool {
        read(&self.ready).ends_with("}\n")
    }

    fn port(&self) -> u16 {
        let ready = Json::parse(read(&self.ready).as_bytes()).expect("a ready line");
        at(&ready, "port").to_string().parse().expect("a port")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the commands with the port of the page's server instead of 8080.
fn as_served(commands: &str, port: u16) -> String {
    commands.replace("8080", &port.to_string())
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}
