//! What holds for every stub and every text: a printed stub reads as it was, and no text makes the reader panic.

#![cfg(feature = "files")]

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use cannery::formats::{
    BodyFiles, Diagnostics, FileFault, NoFiles, SCHEMA, Syntax, print_stub, read_scenario, read_stub,
};
#[cfg(feature = "admin")]
use cannery::formats::{ScenarioHead, write_scenario};
use cannery::model::{
    BasicAuth, Body, BodyCondition, Delay, Delivery, Dribble, Expect, FileBody, Json, JsonType, Matcher, Merge, Number,
    Operator, PartPattern, PathPattern, Place, RegexText, Repeat, RequestPattern, Response, Schema, Stub, StubAnswer,
    WireFault,
};
#[cfg(feature = "admin")]
use cannery::model::{ElementOrder, Representation, XmlForm};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;

/// The only file there is.
struct OneFile;

const FILE: &str = "bodies/a.json";
const CONTENT: &[u8] = b"{}";

impl BodyFiles for OneFile {
    fn read(&self, path: &str) -> Result<Bytes, FileFault> {
        let missing = FileFault { message: "there is no such file".to_owned(), help: None };
        (path == FILE).then(|| Bytes::from_static(CONTENT)).ok_or(missing)
    }

    fn under(&self, _: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
        Ok(Vec::new())
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-zA-Z0-9 \"'\\\\{}$.é]{0,8}", Just("null".to_owned())]
}

fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z_]{0,5}"
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(|whole| Number::Integer(whole.into())),
        // Eighths, since `serde_json` reads the last digit of longer fractions inexactly.
        any::<i32>().prop_map(|eighths| Number::Float(f64::from(eighths) / 8.0)),
        Just(Number::Float(2.0)),
    ]
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        number().prop_map(Json::Number),
        text().prop_map(Json::String),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![vec(inner.clone(), 0..3).prop_map(Json::Array), members(inner).prop_map(Json::Object)]
    })
}

/// Entries by name, each name once.
fn named<T: std::fmt::Debug>(
    name: impl Strategy<Value = String>,
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<(String, T)>> {
    vec((name, value), 0..3).prop_map(|mut entries| {
        let mut seen = std::collections::HashSet::new();
        entries.retain(|(name, _)| seen.insert(name.to_ascii_lowercase()));
        entries
    })
}

fn members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Vec<(String, Json)>> {
    named(text(), value)
}

/// A matcher as a file can write it: an operator once, `ignore_case` beside text, bare texts in its own case.
fn matcher() -> impl Strategy<Value = Matcher> {
    let bare = prop_oneof![
        text().prop_map(Matcher::equals),
        number().prop_map(|number| Matcher::equals(Json::Number(number))),
        any::<bool>().prop_map(Matcher::equals),
    ];
    let leaf = prop_oneof![bare, (operator(), any::<bool>()).prop_map(|(operator, case)| table(vec![operator], case))];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let several = || vec(inner.clone(), 1..3);
        let nested = prop_oneof![
            several().prop_map(Operator::Includes),
            several().prop_map(Operator::Values),
            several().prop_map(Operator::AnyOf),
            several().prop_map(Operator::AllOf),
            inner.clone().prop_map(|inner| Operator::Not(Box::new(inner))),
            inner.clone().prop_map(|inner| Operator::Len(Box::new(countable(inner)))),
            (text(), inner.clone())
                .prop_map(|(path, inner)| Operator::Holds(BodyCondition::JsonPath(path.into(), inner))),
            (text(), inner.clone())
                .prop_map(|(path, inner)| Operator::Holds(BodyCondition::Document(path.into(), inner))),
            (text(), inner.clone(), namespaces())
                .prop_map(|(path, inner, spaces)| Operator::Holds(BodyCondition::XPath(path.into(), inner, spaces))),
        ];
        (vec(prop_oneof![operator(), nested], 1..4), any::<bool>()).prop_map(|(all, case)| table(all, case))
    })
}

fn table(operators: Vec<Operator>, ignore_case: bool) -> Matcher {
    let mut kept: Vec<Operator> = Vec::new();
    for operator in operators {
        if !kept.iter().any(|other| same_key(other, &operator)) {
            kept.push(operator);
        }
    }
    let acts = ignore_case && kept.iter().any(is_on_text);
    let mut matcher = Matcher::default();
    (matcher.operators, matcher.ignore_case) = (kept, acts);
    matcher
}

