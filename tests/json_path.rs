//! JSONPath conforms to RFC 9535: every case of every file in `tests/jsonpath-compliance`.

#![cfg(feature = "admin")]
#![allow(missing_docs)]

mod support;

use std::fs;

use cannery::matching::JsonPath;
use cannery::model::Json;
use support::repository;

#[test]
fn every_case_selects_what_the_rfc_specifies() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(repository("tests/jsonpath-compliance")).expect("the folder") {
        let file = entry.expect("an entry").path();
        if file.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let suite = Json::parse(&fs::read(&file).expect("a file")).expect("JSON");
        for case in list(&suite, "tests").expect("tests") {
            cases += 1;
            wrong.extend(complaint(case).map(|why| format!("{}: {why}", text(case, "name"))));
        }
    }

    assert!(wrong.is_empty(), "{} of {cases} cases fail:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 600, "only {cases} cases");
}

/// Returns how the result of a case differs from the expected one, if it does.
fn complaint(case: &Json) -> Option<String> {
    let selector = text(case, "selector");
    let invalid = case.get("invalid_selector") == Some(&Json::Bool(true));
    let path = match JsonPath::compile(selector) {
        Err(_) if invalid => return None,
        Ok(_) if invalid => return Some(format!("`{selector}` is taken")),
        Err(fault) => return Some(format!("`{selector}` is refused: {fault}")),
        Ok(path) => path,
    };
    let document = case.get("document").expect("a document");
    let nodes = path.select(document).expect("little work");
    let located = path.locate(document).expect("little work");
    let selected = Json::Array(nodes.iter().map(|node| (*node).clone()).collect());
    let places = Json::Array(located.iter().map(|node| Json::from(node.to_string())).collect());
    let is_one_of = |found: &Json, one: &str, several: &str| match (case.get(one), list(case, several)) {
        (Some(only), _) => found.same(only),
        (None, Some(any)) => any.iter().any(|one| found.same(one)),
        (None, None) => one == "result_paths",
    };
    let good = is_one_of(&selected, "result", "results") && is_one_of(&places, "result_paths", "results_paths");
    (!good).then(|| format!("`{selector}` selects {selected} at {places}"))
}

fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json.get(name).and_then(Json::as_str).expect(name)
}

fn list<'a>(json: &'a Json, name: &str) -> Option<&'a [Json]> {
    match json.get(name) {
        Some(Json::Array(items)) => Some(items),
        _ => None,
    }
}
