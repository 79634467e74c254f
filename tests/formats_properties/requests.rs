//! Generators of matchers and request patterns.

use cannery::model::{
    BasicAuth, BodyCondition, Json, JsonType, Matcher, Number, Operator, PartPattern, PathPattern, RequestPattern,
    Schema,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use super::FILE;
use super::values::{json, members, named, number, text, word};

/// A matcher that a file can express: each operator once, and `ignore_case` only beside an operator on text.
pub fn matcher() -> impl Strategy<Value = Matcher> {
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
            inner.clone().prop_map(|inner| Operator::Len(Box::new(without_negative_length(inner)))),
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

/// Replaces a negative length, which a file cannot express, by 0.
fn without_negative_length(matcher: Matcher) -> Matcher {
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

/// Body conditions in the order of a request pattern: those of one key together, all XPaths with the same prefixes.
fn body_conditions(document: bool) -> impl Strategy<Value = Vec<BodyCondition>> {
    let by_path = || named(text(), matcher());
    let parts =
        (option::of(json()), option::of(schema()), option::of(word()), by_path(), by_path(), by_path(), namespaces());
    parts.prop_map(move |(json, schema, xml, json_paths, xpaths, documents, namespaces)| {
        let mut conditions: Vec<BodyCondition> = Vec::new();
        conditions.extend(json.map(BodyCondition::JsonIncludes));
        conditions.extend(schema.map(BodyCondition::JsonSchema));
        conditions.extend(xml.map(BodyCondition::Xml));
        conditions.extend(json_paths.into_iter().map(|(path, matcher)| BodyCondition::JsonPath(path.into(), matcher)));
        conditions.extend(
            xpaths.into_iter().map(|(path, matcher)| BodyCondition::XPath(path.into(), matcher, namespaces.clone())),
        );
        if document {
            conditions
                .extend(documents.into_iter().map(|(path, matcher)| BodyCondition::Document(path.into(), matcher)));
        }
        conditions
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
    (option::of(matcher()), named("[A-Z][a-z-]{0,3}", matcher()), option::of(matcher()), body_conditions(false))
        .prop_map(|(filename, headers, body, holds)| {
            let mut part = PartPattern::default();
            (part.filename, part.headers, part.body, part.holds) = (filename, headers, body, holds);
            part
        })
}

pub fn request() -> impl Strategy<Value = RequestPattern> {
    let first = (
        option::of(vec(select(vec!["GET".to_owned(), "POST".to_owned(), "PURGE".to_owned()]), 1..3)),
        option::of(path()),
        option::of(matcher()),
        named(text(), matcher()),
        named("[A-Z][a-z-]{0,3}", matcher()),
        option::of((matcher(), matcher())),
    );
    let second = (
        named(text(), part()),
        option::of(matcher()),
        option::of(matcher()),
        body_conditions(true),
        option::of(any::<bool>()),
    );
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
