//! Decodes the text of a file, which must be UTF-8.

use super::diagnostic::Diagnostic;
use super::excerpt::Lines;

/// Returns the text of a file.
pub(super) fn text(bytes: Vec<u8>, name: &str) -> Result<String, Vec<Diagnostic>> {
    String::from_utf8(bytes).map_err(|error| vec![not_utf8(name, &error)])
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Diagnostic {
    let at = error.utf8_error().valid_up_to();
    // The text before the fault is UTF-8 and stays as it is, so line and column are right.
    let text = String::from_utf8_lossy(error.as_bytes());
    let help = "Save the file as UTF-8.".to_owned();
    Diagnostic::for_file(name, "the file must be UTF-8").with_help(Some(help)).with_span(
        &Lines::new(&text),
        &text,
        &(at..at + 1),
        "not UTF-8",
    )
}