fn same_key(a: &Operator, b: &Operator) -> bool {
    match (a, b) {
        (Operator::Holds(a), Operator::Holds(b)) => std::mem::discriminant(a) == std::mem::discriminant(b),
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

fn is_on_text(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Equals(Json::String(_))
            | Operator::Contains(_)
            | Operator::StartsWith(_)
            | Operator::EndsWith(_)
            | Operator::Matches(_)
    )
}

/// A length is compared with numbers that are not negative, or by a table.
fn countable(matcher: Matcher) -> Matcher {
    match matcher.operators.as_slice() {
        [Operator::Equals(Json::Number(Number::Integer(whole)))] if *whole < 0 => Matcher::equals(0_i64),
        _ => matcher,
    }
}

fn operator() -> impl Strategy<Value = Operator> {
    prop_oneof![
        json().prop_map(Operator::Equals),
        text().prop_map(Operator::Contains),
        text().prop_map(Operator::StartsWith),
        text().prop_map(Operator::EndsWith),
        text().prop_map(|text| Operator::Matches(text.into())),
        vec(json(), 1..3).prop_map(Operator::OneOf),
        any::<bool>().prop_map(Operator::Present),
        select(JsonType::NAMES.to_vec()).prop_map(|(_, of)| Operator::Type(of)),
        number().prop_map(Operator::Gt),
        number().prop_map(Operator::Le),
        text().prop_map(Operator::Before),
        json().prop_map(|json| Operator::Holds(BodyCondition::Json(json))),
        schema().prop_map(|schema| Operator::Holds(BodyCondition::JsonSchema(schema))),
    ]
}

fn schema() -> impl Strategy<Value = Schema> {
    prop_oneof![
        Just(Schema { file: Some(FILE.to_owned()), schema: Json::Object(Vec::new()) }),
        members(json()).prop_map(|members| Schema { file: None, schema: Json::Object(members) }),
    ]
}

fn namespaces() -> impl Strategy<Value = Vec<(String, String)>> {
    named(word(), word())
}

/// Conditions as a request holds them: those of one key together, all XPaths with the same prefixes.
fn holds(document: bool) -> impl Strategy<Value = Vec<BodyCondition>> {
    let by_path = || named(text(), matcher());
    let parts =
        (option::of(json()), option::of(schema()), option::of(word()), by_path(), by_path(), by_path(), namespaces());
    parts.prop_map(move |(json, schema, xml, json_paths, xpaths, documents, namespaces)| {
        let mut holds: Vec<BodyCondition> = Vec::new();
        holds.extend(json.map(BodyCondition::JsonIncludes));
        holds.extend(schema.map(BodyCondition::JsonSchema));
        holds.extend(xml.map(BodyCondition::Xml));
        holds.extend(json_paths.into_iter().map(|(path, asked)| BodyCondition::JsonPath(path.into(), asked)));
        holds.extend(
            xpaths.into_iter().map(|(path, asked)| BodyCondition::XPath(path.into(), asked, namespaces.clone())),
        );
        if document {
            holds.extend(documents.into_iter().map(|(path, asked)| BodyCondition::Document(path.into(), asked)));
        }
        holds
    })
}

fn path() -> impl Strategy<Value = PathPattern> {
    prop_oneof![
        any::<bool>()
            .prop_map(|ignore_case| PathPattern::Template { template: "/a/{id}/{*rest}".to_owned(), ignore_case }),
        matcher().prop_map(PathPattern::Matcher),
    ]
}

fn part() -> impl Strategy<Value = PartPattern> {
    (option::of(matcher()), named("[A-Z][a-z-]{0,3}", matcher()), option::of(matcher()), holds(false)).prop_map(
        |(filename, headers, body, holds)| {
            let mut part = PartPattern::default();
            (part.filename, part.headers, part.body, part.holds) = (filename, headers, body, holds);
            part
        },
    )
}

fn request() -> impl Strategy<Value = RequestPattern> {
    let first = (
        option::of(vec(select(vec!["GET".to_owned(), "POST".to_owned(), "PURGE".to_owned()]), 1..3)),
        option::of(path()),
        option::of(matcher()),
        named(text(), matcher()),
        named("[A-Z][a-z-]{0,3}", matcher()),
        option::of((matcher(), matcher())),
    );
    let second =
        (named(text(), part()), option::of(matcher()), option::of(matcher()), holds(true), option::of(any::<bool>()));
    (first, second).prop_map(|((method, path, id, query, headers, auth), (multipart, host, body, holds, malformed))| {
        let has_id = matches!(path, Some(PathPattern::Template { .. }));
        RequestPattern {
            method,
            path,
            path_params: id.into_iter().filter(|_| has_id).map(|id| ("id".to_owned(), id)).collect(),
            cookies: query.clone(),
            query,
            headers,
            basic_auth: auth.map(|(username, password)| BasicAuth { username, password }),
            host,
            multipart,
            body,
            holds,
            malformed,
            ..RequestPattern::default()
        }
    })
}

fn delay() -> impl Strategy<Value = Delay> {
    let long = || (0_u64..3_600_000_000_000).prop_map(Duration::from_nanos);
    prop_oneof![
        long().prop_map(Delay::Fixed),
        (long(), long()).prop_map(|(a, b)| Delay::Uniform(a.min(b), a.max(b))),
        (1_u64..1000, (0_u8..80).prop_map(|eighths| f64::from(eighths) / 8.0))
            .prop_map(|(median, sigma)| Delay::Lognormal { median: Duration::from_millis(median), sigma }),
    ]
}

fn body() -> impl Strategy<Value = Body> {
    let file = FileBody { path: FILE.to_owned(), files: vec![(FILE.to_owned(), Bytes::from_static(CONTENT))] };
    prop_oneof![
        json().prop_map(Body::Json),
        json().prop_map(Body::Document),
        text().prop_map(Body::Text),
        text().prop_map(Body::Xml),
        vec(any::<u8>(), 0..9).prop_map(|bytes| Body::Base64(bytes.into())),
        Just(Body::File(file)),
    ]
}

fn response() -> impl Strategy<Value = Response> {
    let headers = named("[A-Z][a-z]{0,4}-X", vec(text(), 1..3));
    let parts = (
        option::of(200_u16..=999),
        option::of(text()),
        headers,
        option::of(body()),
        option::of(delay()),
        option::of(delivery()),
        any::<bool>(),
    );
    parts.prop_map(|(status, reason, headers, body, delay, delivery, on)| {
        // Where no response is sent a file cannot write one.
        if matches!(delivery, Some(Delivery::Fault(fault)) if !fault.sends_response()) {
            return unsent(delay, delivery);
        }
        let has_dribble = matches!(delivery, Some(Delivery::Dribble(_)));
        let is_dribble_in_vain = has_dribble && body.as_ref().is_none_or(is_empty);
        let mut response = Response::default();
        (response.status, response.reason, response.headers, response.body) = (status, reason, headers, body);
        response.delay = delay;
        response.delivery = delivery.filter(|_| !is_dribble_in_vain);
        response.template(on)
    })
}

/// A response of which nothing is sent.
fn unsent(delay: Option<Delay>, delivery: Option<Delivery>) -> Response {
    let mut response = Response::default();
    (response.delay, response.delivery) = (delay, delivery);
    response.template(true)
}

fn is_empty(body: &Body) -> bool {
    match body {
        Body::Text(text) | Body::Xml(text) => text.is_empty(),
        Body::Base64(bytes) => bytes.is_empty(),
        _ => false,
    }
}

fn delivery() -> impl Strategy<Value = Delivery> {
    let dribble = (1..=Dribble::MAX_CHUNKS, 0_u64..3_600_000_000_000)
        .prop_map(|(chunks, over)| Dribble { chunks, over: Duration::from_nanos(over) });
    prop_oneof![
        dribble.prop_map(Delivery::Dribble),
        select(WireFault::NAMES.to_vec()).prop_map(|(_, fault)| Delivery::Fault(fault)),
    ]
}

fn expect() -> impl Strategy<Value = Expect> {
    (any::<u32>(), option::of(any::<u32>())).prop_map(|(one, other)| {
        let (min, max) = (other.map_or(one, |other| one.min(other)), other.map(|other| one.max(other)));
        let mut expect = Expect::exactly(min.into());
        expect.max = max.map(u64::from);
        expect
    })
}

fn merge() -> impl Strategy<Value = Merge> {
    let members = named("[A-Z][a-z]{0,4}", json());
    (option::of(200_u16..=999), members).prop_map(|(status, members)| Merge { status, members })
}

fn batch() -> impl Strategy<Value = StubAnswer> {
    let cases = vec((matcher(), any::<bool>(), json()), 1..3);
    let frame = (response(), option::of(members(json())));
    (word(), option::of(word()), cases, option::of(merge()), frame).prop_map(
        |(items, captures, cases, merged, frame)| {
            let last = cases.len() - 1;
            let case = |(place, (item, failed, result))| {
                let mut case = cannery::case(&result);
                (case.item, case.failed, case.result) = (Some(item).filter(|_| place != last), failed, result);
                case
            };
            let cases = cases.into_iter().enumerate().map(case).collect();
            let is_sent = frame.0.delivery.and_then(Delivery::fault).is_none_or(WireFault::sends_response);
            let document = frame.1.filter(|_| is_sent).map(|members| Body::Document(Json::Object(members)));
            let mut frame = frame.0;
            frame.body = document;
            let mut batch = cannery::batch(items.clone(), items);
            (batch.captures, batch.cases) = (captures.map(RegexText::from), cases);
            (batch.some_failed, batch.none_failed) = (merged.clone(), merged);
            StubAnswer::Batch(batch, frame)
        },
    )
}

fn answer() -> impl Strategy<Value = StubAnswer> {
    prop_oneof![
        response().prop_map(StubAnswer::Response),
        (vec(response(), 1..3), select(vec![Repeat::Last, Repeat::Cycle]))
            .prop_map(|(all, repeat)| StubAnswer::Responses(all, repeat)),
        batch(),
    ]
}

fn stub() -> impl Strategy<Value = Stub> {
    let called = (any::<bool>(), option::of(expect()));
    (option::of(word()), any::<i64>(), option::of(word()), word(), called, request(), answer()).prop_map(
        |(name, priority, state, state_machine, (on_demand, expect), request, answer)| Stub {
            on_demand: on_demand && name.is_some(),
            expect,
            name,
            priority,
            when_state: state.clone(),
            then_state: state,
            state_machine,
            request,
            answer,
            place: Place::default(),
        },
    )
}

#[cfg(feature = "admin")]
fn plain_stub(request: RequestPattern, answer: StubAnswer) -> Stub {
    Stub {
        name: None,
        priority: Stub::DEFAULT_PRIORITY,
        when_state: None,
        then_state: None,
        state_machine: "m".to_owned(),
        on_demand: false,
        expect: None,
        request,
        answer,
        place: Place::default(),
    }
}

/// Names are unique in a file.
#[cfg(feature = "admin")]
fn with_names_of_their_own(stubs: Vec<Stub>) -> Vec<Stub> {
    let numbered = stubs.into_iter().enumerate();
    numbered.map(|(number, stub)| Stub { name: stub.name.map(|name| format!("{name} {number}")), ..stub }).collect()
}

/// Whatever may stand in a string, what a terminal obeys among it.
#[cfg(feature = "admin")]
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a\"'\\\\ \n\r\t\u{0}\u{1b}\u{7f}\u{9b}\u{202e}\u{2028}é👋=#.\\[{]{0,12}"]
}

