//! The limits of one answer: rendered bytes, steps of work and levels of nesting; and numbers beyond 64 bits.

#![cfg(all(feature = "check", feature = "gzip", feature = "templates", feature = "xpath"))]

mod support;

use std::time::{Duration, Instant};

use cannery::engine::Settings;
use cannery::server::ServerSettings;

use support::{Folder, Reply, Running, at};

/// Serves one scenario with a limit on the rendered bytes.
fn with_max_rendered(max_rendered: u64, scenario: &str) -> Running {
    let folder = Folder::new();
    folder.write("scenario.toml", scenario);
    let settings = Settings { max_rendered, ..Settings::default() };
    Running::start_at(std::slice::from_ref(&folder.path), settings, ServerSettings::default())
}

fn post(server: &Running, path: &str, body: impl AsRef<[u8]>) -> Reply {
    post_as(server, path, &[], body)
}

/// Waits long for the answer: a debug build needs some seconds for the allowed steps, and more beside other tests.
fn post_as(server: &Running, path: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let mut connection = server.connect();
    connection.wait_at_most(PATIENCE);
    connection.write(&support::request("POST", path, headers, body.as_ref()));
    connection.read_to("POST")
}

/// Asserts that an answer is a 500 that names a stub, a place in it, and the limit with its option.
fn assert_limited(reply: &Reply, stub: &str, place: &str, limit: u64) {
    let text = reply.text();
    assert_eq!(reply.status, 500, "{stub}: {} bytes", text.len());
    assert!(text.starts_with(&format!("the stub `{stub}` (")), "{text}");
    let reason = format!("it renders more than the {limit} bytes that `--max-rendered` allows for one answer");
    assert!(text.contains(&format!("cannot answer: {reason}\n  at {place}")), "{text}");
    assert!(text.len() < 2_000, "{} bytes", text.len());
}

const EVERY_KIND: &str = r#"
[[stub]]
name = "text"
request.path = "/text"
response.text = "{{request.body}}"

[[stub]]
name = "json"
request.path = "/json"
response.json = { a = "{{request.body}}", b = 1 }

[[stub]]
name = "xml"
request.path = "/xml"
response.xml = "<a>{{request.body}}</a>"

[[stub]]
name = "document"
request.path = "/document"
response.document.a = "{{request.body}}"

[[stub]]
name = "header"
request.path = "/header"
response.headers.X-Copy = "{{substring request.body 0 20000}}"

[[stub]]
name = "reason"
request.path = "/reason"
response.reason = "{{substring request.body 0 20000}}"

[[stub]]
name = "typed"
request.path = "/typed"
response.json.all = "{{json request.json}}"

[[stub]]
name = "chain"
request.path = "/chain"
response.text = "{{length (upper (replace request.body \"a\" \"aaaaaaaaaa\"))}}"

[[stub]]
name = "request"
request.path = "/request"
response.text = "{{json request}}"

[[stub]]
name = "constant"
request.path = "/constant"
response.text = """{CONSTANT}"""

[[stub]]
name = "batch"
request.path = "/batch"
batch.items = "$"
batch.results = "all"
[[stub.batch.case]]
result.id = "{{item}}"
"#;

/// Without the limit, each of these would take many times as long.
const PATIENCE: Duration = Duration::from_secs(90);

const LIMIT: u64 = 10_000;

fn every_kind() -> Running {
    with_max_rendered(LIMIT, &EVERY_KIND.replace("{CONSTANT}", &"c".repeat(50_000)))
}

