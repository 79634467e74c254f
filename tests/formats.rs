//! Scenario files, folders of them and single stubs, read through the public API of `formats`.

#![cfg(all(feature = "files", feature = "gzip", feature = "templates", feature = "xpath"))]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use cannery::check::load;
use cannery::formats::{BodyFiles, FileFault, NoFiles, Syntax, print_stub, read_scenario, read_stub};
use cannery::model::{
    Body, BodyCondition, Delay, ElementOrder, Fault, Json, KeyPath, Matcher, Operator, PathPattern, Scenario,
    StubAnswer,
};

const GROOVE: &str = r##"
#:schema ../../schema/scenario.schema.json
description = "Add tracks to a user's collection"
source = "Groove RESTful API reference 2.0.100825.0, POST (/1/content/{namespace}/collection/add)"

[request]
method = "POST"
path = { template = "/1/content/{namespace}/collection/add", ignore_case = true }
path_params.namespace = "music"
query.accessToken.present = true

[representation]
parameter = "contentType"

[representation.xml]
root = "TrackActionResponse"
namespace = "http://schemas.microsoft.com/xboxmusic/2013/10/platform"
prefixes = { i = "http://www.w3.org/2001/XMLSchema-instance" }
lists = { TrackIds = "string", TrackActionResults = "TrackActionResult" }
order = "ordinal"

[[stub]]
name = "user authentication is mandatory"
request.headers.Authorization.not.matches = '^XBL3\.0 x=\d+;\S+'
[stub.response]
status = 401
document.Error = { ErrorCode = "INVALID_AUTHORIZATION_HEADER", Description = "Missing or invalid authorization header", Message = "You need user authentication to use this API" }

[[stub]]
name = "a batch holds at most 100 tracks"
request.document."$.TrackIds".len.gt = 100
[stub.response]
status = 400
reason = "BadRequest"
document.Error = { ErrorCode = "COLLECTION_INVALID_OPERATION", Description = "This operation is not supported" }

[[stub]]
name = "each track succeeds or fails on its own"
[stub.batch]
items = "$.TrackIds"
captures = '^(?<space>\w+)\.(?<id>.+)$'
results = "TrackActionResults"
some_failed.Error = { ErrorCode = "COLLECTION_SOME_OPERATIONS_FAILED", Description = "Some of the operations failed" }

[[stub.batch.case]]
item = { equals = "music.A83EB907-0100-11DB-89CA-0019B92A3933", ignore_case = true }
result = { InputId = "{{space}}.{{upper id}}", Id = "music.AQQfZ78ml185KUqtiDc9dx6i6Ae5PqgAAQ" }

[[stub.batch.case]]
failed = true
result.InputId = "{{space}}.{{upper id}}"
result.Error = { ErrorCode = "COLLECTION_INVALID_ID", Description = "Invalid collection id for this operation", Message = "Collection ErrorCode=ArgumentInvalid, Details=ContentId" }

[[stub]]
name = "TOO_MANY_REQUESTS"
on_demand = true
[stub.response]
status = 429
document.Error = { ErrorCode = "TOO_MANY_REQUESTS", Description = "Too Many Requests" }

[[example]]
name = "no user authentication"
stub = "user authentication is mandatory"
request = { method = "POST", url = "/1/content/music/collection/add?accessToken=...", json = '{"TrackIds": []}' }
response = { status = 401, json = '{"Error": {"ErrorCode": "INVALID_AUTHORIZATION_HEADER"}}' }
"##;

fn scenario(text: &str) -> Scenario {
    read_scenario(text, "orders.toml", &NoFiles).unwrap_or_else(|diagnostics| panic!("{}", diagnostics[0])).0
}

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).expect("JSON")
}

