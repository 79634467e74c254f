//! The real credentials in an example's request, in place of the made-up ones.
//!
//! Where the mock would answer the request with another stub then, the credential is what the example is about, such as
//! one that shows what happens without: it keeps its own.

use cannery::message::{Head, Request, decode_form, encode_segment};

use super::additions::Additions;

/// The request with all that can be added to it; `alike` tells whether it is still the example's.
pub fn with_additions(example: &Request, added: &Additions, alike: impl Fn(&Request) -> bool) -> Request {
    let mut target = example.head().target().to_owned();
    let mut headers: Vec<(String, Vec<u8>)> =
        example.head().headers().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
    for (name, value) in &added.headers {
        let others = headers.iter().filter(|(key, _)| !key.eq_ignore_ascii_case(name)).cloned();
        let changed: Vec<_> = others.chain([(name.clone(), value.clone().into_bytes())]).collect();
        if alike(&composed(example, &target, &changed)) {
            headers = changed;
        }
    }
    for (name, value) in &added.query {
        let changed = with_query(&target, name, value);
        if alike(&composed(example, &changed, &headers)) {
            target = changed;
        }
    }
    composed(example, &target, &headers)
}

fn composed(example: &Request, target: &str, headers: &[(String, Vec<u8>)]) -> Request {
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let head = Head::compose(example.method(), target, headers);
    Request::new(head, example.body().clone(), None, example.received_at())
}

/// The target with a parameter in place of those of its name, or at its end.
fn with_query(target: &str, name: &str, value: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut pairs: Vec<String> = query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
    let is_it = |pair: &String| decode_form(pair.as_bytes()).first().is_some_and(|(key, _)| key == name);
    let place = pairs.iter().position(is_it).unwrap_or(pairs.len());
    pairs.retain(|pair| !is_it(pair));
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
