//! `cannery explain` as a process: explanations from files and from a server; curl commands are read as curl reads them.
//!
//! `INSTA_UPDATE=always cargo test -p cannery-cli --test explain` updates the snapshots; review them before you commit
//! them.

#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

use cannery::model::Json;
use support::{Ended, Folder, Serving, at, cannery, is_installed, run};

const SHOP: &str = r#"
[[stub]]
name = "without a token"
request.path = "/orders/{*rest}"
request.headers.Authorization.present = false
response = { status = 401, json = { error = "no token" } }

[[stub]]
name = "an order is placed"
request = { method = "POST", path = "/orders", query.dry_run = "true", json.item = "tea", json.quantity = 2 }
then_state = "placed"
response = { status = 201, json = { id = 7, at = "{{now}}" }, delay = "250ms" }

[[stub]]
name = "an order is shown"
request = { method = "GET", path = "/orders/{id}" }
responses = [{ status = 404 }, { json = { id = "{{request.path_params.id}}" } }]

[[stub]]
name = "an order is paid"
when_state = "placed"
then_state = "paid"
request = { method = "POST", path = "/orders/{id}/payment" }
response.status = 204

[[stub]]
name = "OUT_OF_STOCK"
on_demand = true
request = { method = "POST", path = "/orders" }
response = { status = 409, text = "out of stock" }

[[stub]]
name = "a picture"
request = { path = "/picture" }
response = { headers.Content-Type = "image/png", base64 = "iVBORw0KGgoAAAANSUhEUg==" }

[[stub]]
name = "it cannot be made"
request = { path = "/broken" }
response = { text = "{{request.json.id}}" }

[[stub]]
name = "anything under orders"
request.path = "/orders/{*rest}"
response.text = "else"
"#;

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("scenarios/shop.toml", SHOP);
    folder
}

fn explain(folder: &Folder, arguments: &[&str]) -> Ended {
    run(cannery(&folder.path).arg("explain").args(arguments))
}

fn explain_stdin(folder: &Folder, arguments: &[&str], stdin: &str) -> Ended {
    let mut command = cannery(&folder.path);
    let mut child = command.arg("explain").args(arguments).stdin(Stdio::piped()).spawn().expect("the command starts");
    child.stdin.take().expect("stdin").write_all(stdin.as_bytes()).expect("the command reads stdin");
    let output = child.wait_with_output().expect("the command ends");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn output_of(ended: &Ended, code: i32) -> &str {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""), "{}", ended.stdout);
    &ended.stdout
}

const PLACED: [&str; 6] =
    ["POST", "/orders?dry_run=true", "-H", "Content-Type: application/json", "-d", r#"{"item":"tea","quantity":2}"#];

#[test]
fn the_stub_that_answers_is_shown_with_its_answer_and_conditions() {
    let ended = explain(&shop(), &[&PLACED[..], &["--now", "2026-01-31"]].concat());
    insta::assert_snapshot!(output_of(&ended, 0));
}

#[test]
fn earlier_stubs_are_shown_condition_by_condition() {
    let ended = explain(&shop(), &["/orders/7", "-H", "Authorization: Bearer s3cret"]);
    insta::assert_snapshot!(output_of(&ended, 0));
}

#[test]
fn without_a_match_the_explanation_is_the_text_of_the_404() {
    let folder = shop();
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    let ended = explain(&folder, &["POST", "/orders", "-H", "Accept: */*", "-d", "tea"]);
    insta::assert_snapshot!(output_of(&ended, 1));
    let reply = server.send("POST", "/orders", &[("Accept", "*/*")], "tea");
    assert!(ended.stdout.ends_with(&reply.text()), "{}", reply.text());
}

#[test]
fn a_state_may_be_given_and_an_unknown_one_is_refused() {
    let folder = shop();
    let payment = ["POST", "/orders/7/payment", "-H", "Authorization: x"];
    let ended = explain(&folder, &[&payment[..], &["--state", "shop=placed"]].concat());
    insta::assert_snapshot!("a_state_is_given", output_of(&ended, 0));
    insta::assert_snapshot!("the_first_state", output_of(&explain(&folder, &payment), 0));
    let ended = explain(&folder, &[&payment[..], &["--state", "shp=placed"]].concat());
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(2), "error: no state machine is named `shp`; there are: shop\n")
    );
}

