//! Replaces the fake credentials in an example's request with real ones.
//!
//! If another stub would then answer, the example tests the credential itself, such as a missing token. Then the request
//! keeps its own credential.

use cannery::message::{Head, Request, decode_form, encode_segment};

use super::additions::Additions;

/// Returns the request with every addition after which `is_accepted` still accepts it.
pub fn with_additions(example: &Request, added: &Additions, is_accepted: impl Fn(&Request) -> bool) -> Request {
    let mut target = example.head().target().to_owned();
    let mut headers: Vec<(String, Vec<u8>)> =
        example.head().headers().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
    for (name, value) in &added.headers {
        let others = headers.iter().filter(|(key, _)| !key.eq_ignore_ascii_case(name)).cloned();
        let changed: Vec<_> = others.chain([(name.clone(), value.clone().into_bytes())]).collect();
        if is_accepted(&compose(example, &target, &changed)) {
            headers = changed;
        }
    }
    for (name, value) in &added.query {
        let changed = with_query(&target, name, value);
        if is_accepted(&compose(example, &changed, &headers)) {
            target = changed;
        }
    }
    compose(example, &target, &headers)
}

fn compose(example: &Request, target: &str, headers: &[(String, Vec<u8>)]) -> Request {
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let head = Head::compose(example.method(), target, headers);
    Request::new(head, example.body().clone(), None, example.received_at())
}

/// Returns the target with a query parameter, which replaces parameters of the same name, or is appended.
fn with_query(target: &str, name: &str, value: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut pairs: Vec<String> = query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
    let has_name = |pair: &String| decode_form(pair.as_bytes()).first().is_some_and(|(key, _)| key == name);
    let place = pairs.iter().position(has_name).unwrap_or(pairs.len());
    pairs.retain(|pair| !has_name(pair));
    pairs.insert(place, format!("{}={}", encode_segment(name), encode_segment(value)));
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_takes_the_place_of_its_name() {
        assert_eq!(with_query("/a?b=1&t=2&c=3&t=4", "t", "x y"), "/a?b=1&t=x%20y&c=3");
        assert_eq!(with_query("/a?access%54oken=2", "accessToken", "&"), "/a?accessToken=%26");
        assert_eq!(with_query("/a", "t", "1"), "/a?t=1");
    }
}
