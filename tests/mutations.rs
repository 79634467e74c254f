//! A change to any key of a shipped scenario is noticed.
//!
//! Each key in turn is dropped, renamed, and given a value of another type. Then either `check` must report a
//! line of the file, or an example must fail. If neither happens, [`HARMLESS`] has the reason.

#![cfg(all(feature = "admin", feature = "check", feature = "gzip", feature = "templates", feature = "xpath"))]
#![allow(missing_docs)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use cannery::check::{load, play_all};
use regex::Regex;
use support::{Folder, repository};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// Changes that need not be noticed: a regular expression for the keys, the change, and the reason.
const HARMLESS: &[(&str, Change, &str)] = &[
    (r"^description$|^source$", Dropped, "it is for people"),
    (r"^stub\[\d+\]\.name$", Dropped, "no example names the stub, which gets a name by its place"),
    (r"^example$|^example\[\d+\]\.", Dropped, "an example that expects less passes as well"),
    (
        r"^example\[\d+\]\.request\.",
        Renamed,
        "the example's answer is the same: it depends on another part of the request",
    ),
    (
        r"^example\[\d+\]\.request\.",
        Retyped,
        "the example's answer is the same: it depends on another part of the request",
    ),
    (r"^representation\.xml\.prefixes(\.i)?$", Dropped, "XML is the same with or without unused prefixes"),
    (r"^representation\.xml\.prefixes\.i$", Renamed, "XML is the same with other names of prefixes"),
    (r"^stub\[0\]\.responses\[2\]\.status$", Dropped, "it is 200, which is the default"),
    (r"^stub\[0\]\.response\.delay$", Dropped, "examples do not wait"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Dropped,
    Renamed,
    Retyped,
}

use Change::{Dropped, Renamed, Retyped};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Place(usize),
}

/// Returns the path of every key of a document.
fn keys(item: &Item) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    walk(item, &mut Vec::new(), &mut found);
    found
}

fn walk(item: &Item, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    if let Some(table) = item.as_table_like() {
        for (key, inner) in table.iter() {
            path.push(Step::Key(key.to_owned()));
            found.push(path.clone());
            walk(inner, path, found);
            path.pop();
        }
    }
    let inner: Vec<Item> = match item {
        Item::ArrayOfTables(tables) => tables.iter().map(|table| Item::Table(table.clone())).collect(),
        Item::Value(Value::Array(values)) => values.iter().map(|value| Item::Value(value.clone())).collect(),
        _ => Vec::new(),
    };
    for (place, inner) in inner.iter().enumerate() {
        path.push(Step::Place(place));
        walk(inner, path, found);
        path.pop();
    }
}

/// Returns the document with one key changed.
fn changed(document: &DocumentMut, path: &[Step], change: Change) -> String {
    let mut document = document.clone();
    let (last, before) = path.split_last().expect("a key");
    let Step::Key(key) = last else { panic!("the last step of a path must be a key") };
    change_at(document.as_table_mut(), before, &mut |table| match change {
        Dropped => drop(table.remove(key)),
        Renamed => {
            let item = table.remove(key).expect("the key");
            table.insert(&format!("{key}X"), item);
        }
        Retyped => {
            let other = match table.get(key) {
                Some(Item::Value(Value::Integer(_) | Value::Float(_))) => Value::from("seven"),
                Some(Item::Value(Value::String(_))) => Value::from(7),
                _ => Value::from(7.5),
            };
            table.insert(key, Item::Value(other));
        }
    });
    document.to_string()
}

fn change_at(table: &mut dyn TableLike, path: &[Step], change: &mut dyn FnMut(&mut dyn TableLike)) {
    let Some((Step::Key(key), rest)) = path.split_first() else { return change(table) };
    let item = table.get_mut(key).expect("the path exists");
    match (rest.split_first(), item) {
        (Some((Step::Place(place), rest)), Item::ArrayOfTables(tables)) => {
            change_at(tables.get_mut(*place).expect("the table exists"), rest, change);
        }
        (Some((Step::Place(_), _)), Item::Value(value)) => change_in_value(value, rest, change),
        (_, item) => change_at(item.as_table_like_mut().expect("a table"), rest, change),
    }
}

