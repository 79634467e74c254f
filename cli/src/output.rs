//! Text for people and programs. Where nobody reads it there is nobody to tell, so a closed pipe is no failure.

use std::fmt::Display;
use std::io::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};

use crate::background::Background;

/// Writes a line to stdout; colours stay only where a terminal shows them.
pub fn say(line: impl Display) {
    let _ = AutoStream::auto(std::io::stdout()).lock().write_all(format!("{line}\n").as_bytes());
}

/// Whether colours on stderr reach a terminal that shows them.
pub fn shows_colours() -> bool {
    AutoStream::choice(&std::io::stderr()) != ColorChoice::Never
}

/// Writes a line to stderr; colours stay only where a terminal shows them.
pub fn tell(line: impl Display) {
    tell_lines(&format!("{line}\n"));
}

/// As [`tell`], of lines that end with a line break.
pub fn tell_lines(lines: &str) {
    match BACKGROUND.get() {
        Some(background) => background.tell(lines),
        None => write_error(lines),
    }
}

static BACKGROUND: OnceLock<Background> = OnceLock::new();

/// From now on [`tell`] does not wait until a line is written.
pub fn tell_in_background() -> std::io::Result<()> {
    if BACKGROUND.get().is_none() {
        let _ = BACKGROUND.set(Background::start(write_error)?);
    }
    Ok(())
}

/// Waits until all that was told is written, so long at most: nobody may be there to read it.
pub fn finish_telling(longest: Duration) {
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
    let stderr = std::io::stderr();
    let _ = match AutoStream::choice(&stderr) {
        ColorChoice::Never if !has_controls(text) => stderr.lock().write_all(text.as_bytes()),
        // In one piece: a stream that strips writes what stands between two codes by itself.
        ColorChoice::Never => stderr.lock().write_all(strip_str(text).to_string().as_bytes()),
        choice => AutoStream::new(stderr, choice).lock().write_all(text.as_bytes()),
    };
}

/// Writes a text to stdout as it is, byte for byte.
pub fn say_text(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
