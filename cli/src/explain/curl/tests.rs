//! What curl commands come to, and which are refused; that curl itself sends the same is under test with curl.

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
    for (command, told) in [
        ("", "begins with `curl`"),
        ("wget http://h", "begins with `curl`"),
        ("curl", "has no URL"),
        ("curl h --digest", "option `--digest` is not understood"),
        ("curl h --proxy p", "option `--proxy` is not understood"),
        ("curl h --no-header", "option `--no-header` is not understood"),
        ("curl h --header=A:b", "option `--header=A:b` is not understood"),
        ("curl h -T file", "option `-T` is not understood"),
        ("curl h -X", "option `-X` needs a value"),
        ("curl h --json", "option `--json` needs a value"),
        ("curl h i", "more than one URL"),
        ("curl h --next i", "several requests"),
        ("curl 'h/{a,b}'", "several requests"),
        ("curl 'h/?a[0]=b'", "several requests"),
        ("curl ftp://h/", "neither http nor https"),
        ("curl http:///a", "has no host"),
        ("curl h -u me", "ask for the password"),
        ("curl h -b jar", "a file of cookies"),
        ("curl h -F a", "not name=content"),
        ("curl h -F a=@order.json,b", "several files"),
        ("curl h -F 'a=1;headers=x'", "`;headers=`"),
        ("curl h -I -d a", "only one of"),
        ("curl h -H \"Authorization: $TOKEN\"", "`$TOKEN` stands for"),
    ] {
        let refused = draft(command, &files).expect_err(command).to_string();
        assert!(refused.contains(told), "{command}: {refused}");
    }
}

/// Words that curl commands are made of, whole ones and halves.
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