#[test]
fn a_preferred_on_demand_stub_answers() {
    let ended = explain(&shop(), &["POST", "/orders", "-H", "Prefer: stub=OUT_OF_STOCK"]);
    insta::assert_snapshot!(output_of(&ended, 0));
}

#[test]
fn bytes_failures_and_head_requests_are_explained() {
    let folder = shop();
    insta::assert_snapshot!("bytes", output_of(&explain(&folder, &["/picture"]), 0));
    insta::assert_snapshot!("a_head", output_of(&explain(&folder, &["HEAD", "http://pictures.example/picture"]), 0));
    insta::assert_snapshot!("a_failure", output_of(&explain(&folder, &["/broken"]), 1));
}

#[test]
fn json_has_the_whole_explanation() {
    let ended = explain(&shop(), &[&PLACED[..], &["--now", "2026-01-31", "--format", "json"]].concat());
    insta::assert_snapshot!(output_of(&ended, 0));
}

#[test]
fn flags_files_and_curl_commands_describe_the_same_request() {
    let folder = shop();
    folder.write("body.json", PLACED[5]);
    let head = "POST /orders?dry_run=true HTTP/1.1\nHost: h\nContent-Type: application/json\n";
    folder.write("request.http", &format!("{head}\n{}\n", PLACED[5]));
    let crlf = format!("{head}Content-Length: 27\n\n{}", PLACED[5]).replace('\n', "\r\n");
    let curl = "curl -A '' -H Accept: 'http://h/orders?dry_run=true' \\\n  -H 'Content-Type: application/json' -d @body.json\n";
    let flags =
        ["POST", "http://h/orders?dry_run=true", "-H", "Content-Type: application/json", "--data-file", "body.json"];

    let all = [
        explain(&folder, &[&flags[..], &["--now", "2026-01-31"]].concat()),
        explain(&folder, &["--request", "request.http", "--now", "2026-01-31"]),
        explain_stdin(&folder, &["--request", "-", "--now", "2026-01-31"], &crlf),
        explain(&folder, &["--curl", curl, "--now", "2026-01-31"]),
        explain_stdin(&folder, &["--curl", "-", "--now", "2026-01-31"], curl),
    ];

    for ended in &all {
        assert_eq!(output_of(ended, 0), all[0].stdout);
    }
    assert!(all[0].stdout.contains("answers: an order is placed"), "{}", all[0].stdout);
}

#[test]
fn a_server_explains_with_its_state_and_records_nothing() {
    let folder = shop();
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    let url = format!("http://{}", server.addr);
    let placed = [&PLACED[..], &["--now", "2026-01-31"]].concat();
    let of_files = explain(&folder, &placed);
    let of_server = explain(&folder, &[&placed[..], &["--url", &url]].concat());
    assert_eq!(output_of(&of_server, 0), output_of(&of_files, 0));
    let json = |more: &[&str]| explain(&folder, &[&placed[..], &["--format", "json"], more].concat()).stdout;
    assert_eq!(json(&["--url", &url]), json(&[]));

    server.send("POST", "/orders?dry_run=true", &[("Content-Type", "application/json")], PLACED[5]);
    let payment = ["POST", "/orders/7/payment", "-H", "Authorization: x", "--url", &url];
    for _ in 0..2 {
        assert!(output_of(&explain(&folder, &payment), 0).contains("then: state of shop goes from placed to paid"));
    }
    assert_eq!(explain(&folder, &["/nowhere", "--url", &url]).code, Some(1));
    let journal = Json::parse(&server.get("/__admin/journal").body).expect("JSON");
    assert_eq!(at(&journal, "received").to_string(), "1");
}

