//! Reads a request from flags: method, target, headers, body.

use cannery::message::RequestDraft;

/// The reason why flags are not a valid request.
#[derive(Debug, thiserror::Error)]
pub enum FlagsError {
    /// The target is neither a path nor a URL.
    #[error("`{0}` is not a valid target: it must start with `/`, or be a URL such as http://localhost/orders")]
    Target(String),
    /// A header has no colon.
    #[error("`{0}` is not a valid header: write it as in 'Accept: application/json'")]
    Header(String),
}

/// Returns the request of a line (method and target, or only a target), headers and a body.
pub fn draft(line: &[String], headers: &[String], body: Option<Vec<u8>>) -> Result<RequestDraft, FlagsError> {
    let (method, target) = match line {
        [method, target] => (method.as_str(), target.as_str()),
        [target] if body.is_some() => ("POST", target.as_str()),
        [target] => ("GET", target.as_str()),
        _ => ("GET", ""),
    };
    let mut draft =
        RequestDraft { method: method.to_owned(), body: body.unwrap_or_default().into(), ..Default::default() };
    for header in headers {
        let (name, value) = header.split_once(':').ok_or_else(|| FlagsError::Header(header.clone()))?;
        draft.headers.push((name.to_owned(), value.trim().as_bytes().to_vec()));
    }
    match target.split_once("://") {
        _ if target.starts_with('/') || target == "*" => draft.target = target.to_owned(),
        Some((_, rest)) => {
            let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let path = path.split('#').next().unwrap_or_default();
            draft.target = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
            if !draft.has("host") {
                draft.headers.insert(0, ("Host".to_owned(), host.as_bytes().to_vec()));
            }
        }
        None => return Err(FlagsError::Target(target.to_owned())),
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str], headers: &[&str], body: Option<&str>) -> Result<RequestDraft, FlagsError> {
        let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        draft(&strings(words), &strings(headers), body.map(|body| body.as_bytes().to_vec()))
    }

    #[test]
    fn without_a_method_the_body_decides() {
        assert_eq!(line(&["/a"], &[], None).expect("a request").method, "GET");
        assert_eq!(line(&["/a"], &[], Some("")).expect("a request").method, "POST");
        assert_eq!(line(&["PUT", "/a"], &[], Some("x")).expect("a request").method, "PUT");
    }

    #[test]
    fn a_url_gives_its_host_to_the_header() {
        let draft = line(&["http://shop:81?a=b#c"], &["Accept: x: y"], None).expect("a request");
        assert_eq!(draft.target, "/?a=b");
        assert_eq!(draft.headers, [("Host".into(), b"shop:81".to_vec()), ("Accept".into(), b"x: y".to_vec())]);
    }

    #[test]
    fn what_is_neither_a_target_nor_a_header_is_refused() {
        assert!(line(&["orders"], &[], None).is_err());
        assert!(line(&["GET"], &[], None).is_err());
        assert!(line(&["/a"], &["Accept"], None).is_err());
    }
}
