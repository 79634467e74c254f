//! Describes the layout of native texts, so that diagnostics can find values and suggest where keys belong.

use crate::formats::source;
use crate::formats::tree::{Node, Value};
use crate::formats::words::in_backticks;
use crate::model::{KeyPath, Step};

use super::{matcher, request, response, scenario, stub};

/// The texts that the native format reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A scenario file.
    Scenario,
    /// One stub alone, in TOML.
    TomlStub,
    /// One stub alone, in JSON.
    JsonStub,
}

impl source::Dialect for Dialect {
    /// If a stub of a scenario file inherits the value, this is its path in the file's defaults.
    fn path_in_text(&self, at: Vec<Step>, root: &Node) -> Vec<Step> {
        if *self != Dialect::Scenario {
            return within_stub(at);
        }
        let own = root.follow(&at);
        // The members of JSON text in a string of the stub are not in the tree.
        let is_own = own.missing > 0 && matches!(own.node.value, Value::String(_));
        match inherited(&at) {
            Some(default) if !is_own && root.follow(&default).missing < own.missing => default,
            _ => at,
        }
    }

    fn misplaced_key(&self, key: &str, at: &KeyPath) -> Option<String> {
        misplaced_key(key, at, *self)
    }

    fn list_of_tables_help(&self, header: &str) -> String {
        match self {
            Dialect::Scenario => format!("Write its header in double brackets: `[[{header}]]`."),
            Dialect::TomlStub | Dialect::JsonStub => "Put it in brackets, as a list of one.".to_owned(),
        }
    }
}

/// Returns the path from the top of a lone stub. In other rooms the path of the stub may be `stub[0]`.
fn within_stub(at: Vec<Step>) -> Vec<Step> {
    match at.as_slice() {
        [Step::Key(stub), Step::Index(_), rest @ ..] if stub == "stub" => rest.to_vec(),
        _ => at,
    }
}

/// Returns the path of the default from which a value of a stub may be inherited.
fn inherited(at: &[Step]) -> Option<Vec<Step>> {
    let [Step::Key(stub), Step::Index(_), Step::Key(part), rest @ ..] = at else { return None };
    if stub != "stub" {
        return None;
    }
    let (part, rest) = match (part.as_str(), rest) {
        ("request" | "response", rest) => (part.as_str(), rest),
        ("responses", [Step::Index(_), rest @ ..]) => ("response", rest),
        _ => return None,
    };
    Some(std::iter::once(Step::Key(part.to_owned())).chain(rest.iter().cloned()).collect())
}

/// Returns where a key belongs, if it is a valid key of another table.
fn misplaced_key(key: &str, at: &KeyPath, kind: Dialect) -> Option<String> {
    let steps = at.steps();
    let (in_stub, path) = match steps.as_slice() {
        [Step::Key(stub), Step::Index(_), rest @ ..] if stub == "stub" => (true, rest),
        whole => (kind != Dialect::Scenario, whole),
    };
    let (keys, owner): (&[&str], _) = if in_stub { (&stub::KEYS, "the stub") } else { (&scenario::KEYS, "the file") };
    if let Some(help) = key_of_another_tool(key, path) {
        return Some(help);
    }
    match path {
        [.., Step::Key(multipart), Step::Key(_)]
            if multipart == "multipart" && matcher::keys().any(|known| known == key) =>
        {
            Some(format!("Write {} for a condition on the part's content.", in_backticks(&format!("body.{key}"))))
        }
        [] if in_stub => part_of_a_stub(key),
        [] if stub::KEYS.contains(&key) => {
            Some(format!("{} is a key of a stub: write it below `[[stub]]`.", in_backticks(key)))
        }
        [] => part_of_a_stub(key),
        _ if !keys.contains(&key) => None,
        [Step::Key(example), ..] if example == "example" => None,
        _ if kind == Dialect::JsonStub => Some(format!("{} is a key of {owner} itself.", in_backticks(key))),
        path => {
            let header: KeyPath = path.iter().filter(|step| matches!(step, Step::Key(_))).cloned().collect();
            let prefix = if steps.len() > path.len() { "stub." } else { "" };
            let header = format!("[{prefix}{header}]");
            Some(format!("{} is a key of {owner}: write it above {}.", in_backticks(key), in_backticks(&header)))
        }
    }
}

/// Keys of WireMock and its kin in a request and in a response, and what they are here.
const REQUEST_KEYS_ELSEWHERE: [(&str, &str); 10] = [
    ("url", "`path`, and `query` for its parameters"),
    ("uri", "`path`, and `query` for its parameters"),
    ("urlPath", "`path`"),
    ("urlPathTemplate", "`path`"),
    ("urlPattern", "`path.matches`"),
    ("urlPathPattern", "`path.matches`"),
    ("queryParameters", "`query`"),
    ("pathParameters", "`path_params`"),
    ("bodyPatterns", "`json`, `json_path`, `xml`, `xpath` or `body`"),
    ("basicAuthCredentials", "`basic_auth`"),
];
const RESPONSE_KEYS_ELSEWHERE: [(&str, &str); 9] = [
    ("body", "`text`, `json`, `xml`, `base64` or `file`"),
    ("jsonBody", "`json`"),
    ("base64Body", "`base64`"),
    ("bodyFileName", "`file`"),
    ("statusCode", "`status`"),
    ("statusMessage", "`reason`"),
    ("fixedDelayMilliseconds", "`delay`, such as `delay = \"500ms\"`"),
    ("delayDistribution", "`delay`"),
    ("chunkedDribbleDelay", "`dribble`"),
];

