//! Checks the XML declaration (XML 1.0 §2.8).

use super::fault::ReadError;
use super::scan::Scan;

/// Reads the text between `<?xml` and `?>`. Returns whether the document is declared to be standalone.
pub(super) fn is_standalone(text: &str) -> Result<bool, ReadError> {
    let mut scan = Scan { rest: text };
    let version = value(&mut scan, "version")?.ok_or("an XML declaration must begin with `version`")?;
    let minor = version.strip_prefix("1.");
    if !minor.is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(format!("the version of XML must be 1.0, found `{version}`").into());
    }
    if let Some(name) = value(&mut scan, "encoding")?
        && !is_encoding_name(name)
    {
        return Err(format!("`{name}` is not the name of an encoding").into());
    }
    let standalone = value(&mut scan, "standalone")?;
    if let Some(other) = standalone.filter(|value| !matches!(*value, "yes" | "no")) {
        return Err(format!("`standalone` must be `yes` or `no`, found `{other}`").into());
    }
    scan.space();
    if !scan.rest.is_empty() {
        return Err(
            "an XML declaration must have `version`, `encoding` and `standalone` in this order, and nothing else"
                .into(),
        );
    }
    Ok(standalone == Some("yes"))
}

/// Reads the value of a name, if the name is next.
fn value<'t>(scan: &mut Scan<'t>, name: &str) -> Result<Option<&'t str>, ReadError> {
    let mut ahead = *scan;
    if !ahead.space() || !ahead.take(name) {
        return Ok(None);
    }
    let value = ahead.equals_quoted().ok_or_else(|| format!("`{name}` must have a value in quotes"))?;
    *scan = ahead;
    Ok(Some(value))
}

fn is_encoding_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
