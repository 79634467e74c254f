//! Generators of texts, numbers and JSON.

use cannery::model::{Json, Number};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-zA-Z0-9 \"'\\\\{}$.é]{0,8}", Just("null".to_owned())]
}

pub fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z_]{0,5}"
}

pub fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(|whole| Number::Integer(whole.into())),
        // Eighths, because `serde_json` reads the last digit of longer fractions inexactly.
        any::<i32>().prop_map(|eighths| Number::Float(f64::from(eighths) / 8.0)),
        Just(Number::Float(2.0)),
    ]
}

pub fn json() -> impl Strategy<Value = Json> {
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

/// Entries with names, each name once in any case.
pub fn named<T: std::fmt::Debug>(
    name: impl Strategy<Value = String>,
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<(String, T)>> {
    vec((name, value), 0..3).prop_map(|mut entries| {
        let mut seen = std::collections::HashSet::new();
        entries.retain(|(name, _)| seen.insert(name.to_ascii_lowercase()));
        entries
    })
}

pub fn members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Vec<(String, Json)>> {
    named(text(), value)
}
