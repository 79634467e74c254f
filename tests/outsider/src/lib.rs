//! A user's own code with crates that Cannery uses too.

use serde_json::{Map, Value};

/// Returns the names of an object's members, in the order of the map.
pub fn names(json: &str) -> Vec<String> {
    let map: Map<String, Value> = serde_json::from_str(json).expect("an object");
    map.keys().cloned().collect()
}

/// Parses a number and formats it again.
pub fn number(json: &str) -> String {
    serde_json::from_str::<Value>(json).expect("a number").to_string()
}