/// Descends into nested lists and inline tables.
fn change_in_value(value: &mut Value, path: &[Step], change: &mut dyn FnMut(&mut dyn TableLike)) {
    match (path.split_first(), value) {
        (Some((Step::Place(place), rest)), Value::Array(values)) => {
            change_in_value(values.get_mut(*place).expect("the value exists"), rest, change);
        }
        (_, Value::InlineTable(table)) => change_at(table, path, change),
        (step, value) => panic!("{step:?} does not lead into {value}"),
    }
}

/// Returns the first fault that `check` reports for a scenario: a line of the file, or an example that fails.
fn verdict(folder: &Path) -> Option<String> {
    let catalogue = match load(&[folder.to_owned()]) {
        Err(diagnostics) => {
            let first = diagnostics.0.first().expect("a fault");
            assert!(first.line > 0, "a fault without a line: {first}");
            return Some(first.to_string());
        }
        Ok(catalogue) => catalogue,
    };
    let played = play_all(&catalogue.scenarios, &catalogue.stubs);
    played.into_iter().find(|played| !played.mismatches.is_empty()).map(|played| played.name)
}

fn path_text(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Key(key) => format!(".{key}"),
        Step::Place(place) => format!("[{place}]"),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

/// Copies the files of a shipped folder, except its scenarios.
fn copy(folder: &Path) -> Folder {
    let copied = Folder::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.extension().is_none_or(|ending| ending != "toml") {
            fs::copy(&entry, copied.path.join(entry.file_name().expect("a name"))).expect("a copy");
        }
    }
    copied
}

/// Changes every key of a file in every way. Returns the number of changes and those that nothing noticed, and adds the
/// reasons that were needed to `used`.
fn survivors(file: &Path, used: &mut Vec<usize>) -> (usize, Vec<String>) {
    let text = fs::read_to_string(file).expect("a scenario");
    let document: DocumentMut = text.parse().expect("TOML");
    let folder = copy(file.parent().expect("a folder"));
    let target = folder.path.join(file.file_name().expect("a name"));
    let top = Item::Table(Table::clone(document.as_table()));
    let reasons = HARMLESS.iter().map(|(keys, change, _)| (Regex::new(keys).expect("an expression"), *change));
    let reasons: Vec<(Regex, Change)> = reasons.collect();
    let (mut mutants, mut left) = (0, Vec::new());
    for path in keys(&top) {
        for change in [Dropped, Renamed, Retyped] {
            mutants += 1;
            fs::write(&target, changed(&document, &path, change)).expect("a file");
            if verdict(&folder.path).is_some() {
                continue;
            }
            let path = path_text(&path);
            match reasons.iter().position(|(keys, of)| *of == change && keys.is_match(&path)) {
                Some(reason) => used.push(reason),
                None => left.push(format!("{}: {path} {change:?}", file.display())),
            }
        }
    }
    (mutants, left)
}

#[test]
fn every_change_to_a_key_of_a_shipped_scenario_is_noticed() {
    let files =
        ["groove/collection-add", "groove/collection-delete", "basics/orders", "basics/retry", "basics/welcome"];
    let paths: Vec<PathBuf> = files.iter().map(|file| repository(&format!("scenarios/{file}.toml"))).collect();

    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = paths
            .iter()
            .map(|path| {
                scope.spawn(move || {
                    let mut used = Vec::new();
                    let (mutants, left) = survivors(path, &mut used);
                    (mutants, left, used)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a result")).collect()
    });

    let left: Vec<String> = results.iter().flat_map(|(_, left, _)| left.clone()).collect();
    assert!(left.is_empty(), "{} changes were not noticed:\n{}", left.len(), left.join("\n"));
    let used: Vec<usize> = results.iter().flat_map(|(_, _, used)| used.clone()).collect();
    for (place, (keys, change, why)) in HARMLESS.iter().enumerate() {
        assert!(used.contains(&place), "{keys} {change:?}: this reason is not needed any more: {why}");
    }
    let mutants: usize = results.iter().map(|(mutants, ..)| mutants).sum();
    assert!(mutants > 1000, "only {mutants} changes were tried");
}
