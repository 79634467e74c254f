//! Counts instructions by running this program once more under callgrind.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::measured::Kind;

/// How many light ones are counted of each task.
const TIMES: usize = 50;

/// Lets glibc keep all small pieces that are freed, each where it is asked for next. Otherwise it joins them now and then, and when
/// hangs on what else is in memory: a tenth of a row, which comes and goes with the name of the folder.
const CALM: &str = "glibc.malloc.tcache_count=65535";

/// Instructions that one of each of the tasks of a kind takes, by their labels.
///
/// # Errors
/// Where callgrind is not there, or does not say what is looked for.
pub fn instructions(kind: &Kind, stubs: usize) -> Result<BTreeMap<String, f64>, String> {
    let folder = std::env::temp_dir().join(format!("micro-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let counted = run(&folder, kind.name, stubs).and_then(|told| {
        // Each task is run twice: once for what is built on first need, and once to be counted.
        told.lines()
            .enumerate()
            .map(|(place, line)| count(&folder.join(format!("out.{}", 2 * place + 2)), line))
            .collect()
    });
    let _ = std::fs::remove_dir_all(&folder);
    counted
}

/// What the process does that callgrind looks at: it tells of each task its label and how often it was run.
pub fn be_counted(kind: &Kind, stubs: usize) {
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
        .env("GLIBC_TUNABLES", CALM)
        .arg(program)
        .args(["--counted", kind, "--stubs", &stubs.to_string()])
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    match ended.status.success() {
        true => Ok(String::from_utf8_lossy(&ended.stdout).into_owned()),
        false => Err(format!("valgrind ended with {}:\n{}", ended.status, String::from_utf8_lossy(&ended.stderr))),
    }
}

fn count(file: &Path, told: &str) -> Result<(String, f64), String> {
    let unread = |reason: String| format!("{}: {reason}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| unread(error.to_string()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    let total = total.and_then(|total| total.trim().parse::<f64>().ok());
    let (label, times) = told.rsplit_once('\t').ok_or_else(|| unread(format!("{told} is no label")))?;
    match (total, times.parse::<f64>()) {
        (Some(total), Ok(times)) if total > 0.0 => Ok((label.to_owned(), total / times)),
        _ => Err(unread("no total".to_owned())),
    }
}
