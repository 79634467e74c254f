//! Stubs that a test builds, and what they answer, asked over a socket.

#![cfg(all(feature = "files", feature = "templates", feature = "xpath"))]

mod client;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cannery::{
    ElementOrder, Given, JsonType, MockServer, PartPattern, Representation, XmlForm, absent, after, all_of, any_of,
    batch, before, case, contains, ends_with, equals, ge, given, gt, includes, le, len, lt, matchers, matches, not,
    of_type, one_of, present, starts_with, status, values,
};
use client::{answer, get, post, send};
use serde_json::{Value, json};

const JSON: &str = "application/json";

#[test]
fn every_method_has_a_word() {
    let server = MockServer::start();
    let named = [
        ("GET", given::get("/")),
        ("POST", given::post("/")),
        ("PUT", given::put("/")),
        ("PATCH", given::patch("/")),
        ("DELETE", given::delete("/")),
        ("OPTIONS", given::options("/")),
        ("PURGE", given::method("PURGE", "/")),
        ("BAN", given::method("DROP", "/").or_method("BAN")),
    ];
    for (method, given) in named.clone() {
        server.stub(given.respond(status(200).text(method)));
    }
    server.stub(given::head("/").respond(status(204)));
    server.stub(given::any("/any").respond(status(202)));

    for (method, _) in named {
        assert_eq!(send(&server, method, "/", &[], ""), (200, method.to_owned()));
    }
    assert_eq!(send(&server, "HEAD", "/", &[], "").0, 204);
    assert_eq!((get(&server, "/any").0, send(&server, "PUT", "/any", &[], "x").0), (202, 202));
    assert_eq!(get(&server, "/other").0, 404);
}

