//! Methods, conditions and matchers.

use cannery::{
    Given, JsonType, MockServer, PartPattern, absent, after, all_of, any_of, before, contains, ends_with, equals, ge,
    given, gt, includes, le, len, lt, matchers, matches, not, of_type, one_of, present, starts_with, status, values,
};
use serde_json::json;

use super::JSON;
use super::client::{get, send};

#[test]
fn every_method_has_a_function() {
    let server = MockServer::start();
    let named = [
        ("GET", given::get("/")),
        ("POST", given::post("/")),
        ("PUT", given::put("/")),
        ("PATCH", given::patch("/")),
        ("DELETE", given::delete("/")),
        ("OPTIONS", given::options("/")),
        ("PURGE", given::method("PURGE", "/")),
        ("BAN", given::method("DROP", "/").or_method("BAN")),
    ];
    for (method, given) in named.clone() {
        server.stub(given.respond(status(200).text(method)));
    }
    server.stub(given::head("/").respond(status(204)));
    server.stub(given::any("/any").respond(status(202)));

    for (method, _) in named {
        assert_eq!(send(&server, method, "/", &[], ""), (200, method.to_owned()));
    }
    assert_eq!(send(&server, "HEAD", "/", &[], "").0, 204);
    assert_eq!((get(&server, "/any").0, send(&server, "PUT", "/any", &[], "x").0), (202, 202));
    assert_eq!(get(&server, "/other").0, 404);
}

