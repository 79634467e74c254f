//! The lines of the log about reloads.

use std::path::PathBuf;
use std::sync::Arc;

use cannery::engine::{MountedStub, Reloaded};
use cannery::formats::{Diagnostic, Diagnostics};
use cannery::message::visible;
use cannery::model::{Json, Timestamp};

use crate::args::LogFormat;
use crate::count::counted;
use crate::log::notice;
use crate::output::{eprint, eprint_json};

/// The maximum number of stubs or files that are listed by name. More are only counted.
const MAX_NAMED: usize = 3;

/// Logs a warning for each entry of a folder that is skipped because it is not a file.
pub fn warn_skipped(format: LogFormat, warnings: &[Diagnostic]) {
    for warning in warnings {
        notice(format, "skipped", &warning.render(format != LogFormat::Json));
    }
}

/// Logs which stubs were added, changed and removed; nothing if neither a file nor a stub has changed.
pub(super) fn reloaded(format: LogFormat, at: Timestamp, files: &[PathBuf], reloaded: &Reloaded) {
    let sorts = [("added", &reloaded.added), ("changed", &reloaded.changed), ("removed", &reloaded.removed)];
    if files.is_empty() && sorts.iter().all(|(_, stubs)| stubs.is_empty()) {
        return;
    }
    match format {
        LogFormat::Text | LogFormat::Off => {
            eprint(format_args!("{} reloaded{}: {}", at.time_of_day(), file_list(files), summary(&sorts)))
        }
        LogFormat::Json => {
            let mut line = event(at, "current", files);
            for (sort, stubs) in sorts {
                line.set(sort, Json::Array(stubs.iter().map(|mounted| mounted.full_name().into()).collect()));
            }
            eprint_json(&line);
        }
    }
}

/// Logs why the files do not load.
pub(super) fn failed(format: LogFormat, at: Timestamp, files: &[PathBuf], diagnostics: &Diagnostics) {
    match format {
        LogFormat::Text | LogFormat::Off => {
            eprint(format_args!(
                "{} not reloaded{}: the server keeps the stubs that it has",
                at.time_of_day(),
                file_list(files)
            ));
            eprint(diagnostics.render(true).trim_end());
        }
        LogFormat::Json => {
            let mut line = event(at, "stale", files);
            line.set("problem", diagnostics.render(false).into());
            eprint_json(&line);
        }
    }
}

/// Returns the first error and its position, for users of the old set of stubs. It does not quote the file, which may
/// contain secrets.
pub(super) fn problem(diagnostics: &Diagnostics) -> Option<String> {
    let first = diagnostics.0.first()?.summary();
    Some(match diagnostics.0.len() - 1 {
        0 => first,
        more => format!("{first} (and {more} more, in the log)"),
    })
}

fn file_list(files: &[PathBuf]) -> String {
    match files.len() {
        0 => String::new(),
        1..=MAX_NAMED => {
            format!(" {}", visible(&files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")))
        }
        many => format!(" {}", counted(many, "file")),
    }
}

/// Renders `1 stub changed (shop/an order is shown), 7 added`.
fn summary(sorts: &[(&str, &Vec<Arc<MountedStub>>)]) -> String {
    let mut parts = Vec::new();
    for (sort, stubs) in sorts.iter().filter(|(_, stubs)| !stubs.is_empty()) {
        let number = if parts.is_empty() {
            counted(stubs.len(), "stub")
        } else {
            stubs.len().to_string()
        };
        let names = stubs.iter().map(|mounted| mounted.full_name()).collect::<Vec<_>>().join(", ");
        let names = if stubs.len() <= MAX_NAMED {
            format!(" ({})", visible(&names))
        } else {
            String::new()
        };
        parts.push(format!("{number} {sort}{names}"));
    }
    if parts.is_empty() { "no stub changed".to_owned() } else { parts.join(", ") }
}

fn event(at: Timestamp, status: &str, files: &[PathBuf]) -> Json {
    let files = files.iter().map(|file| file.display().to_string().into()).collect();
    Json::from([
        ("time", at.to_string().into()),
        ("event", "reload".into()),
        ("status", status.into()),
        ("files", Json::Array(files)),
    ])
}
