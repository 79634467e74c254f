//! Where requests go: to the admin API, which is asked for by its path, or to one of several engines.

#![allow(missing_docs)]
#![cfg(all(feature = "admin", feature = "files", feature = "templates"))]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cannery::admin::Admin;
use cannery::check;
use cannery::engine::{Engine, Settings};
use cannery::message::{Head, Request};
use cannery::model::{Json, Timestamp};
use cannery::server::{Server, ServerSettings};
use support::{Folder, Running, at};

const ANY: &str = "[[stub]]\nname = 'any'\nresponse.text = 'a stub'\n";

/// Serves one scenario, with what else is to be done with the server.
fn serving_as(settings: ServerSettings, dressed: impl FnOnce(Server) -> Server + Send + 'static) -> Running {
    let folder = Folder::new();
    let path = folder.write("scenario.toml", ANY);
    Running::start_as(&[path], Settings::default(), settings, dressed)
}

/// Serves one scenario, and the admin API on the same port.
fn serving(settings: ServerSettings) -> Running {
    serving_as(settings, |server| server)
}

fn recorded(engine: &Engine) -> Vec<String> {
    engine.journal().entries.iter().map(|entry| entry.head.target().to_owned()).collect()
}

/// Sends bytes that are not a request, and waits until the server has closed the connection and dealt with them.
fn send_broken(server: &Running, bytes: &[u8]) {
    let mut connection = server.connect();
    connection.write(bytes);
    assert_eq!(connection.read().status, 400);
    assert!(connection.is_closed());
}

#[test]
fn the_admin_api_has_its_path_and_what_is_below_it() {
    let server = serving(ServerSettings::default());

    for target in [
        "/__admin",
        "/__admin/",
        "/__admin?a=/b",
        "/__admin/health",
        "/__admin/health/",
        "/__admin/health?a=b",
        "http://localhost/__admin/health",
        "http://localhost/__admin?a=b",
    ] {
        let reply = server.get(target);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")), "{target}");
    }
    for target in ["/__admin//health", "/__admin/health/more", "/__admin/%68ealth", "/__admin/x"] {
        let reply = server.get(target);
        assert_eq!((reply.status, reply.text().contains("there is no such endpoint")), (404, true), "{target}");
    }
    assert_eq!(recorded(&server.engine), [""; 0]);

    let others = [
        "/__adminx",
        "/__adminx/health",
        "/__ADMIN/health",
        "/%5F%5Fadmin/health",
        "//__admin/health",
        "/./__admin/health",
        "/a/__admin/health",
        "/a?b=/__admin/health",
        "http://localhost/a/__admin",
        "http://localhost",
        "/",
        "*",
    ];
    for target in others {
        let method = if target == "*" { "OPTIONS" } else { "GET" };
        assert_eq!(server.send(method, target, &[], "").text(), "a stub", "{target}");
    }
    assert_eq!(recorded(&server.engine), others);
}

#[test]
fn on_a_port_of_its_own_the_admin_api_leaves_nothing_to_the_stubs() {
    let settings = ServerSettings { max_body: 10, cors: true, ..ServerSettings::default() };
    let server = serving_as(settings, |server| server.with_admin_only("/__admin"));

    assert_eq!(server.get("/__admin/health?a=b").status, 200);
    assert_eq!(server.get("http://localhost/__admin").status, 200);
    for target in ["/", "/__adminx", "/__ADMIN/health", "//__admin/health", "http://localhost", "http://localhost/a"] {
        for body in ["", "more than ten bytes"] {
            let reply = server.send("POST", target, &[], body);
            let text = "this port has the admin API alone, at /__admin; the stubs have a port of their own";
            assert!(reply.status == 404 && reply.text().contains(text), "{target} {}", reply.text());
        }
    }
    let page = server.send("GET", "/", &[("Origin", "http://page.example")], "");
    assert_eq!((page.status, page.header("access-control-allow-origin")), (403, None));
    send_broken(&server, b"GET /a b HTTP/1.1\r\n\r\n");

    assert_eq!(recorded(&server.engine), [""; 0]);
}

#[test]
fn the_admin_api_refuses_bodies_itself_and_no_stub_hears_of_them() {
    let server = serving(ServerSettings { max_body: 10, ..ServerSettings::default() });
    let long = "more than ten bytes";

    let admin = server.send("POST", "/__admin/stubs", &[], long);
    assert_eq!((admin.status, admin.header("content-type")), (413, Some("application/json")));
    assert!(admin.text().contains("the body cannot be read"), "{}", admin.text());
    let page = server.send("POST", "/__admin/stubs", &[("Origin", "http://page.example")], long);
    assert_eq!((page.status, page.text().contains("--admin-origin")), (403, true), "{}", page.text());
    assert_eq!(recorded(&server.engine), [""; 0]);

    assert_eq!(server.send("POST", "/__adminx", &[], long).status, 413);
    assert_eq!(recorded(&server.engine), ["/__adminx"]);
}

