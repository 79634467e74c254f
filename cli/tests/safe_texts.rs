//! Texts for terminals and logs contain no control characters, no forged lines and no secrets.

#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use std::process::Command;

use cannery::model::Json;
use support::{Ended, Folder, Serving, at, cannery, request, run};

/// A character of each kind: ESC, BEL, DEL, C1 (CSI), bidirectional, and a line separator.
const EVIL: &str = "\u{1b}[2J\u{7}\u{7f}\u{9b}\u{202e}\u{2066}\u{61c}\u{200f}\u{2028}";

/// The same characters, escaped.
const SHOWN: &str = r"\u{1b}[2J\u{7}\u{7f}\u{9b}\u{202e}\u{2066}\u{61c}\u{200f}\u{2028}";

/// The characters that may be in a scenario file unescaped: TOML allows no C0 characters.
const EVIL_TOML: &str = "\u{9b}2J\u{202e}\u{2066}\u{2028}";
const SHOWN_TOML: &str = r"\u{9b}2J\u{202e}\u{2066}\u{2028}";

/// Asserts that a text has no control characters other than line ends and Cannery's own colours.
#[track_caller]
fn assert_safe(text: &str) {
    let colours = ["\u{1b}[0m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m", "\u{1b}[36m", "\u{1b}[1m"];
    let styles = regex::Regex::new("\u{1b}\\[(1;|0;)?(3[0-9]|9[0-9])?m").expect("a regex");
    let plain = colours.iter().fold(text.to_owned(), |text, colour| text.replace(colour, ""));
    let plain = styles.replace_all(&plain, "");
    let unsafe_ones: String = plain
        .chars()
        .filter(|c| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect();
    assert!(unsafe_ones.is_empty(), "{unsafe_ones:?} in {text:?}");
}

/// Returns the command with colours forced, so that nothing is stripped from its output.
fn coloured(folder: &Folder) -> Command {
    let mut command = cannery(&folder.path);
    command.env("CLICOLOR_FORCE", "1");
    command
}

fn serving(folder: &Folder, more: &[&str]) -> Serving {
    Serving::start(coloured(folder).args(["serve", "--port", "0"]).args(more))
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

const SHOP: &str = r#"
[[stub]]
name = "EVIL"
request.method = "POST"
request.path = "/orders"
request.headers.X-Note = "a"
request.query.q = "b"
request.body.json.c = "d"
response.status = 204

[[stub]]
name = "a quotient"
request.path = "/add"
response.text = "{{add request.query.n 1}}"

[[stub]]
name = "echo"
request.path = "/echo"
response.headers.X-Echo = "{{request.headers.x-note}}"
response.text = "{{request.query.q}}"
"#;

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("scenarios/shop.toml", &SHOP.replace("EVIL", EVIL_TOML));
    folder
}

/// Sends requests with control characters in every part, and returns the bodies of the answers.
fn attack(server: &Serving) -> Vec<String> {
    let body = Json::from([("c", EVIL.into()), (EVIL, 1.into())]).to_string();
    let note = format!("x{EVIL_TOML}");
    let query = percent(EVIL);
    let mut bodies = vec![
        server.send("POST", &format!("/orders?q={query}"), &[("X-Note", &note)], &body).text(),
        server.send("POST", "/orders", &[("X-Note", &note), ("Accept", "application/json")], &body).text(),
        server.send("GET", &format!("/orders/\u{202e}{query}"), &[], "").text(),
        server.send("GET", "/orders", &[("Prefer", &format!("stub=\"{note}\""))], "").text(),
        server.send("GET", &format!("/add?n={query}{}", percent("\n00:00:00 GET /forged 200 ok")), &[], "").text(),
    ];
    // These are not valid HTTP, and the answer quotes them.
    for line in [format!("GET /a{EVIL} HTTP/1.1"), format!("G{EVIL}T /b HTTP/1.1")] {
        let mut connection = server.connect();
        connection.write(format!("{line}\r\nHost: a\r\n\r\n").as_bytes());
        bodies.push(connection.rest().0.replace('\r', ""));
    }
    bodies
}

#[test]
fn neither_the_log_nor_our_answers_have_control_characters() {
    let folder = shop();
    let server = serving(&folder, &[]);

    let bodies = attack(&server);

    bodies.iter().for_each(|body| assert_safe(body));
    assert!(bodies[0].contains(SHOWN_TOML) && bodies[4].contains(r"\u{1b}[2J"), "{bodies:#?}");
    assert!(bodies[1].contains(r"\u009b") && bodies[1].contains(r"\u001b"), "{}", bodies[1]);
    let log = server.stop().stderr;
    assert_safe(&log);
    assert!(log.contains(SHOWN_TOML) && log.contains(&format!("/a{SHOWN}")), "{log}");
}

#[test]
fn a_value_with_a_line_end_forges_no_line_of_the_log() {
    let folder = shop();
    let server = serving(&folder, &[]);

    let forged = "\n00:00:00 GET /forged 200 ok\r\u{2028}x";
    assert_eq!(server.get(&format!("/add?n={}", percent(forged))).status, 500);
    let note = Json::from([("c", forged.into()), (forged, forged.into())]).to_string();
    assert_eq!(server.send("POST", "/orders", &[("Content-Type", "text/xml")], &note).status, 404);
    assert_eq!(server.send("POST", &format!("/orders?q={}", percent(forged)), &[("X-Note", "a")], &note).status, 404);

    let log = server.stop().stderr;
    let lines: Vec<&str> = log.lines().filter(|line| line.trim_start().starts_with("00:00:00 GET /forged")).collect();
    assert!(lines.is_empty(), "{log}");
    assert!(log.contains(r"\n00:00:00 GET /forged"), "{log}");
    assert_safe(&log);
}

#[test]
fn the_json_log_has_no_control_characters() {
    let folder = shop();
    let server = serving(&folder, &["--log-format", "json"]);

    attack(&server);

    let log = server.stop().stderr;
    assert_safe(&log);
    let lines: Vec<Json> = log.lines().map(|line| Json::parse(line.as_bytes()).expect(line)).collect();
    assert!(lines.iter().any(|line| at(line, "target").as_str().is_some_and(|target| target.contains('\u{202e}'))));
}

fn journal(folder: &Folder, server: &Serving, more: &[&str]) -> Ended {
    run(coloured(folder).args(["journal", &format!("http://{}", server.addr)]).args(more))
}

#[test]
fn the_journal_has_no_control_characters() {
    let folder = shop();
    let server = serving(&folder, &[]);
    attack(&server);

    let text = journal(&folder, &server, &[]);
    assert_eq!(text.code, Some(1));
    assert_safe(&text.stdout);
    assert!(text.stdout.contains(SHOWN_TOML) && text.stdout.contains(&format!("/a{SHOWN}")), "{}", text.stdout);

    let json = journal(&folder, &server, &["--format", "json"]);
    assert_safe(&json.stdout);
    let target = at(&Json::parse(json.stdout.as_bytes()).expect("JSON"), "requests.2.target").clone();
    assert!(target.as_str().is_some_and(|target| target.contains('\u{202e}')), "{target}");
    assert_safe(&server.get("/__admin/requests").text());
    assert_safe(&server.get("/__admin/journal?explain=20").text());
}

#[test]
fn an_explanation_of_a_templated_answer_has_no_control_characters() {
    let folder = shop();
    let header = format!("X-Note: x{EVIL_TOML}y");
    let target = format!("/echo?q={}", percent(&format!("{EVIL}\nb")));

    for more in [vec![], vec!["--format", "json"]] {
        let ended = run(coloured(&folder).args(["explain", &target, "-H", &header]).args(&more));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_safe(&ended.stdout);
        if more.is_empty() {
            assert!(ended.stdout.contains(&format!("X-Echo: x{SHOWN_TOML}y\n")), "{}", ended.stdout);
            assert!(ended.stdout.contains(&format!("  {SHOWN}\n  b\n")), "{}", ended.stdout);
        }
    }
    let server = serving(&folder, &[]);
    let url = format!("http://{}", server.addr);
    let ended = run(coloured(&folder).args(["explain", &target, "-H", &header, "--url", &url]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_safe(&ended.stdout);
}

#[test]
fn a_diagnostic_escapes_its_line_and_marks_the_right_column() {
    let folder = Folder::new();
    folder.write(
        "a.toml",
        &format!(
            "[[stub]]\nname = '{EVIL_TOML}' # {EVIL_TOML}\nrequest.path = '/a' # é {EVIL_TOML}\n{EVIL_TOML} = 1\n"
        ),
    );
    folder.write("b.toml", "[[stub]]\nrequest = { path = '/a', 'x\u{9b}\u{202e}y' = 'z' } # c\n");
    folder.write("c.toml", "[[stub]]\nname = \"\\u001b[2J\\nb\"\nrequest.path = 'a'\nresponse.'\u{202e}' = 1\n");

    for file in ["a.toml", "b.toml", "c.toml"] {
        for format in ["text", "json", "junit"] {
            let ended = run(coloured(&folder).args(["check", file, "--format", format]));
            assert_eq!(ended.code, Some(3), "{}", ended.stderr);
            assert_safe(&ended.stderr);
            assert_safe(&ended.stdout);
        }
    }
    let ended = run(cannery(&folder.path).args(["check", "b.toml"]));
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let source = lines.iter().position(|line| line.contains("request = {")).expect("the line itself");
    let marked = lines[source + 1].find('^').expect("a mark");
    assert_eq!(lines[source].find(r"'x\u{9b}\u{202e}y'"), Some(marked), "{}", ended.stderr);
}

#[test]
fn a_difference_of_an_example_has_no_control_characters() {
    let folder = Folder::new();
    let example = |number: usize, response: &str| {
        format!(
            "[[example]]\nname = '{number}{EVIL_TOML}'\nstub = 'a'\nrequest.url = '/{number}'\nresponse.{response}\n"
        )
    };
    let stub = "[[stub]]\nname = 'a'\nrequest.path = '/1'\nresponse.text = \"\\u001b[2J\u{9b}\u{202e}\"\n\
                response.headers.X-A = 'x\u{9b}\u{202e}'\n[[stub]]\nname = 'j'\nrequest.path = '/2'\n\
                response.json = { \"a\u{9b}\u{202e}\" = \"b\u{9b}\u{202e}\\u001b\" }\n";
    let examples = [
        example(1, "text = 'x'\nresponse.headers.X-A = 'y\u{9b}'"),
        example(2, "json = { a = 1 }").replace("stub = 'a'", "stub = 'j'"),
    ];
    folder.write("scenarios/a.toml", &format!("{stub}{}", examples.concat()));

    for format in ["text", "json", "junit"] {
        let ended = run(coloured(&folder).args(["check", "--format", format]));
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert_safe(&ended.stderr);
        assert_safe(&ended.stdout);
        assert!(ended.stderr.contains(r"\u{9b}\u{202e}"), "{}", ended.stderr);
    }
}

#[test]
fn our_own_texts_have_the_nosniff_header() {
    let folder = shop();
    let server = serving(&folder, &["--max-body", "1KiB"]);

    let large = "x".repeat(2000);
    for (status, reply) in [
        (404, server.get("/nowhere")),
        (404, server.send("GET", "/nowhere", &[("Accept", "application/json")], "")),
        (404, server.send("GET", "/orders", &[("Prefer", "stub=none")], "")),
        (500, server.get("/add?n=x")),
        (413, server.send("POST", "/orders", &[], &large)),
        (200, server.get("/__admin/health")),
        (404, server.get("/__admin/nowhere")),
        (422, server.send("POST", "/__admin/explain", &[], "{")),
    ] {
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("X-Content-Type-Options"), Some("nosniff"), "{status}");
    }
    assert_eq!(server.send("GET", "/echo?q=1", &[("X-Note", "a")], "").header("X-Content-Type-Options"), None);
}

const PRIVATE: &str = r#"
[[stub]]
name = "a login"
request.method = "POST"
request.path = "/login/{token}"
request.headers.X-Session-Token = "right-header"
request.headers.Idempotency-Key = "shown-header"
request.query.api_key = "right-query"
request.query.page = "shown-query"
request.cookies.sid = "right-cookie"
request.body.json = { user = { name = "shown-member", password = "right-member" } }

[[stub]]
name = "a form"
request.method = "POST"
request.path = "/form"
request.form.code = "right-code"
request.form.currency_code = "shown-field"

[[stub]]
name = "a sum"
request.path = "/sum"
response.text = "{{add request.query.access_token 1}}{{add request.query.page 1}}"

[[stub]]
name = "another sum"
request.path = "/sum-of-body"
response.text = "{{add request.json.user.userPwd 1}}"

[[stub]]
name = "of a URL"
request.path = "/url"
response.text = "{{add request.query.next 1}}"
"#;

/// Sends requests in which every secret starts with `s3cret`.
fn send_secrets(server: &Serving) {
    let json = r#"{"user":{"name":"x","password":"s3cret-1","userPwd":"s3cret-2"},"secret":["s3cret-3"]}"#;
    let long = format!(r#"{{"user":{{"jwt":"s3cret-{}"}}}}"#, "x".repeat(400));
    let headers =
        [("X-Session-Token", "s3cret-4"), ("Cookie", "sid=s3cret-5"), ("Authorization", "Basic YWRhOnMzY3JldC02")];
    for body in [json, &long, r#"{"password": "s3cret-7", "#] {
        server.send("POST", "/login/a?api%5Fkey=s3cret-8&page=1&code=s3cret-9", &headers, body);
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    server.send("POST", "/form", &form, "code=s3cret-10&user%5Bpassword%5D=s3cret-11&currency_code=shown-currency");
    server.get("/sum?access_token=s3cret-12&page=shown-page");
    server.send("GET", "/sum-of-body", &[], r#"{"user":{"userPwd":"s3cret-13"}}"#);
    server.get("/url?next=http%3A%2F%2Fada%3As3cret-14%40host%2Fa%3Ftoken%3Ds3cret-15");
    server.get("http://ada:s3cret-16@localhost/nowhere;session=s3cret-17?next=http://ada:s3cret-18@host/");
}

#[test]
fn secrets_of_every_kind_are_masked_in_the_log_and_the_journals_text() {
    let folder = Folder::new();
    folder.write("scenarios/private.toml", PRIVATE);
    for format in ["text", "json"] {
        let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "--log-format", format]));
        send_secrets(&server);
        let printed = journal(&folder, &server, &[]).stdout;
        let log = server.stop().stderr;
        for text in [&printed, &log] {
            assert!(!text.contains("s3cret") && !text.contains("czNjcmV0"), "{text}");
            assert!(!text.contains("right-"), "the value that a stub expects is a secret too: {text}");
            for shown in ["shown-header", "shown-query", "shown-field", "page=1"] {
                assert!(text.contains(shown), "{shown}: {text}");
            }
        }
        assert!(log.contains("nearest: a login") && log.contains("cannot answer"), "{log}");
    }
}

#[test]
fn secrets_are_masked_in_the_startup_lines() {
    let folder = Folder::new();
    let stubs = "[[stub]]\nrequest.path = '/reset/{token}'\nrequest.path_params.token = 's3cret-1'\n\
                 [[stub]]\nrequest.path = '/a'\nrequest.query = { api_key = 's3cret-2', page = '7', code = 's3cret-3' }\n\
                 [[stub]]\nname = 'r'\nrequest.path.matches = '^/b'\n\
                 [[example]]\nname = 'r'\nstub = 'r'\nrequest.url = '/b?X-Amz-Signature=s3cret-4&next=http://ada:s3cret-5@host/'\nresponse.status = 200\n";
    folder.write("scenarios/a.toml", stubs);

    let log = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"])).stop().stderr;

    assert!(!log.contains("s3cret"), "{log}");
    assert!(log.contains("/a?api_key=...&page=7&code=..."), "{log}");
    assert!(log.contains("/b?X-Amz-Signature=...&next=http://...@host/"), "{log}");
}

#[test]
fn the_404_the_journal_as_json_and_the_admin_api_show_secrets() {
    let folder = Folder::new();
    folder.write("scenarios/private.toml", PRIVATE);
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));

    let answer = server.send("POST", "/login/a", &[("X-Session-Token", "s3cret-1")], "").text();

    assert!(answer.contains("s3cret-1"), "{answer}");
    assert!(journal(&folder, &server, &["--format", "json"]).stdout.contains("s3cret-1"));
    assert!(server.get("/__admin/requests").text().contains("s3cret-1"));
}

