//! `cannery drift` as a process, against servers of our own that stand in for the real service.

#![allow(missing_docs)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use cannery::engine::Settings;
use cannery::model::Json;
use cannery::server::ServerSettings;
use library::Running;
use support::{Ended, Folder, at, cannery, library, repository, run};

/// The files of the repository against a server; fast, since nobody is to be spared.
fn drift(addr: SocketAddr, more: &[&str]) -> Ended {
    run(&mut command(&repository("."), &format!("http://{addr}"), more))
}

fn command(folder: &Path, url: &str, more: &[&str]) -> Command {
    let mut command = cannery(folder);
    command.args(["drift", "--against", url, "--rate", "1000/s"]).args(more);
    command
}

/// A service that does what the Groove scenarios say, but for one thing; the files are those of the repository.
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

fn steady(text: &str, addr: SocketAddr) -> String {
    text.replace(&addr.to_string(), "HOST:PORT").replace(&addr.port().to_string(), "PORT")
}

const GROOVE: &[&str] = &["scenarios/groove", "--unsafe"];

/// The place of an example in a file of the repository.
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
fn without_unsafe_nothing_of_groove_is_sent_and_that_is_no_success() {
    let service = Running::serving("scenarios/groove");

    let ended = drift(service.addr, &["scenarios/groove"]);

    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stderr, "error: nothing was compared: there is no example that could be sent\n");
    assert!(ended.stdout.contains("POST may change something, and is sent only with --unsafe"), "{}", ended.stdout);
    assert!(service.engine.journal().entries.is_empty());
}

