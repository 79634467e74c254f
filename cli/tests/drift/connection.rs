//! How `cannery drift` reaches a service: credentials, addresses, silent services, TLS, and signals.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Arc;

use crate::library::Running;
use crate::support::{Folder, cannery, repository, run};
use crate::{FOUR, SHOP, command};

/// Echoes the credentials of a request.
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
fn an_example_about_a_credential_keeps_its_own_value() {
    let service = Running::serving("scenarios/groove/collection-add.toml");
    let more = ["--unsafe", "--header", "Authorization: XBL3.0 x=1;$USER_TOKEN", "--query", "accessToken=$TOKEN"];
    let mut command = command(&repository("."), &service.url(""), &["scenarios/groove/collection-add.toml"]);

    let ended = run(command.args(more).envs([("USER_TOKEN", "r3al-user"), ("TOKEN", "r3al-app")]));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    let journal = service.engine.journal();
    let sent =
        |text: &str| journal.entries.iter().filter(|e| String::from_utf8_lossy(e.head.raw()).contains(text)).count();
    // Two examples are about the user's token, three about the application's.
    assert_eq!((journal.entries.len(), sent("x=1;r3al-user"), sent("accessToken=r3al-app")), (18, 16, 15));
}

#[test]
fn a_missing_credential_is_named() {
    for (option, value, expected) in [
        (
            "--header",
            "Authorization: $NO_SUCH_TOKEN",
            "error: --header Authorization: the environment variable `NO_SUCH_TOKEN` is not set\n",
        ),
        ("--query", "token=${EMPTY}", "error: --query token: the environment variable `EMPTY` is empty\n"),
        ("--header", "hidden", "error: --header must be `NAME: VALUE`\n"),
    ] {
        let folder = Folder::new();
        let ended = run(command(&folder.path, "http://127.0.0.1:1", &[option, value]).env("EMPTY", ""));
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(2), "", expected));
    }
}

#[test]
fn an_invalid_address_is_bad_usage() {
    for (url, expected) in [
        ("https://user:hidden@example.com", "give credentials with --header or --query"),
        ("https://example.com?key=hidden", "give credentials with --header or --query"),
        ("ftp://example.com", "write it as in https://api.example.com/v2"),
        ("example.com", "write it as in https://api.example.com/v2"),
    ] {
        let ended = run(&mut command(&repository("."), url, &[]));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
        assert!(ended.stderr.contains(expected) && !ended.stderr.contains("hidden"), "{}", ended.stderr);
    }
    assert_eq!(run(cannery(&repository(".")).arg("drift")).code, Some(2));
}

#[test]
fn a_bad_scenario_is_reported_before_anything_is_sent() {
    let folder = Folder::new();
    folder.write("scenarios/bad.toml", "[[stub]]\nrequest.pth = '/'\n");
    let ended = run(&mut command(&folder.path, "http://127.0.0.1:1", &[]));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
}

/// A folder with four examples.
fn four() -> Folder {
    let folder = Folder::new();
    folder.write("scenarios/four.toml", FOUR);
    folder
}

/// Returns a listener that never answers by itself, and its address.
fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

#[test]
fn an_unreachable_service_exits_with_4() {
    let folder = four();
    let (listener, url) = listening();
    drop(listener);

    let ended = run(&mut command(&folder.path, &url, &[]));

    assert_eq!(ended.code, Some(4));
    assert_eq!(ended.stderr, "error: the service could not be reached for every example\n");
    assert_eq!(ended.stdout.matches("cannot connect to").count(), 3, "{}", ended.stdout);
    assert!(ended.stdout.contains("not sent: the 3 requests before it got no answer"), "{}", ended.stdout);
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
fn a_service_that_is_silent_or_not_http_is_unreachable() {
    let folder = four();
    let (_silent, url) = listening();
    let ended = run(&mut command(&folder.path, &url, &["--timeout", "50ms"]));
    assert_eq!(ended.code, Some(4));
    assert!(ended.stdout.contains("does not answer within 50ms"), "{}", ended.stdout);

    let (babbling, url) = listening();
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
fn drifts_are_shown_although_other_examples_failed_to_connect() {
    let folder = four();
    let (listener, url) = listening();
    // The first request gets an answer, then the service stops listening.
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
fn the_service_path_is_prepended_and_a_redirect_is_an_answer() {
    let folder = four();
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

/// Answers 200 over TLS with a self-signed certificate, and returns its PEM.
fn tls_service() -> (SocketAddr, String) {
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
fn an_untrusted_certificate_is_refused_unless_its_authority_is_given() {
    let (addr, pem) = tls_service();
    let folder = four();
    folder.write("ca.pem", &pem);
    folder.write("empty.pem", "");
    let url = format!("https://localhost:{}", addr.port());

    let refused = run(&mut command(&folder.path, &url, &[]));
    let trusted = run(&mut command(&folder.path, &url, &["--ca", "ca.pem"]));
    let nothing = run(&mut command(&folder.path, &url, &["--ca", "empty.pem"]));

    assert_eq!(refused.code, Some(4));
    assert!(refused.stdout.contains("TLS with localhost:"), "{}", refused.stdout);
    assert!(refused.stdout.contains("UnknownIssuer"), "{}", refused.stdout);
    assert_eq!((trusted.code, trusted.stderr.as_str()), (Some(0), ""), "{}", trusted.stdout);
    assert_eq!(
        (nothing.code, nothing.stderr.as_str()),
        (Some(2), "error: --ca empty.pem: the file has no certificate\n")
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_drift_at_once() {
    let folder = four();
    for signal in ["INT", "TERM"] {
        let (silent, url) = listening();
        let mut child = command(&folder.path, &url, &["--timeout", "60s"]).spawn().expect("the command starts");
        // The handlers are set before anything is sent.
        let connection = silent.accept().expect("a connection");
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().expect("kill runs");
        assert!(kill.success());
        assert_eq!(child.wait().expect("the command ends").code(), Some(130), "{signal}");
        drop(connection);
    }
}
