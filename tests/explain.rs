//! Explanations of how a request would be answered, over the admin API and through the library. They change nothing.

#![cfg(all(feature = "admin", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use cannery::engine::{Engine, Settings, StubSet};
use cannery::explain::{Style, handle, preview};
use cannery::formats::{NoFiles, read_scenario};
use cannery::message::RequestDraft;
use cannery::model::{Json, Timestamp};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use support::{Reply, Running, at};

const SHOP: &str = r#"
[[stub]]
name = "nothing without a token"
request.path = "/orders/{*rest}"
request.headers.Authorization.present = false
response.status = 401

[[stub]]
name = "an order is shown"
request = { method = "GET", path = "/orders/{id}" }
responses = [{ text = "first {{random_int 1 1000000}}" }, { text = "second" }]

[[stub]]
name = "an order is paid"
when_state = "Started"
then_state = "paid"
request = { method = "POST", path = "/orders/{id}/payment" }
response = { status = 201, json = { id = "{{request.path_params.id}}" } }

[[stub]]
name = "it is paid already"
when_state = "paid"
request = { method = "POST", path = "/orders/{id}/payment" }
response.status = 409

[[stub]]
name = "OUT_OF_STOCK"
on_demand = true
request.path = "/orders/{id}"
response = { status = 409, text = "out of stock" }

[[stub]]
name = "anything else"
request.path = "/{*rest}"
response.text = "else"
"#;

const TOKEN: &str = r#"["Authorization", "Bearer abc"]"#;

fn ask(server: &Running, body: &str) -> Reply {
    server.send("POST", "/__admin/explain", &[], body)
}