#[test]
fn an_answer_of_any_kind_that_renders_too_much_is_a_500_that_names_the_limit() {
    let server = every_kind();
    let long = "a".repeat(20_000);

    assert_limited(&post(&server, "/text", &long), "text", "stub[0].response.text", LIMIT);
    assert_limited(&post(&server, "/json", &long), "json", "stub[1].response.json.a", LIMIT);
    assert_limited(&post(&server, "/xml", &long), "xml", "stub[2].response.xml", LIMIT);
    assert_limited(&post(&server, "/document", &long), "document", "stub[3].response.document.a", LIMIT);
    assert_limited(&post(&server, "/header", &long), "header", "stub[4].response.headers.X-Copy", LIMIT);
    assert_limited(&post(&server, "/reason", &long), "reason", "stub[5].response.reason", LIMIT);
    let list = format!("[{}]", vec!["1"; 1_000].join(","));
    assert_limited(&post(&server, "/typed", &list), "typed", "stub[6].response.json.all", LIMIT);
    assert_limited(&post(&server, "/chain", "a".repeat(2_000)), "chain", "stub[7].response.text", LIMIT);
    assert_limited(&post(&server, "/request", "a".repeat(9_900)), "request", "stub[8].response.text", LIMIT);
    assert_limited(&post(&server, "/batch", &list), "batch", "stub[10].batch.case[0].result", LIMIT);
}

#[test]
fn a_500_is_recorded_and_the_next_request_is_answered() {
    let server = every_kind();

    post(&server, "/text", "a".repeat(20_000));

    let journal = server.admin("GET", "/requests", "");
    assert_eq!(at(&journal, "requests.0.response.status").to_string(), "500", "{journal}");
    let next = post(&server, "/text", "short");
    assert_eq!((next.status, next.text()), (200, "short".to_owned()));
}

#[test]
fn an_answer_up_to_the_limit_is_sent() {
    let server = every_kind();
    let most = "a".repeat(LIMIT as usize);

    assert_eq!(post(&server, "/text", &most).text(), most);
    assert_eq!(post(&server, "/text", format!("{most}a")).status, 500);
    let almost = "a".repeat(LIMIT as usize - 200);
    for path in ["/json", "/xml", "/document"] {
        let reply = post(&server, path, &almost);
        assert!(reply.status == 200 && reply.text().contains(&almost), "{path}: {}", reply.text());
    }
}

#[test]
fn a_constant_body_is_not_rendered() {
    let server = every_kind();

    let reply = server.get("/constant");

    assert_eq!((reply.status, reply.body.len()), (200, 50_000));
}

#[test]
fn a_batch_of_a_thousand_items_is_answered_by_default() {
    let server = Running::with(EVERY_KIND);
    let list = format!("[{}]", vec!["1"; 1_000].join(","));

    let reply = post(&server, "/batch", list);

    assert_eq!(reply.status, 200);
    assert_eq!(reply.text().matches("\"id\":\"1\"").count(), 1_000);
}

#[test]
fn two_hundred_copies_of_a_megabyte_are_refused_by_default() {
    let copies: Vec<String> = (0..200).map(|n| format!("c{n} = \"{{{{request.body}}}}\"")).collect();
    let scenario =
        format!("[[stub]]\nname = \"copies\"\nrequest.path = \"/\"\n[stub.response.json]\n{}\n", copies.join("\n"));
    let server = Running::with(&scenario);

    let reply = post(&server, "/", "a".repeat(1024 * 1024));

    assert_limited(&reply, "copies", "stub[0].response.json.c", 32 * 1024 * 1024);
}

#[test]
fn nested_blocks_end_at_the_limit_of_steps() {
    let scenario = r#"
[[stub]]
name = "cubed"
request.path = "/"
response.text = "{{#each request.json}}{{#each ../this}}{{#each @root.request.json}}{{/each}}{{/each}}{{/each}}"
"#
    .replace("../this", "@root.request.json");
    let server = Running::with(&scenario);
    let started = Instant::now();

    let reply = post(&server, "/", format!("[{}]", vec!["1"; 1_600].join(",")));

    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert_eq!(reply.status, 500);
    let text = reply.text();
    assert!(
        text.contains(
            "cannot answer: it takes more than 20000000 steps, the limit for one request\n  at stub[0].response.text"
        ),
        "{text}"
    );
    assert_eq!(post(&server, "/", "[1,2]").status, 200);
}

