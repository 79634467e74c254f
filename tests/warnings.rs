//! Warnings are true: a stub that a warning says never answers does not answer any request.

#![cfg(feature = "check")]
#![allow(missing_docs)]

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use cannery::check::{Catalogue, warnings};
use cannery::engine::{Engine, Settings, StubSet};
use cannery::formats::{Diagnostics, NoFiles, read_scenario};
use cannery::message::{Head, Request};
use cannery::model::{OperatorName, Timestamp};
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest};
use proptest::sample::select;

/// Operators with the few values that the requests have.
const OPERATORS: [&str; 41] = [
    "'a'",
    "'ab'",
    "'A'",
    "2",
    "'2'",
    "{ equals = 'a', ignore_case = true }",
    "{ contains = 'A', ignore_case = true }",
    "{ contains = 'b' }",
    "{ starts_with = 'a' }",
    "{ starts_with = 'a', ends_with = 'b' }",
    "{ matches = '^[ab]+$' }",
    "{ one_of = ['a', 2] }",
    "{ one_of = ['a', 'ab'], not.equals = 'ab' }",
    "{ not.equals = 'a' }",
    "{ not.contains = 'b' }",
    "{ gt = 1 }",
    "{ gt = 1, lt = 3 }",
    "{ le = 2 }",
    "{ type = 'number' }",
    "{ type = 'string' }",
    "{ type = 'string', gt = 1 }",
    "{ present = true }",
    "{ present = false }",
    "{ present = false, starts_with = 'a' }",
    "{ len = 1 }",
    "{ len.lt = 2, starts_with = 'a' }",
    "{ any_of = [{ equals = 'a' }, { present = false }] }",
    "{ any_of = [{ equals = 'a' }, { gt = 1 }] }",
    "{ all_of = [{ present = true }, { not.equals = 'a' }] }",
    "{ includes = ['a'] }",
    "{ values = ['a', 'ab'] }",
    "{ ge = 2 }",
    "{ ends_with = 'b' }",
    "{ before = '2030-01-01T00:00:00Z' }",
    "{ after = 'now' }",
    "{ json = '2' }",
    "{ json_includes = { j = [1] } }",
    "{ json_path.\"$.j\" = 'a' }",
    "{ xml = '<a/>' }",
    "{ xpath.'/a' = 'a' }",
    "{ document.\"$.j\" = 'a' }",
];

fn operators() -> impl Strategy<Value = String> {
    // A build without XPath refuses a stub that has one.
    let can_be_read = |text: &&str| cfg!(feature = "xpath") || !text.contains("xpath");
    select(OPERATORS.into_iter().filter(can_be_read).collect::<Vec<_>>()).prop_map(str::to_owned)
}

#[test]
fn every_operator_is_tried() {
    // `json_schema` needs a feature of its own.
    for name in OperatorName::ALL.iter().filter(|name| **name != OperatorName::JsonSchema) {
        let is_named = |text: &&str| {
            let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.any(|word| word == name.key())
        };
        assert!(OPERATORS.iter().any(is_named), "no stub uses `{}`", name.key());
    }
}

/// One condition on a part that the requests have, with its key, which a request pattern may have only once.
fn condition() -> impl Strategy<Value = (String, String)> {
    let named = (
        prop_oneof![Just("query.q"), Just("headers.X-A"), Just("headers.x-b"), Just("json_path.\"$.j\""), Just("body")],
        operators(),
    );
    let body = prop_oneof![
        Just(("json", "{ j = 'a' }")),
        Just(("json", "{ j = 2 }")),
        Just(("json_includes", "{ j = 'a' }")),
        Just(("json_includes", "{ j = [1] }")),
        Just(("method", "'GET'")),
        Just(("method", "['GET', 'POST']")),
    ];
    prop_oneof![
        4 => named.prop_map(|(key, value)| (key.to_owned(), value)),
        1 => body.prop_map(|(key, value)| (key.to_owned(), value.to_owned())),
    ]
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("path = '/a'"),
        Just("path = '/{p}'"),
        Just("path = '/{p}'\npath_params.p = 'a'"),
        Just("path = '/{z}'\npath_params.z = { starts_with = 'a' }"),
        Just("path = '/{*p}'"),
        Just("path = '/{*p}'\npath_params.p = 'a'"),
        Just("path = { template = '/A', ignore_case = true }"),
        Just("path = '/a/{p}'"),
        Just("path.starts_with = '/a'"),
        Just("path.matches = '^/a$'"),
        Just(""),
    ]
    .prop_map(str::to_owned)
}