/// Each condition with a request that satisfies it and one that nearly does.
#[test]
fn every_condition_takes_what_it_says_and_nothing_else() {
    type Sent = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);
    const BASIC: &str = "Basic YWRhOnNlY3JldA==";
    const MULTIPART: &str = "multipart/form-data; boundary=b";
    let on = || given::post("/a/{id}");
    let cases: Vec<(&str, Given, Sent, Sent)> = vec![
        ("path_param", on().path_param("id", matches(r"^\d+$")), ("POST", "/a/7", &[], ""), ("POST", "/a/x", &[], "")),
        ("query", on().query("page", ge(2)), ("POST", "/a/7?page=2", &[], ""), ("POST", "/a/7?page=1", &[], "")),
        (
            "header",
            on().header("X-A", "b"),
            ("POST", "/a/7", &[("x-a", "b")], ""),
            ("POST", "/a/7", &[("x-a", "c")], ""),
        ),
        (
            "cookie",
            on().cookie("session", len(2)),
            ("POST", "/a/7", &[("Cookie", "session=ab")], ""),
            ("POST", "/a/7", &[("Cookie", "session=abc")], ""),
        ),
        (
            "basic_auth",
            on().basic_auth("ada", present()),
            ("POST", "/a/7", &[("Authorization", BASIC)], ""),
            ("POST", "/a/7", &[("Authorization", "Basic Ym9iOng=")], ""),
        ),
        (
            "host",
            on().host("localhost"),
            ("POST", "/a/7", &[("Host", "localhost:1")], ""),
            ("POST", "/a/7", &[("Host", "example.org")], ""),
        ),
        (
            "json",
            on().json(json!({"a": 1})),
            ("POST", "/a/7", &[], r#"{"a":1.0}"#),
            ("POST", "/a/7", &[], r#"{"a":1,"b":2}"#),
        ),
        (
            "json_includes",
            on().json_includes(json!({"a": [2]})),
            ("POST", "/a/7", &[], r#"{"a":[1,2],"b":2}"#),
            ("POST", "/a/7", &[], r#"{"a":[1]}"#),
        ),
        (
            "json_path",
            on().json_path("$.a[*].b", one_of([1, 2])),
            ("POST", "/a/7", &[], r#"{"a":[{"b":2}]}"#),
            ("POST", "/a/7", &[], r#"{"a":[{"b":3}]}"#),
        ),
        ("xml", on().xml("<a><b/></a>"), ("POST", "/a/7", &[], "<a>\n<b></b></a>"), ("POST", "/a/7", &[], "<a/>")),
        (
            "xpath",
            on().xpath("//b", "1"),
            ("POST", "/a/7", &[], "<a><b>1</b></a>"),
            ("POST", "/a/7", &[], "<a><b>2</b></a>"),
        ),
        (
            "xpath_with",
            on().xpath_with("//p:b", "1", [("p", "urn:p")]),
            ("POST", "/a/7", &[], "<a xmlns='urn:p'><b>1</b></a>"),
            ("POST", "/a/7", &[], "<a><b>1</b></a>"),
        ),
        (
            "document",
            on().document("$.b", "1"),
            ("POST", "/a/7", &[("Content-Type", "text/xml")], "<a><b>1</b></a>"),
            ("POST", "/a/7", &[("Content-Type", JSON)], r#"{"b":"2"}"#),
        ),
        (
            "form",
            on().form("a", "b c"),
            ("POST", "/a/7", &[("Content-Type", "application/x-www-form-urlencoded")], "a=b+c"),
            ("POST", "/a/7", &[("Content-Type", "application/x-www-form-urlencoded")], "a=b"),
        ),
        ("body", on().body(contains("needle")), ("POST", "/a/7", &[], "a needle"), ("POST", "/a/7", &[], "hay")),
        (
            "header of a part",
            on().multipart("file", PartPattern::default().header("content-type", starts_with("text/"))),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\nContent-Type: text/csv\r\n\r\nx\r\n--b--",
            ),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\nContent-Type: image/png\r\n\r\nx\r\n--b--",
            ),
        ),
        (
            "body of a part",
            on().multipart("file", PartPattern::default().body(matchers::json(json!({"a": 1})))),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\n\r\n{\"a\": 1}\r\n--b--",
            ),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\n\r\n{\"a\": 2}\r\n--b--",
            ),
        ),
        (
            "multipart",
            on().multipart("file", PartPattern::default().filename(ends_with(".txt"))),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\n\r\nx\r\n--b--",
            ),
            (
                "POST",
                "/a/7",
                &[("Content-Type", MULTIPART)],
                "--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--b--",
            ),
        ),
        (
            "malformed",
            on().malformed(true),
            ("POST", "/a/7", &[("Content-Type", JSON)], "{"),
            ("POST", "/a/7", &[("Content-Type", JSON)], "{}"),
        ),
        (
            "matching",
            on().matching(|request| request.header("x-a") == Some("b") && request.query("q").is_some()),
            ("POST", "/a/7?q", &[("X-A", "b")], ""),
            ("POST", "/a/7", &[("X-A", "b")], ""),
        ),
        (
            "path in any case",
            given::post(given::path_in_any_case("/Some/{id}")),
            ("POST", "/sOME/X", &[], ""),
            ("POST", "/other/X", &[], ""),
        ),
        ("path matcher", given::post(starts_with("/pre")), ("POST", "/prefix/x", &[], ""), ("POST", "/x/pre", &[], "")),
    ];
    for (name, given, taken, refused) in cases {
        let server = MockServer::start();
        server.stub(given.clone().respond(status(200)));

        let sent = |(method, target, headers, body): Sent| send(&server, method, target, headers, body).0;
        assert_eq!((sent(taken), sent(refused)), (200, 404), "{name}");
        assert_eq!(server.received_matching(given).only().number(), 1, "{name}");
    }
    let server = MockServer::start();
    server.stub(given::anything().scheme("http").client_ip("127.0.0.1").respond(status(200)));
    server.stub(given::anything().scheme("https").respond(status(500)));
    assert_eq!(get(&server, "/").0, 200);
}

#[test]
fn every_matcher_holds_of_what_it_says() {
    let holds = [
        (equals("a"), "a", "b"),
        ("a".into(), "a", "b"),
        (3.into(), "3", "4"),
        (2.5.into(), "2.50", "2"),
        (true.into(), "true", "false"),
        (equals("É").ignore_case(), "é", "e"),
        (contains("b"), "abc", "ac"),
        (starts_with("a"), "ab", "ba"),
        (ends_with("B").ignore_case(), "ab", "ba"),
        (matches("^a+$"), "aa", "ab"),
        (one_of(["a", "b"]), "b", "c"),
        (len(gt(2)), "abc", "ab"),
        (of_type(JsonType::Integer), "12", "1.5"),
        (gt(1).and(lt(3)), "2", "3"),
        (ge(1.5), "1.5", "1"),
        (le(2_u64), "2", "3"),
        (before("2020-01-01T00:00:00Z"), "2019-12-31T00:00:00Z", "2020-01-02T00:00:00Z"),
        (after("now -1 hours"), "2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
        (not("a"), "b", "a"),
        (any_of(["a", "b"]), "b", "c"),
        (all_of([contains("a"), contains("b")]), "ab", "a"),
        (contains("A").ignore_case().and(contains("b")), "ab", "aB"),
        (matchers::json(json!({"a": 1})), r#"{"a":1}"#, "{}"),
        (matchers::json_includes(json!({"a": 1})), r#"{"a":1,"b":2}"#, "{}"),
        (matchers::json_path("$.a", 1), r#"{"a":1}"#, r#"{"a":2}"#),
        (matchers::xml("<a/>"), "<a></a>", "<b/>"),
        (matchers::xpath("/a", "1"), "<a>1</a>", "<a>2</a>"),
    ];
    for (matcher, taken, refused) in holds {
        let server = MockServer::start();
        server.stub(given::post("/").header("X-Value", matcher.clone()).respond(status(200)));

        let sent = |value: &str| send(&server, "POST", "/", &[("X-Value", value)], "").0;
        assert_eq!((sent(taken), sent(refused)), (200, 404), "{matcher:?}");
    }
}

#[test]
fn absent_and_repeated_values_are_told_apart() {
    let server = MockServer::start();
    server.stub(given::get("/absent").query("a", absent()).respond(status(200)));
    server.stub(given::get("/includes").query("a", includes(["1", "2"])).respond(status(200)));
    server.stub(given::get("/values").query("a", values(["1", "2"])).respond(status(200)));

    let statuses =
        ["/absent", "/absent?a", "/includes?a=3&a=2&a=1", "/includes?a=1", "/values?a=2&a=1", "/values?a=1&a=2&a=3"];
    assert_eq!(statuses.map(|target| get(&server, target).0), [200, 404, 200, 404, 200, 404]);
}

#[test]
fn a_response_carries_all_that_it_is_given() {
    let server = MockServer::start();
    server.stub(
        given::get("/json").respond(
            status(201)
                .reason("Made")
                .header("X-A", "1")
                .header("x-a", "2")
                .json(json!({"b": 1, "a": ["{{request.method}}"]}))
                .template(true),
        ),
    );
    server.stub(given::get("/xml").respond(status(200).xml("<a/>")));
    server.stub(given::get("/text").respond(status(200).text("{{request.path}}").template(true)));
    server.stub(given::get("/plain").respond(status(200).text("{{request.path}}")));
    server.stub(given::get("/bytes").respond(status(200).body(vec![0xff, 0x00]).header("Content-Type", "image/png")));
    server.stub(given::get("/file").respond(status(200).file("Cargo.toml")));
    server.stub(given::get("/document").respond(status(200).document(json!({"a": 1}))));

    let mut json = answer(&server, "GET", "/json", &[], "");
    assert_eq!((json.status().as_u16(), json.headers().get_all("x-a").iter().count()), (201, 2));
    assert_eq!(json.headers()["content-type"], "application/json");
    assert_eq!(json.body_mut().read_to_string().expect("a body"), r#"{"a":["GET"],"b":1}"#);
    assert_eq!(get(&server, "/xml").1, "<a/>");
    assert_eq!(
        (get(&server, "/text").1, get(&server, "/plain").1),
        ("/text".to_owned(), "{{request.path}}".to_owned())
    );
    let mut bytes = answer(&server, "GET", "/bytes", &[], "");
    assert_eq!(bytes.headers()["content-type"], "image/png");
    assert_eq!(bytes.body_mut().read_to_vec().expect("a body"), [0xff, 0x00]);
    assert!(get(&server, "/file").1.contains("[package]"));
    assert_eq!(get(&server, "/document").1, r#"{"a":1}"#);
}

#[test]
fn members_of_a_struct_keep_their_order() {
    #[derive(serde::Serialize)]
    struct Order {
        id: u8,
        amount: u8,
    }
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200).json(Order { id: 1, amount: 2 })));

    assert_eq!(get(&server, "/").1, r#"{"id":1,"amount":2}"#);
}

#[test]
fn an_answer_comes_after_its_delay() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200).delay(Duration::from_millis(80))));

    let asked = Instant::now();
    get(&server, "/");
    assert!(asked.elapsed() >= Duration::from_millis(80));
}

#[test]
fn responses_come_one_after_another() {
    let server = MockServer::start();
    server.stub(given::get("/last").responses([status(503), status(200)]));
    server.stub(given::get("/cycle").responses([status(503), status(200)]).cycle());

    let thrice = |path: &str| [0; 3].map(|_| get(&server, path).0);
    assert_eq!((thrice("/last"), thrice("/cycle")), ([503, 200, 200], [503, 200, 503]));
}

#[test]
fn a_closure_answers_and_keeps_what_it_counts() {
    let server = MockServer::start();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    server.stub(given::post("/echo/{name}").respond_with(move |request| {
        let call = counted.fetch_add(1, Ordering::Relaxed);
        let sent: Value = request.json();
        status(200).header("X-Call", call.to_string()).json(json!({"sent": sent, "text": "{{not a template}}"}))
    }));

    assert_eq!(post(&server, "/echo/a", JSON, "[1]"), (200, r#"{"sent":[1],"text":"{{not a template}}"}"#.to_owned()));
    post(&server, "/echo/b", JSON, "2");
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert!(server.received()[1].stub().is_some());
}

#[test]
fn a_closure_that_takes_its_time_holds_nobody_up() {
    let server = MockServer::start();
    let (enter, entered) = std::sync::mpsc::channel();
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let left = std::sync::Mutex::new(left);
    server.stub(given::get("/slow").respond_with(move |_| {
        enter.send(()).expect("the test waits");
        left.lock().expect("one at a time").recv().expect("the test tells");
        status(200)
    }));
    server.stub(given::get("/fast").respond(status(200)));
    let url = server.url("/slow");
    let slow = std::thread::spawn(move || client::agent().get(url).call().expect("an answer").status().as_u16());

    entered.recv().expect("it is called");
    // More than the background has threads.
    for _ in 0..16 {
        assert_eq!(get(&server, "/fast").0, 200);
    }
    leave.send(()).expect("it waits");
    assert_eq!(slow.join().expect("it ends"), 200);
}

#[test]
fn a_document_has_the_xml_form_of_its_stub() {
    let server = MockServer::start();
    let form = XmlForm::new("Order")
        .namespace("urn:orders")
        .prefix("i", "urn:instance")
        .list("Lines", "Line")
        .order(ElementOrder::Given(vec![("Order".to_owned(), vec!["Lines".to_owned(), "Id".to_owned()])]));
    server.stub(
        given::get("/orders/7")
            .representation(Representation::default().parameter("format").xml(form))
            .respond(status(200).document(json!({"Lines": ["b", "a"], "Id": 7}))),
    );

    assert_eq!(get(&server, "/orders/7").1, r#"{"Id":7,"Lines":["b","a"]}"#);
    assert_eq!(
        get(&server, "/orders/7?format=xml").1,
        "<Order xmlns:i=\"urn:instance\" xmlns=\"urn:orders\"><Lines><Line>b</Line><Line>a</Line></Lines><Id>7</Id></Order>"
    );
}

#[test]
fn each_item_of_a_batch_has_its_fate() {
    let server = MockServer::start();
    server.stub(
        given::post("/tracks")
            .representation(Representation::default().parameter("as").xml(XmlForm::new("Answer")))
            .batch(
                batch("$.Ids", "Results")
                    .captures(r"^(?<space>\w+)\.")
                    .case(case(json!({"Id": "{{item}}", "Space": "{{space}}"})).item(starts_with("music.")))
                    .case(case(json!({"Id": "{{item}}", "Error": "unknown"})).failed())
                    .some_failed(json!({"Error": "some"}))
                    .all_failed(json!({"status": 400, "Error": "all"}))
                    .none_failed(json!({"Error": "none"})),
            )
            .frame(status(202).header("X-Frame", "yes"))
            .named("tracks"),
    );

    let sent = |ids: Value| post(&server, "/tracks", JSON, &json!({"Ids": ids}).to_string());
    assert_eq!(
        sent(json!(["music.a", "x"])),
        (
            202,
            r#"{"Results":[{"Id":"music.a","Space":"music"},{"Error":"unknown","Id":"x"}],"Error":"some"}"#.to_owned()
        )
    );
    assert_eq!(sent(json!(["x"])).0, 400);
    assert!(sent(json!(["music.a"])).1.contains("none"));
    let xml = post(&server, "/tracks?as=xml", JSON, r#"{"Ids":[]}"#);
    assert!(xml.1.contains("<Answer"), "{xml:?}");
    assert_eq!(server.received()[0].stub(), Some("tracks"));
}

#[test]
fn what_is_added_last_goes_first_unless_priority_says_otherwise() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(201)));
    server.stub(given::get("/").respond(status(202)));
    assert_eq!(get(&server, "/").0, 202);

    server.stub(given::get("/").respond(status(203)).priority(6));
    assert_eq!(get(&server, "/").0, 202);
    server.stub(given::get("/").respond(status(204)).priority(1));
    assert_eq!(get(&server, "/").0, 204);
}

#[test]
fn states_are_walked_and_set() {
    let server = MockServer::start();
    let on = |stub: cannery::StubBuilder| server.stub(stub.in_scenario("order"));
    on(given::post("/pay").respond(status(200)).when_state("Started").then_state("paid"));
    on(given::post("/pay").respond(status(409)).when_state("paid"));

    assert_eq!(server.state("order"), "Started");
    assert_eq!([0; 2].map(|_| send(&server, "POST", "/pay", &[], "").0), [200, 409]);
    assert_eq!(server.state("order"), "paid");
    server.set_state("order", "Started");
    assert_eq!(send(&server, "POST", "/pay", &[], "").0, 200);
}

#[test]
fn an_on_demand_stub_answers_when_it_is_armed() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200)));
    server.stub(given::get("/").respond(status(429)).named("BUSY").on_demand());
    let thrice = || [0; 3].map(|_| get(&server, "/").0);

    assert_eq!(thrice(), [200, 200, 200]);
    server.arm("BUSY");
    assert_eq!(thrice(), [429, 200, 200]);
    server.arm_times("BUSY", 2);
    assert_eq!(thrice(), [429, 429, 200]);
    server.arm_times("BUSY", 2);
    server.disarm("BUSY");
    assert_eq!(thrice(), [200, 200, 200]);
    assert_eq!(send(&server, "GET", "/", &[("Prefer", "stub=BUSY")], "").0, 429);
}

#[test]
fn a_scoped_stub_is_gone_with_its_scope() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200)));
    {
        let scoped = server.stub(given::get("/").respond(status(500)).expect(1)).scoped();
        assert_eq!(get(&server, "/").0, 500);
        assert_eq!(scoped.calls(), 1);
        let _other = server.scoped(given::get("/").respond(status(501)));
        assert_eq!(get(&server, "/").0, 501);
    }
    assert_eq!(get(&server, "/").0, 200);

    let handle = server.stub(given::get("/").respond(status(502)));
    handle.clone().remove();
    assert_eq!((get(&server, "/").0, handle.calls()), (200, 0));
}

#[test]
fn a_reset_takes_away_what_the_test_brought() {
    let server = MockServer::serving("scenarios/basics");
    let handle = server.stub(given::get("/added").respond(status(200)));
    get(&server, "/added");
    get(&server, "/nothing");
    assert_eq!((handle.calls(), server.received().len(), server.unmatched().len()), (1, 2, 1));

    server.reset_requests();
    assert_eq!((handle.calls(), server.received().len()), (0, 0));
    assert_eq!(get(&server, "/added").0, 200);

    server.reset();
    assert_eq!((get(&server, "/added").0, server.received().len()), (404, 1));
}
