//! Splits a URL as curl does, into host, credentials and target.

use std::net::Ipv6Addr;

use super::error::CurlError;

/// The parts of a URL.
#[derive(Debug, PartialEq, Eq)]
pub struct Address {
    /// The value of the header Host: without the default port of the scheme.
    pub host: String,
    /// User and password in the URL, decoded.
    pub user: Option<Vec<u8>>,
    /// Path and query.
    pub target: String,
}

/// Splits a URL, and appends `query` to its query.
pub fn address(url: &str, query: Option<&str>) -> Result<Address, CurlError> {
    let invalid = |problem| CurlError::Url(url.to_owned(), problem);
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let default_port = match scheme.to_ascii_lowercase().as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return Err(invalid("is neither http nor https")),
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(decoded(user)), host),
        None => (None, authority),
    };
    if host.is_empty() {
        return Err(invalid("has no host"));
    }
    let (path, own_query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let path = match path {
        "" => "/".to_owned(),
        path => without_dots(path),
    };
    let target = match joined(own_query, query) {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    Ok(Address { host: host.strip_suffix(default_port).unwrap_or(host).to_owned(), user, target })
}

fn joined(own: Option<&str>, more: Option<&str>) -> Option<String> {
    match (own, more) {
        (None, None) => None,
        (Some(query), None) | (None | Some(""), Some(query)) => Some(query.to_owned()),
        (Some(own), Some(more)) if own.ends_with('&') => Some(format!("{own}{more}")),
        (Some(own), Some(more)) => Some(format!("{own}&{more}")),
    }
}

/// Removes `.` and `..` from a path (RFC 3986 §5.2.4).
fn without_dots(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let last = segments.len() - 1;
    let mut kept: Vec<&str> = Vec::new();
    for (place, segment) in segments.into_iter().enumerate() {
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if place == last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Returns whether curl would take the URL for a pattern: `{a,b}` and `[1-3]` stand for several URLs.
///
/// An IPv6 address in brackets is not a pattern, nor are empty brackets as in `?id[]=7`.
pub fn has_glob(url: &str) -> bool {
    let is_plain = |text: &str| !text.contains(['{', '}', ']']);
    let is_literal = |text: &str| text.is_empty() || text.parse::<Ipv6Addr>().is_ok();
    let mut parts = url.split('[');
    let before = parts.next().unwrap_or_default();
    let mut bracketed = parts.map(|part| part.split_once(']'));
    let all_plain = bracketed.all(|part| part.is_some_and(|(inside, after)| is_literal(inside) && is_plain(after)));
    !(is_plain(before) && all_plain)
}

fn decoded(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    loop {
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        rest = match rest {
            [] => return bytes,
            [b'%', high, low, after @ ..] => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    after
                }
                _ => {
                    bytes.push(b'%');
                    &rest[1..]
                }
            },
            [byte, after @ ..] => {
                bytes.push(*byte);
                after
            }
        }
    }
}
