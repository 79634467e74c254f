//! Counts instructions by running this program once more under callgrind.

use std::path::Path;
use std::process::Command;

/// How many requests are counted in each case.
pub const REQUESTS: usize = 200;

/// Instructions for one request of each of the cases of a kind, which are so many.
///
/// # Errors
/// Where callgrind is not there, or does not say what is looked for.
pub fn instructions(kind: &str, cases: usize, stubs: usize) -> Result<Vec<f64>, String> {
    let folder = std::env::temp_dir().join(format!("micro-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let counted = run(&folder, kind, stubs).and_then(|()| {
        // Each case calls it twice: once for what is built on first need, and once to be counted.
        (0..cases).map(|case| count(&folder.join(format!("out.{}", 2 * case + 2)))).collect()
    });
    let _ = std::fs::remove_dir_all(&folder);
    counted
}

fn run(folder: &Path, kind: &str, stubs: usize) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let ended = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .args(["--toggle-collect=micro::send", "--dump-after=micro::send"])
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(program)
        .args(["--counted", "--stubs", &stubs.to_string(), "--only", kind])
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    match ended.status.success() {
        true => Ok(()),
        false => Err(format!("valgrind ended with {}:\n{}", ended.status, String::from_utf8_lossy(&ended.stderr))),
    }
}

fn count(file: &Path) -> Result<f64, String> {
    let unread = |reason: String| format!("{}: {reason}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| unread(error.to_string()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    let total = total.and_then(|total| total.trim().parse::<f64>().ok());
    total.map(|total| total / REQUESTS as f64).ok_or_else(|| unread("no total".to_owned()))
}