#[test]
fn bytes_that_are_not_http_are_recorded_unless_they_are_for_the_admin_api() {
    let server = serving(ServerSettings::default());

    send_broken(&server, b"GET /__admin/health b HTTP/1.1\r\n\r\n");
    send_broken(&server, b"GET /__admin b HTTP/1.1\r\n\r\n");
    send_broken(&server, b"GET /__adminx b HTTP/1.1\r\n\r\n");

    // They are recorded just after they are answered.
    let deadline = Instant::now() + Duration::from_secs(10);
    while recorded(&server.engine).is_empty() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(recorded(&server.engine), ["/__adminx"]);
}

#[test]
fn pages_may_read_the_answers_of_stubs_and_not_those_of_the_admin_api() {
    let server = serving(ServerSettings { cors: true, ..ServerSettings::default() });
    let origin = [("Origin", "http://page.example")];
    let preflight = [origin[0], ("Access-Control-Request-Method", "PUT")];

    for (method, target, headers, status, allowed) in [
        ("GET", "/a", &origin[..], 200, Some("http://page.example")),
        ("GET", "/__adminx", &origin, 200, Some("http://page.example")),
        ("GET", "/__admin/health", &origin, 403, None),
        ("OPTIONS", "/__admin/health", &preflight, 403, None),
    ] {
        let reply = server.send(method, target, headers, "");
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (status, allowed), "{method} {target}");
    }
}

#[test]
fn the_admin_api_lists_its_endpoints_below_the_path_that_it_was_given() {
    let server = serving_as(ServerSettings::default(), |server| server.with_admin("/deep/cannery"));

    let listed = server.get("/deep/cannery").json();
    assert_eq!(at(&listed, "endpoints.0.path").as_str(), Some("/deep/cannery/health"));
    let missing = server.get("/deep/cannery/x").text();
    assert!(missing.contains("the admin API has /deep/cannery/health, /deep/cannery/reset,"), "{missing}");
}

/// A scenario that shows what its stubs see of a request.
const SHOP: &str = r#"
[[stub]]
name = "an item"
request.method = "GET"
request.path = "/items/{id}"
response.text = "{{request.path}} {{request.url}} {{request.path_segments.[0]}} {{request.path_params.id}}"

[[stub]]
name = "the front page"
request.path = "/"
response.text = "{{request.path}} {{request.url}}"
"#;