#[test]
fn the_groove_operation_is_read_completely() {
    let (groove, _) = read_scenario(GROOVE, "groove/collection-add.toml", &NoFiles).expect("a good file");

    assert_eq!(groove.name, "collection-add");
    assert_eq!(groove.initial_state, "Started");
    let xml = groove.representation.xml.as_ref().expect("an XML form");
    assert_eq!((xml.root.as_str(), &xml.order), ("TrackActionResponse", &ElementOrder::Ordinal));
    assert_eq!(xml.lists[1], ("TrackActionResults".to_owned(), "TrackActionResult".to_owned()));
    assert_eq!(groove.stubs.len(), 4);
    assert!(groove.stubs[3].on_demand);
    assert_eq!((groove.stubs[0].place.line, groove.stubs[3].place.index), (22, 3));
    assert_eq!(groove.examples[0].line, 61);
}

#[test]
fn every_stub_inherits_the_defaults_of_its_file() {
    let groove = scenario(GROOVE);

    let template = "/1/content/{namespace}/collection/add".to_owned();
    for stub in &groove.stubs {
        assert_eq!(stub.request.method, Some(vec!["POST".to_owned()]));
        assert_eq!(stub.request.path, Some(PathPattern::Template { template: template.clone(), ignore_case: true }));
        assert_eq!(stub.request.query[0].1, Matcher::from_operator(Operator::Present(true)));
        assert_eq!(stub.state_machine, "orders");
    }
}

#[test]
fn a_batch_keeps_its_cases_in_order() {
    let groove = scenario(GROOVE);

    let StubAnswer::Batch(batch, frame) = &groove.stubs[2].answer else { panic!("no batch") };
    assert_eq!(batch.cases.len(), 2);
    assert!(batch.cases[0].item.as_ref().is_some_and(|item| item.ignore_case));
    assert!(batch.cases[1].failed);
    assert_eq!(batch.some_failed.as_ref().expect("a merge").members[0].0, "Error");
    assert_eq!(frame.status, None);
}

