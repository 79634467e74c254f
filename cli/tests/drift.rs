//! `cannery drift` as a process. Cannery serves the real service too.

#![allow(missing_docs)]

#[path = "drift/connection.rs"]
mod connection;
mod support;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use cannery::engine::Settings;
use cannery::model::Json;
use cannery::server::ServerSettings;
use library::Running;
use support::{Ended, Folder, at, cannery, library, repository, run};

/// Returns the command with the files of the repository, without a limit on the rate.
fn drift(addr: SocketAddr, more: &[&str]) -> Ended {
    run(&mut command(&repository("."), &format!("http://{addr}"), more))
}

fn command(folder: &Path, url: &str, more: &[&str]) -> Command {
    let mut command = cannery(folder);
    command.args(["drift", "--against", url, "--rate", "1000/s"]).args(more);
    command
}

/// Runs the files of the repository against a service that serves the Groove scenarios with one change.
fn unfaithful(file: &str, promised: &str, instead: &str) -> Running {
    let folder = Folder::new();
    for name in ["collection-add.toml", "collection-delete.toml", "too-many-tracks.json"] {
        let text = std::fs::read_to_string(repository("scenarios/groove").join(name)).expect("a scenario");
        let altered = if name == file { text.replace(promised, instead) } else { text.clone() };
        assert!(name != file || altered != text, "{promised} is not in {file}");
        folder.write(name, &altered);
    }
    Running::start_at(std::slice::from_ref(&folder.path), Settings::default(), ServerSettings::default())
}

fn mask_address(text: &str, addr: SocketAddr) -> String {
    text.replace(&addr.to_string(), "HOST:PORT").replace(&addr.port().to_string(), "PORT")
}

const GROOVE: &[&str] = &["scenarios/groove", "--unsafe"];

/// Returns the file and line of an example of the repository.
fn place(file: &str, example: &str) -> String {
    let text = std::fs::read_to_string(repository(file)).expect("a scenario");
    let lines: Vec<&str> = text.lines().collect();
    let named = lines.iter().position(|line| *line == format!("name = \"{example}\"")).expect("the example");
    let example = lines[..named].iter().rposition(|line| *line == "[[example]]").expect("its table");
    format!("({file}:{})", example + 1)
}

#[test]
fn a_faithful_service_has_not_drifted() {
    let service = Running::serving("scenarios/groove");

    let ended = drift(service.addr, GROOVE);

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn xml_is_decoded_in_the_charset_of_its_content_type() {
    let service = Running::with(
        "[[stub]]\nrequest.path = '/a'\nresponse.base64 = 'PGE+Y2Fm6TwvYT4='\n\
         response.headers.Content-Type = 'text/xml; charset=ISO-8859-1'\n",
    );
    let folder = Folder::new();
    folder.write(
        "a.toml",
        "[[stub]]\nrequest.path = '/a'\nresponse.xml = '<a>café</a>'\n\n\
         [[example]]\nrequest.url = '/a'\nresponse.xml = '<a>café</a>'\n",
    );

    let ended = run(&mut command(&folder.path, &format!("http://{}", service.addr), &["a.toml"]));

    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn without_unsafe_no_groove_example_is_sent_and_drift_fails() {
    let service = Running::serving("scenarios/groove");

    let ended = drift(service.addr, &["scenarios/groove"]);

    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stderr, "error: nothing was compared: no example could be sent\n");
    assert!(ended.stdout.contains("POST may change something, and is sent only with --unsafe"), "{}", ended.stdout);
    assert!(service.engine.journal().entries.is_empty());
}

/// Answers in ISO-8859-1, with a constant text and with a template, and an example of each.
const LATIN1: &str = r#"
[[stub]]
request.path = "/text"
response = { headers.Content-Type = "text/plain; charset=iso-8859-1", text = "café" }

[[stub]]
request.path = "/json"
response = { headers.Content-Type = "application/json; charset=iso-8859-1", json = { a = "café", b = "{{request.path}}" } }

[[stub]]
request.path = "/xml"
response = { headers.Content-Type = "text/xml; charset=utf-16", xml = "<a><b>café</b>{{request.path}}</a>" }

[[example]]
request.url = "/text"
response.text = "café"

[[example]]
request.url = "/json"
response.json = { a = "café", b = "/json" }

[[example]]
request.url = "/xml"
response.xml = "<a><b>café</b>/xml</a>"
"#;

fn drift_from_latin1(service: &str) -> Ended {
    let (promised, real) = (Folder::new(), Folder::new());
    promised.write("scenario.toml", LATIN1);
    real.write("scenario.toml", service);
    let at = std::slice::from_ref(&real.path);
    let service = Running::start_at(at, Settings::default(), ServerSettings::default());
    run(&mut command(&promised.path, &format!("http://{}", service.addr), &["."]))
}

#[test]
fn texts_are_compared_after_they_are_decoded() {
    let ended = drift_from_latin1(LATIN1);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);

    let utf8 = drift_from_latin1(&LATIN1.replace("text/plain; charset=iso-8859-1", "text/plain; charset=utf-8"));
    assert_eq!(utf8.code, Some(0), "{}", utf8.stdout);
}