fn engine(scenario: &str) -> Arc<Engine> {
    let folder = Folder::new();
    let path = folder.write("shop.toml", scenario);
    let catalogue = check::load(&[path]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    Arc::new(Engine::new(catalogue.stubs, Settings::default()))
}

/// Three engines behind one server: at `/a`, at `/b`, and one for the rest.
struct Shops {
    server: Running,
    a: Arc<Engine>,
    b: Arc<Engine>,
}

impl Shops {
    fn open() -> Shops {
        let (a, b) = (engine(SHOP), engine(&SHOP.replace("/items", "/goods")));
        let mounted = (a.clone(), b.clone());
        let settings = ServerSettings { cors: true, max_body: 10, ..ServerSettings::default() };
        let server =
            serving_as(settings, |server| server.with_engine_at("/a", mounted.0).with_engine_at("/b", mounted.1));
        Shops { server, a, b }
    }

    fn text(&self, target: &str) -> String {
        self.server.get(target).text()
    }
}

/// Calls the admin API of an engine, which no socket leads to.
fn call(engine: &Arc<Engine>, method: &str, path: &str, body: &str) -> Json {
    let admin = Admin::new(engine.clone(), "/__admin", Timestamp::now());
    let head = Head::compose(method, &format!("/__admin{path}"), [("Host", &b"localhost"[..])]);
    let mut request = Request::new(head, body.to_owned().into(), None, Timestamp::now());
    assert!(request.strip_base(admin.path()));
    Json::parse(&admin.answer(&request).body.to_bytes()).expect("JSON")
}

#[test]
fn an_engine_below_a_base_sees_paths_without_it() {
    let shops = Shops::open();

    assert_eq!(shops.text("/a/items/7?x=/b"), "/items/7 /items/7?x=/b items 7");
    assert_eq!(shops.text("http://localhost/b/goods/7?x"), "/goods/7 /goods/7?x goods 7");
    assert_eq!(shops.text("/a"), "/ /");
    assert_eq!(shops.text("/a/"), "/ /");
    assert_eq!(shops.text("/a?x=1"), "/ /?x=1");
    for target in ["/ab/items/7", "/A/items/7", "/%61/items/7", "/items/7", "/"] {
        assert_eq!(shops.text(target), "a stub", "{target}");
    }
    assert_eq!(shops.server.get("/a/goods/7").status, 404);
    assert_eq!(shops.server.get("/a/__admin/health").status, 404);
    assert_eq!(shops.server.get("/__admin/health").status, 200);
}

#[test]
fn each_engine_records_its_own_requests_as_sent_and_knows_their_base() {
    let shops = Shops::open();
    shops.server.get("/a/items/7?x=1");
    shops.server.get("/b/goods/8");
    shops.server.get("/a");
    shops.server.get("/c");
    send_broken(&shops.server, b"GET /b/x y HTTP/1.1\r\n\r\n");
    assert_eq!(shops.server.send("POST", "/a/items/7", &[], "more than ten bytes").status, 413);
    let page = shops.server.send("GET", "/a/items/8", &[("Origin", "http://page.example")], "");
    assert_eq!(page.header("access-control-allow-origin"), Some("http://page.example"));

    assert_eq!(recorded(&shops.a), ["/a/items/7?x=1", "/a", "/a/items/7", "/a/items/8"]);
    assert_eq!(recorded(&shops.server.engine), ["/c"]);
    let deadline = Instant::now() + Duration::from_secs(10);
    while recorded(&shops.b).len() < 2 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(recorded(&shops.b), ["/b/goods/8", "/b/x"]);
    let paths = |engine: &Engine| -> Vec<_> {
        let requests = engine.journal().entries.iter().map(|entry| entry.request()).collect::<Vec<_>>();
        requests.iter().map(|request| format!("{} {} {}", request.base(), request.path(), request.url())).collect()
    };
    assert_eq!(paths(&shops.a), ["/a /items/7 /items/7?x=1", "/a / /", "/a /items/7 /items/7", "/a /items/8 /items/8"]);
    assert_eq!(paths(&shops.b), ["/b /goods/8 /goods/8", "/b /x /x"]);
    assert_eq!(paths(&shops.server.engine), [" /c /c"]);
    let answered = shops.a.journal().entries[3].clone();
    let allowed = answered.answer.as_ref().and_then(|answer| answer.headers()).expect("an answer").to_vec();
    assert!(allowed.iter().any(|(name, _)| name == "Access-Control-Allow-Origin"), "{allowed:?}");
}

#[test]
fn why_no_stub_answers_below_a_base_is_told_by_the_path_below_it() {
    let shops = Shops::open();

    let text = shops.text("/a/item/7");
    let again = shops.server.send("GET", "/a/item/7", &[("Accept", "application/json")], "").json();

    assert!(text.starts_with("no stub answers GET /a/item/7\n"), "{text}");
    assert!(text.contains("an item") && text.contains("is: /item/7\n"), "{text}");
    assert!(text.contains("`item`"), "the segment that differs is named: {text}");
    assert_eq!(at(&again, "nearest.0.stub").as_str(), Some("an item"), "{again}");
    let later = call(&shops.a, "GET", "/journal?explain=1", "");
    let later = at(&later, "entries.0.explanation").as_str().expect("a text").to_owned();
    assert!(later.starts_with("no stub answers GET /a/item/7\n") && later.contains("is: /item/7\n"), "{later}");
}

#[test]
fn an_engine_below_several_bases_explains_the_same_request_by_each_of_them() {
    let engine = engine(SHOP);
    // There are more than there are caches of explanations, so that two of them share one.
    let bases = ["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/b/c/d/e"];
    let servers = bases.map(|base| {
        let engine = engine.clone();
        serving_as(ServerSettings::default(), move |server| server.with_engine_at(base, engine))
    });

    for (server, base) in [(); 3].iter().flat_map(|()| servers.iter().zip(bases)) {
        let target = "/a/b/c/d/e/items/7/";
        let text = server.get(target).text();
        assert!(text.contains(&format!("is: {}\n", &target[base.len()..])), "{base}: {text}");
    }
}

#[test]
fn the_admin_api_of_an_engine_finds_its_requests_by_the_path_below_the_base() {
    let shops = Shops::open();
    shops.server.get("/a/items/7?x=1");
    shops.server.get("/a");

    for pattern in [
        r#"{"url": "/items/7?x=1"}"#,
        r#"{"urlPattern": "/items/7.x=1"}"#,
        r#"{"urlPath": "/items/7"}"#,
        r#"{"urlPathTemplate": "/items/{id}"}"#,
        r#"{"url": "/"}"#,
    ] {
        assert_eq!(at(&call(&shops.a, "POST", "/requests/count", pattern), "count").to_string(), "1", "{pattern}");
    }
    assert_eq!(at(&call(&shops.a, "POST", "/requests/count", r#"{"url": "/a"}"#), "count").to_string(), "0");

    let logged = call(&shops.a, "GET", "/requests", "");
    assert_eq!(at(&logged, "requests.1.request.url").as_str(), Some("/items/7?x=1"));
    assert_eq!(at(&logged, "requests.1.request.absoluteUrl").as_str(), Some("http://localhost/a/items/7?x=1"));
    let in_our_words = call(&shops.a, "GET", "/journal", "");
    assert_eq!(at(&in_our_words, "entries.1.target").as_str(), Some("/a/items/7?x=1"));
    assert_eq!(at(&in_our_words, "entries.1.url").as_str(), Some("http://localhost/a/items/7?x=1"));
}
