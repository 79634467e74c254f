//! Faults of the machine: pipes and devices among the files, full disks, closed terminals.

#![allow(missing_docs)]
#![cfg(target_os = "linux")]

mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{Ended, Folder, Serving, at, cannery, run, wait_within};

/// How long a reload may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(15);

const GOOD: &str = "[[stub]]\nname = 'a'\nrequest.path = '/a'\nresponse.text = 'old'\n";

/// Runs a command that must not block.
fn run_soon(command: &mut Command) -> Ended {
    let mut child = command.spawn().expect("the command starts");
    let started = Instant::now();
    while child.try_wait().expect("a process").is_none() {
        if started.elapsed() > Duration::from_secs(20) {
            let _ = child.kill();
            panic!("the command does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().expect("the command ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
}

/// Returns a folder with a scenario, and with pipes, devices and sockets that are named like scenarios.
fn folder_with_special_files() -> Folder {
    let folder = Folder::new();
    folder.write("scenarios/good.toml", GOOD);
    let path = |name: &str| folder.path.join("scenarios").join(name);
    pipe(&path("pipe.toml"));
    symlink(path("pipe.toml"), path("to-pipe.toml")).expect("a link");
    symlink("/dev/zero", path("to-device.toml")).expect("a link");
    drop(UnixListener::bind(path("socket.toml")).expect("a socket"));
    folder
}

const SKIPPED: [(&str, &str); 4] = [
    ("pipe.toml", "this is a pipe, not a file, and is skipped"),
    ("socket.toml", "this is a socket, not a file, and is skipped"),
    ("to-device.toml", "this is a device, not a file, and is skipped"),
    ("to-pipe.toml", "this is a pipe, not a file, and is skipped"),
];

#[track_caller]
fn assert_warned(text: &str) {
    for (file, warning) in SKIPPED {
        let place = text.find(&format!("scenarios/{file}")).unwrap_or_else(|| panic!("{file}: {text}"));
        assert!(text[..place].ends_with(&format!("warning: {warning}\n--> ")), "{file}: {text}");
    }
    assert_eq!(text.matches("is skipped").count(), SKIPPED.len(), "{text}");
}

#[test]
fn an_entry_that_is_not_a_file_is_skipped_with_a_warning() {
    let folder = folder_with_special_files();

    let check = run_soon(cannery(&folder.path).arg("check"));
    assert_eq!(
        (check.code, check.stdout.as_str()),
        (Some(0), "1 scenario, 1 stub, 0 examples: 0 failed, 4 warnings\n")
    );
    assert_warned(&check.stderr);
    assert_eq!(run_soon(cannery(&folder.path).args(["check", "--deny-warnings"])).code, Some(1));

    let explain = run_soon(cannery(&folder.path).args(["explain", "/a"]));
    assert_eq!(explain.code, Some(0), "{}", explain.stderr);
    assert_warned(&explain.stderr);

    let fmt = run_soon(cannery(&folder.path).args(["fmt", "--check"]));
    assert_eq!(fmt.code, Some(1), "{}", fmt.stderr);
    assert_warned(&fmt.stderr);
}

#[test]
fn a_server_warns_once_about_them_and_still_watches() {
    let folder = folder_with_special_files();
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    assert_eq!(server.get("/a").text(), "old");
    // Long enough to compare the files several times.
    std::thread::sleep(Duration::from_millis(2500));

    folder.write("scenarios/good.toml", &GOOD.replace("old", "new"));
    wait_within(LIMIT, "the change is served", || server.get("/a").text() == "new");

    assert_warned(&server.stop().stderr);
}

#[test]
fn a_pipe_that_appears_in_the_folder_does_not_end_reloading() {
    let folder = Folder::new();
    folder.write("scenarios/good.toml", GOOD);
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--watch", "poll"]));

    pipe(&folder.path.join("scenarios/pipe.toml"));
    std::thread::sleep(Duration::from_millis(1500));
    folder.write("scenarios/good.toml", &GOOD.replace("old", "new"));

    wait_within(LIMIT, "the change is served", || server.get("/a").text() == "new");
    let log = server.stop().stderr;
    assert_eq!(log.matches("this is a pipe, not a file, and is skipped").count(), 1, "{log}");
}

#[test]
fn a_pipe_instead_of_a_file_fails_one_reload_and_does_not_end_reloading() {
    let folder = Folder::new();
    let body = "[[stub]]\nrequest.path = '/b'\nresponse.file = 'b.txt'\n";
    folder.write("a.toml", &format!("{GOOD}{body}"));
    folder.write("b.txt", "body");
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "a.toml"]));
    let problem =
        || at(&server.get("/__admin/health").json(), "reload.problem").as_str().unwrap_or_default().to_owned();

    for name in ["a.toml", "b.txt"] {
        let (path, aside) = (folder.path.join(name), folder.path.join("aside"));
        fs::rename(&path, &aside).expect("a rename");
        pipe(&path);
        wait_within(LIMIT, name, || problem().contains("is a pipe, not a file"));
        assert_eq!(server.get("/b").text(), "body", "the old answer is still served");
        fs::rename(&aside, &path).expect("a rename");
        wait_within(LIMIT, name, || problem().is_empty());
    }
}

