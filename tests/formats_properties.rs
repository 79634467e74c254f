//! What holds for every stub and every text: a printed stub reads as it was, and no text makes the reader panic.

#![cfg(feature = "files")]

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use cannery::formats::{
    BodyFiles, Diagnostics, FileFault, NoFiles, SCHEMA, Syntax, print_stub, read_scenario, read_stub,
};
use cannery::model::{
    BasicAuth, Batch, BatchCase, Body, BodyCondition, Delay, Delivery, Dribble, Expect, FileBody, Json, JsonType,
    Matcher, Merge, Number, Operator, PartPattern, PathPattern, Place, RegexText, Repeat, RequestPattern, Response,
    Schema, Stub, StubAnswer, WireFault,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest};
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
    Matcher { operators: kept, ignore_case: acts }
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
    (option::of(matcher()), named("[A-Z][a-z-]{0,3}", matcher()), option::of(matcher()), holds(false))
        .prop_map(|(filename, headers, body, holds)| PartPattern { filename, headers, body, holds })
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
        let template = Some(on);
        match delivery {
            // Where no response is sent a file cannot write one.
            Some(Delivery::Fault(fault)) if !fault.sends_response() => {
                Response { delay, delivery, template: Some(true), ..Response::default() }
            }
            Some(Delivery::Dribble(_)) if body.as_ref().is_none_or(is_empty) => {
                Response { status, reason, headers, body, delay, delivery: None, template }
            }
            _ => Response { status, reason, headers, body, delay, delivery, template },
        }
    })
}

fn is_empty(body: &Body) -> bool {
    match body {
        Body::Text(text) | Body::Xml(text) => text.is_empty(),
        Body::Base64(bytes) => bytes.is_empty(),
        _ => false,
    }
}

fn delivery() -> impl Strategy<Value = Delivery> {
    let dribble = (1..=Dribble::MOST_CHUNKS, 0_u64..3_600_000_000_000)
        .prop_map(|(chunks, over)| Dribble { chunks, over: Duration::from_nanos(over) });
    prop_oneof![
        dribble.prop_map(Delivery::Dribble),
        select(WireFault::NAMES.to_vec()).prop_map(|(_, fault)| Delivery::Fault(fault)),
    ]
}

fn expect() -> impl Strategy<Value = Expect> {
    (any::<u32>(), option::of(any::<u32>())).prop_map(|(one, other)| {
        let (min, max) = (other.map_or(one, |other| one.min(other)), other.map(|other| one.max(other)));
        Expect { min: min.into(), max: max.map(u64::from) }
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
            let case = |(place, (item, failed, result))| BatchCase {
                item: Some(item).filter(|_| place != last),
                failed,
                result,
            };
            let cases = cases.into_iter().enumerate().map(case).collect();
            let is_sent = frame.0.delivery.and_then(Delivery::fault).is_none_or(WireFault::sends_response);
            let document = frame.1.filter(|_| is_sent).map(|members| Body::Document(Json::Object(members)));
            let frame = Response { body: document, ..frame.0 };
            let batch = Batch {
                results: items.clone(),
                items: items.into(),
                captures: captures.map(RegexText::from),
                cases,
                some_failed: merged.clone(),
                all_failed: None,
                none_failed: merged,
            };
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
