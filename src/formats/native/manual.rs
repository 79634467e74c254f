//! Tests that the manual has a row and an example for every key.
//!
//! The keys are found by reading the manual's own examples: each table in them records its possible keys. The keys of a
//! nested table are found because some example has that table.

use std::collections::BTreeSet;

use crate::formats::NoFiles;
use crate::formats::table_reader::recorded_keys;

use super::{matcher, read_scenario};

const MANUAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/format.md");

/// Returns the scenarios of the manual.
fn examples(manual: &str) -> Vec<String> {
    let fences = manual.split("```toml").skip(1);
    fences.filter_map(|fence| Some(fence.split_once('\n')?.1.split_once("\n```")?.0.to_owned() + "\n")).collect()
}

/// Returns the code in the first columns of the manual's tables.
fn rows(manual: &str) -> BTreeSet<String> {
    let firsts = manual.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let codes = firsts.flat_map(|first| first.split('`').skip(1).step_by(2));
    codes.flat_map(|code| code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')).map(str::to_owned).collect()
}

#[test]
fn every_key_of_the_format_has_a_row_and_an_example_in_the_manual() {
    let manual = std::fs::read_to_string(MANUAL).expect("the manual");
    let examples = examples(&manual);
    for example in &examples {
        drop(read_scenario(example, "scenarios/example.toml", &NoFiles));
    }

    let recorded = recorded_keys::take();
    let unused: Vec<_> = recorded.known.difference(&recorded.given).collect();
    let rows = rows(&manual);
    let unlisted: Vec<_> = recorded.known.iter().filter(|(what, key)| !rows.contains(key) && !in_a_row(what)).collect();

    assert!(recorded.known.len() > 80, "only {} keys", recorded.known.len());
    assert!(unused.is_empty(), "no example of the manual has {unused:?}");
    assert!(unlisted.is_empty(), "no row of the manual has {unlisted:?}");
}

#[test]
fn every_operator_has_a_row_and_an_example_in_the_manual() {
    let manual = std::fs::read_to_string(MANUAL).expect("the manual");
    let (examples, rows) = (examples(&manual).concat(), rows(&manual));

    for key in matcher::keys() {
        assert!(rows.contains(key), "no row of the manual has `{key}`");
        let is_used = [format!("{key} = "), format!("{key}.")].iter().any(|used| examples.contains(used.as_str()));
        assert!(is_used, "no example of the manual has `{key}`");
    }
}

/// Returns whether the row of a table's own key describes all of its keys.
fn in_a_row(what: &str) -> bool {
    matches!(what, "a part" | "`basic_auth`" | "an example's request" | "an example's response")
}
