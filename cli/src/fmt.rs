//! `cannery fmt`: formats scenario files.
//!
//! Files are replaced atomically.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

use cannery::formats::{Diagnostics, Streams, find_files, format_scenario, read_whole};
use cannery::message::visible;

use crate::args::FmtArgs;
use crate::atomic_file;
use crate::exit::{EXPECTATION_FAILED, Failure};
use crate::output::{eprint, print, print_text};

/// The maximum size of a file, which is also the maximum for serving.
const LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// Formats files, or with `--check` lists those that would change.
pub fn fmt(args: &FmtArgs) -> Result<ExitCode, Failure> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return match args.paths.as_slice() {
            [_] => stdin(args.check),
            _ => Err(Failure::Usage("`-` must be the only path, found other paths too".to_owned())),
        };
    }
    let found = find_files(&args.paths);
    if found.files.is_empty() && found.diagnostics.is_empty() {
        return Err(Failure::Usage("there is no scenario file here".to_owned()));
    }
    found.skipped.iter().for_each(|warning| eprint(warning.render(true)));
    let mut diagnostics = found.diagnostics;
    let mut changed = 0;
    for file in &found.files {
        let name = file.display().to_string();
        let bytes = read(file)?;
        match format_scenario(bytes.clone(), &name) {
            Err(found) => diagnostics.extend(found.0),
            Ok(text) if text.as_bytes() == bytes => {}
            Ok(text) => {
                changed += 1;
                if args.check {
                    print(format_args!("would change {}", visible(&name)));
                } else {
                    replace(file, &text).map_err(|error| Failure::Usage(format!("cannot write {name}: {error}")))?;
                    print(format_args!("changed {}", visible(&name)));
                }
            }
        }
    }
    match diagnostics.as_slice() {
        [] => Ok(verdict(args.check && changed > 0)),
        _ => Err(Failure::Scenarios(Diagnostics(diagnostics))),
    }
}

fn verdict(is_changed: bool) -> ExitCode {
    if is_changed { ExitCode::from(EXPECTATION_FAILED) } else { ExitCode::SUCCESS }
}

fn stdin(check: bool) -> Result<ExitCode, Failure> {
    let mut bytes = Vec::new();
    io::stdin().take(LIMIT_BYTES + 1).read_to_end(&mut bytes).map_err(Failure::System)?;
    refuse_large("stdin", bytes.len() as u64)?;
    let text = format_scenario(bytes.clone(), "stdin").map_err(Failure::Scenarios)?;
    let is_changed = text.as_bytes() != bytes;
    match check {
        true if is_changed => print("would change stdin"),
        true => {}
        false => print_text(&text),
    }
    Ok(verdict(check && is_changed))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    read_whole(file, Streams::Refuse)
        .map_err(|fault| Failure::Usage(format!("cannot read {}: {fault}", file.display())))
}

fn refuse_large(name: &str, bytes: u64) -> Result<(), Failure> {
    if bytes > LIMIT_BYTES {
        return Err(Failure::Usage(format!("{name} must be at most 64 MiB")));
    }
    Ok(())
}

/// Replaces the text of a file and keeps its permissions. The target of a link is replaced, not the link.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let file = file.canonicalize()?;
    let permissions = fs::metadata(&file)?.permissions();
    atomic_file::replace(&file, text.as_bytes(), Some(permissions))
}
