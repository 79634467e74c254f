//! Renders the headers and the body of a request or an answer.

use std::fmt::Write as _;

use crate::message::{Redaction, is_secret, strict_text, visible, visible_lines};

use super::explanation_text::Style;

/// The most characters of a body that are shown.
const MAX_BODY: usize = 2000;

/// Renders headers and bodies so that they are safe for a terminal, and without secrets if the style says so.
pub(super) struct MessageRenderer {
    pub(super) style: Style,
    /// Empty if nothing is redacted.
    pub(super) redaction: Redaction,
}

impl MessageRenderer {
    /// Writes a header on a line.
    pub(super) fn header_line(&self, name: &str, value: &str, text: &mut String) {
        let value = match self.style.redact {
            true if is_secret(name) => "(redacted)".into(),
            true => self.redaction.redact(value),
            false => value.into(),
        };
        let _ = writeln!(text, "  {}: {}", visible(name), visible(&value));
    }

    /// Writes a body line by line; if it is not text, its length and type.
    pub(super) fn body_lines(&self, body: &[u8], media: Option<&str>, text: &mut String) {
        text.push('\n');
        // A text has no NUL, however it is encoded.
        let whole = strict_text(body, media).filter(|text| !text.contains('\0'));
        let Some(whole) = whole.as_deref() else {
            let media = visible(media.unwrap_or("no declared type"));
            let _ = writeln!(text, "  ({} bytes of {media})", body.len());
            return;
        };
        let cut = whole.char_indices().nth(MAX_BODY).map(|(at, _)| at);
        let beginning = &whole[..cut.unwrap_or(whole.len())];
        let beginning = if self.style.redact {
            self.redaction.redact(beginning)
        } else {
            beginning.into()
        };
        for line in beginning.lines() {
            let _ = writeln!(text, "{}", format!("  {}", visible_lines(line)).trim_end());
        }
        if cut.is_some() {
            let _ = writeln!(text, "  ... ({} bytes in all)", body.len());
        }
    }
}
