//! Compares received JSON with promised JSON.

use std::collections::HashMap;

use crate::matching::member_path;
use crate::model::{Json, JsonType};

use super::finding::{Finding, FindingKind, Findings};
use super::marks::{MARK, Origin};

/// Adds the differences at and below a path.
pub(super) fn compare(path: &str, promised: &Json, actual: &Json, origin: Origin<'_, Json>, found: &mut Findings) {
    // A value that one template renders has the type in the example. Its contents are not promised.
    let origin = match origin {
        Origin::Marked(Json::String(text)) if text.contains(MARK) => Origin::Template,
        other => other,
    };
    match (promised, actual) {
        (Json::Object(wanted), Json::Object(given)) => members(path, wanted, given, origin, found),
        (Json::Array(wanted), Json::Array(given)) => items(path, wanted, given, origin, found),
        _ if type_of(promised) != type_of(actual) => found.drift(Finding {
            at: format!("body {path}"),
            kind: FindingKind::Type,
            what: format!("{} for {}", article(actual), article(promised)),
            promised: Some(promised.to_string()),
            actual: Some(actual.to_string()),
        }),
        _ if !promised.same(actual) => {
            let from_template = origin.is_from_template(|_| false);
            found.value(format!("body {path}"), promised.to_string(), actual.to_string(), from_template);
        }
        _ => {}
    }
}

fn members(
    path: &str,
    wanted: &[(String, Json)],
    given: &[(String, Json)],
    origin: Origin<'_, Json>,
    found: &mut Findings,
) {
    let by_name: HashMap<&str, &Json> = given.iter().map(|(name, value)| (name.as_str(), value)).collect();
    for (name, value) in wanted {
        let path = member_path(path, name);
        match by_name.get(name.as_str()) {
            Some(actual) => compare(&path, value, actual, origin.inside(|marked| marked.get(name)), found),
            None => found.removed(format!("body {path}"), value.to_string()),
        }
    }
    let known: HashMap<&str, ()> = wanted.iter().map(|(name, _)| (name.as_str(), ())).collect();
    for (name, value) in given.iter().filter(|(name, _)| !known.contains_key(name.as_str())) {
        found.added(format!("body {}", member_path(path, name)), value.to_string(), false);
    }
}

/// Compares lists. The length is promised unless a template renders the list.
fn items(path: &str, wanted: &[Json], given: &[Json], origin: Origin<'_, Json>, found: &mut Findings) {
    for (place, (promised, actual)) in wanted.iter().zip(given).enumerate() {
        let inner = origin.inside(|marked| if let Json::Array(items) = marked { items.get(place) } else { None });
        compare(&format!("{path}[{place}]"), promised, actual, inner, found);
    }
    if origin.is_from_template(|_| false) {
        return;
    }
    let at = |place: usize| format!("body {path}[{place}]");
    for (place, promised) in wanted.iter().enumerate().skip(given.len()) {
        found.removed(at(place), promised.to_string());
    }
    for (place, actual) in given.iter().enumerate().skip(wanted.len()) {
        found.added(at(place), actual.to_string(), true);
    }
}

/// Returns the type, where whole numbers count as numbers.
fn type_of(json: &Json) -> JsonType {
    match json.json_type() {
        JsonType::Integer => JsonType::Number,
        other => other,
    }
}

fn article(json: &Json) -> String {
    match type_of(json) {
        JsonType::Null => "null".to_owned(),
        vowel @ (JsonType::Array | JsonType::Object) => format!("an {}", vowel.name()),
        other => format!("a {}", other.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Json {
        Json::parse(text.replace('!', "\u{fdd0}").as_bytes()).expect(text)
    }

    /// `-` before a drift, `~` before a note.
    fn differences(promised: &str, actual: &str, marked: &str) -> Vec<String> {
        let mut found = Findings::default();
        compare("$", &parsed(promised), &parsed(actual), Origin::Marked(&parsed(marked)), &mut found);
        let drifts = found.drifts.iter().map(|finding| format!("- {}: {}", finding.at, finding.what));
        drifts.chain(found.notes.iter().map(|finding| format!("~ {}: {}", finding.at, finding.what))).collect()
    }

    #[test]
    fn what_is_written_out_is_promised_by_value() {
        let promised = r#"{"a":"x","b":[1,2],"c":null}"#;

        assert_eq!(differences(promised, r#"{"c":null,"b":[1.0,2],"a":"x"}"#, promised), [""; 0]);
        assert_eq!(differences(promised, r#"{"a":"y","b":[2,1],"c":null}"#, promised).len(), 3);
        assert_eq!(
            differences(promised, r#"{"a":7,"b":[1,2],"c":""}"#, promised),
            ["- body $.a: a number for a string", "- body $.c: a string for null"]
        );
    }

    #[test]
    fn what_a_template_makes_is_promised_by_type() {
        let (promised, marked) = (r#"{"id":"7","n":7,"tags":["a"]}"#, r#"{"id":"!7","n":"!7","tags":"![]"}"#);

        assert_eq!(
            differences(promised, r#"{"id":"8","n":8.5,"tags":["b","c"]}"#, marked),
            [
                "~ body $.id: another value than the template renders",
                "~ body $.n: another value than the template renders",
                "~ body $.tags[0]: another value than the template renders",
            ]
        );
        assert_eq!(
            differences(promised, r#"{"id":8,"n":"8","tags":[1]}"#, marked),
            [
                "- body $.id: a number for a string",
                "- body $.n: a string for a number",
                "- body $.tags[0]: a number for a string",
            ]
        );
        assert_eq!(differences(promised, r#"{"n":7,"tags":["a"]}"#, marked), ["- body $.id: removed"]);
    }

    #[test]
    fn a_member_may_be_added_and_an_item_may_not() {
        let promised = r#"{"a":[{"b":1}]}"#;

        assert_eq!(
            differences(promised, r#"{"a":[{"b":1,"c":2}],"d":3}"#, promised),
            ["~ body $.a[0].c: added", "~ body $.d: added"]
        );
        assert_eq!(
            differences(promised, r#"{"a":[{"b":1},{"b":1}]}"#, promised),
            ["- body $.a[1]: one more than promised"]
        );
        assert_eq!(differences(promised, r#"{"a":[]}"#, promised), ["- body $.a[0]: removed"]);
    }

    #[test]
    fn an_answer_that_differs_everywhere_is_told_in_part() {
        let many = |text: &str| format!("[{}]", vec![text; 10_000].join(","));

        assert_eq!(differences(&many("1"), &many("2"), &many("1")).len(), 50);
    }
}