#[test]
fn a_pipe_that_a_templated_file_name_could_name_is_skipped() {
    let folder = Folder::new();
    folder.write(
        "scenarios/a.toml",
        "[[stub]]\nrequest.path = '/{name}'\nresponse.file = 'bodies/{{request.path_params.name}}.txt'\n",
    );
    folder.write("scenarios/bodies/a.txt", "body");
    pipe(&folder.path.join("scenarios/bodies/pipe.txt"));
    std::os::unix::fs::symlink("/dev/zero", folder.path.join("scenarios/bodies/zero.txt")).expect("a link");

    let ended = run_soon(cannery(&folder.path).args(["explain", "/a"]));

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for (kind, name) in [("pipe", "pipe"), ("device", "zero")] {
        let warning = format!("this is a {kind}, not a file, and is skipped\n--> scenarios/bodies/{name}.txt");
        assert!(ended.stderr.contains(&warning), "{}", ended.stderr);
    }
}

#[test]
fn a_named_file_that_cannot_be_read_is_an_error_with_the_reason() {
    let folder = Folder::new();
    folder.write("a.toml", "[[stub]]\nrequest.path = '/a'\nresponse.file = 'pipe'\n");
    pipe(&folder.path.join("pipe"));
    drop(UnixListener::bind(folder.path.join("socket")).expect("a socket"));

    let ended = run_soon(cannery(&folder.path).args(["check", "a.toml"]));
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("`pipe` is a pipe, not a file"), "{}", ended.stderr);
    for (path, reason) in
        [("socket", "it is a socket, not a file"), ("/dev/zero", "a scenario file must be at most 64 MiB")]
    {
        let ended = run_soon(cannery(&folder.path).args(["check", path]));
        assert_eq!(ended.code, Some(3));
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
    }
    let ended = run_soon(cannery(&folder.path).args(["fmt", "pipe"]));
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("cannot read pipe: it is a pipe, not a file"), "{}", ended.stderr);
}

#[test]
fn a_pipe_that_is_named_is_read() {
    let folder = Folder::new();
    let mut check =
        cannery(&folder.path).args(["check", "/dev/stdin"]).stdin(Stdio::piped()).spawn().expect("the command starts");
    check.stdin.take().expect("stdin").write_all(GOOD.as_bytes()).expect("the command reads stdin");
    let output = check.wait_with_output().expect("the command ends");

    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1 scenario, 1 stub, 0 examples: 0 failed\n");
}

fn shop() -> Folder {
    let folder = Folder::new();
    let example = "[[example]]\nname = 'a'\nrequest.url = '/a'\nresponse.text = 'old'\n";
    folder.write("scenarios/shop.toml", &format!("{GOOD}{example}"));
    folder
}

