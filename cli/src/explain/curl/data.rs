//! The data that `-d` and the other data options add to a body.

use super::error::CurlError;
use super::files::{Files, read};
use super::options::Meaning;

/// Adds the value of one option to the data so far.
pub fn add(
    data: &mut Option<Vec<u8>>,
    meaning: Meaning,
    option: &str,
    value: &[u8],
    files: Files<'_>,
) -> Result<(), CurlError> {
    let piece = piece(meaning, option, value, files)?;
    match data {
        None => *data = Some(piece),
        Some(before) => {
            if meaning != Meaning::Json {
                before.push(b'&');
            }
            before.extend_from_slice(&piece);
        }
    }
    Ok(())
}

fn piece(meaning: Meaning, option: &str, value: &[u8], files: Files<'_>) -> Result<Vec<u8>, CurlError> {
    match (meaning, value) {
        (Meaning::DataUrlencode, _) => urlencoded(value, files),
        (Meaning::Data, [b'@', path @ ..]) => {
            let mut text = read(option, path, files)?;
            text.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
            Ok(text)
        }
        (Meaning::DataBinary | Meaning::Json, [b'@', path @ ..]) => read(option, path, files),
        _ => Ok(value.to_vec()),
    }
}

/// Encodes `content`, `=content`, `name=content`, `@file` or `name@file`, except for the name.
fn urlencoded(value: &[u8], files: Files<'_>) -> Result<Vec<u8>, CurlError> {
    let mark = value.iter().position(|byte| *byte == b'=').or_else(|| value.iter().position(|byte| *byte == b'@'));
    let (name, content) = match mark {
        None => (&[][..], value.to_vec()),
        Some(at) if value[at] == b'@' => (&value[..at], read("data-urlencode", &value[at + 1..], files)?),
        Some(at) => (&value[..at], value[at + 1..].to_vec()),
    };
    let mut encoded = name.to_vec();
    if !name.is_empty() {
        encoded.push(b'=');
    }
    for byte in content {
        match byte {
            b' ' => encoded.push(b'+'),
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => encoded.push(byte),
            byte => encoded.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    Ok(encoded)
}
