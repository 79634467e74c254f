//! What a stub answers: responses, closures, documents and batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cannery::{ElementOrder, MockServer, Representation, XmlForm, batch, case, given, starts_with, status};
use serde_json::{Value, json};

use super::JSON;
use super::client::{agent, answer, get, post};

#[test]
fn a_response_has_everything_that_the_builder_sets() {
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

    let started = Instant::now();
    get(&server, "/");
    assert!(started.elapsed() >= Duration::from_millis(80));
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
fn a_closure_answers_and_may_keep_state() {
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
fn a_slow_closure_delays_no_other_request() {
    let server = MockServer::start();
    let (enter, entered) = std::sync::mpsc::channel();
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let left = std::sync::Mutex::new(left);
    server.stub(given::get("/slow").respond_with(move |_| {
        enter.send(()).expect("the test waits");
        left.lock().expect("one at a time").recv().expect("the test sends");
        status(200)
    }));
    server.stub(given::get("/fast").respond(status(200)));
    let url = server.url("/slow");
    let slow = std::thread::spawn(move || agent().get(url).call().expect("an answer").status().as_u16());

    entered.recv().expect("the closure is called");
    // More requests than the runtime in the background has threads.
    for _ in 0..16 {
        assert_eq!(get(&server, "/fast").0, 200);
    }
    leave.send(()).expect("the closure waits");
    assert_eq!(slow.join().expect("the thread ends"), 200);
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
fn each_item_of_a_batch_has_its_own_result() {
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
