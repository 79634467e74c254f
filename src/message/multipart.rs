//! The parts of a multipart body (RFC 2046 §5.1, RFC 7578).

use std::ops::Range;

use super::media_type::{split_outside_quotes, unquote};

/// One part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name from Content-Disposition.
    pub name: Option<String>,
    /// The file's name from Content-Disposition.
    pub filename: Option<String>,
    /// Names and values in order.
    pub headers: Vec<(String, String)>,
    /// Where in the body its content stands.
    pub content: Range<usize>,
}

/// Splits a body at its boundary.
pub(super) fn parse(body: &[u8], boundary: &str) -> Result<Vec<Part>, String> {
    if boundary.is_empty() || boundary.len() > 70 {
        return Err("the boundary has from 1 to 70 characters".to_owned());
    }
    let delimiter = format!("--{boundary}");
    let mut at = find(body, delimiter.as_bytes(), 0).ok_or("the boundary does not stand in it")? + delimiter.len();
    let between = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    loop {
        if body[at..].starts_with(b"--") {
            return Ok(parts);
        }
        let line_end = find(body, b"\r\n", at).ok_or("a boundary without the end of its line")?;
        let from = line_end + 2;
        // A part without headers starts with the empty line itself.
        let end = find(body, between.as_bytes(), line_end).ok_or("the last part is not closed by its boundary")?;
        parts.push(part(body, from, end.max(from)));
        at = end + between.len();
    }
}

fn part(body: &[u8], from: usize, end: usize) -> Part {
    let (head, content) = if body[from..end].starts_with(b"\r\n") {
        (from..from, from + 2)
    } else {
        match find(&body[..end], b"\r\n\r\n", from) {
            Some(blank) => (from..blank, blank + 4),
            None => (from..end, end),
        }
    };
    let headers: Vec<(String, String)> = String::from_utf8_lossy(&body[head])
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let disposition = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"));
    let parameter = |wanted: &str| {
        split_outside_quotes(&disposition?.1, b';')
            .into_iter()
            .filter_map(|piece| piece.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
            .map(|(_, value)| unquote(value.trim()))
    };
    Part { name: parameter("name"), filename: parameter("filename"), content: content.min(end)..end, headers }
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    body.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn parts_have_names_files_and_contents() {
        let body = b"preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --B\r\ncontent-disposition: form-data; name=f; filename=\"x;y.txt\"\r\nContent-Type: text/plain\r\n\r\ntwo\r\nlines\r\n--B--\r\n";
        let parts = parse(body, "B").expect("parts");

        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].name.as_deref(), &body[parts[0].content.clone()]), (Some("a"), &b"1"[..]));
        assert_eq!(parts[1].filename.as_deref(), Some("x;y.txt"));
        assert_eq!(&body[parts[1].content.clone()], b"two\r\nlines");
    }

    #[test]
    fn a_body_that_is_cut_off_says_so() {
        assert_eq!(parse(b"--B\r\n\r\nhalf", "B"), Err("the last part is not closed by its boundary".to_owned()));
        assert_eq!(parse(b"nothing", "B"), Err("the boundary does not stand in it".to_owned()));
    }

    proptest! {
        #[test]
        fn splitting_never_panics(body in any::<Vec<u8>>(), text in "(--B|\r\n|a|:|;|--)*") {
            let _ = parse(&body, "B");
            let _ = parse(text.as_bytes(), "B");
        }
    }
}
