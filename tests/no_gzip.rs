//! A build without the feature `gzip`: answers are not compressed, and compressed bodies are not unpacked, with an explanation.

#![allow(missing_docs)]
#![cfg(all(feature = "admin", not(feature = "gzip")))]

mod support;

use support::Running;

const STUBS: &str = r#"
[[stub]]
name = "by JSON"
request = { method = "POST", path = "/json", json_path."$.a".equals = 1 }

[[stub]]
name = "by text"
request = { method = "POST", path = "/text", body.not.contains = "no" }

[[stub]]
name = "broken"
request = { method = "POST", path = "/broken", malformed = true }

[[stub]]
name = "shown"
request = { method = "GET", path = "/shown" }
response.text = "as it is"
"#;

const PACKED: [(&str, &str); 2] = [("Content-Encoding", "gzip"), ("Content-Type", "application/json")];

const WHY: &str = "the body is in `gzip`, and this build of Cannery is without the feature `gzip`";

#[test]
fn a_packed_body_satisfies_no_condition_and_the_404_has_the_reason() {
    let server = Running::with(STUBS);

    for path in ["/json", "/text"] {
        let reply = server.send("POST", path, &PACKED, "packed");

        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.text().contains(WHY), "{}", reply.text());
        assert!(reply.text().contains("feature `gzip`, or send the body without Content-Encoding"), "{}", reply.text());
    }
}

#[test]
fn a_packed_body_is_not_malformed() {
    let server = Running::with(STUBS);

    assert_eq!(server.send("POST", "/broken", &PACKED, "packed").status, 404);
    assert_eq!(server.send("POST", "/broken", &PACKED[1..], "packed").status, 200);
}

#[test]
fn an_answer_is_sent_uncompressed() {
    let server = Running::with(STUBS);

    let reply = server.send("GET", "/shown", &[("Accept-Encoding", "gzip")], "");

    assert_eq!((reply.header("content-encoding"), reply.text().as_str()), (None, "as it is"));
}