#[test]
fn work_that_is_quadratic_in_the_body_ends_at_the_limit_of_steps() {
    let scenario = r#"
[[stub]]
name = "lookups"
request.path = "/lookups"
response.text = "{{#each request.json.names}}{{#if (lookup @root.request.json.all this)}}x{{/if}}{{/each}}"

[[stub]]
name = "searches"
request.path = "/searches"
response.text = "{{#each request.json.names}}{{#if (contains @root.request.json.names \"none\")}}x{{/if}}{{/each}}"

[[stub]]
name = "selections"
request.path = "/selections"
response.text = "{{#each request.json.names}}{{length (json_path @root.request.json.names \"$[*]\")}}{{/each}}"

[[stub]]
name = "pieces"
request.path = "/pieces"
response.text = "{{#with (split request.body \",\") as |all|}}{{#each all}}{{length all}}{{/each}}{{/with}}"
"#;
    let server = Running::with(scenario);
    let names: Vec<String> = (0..20_000).map(|n| format!("\"n{n}\"")).collect();
    let members: Vec<String> = (0..20_000).map(|n| format!("\"m{n}\":1")).collect();
    let body = format!("{{\"names\":[{}],\"all\":{{{}}}}}", names.join(","), members.join(","));

    for path in ["/lookups", "/searches", "/selections"] {
        let started = Instant::now();
        let reply = post(&server, path, &body);
        assert!(started.elapsed() < PATIENCE, "{path} takes {:?}", started.elapsed());
        assert_eq!(reply.status, 500, "{path}");
        assert!(
            reply.text().contains("the limit for one request") || reply.text().contains("--max-rendered"),
            "{path}"
        );
    }
    assert_eq!(post(&server, "/pieces", &body).status, 200);
}

#[test]
fn whole_numbers_beyond_64_bits_keep_their_digits() {
    let scenario = r#"
[[stub]]
request.path.template = "/orders/{id}"
response.json = { id = "{{number request.path_params.id}}", text = "{{json (number request.path_params.id)}}!" }

[[stub]]
request.path.template = "/documents/{id}"
response.document.id = "{{number request.path_params.id}}"
"#;
    let server = Running::with(scenario);

    for digits in ["18446744073709551616", "-9223372036854775809", "170141183460469231731687303715884105727", "7"] {
        let reply = server.get(&format!("/orders/{digits}"));
        assert_eq!((reply.status, reply.text()), (200, format!("{{\"id\":{digits},\"text\":\"{digits}!\"}}")));
        assert_eq!(server.get(&format!("/documents/{digits}")).text(), format!("{{\"id\":{digits}}}"));
    }
    let wide = "9".repeat(60);
    let refused = server.get(&format!("/orders/{wide}"));
    assert_eq!(refused.status, 500);
    assert!(refused.text().contains(&format!("the whole number `{wide}` has more digits than `number` can keep")));
}

#[test]
fn an_xpath_that_computes_a_huge_number_breaks_neither_the_404_nor_the_journal() {
    let scenario = "[[stub]]\nrequest.path = '/'\nrequest.xpath.\"sum(//n)\" = \"1\"\n";
    let server = Running::with(scenario);

    let reply = post(&server, "/", "<a><n>18446744073709551616</n><n>18446744073709551616</n></a>");

    assert_eq!(reply.status, 404);
    assert!(reply.text().contains("36893488147419103000"), "{}", reply.text());
    let journal = server.admin("GET", "/journal?explain=20", "");
    assert!(journal.to_string().contains("36893488147419103000"), "{journal}");
}

#[test]
fn random_float_refuses_bounds_that_are_not_numbers() {
    let scenario = r#"
[[stub]]
request.path = "/"
response.json.drawn = "{{json (random_float request.query.from 1)}}"
"#;
    let server = Running::with(scenario);

    for from in ["nan", "NaN", "inf", "-inf", "1e999"] {
        let reply = server.get(&format!("/?from={from}"));
        assert_eq!(reply.status, 500, "{from}: {}", reply.text());
        assert!(reply.text().contains("`random_float` needs a finite number"), "{}", reply.text());
    }
    assert_eq!(server.get("/?from=-1e308").status, 200);
}