#[test]
fn bytes_that_are_not_utf8_are_shown_safely() {
    let folder = shop();
    let server = serving(&folder, &[]);
    let mut raw = request("POST", "/orders", &[("X-Note", "a")], b"\xff\xc2\x9b\x1b[2J");
    let at = raw.windows(6).position(|bytes| bytes == b"X-Note").expect("the header");
    raw.splice(at + 8..at + 9, *b"\xff\x9b\xe2\x80\xae");
    let mut connection = server.connect();
    connection.write(&raw);

    assert_safe(&connection.read().text());
    assert_safe(&server.stop().stderr);
}

#[test]
fn credentials_in_an_invalid_url_are_not_repeated() {
    let folder = Folder::new();
    for arguments in [vec!["journal", "ftp://ada:s3cret@host"], vec!["health", "http://ada:s3cret@127.0.0.1:1"]] {
        let ended = run(cannery(&folder.path).args(&arguments));
        assert_ne!(ended.code, Some(0));
        assert!(ended.stderr.contains("://"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("s3cret") && !ended.stderr.contains("ada"), "{}", ended.stderr);
    }
}

#[test]
fn a_usage_error_escapes_the_arguments() {
    let folder = Folder::new();
    let ended = run(cannery(&folder.path).args(["serve", "--port", "\u{1b}[2J\u{9b}\u{202e}"]));

    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--port"), "{}", ended.stderr);
    assert_safe(&ended.stderr);
}

#[test]
fn the_health_of_stale_files_quotes_no_line_of_them() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", "[[stub]]\nrequest.path = '/a'\nresponse.text = 'a'\n");
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    folder.write(
        "scenarios/a.toml",
        "[[stub]]\nrequest = { path = '/a', headers.Authorization = 'Bearer s3cret', pth = 1 }\nresponse.text = 'a'\n",
    );

    let started = std::time::Instant::now();
    let problem = loop {
        let health = server.get("/__admin/health").json();
        match at(&health, "reload.problem").as_str() {
            Some(problem) => break problem.to_owned(),
            None => assert!(
                started.elapsed() < std::time::Duration::from_secs(10),
                "the files are not stale within ten seconds: {health}"
            ),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };

    assert_eq!(problem, "scenarios/a.toml:2:67: unknown key `pth` in a request");
    assert!(!server.get("/none").text().contains("s3cret"));
}
