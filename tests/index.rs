//! The index and a linear search agree: for any set of stubs, the stub that answers is the first in order of precedence
//! all of whose conditions hold.

#![cfg(all(feature = "files", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use cannery::engine::{Engine, MountedStub, Settings, StubSet};
use cannery::formats::{Diagnostics, NoFiles, Syntax, read_scenario, read_stub};
use cannery::matching::CompiledPattern;
use cannery::message::{Head, Request};
use cannery::model::{KeyPath, Representation, Timestamp};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::{select, subsequence};

const AT: Timestamp = Timestamp::UNIX_EPOCH;

/// Matchers of the values that distinguish stubs, as a file has them. The requests have these values in other forms too.
const VALUES: [&str; 12] = ["'a'", "'A'", "'ab'", "'1'", "1", "1.0", "2.5", "true", "'true'", "''", "'é'", "-0.0"];

fn matcher() -> impl Strategy<Value = String> {
    let value = || select(VALUES.to_vec());
    let text = select(vec!["'a'", "'A'", "'aB'", "'É'", "'TRUE'", "'1'"]);
    let leaf = prop_oneof![
        8 => value().prop_map(|value| format!("{{ equals = {value} }}")),
        3 => text.prop_map(|value| format!("{{ equals = {value}, ignore_case = true }}")),
        2 => vec(value(), 1..4).prop_map(|all| format!("{{ one_of = [{}] }}", all.join(", "))),
        1 => vec(value(), 1..4).prop_map(|all| format!("{{ one_of = ['É', {}], ignore_case = true }}", all.join(", "))),
        1 => Just("{ starts_with = 'a' }".to_owned()),
        1 => Just("{ matches = '^[a-z]*$' }".to_owned()),
        1 => Just("{ present = false }".to_owned()),
        1 => Just("{ present = true }".to_owned()),
        1 => Just("{ ge = 1 }".to_owned()),
        1 => Just("{ len = 1 }".to_owned()),
        1 => Just("{ equals = [1, 'a'] }".to_owned()),
        1 => Just("{ equals = { b = 1 } }".to_owned()),
    ];
    leaf.prop_recursive(2, 8, 3, move |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("{{ not = {one} }}")),
            vec(inner.clone(), 1..3).prop_map(|all| format!("{{ any_of = [{}] }}", all.join(", "))),
            vec(inner.clone(), 1..3).prop_map(|all| format!("{{ all_of = [{}] }}", all.join(", "))),
            vec(inner.clone(), 1..3).prop_map(|all| format!("{{ includes = [{}] }}", all.join(", "))),
            vec(inner.clone(), 1..3).prop_map(|all| format!("{{ values = [{}] }}", all.join(", "))),
            (inner, value()).prop_map(|(one, value)| format!("{{ any_of = [{one}], equals = {value} }}")),
        ]
    })
}

/// One condition, with its key, which a request pattern may have only once.
fn condition() -> impl Strategy<Value = (String, String)> {
    let keys = [
        "query.q",
        "query.r",
        "headers.X-A",
        "headers.x-b",
        "cookies.c",
        "form.f",
        "host",
        "body",
        "json_path.\"$.j\"",
        "json_path.\"$.k[*]\"",
        "json_path.\"$..b\"",
        "document.\"$.j\"",
        "document.\"$.k\"",
        "xpath.\"/r/j\"",
    ];
    let whole = [
        ("json", "{ j = 'a' }"),
        ("json", "{ j = 1, k = ['a', 1.0] }"),
        ("json", "'{\"j\": null}'"),
        ("json", "{ j = { b = 1, '1x' = 2, \"it's\" = 3 } }"),
        ("json", "1"),
        ("json_includes", "{ j = 'a' }"),
        ("json_includes", "{ j = 1 }"),
        ("json_includes", "{ k = ['a'] }"),
        ("json_includes", "{ j = { b = 1 } }"),
        ("method", "'GET'"),
        ("method", "['GET', 'POST']"),
        ("malformed", "true"),
        ("basic_auth", "{ username = 'a', password = 'ab' }"),
    ];
    prop_oneof![
        5 => (select(keys.to_vec()), matcher()).prop_map(|(key, value)| (key.to_owned(), value)),
        1 => select(whole.to_vec()).prop_map(|(key, value)| (key.to_owned(), value.to_owned())),
    ]
}