/// Wraps a text in a number of levels.
fn nested(open: &str, levels: usize, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn a_stub_that_nests_too_deeply_is_refused_and_the_server_keeps_running() {
    let server = Running::with("");
    let dotted = vec!["a"; 70].join(".");
    let stubs = [
        format!("{{\"response\": {{\"json\": {}}}}}", nested("[", 100_000, "", "]")),
        format!("{{\"request\": {{\"path\": {}}}}}", nested("{\"not\": ", 100_000, "\"a\"", "}")),
        format!("response.json = {}", nested("[", 100_000, "", "]")),
        format!("response.json = {}", nested("{ a = ", 100_000, "1", " }")),
        format!("response.json = {}", nested(&format!("{{ {dotted} = "), 70, "1", " }")),
        format!("response.json.{} = 1", vec!["a"; 100_000].join(".")),
        format!("request.path = {}", nested("{ not = ", 100_000, "\"a\"", " }")),
        format!("{{\"response\": {{\"text\": \"{}\"}}}}", "{{#if request.url}}".repeat(100_000)),
        format!("{{\"response\": {{\"text\": \"{{{{upper {}\"}}}}", "(upper ".repeat(100_000)),
        format!("{{\"response\": {{\"text\": \"{{{{request.json{}}}}}\"}}}}", ".a".repeat(100_000)),
    ];

    for stub in stubs {
        let reply = post(&server, "/__admin/stubs", &stub);
        assert!((400..500).contains(&reply.status), "{}: {}", &stub[..60], reply.status);
        assert!(reply.text().len() < 100_000, "{} bytes for {}", reply.text().len(), &stub[..60]);
    }
    assert_eq!(server.get("/__admin/health").status, 200);
}

#[test]
fn the_deepest_allowed_nesting_is_served() {
    let server = Running::with("");
    let levels = 120;
    let json = nested("{\"a\":", levels, "\"{{request.json}}\"", "}");
    let stubs = [
        ("/json", format!("{{\"request\": {{\"path\": \"/json\"}}, \"response\": {{\"json\": {json}}}}}")),
        ("/document", format!("{{\"request\": {{\"path\": \"/document\"}}, \"response\": {{\"document\": {json}}}}}")),
        (
            "/typed",
            format!(
                "{{\"request\": {{\"path\": \"/typed\"}}, \"response\": {{\"document\": {}}}}}",
                nested("{\"a\":", levels, "\"{{json request.document}}\"", "}")
            ),
        ),
        (
            "/not",
            format!(
                "{{\"request\": {{\"path\": \"/not\", \"headers\": {{\"X\": {}}}}}, \"response\": {{\"text\": \"x\"}}}}",
                nested("{\"not\":", 118, "\"a\"", "}")
            ),
        ),
    ];

    for (path, stub) in &stubs {
        let added = post(&server, "/__admin/stubs", stub);
        assert_eq!(added.status, 201, "{path}: {}", added.text());
        let body = nested("[", 127, "", "]");
        let reply = post(&server, path, &body);
        assert_eq!(reply.status, if *path == "/not" { 404 } else { 200 }, "{path}: {}", reply.text());
    }
    let xml = nested("<a><b/>", 120, "", "</a>");
    let typed = post_as(&server, "/typed", &[("Content-Type", "application/xml")], &xml);
    assert_eq!(typed.status, 200, "{}", typed.text());
    assert_eq!(
        server.admin("GET", "/stubs", "").get("meta").map(ToString::to_string).as_deref(),
        Some("{\"total\":4}")
    );
}

#[test]
fn the_deepest_allowed_nesting_is_served_as_xml_too() {
    let deep = nested("{\"a\":", 120, "\"{{json request.document}}\"", "}");
    let scenario =
        format!("[representation.xml]\nroot = \"r\"\n\n[[stub]]\nrequest.path = \"/\"\nresponse.document = '{deep}'\n");
    let server = Running::with(&scenario);
    // Two elements of one name become a list, so each element is two levels of the document.
    let xml = nested("<a><b/><a/>", 120, "", "</a>");

    let reply = post_as(&server, "/", &[("Content-Type", "application/xml")], &xml);

    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.text().matches("<a>").count(), 120 + 119 + 120, "{}", reply.text());
}