#[cfg(feature = "admin")]
fn representation() -> impl Strategy<Value = Representation> {
    let order = prop_oneof![
        Just(ElementOrder::AsWritten),
        Just(ElementOrder::Ordinal),
        named(word(), vec(word(), 0..3)).prop_map(ElementOrder::Given),
    ];
    let names = || named("[a-w][a-z]{0,3}", word());
    let xml =
        (word(), option::of(word()), names(), names(), order).prop_map(|(root, namespace, prefixes, lists, order)| {
            let mut form = XmlForm::new(root).order(order);
            (form.namespace, form.prefixes, form.lists) = (namespace, prefixes, lists);
            form
        });
    (option::of(word()), option::of(xml)).prop_map(|(parameter, xml)| {
        let mut representation = Representation::default();
        (representation.parameter, representation.xml) = (parameter, xml);
        representation
    })
}

const VALID: &str = include_str!("formats_valid.toml");

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = Json::parse(SCHEMA.as_bytes()).expect("JSON").to_serde();
    jsonschema::validator_for(&schema).expect("a JSON Schema")
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_stub_reads_as_it_was(stub in stub()) {
        let printed = print_stub(&stub).to_string();

        let read = read_stub(&printed, Syntax::Json, "printed", "another", &OneFile);

        let read = read.map(|(read, _)| Stub { place: Place::default(), ..read });
        prop_assert_eq!(read, Ok(stub), "{}", printed);
    }

    #[cfg(feature = "admin")]
    #[test]
    fn stubs_written_as_toml_read_as_they_were(stubs in vec(stub(), 1..4), form in representation(), state in option::of(word())) {
        let stubs = with_names_of_their_own(stubs);
        let machine = stubs[0].state_machine.clone();
        let head = ScenarioHead { name: &machine, initial_state: state.as_deref().unwrap_or("Started"), representation: &form };

        let written = write_scenario(head, &stubs.iter().collect::<Vec<_>>());

        match written {
            Err(unwritable) => {
                let printed: String = stubs.iter().map(|stub| print_stub(stub).to_string()).collect();
                prop_assert_eq!(&unwritable.reason, "a TOML value must not be null", "{}", unwritable.at);
                prop_assert!(printed.contains("null"), "{}", printed);
            }
            Ok(text) => {
                #[cfg(feature = "check")]
                prop_assert_eq!(cannery::formats::format_scenario(text.clone().into_bytes(), "a.toml").expect("TOML"), text.clone());
                let (scenario, _) = read_scenario(&text, "a.toml", &OneFile).map_err(|told| format!("{}\n{text}", Diagnostics(told))).expect("a scenario");
                let read: Vec<Stub> = scenario.stubs.iter().map(|stub| Stub { place: Place::default(), ..(**stub).clone() }).collect();
                prop_assert_eq!(read, stubs, "{}", text);
                prop_assert_eq!(scenario.name, machine);
                prop_assert_eq!(scenario.initial_state, state.unwrap_or_else(|| "Started".to_owned()));
                prop_assert_eq!(&*scenario.representation, &form);
            }
        }
    }

    #[cfg(feature = "admin")]
    #[test]
    fn every_text_is_written_as_toml_and_shows_nothing_that_a_terminal_obeys(
        name in any_text(),
        text in any_text(),
        long in "[a-z\"'\\\\\n]{90,140}",
    ) {
        let body = Json::from([(name.as_str(), Json::from(text.as_str())), ("long", Json::from(long.as_str()))]);
        let members = Json::Object([(name.clone(), Json::Null), ("long".to_owned(), Json::from(long.as_str()))].into());
        for body in [Body::Json(body.clone()), Body::Document(members), Body::Text(text.clone()), Body::Xml(long.clone())] {
            let mut response = Response::default().template(false);
            response.body = Some(body);
            let request = RequestPattern { query: vec![(name.clone(), Matcher::equals(text.as_str()))], ..RequestPattern::default() };
            let stub = plain_stub(request, StubAnswer::Responses(vec![response.clone(), response], Repeat::Last));
            let form = Representation::default();

            let head = ScenarioHead { name: "m", initial_state: "Started", representation: &form };
            let written = write_scenario(head, &[&stub]).expect("it can be written");

            prop_assert!(!written.chars().any(|c| c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}')), "{:?}", written);
            let (scenario, _) = read_scenario(&written, "a.toml", &OneFile).map_err(|told| format!("{}\n{written}", Diagnostics(told))).expect("a scenario");
            prop_assert_eq!(&Stub { place: Place::default(), ..(*scenario.stubs[0]).clone() }, &stub, "{}", written);
        }
    }

    #[test]
    fn what_the_reader_takes_is_valid_by_the_schema(stub in stub()) {
        let file = Json::from([("stub", Json::Array(vec![print_stub(&stub)]))]).to_serde();

        let fault = VALIDATOR.validate(&file).err().map(|fault| fault.to_string());
        prop_assert_eq!(fault, None, "{}", file);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*", syntax in select(vec![Syntax::Toml, Syntax::Json])) {
        let _ = read_scenario(&text, "f.toml", &NoFiles).map_err(|told| Diagnostics(told).render(true));
        let _ = read_stub(&text, syntax, "f", "m", &NoFiles);
    }

    #[test]
    fn no_damage_makes_the_reader_panic(cut in 0..VALID.len(), length in 0_usize..40, put in "[\\[\\]{}=.\"'\na-zé0-9#,-]{0,12}") {
        let mut text = VALID.to_owned();
        let boundary = |place: usize| (0..=place.min(VALID.len())).rev().find(|place| VALID.is_char_boundary(*place));
        text.replace_range(boundary(cut).unwrap_or(0)..boundary(cut + length).unwrap_or(0), &put);

        let _ = read_scenario(&text, "f.toml", &NoFiles).map_err(|told| Diagnostics(told).render(false));
    }

    #[test]
    fn no_misplaced_value_makes_the_reader_panic(
        key in select(vec!["name", "request", "response.headers", "stub", "request.path", "example", "request.json_path", "stub.batch"]),
        value in select(vec!["1", "''", "[]", "{}", "[{}]", "{ a = {} }", "2031-01-01", "inf", "true", "[[1]]", "{ len = {} }"]),
    ) {
        for text in [format!("{key} = {value}"), format!("[[stub]]\n{key} = {value}"), format!("[[example]]\n{key} = {value}")] {
            let _ = read_scenario(&text, "f.toml", &NoFiles).map_err(|told| Diagnostics(told).render(false));
        }
    }
}

