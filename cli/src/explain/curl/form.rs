//! The multipart body of `-F` (RFC 7578) as curl writes it, but with the same boundary each time.

use crate::explain::shell::lossy;

use super::error::CurlError;
use super::files::{Files, read};

/// The media type of a form.
pub const FORM_DATA: &str = "multipart/form-data";

/// One field of a form.
#[derive(Debug, Default)]
pub struct Field {
    name: Vec<u8>,
    filename: Option<Vec<u8>>,
    media: Option<Vec<u8>>,
    content: Vec<u8>,
}

/// Parses `name=content`, `name=@file` or `name=<file`, followed by `;type=` and `;filename=`.
pub fn field(value: &[u8], files: Files<'_>) -> Result<Field, CurlError> {
    let (name, rest) = split_name(value)?;
    let (source, rest) = match rest {
        [b'(', ..] => return Err(invalid("nested forms are not supported")),
        [source @ (b'@' | b'<'), rest @ ..] => (Some(*source), rest),
        rest => (None, rest),
    };
    let end = if source.is_some() { b',' } else { b';' };
    let (content, mut rest) = take_value(rest, end);
    let mut field = Field { name: name.to_vec(), ..Field::default() };
    let mut typed = false;
    while let [b';', as_written @ ..] = rest {
        let parameter = as_written.trim_ascii_start();
        if let Some(media) = parameter.strip_prefix(b"type=") {
            let (media, after) = split_at_either(media, b';', end);
            field.media = Some(media.trim_ascii().to_vec());
            (typed, rest) = (true, after);
        } else if let Some(filename) = parameter.strip_prefix(b"filename=") {
            let (filename, after) = take_value(filename, end);
            field.filename = Some(filename);
            (typed, rest) = (false, after);
        } else if parameter.starts_with(b"headers=") || parameter.starts_with(b"encoder=") {
            return Err(invalid("`;headers=` and `;encoder=` are not supported"));
        } else {
            let (parameter, after) = split_at_either(as_written, b';', end);
            // A parameter of the type, such as its charset. curl ignores other parameters.
            if let Some(media) = field.media.as_mut().filter(|_| typed) {
                media.push(b';');
                media.extend_from_slice(parameter.trim_ascii_end());
            }
            rest = after;
        }
    }
    if !rest.is_empty() {
        return Err(invalid("several files in one field are not supported"));
    }
    match source {
        None => field.content = content,
        Some(source) => {
            field.content = read("form", &content, files)?;
            if source == b'@' {
                let last = content.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
                field.filename.get_or_insert_with(|| last.to_vec());
            }
            let shown = field.filename.as_deref();
            let guessed = shown.and_then(guessed_media_type).or_else(|| guessed_media_type(&content));
            let guessed = guessed.filter(|media| shown.is_some() || *media != "text/plain");
            let media = guessed.or(shown.map(|_| "application/octet-stream"));
            field.media = field.media.or(media.map(|media| media.as_bytes().to_vec()));
        }
    }
    Ok(field)
}

fn invalid(message: &str) -> CurlError {
    CurlError::Value("form", message.to_owned())
}

fn split_name(value: &[u8]) -> Result<(&[u8], &[u8]), CurlError> {
    let at = value.iter().position(|byte| *byte == b'=');
    let at = at.ok_or_else(|| invalid(&format!("must be name=content, found `{}`", lossy(value))))?;
    Ok((&value[..at], &value[at + 1..]))
}

/// Returns a value, which may be in quotes, and the text after it.
fn take_value(text: &[u8], end: u8) -> (Vec<u8>, &[u8]) {
    let text = text.trim_ascii_start();
    if let [b'"', quoted @ ..] = text {
        let (mut value, mut rest) = (Vec::new(), quoted);
        loop {
            match rest {
                [b'\\', escaped @ (b'\\' | b'"'), after @ ..] => {
                    value.push(*escaped);
                    rest = after;
                }
                [b'"', after @ ..] => return (value, split_at_either(after, b';', end).1),
                [byte, after @ ..] => {
                    value.push(*byte);
                    rest = after;
                }
                // A quote that is not closed is an ordinary character.
                [] => break,
            }
        }
    }
    let (value, rest) = split_at_either(text, b';', end);
    (value.trim_ascii_end().to_vec(), rest)
}

fn split_at_either(text: &[u8], one: u8, other: u8) -> (&[u8], &[u8]) {
    let at = text.iter().position(|byte| *byte == one || *byte == other).unwrap_or(text.len());
    text.split_at(at)
}

/// Returns the media type that curl guesses from a file name.
fn guessed_media_type(name: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 10] = [
        (".gif", "image/gif"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".png", "image/png"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain"),
        (".htm", "text/html"),
        (".html", "text/html"),
        (".pdf", "application/pdf"),
        (".xml", "application/xml"),
    ];
    let name = lossy(name).to_ascii_lowercase();
    KNOWN.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, media)| *media)
}

/// Returns the body of a form with a media type, and its boundary.
pub fn write(fields: &[Field], media: &str) -> (Vec<u8>, String) {
    let essence = media.split(';').next().unwrap_or_default().trim();
    let disposition = if essence.eq_ignore_ascii_case(FORM_DATA) { "form-data" } else { "attachment" };
    let holds = |boundary: &str| {
        let bytes = boundary.as_bytes();
        fields.iter().any(|field| field.content.windows(bytes.len()).any(|window| window == bytes))
    };
    let boundary = (0..u32::MAX).map(|number| format!("------------------------cannery{number:015}"));
    let boundary = boundary.into_iter().find(|boundary| !holds(boundary)).unwrap_or_default();
    let mut body = Vec::new();
    for field in fields {
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: {disposition}; name=\"").as_bytes());
        quote(&field.name, &mut body);
        body.push(b'"');
        if let Some(filename) = &field.filename {
            body.extend_from_slice(b"; filename=\"");
            quote(filename, &mut body);
            body.push(b'"');
        }
        body.extend_from_slice(b"\r\n");
        if let Some(media) = &field.media {
            body.extend_from_slice(b"Content-Type: ");
            body.extend_from_slice(media);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(&field.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (body, boundary)
}

fn quote(text: &[u8], body: &mut Vec<u8>) {
    for byte in text {
        match byte {
            b'"' => body.extend_from_slice(b"%22"),
            b'\r' => body.extend_from_slice(b"%0D"),
            b'\n' => body.extend_from_slice(b"%0A"),
            byte => body.push(*byte),
        }
    }
}
