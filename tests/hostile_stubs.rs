//! Stubs and queries that are too deep, too long or too costly, as a file and over the admin API: each gets a diagnostic, and the
//! server goes on answering.

#![cfg(all(feature = "admin", feature = "gzip", feature = "json-schema", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use std::time::{Duration, Instant};

use cannery::model::Json;
use support::{Connection, Reply, Running};

const HELLO: &str = "[[stub]]\nname = \"hello\"\nrequest.path = \"/hello\"\nresponse.text = \"hello\"\n";

fn json(text: &str) -> String {
    Json::from(text).to_string()
}

/// Sends a body to the admin API. The answer must come soon, and the server must still answer other requests.
fn send_promptly(server: &Running, target: &str, body: &str) -> Reply {
    let started = Instant::now();
    let reply = server.send("POST", target, &[("Content-Type", "application/json")], body);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}: {}", started.elapsed(), beginning(body));
    assert_eq!(server.get("/hello").text(), "hello", "{}", beginning(body));
    reply
}

fn beginning(text: &str) -> &str {
    text.get(..120).unwrap_or(text)
}

/// Returns the diagnostic of a stub with these conditions.
fn refused(server: &Running, conditions: &str) -> String {
    let stub = format!(r#"{{"request":{{{conditions}}},"response":{{}}}}"#);
    let reply = send_promptly(server, "/__admin/stubs", &stub);
    assert_eq!(reply.status, 422, "{}: {}", beginning(conditions), beginning(&reply.text()));
    reply.text()
}

#[test]
fn an_xpath_that_is_too_deep_or_too_long_is_a_diagnostic() {
    let server = Running::with(HELLO);
    for (path, reason) in [
        (format!("a{}{}", "[a".repeat(907), "]".repeat(907)), "nests deeper than 32 levels"),
        (format!("{}1{}", "(".repeat(1271), ")".repeat(1271)), "nests deeper than 32 levels"),
        (format!("{}1", "not(".repeat(500)), "nests deeper than 32 levels"),
        (format!("{}1", "-".repeat(9383)), "more than 256 operators"),
        (format!("{}1", "-".repeat(4000)), "more than 256 operators"),
        (format!("1{}", " or 1".repeat(500)), "more than 256 operators"),
        (format!("1{}", "|a".repeat(500)), "more than 256 operators"),
        (format!("a{}", "/a".repeat(1000)), "more than 256 operators"),
        (format!("(a){}", "[1]".repeat(1000)), "more than 256 operators"),
    ] {
        let message = refused(&server, &format!(r#""xpath":{{{}:{{"present":true}}}}"#, json(&path)));
        assert!(message.contains(reason), "{}: {message}", beginning(&path));
        let nested = format!(r#""body":{{"xpath":{{{}:{{"present":true}}}}}}"#, json(&path));
        assert!(refused(&server, &nested).contains(reason), "{}", beginning(&path));
    }
}

#[test]
fn the_deepest_xpath_that_is_allowed_is_evaluated() {
    let server = Running::with(HELLO);
    for path in [
        format!("{}1{}", "(".repeat(31), ")".repeat(31)),
        format!("/r{}{}", "[not(a".repeat(15), ")]".repeat(15)),
        format!("{}1", "-".repeat(256)),
        format!("/r{}", "[1]".repeat(200)),
        format!("1{}", "+1".repeat(256)),
    ] {
        let conditions = format!(r#""path":"/x","xpath":{{{}:{{"present":true}}}}"#, json(&path));
        let stub = format!(r#"{{"request":{{{conditions}}},"response":{{"text":"selected"}}}}"#);
        assert_eq!(send_promptly(&server, "/__admin/stubs", &stub).status, 201, "{path}");
        let reply = server.send("POST", "/x", &[("Content-Type", "application/xml")], "<r/>");
        assert!(matches!(reply.status, 200 | 404), "{path}: {}", reply.text());
    }
}

#[test]
fn a_json_path_that_is_too_deep_or_too_long_is_a_diagnostic() {
    let server = Running::with(HELLO);
    for (path, reason) in [
        (format!("${}", ".a".repeat(13_290)), "at most 1000 segments"),
        (format!("${}", "['a']".repeat(13_000)), "at most 1000 segments"),
        (format!("${}", "..a".repeat(13_290)), "at most 1000 segments"),
        (format!("$[?@{}]", ".a".repeat(13_290)), "at most 1000 segments"),
        (format!("${}", ".a".repeat(1_000_000)), "at most 65536 bytes"),
        (format!("$[?{}@.a{}]", "(".repeat(5000), ")".repeat(5000)), "32 deep"),
        (format!("$[?{}@.a{}]", "!(".repeat(5000), ")".repeat(5000)), "32 deep"),
        (format!("${}{}", "[?@".repeat(5000), "]".repeat(5000)), "32 deep"),
        (format!("$[?{}@{} > 1]", "length(".repeat(5000), ")".repeat(5000)), "32 deep"),
        (format!("$[?search(@, '{}')]", "(".repeat(3000)), "I-Regexp"),
        (format!("$[?search(@, '{}a{}')]", "(".repeat(3000), ")".repeat(3000)), "I-Regexp"),
        ("$[?search(@, '(a{1000}){1000}')]".to_owned(), "when it is compiled, found more"),
        (format!("$[?search(@, '{}')]", "a".repeat(9000)), "at most 8192 bytes"),
    ] {
        for key in ["json_path", "document"] {
            let message = refused(&server, &format!(r#""{key}":{{{}:{{"present":true}}}}"#, json(&path)));
            assert!(message.contains(reason), "{}: {}", beginning(&path), beginning(&message));
        }
        let find = format!(r#"{{"bodyPatterns":[{{"matchesJsonPath":{}}}]}}"#, json(&path));
        let reply = send_promptly(&server, "/__admin/requests/find", &find);
        assert!((400..500).contains(&reply.status) && reply.text().contains(reason), "{}", beginning(&reply.text()));
    }
}

#[test]
fn a_json_path_with_the_largest_allowed_number_of_segments_is_evaluated() {
    let server = Running::with(HELLO);
    for path in
        [format!("${}", ".a".repeat(1000)), format!("${}", "..a".repeat(1000)), format!("$[?@{}]", ".a".repeat(999))]
    {
        let conditions = format!(r#""path":"/x","json_path":{{{}:{{"present":false}}}}"#, json(&path));
        let stub = format!(r#"{{"request":{{{conditions}}},"response":{{"text":"none"}}}}"#);
        assert_eq!(send_promptly(&server, "/__admin/stubs", &stub).status, 201);
        assert_eq!(server.send("POST", "/x", &[], r#"{"a":{"a":1}}"#).text(), "none");
    }
}

#[test]
fn a_schema_that_expands_too_far_is_a_diagnostic() {
    let server = Running::with(HELLO);
    let level =
        |n: usize| format!(r##""l{n}":{{"allOf":[{{"$ref":"#/$defs/l{0}"}},{{"$ref":"#/$defs/l{0}"}}]}}"##, n + 1);
    let levels: Vec<_> = (0..30).map(level).collect();
    let doubling = format!(r##"{{"$ref":"#/$defs/l0","$defs":{{{},"l30":true}}}}"##, levels.join(","));
    let chain: Vec<_> = (0..5000).map(|n| format!(r##""l{n}":{{"$ref":"#/$defs/l{}"}}"##, n + 1)).collect();
    let chain = format!(r##"{{"$ref":"#/$defs/l0","$defs":{{{},"l5000":true}}}}"##, chain.join(","));
    let deep = format!("{}true{}", r#"{"not":"#.repeat(110), "}".repeat(110));

    for (schema, reason) in [
        (doubling.as_str(), "at most 100000 subschemas at one place"),
        (&chain, "at most 64 subschemas"),
        (&deep, "at most 64 subschemas"),
        (r#"{"pattern":"(\\p{L}{100}){100}"}"#, "262144 bytes"),
    ] {
        let message = refused(&server, &format!(r#""json_schema":{schema}"#));
        assert!(
            message.contains("not a JSON Schema") && message.contains(reason),
            "{}: {}",
            beginning(schema),
            beginning(&message)
        );
    }
}

#[test]
fn a_regular_expression_or_path_that_is_too_large_is_a_diagnostic() {
    let server = Running::with(HELLO);
    for (pattern, reason) in [
        ("(".repeat(5000), "unclosed group"),
        (format!("{}a{}", "(".repeat(3000), ")".repeat(3000)), "nested parentheses"),
        ("a{1000}{1000}".to_owned(), "when it is compiled, found more"),
        ("(?i)(\\p{L}{1000}){1000}".to_owned(), "when it is compiled, found more"),
        ("a".repeat(10 << 20), "at most 8192 bytes, found 10485760"),
        ("(?i)\\p{L}".repeat(900), "when it is compiled, found more"),
    ] {
        let message = refused(&server, &format!(r#""headers":{{"a":{{"matches":{}}}}}"#, json(&pattern)));
        assert!(
            message.contains("not a regular expression") && message.contains(reason),
            "{}: {}",
            beginning(&pattern),
            beginning(&message)
        );
        let find = format!(r#"{{"urlPattern":{}}}"#, json(&pattern));
        let reply = send_promptly(&server, "/__admin/requests/find", &find);
        assert!((400..500).contains(&reply.status) && reply.text().contains(reason), "{}", beginning(&reply.text()));
    }
    let path = refused(&server, &format!(r#""path":{}"#, json(&"/a".repeat(100_000))));
    assert!(path.contains("a path must have at most 8192 bytes, found 200000"), "{}", beginning(&path));
    let slashes = refused(&server, &format!(r#""path":{}"#, json(&"/".repeat(8000))));
    assert!(slashes.contains("at most 256 segments, found 8000"), "{}", beginning(&slashes));
}

#[test]
fn conditions_may_nest_as_deeply_as_json() {
    let server = Running::with(HELLO);
    for nested in [
        format!("{}{{\"equals\":1}}{}", r#"{"not":"#.repeat(100), "}".repeat(100)),
        format!("{}{{\"equals\":1}}{}", r#"{"any_of":["#.repeat(55), "]}".repeat(55)),
        format!("{}{{\"equals\":1}}{}", r#"{"json_path":{"$":"#.repeat(55), "}}".repeat(55)),
    ] {
        let stub = format!(r#"{{"request":{{"path":"/x","body":{nested}}},"response":{{}}}}"#);
        let reply = send_promptly(&server, "/__admin/stubs", &stub);
        assert!(matches!(reply.status, 201 | 400 | 422), "{} {}", reply.status, beginning(&reply.text()));
        server.send("POST", "/x", &[], "1");
        assert_eq!(server.get("/hello").text(), "hello");
    }
}

#[test]
fn bodies_that_nest_too_deeply_are_malformed() {
    let server = Running::with(&format!(
        "{HELLO}
[[stub]]
name = \"malformed\"
request = {{ path = \"/deep\", malformed = true }}
response = {{ status = 400, text = \"malformed\" }}

[[stub]]
name = \"json\"
request = {{ path = \"/json\", json.a = 1 }}

[[stub]]
name = \"document\"
request = {{ path = \"/document\", document.'$.a'.present = true }}

[[stub]]
name = \"xml\"
request = {{ path = \"/xml\", xml = '<a><b/></a>' }}

[[stub]]
name = \"xpath\"
request = {{ path = \"/xpath\", xpath.'//b'.present = true }}
"
    ));
    let bodies = [
        ("application/xml", "<a>".repeat(100_000)),
        ("application/xml", format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000))),
        ("application/xml", format!("{}&amp;{}", "<a>".repeat(100_000), "</a>".repeat(100_000))),
        ("application/json", "[".repeat(100_000)),
        ("application/json", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
        ("application/json", format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000))),
    ];
    for (media, body) in &bodies {
        let reply = server.send("POST", "/deep", &[("Content-Type", *media)], body);
        assert_eq!((reply.status, reply.text().as_str()), (400, "malformed"), "{}", beginning(body));
        for path in ["/json", "/document", "/xml", "/xpath"] {
            assert_eq!(
                server.send("POST", path, &[("Content-Type", *media)], body).status,
                404,
                "{path} {}",
                beginning(body)
            );
        }
    }
    // The deepest allowed body is compared, converted and shown in an explanation.
    let xml = format!("{}{}", "<a>".repeat(127), "</a>".repeat(127));
    let list = format!("{}{}", "[".repeat(120), "]".repeat(120));
    for (media, body) in [("application/xml", &xml), ("application/json", &list)] {
        for path in ["/deep", "/json", "/document", "/xml", "/xpath"] {
            let status = server.send("POST", path, &[("Content-Type", media)], body).status;
            assert!(matches!(status, 200 | 404), "{path} {status}");
        }
    }
    server.admin("GET", "/requests", "");
}

/// The largest allowed number of steps takes about half a second in a release build, and a debug build is slower.
const LONGEST: Duration = Duration::from_secs(120);

/// Returns the text of the answer to a request that exceeds the limits of matching. It must come soon.
fn undecided(conditions: &str, media: &str, body: &str) -> String {
    let server = Running::with(HELLO);
    let stub = format!(r#"{{"request":{{"path":"/x",{conditions}}},"response":{{}}}}"#);
    assert_eq!(send_promptly(&server, "/__admin/stubs", &stub).status, 201, "{conditions}");
    let started = Instant::now();

    let mut patient = Connection::with_timeout(server.addr, LONGEST);
    patient.write(&support::request("POST", "/x", &[("Content-Type", media)], body.as_bytes()));
    let reply = patient.read_to("POST");

    assert!(started.elapsed() < LONGEST, "{:?}", started.elapsed());
    assert_eq!(server.get("/hello").text(), "hello");
    assert_eq!(reply.status, 500, "{}", beginning(&reply.text()));
    reply.text()
}

#[test]
fn an_xpath_that_is_too_costly_for_a_document_is_not_evaluated() {
    let items = |count: usize, item: &str| format!("<r>{}</r>", item.repeat(count));

    let pairs = items(12_000, "<i><n/><n/></i>");
    for path in ["//i[count(//i) > 1]", "//i[. = //n/following::n]", "//i[preceding-sibling::i = 1]"] {
        let message = undecided(&format!(r#""xpath":{{"{path}":{{"equals":"1"}}}}"#), "application/xml", &pairs);
        assert!(message.contains("50000000 steps"), "{path}: {message}");
    }
}

#[test]
fn compiling_expressions_of_a_document_is_limited() {
    let item = |n: usize| format!(r#"{{"t":"{}","p":"([ab]|\\p{{L}}){{{}}}"}}"#, "ab".repeat(40), n % 900 + 1);
    let body = format!("[{}]", (0..20_000).map(item).collect::<Vec<_>>().join(","));

    let message = undecided(r#""json_path":{"$[?search(@.t, @.p)]":{"present":true}}"#, "application/json", &body);
    assert!(message.contains("10000000 places"), "{}", beginning(&message));
    let compared = undecided(r#""json_path":{"$[?@ == $ || $ == $]":{"present":true}}"#, "application/json", &body);
    assert!(compared.contains("10000000 places"), "{}", beginning(&compared));
}

#[test]
fn a_schema_that_is_too_costly_for_a_document_is_not_applied() {
    let schema = r##"{"allOf":[{"properties":{"a":{"$ref":"#"}}},{"properties":{"a":{"$ref":"#"}}}]}"##;
    let body = format!("{}1{}", r#"{"a":"#.repeat(100), "}".repeat(100));

    let message = undecided(&format!(r#""json_schema":{schema}"#), "application/json", &body);
    assert!(message.contains("1000000"), "{}", beginning(&message));
    let escapes = format!("\"{}\"", r"\\cA".repeat(20_000));
    let message = undecided(
        r#""json_schema":{"$schema":"http://json-schema.org/draft-07/schema#","format":"regex"}"#,
        "application/json",
        &escapes,
    );
    assert!(message.contains("is undecided"), "{}", beginning(&message));
}