#[test]
fn a_different_text_in_a_different_charset_is_reported() {
    let ended = drift_from_latin1(&LATIN1.replace("café", "thé"));

    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    // The constant part of a text is promised by value, also beside a template.
    assert_eq!(ended.stdout.matches("café").count(), 3, "{}", ended.stdout);
}

#[test]
fn a_wrong_status_is_reported() {
    let service = unfaithful(
        "collection-add.toml",
        "status = 401\ndocument.Error = { ErrorCode = \"INVALID",
        "status = 403\ndocument.Error = { ErrorCode = \"INVALID",
    );

    insta::assert_snapshot!(caught(
        &service,
        "scenarios/groove/collection-add.toml",
        "Access is denied if the user authentication token is missing or invalid"
    ));
}

#[test]
fn a_renamed_member_is_reported() {
    let service = unfaithful("collection-delete.toml", "some_failed.Error = { ErrorCode", "some_failed.Error = { Code");

    insta::assert_snapshot!(caught(
        &service,
        "scenarios/groove/collection-delete.toml",
        "Delete tracks from collection"
    ));
}

#[test]
fn a_number_instead_of_a_string_is_reported() {
    let service = unfaithful("collection-delete.toml", "result.InputId = \"{{item}}\"", "result.InputId = 7");

    insta::assert_snapshot!(caught(
        &service,
        "scenarios/groove/collection-delete.toml",
        "Delete tracks from collection"
    ));
}

#[test]
fn a_different_order_in_xml_is_reported() {
    let service =
        unfaithful("collection-add.toml", "order = \"ordinal\"", "order.TrackActionResult = [\"InputId\", \"Id\"]");

    insta::assert_snapshot!(caught(
        &service,
        "scenarios/groove/collection-add.toml",
        "Add a track using XML instead of JSON"
    ));
}

/// Returns the report on the drifts of a service like Groove, which contains the line of an example.
fn caught(service: &Running, file: &str, example: &str) -> String {
    let ended = drift(service.addr, GROOVE);

    assert_eq!(ended.code, Some(1));
    let place = place(file, example);
    assert!(ended.stdout.contains(&place), "{place}\n{}", ended.stdout);
    drifts(&ended.stdout)
}

/// Returns the part of the text that is about drifts.
fn drifts(text: &str) -> String {
    let mut is_drift = false;
    let chosen = text.lines().filter(|line| {
        if !line.starts_with(' ') {
            is_drift = line.starts_with("drift ");
        }
        is_drift || line.contains(" examples: ")
    });
    chosen.collect::<Vec<_>>().join("\n")
}

const SHOP: &str = r#"
[[stub]]
name = "an order is shown"
request = { method = "GET", path = "/orders/{id}" }
[stub.response]
headers = { ETag = '"1"', Location = "/orders/{{request.path_params.id}}" }
json = { id = "{{request.path_params.id}}", status = "paid", at = "{{now}}", lines = [1, 2] }

[[example]]
name = "an order"
ignore = "$.lines[1]"
request.url = "/orders/7?token=made-up"
request.headers.Authorization = "made-up"
[example.response]
status = 200
headers = { ETag = '"1"', Location = "/orders/7", Content-Type = "application/json" }
json = { id = "7", status = "paid", at = "1970-01-01T00:00:00Z", lines = [1, 2] }
"#;

/// A service without a header, and with another time.
fn without_etag() -> String {
    SHOP.replace("ETag = '\"1\"', L", "L").replace("{{now}}", "2031-05-06T07:08:09Z")
}

/// Runs a scenario against a service that serves another.
fn shop(service: &str, more: &[&str]) -> (Ended, Running) {
    let (folder, service) = (Folder::new(), Running::with(service));
    folder.write("scenarios/shop.toml", SHOP);
    let ended = run(&mut command(&folder.path, &service.url(""), more));
    (ended, service)
}