/// Returns what a key of another tool is called here, in the request or a response of a stub or of the defaults.
fn key_of_another_tool(key: &str, path: &[Step]) -> Option<String> {
    let part = path.iter().rev().find_map(|step| match step {
        Step::Key(part) => Some(part.as_str()),
        Step::Index(_) => None,
    })?;
    let keys = match part {
        "request" => &REQUEST_KEYS_ELSEWHERE[..],
        "response" | "responses" => &RESPONSE_KEYS_ELSEWHERE[..],
        _ => return None,
    };
    let (_, here) = keys.iter().find(|(elsewhere, _)| *elsewhere == key)?;
    Some(format!("Here it is {here}."))
}

/// Suggests the part of a stub to which a key belongs.
fn part_of_a_stub(key: &str) -> Option<String> {
    let parts = [("request", request::KEYS.contains(&key)), ("response", response::keys().any(|known| known == key))];
    let ways: Vec<String> = parts.iter().filter(|(_, has)| *has).map(|(part, _)| format!("`{part}.{key}`")).collect();
    (!ways.is_empty()).then(|| format!("Write {}.", ways.join(" or ")))
}

#[cfg(test)]
mod tests {
    use crate::formats::excerpt::Lines;
    use crate::formats::source::{Source, Syntax};
    use crate::formats::toml_tree;
    use crate::model::Fault;

    use super::*;

    const FILE: &str = "\
[request]
path = '/a'
headers.Accept = '(x'
[response]
status = 200
[[stub]]
request.query.q = \"\\u0041(\"
[[stub.responses]]
json = '''
{\"a\": }'''
";

    fn source() -> Source {
        let root = toml_tree::parse(FILE, &Lines::new(FILE)).expect("TOML");
        Source::new("f.toml", FILE, root, Syntax::Toml, &Dialect::Scenario)
    }

    fn stub() -> KeyPath {
        KeyPath::top().key("stub").index(0)
    }

    fn place(fault: &Fault) -> (usize, usize) {
        let diagnostic = source().locate(fault);
        (diagnostic.line, diagnostic.column)
    }

    #[test]
    fn what_a_stub_inherits_is_found_in_the_defaults() {
        let header = stub().key("request").key("headers").key("Accept");
        let status = stub().key("responses").index(0).key("status");

        assert_eq!(place(&Fault::value(&header, "x")), (3, 18));
        assert_eq!(place(&Fault::key(&status, "x")), (5, 1));
    }

    #[test]
    fn json_text_of_a_stub_is_not_taken_for_a_table_of_the_defaults() {
        let text = "response.json.a = 1\n[[stub]]\nresponse.json = '{\"a\": 2}'\n";
        let root = toml_tree::parse(text, &Lines::new(text)).expect("TOML");
        let source = Source::new("f.toml", text, root, Syntax::Toml, &Dialect::Scenario);
        let json = stub().key("response").key("json").key("a");

        assert_eq!(source.locate(&Fault::value(&json, "x")).line, 3);
    }

    #[test]
    fn what_stands_nowhere_is_found_at_the_nearest_value_above() {
        assert_eq!(place(&Fault::value(&stub().key("request").key("path").key("matches"), "x")), (2, 8));
        assert_eq!(place(&Fault::value(&stub().key("batch").key("items"), "x")), (6, 1));
    }

    #[test]
    fn a_part_of_a_string_is_marked_where_the_string_is_written_as_it_is() {
        let header = stub().key("request").key("headers").key("Accept");
        let json = stub().key("responses").index(0).key("json");

        assert_eq!(place(&Fault::value(&header, "x").within(1, 2)), (3, 20));
        assert_eq!(place(&Fault::value(&json, "x").within(6, 7)), (10, 7));
    }

    #[test]
    fn a_part_of_a_string_with_escapes_is_marked_where_it_is_written() {
        let query = stub().key("request").key("query").key("q");

        assert_eq!(place(&Fault::value(&query, "x").within(1, 2)), (7, 26));
    }

    #[test]
    fn a_lone_stub_is_found_under_both_of_its_names() {
        let text = "request.method = 'get'";
        let root = toml_tree::parse(text, &Lines::new(text)).expect("TOML");
        let source = Source::new("s", text, root, Syntax::Toml, &Dialect::TomlStub);
        let short = KeyPath::top().key("request").key("method");

        assert_eq!(source.locate(&Fault::value(&short, "x")).column, 18);
        assert_eq!(source.locate(&Fault::value(&stub().key("request").key("method"), "x")).column, 18);
    }
}