/// A stub of one path with at most one other condition, so that most requests match several of them.
fn narrow_stub() -> impl Strategy<Value = String> {
    let keys = vec!["query.q", "headers.X-A", "json_path.\"$.j\"", "document.\"$.j\"", "form.f"];
    let values = || select(VALUES.to_vec());
    let matcher = prop_oneof![
        3 => values().prop_map(str::to_owned),
        2 => vec(values(), 2..6).prop_map(|all| format!("{{ one_of = [{}] }}", all.join(", "))),
        1 => vec(values(), 2..6).prop_map(|all| format!("{{ any_of = [{}] }}", all.join(", "))),
        1 => matcher(),
    ];
    let includes = select(vec!["{ k = ['a'] }", "{ k = ['ab'] }", "{ k = [1] }", "{ k = [true] }", "{ j = 1 }"]);
    prop_oneof![
        4 => (select(keys), matcher).prop_map(|(key, value)| format!("[request]\npath = '/a'\n{key} = {value}\n")),
        1 => includes.prop_map(|part| format!("[request]\npath = '/a'\njson_includes = {part}\n")),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let fixed = [
        "path = '/a'",
        "path = { template = '/A', ignore_case = true }",
        "path = '/{*p}'",
        "path = '/a/{p}'",
        "path = '/a/{*p}'",
        "path.starts_with = '/a'",
        "path.equals = '/a'",
        "path.equals = '/a/1'",
        "",
    ];
    prop_oneof![
        6 => Just("path = '/{p}'".to_owned()),
        4 => select(fixed.to_vec()).prop_map(str::to_owned),
        4 => matcher().prop_map(|value| format!("path = '/{{p}}'\npath_params.p = {value}")),
        1 => matcher().prop_map(|value| format!("path = '/a/{{*p}}'\npath_params.p = {value}")),
    ]
}

/// The table of a request pattern. Of several conditions with one key it has the first.
fn request_table(path: &str, conditions: Vec<(String, String)>) -> String {
    let mut text = format!("[request]\n{path}\n");
    let mut seen = Vec::new();
    for (key, value) in conditions {
        if !seen.contains(&key) {
            let _ = writeln!(text, "{key} = {value}");
            seen.push(key);
        }
    }
    text
}

fn stub() -> impl Strategy<Value = String> {
    let states = ["", "", "", "", "when_state = 'Started'", "when_state = 'on'", "then_state = 'on'"];
    let head =
        (select(&[5, 5, 5, 5, 1, 9][..]), select(states.to_vec()), select(&["", "", "", "on_demand = true"][..]));
    (head, path(), vec(condition(), 0..4)).prop_map(|((priority, state, on_demand), path, conditions)| {
        let head = format!("priority = {priority}\n{state}\n{on_demand}\n");
        head + &request_table(&path, conditions)
    })
}

/// Stubs that share conditions, which are compiled and evaluated only once.
fn stubs_alike() -> impl Strategy<Value = Vec<String>> {
    // Conditions on a placeholder may be equal although the placeholders differ.
    let with_params =
        (subsequence(vec!["/{p}", "/{*p}", "/a/{p}", "/a/{*p}"], 2..=4), matcher()).prop_map(|(templates, value)| {
            let path = |template| format!("path = '{template}'\npath_params.p = {value}");
            templates.into_iter().map(path).collect::<Vec<_>>()
        });
    let paths = prop_oneof![vec(path(), 1..4), with_params];
    (paths, vec(condition(), 1..5)).prop_flat_map(|(paths, conditions)| {
        let most = conditions.len();
        let one = (select(paths), subsequence(conditions, 0..=most))
            .prop_map(|(path, conditions)| request_table(&path, conditions));
        vec(one, 4..30)
    })
}

#[derive(Debug, Clone)]
struct Sent {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
    /// The stub that is armed before the request.
    arm: Option<usize>,
}

fn sent() -> impl Strategy<Value = Sent> {
    let paths =
        ["/a", "/a", "/A", "/1", "/1.0", "/ab", "/a/1", "/a/b/c", "/", "/%61", "/%C3%A9", "/true", "/%FF", "/a/"];
    let values = ["a", "A", "ab", "1", "1.0", "01", "2.5", "true", "TRUE", "", "%C3%89", "0"];
    let query = vec((select(&["q", "r"][..]), select(values.to_vec())), 0..4);
    let plain = ["a", "A", "ab", "1", "1.0", " 1 ", "2.5", "true", "é", "É", ""];
    let names = ["X-A", "x-a", "X-B"];
    let special = [
        ("Cookie", "c=a; c=1"),
        ("Cookie", "d=a"),
        ("Authorization", "Basic YTphYg=="),
        ("Authorization", "Basic YjphYg=="),
        ("Host", "A:80"),
        ("Prefer", "stub=s1"),
        ("Prefer", "stub=s2"),
        ("Content-Type", "application/json"),
        ("Content-Type", "application/xml"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let header = prop_oneof![
        3 => (select(names.to_vec()), select(plain.to_vec())),
        2 => select(special.to_vec()),
    ];
    let bodies = [
        "",
        "a",
        "1",
        "f=a&f=1",
        "{\"j\":\"a\"}",
        "{\"j\":\"A\",\"k\":\"a\"}",
        "{\"j\":1}",
        "{\"j\":1.0,\"k\":[\"a\",1]}",
        "{\"j\":\"1\"}",
        "{\"j\":null}",
        "{\"j\":true,\"k\":[true,\"ab\",\"a\"]}",
        "{\"j\":{\"b\":1}}",
        "{\"j\":{\"b\":1,\"1x\":2,\"it's\":3}}",
        "{\"j\":[1,\"a\"]}",
        "{\"j\":",
        "<r><j>a</j></r>",
        "<r><j>1.0</j><j>A</j><k>1</k></r>",
        "<r><j/>",
    ];
    let arm = proptest::option::weighted(0.2, 0..4_usize);
    (select(&["GET", "POST"][..]), select(paths.to_vec()), query, vec(header, 0..5), select(bodies.to_vec()), arm)
        .prop_map(|(method, path, query, headers, body, arm)| {
            let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            Sent { method, target: format!("{path}?{}", query.join("&")), headers, body, arm }
        })
}

fn request(sent: &Sent) -> Request {
    let headers = sent.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    let head = Head::compose(sent.method, &sent.target, headers);
    Request::new(head, Bytes::from_static(sent.body.as_bytes()), None, AT)
}

/// Returns a scenario whose stubs are named by their number.
fn file(stubs: &[String]) -> String {
    let mut text = String::new();
    for (number, stub) in stubs.iter().enumerate() {
        let stub = stub.replace("[request]", "[stub.request]");
        let _ = writeln!(text, "[[stub]]\nname = 's{number}'\n{stub}");
    }
    text
}

fn engine_of(text: &str) -> Engine {
    let read = read_scenario(text, "set.toml", &NoFiles);
    let (scenario, _) = read.unwrap_or_else(|diagnostics| panic!("{}\n{text}", Diagnostics(diagnostics)));
    let set = StubSet::compile(&[scenario]).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
    Engine::new(Arc::new(set), Settings::default())
}

fn add(engine: &Engine, stub: &str, number: usize) -> Arc<MountedStub> {
    let stub = format!("name = 's{number}'\n{stub}");
    let read = read_stub(&stub, Syntax::Toml, "x", "x", &NoFiles);
    let (stub, _) = read.unwrap_or_else(|diagnostics| panic!("{}\n{stub}", Diagnostics(diagnostics)));
    engine.add(stub).expect("a stub")
}

/// The reference implementation: tries all stubs in order of precedence, with all conditions of each.
#[derive(Default)]
struct Linear {
    /// The stubs of the file, then those that were added.
    stubs: Vec<Arc<MountedStub>>,
    /// The pattern of each stub, compiled separately, by the stub's id.
    patterns: HashMap<String, CompiledPattern>,
    armed: Vec<String>,
    states: HashMap<String, String>,
}

impl Linear {
    fn in_order(&self) -> Vec<&Arc<MountedStub>> {
        let (added, files): (Vec<_>, Vec<_>) = self.stubs.iter().partition(|mounted| mounted.added.is_some());
        let mut all: Vec<_> = added.into_iter().rev().chain(files).collect();
        all.sort_by_key(|mounted| mounted.stub.priority);
        all
    }

    fn compile(&mut self, mounted: &MountedStub) {
        let (request, plain, top) = (&mounted.stub.request, Representation::plain(), KeyPath::top());
        let mut faults = Vec::new();
        let pattern = CompiledPattern::compile(request, None, &plain, &top, &mut faults);
        assert_eq!(faults, []);
        self.patterns.insert(mounted.reference.id.clone(), pattern);
    }

    fn answers(&mut self, request: &Request) -> Option<Arc<MountedStub>> {
        let preferred = request.headers("prefer").next().map(|header| header.replace("stub=", ""));
        let on_demand = |mounted: &&&Arc<MountedStub>| mounted.stub.on_demand;
        let all = self.in_order();
        if let Some(name) = &preferred {
            let mut named = all.iter().filter(on_demand).filter(|mounted| mounted.reference.name == *name).peekable();
            named.peek()?;
            if let Some(mounted) = named.find(|mounted| self.matches(mounted, request)) {
                let mounted = (*mounted).clone();
                return Some(self.advance_state(mounted));
            }
        }
        let armed = all
            .iter()
            .filter(on_demand)
            .find(|mounted| self.armed.contains(&mounted.reference.name) && self.matches(mounted, request))
            .map(|mounted| (*mounted).clone());
        if let Some(mounted) = armed {
            self.armed.retain(|name| *name != mounted.reference.name);
            return Some(self.advance_state(mounted));
        }
        let mounted = (*all.iter().find(|mounted| !mounted.stub.on_demand && self.matches(mounted, request))?).clone();
        Some(self.advance_state(mounted))
    }

    fn matches(&self, mounted: &MountedStub, request: &Request) -> bool {
        let state = self.states.get(&mounted.stub.state_machine).map_or("Started", String::as_str);
        self.patterns[&mounted.reference.id].matches(request, AT).is_some()
            && mounted.stub.when_state.as_ref().is_none_or(|required| required == state)
    }

    fn advance_state(&mut self, mounted: Arc<MountedStub>) -> Arc<MountedStub> {
        if let Some(state) = &mounted.stub.then_state {
            self.states.insert(mounted.stub.state_machine.clone(), state.clone());
        }
        mounted
    }
}

fn ids(stubs: &[Arc<MountedStub>]) -> Vec<&str> {
    stubs.iter().map(|mounted| mounted.reference.id.as_str()).collect()
}

/// Compares an engine with the reference. Some stubs are added later, and some of those are removed again.
fn compare(stubs: &[String], added: &[(String, bool)], requests: &[Sent]) {
    let text = file(stubs);
    let engine = engine_of(&text);
    let mut linear = Linear { stubs: engine.stubs().stubs().to_vec(), ..Linear::default() };
    linear.stubs.sort_by_key(|mounted| mounted.stub.place.index);
    linear.stubs.clone().iter().for_each(|mounted| linear.compile(mounted));
    for (number, (stub, is_removed)) in added.iter().enumerate() {
        let mounted = add(&engine, stub, stubs.len() + number);
        if *is_removed {
            engine.remove(&mounted.reference.id);
        } else {
            linear.compile(&mounted);
            linear.stubs.push(mounted);
        }
    }
    let ordered: Vec<_> = linear.in_order().into_iter().cloned().collect();
    assert_eq!(ids(engine.stubs().stubs()), ids(&ordered));

    for sent in requests {
        if let Some(name) = sent.arm.map(|number| format!("s{number}"))
            && engine.arm(&name, 1).is_ok()
            && !linear.armed.contains(&name)
        {
            linear.armed.push(name);
        }
        let request = request(sent);
        let expected = linear.answers(&request);
        let exchange = engine.handle(&request, AT, None);
        let actual = exchange.entry.stub().map(|stub| stub.id.as_str());
        let expected = expected.as_ref().map(|mounted| mounted.reference.id.as_str());
        assert_eq!(actual, expected, "{sent:?}\n{text}\nadded: {added:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_and_a_linear_search_agree(
        stubs in vec(stub(), 1..40),
        added in vec((stub(), any::<bool>()), 0..12),
        requests in vec(sent(), 60),
    ) {
        compare(&stubs, &added, &requests);
    }

    #[test]
    fn they_agree_on_stubs_that_have_conditions_in_common(stubs in stubs_alike(), requests in vec(sent(), 60)) {
        compare(&stubs, &[], &requests);
    }

    #[test]
    fn they_agree_on_many_stubs_of_one_path(
        stubs in vec(narrow_stub(), 5..30),
        added in vec((narrow_stub(), any::<bool>()), 0..30),
        requests in vec(sent(), 80),
    ) {
        let on_path = |sent: Sent| {
            let query = sent.target.split_once('?').map_or("", |(_, query)| query);
            Sent { target: format!("/a?{query}"), ..sent }
        };
        compare(&stubs, &added, &requests.into_iter().map(on_path).collect::<Vec<_>>());
    }
}
