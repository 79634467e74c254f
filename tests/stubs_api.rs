//! Stubs over HTTP: added, replaced, removed, armed, reset.

#![cfg(feature = "admin")]
#![allow(missing_docs)]

mod support;

use support::{Reply, Running, at};

const FILE: &str = r#"
[[stub]]
name = "of the file"
request.path = "/a"
response.text = "file"

[[stub]]
name = "TOO_MANY"
on_demand = true
request.path = "/a"
response = { status = 429, text = "too many" }

[[stub]]
name = "LATE"
on_demand = true
request = { method = "POST", path = "/a" }
response = { status = 503, text = "late" }
"#;

const TOML: &[(&str, &str)] = &[("Content-Type", "application/toml")];
const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

fn add(server: &Running, headers: &[(&str, &str)], stub: &str) -> Reply {
    server.send("POST", "/__admin/stubs", headers, stub)
}

fn id_of(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.text());
    at(&reply.json(), "id").as_str().expect("an id").to_owned()
}

#[test]
fn a_stub_is_added_replaced_and_removed() {
    let server = Running::with(FILE);
    let first = id_of(&add(&server, TOML, "request.path = '/a'\nresponse.text = 'toml'\n"));
    assert_eq!(server.get("/a").text(), "toml", "an added stub takes precedence over those of files");
    let second = id_of(&add(&server, JSON, r#"{"name":"j","request":{"path":"/a"},"response":{"json":{"a":null}}}"#));
    assert_eq!(server.get("/a").text(), r#"{"a":null}"#, "the newest stub takes precedence");
    assert_ne!(first, second);

    let shown = server.admin("GET", &format!("/stubs/{second}"), "");
    assert_eq!((at(&shown, "name").as_str(), at(&shown, "calls").to_string()), (Some("j"), "1".to_owned()));

    let other = r#"{"request":{"path":"/b"},"response":{"text":"b"}}"#;
    let replaced = server.send("PUT", &format!("/__admin/stubs/{second}"), JSON, other);
    assert_eq!((replaced.status, at(&replaced.json(), "calls").to_string()), (200, "0".to_owned()));
    assert_eq!((server.get("/a").text(), server.get("/b").text()), ("toml".to_owned(), "b".to_owned()));

    server.admin("DELETE", &format!("/stubs/{first}"), "");
    assert_eq!((server.get("/a").text(), server.get("/b").text()), ("file".to_owned(), "b".to_owned()));
    server.admin("DELETE", "/stubs", "");
    assert_eq!((server.get("/a").text(), server.get("/b").status), ("file".to_owned(), 404));
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(server.send(method, &format!("/__admin/stubs/{first}"), JSON, other).status, 404, "{method}");
    }
}

#[test]
fn a_printed_stub_can_be_added_unchanged() {
    let server = Running::with(FILE);
    let listed = server.admin("GET", "/stubs", "");
    let stub = at(&listed, "stubs.0.stub").to_string();
    let added = add(&server, JSON, &stub);
    assert_eq!(added.status, 201, "{}", added.text());
    assert_eq!(at(&added.json(), "stub").to_string(), stub);
}

#[test]
fn priority_takes_precedence_over_the_newest_stub() {
    let server = Running::with(FILE);
    id_of(&add(&server, TOML, "priority = 9\nrequest.path = '/a'\nresponse.text = 'later'\n"));
    assert_eq!(server.get("/a").text(), "file");
    id_of(&add(&server, TOML, "priority = 1\nrequest.path = '/a'\nresponse.text = 'first'\n"));
    id_of(&add(&server, TOML, "request.path = '/a'\nresponse.text = 'newest'\n"));
    assert_eq!(server.get("/a").text(), "first");
}

#[test]
fn a_stub_of_a_file_can_only_be_changed_in_its_file() {
    let server = Running::with(FILE);
    let listed = server.admin("GET", "/stubs", "");
    let id = at(&listed, "stubs.0.id").as_str().expect("an id");
    for method in ["PUT", "DELETE"] {
        let reply = server.send(method, &format!("/__admin/stubs/{id}"), JSON, r#"{"response":{"text":"x"}}"#);
        assert_eq!(reply.status, 409, "{method}");
        let detail = reply.text();
        assert!(detail.contains("scenario.toml:2"), "{detail}");
    }
    assert_eq!(server.get("/a").text(), "file");
}

#[test]
fn every_fault_of_a_stub_is_reported() {
    let server = Running::with(FILE);
    let pointers = |reply: &Reply| -> Vec<String> {
        assert_eq!(reply.status, 422, "{}", reply.text());
        let json = reply.json();
        let cannery::model::Json::Array(errors) = at(&json, "errors") else { panic!("{json}") };
        errors.iter().map(|error| at(error, "source.pointer").as_str().unwrap_or_default().to_owned()).collect()
    };
    let read = r#"{"request":{"pth":"/a","headers":{"X":{"matches":1}}},"response":{"status":"ok"},"x":1}"#;
    assert_eq!(pointers(&add(&server, JSON, read)).len(), 4);
    let compiled = r#"{"request":{"headers":{"a/b":{"matches":"("}}},"response":{"text":"{{nothing}}"}}"#;
    assert_eq!(pointers(&add(&server, JSON, compiled)), ["/request/headers/a~1b"]);
    let compiled = r#"{"request":{"query":{"a/b":{"matches":"("}}},"response":{"text":"{{nothing}}"}}"#;
    assert_eq!(pointers(&add(&server, JSON, compiled)), ["/response/text", "/request/query/a~1b/matches"]);
    assert_eq!(pointers(&add(&server, JSON, "{")), [""]);
    assert_eq!(pointers(&add(&server, JSON, "[]")), [""]);
    assert_eq!(pointers(&add(&server, TOML, "request.path = '/a' x")), [""]);
    assert_eq!(pointers(&add(&server, TOML, "response.file = 'secret.txt'")), ["/response/file"]);

    let message = add(&server, TOML, "request.path = '/a'\nresponse.sttus = 200\n").text();
    assert!(message.contains("request body:2:10") && message.contains("did you mean `status`?"), "{message}");
    assert_eq!(at(&server.admin("GET", "/stubs", ""), "meta.total").to_string(), "3", "nothing was added");
}

#[test]
fn an_on_demand_stub_answers_as_often_as_it_is_armed() {
    let server = Running::with(FILE);
    assert_eq!(server.get("/a").text(), "file");
    server.admin("POST", "/stubs/arm", r#"{"stub":"TOO_MANY","times":2}"#);
    assert_eq!(server.get("/elsewhere").status, 404, "a request that it does not match does not consume the arming");
    let armed = |server: &Running| at(&server.admin("GET", "/stubs", ""), "stubs.1.armed").to_string();
    assert_eq!(armed(&server), "2");
    assert_eq!([server.get("/a").status, server.get("/a").status, server.get("/a").status], [429, 429, 200]);
    assert_eq!(armed(&server), "0");

    server.admin("POST", "/stubs/arm", r#"{"stub":"scenario/LATE"}"#);
    assert_eq!([server.get("/a").status, server.send("POST", "/a", &[], "").status], [200, 503]);
    server.admin("POST", "/stubs/arm", r#"{"stub":"TOO_MANY","times":5}"#);
    server.admin("POST", "/stubs/arm", r#"{"stub":"TOO_MANY","times":0}"#);
    assert_eq!(server.get("/a").status, 200, "0 disarms");
}

#[test]
fn invalid_arming_is_refused_with_its_place() {
    let server = Running::with(FILE);
    for (body, status, pointer) in [
        (r#"{"stub":"NOTHING"}"#, 404, "/stub"),
        (r#"{"stub":"of the file"}"#, 409, "/stub"),
        (r#"{"times":1}"#, 422, "/stub"),
        (r#"{"stub":"LATE","times":-1}"#, 422, "/times"),
        (r#"{"stub":"LATE","times":1.5}"#, 422, "/times"),
        (r#"{"stub":"LATE","tmes":1}"#, 422, "/tmes"),
        ("LATE", 422, ""),
    ] {
        let reply = server.send("POST", "/__admin/stubs/arm", JSON, body);
        let json = reply.json();
        assert_eq!((reply.status, at(&json, "errors.0.source.pointer").as_str()), (status, Some(pointer)), "{body}");
    }
    let reply = server.send("POST", "/__admin/stubs/arm", JSON, r#"{"stub":"NOTHING"}"#);
    assert_eq!(at(&reply.json(), "errors.0.known").to_string(), r#"["LATE","TOO_MANY"]"#);
}

#[test]
fn a_preference_selects_an_on_demand_stub_for_one_request() {
    let server = Running::with(FILE);
    let reply = server.send("GET", "/a", &[("Prefer", "wait=1, stub=TOO_MANY")], "");
    assert_eq!((reply.status, reply.header("preference-applied")), (429, Some("stub=TOO_MANY")));
    assert_eq!(server.send("GET", "/a", &[("Prefer", "stub=\"scenario/TOO_MANY\"")], "").status, 429);
    let ordinary = server.send("GET", "/a", &[("Prefer", "stub=LATE")], "");
    assert_eq!(
        (ordinary.status, ordinary.header("preference-applied")),
        (200, None),
        "the conditions of the preferred stub do not hold"
    );
    assert_eq!(server.get("/a").header("preference-applied"), None);
    assert_eq!(
        server.send("GET", "/a", &[("Prefer", "stub=\"of the file\"")], "").status,
        404,
        "the preferred stub is not on demand"
    );
}

#[test]
fn a_reset_restores_the_initial_state() {
    let server = Running::with(FILE);
    id_of(&add(&server, TOML, "request.path = '/a'\nresponse.text = 'added'\n"));
    server.admin("POST", "/stubs/arm", r#"{"stub":"TOO_MANY","times":9}"#);
    server.get("/a");
    server.admin("POST", "/reset", "");
    assert_eq!(server.get("/a").text(), "file");
    assert_eq!(at(&server.admin("GET", "/requests", ""), "meta.total").to_string(), "1");
    assert_eq!(at(&server.admin("GET", "/stubs", ""), "stubs.0.calls").to_string(), "1");
}

#[test]
fn unknown_endpoints_and_parameters_are_refused() {
    let server = Running::with(FILE);
    let missing = server.get("/__admin/nothing");
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("/__admin/requests/count"), "{}", missing.text());
    let method = server.send("DELETE", "/__admin/health", &[], "");
    assert_eq!((method.status, method.header("allow")), (405, Some("GET, HEAD")));
    assert_eq!(at(&server.admin("GET", "/health", ""), "status").as_str(), Some("healthy"));
    let parameter = server.get("/__admin/requests?limit=ten");
    assert_eq!(parameter.status, 400);
    assert_eq!(at(&parameter.json(), "errors.0.source.parameter").as_str(), Some("limit"));
}

const ACCEPTS_TOML: &[(&str, &str)] = &[("Accept", "application/toml")];

/// Returns the stubs of a server as a scenario file.
fn as_toml(server: &Running, path: &str) -> String {
    let reply = server.send("GET", path, ACCEPTS_TOML, "");
    assert_eq!((reply.status, reply.header("Content-Type")), (200, Some("application/toml")), "{}", reply.text());
    reply.text()
}

#[test]
fn stubs_are_exported_as_a_scenario_file_that_serves_the_same() {
    let scenario = r#"
name = "shop"
initial_state = "open"
[representation.xml]
root = "Order"
[[stub]]
name = "an order"
request = { method = "POST", path = "/orders", document."$.item".present = true }
then_state = "closed"
when_state = "open"
response = { status = 201, document.text = "first\nsecond" }
[[stub]]
request.path = "/orders"
response.json = '{"items": [null]}'
"#;
    let first = Running::with(scenario);
    id_of(&add(&first, TOML, "request = { path = '/x', query.q = 'a' }\nresponse.text = 'added'\n"));

    let written = as_toml(&first, "/__admin/stubs");
    let second = Running::with(&written);

    let stubs = |server: &Running| {
        let listed = server.admin("GET", "/stubs", "");
        let cannery::model::Json::Array(all) = at(&listed, "stubs") else { panic!("{listed}") };
        all.iter().map(|one| at(one, "stub").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(stubs(&second), stubs(&first), "{written}");
    for server in [&first, &second] {
        let xml = server.send("POST", "/orders", &[("Accept", "application/xml"), JSON[0]], r#"{"item": 1}"#);
        assert_eq!((xml.status, xml.text().contains("<Order>")), (201, true), "{}", xml.text());
        assert_eq!(server.send("POST", "/orders", JSON, r#"{"item": 1}"#).text(), r#"{"items":[null]}"#);
        assert_eq!(server.get("/x?q=a").text(), "added");
    }
}

#[test]
fn one_stub_is_exported_as_a_scenario_file() {
    let server = Running::with(FILE);
    let added = id_of(&add(&server, TOML, "name = 'one'\nrequest.path = '/1'\nresponse.text = '1'\n"));

    let written = as_toml(&server, &format!("/__admin/stubs/{added}"));

    let expected = "name = \"added\"\n\n[[stub]]\nname = \"one\"\nrequest.path = \"/1\"\nresponse.text = \"1\"\n";
    assert_eq!(written, expected);
}

#[test]
fn toml_is_sent_only_if_the_client_prefers_it() {
    let server = Running::with(FILE);
    for (accept, content_type) in [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json, application/toml", "application/json"),
        ("application/toml;q=0.5, application/json;q=0.6", "application/json"),
        ("application/toml, */*;q=0.5", "application/toml"),
        ("application/json;q=0.5, application/toml", "application/toml"),
    ] {
        let reply = server.send("GET", "/__admin/stubs", &[("Accept", accept)], "");
        assert_eq!((reply.status, reply.header("Content-Type")), (200, Some(content_type)), "{accept}");
    }
}

#[test]
fn stubs_that_toml_or_one_file_cannot_express_are_refused_by_name() {
    let detail = |server: &Running, path: &str| {
        let reply = server.send("GET", path, ACCEPTS_TOML, "");
        assert_eq!(reply.status, 406, "{}", reply.text());
        assert_eq!(at(&reply.json(), "errors.0.source.header").as_str(), Some("Accept"));
        at(&reply.json(), "errors.0.detail").as_str().expect("a detail").to_owned()
    };
    let server = Running::with(FILE);
    let null = id_of(&add(
        &server,
        JSON,
        r#"{"name":"nil","request":{"json_path":{"$.a":{"equals":null}}},"response":{"status":200}}"#,
    ));
    let message = detail(&server, &format!("/__admin/stubs/{null}"));
    assert_eq!(
        message,
        "`nil` (the admin API:0): stub[0].request.json_path.\"$.a\".equals: a TOML value must not be null"
    );

    let twice = Running::with(FILE);
    id_of(&add(&twice, TOML, "name = 'LATE'\nrequest.path = '/late'\nresponse.status = 200\n"));
    assert!(detail(&twice, "/__admin/stubs").contains("another stub is named `LATE`"));

    let documents = Running::with("[representation.xml]\nroot = 'A'\n[[stub]]\nname = 'a'\nresponse.document.a = 1\n");
    id_of(&add(&documents, TOML, "name = 'b'\nrequest.path = '/b'\nresponse.document.b = 1\n"));
    assert!(detail(&documents, "/__admin/stubs").contains("a file has one `[representation]`"));

    let folder = support::Folder::new();
    for (name, state) in [("door", "open"), ("lamp", "lit")] {
        let stub = format!("when_state = '{state}'\nrequest.path = '/{name}'\nresponse.status = 200\n");
        folder.write(&format!("{name}.toml"), &format!("initial_state = '{state}'\n[[stub]]\n{stub}"));
    }
    let paths = [folder.path.clone()];
    let states =
        Running::start_at(&paths, cannery::engine::Settings::default(), cannery::server::ServerSettings::default());
    assert!(detail(&states, "/__admin/stubs").contains("a file has one `initial_state`"));

    let folder = support::Folder::new();
    for name in ["a", "b"] {
        folder.write(&format!("{name}/page.html"), name);
        folder.write(
            &format!("{name}/{name}.toml"),
            &format!("[[stub]]\nrequest.path = '/{name}'\nresponse.file = 'page.html'\n"),
        );
    }
    let paths = [folder.path.clone()];
    let files =
        Running::start_at(&paths, cannery::engine::Settings::default(), cannery::server::ServerSettings::default());
    assert!(detail(&files, "/__admin/stubs").contains("another stub one in another folder"));
}

#[test]
fn stubs_with_closures_are_refused_as_toml() {
    let server = cannery::MockServer::builder().admin().start();
    server.stub(cannery::given::get("/a").respond_with(|_| cannery::status(200)).named("code"));

    let request = ureq::get(server.url("/__admin/stubs")).header("Accept", "application/toml");
    let reply = request.config().http_status_as_error(false).build().call();

    let mut reply = reply.expect("an answer");
    assert_eq!(reply.status(), 406);
    let message = reply.body_mut().read_to_string().expect("a text");
    assert!(message.contains("`code`") && message.contains("has closures, and a file has no code"), "{message}");
}
