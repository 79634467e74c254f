//! The text of a file, which is UTF-8.

use super::diagnostic::{Diagnostic, Lines};

/// A file's text, which is UTF-8.
pub(super) fn text(bytes: Vec<u8>, name: &str) -> Result<String, Vec<Diagnostic>> {
    String::from_utf8(bytes).map_err(|error| vec![not_utf8(name, &error)])
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Diagnostic {
    let at = error.utf8_error().valid_up_to();
    // As many bytes as characters may become three times as many, but the text before the place stays as it is.
    let text = String::from_utf8_lossy(error.as_bytes());
    let help = "Save the file as UTF-8.".to_owned();
    Diagnostic::of_file(name, "this file is not UTF-8").helped(Some(help)).placed(
        &Lines::of(&text),
        &text,
        &(at..at + 1),
        "no character",
    )
}
