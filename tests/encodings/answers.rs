//! Answers in the charset of their Content-Type.

use std::path::Path;

use cannery::check;
use cannery::engine::Settings;
use cannery::server::ServerSettings;

use super::support::{Folder, Reply, Running};
use super::{post, utf16be, utf16le};

fn answer(response: &str) -> Reply {
    Running::with(&format!("[[stub]]\nrequest.path = \"/\"\n{response}\n")).get("/?q=%C3%A7a")
}

fn answer_of_type(media: &str, body: &str) -> Reply {
    answer(&format!("response = {{ headers.Content-Type = '{media}', {body} }}"))
}

#[test]
fn an_answer_is_sent_in_the_charset_of_its_type() {
    for (charset, expected) in [
        ("ISO-8859-1", b"\xe7a".to_vec()),
        ("\"iso-8859-1\"", b"\xe7a".to_vec()),
        ("windows-1252", b"\xe7a".to_vec()),
        ("iso-8859-15", b"\xe7a".to_vec()),
        ("utf-16", utf16be("\u{feff}ça")),
        ("UTF-16LE", utf16le("ça")),
        ("utf-16be", utf16be("ça")),
        ("utf-8", "ça".into()),
    ] {
        // A constant, and a template that is rendered for each request.
        for text in ["ça", "{{request.query.q}}"] {
            let reply = answer_of_type(&format!("text/plain; Charset={charset}"), &format!("text = \"{text}\""));
            assert_eq!((reply.status, &reply.body), (200, &expected), "{charset} {text}");
            assert_eq!(reply.header("content-length"), Some(&*expected.len().to_string()), "{charset}");
        }
    }
    assert_eq!(answer_of_type("text/plain", "text = \"ça\"").body, "ça".as_bytes());
}

#[test]
fn every_body_written_as_text_is_encoded() {
    let latin1 = |body: &str| answer_of_type("application/x; charset=iso-8859-1", body).body;

    assert_eq!(latin1("json = [\"ça\"]"), b"[\"\xe7a\"]");
    assert_eq!(latin1("json = [\"{{request.query.q}}\"]"), b"[\"\xe7a\"]");
    assert_eq!(latin1("document = { a = \"ça\" }"), b"{\"a\":\"\xe7a\"}");
    assert_eq!(latin1("document = { a = \"{{request.query.q}}\" }"), b"{\"a\":\"\xe7a\"}");
    assert_eq!(latin1("xml = \"<a>ça</a>\""), b"<a>\xe7a</a>");
    assert_eq!(latin1("xml = \"<a>{{request.query.q}}</a>\""), b"<a>\xe7a</a>");
    assert_eq!(latin1("base64 = \"w6dh\""), "ça".as_bytes());
    assert_eq!(latin1("text = \"ça\", delay = { uniform = [\"0ms\", \"1ms\"] }"), b"\xe7a");
    assert_eq!(latin1("text = \"ça\", headers.X = \"{{request.query.q}}\""), b"\xe7a");
}

#[test]
fn a_document_is_encoded_in_both_of_its_forms() {
    let server = Running::with(
        "[representation.xml]\nroot = \"r\"\n[[stub]]\nrequest.path = \"/\"\n\
         response = { headers.Content-Type = \"application/x; charset=iso-8859-1\", document = { a = \"ça\" } }\n",
    );

    let xml = server.send("GET", "/", &[("Accept", "application/xml")], "");
    assert_eq!(xml.body, b"<r><a>\xe7a</a></r>");
    assert_eq!(server.get("/").body, b"{\"a\":\"\xe7a\"}");
}

#[test]
fn a_batch_is_encoded() {
    let server = Running::with(
        r#"
[[stub]]
request = { path = "/", method = "POST" }
response.headers.Content-Type = "application/json; charset=utf-16le"
[stub.batch]
items = "$.items"
results = "results"
[[stub.batch.case]]
result = { a = "{{item}}" }
"#,
    );

    let reply = post(&server, "/", "application/json", "{\"items\":[\"ça\"]}".as_bytes());

    assert_eq!((reply.status, reply.body), (200, utf16le("{\"results\":[{\"a\":\"ça\"}]}")));
}