fn explained(server: &Running, method: &str, url: &str, headers: &str) -> Json {
    let reply = ask(server, &format!(r#"{{"method":"{method}","url":"{url}","headers":[{headers}]}}"#));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[test]
fn the_stub_that_answers_is_named_with_its_answer() {
    let server = Running::with(SHOP);
    let explanation = explained(&server, "POST", "/orders/7/payment", TOKEN);
    assert_eq!(at(&explanation, "answers.stub").as_str(), Some("an order is paid"));
    assert_eq!(at(&explanation, "answers.line").to_string(), "13");
    assert_eq!(at(&explanation, "response.status").to_string(), "201");
    assert_eq!(at(&explanation, "response.body").as_str(), Some(r#"{"id":"7"}"#));
    assert_eq!(at(&explanation, "transition").to_string(), r#"{"machine":"scenario","from":"Started","to":"paid"}"#);
    assert_eq!(at(&explanation, "before.0.stub").as_str(), Some("nothing without a token"));
    assert_eq!(at(&explanation, "before.0.conditions.1.holds"), &Json::Bool(false));
    assert_eq!(at(&explanation, "after.0.stub").as_str(), Some("anything else"));
    assert!(
        at(&explanation, "text").as_str().is_some_and(|text| text.contains("\nanswers: an order is paid  (")),
        "{explanation}"
    );
}

#[test]
fn an_explanation_changes_nothing() {
    let server = Running::with(SHOP);
    server.admin("POST", "/stubs/arm", r#"{"stub":"OUT_OF_STOCK","times":2}"#);
    let before = server.admin("GET", "/stubs", "");
    for _ in 0..3 {
        let explanation = explained(&server, "GET", "/orders/7", TOKEN);
        assert_eq!(at(&explanation, "answers.stub").as_str(), Some("OUT_OF_STOCK"), "the stub stays armed");
        assert_eq!(at(&explanation, "answers.armed").to_string(), "2");
        let explanation = explained(&server, "POST", "/orders/7/payment", TOKEN);
        assert_eq!(at(&explanation, "answers.stub").as_str(), Some("an order is paid"), "the state stays");
        explained(&server, "GET", "/nowhere", "");
    }
    assert_eq!(server.admin("GET", "/stubs", ""), before, "neither counts nor armed stubs change");
    assert_eq!(at(&server.admin("GET", "/journal", ""), "received").to_string(), "0");
    assert_eq!(server.engine.state("scenario"), "Started");
}

#[test]
fn no_turn_is_consumed_and_the_next_answer_is_the_explained_one() {
    let server = Running::with(SHOP);
    for turn in ["1", "2"] {
        let explanation = explained(&server, "GET", "/orders/7", TOKEN);
        assert_eq!(at(&explanation, "response.turn.response").to_string(), turn);
        assert_eq!(explained(&server, "GET", "/orders/7", TOKEN), explanation, "explained again");

        let reply = server.send("GET", "/orders/7", &[("Authorization", "Bearer abc")], "");

        assert_eq!(
            at(&explanation, "response.body").as_str(),
            Some(reply.text().as_str()),
            "random values are the same too"
        );
    }
}

#[test]
fn the_current_state_of_the_server_is_used() {
    let server = Running::with(SHOP);
    assert_eq!(server.send("POST", "/orders/7/payment", &[("Authorization", "x")], "").status, 201);
    let explanation = explained(&server, "POST", "/orders/7/payment", TOKEN);
    assert_eq!(at(&explanation, "answers.stub").as_str(), Some("it is paid already"));
    let text = at(&explanation, "text").as_str().expect("text");
    assert!(text.contains("no  state of scenario: Started\n      is: paid"), "{text}");
}

#[test]
fn a_preferred_on_demand_stub_that_does_not_answer_is_explained() {
    let server = Running::with(SHOP);
    let prefer = format!(r#"{TOKEN}, ["Prefer", "stub=OUT_OF_STOCK"]"#);
    let explanation = explained(&server, "GET", "/orders/7", &prefer);
    assert_eq!(at(&explanation, "answers.preferredAs").as_str(), Some("OUT_OF_STOCK"));
    let explanation = explained(&server, "GET", "/order/7", &prefer);
    assert_eq!(at(&explanation, "answers.stub").as_str(), Some("anything else"));
    assert_eq!(at(&explanation, "before.0.stub").as_str(), Some("OUT_OF_STOCK"));
    let explanation = explained(&server, "GET", "/orders/7", r#"["Prefer", "stub=nothing"]"#);
    assert_eq!(
        (at(&explanation, "answers"), at(&explanation, "explanation.known").to_string()),
        (&Json::Null, r#"["OUT_OF_STOCK"]"#.into())
    );
    let explanation = explained(&server, "GET", "/orders/7", TOKEN);
    assert_eq!(at(&explanation, "onDemand").to_string(), r#"["OUT_OF_STOCK"]"#);
}

#[test]
fn a_body_may_be_bytes_and_the_time_may_be_given() {
    let server = Running::with(
        "[[stub]]\nrequest.body.len = 1\nrequest.headers.Date.before = 'now'\nresponse.text = '{{now}}'\n",
    );
    let body =
        r#"{"method":"PUT","url":"/","headers":[["Date","2030-01-01"]],"bodyAsBase64":"/w==","now":"2031-01-01"}"#;
    let explanation = ask(&server, body).json();
    assert_eq!(at(&explanation, "response.body").as_str(), Some("2031-01-01T00:00:00Z"), "{explanation}");
    assert_eq!(at(&explanation, "request.bodyAsBase64").as_str(), Some("/w=="));
}

#[test]
fn an_invalid_question_is_refused_with_its_place() {
    let server = Running::with(SHOP);
    for (body, pointer) in [
        ("{", ""),
        ("[]", ""),
        ("{}", "/url"),
        (r#"{"url":1}"#, "/url"),
        (r#"{"url":"/","method":1}"#, "/method"),
        (r#"{"url":"/","verb":"GET"}"#, "/verb"),
        (r#"{"url":"/","headers":{"A":"b"}}"#, "/headers"),
        (r#"{"url":"/","headers":[["A","b"],["A"]]}"#, "/headers/1"),
        (r#"{"url":"/","bodyAsBase64":"?"}"#, "/bodyAsBase64"),
        (r#"{"url":"/","body":"a","bodyAsBase64":"YQ=="}"#, "/bodyAsBase64"),
        (r#"{"url":"/","now":"soon"}"#, "/now"),
        (r#"{"url":"/a b"}"#, "/url"),
        (r#"{"url":"a"}"#, "/url"),
        (r#"{"url":"/","method":"G T"}"#, "/method"),
        (r#"{"url":"/","headers":[["A","b\r\nC: d"]]}"#, "/headers"),
        (r#"{"url":"/__admin/health"}"#, "/url"),
    ] {
        let reply = ask(&server, body);
        assert_eq!(reply.status, 422, "{body}: {}", reply.text());
        assert_eq!(at(&reply.json(), "errors.0.source.pointer").as_str(), Some(pointer), "{body}: {}", reply.text());
    }
    assert_eq!(server.get("/__admin/explain").status, 405);
    assert_eq!(server.send("POST", "/__admin/explain?colour=red", &[], r#"{"url":"/"}"#).status, 400);
    let coloured = server.send("POST", "/__admin/explain?colour=true", &[], r#"{"url":"/"}"#).json();
    assert!(
        at(&coloured, "text").as_str().is_some_and(|text| text.contains("\x1b[32mok\x1b[0m  path: ")),
        "{coloured}"
    );
}

#[test]
fn of_thousands_of_stubs_the_nearest_are_shown_and_the_rest_counted() {
    let mut stubs = String::new();
    for number in 0..2000 {
        stubs.push_str(&format!("[[stub]]\nname = 'other {number}'\nrequest.path = '/other/{number}/thing'\n"));
    }
    for number in 0..30 {
        stubs.push_str(&format!(
            "[[stub]]\nname = 'near {number}'\nrequest.path = '/a'\nrequest.query.q = '{number}'\n"
        ));
    }
    for number in 0..8 {
        stubs.push_str(&format!("[[stub]]\nname = 'fits {number}'\nrequest.path = '/a'\n"));
    }
    let server = Running::with(&stubs);
    let explanation = explained(&server, "GET", "/a?q=x", "");
    let Json::Array(before) = at(&explanation, "before") else { panic!("{explanation}") };
    assert_eq!(at(&explanation, "answers.stub").as_str(), Some("fits 0"));
    assert_eq!(before.len(), 10);
    assert_eq!(at(&explanation, "moreBefore").to_string(), r#"{"samePath":20,"otherPath":2000}"#);
    assert_eq!(
        (at(&explanation, "after.4.stub").as_str(), at(&explanation, "moreAfter").to_string()),
        (Some("fits 5"), "2".into())
    );
}

/// The few words that random stubs and requests are made of, so that they often match.
const PATHS: [&str; 4] = ["/a", "/b", "/a/{x}", "/{*rest}"];
const TARGETS: [&str; 5] = ["/a", "/b", "/a/1", "/a?q=1", "/c?q=1"];

fn stub() -> impl Strategy<Value = String> {
    let states = || proptest::option::of(select(vec!["Started", "next"]));
    (
        select(PATHS.to_vec()),
        proptest::option::of(select(vec!["GET", "POST"])),
        proptest::option::of(prop_oneof![Just("'1'"), Just("{ present = false }")]),
        states(),
        states(),
        (any::<bool>(), 4..7_i32, any::<bool>()),
    )
        .prop_map(|(path, method, query, when, then, (on_demand, priority, several))| {
            let mut stub =
                format!("[[stub]]\npriority = {priority}\non_demand = {on_demand}\nrequest.path = '{path}'\n");
            stub.extend(method.map(|method| format!("request.method = '{method}'\n")));
            stub.extend(query.map(|query| format!("request.query.q = {query}\n")));
            stub.extend(when.map(|state| format!("when_state = '{state}'\n")));
            stub.extend(then.map(|state| format!("then_state = '{state}'\n")));
            stub.push_str(if several {
                "responses = [{ text = '{{random_int 1 1000000}}' }, { text = 'b' }]\nrepeat = 'cycle'\n"
            } else {
                "response.text = '{{random_int 1 1000000}}'\n"
            });
            stub
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_explained_answer_is_the_one_that_is_sent(
        stubs in vec(stub(), 0..8),
        requests in vec((select(vec!["GET", "POST"]), select(TARGETS.to_vec()), 0..12_usize, 0..12_usize), 1..8),
    ) {
        let named = |number: usize, stub: &str| stub.replacen("[[stub]]\n", &format!("[[stub]]\nname = 'n{number}'\n"), 1);
        let text: String = stubs.iter().enumerate().map(|(number, stub)| named(number, stub)).collect();
        let (scenario, _) = read_scenario(&text, "s.toml", &NoFiles).expect("a scenario");
        let set = StubSet::compile(&[scenario]).expect("it compiles");
        let engine = Engine::new(set.into(), Settings::default());
        let now = Timestamp::UNIX_EPOCH;
        for (method, target, preferred, armed) in requests {
            let headers = (preferred < 8).then(|| ("Prefer".to_owned(), format!("stub=n{preferred}").into_bytes()));
            let headers = headers.into_iter().collect();
            let draft = RequestDraft { method: method.into(), target: target.into(), headers, ..Default::default() };
            let request = draft.request(None, now).expect("a request");
            let _ = engine.arm(&format!("n{armed}"), 2);

            let preview = preview(&engine, &request, now);
            let exchange = handle(&engine, &request, now, None);

            let foreseen = preview.answering.as_ref();
            assert_eq!(foreseen.map(|answering| &*answering.dry_run.mounted.reference), exchange.entry.stub());
            assert_eq!(foreseen.map(|answering| &answering.dry_run.answer), foreseen.map(|_| &exchange.answer));
            assert_eq!(preview.explanation.as_ref(), exchange.explanation.as_deref());
            for stub in &preview.before {
                assert!(stub.conditions.iter().any(|condition| !condition.holds), "{stub:?} would have answered");
            }
            for stub in preview.after.iter().chain(foreseen.map(|answering| &answering.stub)) {
                assert!(stub.conditions.iter().all(|condition| condition.holds), "{stub:?} would not");
            }
            let colourful = preview.text(Style { colour: true, redact: true });
            assert!(colourful.starts_with("request: "));
        }
    }
}