#[test]
fn a_wrong_status_is_caught() {
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
fn a_renamed_member_is_caught() {
    let service = unfaithful("collection-delete.toml", "some_failed.Error = { ErrorCode", "some_failed.Error = { Code");

    insta::assert_snapshot!(caught(
        &service,
        "scenarios/groove/collection-delete.toml",
        "Delete tracks from collection"
    ));
}

#[test]
fn a_number_for_a_string_is_caught() {
    let service = unfaithful("collection-delete.toml", "result.InputId = \"{{item}}\"", "result.InputId = 7");

    insta::assert_snapshot!(caught(
        &service,
        "scenarios/groove/collection-delete.toml",
        "Delete tracks from collection"
    ));
}

#[test]
fn another_order_in_xml_is_caught() {
    let service =
        unfaithful("collection-add.toml", "order = \"ordinal\"", "order.TrackActionResult = [\"InputId\", \"Id\"]");

    insta::assert_snapshot!(caught(
        &service,
        "scenarios/groove/collection-add.toml",
        "Add a track using XML instead of JSON"
    ));
}

/// What is told of the drifts of a service that stands in for Groove; it names the place of an example.
fn caught(service: &Running, file: &str, example: &str) -> String {
    let ended = drift(service.addr, GROOVE);

    assert_eq!(ended.code, Some(1));
    let place = place(file, example);
    assert!(ended.stdout.contains(&place), "{place}\n{}", ended.stdout);
    drifts(&ended.stdout)
}

/// The part of the text that tells of drifts.
fn drifts(text: &str) -> String {
    let mut shown = false;
    let chosen = text.lines().filter(|line| {
        if !line.starts_with(' ') {
            shown = line.starts_with("drift ");
        }
        shown || line.contains(" examples: ")
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

/// A service that lacks a header, at a time of its own.
fn without_etag() -> String {
    SHOP.replace("ETag = '\"1\"', L", "L").replace("{{now}}", "2031-05-06T07:08:09Z")
}

/// The scenario against a service that does what another says.
fn shop(service: &str, more: &[&str]) -> (Ended, Running) {
    let (folder, service) = (Folder::new(), Running::with(service));
    folder.write("scenarios/shop.toml", SHOP);
    let ended = run(&mut command(&folder.path, &service.url(""), more));
    (ended, service)
}

#[test]
fn what_a_template_makes_may_be_another_value_of_its_type() {
    let (ended, _) = shop(&SHOP.replace("{{now}}", "today"), &[]);

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn an_ignored_place_may_hold_anything() {
    let service = Running::with(&SHOP.replace("lines = [1, 2] }\n\n", "lines = [1, 'x'] }\n\n"));
    for (scenario, code) in [(SHOP.to_owned(), 0), (SHOP.replace("ignore = \"$.lines[1]\"\n", ""), 1)] {
        let folder = Folder::new();
        folder.write("scenarios/shop.toml", &scenario);
        let ended = run(&mut command(&folder.path, &service.url(""), &[]));
        assert_eq!(ended.code, Some(code), "{}", ended.stdout);
    }
}

#[test]
fn a_missing_header_is_caught_with_file_and_line() {
    let (ended, _) = shop(&without_etag(), &[]);

    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn every_kind_of_drift_is_told() {
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
fn a_body_that_is_no_json_cannot_steer_a_terminal() {
    let (ended, _) = shop("[[stub]]\nrequest = {}\nresponse.text = \"\\u001b[31m<html>\"\n", &[]);

    assert_eq!(ended.code, Some(1));
    assert!(!ended.stdout.contains('\u{1b}'), "{}", ended.stdout);
    assert!(ended.stdout.contains(r"body: not JSON"), "{}", ended.stdout);
}

/// Sends back what it was sent, where it is looked for.
const ECHO: &str = r#"
[[stub]]
request = {}
[stub.response]
headers = { ETag = "{{request.headers.Authorization}}", Location = "{{request.url}}" }
json = { id = "{{request.query.token}}", status = "{{request.headers.Authorization}}", at = "{{request.url}}", lines = [1, 2] }
"#;

#[test]
fn credentials_reach_the_service_and_are_never_printed() {
    for format in ["text", "json", "junit"] {
        let (folder, service) = (Folder::new(), Running::with(ECHO));
        folder.write("scenarios/shop.toml", SHOP);
        let more = ["--header", "Authorization: Bearer $TOKEN", "--query", "token=${KEY}", "--format", format];
        let ended =
            run(command(&folder.path, &service.url(""), &more).env("TOKEN", "s3cr3t+t0ken").env("KEY", "k&y \"1\""));

        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        let journal = service.engine.journal();
        let head = &journal.entries[0].head;
        assert_eq!(head.header("Authorization").as_deref(), Some("Bearer s3cr3t+t0ken"));
        assert_eq!(head.target(), "/orders/7?token=k%26y%20%221%22");
        let printed = ended.stdout + &ended.stderr;
        for secret in ["s3cr3t", "t0ken", "k&y", "k%26y", "k&amp;y", "made-up"] {
            assert!(!printed.contains(secret), "{secret} in {format}:\n{printed}");
        }
        assert!(printed.contains("..."), "{printed}");
    }
}

#[test]
fn an_example_about_a_credential_keeps_its_own() {
    let service = Running::serving("scenarios/groove/collection-add.toml");
    let more = ["--unsafe", "--header", "Authorization: XBL3.0 x=1;$USER_TOKEN", "--query", "accessToken=$TOKEN"];
    let mut command = command(&repository("."), &service.url(""), &["scenarios/groove/collection-add.toml"]);

    let ended = run(command.args(more).envs([("USER_TOKEN", "r3al-user"), ("TOKEN", "r3al-app")]));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    let journal = service.engine.journal();
    let sent =
        |text: &str| journal.entries.iter().filter(|e| String::from_utf8_lossy(e.head.raw()).contains(text)).count();
    // Two are about the user's token, three about the application's.
    assert_eq!((journal.entries.len(), sent("x=1;r3al-user"), sent("accessToken=r3al-app")), (18, 16, 15));
}

#[test]
fn a_credential_that_is_not_there_is_named() {
    for (option, value, told) in [
        (
            "--header",
            "Authorization: $NO_SUCH_TOKEN",
            "error: --header Authorization: `NO_SUCH_TOKEN` is not in the environment\n",
        ),
        ("--query", "token=${EMPTY}", "error: --query token: `EMPTY` is empty in the environment\n"),
        ("--header", "hidden", "error: a --header is written `NAME: VALUE`\n"),
    ] {
        let folder = Folder::new();
        let ended = run(command(&folder.path, "http://127.0.0.1:1", &[option, value]).env("EMPTY", ""));
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(2), "", told));
    }
}

#[test]
fn an_address_that_is_none_is_bad_usage() {
    for (url, told) in [
        ("https://user:hidden@example.com", "credentials go under --header or --query"),
        ("https://example.com?key=hidden", "credentials go under --header or --query"),
        ("ftp://example.com", "write it as in https://api.example.com/v2"),
        ("example.com", "write it as in https://api.example.com/v2"),
    ] {
        let ended = run(&mut command(&repository("."), url, &[]));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
        assert!(ended.stderr.contains(told) && !ended.stderr.contains("hidden"), "{}", ended.stderr);
    }
    assert_eq!(run(cannery(&repository(".")).arg("drift")).code, Some(2));
}

#[test]
fn a_bad_scenario_is_told_before_anything_is_sent() {
    let folder = Folder::new();
    folder.write("scenarios/bad.toml", "[[stub]]\nrequest.pth = '/'\n");
    let ended = run(&mut command(&folder.path, "http://127.0.0.1:1", &[]));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
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
fn a_service_that_nobody_reaches_ends_it_with_4() {
    let folder = Folder::new();
    folder.write("scenarios/four.toml", FOUR);
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let addr = free.local_addr().expect("an address");
    drop(free);

    let ended = run(&mut command(&folder.path, &format!("http://{addr}"), &[]));

    assert_eq!(ended.code, Some(4));
    assert_eq!(ended.stderr, "error: the service could not be reached for every example\n");
    assert_eq!(ended.stdout.matches("cannot connect to").count(), 3, "{}", ended.stdout);
    assert!(ended.stdout.contains("not sent: 3 before it got no answer"), "{}", ended.stdout);
    assert!(
        ended.stdout.ends_with("4 examples: 0 as promised, 0 drifted, 0 skipped, 4 unreached\n"),
        "{}",
        ended.stdout
    );
    let ended = run(&mut command(&folder.path, "http://no-such-host.invalid", &[]));
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.contains("the name no-such-host.invalid does not resolve"), "{}", ended.stdout);
}

#[test]
fn a_service_that_is_silent_or_speaks_no_http_is_not_reached() {
    let folder = Folder::new();
    folder.write("scenarios/four.toml", FOUR);
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let ended = run(&mut command(&folder.path, &url, &["--timeout", "50ms"]));
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.contains("does not answer within 50ms"), "{}", ended.stdout);

    let babbling = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", babbling.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in babbling.incoming().take(3) {
            let _ = stream.expect("a connection").write_all(b"hello\r\n\r\n");
        }
    });
    let ended = run(&mut command(&folder.path, &url, &[]));
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.contains("broke off"), "{}", ended.stdout);
}