#[test]
fn an_xml_declaration_names_the_charset_of_the_answer() {
    let declared = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?><a>ça</a>");
    for source in [declared("UTF-8"), declared("ISO-8859-1"), "<?xml version=\"1.0\"?><a>ça</a>".to_owned()] {
        for source in [source.clone(), source.replace("ça", "{{request.query.q}}")] {
            let reply = answer_of_type("text/xml; charset=iso-8859-1", &format!("xml = '''{source}'''"));
            assert_eq!(reply.body, b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe7a</a>", "{source}");
        }
    }
    let reply = answer_of_type("text/xml; charset=utf-16", &format!("xml = '''{}'''", declared("UTF-8")));
    assert_eq!(reply.body, utf16be(&format!("\u{feff}{}", declared("UTF-16"))));
    let reply = answer_of_type("text/xml; charset=utf-8", &format!("xml = '''{}'''", declared("ISO-8859-1")));
    assert_eq!(reply.body, declared("UTF-8").as_bytes());
    let reply = answer("response.xml = \"<?xml version='1.0' encoding='latin1'?><a>{{request.query.q}}</a>\"");
    assert!(reply.status == 500 && reply.text().contains("its declaration names another encoding"), "{}", reply.text());
}

#[test]
fn files_with_templates_are_encoded_and_other_files_are_sent_unchanged() {
    let folder = Folder::new();
    folder.write("rendered.txt", "{{request.query.q}} é");
    folder.write("rendered.xml", "<?xml version='1.0'?><a>{{request.query.q}}</a>");
    folder.write("plain.txt", "ça");
    folder.write(
        "scenario.toml",
        r#"
[[stub]]
request.path = "/{name}"
response = { headers.Content-Type = "text/plain; charset=iso-8859-1", file = "{{request.path_params.name}}" }
"#,
    );
    let at = [folder.path.join("scenario.toml")];
    let server = Running::start_at(&at, Settings::default(), ServerSettings::default());

    assert_eq!(server.get("/rendered.txt?q=%C3%A7a").body, b"\xe7a \xe9");
    assert_eq!(
        server.get("/rendered.xml?q=%C3%A7a").body,
        b"<?xml version='1.0' encoding=\"ISO-8859-1\"?><a>\xe7a</a>"
    );
    assert_eq!(server.get("/plain.txt").body, "ça".as_bytes());
}

#[test]
fn a_character_missing_in_the_charset_is_a_500_that_names_it() {
    let server = Running::with(
        r#"
[[stub]]
request.path = "/text"
response = { headers.Content-Type = "text/plain; charset=iso-8859-1", text = "{{request.query.q}}" }

[[stub]]
request.path = "/json"
response = { headers.Content-Type = "application/json; charset=us-ascii", json = ["{{request.query.q}}"] }

[[stub]]
request.path = "/xml"
response = { headers.Content-Type = "text/xml; charset=koi8-r", xml = "<a>{{request.query.q}}</a>" }

[[stub]]
request.path = "/type"
response = { headers.Content-Type = "text/plain; charset={{request.query.c}}", text = "ç" }
"#,
    );
    for (target, message) in [
        ("/text?q=%E2%82%AC", "the charset `iso-8859-1` has no character `€` (U+20AC)"),
        ("/json?q=%C3%A9", "the charset `us-ascii` has no character `é` (U+00E9)"),
        ("/xml?q=%C3%A9", "the charset `koi8-r` has no character `é` (U+00E9)"),
        ("/type?c=koi8-r", "the charset `koi8-r` has no character `ç` (U+00E7)"),
        ("/type?c=x-mine", "the charset `x-mine` is not known"),
    ] {
        let reply = server.get(target);
        assert!(reply.status == 500 && reply.text().contains(message), "{target}: {}", reply.text());
    }
    assert_eq!(server.get("/text?q=%C3%A9").body, b"\xe9");
    assert_eq!(server.get("/type?c=latin1").body, b"\xe7");
}

#[test]
fn gzip_and_the_limit_on_rendered_bytes_count_encoded_bytes() {
    let folder = Folder::new();
    folder.write(
        "scenario.toml",
        "[[stub]]\nrequest.path = \"/\"\nresponse = { headers.Content-Type = \"text/plain; charset=utf-16le\", \
         text = \"{{request.query.q}}\" }\n",
    );
    let at = [folder.path.join("scenario.toml")];
    let settings = Settings { max_rendered: 3000, ..Settings::default() };
    let server = Running::start_at(&at, settings, ServerSettings::default());
    let target = |length: usize| format!("/?q={}", "a".repeat(length));

    assert_eq!(server.get(&target(1400)).body.len(), 2800);
    let refused = server.get(&target(1600));
    assert!(refused.status == 500 && refused.text().contains("3000 bytes"), "{}", refused.text());
    let packed = server.send("GET", &target(1400), &[("Accept-Encoding", "gzip")], "");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.unpacked().body, utf16le(&"a".repeat(1400)));
}

#[test]
fn examples_are_sent_and_compared_as_text() {
    let folder = Folder::new();
    folder.write(
        "scenario.toml",
        r#"
[[stub]]
request = { method = "POST", path = "/", body = "café" }
response = { headers.Content-Type = "text/plain; charset=iso-8859-1", text = "ça" }

[[stub]]
request.path = "/xml"
response = { headers.Content-Type = "text/xml; charset=utf-16", xml = "<a>ça</a>" }

[[stub]]
request.path = "/json"
response = { headers.Content-Type = "application/json; charset=iso-8859-1", json = ["ça"] }

[[example]]
request = { method = "POST", url = "/", headers.Content-Type = "text/plain; charset=iso-8859-1", text = "café" }
response.text = "ça"

[[example]]
request.url = "/xml"
response.xml = "<a>ça</a>"

[[example]]
request.url = "/json"
response.json = ["ça"]

[[example]]
name = "wrong"
request = { method = "POST", url = "/", headers.Content-Type = "text/plain; charset=iso-8859-1", text = "café" }
response.text = "ca"
"#,
    );
    let path: &Path = &folder.path.join("scenario.toml");
    let catalogue = check::load(&[path.to_owned()]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));

    let played = check::play_all(&catalogue.scenarios, &catalogue.stubs);

    let failed: Vec<_> = played.iter().filter(|played| !played.mismatches.is_empty()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    let complaints = format!("{:?}", failed[0].mismatches);
    assert!(failed[0].name == "wrong" && complaints.contains("ça"), "{complaints}");
}
