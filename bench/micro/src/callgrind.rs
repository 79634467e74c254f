//! Counts instructions by running this program once more under callgrind.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::measured::Kind;

/// A light task is counted this many times.
const TIMES: usize = 50;

/// Makes glibc keep all small freed blocks for reuse. Otherwise it merges them at times that depend on the rest of the memory, which
/// changes a row by up to a tenth, even with the name of the folder.
const MALLOC_TUNABLES: &str = "glibc.malloc.tcache_count=65535";

/// Returns the instructions of one run of each task of a kind, by label.
///
/// # Errors
/// If callgrind is not installed, or its output lacks a label.
pub fn instructions(kind: &Kind, stubs: usize) -> Result<BTreeMap<String, f64>, String> {
    let folder = std::env::temp_dir().join(format!("micro-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let counted = run(&folder, kind.name, stubs).and_then(|output| {
        // Each task runs twice: once to fill caches, and once to be counted.
        output
            .lines()
            .enumerate()
            .map(|(place, line)| count(&folder.join(format!("out.{}", 2 * place + 2)), line))
            .collect()
    });
    let _ = std::fs::remove_dir_all(&folder);
    counted
}

/// Runs inside callgrind: prints the label of each task, and how often it ran.
pub fn run_for_counting(kind: &Kind, stubs: usize) {
    for task in (kind.tasks)(stubs) {
        task.run(TIMES);
        println!("{}\t{}", task.label(), task.times(TIMES));
    }
}

fn run(folder: &Path, kind: &str, stubs: usize) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let ended = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .args(["--toggle-collect=micro::measured::measured", "--dump-after=micro::measured::measured"])
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .env("GLIBC_TUNABLES", MALLOC_TUNABLES)
        .arg(program)
        .args(["--counted", kind, "--stubs", &stubs.to_string()])
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    match ended.status.success() {
        true => Ok(String::from_utf8_lossy(&ended.stdout).into_owned()),
        false => Err(format!("valgrind ended with {}:\n{}", ended.status, String::from_utf8_lossy(&ended.stderr))),
    }
}

fn count(file: &Path, line: &str) -> Result<(String, f64), String> {
    let unread = |reason: String| format!("{}: {reason}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| unread(error.to_string()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    let total = total.and_then(|total| total.trim().parse::<f64>().ok());
    let (label, times) =
        line.rsplit_once('\t').ok_or_else(|| unread(format!("`{line}` is not a label and a count")))?;
    match (total, times.parse::<f64>()) {
        (Some(total), Ok(times)) if total > 0.0 => Ok((label.to_owned(), total / times)),
        _ => Err(unread("no total".to_owned())),
    }
}