/// Whatever file a scenario names.
#[cfg(feature = "admin")]
struct AnyFile;

#[cfg(feature = "admin")]
impl BodyFiles for AnyFile {
    fn read(&self, _: &str) -> Result<Bytes, FileFault> {
        Ok(Bytes::from_static(CONTENT))
    }

    fn under(&self, folder: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
        Ok(vec![(format!("{folder}a.json"), Bytes::from_static(CONTENT))])
    }
}

/// The texts of the files below a folder whose names end so, with their paths.
#[cfg(feature = "admin")]
fn texts_below(folder: &str, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.to_str().expect("a name").to_owned();
        if path.is_dir() {
            texts_below(&name, ending, found);
        } else if name.ends_with(ending) {
            found.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
}

/// An answer without what the defaults of its file give it and a fault keeps from being sent.
#[cfg(feature = "admin")]
fn sent_of(answer: &StubAnswer) -> StubAnswer {
    let sent = |response: &Response| match response.delivery {
        Some(Delivery::Fault(fault)) if !fault.sends_response() => unsent(response.delay, response.delivery),
        _ => response.clone(),
    };
    match answer {
        StubAnswer::Response(response) => StubAnswer::Response(sent(response)),
        StubAnswer::Responses(all, repeat) => StubAnswer::Responses(all.iter().map(sent).collect(), *repeat),
        StubAnswer::Batch(batch, frame) => StubAnswer::Batch(batch.clone(), sent(frame)),
    }
}

/// The scenarios that a page shows.
#[cfg(feature = "admin")]
fn fences(page: &str) -> impl Iterator<Item = &str> {
    page.split("\n```toml ").skip(1).filter_map(|after| after.split_once('\n')?.1.split("\n```").next())
}

#[cfg(feature = "admin")]
#[test]
fn every_scenario_of_the_repository_written_again_is_the_same() {
    let mut texts = vec![("tests/formats_valid.toml".to_owned(), VALID.to_owned())];
    texts_below("scenarios", ".toml", &mut texts);
    texts_below("tests/warnings", ".toml", &mut texts);
    let mut pages = Vec::new();
    texts_below("docs", ".md", &mut pages);
    for (name, page) in &pages {
        texts.extend(fences(page).map(|fence| (name.clone(), fence.to_owned())));
    }
    let mut written = 0;
    for (name, text) in texts {
        let Ok((scenario, _)) = read_scenario(&text, "a.toml", &AnyFile) else { continue };
        let stubs: Vec<&Stub> = scenario.stubs.iter().map(|stub| &**stub).collect();
        let head = ScenarioHead {
            name: &scenario.name,
            initial_state: &scenario.initial_state,
            representation: &scenario.representation,
        };

        let again = write_scenario(head, &stubs).unwrap_or_else(|unwritable| panic!("{name}: {unwritable}"));

        let (read, _) = read_scenario(&again, "a.toml", &AnyFile)
            .unwrap_or_else(|told| panic!("{name}: {}\n{again}", Diagnostics(told)));
        let placeless = |stub: &Stub| Stub { place: Place::default(), answer: sent_of(&stub.answer), ..stub.clone() };
        let read_stubs: Vec<Stub> = read.stubs.iter().map(|stub| placeless(stub)).collect();
        assert_eq!(read_stubs, stubs.into_iter().map(placeless).collect::<Vec<_>>(), "{name}:\n{again}");
        assert_eq!((&read.name, &read.initial_state), (&scenario.name, &scenario.initial_state));
        assert_eq!(read.representation, scenario.representation, "{name}:\n{again}");
        written += 1;
    }
    assert!(written >= 60, "only {written} scenarios");
}