#[test]
fn an_invalid_request_is_reported() {
    let folder = shop();
    folder.write("bad.toml", "[[stub]]\nrequest.pth = '/'\n");
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    let url = format!("http://{}", server.addr);
    for (arguments, code, expected) in [
        (&[][..], 2, "required arguments were not provided"),
        (&["orders"], 2, "`orders` is not a valid target"),
        (&["/a b"], 2, "the request could not be sent: "),
        (&["/a", "-H", "Accept"], 2, "`Accept` is not a valid header"),
        (&["/a", "--curl", "curl h"], 2, "cannot be used with"),
        (&["--curl", "curl h", "-d", "x"], 2, "cannot be used with"),
        (&["--curl", "curl h --digest"], 2, "curl's option `--digest` is not understood"),
        (&["--curl", "curl h --path-as-is"], 2, "curl's option `--path-as-is` is not supported"),
        (&["--curl", "curl 'h/{a,b}'"], 2, "add `-g` (`--globoff`) to send the URL as it is written"),
        (&["--request", "none.http"], 2, "none.http cannot be read"),
        (&["--request", "scenarios/shop.toml"], 2, "scenarios/shop.toml does not contain a request"),
        (&["/a", "--state", "x"], 2, "orders=paid"),
        (&["/a", "--now", "soon"], 2, "date of RFC 3339"),
        (&["/a", "--url", &url, "--state", "a=b"], 2, "cannot be used with"),
        (&["/a", "--url", &url, "--scenarios", "."], 2, "cannot be used with"),
        (&["/a b", "--url", &url], 2, "could not be sent"),
        (&["/__admin/health", "--url", &url], 2, "the admin API answers this itself"),
        (&["/a", "--scenarios", "bad.toml"], 3, "unknown key `pth`"),
        (&["/a", "--url", "http://127.0.0.1:1"], 4, "cannot reach"),
    ] {
        let ended = explain(&folder, arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn scenarios_come_from_the_environment_unless_a_server_is_given() {
    let folder = shop();
    folder.write("other/tea.toml", "[[stub]]\nname = 'tea'\nrequest.path = '/tea'\n");
    let ended = run(cannery(&folder.path).args(["explain", "/tea"]).env("CANNERY_SCENARIOS", "other:scenarios"));
    assert!(output_of(&ended, 0).contains("answers: tea  (other/tea.toml:1)"), "{}", ended.stdout);
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0", "other"]));
    let url = format!("http://{}", server.addr);
    let ended = run(cannery(&folder.path).args(["explain", "/tea", "--url", &url]).env("CANNERY_SCENARIOS", "none"));
    assert!(output_of(&ended, 0).contains("answers: tea  (other/tea.toml:1)"), "{}", ended.stdout);
}

#[test]
fn help_names_every_option() {
    insta::assert_snapshot!(output_of(&explain(&shop(), &["--help"]), 0));
}

/// curl commands; `URL` stands for the URL of the server.
const COMMANDS: &[&str] = &[
    "curl URL",
    "curl -s -S -L URL/a/../b/./c//d?x=1#frag",
    "curl 'URL/a/..'",
    "curl 'URL?x=%20y&z=[]'",
    "curl -g 'URL/{a}?b[0]=1'",
    "curl -X DELETE URL/a",
    "curl -XPUT URL/a -d tea",
    "curl -X POST URL/a",
    "curl -I URL/a",
    "curl -sd a=1 -d b=2 URL/a",
    "curl -d '' URL/a",
    "curl -d @text.txt URL/a",
    "curl --data-binary @text.txt URL/a",
    "curl --data-raw @text.txt URL/a",
    "curl --data-ascii 'a b' --data-binary c URL/a",
    "curl --data-urlencode 'a b&c=d' --data-urlencode '=e f' --data-urlencode 'g@text.txt' --data-urlencode @text.txt URL/a",
    "curl -G -d a=1 --data-urlencode 'b=c d' 'URL/a?z=0'",
    "curl -G -d a=1 'URL/a?'",
    "curl -G -d a=1 'URL/a?b&'",
    "curl -G -I -d a=1 URL/a",
    "curl --json '{\"a\":1}' URL/a",
    "curl --json '{\"a\":' --json '1}' -H 'Accept: text/plain' URL/a",
    "curl --json @text.txt URL/a",
    "curl -G --json a=1 URL/a",
    "curl --data-urlencode 'a=\u{e9}~-._*' URL/a",
    "curl -H 'Accept:' -H 'User-Agent:' -H 'X-Empty;' -H 'X-None:' -H 'X-A:  b ' -H 'x-a:c' URL/a",
    "curl -H 'Host: shop.example' -H 'accept: a' -H 'Accept: b' URL/a",
    "curl -H 'Content-Type: application/json' -d '{}' URL/a",
    "curl -H 'Content-Type:' -d '{}' URL/a",
    "curl -H 'Transfer-Encoding: chunked' -d 'tea' URL/a",
    "curl -H @headers.txt URL/a",
    "curl -u me:secret URL/a",
    "curl -u me: URL/a",
    "curl -u me:secret -H 'Authorization: mine' URL/a",
    "curl --oauth2-bearer abc URL/a",
    "curl http://you:pass%40@HOST/a",
    "curl http://you@HOST/a",
    "curl -u me:x http://you:pass@HOST/a",
    "curl -b 'a=b; c=d' -b e=f URL/a",
    "curl -b a=b -H 'Cookie: c=d' URL/a",
    "curl -A me -e http://from/ URL/a",
    "curl -A '' -e 'http://from/;auto' URL/a",
    "curl --compressed URL/a",
    "curl --no-progress-meter --max-time 9 --connect-timeout 9 --retry 0 -k -w '%{http_code}' URL/a",
    "curl -F a=1 -F 'b= c d ' -F 'e=\"f;g\\\"\"' URL/a",
    "curl -F 'f=@text.txt' -F 'g=@data.json;type=application/json' -F 'h=@text.txt;filename=x.xml' URL/a",
    "curl -F 'f=<text.txt' -F 'g=<data.json' -F 'h=x;type=text/html;charset=utf-8' -F 'i=y;filename=\"a b\"' URL/a",
    "curl -F 'f=@data.json' -F 'g=@sub/page.html' URL/a",
    "curl -F 'a=\"@b;type=c\"' -F 'q\"uote=1' URL/a",
    "curl -X PUT -F a=1 -H 'Content-Type: multipart/mixed' URL/a",
    "curl HOST/a",
    "curl -d a=1 -d '' -d @data.json URL/a",
    "curl -H 'Content-Length: 3' -d tea URL/a",
    "curl -H 'Connection: close' -H 'Expect:' -d tea URL/a",
    "curl -X GET -d tea URL/a",
    "curl -I -X GET URL/a -o /dev/null",
    "curl -b '' -u :x URL/a",
    "curl -u me:x --oauth2-bearer y URL/a",
    "curl -F a= -F 'b=x,y' -F 'c=\"d\\\\e\" ;type=text/x' -F 'g=;h' URL/a",
    "curl -F 'a=b' -F 'c=@text.txt;type=text/plain; charset=utf-8;filename=\"x;y\"' URL/a",
    "curl 'URL/a//b/../../c/.'",
    "curl 'URL/a%2e%2E/%2f?x=%2f+y&z#f?g'",
    "curl 'URL?'",
    "curl 'URL/?a=b?c'",
    "curl -- URL/-a",
    "curl URL/a -sSLkd x=y -HA:b",
    "curl --url URL/a -d $'a\\n\\x41\\u00e9\\'' | cat",
    "curl -d \"a \\\"b\\\" \\$c\" URL/a > /dev/null 2>&1 # more",
];

#[test]
fn a_curl_command_describes_the_request_that_curl_sends() {
    if !is_installed("curl") || !is_installed("bash") {
        return;
    }
    let folder = Folder::new();
    folder.write("scenarios/all.toml", "[[stub]]\nrequest.path = '/{*rest}'\n");
    folder.write("text.txt", "line one\r\nline & two\n");
    folder.write("data.json", r#"{"a": 1}"#);
    folder.write("sub/page.html", "<p>");
    folder.write("headers.txt", "X-One: 1\r\nX-Two: 2\n");
    let server = Serving::start(cannery(&folder.path).args(["serve", "--port", "0"]));
    for command in COMMANDS {
        let command =
            command.replace("URL", &format!("http://{}", server.addr)).replace("HOST", &server.addr.to_string());
        let sent = sent_by_curl(&folder, &server, &command);

        let ended = explain(&folder, &["--format", "json", "--curl", &command]);

        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command}");
        let ours = Json::parse(ended.stdout.as_bytes()).expect("JSON");
        let ours = without_variable_parts(at(&ours, "request"), "headers");
        assert_eq!(ours, without_variable_parts(&sent, "rawHeaders"), "{command}");
    }
}

/// Runs a command with curl, and returns the request that the server received.
fn sent_by_curl(folder: &Folder, server: &Serving, command: &str) -> Json {
    server.send("DELETE", "/__admin/requests", &[], "");
    let mut bash = Command::new("bash");
    bash.args(["-c", command]).current_dir(&folder.path).env("HOME", &folder.path).env("CURL_HOME", &folder.path);
    let output = bash.env_remove("http_proxy").env("LC_ALL", "C.UTF-8").output().expect("bash runs");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    let journal = Json::parse(&server.get("/__admin/journal").body).expect("JSON");
    assert_eq!(at(&journal, "received").to_string(), "1", "{command}");
    let mut sent = at(&journal, "entries.0").clone();
    sent.set("url", at(&sent, "target").clone());
    sent
}

/// Renders a request without what differs from run to run, or between versions of curl.
fn without_variable_parts(request: &Json, headers: &str) -> String {
    let Json::Array(pairs) = at(request, headers) else { panic!("{request}") };
    let text = |json: &Json| json.as_str().expect("a string").to_owned();
    let mut pairs: Vec<(String, String)> =
        pairs.iter().map(|pair| (text(at(pair, "0")), text(at(pair, "1")))).collect();
    let media = pairs.iter().find(|(name, _)| name == "Content-Type").map(|(_, value)| value.clone());
    let boundary = media.as_ref().and_then(|media| media.split_once("boundary=")).map(|(_, boundary)| boundary);
    pairs.retain(|(name, _)| boundary.is_none() || name != "Content-Length");
    for (name, value) in &mut pairs {
        match name.as_str() {
            "User-Agent" if value.starts_with("curl/") => *value = "curl".to_owned(),
            "Accept-Encoding" => *value = "what it can".to_owned(),
            _ => {}
        }
    }
    pairs.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    let body = request.get("body").map(text).unwrap_or_default();
    // Some versions write the digits of an escape in the query in lower case.
    let url = text(at(request, "url"));
    let url = url.split('%').enumerate().map(|(place, part)| match (place, part.split_at_checked(2)) {
        (1.., Some((digits, rest))) => format!("%{}{rest}", digits.to_ascii_uppercase()),
        _ => part.to_owned(),
    });
    let text_of_request = format!("{} {}\n{pairs:#?}\n{body}", text(at(request, "method")), url.collect::<String>());
    boundary.map_or(text_of_request.clone(), |boundary| text_of_request.replace(boundary, "BOUNDARY"))
}