fn stub() -> impl Strategy<Value = String> {
    let conditions = proptest::collection::vec(condition(), 0..3);
    let priority = prop_oneof![4 => Just(5), 1 => Just(1)];
    let state = prop_oneof![
        6 => Just(""),
        1 => Just("when_state = 'Started'"),
        1 => Just("when_state = 'Started'\nthen_state = 'on'"),
        1 => Just("when_state = 'on'"),
        1 => Just("when_state = 'on'\nthen_state = 'Started'"),
        1 => Just("when_state = 'off'"),
        1 => Just("then_state = 'off'\nwhen_state = 'off'"),
    ];
    (path(), conditions, priority, state).prop_map(|(path, conditions, priority, state)| {
        let head = format!("[[stub]]\npriority = {priority}\n{state}\nresponse.status = 200\n");
        let mut text = format!("{head}[stub.request]\n{path}\n");
        let mut seen = Vec::new();
        for (key, value) in conditions {
            if !seen.contains(&key) {
                let _ = writeln!(text, "{key} = {value}");
                seen.push(key);
            }
        }
        text
    })
}

#[derive(Debug, Clone)]
struct Sent {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
}

fn sent() -> impl Strategy<Value = Sent> {
    let path = prop_oneof![Just("/a"), Just("/A"), Just("/ab"), Just("/a/b"), Just("/"), Just("/%61")];
    let value = || prop_oneof![Just("a"), Just("A"), Just("ab"), Just("2"), Just("2.0"), Just("")];
    let query = proptest::collection::vec(value(), 0..3);
    let headers = proptest::collection::vec((prop_oneof![Just("X-A"), Just("X-B")], value()), 0..4);
    let body = prop_oneof![
        Just(""),
        Just("a"),
        Just("2"),
        Just("{\"j\":\"a\"}"),
        Just("{\"j\":2}"),
        Just("{\"j\":2.0,\"k\":1}"),
        Just("{\"j\":\"ab\"}"),
        Just("{\"j\":[1,2]}"),
        Just("{\"j\":[\"a\",\"ab\"]}"),
        Just("{\"j\":null}"),
        Just("{}"),
    ];
    (prop_oneof![Just("GET"), Just("POST")], path, query, headers, body).prop_map(
        |(method, path, query, headers, body)| {
            let query: Vec<String> = query.iter().map(|value| format!("q={value}")).collect();
            Sent { method, target: format!("{path}?{}", query.join("&")), headers, body }
        },
    )
}

/// Compiles one scenario without a file.
fn catalogue(text: &str) -> Catalogue {
    let read = read_scenario(text, "set.toml", &NoFiles);
    let (scenario, source) = read.unwrap_or_else(|diagnostics| panic!("{}\n{text}", Diagnostics(diagnostics)));
    let scenarios = vec![scenario];
    let stubs = StubSet::compile(&scenarios).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
    Catalogue { scenarios, sources: vec![source], stubs: Arc::new(stubs) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stub_that_is_reported_as_unreachable_never_answers(
        stubs in proptest::collection::vec(stub(), 1..6),
        requests in proptest::collection::vec(sent(), 40),
    ) {
        let catalogue = catalogue(&stubs.join("\n"));
        let dead: Vec<(usize, String)> = warnings(&catalogue)
            .into_iter()
            .filter_map(|warning| {
                let cannery::model::Step::Index(place) = warning.at.steps().get(1).cloned()? else { return None };
                Some((place, warning.to_string()))
            })
            .collect();
        let engine = Engine::new(catalogue.stubs.clone(), Settings::default());

        for sent in requests {
            let headers = sent.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
            let head = Head::compose(sent.method, &sent.target, headers);
            let request = Request::new(head, Bytes::from_static(sent.body.as_bytes()), None, Timestamp::UNIX_EPOCH);
            let exchange = engine.handle(&request, Timestamp::UNIX_EPOCH, None);
            if let Some(stub) = exchange.entry.stub()
                && let Some((_, warning)) = dead.iter().find(|(place, _)| *place == stub.place.index)
            {
                panic!("{sent:?} was answered in spite of this warning:\n{warning}\n\n{}", stubs.join("\n"));
            }
        }
    }
}
