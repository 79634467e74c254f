//! Writes text and JSON to stdout and stderr, safe for a terminal.
//!
//! A closed pipe is not an error, because the reader has ended. Any other error of stdout is kept, and reported at the end
//! of the command.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use cannery::lock::lock;
use cannery::message::{visible_coloured, visible_json};
use cannery::model::Json;

use crate::background::BackgroundWriter;

/// Prints a line to stdout, safe for a terminal. Colours are kept only if a terminal shows them.
pub fn print(line: impl Display) {
    let text = format!("{line}\n");
    keep_error(AutoStream::auto(io::stdout()).lock().write_all(visible_coloured(&text).as_bytes()));
}

/// Prints JSON to stdout, with control characters escaped.
pub fn print_json(json: &str) {
    print_text(&visible_json(json));
    print_text("\n");
}

/// Prints a text to stdout byte for byte.
pub fn print_text(text: &str) {
    keep_error(io::stdout().lock().write_all(text.as_bytes()));
}

/// The first error of stdout.
static STDOUT_ERROR: Mutex<Option<io::Error>> = Mutex::new(None);

/// Keeps the first error of stdout, unless it is a closed pipe.
pub fn keep_error(outcome: io::Result<()>) {
    if let Err(error) = outcome
        && error.kind() != ErrorKind::BrokenPipe
    {
        lock(&STDOUT_ERROR).get_or_insert(error);
    }
}

/// Flushes stdout.
///
/// # Errors
/// The first error of stdout so far, unless it is a closed pipe.
pub fn flush_stdout() -> io::Result<()> {
    keep_error(io::stdout().lock().flush());
    lock(&STDOUT_ERROR).take().map_or(Ok(()), Err)
}

/// Returns whether stderr is a terminal that shows colours.
pub fn shows_colours() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// Prints a line to stderr, safe for a terminal. Colours are kept only if a terminal shows them.
pub fn eprint(line: impl Display) {
    eprint_lines(&visible_coloured(&format!("{line}\n")));
}

/// Prints an object as a line of JSON to stderr, with control characters escaped.
pub fn eprint_json(json: &Json) {
    eprint_lines(&visible_json(&format!("{json}\n")));
}

/// Prints lines to stderr. They must end with a line break and be safe for a terminal.
pub fn eprint_lines(lines: &str) {
    match BACKGROUND.get() {
        Some(background) => background.write(lines),
        None => write_error(lines),
    }
}

static BACKGROUND: OnceLock<BackgroundWriter> = OnceLock::new();

/// Starts a thread that writes to stderr, so that [`eprint`] does not block.
pub fn eprint_in_background() -> io::Result<()> {
    if BACKGROUND.get().is_none() {
        let _ = BACKGROUND.set(BackgroundWriter::start(write_error)?);
    }
    Ok(())
}

/// Waits until everything is written to stderr, but at most for `longest`: its reader may have stopped.
pub fn flush_stderr(longest: Duration) {
    if let Some(background) = BACKGROUND.get() {
        background.flush(longest);
    }
}

/// Returns whether a text has control characters other than white space. It does not stop at the first one, so that it
/// compiles to vector instructions.
fn has_controls(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | (byte.is_ascii_control() & !byte.is_ascii_whitespace()))
}

fn write_error(text: &str) {
    let stderr = io::stderr();
    let _ = match AutoStream::choice(&stderr) {
        ColorChoice::Never if !has_controls(text) => stderr.lock().write_all(text.as_bytes()),
        // In one write, because a stream that strips codes writes the texts between them one by one.
        ColorChoice::Never => stderr.lock().write_all(strip_str(text).to_string().as_bytes()),
        choice => AutoStream::new(stderr, choice).lock().write_all(text.as_bytes()),
    };
}
