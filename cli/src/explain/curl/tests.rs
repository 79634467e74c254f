//! Tests of the requests that curl commands make, and of refused commands. `cli/tests/explain.rs` compares them with curl
//! itself.

use std::io;

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof, proptest};
use proptest::sample::select;

use super::*;

fn files(path: &str) -> io::Result<Vec<u8>> {
    match path {
        "order.json" => Ok(b"{\n\"item\": \"tea\"}\r\n".to_vec()),
        "headers" => Ok(b"A: 1\r\n\nB: 2\n".to_vec()),
        _ => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
    }
}

fn read(command: &str) -> RequestDraft {
    draft(command, &files).unwrap_or_else(|error| panic!("{command}: {error}"))
}

fn header(draft: &RequestDraft, name: &str) -> Option<String> {
    let found = draft.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
}

#[test]
fn a_pasted_command_is_the_request_that_curl_sends() {
    let draft = read(
        "$ curl -sS --location 'http://shop.example:8080/orders?dry_run=true' \\\n  --header 'Content-Type: application/json' \
         \\\n  --data-raw $'{\"item\": \"tea\\u0021\"}' | jq .\n",
    );

    assert_eq!((draft.method.as_str(), draft.target.as_str()), ("POST", "/orders?dry_run=true"));
    assert_eq!(&draft.body[..], br#"{"item": "tea!"}"#);
    let names: Vec<_> = draft.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Host", "User-Agent", "Accept", "Content-Type", "Content-Length"]);
    assert_eq!(header(&draft, "host").as_deref(), Some("shop.example:8080"));
}

#[test]
fn braces_and_brackets_that_are_no_pattern_stay_as_they_are() {
    let target = |command: &str| read(command).target;

    assert_eq!(target("curl -sg 'h/{a}?b[0]=1'"), "/{a}?b[0]=1");
    assert_eq!(target("curl --globoff 'h/\\{a\\}'"), "/\\{a\\}");
    assert_eq!(target("curl 'h/?id[]=1&id[]=2'"), "/?id[]=1&id[]=2");
    let draft = read("curl 'http://[::1]:8080/a'");
    assert_eq!((header(&draft, "host").as_deref(), draft.target.as_str()), (Some("[::1]:8080"), "/a"));
}

#[test]
fn a_proxy_and_an_older_version_do_not_change_the_request() {
    assert_eq!(read("curl -0 -x http://proxy:3128 --proxy p h/a"), read("curl h/a"));
    assert_eq!(read("curl h/a | jq .; echo curl"), read("curl h/a"));
}

#[test]
fn what_an_option_that_is_not_supported_would_do_can_be_written_otherwise() {
    let form = read("curl h -F 'a=\"@b;type=c\"'");
    assert!(String::from_utf8_lossy(&form.body).contains("name=\"a\"\r\n\r\n@b;type=c\r\n"));
    assert_eq!(header(&read("curl h -H 'Range: bytes=0-9'"), "range").as_deref(), Some("bytes=0-9"));
}

#[test]
fn files_are_read_where_curl_reads_them() {
    assert_eq!(&read("curl h -d @order.json").body[..], br#"{"item": "tea"}"#);
    assert_eq!(&read("curl h --data-binary @order.json").body[..], b"{\n\"item\": \"tea\"}\r\n");
    assert_eq!(&read("curl h --data-raw @order.json").body[..], b"@order.json");
    assert_eq!(&read("curl h --data-urlencode a@order.json").body[..], b"a=%7B%0A%22item%22%3A+%22tea%22%7D%0D%0A");
    assert_eq!(header(&read("curl h -H @headers"), "B").as_deref(), Some("2"));
    let missing = draft("curl h -d @none", &files).expect_err("no file").to_string();
    assert_eq!(missing, "the curl command reads `none` for `--data`: no such file");
}

#[test]
fn a_boundary_is_none_that_stands_in_the_form() {
    let first = read("curl h -F a=1");
    let boundary = "------------------------cannery000000000000000";
    assert!(header(&first, "content-type").is_some_and(|media| media.ends_with(boundary)));
    let second = read(&format!("curl h -F 'a={boundary}'"));
    assert!(header(&second, "content-type").is_some_and(|media| media.ends_with("cannery000000000000001")));
}

#[test]
fn what_is_not_understood_is_named() {
    for (command, message) in [
        ("", "must begin with `curl`"),
        ("wget http://h", "must begin with `curl`"),
        ("curl", "has no URL"),
        ("curl h --digest", "option `--digest` is not understood"),
        ("curl h; curl i", "there are two curl commands"),
        ("curl h && curl i", "there are two curl commands"),
        ("curl h;curl i", "there are two curl commands"),
        ("curl h --no-header", "option `--no-header` is not understood"),
        ("curl h --header=A:b", "option `--header=A:b` is not understood"),
        ("curl h -T file", "option `-T` is not understood"),
        ("curl h --url-query a=b", "option `--url-query` is not supported: write the parameters into the URL"),
        ("curl h --form-string a=@b", "option `--form-string` is not supported: use `-F 'name=\"value\"'`"),
        ("curl h -r 0-9", "option `-r` (`--range`) is not supported: use `-H 'Range: bytes=FIRST-LAST'`"),
        ("curl h -sr0-9", "option `-r` (`--range`) is not supported"),
        ("curl h --range 0-9", "option `-r` (`--range`) is not supported"),
        ("curl h --path-as-is", "option `--path-as-is` is not supported: use `cannery explain METHOD TARGET`"),
        ("curl h -X", "option `-X` needs a value"),
        ("curl h --json", "option `--json` needs a value"),
        ("curl h i", "more than one URL"),
        ("curl h --next i", "several requests"),
        ("curl 'h/{a,b}'", "several requests"),
        ("curl 'h/?a[0]=b'", "several requests"),
        ("curl 'h/a[1-3]'", "add `-g` (`--globoff`) to send the URL as it is written"),
        ("curl 'h/\\{a\\}'", "in the URL `h/\\{a\\}`"),
        ("curl 'h/a]'", "add `-g`"),
        ("curl 'http://[::1/a'", "add `-g`"),
        ("curl ftp://h/", "neither http nor https"),
        ("curl http:///a", "has no host"),
        ("curl h -u me", "found no password: curl would ask for it"),
        ("curl h -b jar", "found a file of cookies, `jar`"),
        ("curl h -F a", "must be name=content, found `a`"),
        ("curl h -F a=@order.json,b", "several files"),
        ("curl h -F 'a=1;headers=x'", "`;headers=`"),
        ("curl h -I -d a", "only one of"),
        ("curl h -H \"Authorization: $TOKEN\"", "the value of `$TOKEN` is known only to the shell"),
    ] {
        let refused = draft(command, &files).expect_err(command).to_string();
        assert!(refused.contains(message), "{command}: {refused}");
    }
}

/// Words of curl commands, and parts of words.
fn word() -> impl Strategy<Value = String> {
    let known = vec![
        "-X",
        "-H",
        "-d",
        "-F",
        "-G",
        "-I",
        "-u",
        "--json",
        "--data-urlencode",
        "--url",
        "-sS",
        "-o",
        "--",
        "-",
        "=",
        "http://h/a",
        "h",
        "a=b",
        "'a: b'",
        "@order.json",
        "a=@order.json;type=x",
        "a=\"",
        "'x;y'",
        "[]",
        "://",
        "//",
        "/..",
        "\\",
        "\n",
        "$'\\x",
        "%4",
        "--url-query",
        "-g",
        "a=<order.json;filename=\"b\\",
        "u:p@h:80?#",
    ];
    prop_oneof![select(known).prop_map(str::to_owned), ".{0,6}"]
}

proptest! {
    #[test]
    fn no_command_makes_it_panic(words in vec(word(), 0..10)) {
        let _ = draft(&format!("curl {}", words.join(" ")), &files);
    }
}