#[test]
fn drifts_are_shown_though_others_were_not_reached() {
    let folder = Folder::new();
    folder.write("scenarios/four.toml", FOUR);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    // The first gets an answer, then nobody listens any more.
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        drop(listener);
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
    });
    let ended = run(&mut command(&folder.path, &url, &[]));
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.contains("drift four: one"), "{}", ended.stdout);
    assert!(ended.stdout.contains("0 as promised, 1 drifted, 0 skipped, 3 unreached"), "{}", ended.stdout);
}

#[test]
fn the_path_of_the_service_goes_before_that_of_the_example_and_a_redirect_is_an_answer() {
    let folder = Folder::new();
    folder.write("scenarios/four.toml", FOUR);
    let service = Running::with(
        "[[stub]]\nrequest = { path = '/v2/two' }\nresponse = { status = 302, headers.Location = '/v2/one' }\n\
         [[stub]]\nrequest = { path = '/v2/{*rest}' }\nresponse = { status = 200 }\n",
    );

    let ended = run(&mut command(&folder.path, &service.url("/v2/"), &[]));

    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stdout.contains("4 examples: 3 as promised, 1 drifted, 0 skipped"), "{}", ended.stdout);
    let journal = service.engine.journal();
    let sent: Vec<_> = journal.entries.iter().map(|e| format!("{} {}", e.head.method(), e.head.target())).collect();
    assert_eq!(sent, ["GET /v2/one?a=1", "GET /v2/two", "GET /v2/three", "HEAD /v2/four"]);
    let host = journal.entries[0].head.header("Host").map(|host| host.into_owned());
    assert_eq!(host, Some(service.addr.to_string()));
}

#[test]
fn what_hangs_on_a_state_is_skipped_and_says_why() {
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
fn a_packed_answer_is_read() {
    let folder = Folder::new();
    folder.write("scenarios/shop.toml", &SHOP.replace("Authorization = \"made-up\"", "Accept-Encoding = \"gzip\""));
    let service = Running::with(SHOP);
    let ended = run(&mut command(&folder.path, &service.url(""), &[]));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
}

#[test]
fn programs_read_json_and_junit() {
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
    insta::assert_snapshot!(steady(&ended.stdout, service.addr));
    let ended = run(&mut command(&folder.path, &service.url(""), &["--format", "junit"]));
    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stdout);
}

/// Answers 200 over TLS to everybody, with a certificate that it signed itself; gives its PEM.
fn secured() -> (SocketAddr, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let pem = pem_of(made.cert.der());
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a configuration");
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let addr = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(config.clone()).expect("a connection");
            let mut stream = rustls::StreamOwned::new(connection, stream.expect("a connection"));
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                let _ = stream.flush();
            }
        }
    });
    (addr, pem)
}

fn pem_of(der: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in der.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, place| bits << 8 | u32::from(*three.get(place).unwrap_or(&0)));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_unless_its_authority_is_given() {
    let (addr, pem) = secured();
    let folder = Folder::new();
    folder.write("scenarios/four.toml", FOUR);
    folder.write("ca.pem", &pem);
    folder.write("empty.pem", "");
    let url = format!("https://localhost:{}", addr.port());

    let refused = run(&mut command(&folder.path, &url, &[]));
    let trusted = run(&mut command(&folder.path, &url, &["--ca", "ca.pem"]));
    let nothing = run(&mut command(&folder.path, &url, &["--ca", "empty.pem"]));

    assert_eq!(refused.code, Some(4));
    assert!(refused.stdout.contains("no TLS with localhost:"), "{}", refused.stdout);
    assert!(refused.stdout.contains("UnknownIssuer"), "{}", refused.stdout);
    assert_eq!((trusted.code, trusted.stderr.as_str()), (Some(0), ""), "{}", trusted.stdout);
    assert_eq!(
        (nothing.code, nothing.stderr.as_str()),
        (Some(2), "error: --ca empty.pem: there is no certificate in it\n")
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_at_once() {
    let folder = Folder::new();
    folder.write("scenarios/four.toml", FOUR);
    for signal in ["INT", "TERM"] {
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let url = format!("http://{}", silent.local_addr().expect("an address"));
        let mut child = command(&folder.path, &url, &["--timeout", "60s"]).spawn().expect("it starts");
        // It listens for signals before it sends anything.
        let connection = silent.accept().expect("a connection");
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().expect("kill runs");
        assert!(kill.success());
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{signal}");
        drop(connection);
    }
}
