//! Text for people and programs. Where nobody reads it there is nobody to tell, so a closed pipe is no failure.

use std::fmt::Display;
use std::io::Write as _;

use anstream::AutoStream;

/// Writes a line to stdout; colours stay only where a terminal shows them.
pub fn say(line: impl Display) {
    let _ = AutoStream::auto(std::io::stdout()).lock().write_all(format!("{line}\n").as_bytes());
}

/// Writes a line to stderr; colours stay only where a terminal shows them.
pub fn tell(line: impl Display) {
    let _ = AutoStream::auto(std::io::stderr()).lock().write_all(format!("{line}\n").as_bytes());
}

/// Writes a text to stdout as it is, byte for byte.
pub fn say_text(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
