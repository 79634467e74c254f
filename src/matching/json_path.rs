//! JSONPath (RFC 9535) over our own tree.
//!
//! Nearly every path in a scenario is a plain walk down (`$.a.b[0]`, `$.items[*]`), and that is walked here. What
//! needs filters, slices or descendants goes to `serde_json_path`, at the price of a copy of the tree.

use std::borrow::Cow;

use crate::model::Json;

/// A compiled JSONPath.
#[derive(Debug, Clone)]
pub struct JsonPath {
    text: String,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Walk(Vec<Step>),
    Full(serde_json_path::JsonPath),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(i64),
    All,
}

impl JsonPath {
    /// Compiles a path.
    ///
    /// # Errors
    /// In the words of the parser, where it is not a JSONPath.
    pub fn compile(text: &str) -> Result<JsonPath, String> {
        let full = serde_json_path::JsonPath::parse(text).map_err(|error| error.to_string())?;
        let way = plain_steps(text).map_or(Way::Full(full), Way::Walk);
        Ok(JsonPath { text: text.to_owned(), way })
    }

    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What the path selects, in order.
    pub fn select<'a>(&self, root: &'a Json) -> Vec<Cow<'a, Json>> {
        match &self.way {
            Way::Walk(steps) => {
                let mut selected = vec![root];
                for step in steps {
                    selected = selected.into_iter().flat_map(|node| step.from(node)).collect();
                }
                selected.into_iter().map(Cow::Borrowed).collect()
            }
            Way::Full(path) => {
                path.query(&root.to_serde()).iter().map(|value| Cow::Owned(Json::from_serde(value))).collect()
            }
        }
    }
}

impl Step {
    fn from<'a>(&self, node: &'a Json) -> Box<dyn Iterator<Item = &'a Json> + 'a> {
        match (self, node) {
            (Step::Name(name), _) => Box::new(node.get(name).into_iter()),
            (Step::Index(index), Json::Array(items)) => {
                let from_end = || items.len().checked_sub(index.unsigned_abs() as usize);
                let at = if *index < 0 { from_end() } else { Some(*index as usize) };
                Box::new(at.and_then(|at| items.get(at)).into_iter())
            }
            (Step::All, Json::Array(items)) => Box::new(items.iter()),
            (Step::All, Json::Object(members)) => Box::new(members.iter().map(|(_, value)| value)),
            _ => Box::new(std::iter::empty()),
        }
    }
}

/// The steps of a path that only walks down; `None` for any other.
fn plain_steps(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = if let Some(after) = rest.strip_prefix(".*").or_else(|| rest.strip_prefix("[*]")) {
            (Step::All, after)
        } else if let Some(dotted) = rest.strip_prefix('.') {
            let end = dotted.find(['.', '[']).unwrap_or(dotted.len());
            let name = &dotted[..end];
            let plain = |c: char| c.is_alphanumeric() && c.is_ascii() || c == '_' || !c.is_ascii();
            if name.is_empty() || !name.chars().all(plain) {
                return None;
            }
            (Step::Name(name.to_owned()), &dotted[end..])
        } else {
            bracketed(rest)?
        };
        steps.push(step);
        rest = after;
    }
    Some(steps)
}

fn bracketed(rest: &str) -> Option<(Step, &str)> {
    let inner = rest.strip_prefix('[')?;
    if let Some(quote) = inner.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let quoted = &inner[1..];
        let end = quoted.find(quote)?;
        let name = &quoted[..end];
        let after = quoted[end + 1..].strip_prefix(']')?;
        return (!name.contains('\\')).then(|| (Step::Name(name.to_owned()), after));
    }
    let (digits, after) = inner.split_once(']')?;
    digits.parse().ok().map(|index| (Step::Index(index), after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, prop_oneof, proptest};

    use super::*;

    fn selected(path: &str, json: &str) -> Vec<String> {
        let json = Json::parse(json.as_bytes()).expect(json);
        JsonPath::compile(path).expect(path).select(&json).iter().map(|value| value.to_string()).collect()
    }

    #[test]
    fn plain_walks_and_filters_select() {
        let json = r#"{"a":[{"b":1},{"b":2,"c d":true}],"e":null}"#;

        assert_eq!(selected("$.a[*].b", json), ["1", "2"]);
        assert_eq!(selected("$.a[-1]['c d']", json), ["true"]);
        assert_eq!(selected("$.e", json), ["null"]);
        assert_eq!(selected("$.a[5]", json), [""; 0]);
        assert_eq!(selected("$.a[?@.b > 1].b", json), ["2"]);
        assert_eq!(selected("$..b", json), ["1", "2"]);
        assert_eq!(selected("$", "7"), ["7"]);
    }

    #[test]
    fn what_is_not_a_path_is_an_error() {
        assert!(JsonPath::compile("a.b").is_err());
        assert!(JsonPath::compile("$.").is_err());
        assert!(JsonPath::compile("$.a[").is_err());
    }

    proptest! {
        #[test]
        fn the_walk_agrees_with_the_library(steps in proptest::collection::vec(prop_oneof![
            Just(".a"), Just(".b"), Just("[0]"), Just("[-1]"), Just("[*]"), Just("['a']"), Just(".*"), Just("[\"b\"]")
        ].prop_map(str::to_owned), 0..4)) {
            let path = format!("${}", steps.concat());
            let json = Json::parse(br#"{"a":[{"a":1,"b":[2]},[3,{"b":4}]],"b":{"a":{"b":5},"b":[[6]]}}"#).expect("JSON");
            let library = serde_json_path::JsonPath::parse(&path).expect("a path");
            let expected: Vec<_> = library.query(&json.to_serde()).iter().map(|value| value.to_string()).collect();

            let walked = JsonPath::compile(&path).expect("a path");
            assert!(matches!(walked.way, Way::Walk(_)));
            assert_eq!(walked.select(&json).iter().map(|value| value.to_string()).collect::<Vec<_>>(), expected);
        }
    }
}