#[test]
fn failing_to_write_to_stdout_is_an_error() {
    let folder = shop();
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    let url = format!("http://{}", server.addr);
    folder.write("other.toml", "[[stub]]\nrequest.path='/a'\n");
    for arguments in [
        vec!["check"],
        vec!["check", "--format", "json"],
        vec!["check", "--format", "junit"],
        vec!["fmt", "--check", "other.toml"],
        vec!["fmt", "-"],
        vec!["schema"],
        vec!["init", "new"],
        vec!["explain", "/a"],
        vec!["explain", "/a", "--format", "json"],
        vec!["explain", "/a", "--url", &url],
        vec!["journal", &url],
        vec!["journal", &url, "--format", "json"],
        vec!["health", &url],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["man", "pages"],
        vec!["drift", "--against", &url],
        vec!["drift", "--against", &url, "--format", "json"],
        vec!["drift", "--against", &url, "--format", "junit"],
        vec!["serve", "--port", "0"],
        vec!["--help"],
        vec!["--version"],
        vec!["check", "--help"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device that is full");
        let ended = run_soon(
            cannery(&folder.path)
                .args(&arguments)
                .stdin(File::open(folder.path.join("other.toml")).expect("a file"))
                .stdout(full),
        );
        assert_eq!(ended.code, Some(4), "{arguments:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("error: cannot write to stdout: No space left"),
            "{arguments:?}: {}",
            ended.stderr
        );
    }
}

#[test]
fn a_closed_stdout_pipe_is_not_an_error() {
    let folder = shop();
    for arguments in [vec!["schema"], vec!["man"], vec!["check", "--format", "json"], vec!["--help"]] {
        let mut child = cannery(&folder.path).args(&arguments).spawn().expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the command ends");
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{arguments:?}");
    }
}

/// Runs the command with a file size limit of 0, as if the disk were full.
fn on_a_full_disk(folder: &Folder, arguments: &str) -> Ended {
    let script = format!("trap '' XFSZ; ulimit -f 0; exec \"$0\" {arguments}");
    let mut command = Command::new("bash");
    command.current_dir(&folder.path).env_clear().args(["-c", &script, env!("CARGO_BIN_EXE_cannery")]);
    run(command.stdin(Stdio::null()))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_leaves_no_partial_files() {
    let folder = Folder::new();
    for arguments in ["init", "init deep/er", "init a.toml", "init there/b.toml", "man pages"] {
        fs::create_dir_all(folder.path.join("there")).expect("a folder");
        let ended = on_a_full_disk(&folder, arguments);
        assert_eq!(ended.code, Some(2), "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.contains("error: cannot write"), "{arguments}: {}", ended.stderr);
        let left: Vec<String> = names(&folder.path).into_iter().filter(|name| name != "pages").collect();
        assert_eq!(left, ["there"], "{arguments}");
        assert_eq!(names(&folder.path.join("there")), [""; 0], "{arguments}");
    }
    assert_eq!(names(&folder.path.join("pages")), [""; 0]);
}

#[test]
fn fmt_on_a_full_disk_keeps_the_file() {
    let folder = Folder::new();
    let text = "[[stub]]\nrequest.path='/a'\n";
    folder.write("a.toml", text);

    let ended = on_a_full_disk(&folder, "fmt a.toml");

    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(folder.path.join("a.toml")).expect("the file"), text);
    assert_eq!(names(&folder.path), ["a.toml"]);
}

/// Whether this process ignores SIGHUP, as it does if the tests were started by `nohup`. A child process inherits that.
fn is_hangup_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").expect("a mounted /proc");
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("a line SigIgn");
    let signals = u64::from_str_radix(ignored.trim(), 16).expect("a hexadecimal mask");
    // SIGHUP is signal 1, the lowest bit.
    signals & 1 == 1
}

/// Returns the command with the default reaction to SIGHUP.
fn with_default_hangup(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = cannery(&folder.path);
    if is_hangup_ignored() {
        // The option of GNU's `env` resets what this process cannot reset without `unsafe`.
        command = Command::new("env");
        command.current_dir(&folder.path).env_clear().args(["--default-signal=HUP", env!("CARGO_BIN_EXE_cannery")]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    command.args(arguments);
    command
}

#[test]
fn sighup_stops_a_server_gracefully() {
    let folder = Folder::new();
    folder.write(
        "scenarios/slow.toml",
        "[[stub]]\nrequest.path = '/slow'\nresponse.delay = '700ms'\nresponse.text = 'whole'\n",
    );
    let server = Serving::start(&mut with_default_hangup(&folder, &["serve", "--port", "0"]));
    let mut connection = server.connect();
    connection.write(&support::request("GET", "/slow", &[], b""));
    wait_within(LIMIT, "the request is there", || {
        at(&server.get("/__admin/requests").json(), "meta.total").to_string() == "1"
    });

    server.signal("HUP");
    server.signal("HUP");

    assert_eq!(connection.read().text(), "whole");
    let ended = server.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("stopping: requests in flight are finished"), "{}", ended.stderr);
}

#[test]
fn a_server_under_nohup_ignores_sighup() {
    let folder = shop();
    let mut command = Command::new("nohup");
    command.current_dir(&folder.path).env_clear().args([env!("CARGO_BIN_EXE_cannery"), "serve", "--port", "0"]);
    let server = Serving::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()));

    server.signal("HUP");
    std::thread::sleep(Duration::from_millis(200));

    assert_eq!(server.get("/a").text(), "old");
    assert_eq!(server.stop().code, Some(0));
}
