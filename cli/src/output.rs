//! Text for people and programs, which is all that is written to stdout and stderr.
//!
//! If nobody reads it there is nobody to tell, so a closed pipe is no failure. Any other error of stdout is one: it is kept
//! until the command ends, which reports it.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use cannery::message::{visible_coloured, visible_json};
use cannery::model::Json;

use crate::background::{BackgroundWriter, lock};

/// Writes a line to stdout, safe for a terminal; colours stay only where a terminal shows them.
pub fn print(line: impl Display) {
    let text = format!("{line}\n");
    keep_error(AutoStream::auto(io::stdout()).lock().write_all(visible_coloured(&text).as_bytes()));
}

/// Writes JSON to stdout, in which what a terminal would obey is escaped.
pub fn print_json(json: &str) {
    print_text(&visible_json(json));
    print_text("\n");
}

/// Writes a text to stdout as it is, byte for byte.
pub fn print_text(text: &str) {
    keep_error(io::stdout().lock().write_all(text.as_bytes()));
}

/// The first error of stdout.
static STDOUT_ERROR: Mutex<Option<io::Error>> = Mutex::new(None);

/// Keeps what went wrong with stdout, unless its reader is gone.
pub fn keep_error(outcome: io::Result<()>) {
    if let Err(error) = outcome
        && error.kind() != ErrorKind::BrokenPipe
    {
        lock(&STDOUT_ERROR).get_or_insert(error);
    }
}

/// Writes what is still held back to stdout.
///
/// # Errors
/// What has gone wrong with stdout so far, other than that its reader is gone.
pub fn flush_stdout() -> io::Result<()> {
    keep_error(io::stdout().lock().flush());
    lock(&STDOUT_ERROR).take().map_or(Ok(()), Err)
}

/// Whether colours on stderr reach a terminal that shows them.
pub fn shows_colours() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// Writes a line to stderr, safe for a terminal; colours stay only where a terminal shows them.
pub fn eprint(line: impl Display) {
    eprint_lines(&visible_coloured(&format!("{line}\n")));
}

/// Writes an object as a line of JSON to stderr, in which what a terminal would obey is escaped.
pub fn eprint_json(json: &Json) {
    eprint_lines(&visible_json(&format!("{json}\n")));
}

/// Writes lines to stderr that end with a line break and are safe for a terminal already.
pub fn eprint_lines(lines: &str) {
    match BACKGROUND.get() {
        Some(background) => background.write(lines),
        None => write_error(lines),
    }
}

static BACKGROUND: OnceLock<BackgroundWriter> = OnceLock::new();

/// From now on [`eprint`] does not wait until a line is written.
pub fn eprint_in_background() -> io::Result<()> {
    if BACKGROUND.get().is_none() {
        let _ = BACKGROUND.set(BackgroundWriter::start(write_error)?);
    }
    Ok(())
}

/// Waits until all that was told is written, so long at most: nobody may be there to read it.
pub fn flush_stderr(longest: Duration) {
    if let Some(background) = BACKGROUND.get() {
        background.flush(longest);
    }
}

/// Whether anything in a text would be stripped from it. It is looked at to its end, which a processor does for many bytes at
/// once.
fn has_controls(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | (byte.is_ascii_control() & !byte.is_ascii_whitespace()))
}

fn write_error(text: &str) {
    let stderr = io::stderr();
    let _ = match AutoStream::choice(&stderr) {
        ColorChoice::Never if !has_controls(text) => stderr.lock().write_all(text.as_bytes()),
        // In one piece: a stream that strips writes what stands between two codes by itself.
        ColorChoice::Never => stderr.lock().write_all(strip_str(text).to_string().as_bytes()),
        choice => AutoStream::new(stderr, choice).lock().write_all(text.as_bytes()),
    };
}