#[test]
fn members_of_a_document_keep_the_order_of_the_file() {
    let read = scenario("[[stub]]\n[stub.response.document]\nz = 1\na.y = 2\na.b = 3\nm = [{ d = 1, c = 2 }]\n");

    let StubAnswer::Response(response) = &read.stubs[0].answer else { panic!("no response") };
    let expected = json(r#"{"z":1,"a":{"y":2,"b":3},"m":[{"d":1,"c":2}]}"#);
    assert_eq!(response.body, Some(Body::Document(expected)));
}

#[test]
fn json_text_may_be_null_or_a_bare_string() {
    let read = scenario("[[stub]]\nresponse.json = '{\"a\": null}'\n[[stub]]\nresponse.json = '\"text\"'\n");

    let bodies: Vec<_> = read.stubs.iter().map(|stub| &stub.answer).collect();
    let body = |answer: &StubAnswer| match answer {
        StubAnswer::Response(response) => response.body.clone(),
        _ => None,
    };
    assert_eq!(body(bodies[0]), Some(Body::Json(json(r#"{"a":null}"#))));
    assert_eq!(body(bodies[1]), Some(Body::Json(Json::from("text"))));
}

#[test]
fn a_bare_text_inherits_ignore_case_of_its_matcher() {
    let read = scenario("[[stub]]\nrequest.query.q = { any_of = ['A', 3, { contains = 'b' }], ignore_case = true }\n");

    let expected = Operator::AnyOf(vec![
        Matcher::equals("A").ignore_case(),
        Matcher::equals(3_i64),
        Matcher::from_operator(Operator::Contains("b".to_owned())),
    ]);
    assert_eq!(read.stubs[0].request.query[0].1, Matcher::from_operator(expected).ignore_case());
}

#[test]
fn stubs_use_the_xpath_prefixes_of_their_file() {
    let read = scenario(
        "[request]\nxml_namespaces.o = 'urn:o'\n[[stub]]\nrequest.xml_namespaces.p = 'urn:p'\n\
         request.xpath.'/o:order/p:id' = '7'\n",
    );

    let declared = vec![("o".to_owned(), "urn:o".to_owned()), ("p".to_owned(), "urn:p".to_owned())];
    let expected = BodyCondition::XPath("/o:order/p:id".into(), Matcher::equals("7"), declared);
    assert_eq!(read.stubs[0].request.holds, [expected]);
}

#[test]
fn a_stub_without_a_response_has_that_of_its_file() {
    let read = scenario("[response]\nstatus = 204\nheaders.Server = 'x'\ndelay = '1.5s'\n[[stub]]\nname = 'a'\n");

    let StubAnswer::Response(response) = &read.stubs[0].answer else { panic!("no response") };
    assert_eq!((response.status, response.delay), (Some(204), Some(Delay::Fixed(Duration::from_millis(1500)))));
}

#[test]
fn a_state_of_an_example_belongs_to_its_files_machine() {
    let read = scenario(
        "name = 'carts'\n[[example]]\nrequest.url = '/'\nresponse.status = 200\nstate = 'Empty'\n\
         state_after.orders = 'Paid'\nnow = 2031-05-06T07:08:09Z\n",
    );

    assert_eq!(read.examples[0].state, [("carts".to_owned(), "Empty".to_owned())]);
    assert_eq!(read.examples[0].state_after, [("orders".to_owned(), "Paid".to_owned())]);
    assert_eq!(read.examples[0].now.as_deref(), Some("2031-05-06T07:08:09Z"));
    assert_eq!(read.examples[0].name, "example 1");
}

/// Two files in memory.
struct Drawer;

impl BodyFiles for Drawer {
    fn read(&self, path: &str) -> Result<Bytes, FileFault> {
        let missing = FileFault { message: format!("there is no file `{path}`"), help: None };
        (path == "a.json").then(|| Bytes::from_static(b"{}")).ok_or(missing)
    }

    fn under(&self, folder: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
        Ok(vec![(format!("{folder}1.json"), Bytes::from_static(b"1"))])
    }
}

#[test]
fn a_templated_file_name_loads_every_file_that_it_could_name() {
    let text = "[[stub]]\nrequest.path = '/{id}'\nresponse.file = 'of/{{request.path_params.id}}.json'\n[[stub]]\nresponse.file = 'a.json'\n";

    let (read, _) = read_scenario(text, "f.toml", &Drawer).expect("a good file");

    let files = |place: usize| match &read.stubs[place].answer {
        StubAnswer::Response(response) => match &response.body {
            Some(Body::File(file)) => file.files.clone(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    assert_eq!(files(0), [("of/1.json".to_owned(), Bytes::from_static(b"1"))]);
    assert_eq!(files(1), [("a.json".to_owned(), Bytes::from_static(b"{}"))]);
}

#[test]
fn a_stub_that_is_sent_cannot_name_files() {
    let sent = r#"{"response": {"file": "a.json"}}"#;

    let diagnostics = read_stub(sent, Syntax::Json, "POST /__admin/stubs", "sent", &NoFiles).expect_err("no folder");

    assert_eq!(diagnostics.len(), 1);
    assert_eq!(
        diagnostics[0].to_string(),
        "error: a stub that is sent to the admin API must not name files\n \
         --> POST /__admin/stubs:1:23\n  |\n\
         1 | {\"response\": {\"file\": \"a.json\"}}\n  \
           |                       ^^^^^^^^ cannot be used\n  \
           = help: Send the body itself, with `json`, `xml`, `text` or `base64`."
    );
}

#[test]
fn faults_of_sent_json_name_the_key_and_the_position() {
    let sent = "{\n  \"request\": {\"heders\": {\"A\": \"b\"}, \"query\": {\"q\": [\"x\"]}},\n  \"priority\": null\n}";

    let diagnostics = read_stub(sent, Syntax::Json, "sent", "sent", &NoFiles).expect_err("a bad stub");

    let places: Vec<_> = diagnostics.iter().map(|found| (found.at.to_string(), found.line, found.column)).collect();
    let expected = [("request.heders", 2, 15), ("request.query.q", 2, 52), ("priority", 3, 15)];
    assert_eq!(places, expected.map(|(key, line, column)| (key.to_owned(), line, column)));
}

#[test]
fn a_fault_in_a_long_line_of_json_is_shown_with_its_surroundings() {
    let sent =
        format!("{{\"name\": \"{}\", \"heders\": 1, \"description\": \"{}\"}}", "é".repeat(50_000), "x".repeat(50_000));

    let diagnostics = read_stub(&sent, Syntax::Json, "sent", "sent", &NoFiles).expect_err("unknown keys");

    assert_eq!((diagnostics[0].line, diagnostics[0].column), (1, 50_014));
    let shown = diagnostics[0].to_string();
    assert!(shown.len() < 10_000, "{} bytes", shown.len());
    assert!(shown.contains("--> sent:1:50014\n") && shown.contains("\"heders\": 1"), "{shown}");
}

#[test]
fn invalid_json_is_reported_with_its_position() {
    let diagnostics = read_stub("{\n  \"name\": }", Syntax::Json, "sent", "sent", &NoFiles).expect_err("not JSON");

    assert_eq!(
        diagnostics[0].to_string(),
        "error: this is not valid JSON: expected value\n --> sent:2:11\n  |\n2 |   \"name\": }\n  |           ^"
    );
}

#[test]
fn one_stub_is_the_same_in_both_syntaxes() {
    let toml =
        "name = 'a'\nrequest.path = '/a/{id}'\nrequest.query.q.contains = 'x'\nresponse.json = { a = [1, 2.5] }\n";
    let sent = r#"{"name": "a", "request": {"path": "/a/{id}", "query": {"q": {"contains": "x"}}},
                   "response": {"json": {"a": [1, 2.5]}}}"#;

    let (one, _) = read_stub(toml, Syntax::Toml, "sent", "sent", &NoFiles).expect("a good stub");
    let (mut other, _) = read_stub(sent, Syntax::Json, "sent", "sent", &NoFiles).expect("a good stub");
    other.place = one.place.clone();

    assert_eq!(one, other);
}

#[test]
fn a_printed_stub_uses_the_short_forms() {
    let toml = "name = 'a'\nrequest.method = 'GET'\nrequest.query.q = 'x'\nresponse.headers.A = ['1', '2']\n";

    let (stub, _) = read_stub(toml, Syntax::Toml, "sent", "m", &NoFiles).expect("a good stub");

    let expected = r#"{"name":"a","state_machine":"m","request":{"method":"GET","query":{"q":"x"}},"response":{"headers":{"A":["1","2"]}}}"#;
    assert_eq!(print_stub(&stub).to_string(), expected);
}

#[test]
fn a_fault_found_later_still_has_its_line() {
    let (_, source) = read_scenario(GROOVE, "groove.toml", &NoFiles).expect("a good file");
    let stub = KeyPath::top().key("stub").index(0).key("request");

    let pattern = stub.key("headers").key("Authorization").key("not").key("matches");
    let own = source.locate(&Fault::value(&pattern, "a bad pattern").within(1, 4));
    let inherited = source.locate(&Fault::key(&stub.key("query").key("accessToken"), "an odd name"));

    assert_eq!((own.line, own.column), (24, 47));
    assert_eq!((inherited.line, inherited.column), (10, 7));
}

/// A folder that is removed when the test ends.
struct TempFolder(PathBuf);

impl TempFolder {
    fn new(name: &str) -> TempFolder {
        let path = std::env::temp_dir().join(format!("cannery-formats-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        TempFolder(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path
    }

    fn load(&self) -> Result<Vec<String>, Vec<String>> {
        match load(std::slice::from_ref(&self.0)) {
            Ok(loaded) => Ok(loaded.scenarios.into_iter().map(|scenario| scenario.name).collect()),
            Err(diagnostics) => Err(diagnostics.0.into_iter().map(|diagnostic| diagnostic.message).collect()),
        }
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_folder_is_loaded_in_order_of_paths_without_hidden_files_and_those_of_other_tools() {
    let folder = TempFolder::new("by-path");
    for name in ["b.toml", "a/z.toml", ".hidden.toml", ".git/x.toml", "body.json", "c.TOML.bak"] {
        folder.write(name, "");
    }
    for name in ["Cargo.toml", "a/pyproject.toml", "node_modules/x/scenario.toml"] {
        folder.write(name, "[package]");
    }

    assert_eq!(folder.load(), Ok(vec!["z".to_owned(), "b".to_owned()]));
}

#[test]
fn two_scenarios_of_one_name_are_reported_with_both_files() {
    let folder = TempFolder::new("one-name");
    folder.write("a/orders.toml", "");
    folder.write("b/orders.toml", "");

    let diagnostics = folder.load().expect_err("two of one name");

    assert_eq!(diagnostics.len(), 1);
    assert!(diagnostics[0].contains("a/orders.toml") && diagnostics[0].contains("b/orders.toml"), "{diagnostics:?}");
}

#[test]
fn the_faults_of_all_files_are_reported_together() {
    let folder = TempFolder::new("all-files");
    folder.write("a.toml", "nme = 'x'");
    folder.write("b.toml", "name = ");
    folder.write("c.toml", [b"name = '".as_slice(), b"\xff'"].concat());

    let diagnostics = folder.load().expect_err("three bad files");

    assert_eq!(diagnostics.len(), 3, "{diagnostics:?}");
    assert_eq!(diagnostics[2], "the file must be UTF-8");
}

#[test]
fn an_example_may_name_a_stub_of_another_scenario() {
    let folder = TempFolder::new("across");
    folder.write("a.toml", "[[example]]\nstub = 'b/late'\nrequest.url = '/'\nresponse.status = 503\n");
    folder.write("b.toml", "[[stub]]\nname = 'late'\n");
    folder.write("c.toml", "[[example]]\nstub = 'b/lte'\nrequest.url = '/'\nresponse.status = 503\n");

    assert_eq!(folder.load(), Err(vec!["no stub is named `b/lte`".to_owned()]));
}

#[test]
fn nothing_to_load_is_an_error() {
    let empty = TempFolder::new("empty");
    let missing = load(&[Path::new("no/such/folder").to_owned()]).expect_err("nothing there");

    assert_eq!(empty.load(), Err(vec!["there is no scenario file here".to_owned()]));
    assert_eq!(missing.to_string(), "error: there is no such file or folder\n--> no/such/folder");
}

#[test]
fn a_file_named_twice_is_loaded_once() {
    let folder = TempFolder::new("twice");
    let file = folder.write("a.toml", "");

    let loaded = load(&[folder.0.clone(), file]).expect("one good file");

    assert_eq!(loaded.scenarios.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let folder = TempFolder::new("link");
    folder.write("secret.txt", "secret");
    folder.write("set/a.toml", "[[stub]]\nresponse.file = 'out.txt'\n");
    std::os::unix::fs::symlink(folder.0.join("secret.txt"), folder.0.join("set/out.txt")).expect("a link");

    assert_eq!(folder.load(), Err(vec!["`out.txt` must be in the scenario's own folder, or below it".to_owned()]));
}

#[test]
fn a_template_chooses_from_at_most_a_thousand_files() {
    let folder = TempFolder::new("many");
    folder.write("a.toml", "[[stub]]\nrequest.path = '/{id}'\nresponse.file = 'of/{{request.path_params.id}}'\n");
    for number in 0..1000 {
        folder.write(&format!("of/{number}"), "");
    }
    assert!(folder.load().is_ok());

    folder.write("of/one-more", "");

    assert!(folder.load().is_err_and(|diagnostics| diagnostics[0].contains("at most 1,000 files")));
}