/// Tries each condition with a request that satisfies it and one that nearly does.
#[test]
fn every_condition_accepts_and_refuses_requests() {
    type Sent = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);
    const BASIC: &str = "Basic YWRhOnNlY3JldA==";
    const MULTIPART: &str = "multipart/form-data; boundary=b";
    let on = || given::post("/a/{id}");
    let cases: Vec<(&str, Given, Sent, Sent)> = vec![
        ("path_param", on().path_param("id", matches(r"^\d+$")), ("POST", "/a/7", &[], ""), ("POST", "/a/x", &[], "")),
        ("query", on().query("page", ge(2)), ("POST", "/a/7?page=2", &[], ""), ("POST", "/a/7?page=1", &[], "")),
        (
            "header",
            on().header("X-A", "b"),
            ("POST", "/a/7", &[("x-a", "b")], ""),
            ("POST", "/a/7", &[("x-a", "c")], ""),
        ),
        (
            "cookie",
            on().cookie("session", len(2)),
            ("POST", "/a/7", &[("Cookie", "session=ab")], ""),
            ("POST", "/a/7", &[("Cookie", "session=abc")], ""),
        ),
        (
            "a cookie with quotes",
            on().cookie("theme", "\"dark\""),
            ("POST", "/a/7", &[("Cookie", "a=b; theme=\"dark\"")], ""),
            ("POST", "/a/7", &[("Cookie", "a=b; theme=dark")], ""),
        ),
        (
            "basic_auth",
            on().basic_auth("ada", present()),
            ("POST", "/a/7", &[("Authorization", BASIC)], ""),
            ("POST", "/a/7", &[("Authorization", "Basic Ym9iOng=")], ""),
        ),
        (
            "host",
            on().host("localhost"),
            ("POST", "/a/7", &[("Host", "localhost:1")], ""),
            ("POST", "/a/7", &[("Host", "example.org")], ""),
        ),
        (
            "json",
            on().json(json!({"a": 1})),
            ("POST", "/a/7", &[], r#"{"a":1.0}"#),
            ("POST", "/a/7", &[], r#"{"a":1,"b":2}"#),
        ),
        (
            "json_includes",
            on().json_includes(json!({"a": [2]})),
            ("POST", "/a/7", &[], r#"{"a":[1,2],"b":2}"#),
            ("POST", "/a/7", &[], r#"{"a":[1]}"#),
        ),
        (
            "json_path",
            on().json_path("$.a[*].b", one_of([1, 2])),
            ("POST", "/a/7", &[], r#"{"a":[{"b":2}]}"#),
            ("POST", "/a/7", &[], r#"{"a":[{"b":3}]}"#),
        ),
        ("xml", on().xml("<a><b/></a>"), ("POST", "/a/7", &[], "<a>\n<b></b></a>"), ("POST", "/a/7", &[], "<a/>")),
        (
            "xpath",
            on().xpath("//b", "1"),
            ("POST", "/a/7", &[], "<a><b>1</b></a>"),
            ("POST", "/a/7", &[], "<a><b>2</b></a>"),
        ),
        (
            "xpath_with",
            on().xpath_with("//p:b", "1", [("p", "urn:p")]),
            ("POST", "/a/7", &[], "<a xmlns='urn:p'><b>1</b></a>"),
            ("POST", "/a/7", &[], "<a><b>1</b></a>"),
        ),
        (
            "document",
            on().document("$.b", "1"),
            ("POST", "/a/7", &[("Content-Type", "text/xml")], "<a><b>1</b></a>"),
            ("POST", "/a/7", &[("Content-Type", JSON)], r#"{"b":"2"}"#),
        ),
        (
            "form",
            on().form("a", "b c"),
            ("POST", "/a/7", &[("Content-Type", "application/x-www-form-urlencoded")], "a=b+c"),
            ("POST", "/a/7", &[("Content-Type", "application/x-www-form-urlencoded")], "a=b"),
        ),
        ("body", on().body(contains("needle")), ("POST", "/a/7", &[], "a needle"), ("POST", "/a/7", &[], "hay")),
        (
            "header of a part",
            on().multipart("file", PartPattern::default().header("content-type", starts_with("text/"))),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\nContent-Type: text/csv\r\n\r\nx\r\n--b--",
            ),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\nContent-Type: image/png\r\n\r\nx\r\n--b--",
            ),
        ),
        (
            "body of a part",
            on().multipart("file", PartPattern::default().body(matchers::json(json!({"a": 1})))),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\n\r\n{\"a\": 1}\r\n--b--",
            ),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\n\r\n{\"a\": 2}\r\n--b--",
            ),
        ),
        (
            "multipart",
            on().multipart("file", PartPattern::default().filename(ends_with(".txt"))),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\n\r\nx\r\n--b--",
            ),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--b--",
            ),
        ),
        (
            "malformed",
            on().malformed(true),
            ("POST", "/a/7", &[("Content-Type", JSON)], "{"),
            ("POST", "/a/7", &[("Content-Type", JSON)], "{}"),
        ),
        (
            "matching",
            on().matching(|request| request.header("x-a") == Some("b") && request.query("q").is_some()),
            ("POST", "/a/7?q", &[("X-A", "b")], ""),
            ("POST", "/a/7", &[("X-A", "b")], ""),
        ),
        (
            "path in any case",
            given::post(given::path_in_any_case("/Some/{id}")),
            ("POST", "/sOME/X", &[], ""),
            ("POST", "/other/X", &[], ""),
        ),
        ("path matcher", given::post(starts_with("/pre")), ("POST", "/prefix/x", &[], ""), ("POST", "/x/pre", &[], "")),
    ];
    for (name, given, accepted, refused) in cases {
        let server = MockServer::start();
        server.stub(given.clone().respond(status(200)));

        let sent = |(method, target, headers, body): Sent| send(&server, method, target, headers, body).0;
        assert_eq!((sent(accepted), sent(refused)), (200, 404), "{name}");
        assert_eq!(server.received_matching(given).only().number(), 1, "{name}");
    }
    let server = MockServer::start();
    server.stub(given::anything().scheme("http").client_ip("127.0.0.1").respond(status(200)));
    server.stub(given::anything().scheme("https").respond(status(500)));
    assert_eq!(get(&server, "/").0, 200);
}

#[test]
fn every_matcher_accepts_and_refuses_values() {
    let cases = [
        (equals("a"), "a", "b"),
        ("a".into(), "a", "b"),
        (3.into(), "3", "4"),
        (2.5.into(), "2.50", "2"),
        (true.into(), "true", "false"),
        (equals("É").ignore_case(), "é", "e"),
        (contains("b"), "abc", "ac"),
        (starts_with("a"), "ab", "ba"),
        (ends_with("B").ignore_case(), "ab", "ba"),
        (matches("^a+$"), "aa", "ab"),
        (one_of(["a", "b"]), "b", "c"),
        (len(gt(2)), "abc", "ab"),
        (of_type(JsonType::Integer), "12", "1.5"),
        (gt(1).and(lt(3)), "2", "3"),
        (ge(1.5), "1.5", "1"),
        (le(2_u64), "2", "3"),
        (before("2020-01-01T00:00:00Z"), "2019-12-31T00:00:00Z", "2020-01-02T00:00:00Z"),
        (after("now -1 hours"), "2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
        (not("a"), "b", "a"),
        (any_of(["a", "b"]), "b", "c"),
        (all_of([contains("a"), contains("b")]), "ab", "a"),
        (contains("A").ignore_case().and(contains("b")), "ab", "aB"),
        (matchers::json(json!({"a": 1})), r#"{"a":1}"#, "{}"),
        (matchers::json_includes(json!({"a": 1})), r#"{"a":1,"b":2}"#, "{}"),
        (matchers::json_path("$.a", 1), r#"{"a":1}"#, r#"{"a":2}"#),
        (matchers::xml("<a/>"), "<a></a>", "<b/>"),
        (matchers::xpath("/a", "1"), "<a>1</a>", "<a>2</a>"),
    ];
    for (matcher, accepted, refused) in cases {
        let server = MockServer::start();
        server.stub(given::post("/").header("X-Value", matcher.clone()).respond(status(200)));

        let sent = |value: &str| send(&server, "POST", "/", &[("X-Value", value)], "").0;
        assert_eq!((sent(accepted), sent(refused)), (200, 404), "{matcher:?}");
    }
}

#[test]
fn absent_and_repeated_values_are_distinguished() {
    let server = MockServer::start();
    server.stub(given::get("/absent").query("a", absent()).respond(status(200)));
    server.stub(given::get("/includes").query("a", includes(["1", "2"])).respond(status(200)));
    server.stub(given::get("/values").query("a", values(["1", "2"])).respond(status(200)));

    let statuses =
        ["/absent", "/absent?a", "/includes?a=3&a=2&a=1", "/includes?a=1", "/values?a=2&a=1", "/values?a=1&a=2&a=3"];
    assert_eq!(statuses.map(|target| get(&server, target).0), [200, 404, 200, 404, 200, 404]);
}
