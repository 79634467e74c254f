//! Path templates: files and builder accept the same texts, and a template matches the paths that it describes.

#![allow(missing_docs)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use cannery::matching::PathTemplate;
use cannery::{MockServer, equals, given, present, status};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

/// A segment of a template.
#[derive(Debug, Clone)]
enum Segment {
    Fixed(String),
    Param,
}

fn segment() -> impl Strategy<Value = Segment> {
    prop_oneof![Just(Segment::Param), "[a-zA-Z0-9{}%?#/é *.:-]{0,6}".prop_map(Segment::Fixed)]
}

/// Writes the segment for a template: braces are doubled, and characters that would end the segment are percent-encoded.
fn for_template(segment: &Segment, place: usize) -> String {
    match segment {
        Segment::Param => format!("{{p{place}}}"),
        Segment::Fixed(text) => encoded(text).replace('{', "{{").replace('}', "}}"),
    }
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F").replace('?', "%3F").replace('#', "%23")
}

/// Writes the segment for the path of a request, with a value for a placeholder.
fn for_request(segment: &Segment, value: &str) -> String {
    let text = match segment {
        Segment::Param => value,
        Segment::Fixed(text) => text,
    };
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_template_matches_what_it_describes(
        segments in vec(segment(), 1..5),
        value in "[a-z0-9 /{}%?é]{1,5}",
        rest in any::<bool>(),
    ) {
        let mut template: String = segments.iter().enumerate().map(|(place, one)| format!("/{}", for_template(one, place))).collect();
        let mut path: String = segments.iter().map(|one| format!("/{}", for_request(one, &value))).collect();
        let mut values: Vec<(String, String)> = Vec::new();
        for (place, _) in segments.iter().enumerate().filter(|(_, one)| matches!(one, Segment::Param)) {
            values.push((format!("p{place}"), value.clone()));
        }
        if rest {
            template.push_str("/{*rest}");
            path.push_str("/x/y%20z");
            values.push(("rest".to_owned(), "x/y z".to_owned()));
        }

        let compiled = PathTemplate::parse(&template, false);

        let compiled = compiled.map_err(|error| format!("{template}: {error}")).expect("a template");
        prop_assert_eq!(compiled.values_in(&path), Some(values), "{} for {}", template, path);
        let longer = ["/other", &path, "/more"].concat();
        prop_assert!(rest || compiled.values_in(&longer).is_none());
    }
}

#[cfg(feature = "files")]
mod files_and_builder {
    use std::sync::LazyLock;

    use cannery::check;
    use cannery::formats::{NoFiles, read_scenario};

    use super::{Just, MockServer, ProptestConfig, given, prop_assert_eq, prop_oneof, proptest, status, vec};

    static SERVER: LazyLock<MockServer> = LazyLock::new(MockServer::start);

    /// Returns the faults that the builder reports for a path.
    fn by_builder(path: &str) -> Vec<String> {
        match SERVER.try_stub(given::get(path).respond(status(200))) {
            Ok(stub) => {
                stub.remove();
                Vec::new()
            }
            Err(wrong) => wrong.faults.into_iter().map(|fault| fault_text(&fault.message, fault.help)).collect(),
        }
    }

    /// Returns the faults that reading a file reports for a path.
    fn by_file(path: &str) -> Vec<String> {
        let path = toml_edit::Value::from(path);
        let text = format!("[[stub]]\nrequest.method = \"GET\"\nrequest.path = {path}\nresponse.status = 200\n");
        match read_scenario(&text, "paths.toml", &NoFiles) {
            Ok(_) => Vec::new(),
            Err(diagnostics) => diagnostics.into_iter().map(|one| fault_text(&one.message, one.help)).collect(),
        }
    }

    fn fault_text(message: &str, help: Option<String>) -> String {
        format!("{message}: {}", help.unwrap_or_default())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

        #[test]
        fn files_and_builder_accept_the_same_texts_with_the_same_messages(pieces in vec(prop_oneof![
            Just("/"), Just("/"), Just("{"), Just("}"), Just("{{"), Just("}}"), Just("{a}"), Just("{b}"), Just("{*r}"),
            Just("{1}"), Just("*"), Just("?"), Just("#"), Just("%41"), Just("%FF"), Just("%"), Just("a=1"), Just("&b"),
            Just("é"), Just(" "), Just("\n"), Just("http://"), Just("."), Just("\""),
        ], 0..7)) {
            let path: String = pieces.concat();

            prop_assert_eq!(by_file(&path), by_builder(&path), "{:?}", path);
        }
    }

    #[test]
    fn every_file_that_is_read_is_compiled() {
        for path in ["/", "/{a}/{*r}", "/a{{b}}", "/%41/é b", "/a//b/"] {
            let folder = std::env::temp_dir().join(format!("cannery-paths-{}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder");
            let file = folder.join("a.toml");
            std::fs::write(&file, format!("[[stub]]\nrequest.path = '{path}'\nresponse.status = 200\n"))
                .expect("a file");

            let loaded = check::load(std::slice::from_ref(&file));

            std::fs::remove_dir_all(&folder).expect("the folder goes");
            assert!(loaded.is_ok(), "{path}: {}", loaded.expect_err("a fault"));
        }
    }
}

fn refused(path: &str) -> String {
    let server = MockServer::start();
    let wrong = server.try_stub(given::get(path).respond(status(200))).err().expect("a path that is refused");
    let message = wrong.to_string();
    message.split_once(":\n").map_or(message.clone(), |(_, faults)| faults.to_owned())
}

#[test]
fn a_query_in_a_builders_path_is_refused_with_a_remedy() {
    let expected =
        "  request.path: a path must not contain a query\n    help: Put `b` into `query`, as in `query.b = \"1\"`.";

    assert_eq!(refused("/a?b=1"), expected);
}

#[test]
#[should_panic(expected = "a path must not contain a query")]
fn a_query_in_the_path_of_a_verdict_is_refused() {
    MockServer::start().verify(given::get("/a?b=1"), 0);
}

#[test]
fn a_star_alone_is_refused_with_a_remedy() {
    let message = refused("*");

    assert!(message.contains("a path must start with `/`") && message.contains("write `/{*rest}`"), "{message}");
}

#[test]
fn a_condition_on_a_placeholder_that_the_path_does_not_have_is_refused() {
    let server = MockServer::start();

    let stub = given::get("/orders/{id}").path_param("oder", present()).respond(status(200));

    let message = server.try_stub(stub).err().expect("a name that is refused").to_string();
    assert!(message.contains("request.path_params.oder: the path has no placeholder `oder`"), "{message}");
    assert!(message.contains("The path has `id`."), "{message}");
}

#[test]
fn the_asterisk_target_of_options_is_matched_by_a_matcher() {
    let server = MockServer::start();
    server.stub(given::options(equals("*")).respond(status(204)));
    let mut connection = TcpStream::connect(server.addr()).expect("a connection");

    connection.write_all(b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").expect("sent");

    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}