#[test]
fn a_templated_value_may_differ_within_its_type() {
    let (ended, _) = shop(&SHOP.replace("{{now}}", "today"), &[]);

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn only_templated_parts_may_differ() {
    let folder = Folder::new();
    folder.write(
        "scenario.toml",
        r#"
[[stub]]
request.path = "/raw"
response.text = '{{{{raw}}}}{{name}}{{{{/raw}}}}'

[[stub]]
request.path = "/path"
response.text = 'C:\\{{request.path}}'

[[example]]
name = "braces that are text"
request.url = "/raw"
response.text = '{{name}}'

[[example]]
name = "a value after a backslash"
request.url = "/path"
response.text = 'C:\/path'
"#,
    );
    let service = Running::with(
        "[[stub]]\nrequest.path = '/raw'\nresponse.text = 'Ada'\n\n\
         [[stub]]\nrequest.path = '/path'\nresponse.text = 'C:/elsewhere'\n",
    );

    let ended = run(&mut command(&folder.path, &service.url(""), &["."]));

    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn an_ignored_path_may_have_any_value() {
    let service = Running::with(&SHOP.replace("lines = [1, 2] }\n\n", "lines = [1, 'x'] }\n\n"));
    for (scenario, code) in [(SHOP.to_owned(), 0), (SHOP.replace("ignore = \"$.lines[1]\"\n", ""), 1)] {
        let folder = Folder::new();
        folder.write("scenarios/shop.toml", &scenario);
        let ended = run(&mut command(&folder.path, &service.url(""), &[]));
        assert_eq!(ended.code, Some(code), "{}", ended.stdout);
    }
}

#[test]
fn a_missing_header_is_reported_with_file_and_line() {
    let (ended, _) = shop(&without_etag(), &[]);

    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn every_kind_of_drift_is_reported() {
    let altered = r#"
[[stub]]
request.path = "/orders/7"
[stub.response]
status = 203
headers = { ETag = '"2"', Content-Type = "application/hal+json" }
json = { id = 7, status = "open", at = "x", lines = [1, 2, 3], more = { a = true } }
"#;
    let (ended, _) = shop(altered, &[]);

    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn a_body_that_is_not_json_sends_no_control_characters_to_the_terminal() {
    let (ended, _) = shop("[[stub]]\nrequest = {}\nresponse.text = \"\\u001b[31m<html>\"\n", &[]);

    assert_eq!(ended.code, Some(1));
    assert!(!ended.stdout.contains('\u{1b}'), "{}", ended.stdout);
    assert!(ended.stdout.contains(r"body: not JSON"), "{}", ended.stdout);
}

/// Four examples on two paths.
const FOUR: &str = r#"
[[example]]
name = "one"
request.url = "/one?a=1"
response.status = 200
[[example]]
name = "two"
request.url = "/two"
response.status = 200
[[example]]
name = "three"
request.url = "/three"
response.status = 200
[[example]]
name = "four"
request = { method = "HEAD", url = "/four" }
response.status = 200
"#;

#[test]
fn an_example_that_depends_on_a_state_is_skipped_with_the_reason() {
    let service = Running::serving("scenarios/basics");

    let ended = drift(service.addr, &["scenarios/basics", "--unsafe"]);

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let today = |line: &str| match line.strip_prefix("    + ").and_then(|line| line.split_once("Today is ")) {
        Some((before, _)) => format!("    + {before}Today is TODAY"),
        None => line.to_owned(),
    };
    insta::assert_snapshot!(ended.stdout.lines().map(today).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_compressed_answer_is_read() {
    let folder = Folder::new();
    folder.write("scenarios/shop.toml", &SHOP.replace("Authorization = \"made-up\"", "Accept-Encoding = \"gzip\""));
    let service = Running::with(SHOP);
    let ended = run(&mut command(&folder.path, &service.url(""), &[]));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
}

#[test]
fn json_and_junit_have_every_drift() {
    let service = Running::with(&without_etag());
    let folder = Folder::new();
    folder.write(
        "scenarios/shop.toml",
        &format!(
            "{SHOP}{}",
            FOUR.replace("[[example]]\nname = \"one\"", "[[example]]\nafter = \"an order\"\nname = \"one\"")
        ),
    );
    let ended = run(&mut command(&folder.path, &service.url(""), &["--format", "json"]));
    assert_eq!(ended.code, Some(1));
    let json = Json::parse(ended.stdout.as_bytes()).expect("JSON");
    assert_eq!(at(&json, "verdict").as_str(), Some("drifted"));
    assert_eq!(at(&json, "examples.0.line").to_string(), "9");
    assert_eq!(at(&json, "examples.0.drifts.0.kind").as_str(), Some("removed"));
    assert_eq!(at(&json, "examples.1.outcome").as_str(), Some("skipped"));
    insta::assert_snapshot!(mask_address(&ended.stdout, service.addr));
    let ended = run(&mut command(&folder.path, &service.url(""), &["--format", "junit"]));
    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stdout);
}
