//! What a user's own code does with crates that Cannery uses too.

use serde_json::{Map, Value};

/// The names of an object's members, in the order of the map.
pub fn names(json: &str) -> Vec<String> {
    let map: Map<String, Value> = serde_json::from_str(json).expect("an object");
    map.keys().cloned().collect()
}

/// A number as it is written again.
pub fn number(json: &str) -> String {
    serde_json::from_str::<Value>(json).expect("a number").to_string()
}
