//! Requests and the views of their bodies.

use super::*;

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    Request::new(Head::compose(method, target, headers), Bytes::copy_from_slice(body), None, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_path_is_split_before_it_is_decoded() {
    let sent = request("GET", "/a%2Fb//%FF/c%20?x=/y", &[], b"");

    let texts: Vec<_> = sent.segments().iter().map(|s| s.text(sent.path())).collect();
    assert_eq!(sent.path(), "/a%2Fb//%FF/c%20");
    assert_eq!(texts, [Some("a/b"), Some(""), None, Some("c ")]);
}

#[test]
fn an_absolute_target_names_its_host() {
    let sent = request("GET", "http://Example.org:81/a?b=c", &[("Host", "other")], b"");

    assert_eq!((sent.path(), sent.host().as_deref()), ("/a", Some("example.org")));
    assert_eq!(sent.query(), [("b".to_owned(), "c".to_owned())]);
    assert_eq!(request("GET", "/", &[("host", "[::1]:80")], b"").host().as_deref(), Some("[::1]"));
    assert_eq!(request("GET", "http://h", &[], b"").path(), "/");
}

#[test]
fn a_base_is_taken_off_the_path_and_off_the_url_and_nothing_else_changes() {
    let mut sent = request("GET", "http://h/a/b%2F/c?d=/e", &[], b"");
    assert!(sent.is_below("/a") && sent.is_below("/a/b%2F") && sent.is_below(""));
    assert!(!sent.is_below("/A") && !sent.is_below("/a/b") && !sent.is_below("/a/b/") && !sent.is_below("/a/b%2f"));
    assert_eq!((sent.base(), sent.url()), ("", "http://h/a/b%2F/c?d=/e".into()));
    assert_eq!(sent.segments().len(), 3);

    assert!(sent.strip_base("/a") && !sent.strip_base("/a"));
    assert_eq!((sent.base(), sent.path(), sent.url()), ("/a", "/b%2F/c", "/b%2F/c?d=/e".into()));
    assert_eq!(sent.segments()[0].text(sent.path()), Some("b/"));
    assert!(sent.strip_base("/b%2F/c") && !sent.strip_base("/"));

    for sent in [&sent, &sent.again()] {
        assert_eq!((sent.base(), sent.path(), sent.url()), ("/a/b%2F/c", "/", "/?d=/e".into()));
        assert_eq!((sent.segments().len(), sent.segments()[0].text(sent.path())), (1, Some("")));
        assert_eq!((sent.query(), sent.host()), (&[("d".to_owned(), "/e".to_owned())][..], Some("h".to_owned())));
        assert_eq!(sent.head().target(), "http://h/a/b%2F/c?d=/e");
    }
}

#[test]
fn only_json_and_xml_have_a_document() {
    let form = request("POST", "/", &[("Content-Type", "text/plain")], b"{}");
    let untyped = request("POST", "/", &[], b"<a><b>1</b></a>");
    let vendor = request("POST", "/", &[("content-type", "application/x+json")], b"{\"b\":1}");

    let nothing = Representation::plain();
    assert_eq!(form.document(&nothing).err(), Some(Unreadable::NoDocument("text/plain".to_owned())));
    assert_eq!(untyped.document(&nothing).ok().flatten().map(|d| d.root.to_string()), Some(r#"{"b":"1"}"#.to_owned()));
    assert_eq!(vendor.document(&nothing).ok().flatten().map(|d| d.untyped), Some(false));
    assert!(request("POST", "/", &[], b"").document(&nothing).is_ok_and(|none| none.is_none()));
}

#[test]
fn a_body_is_malformed_by_what_it_claims() {
    let malformed = |media: &[(&str, &str)], body: &[u8]| request("POST", "/", media, body).malformed().is_some();

    assert!(malformed(&[("Content-Type", "application/json")], b"{"));
    assert!(malformed(&[("Content-Type", "application/xml")], b"{}"));
    assert!(malformed(&[], b"neither"));
    assert!(malformed(&[("Content-Type", "multipart/form-data")], b"x"));
    assert!(malformed(&[("Content-Type", "text/plain; charset=UTF-8")], b"\xFF"));
    assert!(!malformed(&[("Content-Type", "application/json")], b""));
    assert!(!malformed(&[("Content-Type", "text/plain")], b"{"));
}

#[test]
#[cfg(feature = "gzip")]
fn a_compressed_body_is_read_unpacked_and_kept_as_sent() {
    use std::io::Write as _;

    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(b"{\"a\":1}").expect("memory");
    let packed = packer.finish().expect("memory");
    let sent = request("POST", "/", &[("Content-Encoding", "gzip")], &packed);

    assert_eq!(sent.text(), "{\"a\":1}");
    assert_eq!(sent.body()[..], packed[..]);
}

#[test]
#[cfg(not(feature = "gzip"))]
fn a_compressed_body_stays_closed_in_a_build_without_gzip() {
    let headers = [("Content-Encoding", "GZIP"), ("Content-Type", "application/json")];
    let sent = request("POST", "/", &headers, b"{\"a\":1}");

    let closed = Unreadable::Packed("gzip".to_owned());
    assert_eq!(sent.json().err(), Some(&closed));
    assert_eq!(sent.xml().err(), Some(&closed));
    assert_eq!(sent.document(&Representation::plain()).err(), Some(closed));
    assert_eq!(sent.malformed(), None);
}

#[test]
fn quotes_around_the_value_of_a_cookie_are_part_of_it() {
    let sent = request("GET", "/", &[("Cookie", "a=1; b=\"2\""), ("cookie", "c=x=y")], b"");

    let expected = [("a", "1"), ("b", "\"2\""), ("c", "x=y")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    assert_eq!(sent.cookies(), expected);
}
