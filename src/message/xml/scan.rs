//! Scans markup that `quick-xml` does not split: the inside of tags, the XML declaration, document types.

use crate::model::is_xml_name;

use super::fault::{ReadError, shortened};

pub(super) const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// A name, and the offset of its local part.
#[derive(Debug, Clone, Copy)]
pub(super) struct QualifiedName<'t> {
    pub(super) text: &'t str,
    pub(super) local: usize,
}

impl<'t> QualifiedName<'t> {
    /// Reads a qualified name (Namespaces in XML 1.0 §4).
    pub(super) fn parse(text: &'t str) -> Result<QualifiedName<'t>, ReadError> {
        if let Some(local) = local_of_plain(text) {
            return Ok(QualifiedName { text, local });
        }
        let name = match memchr::memchr(b':', text.as_bytes()) {
            None => is_xml_name(text).then_some(QualifiedName { text, local: 0 }),
            Some(colon) => (is_xml_name(&text[..colon]) && is_xml_name(&text[colon + 1..]))
                .then_some(QualifiedName { text, local: colon + 1 }),
        };
        name.ok_or_else(|| format!("`{text}` is not a name").into())
    }

    pub(super) fn prefix(self) -> &'t str {
        &self.text[..self.local.saturating_sub(1)]
    }

    pub(super) fn local_part(self) -> &'t str {
        &self.text[self.local..]
    }
}

/// Returns where the local part of a qualified name starts if the name is ASCII, as nearly all are.
fn local_of_plain(text: &str) -> Option<usize> {
    let (mut local, mut is_at_start) = (0, true);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => is_at_start = false,
            b'0'..=b'9' | b'-' | b'.' if !is_at_start => {}
            b':' if !is_at_start && local == 0 => (local, is_at_start) = (place + 1, true),
            _ => return None,
        }
    }
    (!is_at_start).then_some(local)
}

/// The rest of a piece of markup.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'t> {
    pub(super) rest: &'t str,
}

impl<'t> Scan<'t> {
    /// Skips white space. Returns whether there was any.
    pub(super) fn space(&mut self) -> bool {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let length = self.rest.bytes().take_while(is_space).count();
        self.rest = &self.rest[length..];
        length > 0
    }

    /// Consumes a text if it is next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Consumes the text before the next of these ASCII bytes, or the rest.
    pub(super) fn before(&mut self, is_end: impl Fn(u8) -> bool) -> &'t str {
        let end = self.rest.bytes().position(is_end).unwrap_or(self.rest.len());
        let (before, rest) = self.rest.split_at(end);
        self.rest = rest;
        before
    }

    /// Consumes the text before a delimiter, and the delimiter.
    pub(super) fn up_to(&mut self, end: &str) -> Option<&'t str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }

    /// Consumes a value in quotes.
    pub(super) fn quoted(&mut self) -> Option<&'t str> {
        let quote = self.rest.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let end = memchr::memchr(quote, &self.rest.as_bytes()[1..])? + 1;
        let value = &self.rest[1..end];
        self.rest = &self.rest[end + 1..];
        Some(value)
    }

    /// Consumes an equals sign with white space around it, and a value in quotes.
    pub(super) fn equals_quoted(&mut self) -> Option<&'t str> {
        self.space();
        if !self.take("=") {
            return None;
        }
        self.space();
        self.quoted()
    }
}

/// Consumes `SYSTEM "..."` or `PUBLIC "..." "..."`. Returns whether there is one. A notation may have no system identifier.
pub(super) fn external_id(scan: &mut Scan<'_>, is_notation: bool) -> Result<bool, ReadError> {
    let wrong = || ReadError::from("an external identifier must be `SYSTEM \"...\"` or `PUBLIC \"...\" \"...\"`");
    let is_public = scan.take("PUBLIC");
    if !is_public && !scan.take("SYSTEM") {
        return Ok(false);
    }
    if !scan.space() {
        return Err(wrong());
    }
    if is_public {
        let public = scan.quoted().ok_or_else(wrong)?;
        let is_public_character = |c: char| c.is_ascii_alphanumeric() || " \n\r-'()+,./:=?;!*#@$_%".contains(c);
        if !public.chars().all(is_public_character) {
            return Err("a public identifier has characters that it must not have".into());
        }
        let mut ahead = *scan;
        if !ahead.space() || !ahead.rest.starts_with(['"', '\'']) {
            return if is_notation { Ok(true) } else { Err(wrong()) };
        }
        *scan = ahead;
    }
    scan.quoted().ok_or_else(wrong)?;
    Ok(true)
}

/// Consumes a name without a colon.
pub(super) fn name<'t>(scan: &mut Scan<'t>) -> Result<&'t str, ReadError> {
    let end =
        scan.rest.find(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.' | ':'));
    let (name, rest) = scan.rest.split_at(end.unwrap_or(scan.rest.len()));
    if !is_xml_name(name) {
        return Err(format!("`{}` is not a name", shortened(name)).into());
    }
    scan.rest = rest;
    Ok(name)
}
