//! Tests what paths select and which errors they have, also against another implementation.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assume, prop_oneof, proptest};
use proptest::sample::select;

use super::{JsonPath, Plan};
use crate::model::{Json, Number};

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).expect(text)
}

fn selected(path: &str, document: &Json) -> Vec<String> {
    let path = JsonPath::compile(path).unwrap_or_else(|fault| panic!("{path}: {fault}"));
    path.select(document).expect("little work").iter().map(|value| value.to_string()).collect()
}

fn complaint(path: &str) -> String {
    let fault = JsonPath::compile(path).map(|_| "it is a path").expect_err(path);
    assert!(path.get(fault.at.clone()).is_some(), "{path}: {fault:?}");
    format!("{fault}. {}", fault.help)
}

#[test]
fn a_single_node_is_selected_without_a_list() {
    let path = JsonPath::compile("$.a['b c'][-1]").expect("a path");

    assert!(matches!(path.plan, Plan::Steps(_)));
    assert_eq!(*path.select(&json(r#"{"a":{"b c":[1,2]}}"#)).expect("little work"), [&Json::from(2)]);
}

#[test]
fn places_are_normalised_paths() {
    let document = json(r#"{"a":[{"it's":1,"b\\c\n\u0001":2}],"é":{"":null}}"#);

    let located = |path: &str| -> Vec<String> {
        let path = JsonPath::compile(path).expect(path);
        path.locate(&document).expect("little work").iter().map(ToString::to_string).collect()
    };
    assert_eq!(located("$.a[-1].*"), [r"$['a'][0]['it\'s']", r"$['a'][0]['b\\c\n\u0001']"]);
    assert_eq!(located("$.é['']"), ["$['é']['']"]);
    assert_eq!(located("$"), ["$"]);
}

#[test]
fn every_normalised_path_selects_its_own_node() {
    let document = json(r#"{"a":[{"it's":1,"b\\c\n\u0001":2}],"é":{"":[[3]]}}"#);

    for node in JsonPath::compile("$..*").expect("a path").locate(&document).expect("little work") {
        let path = JsonPath::compile(&node.to_string()).expect("a normalised path");
        assert_eq!(*path.select(&document).expect("little work"), [node.json()]);
    }
}

#[test]
fn a_fault_has_its_position_and_a_remedy() {
    let faults = [
        ("a.b", "no `$` at the start at character 1. A JSONPath starts with `$`, such as `$.items[0].id` (RFC 9535)."),
        ("", "no `$` at the start at character 1. A JSONPath starts with `$`, such as `$.items[0].id` (RFC 9535)."),
        (
            "$.",
            "a name or `*` is missing after the dot, before the end at character 3. Remove the dot, or write a name after it: `.name`, `.*`.",
        ),
        (
            "$.ö.0",
            "`0` must not follow a dot at character 5. Write an index in brackets: `[0]`, and a name as `['0']`.",
        ),
        (
            "$.track-id",
            "`-` where the path should continue or end at character 8. Write such a name in brackets: `['track-id']`.",
        ),
        ("$[?@.track-id == 1]", "`-` after a selector at character 11. Write such a name in brackets: `['track-id']`."),
        ("$[items]", "`items` is not a selector at character 3. Put a name in quotes: `['items']`."),
        ("$['a", "a string does not end at character 3. End it with `'`."),
        ("$[0", "a bracket is not closed at character 2. End the selectors with `]`."),
        ("$[01]", "a number with a leading zero at character 3. Write whole numbers as in JSON, and zero as `0`."),
        (
            "$[9007199254740992]",
            "an index out of range at character 3. It must be between -9007199254740991 and 9007199254740991.",
        ),
        ("$.a ", "blanks at the end at character 4. Remove them."),
        ("$[?@.a = 1]", "`=` is not an operator at character 8. Compare with `==`."),
        (
            "$[?a == 1]",
            "`a` is not a value at character 4. A path inside a filter begins with `@`, as in `@.a`; a string must be in quotes.",
        ),
        ("$[?1]", "a value where a test is needed at character 4. Compare it, as in `length(@.a) > 3`."),
        (
            "$[?!@.a == 1]",
            "`!` before one side of a comparison at character 5. Put the comparison in parentheses: `!(@.a == 1)`.",
        ),
        (
            "$[?size(@) > 1]",
            "there is no function `size` at character 4. The functions are `length`, `count`, `value`, `match` and `search`.",
        ),
        ("$[?count(1) > 1]", "`count` takes a path at character 10. As in `count(@.items[*])`."),
        ("$[?match(@.a)]", "`match` takes 2 arguments, found 1 at character 4. As in `match(@.a, 'b.*')`."),
        (
            "$[?match(@.a, '\\\\d')]",
            "the expression is not a valid I-Regexp: `\\d` is not a valid escape at character 15. I-Regexp (RFC 9485) has no `\\d`, `\\w` or `\\s`: write `[0-9]`, `\\\\p{L}`, `[ \\\\t]`.",
        ),
    ];

    for (path, expected) in faults {
        assert_eq!(complaint(path), expected, "{path}");
    }
}

#[test]
fn nesting_is_limited() {
    for (open, close) in [("[?@", "]"), ("[?(@", ")]"), ("[?!(@.a", ")]"), ("[?length(length(@", ")) > 1]")] {
        assert!(complaint(&format!("${}{}", open.repeat(2000), close.repeat(2000))).contains("32 deep"));
    }
    assert!(complaint(&format!("$[?{}1", "length(".repeat(9000))).contains("32 deep"));
}

#[test]
fn long_paths_are_no_trouble() {
    let document = json(r#"{"a":1}"#);

    assert_eq!(selected(&format!("${}", ".a".repeat(1000)), &document), [""; 0]);
    assert_eq!(selected(&format!("${}", "..a".repeat(1000)), &document), [""; 0]);
    assert_eq!(selected(&format!("$[?@==1{}]", "||@==2".repeat(10_000)), &document), ["1"]);
}

#[test]
fn length_is_limited() {
    for path in [format!("${}", ".a".repeat(1001)), format!("$..b[?@{}]", "[0]".repeat(1000))] {
        assert!(complaint(&path).starts_with("a JSONPath must have at most 1000 segments, found more at character "));
    }
    let long = complaint(&format!("$.{}", "a".repeat(70_000)));
    assert!(long.starts_with("a JSONPath must have at most 65536 bytes, found 70002 at character 1"), "{long}");
}

#[test]
fn expressions_of_the_document_are_compiled_within_the_limit() {
    let items = |pattern: &dyn Fn(usize) -> String, count: usize| {
        let items: Vec<_> =
            (0..count).map(|n| format!(r#"{{"t":"{}b","p":"{}"}}"#, "ab".repeat(50), pattern(n))).collect();
        json(&format!("[{}]", items.join(",")))
    };
    let path = JsonPath::compile("$[?search(@.t, @.p)]").expect("a path");
    let timed = |document: &Json| {
        let started = std::time::Instant::now();
        let selected = path.select(document).map(|nodes| nodes.len());
        assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
        selected
    };

    let alternating = items(&|n| if n % 2 == 0 { "bab" } else { "c+" }.to_owned(), 2000);
    assert_eq!(timed(&alternating), Ok(1000));
    assert_eq!(timed(&items(&|n| format!("a{n}|b"), 100)), Ok(100));
    for hostile in [
        items(&|n| format!("(\\\\p{{L}}|{n}){{30}}"), 5000),
        items(&|n| format!("[ab]*a[ab]{{300}}{}", n % 20), 5000),
        items(&|n| format!("{}{n}", "\\\\p{L}".repeat(600)), 5000),
        items(&|n| "a".repeat(5000 + n), 2),
        items(&|n| format!("a{n}"), 5000),
    ] {
        assert_eq!(timed(&hostile), Err(crate::matching::TooCostly));
    }
}

#[test]
fn a_path_that_visits_a_document_over_and_over_ends() {
    let deep = json(&format!("{}1{}", "[".repeat(120), "]".repeat(120)));
    let wide = json(&format!(r#"{{"a":[{}0],"b":"{}","r":"(a|b)*c"}}"#, "0,".repeat(20_000), "x".repeat(100_000)));

    for (path, document) in [
        ("$..*..*..*..*..*..*", &deep),
        (
            "$[0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0]",
            &deep,
        ),
        ("$.a[?count($.a[*]) > 1]", &wide),
        ("$.a[?length($.b) > 1]", &wide),
        ("$.a[?$.a == $.a]", &wide),
        ("$.a[?search($.b, $.r)]", &wide),
        ("$.a[?match($.b, 'x*')]", &wide),
    ] {
        let path = JsonPath::compile(path).expect(path);
        assert!(path.select(document).is_err(), "{}", path.as_str());
    }
}

#[test]
fn invalid_expressions_of_the_document_never_match() {
    let document = json(r#"{"r":["a.c","a(","\\d","[a-]x","a{2}","[]","a]","p\\{"],"t":"abc"}"#);

    assert_eq!(selected("$.r[?match($.t, @)]", &document), [r#""a.c""#]);
    assert_eq!(selected("$.r[?search('aax}', @)]", &document), [r#""[a-]x""#, r#""a{2}""#]);
}

#[test]
fn expressions_mean_what_an_i_regexp_means() {
    for (pattern, text, holds) in [
        (r"[a&&b]", "&", true),
        (r"[a~~b]", "~", true),
        (r"[-a]", "-", true),
        (r"[a-]", "-", true),
        (r"[^-a]", "-", false),
        (r"[\\p{Lu}a-c]+", "Bca", true),
        (r"[<>]", "<", true),
        (r"[\\]^]+", "]^", true),
        (r"a{2,3}", "aaaa", false),
        (r"a{2,}", "aaaa", true),
        (r"(a|b)c?", "b", true),
        (r"#x y", "#x y", true),
        (r"a.b", "a\nb", false),
        (r"a|bc", "ac", false),
    ] {
        let document = json(&format!("[{}]", Json::from(text)));

        let holding = selected(&format!("$[?match(@, '{pattern}')]"), &document);

        assert_eq!(!holding.is_empty(), holds, "{pattern}");
    }
}

#[test]
fn an_invalid_i_regexp_is_a_fault() {
    for pattern in
        ["(", ")", "[", "[]", "a]", "a}", "*", "a**", "a{", "a{,2}", "a{x}", "(?:a)", "[a-b-c]", "[+--]", "[[a]", "[^]"]
            .into_iter()
            .chain([
                r"\\d",
                r"\\",
                r"\\p",
                r"\\p{Cs}",
                r"\\p{Greek}",
                r"[a-\\p{L}]",
                "((((a{1000}){1000}){1000}){1000})",
            ])
    {
        let message = complaint(&format!("$[?match(@, '{pattern}')]"));

        assert!(message.starts_with("the expression is not a valid I-Regexp: "), "{pattern}: {message}");
    }
}

/// Documents whose members are sorted by name, as the map of `serde_json` has them.
fn documents() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        (-3_i64..4).prop_map(Json::from),
        select(vec![0.5, 1.0, -2.5]).prop_map(|number| Json::Number(Number::Float(number))),
        select(vec!["", "a", "b", "ab", "ba", "é"]).prop_map(Json::from),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        let name = select(vec!["a", "b", "c", "d e", "é"]).prop_map(str::to_owned);
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::Array),
            proptest::collection::btree_map(name, inner, 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn paths() -> impl Strategy<Value = String> {
    segments(2).prop_map(|segments| format!("${segments}"))
}

fn segments(filters: u32) -> impl Strategy<Value = String> {
    vec(segment(filters), 0..4).prop_map(|segments| segments.concat())
}

fn segment(filters: u32) -> proptest::strategy::BoxedStrategy<String> {
    let bound = || prop_oneof![Just(String::new()), (-4_i64..5).prop_map(|bound| bound.to_string())];
    let plain = prop_oneof![
        (-4_i64..5).prop_map(|index| index.to_string()),
        Just("*".to_owned()),
        select(vec!["'a'", "\"b\"", "'d e'", "'\\u00e9'"]).prop_map(str::to_owned),
        (bound(), bound(), bound()).prop_map(|(start, end, step)| format!("{start}:{end}:{step}")),
        (bound(), bound()).prop_map(|(start, end)| format!("{start} : {end}")),
    ];
    let selector = if filters == 0 {
        plain.boxed()
    } else {
        prop_oneof![2 => plain, 1 => test(filters - 1).prop_map(|test| format!("?{test}"))].boxed()
    };
    let bracketed = vec(selector, 1..3).prop_map(|selectors| format!("[{}]", selectors.join(", ")));
    let dotted = select(vec![".a", ".b", ".é", ".*"]).prop_map(str::to_owned);
    prop_oneof![
        3 => dotted.clone(),
        3 => bracketed.clone(),
        1 => dotted.prop_map(|dotted| format!(".{dotted}")),
        1 => bracketed.prop_map(|bracketed| format!("..{bracketed}")),
    ]
    .boxed()
}

/// Tests on which the reference keeps to RFC 9535: to it nothing is not `<=` nothing, a list is `>` another one that is not the
/// same, and a comparison finds nothing at a negative index.
fn test(filters: u32) -> proptest::strategy::BoxedStrategy<String> {
    let query = || (select(vec!["@", "$"]), segments(filters)).prop_map(|(start, rest)| format!("{start}{rest}"));
    let single = (select(vec!["@", "$"]), select(vec!["", ".a", ".b", "[0]", "[1].a"]));
    let literal = select(vec!["1", "-2.5", "1e0", "'a'", "\"ab\"", "true", "null", "0"]).prop_map(str::to_owned);
    let plain = prop_oneof![single.prop_map(|(start, rest)| format!("{start}{rest}")), literal.clone()];
    let value = prop_oneof![
        6 => plain.clone(),
        1 => query().prop_map(|query| format!("count({query})")),
        1 => query().prop_map(|query| format!("value({query})")),
        1 => query().prop_map(|query| format!("length(value({query}))")),
    ];
    let comparison = prop_oneof![
        (value.clone(), select(vec!["==", "!=", "<"]), value.clone()),
        (plain.clone(), Just(">"), select(vec!["1", "-2.5", "1e0", "'a'", "\"ab\"", "0"]).prop_map(str::to_owned)),
        (plain, select(vec!["<=", ">="]), literal),
    ];
    let leaf = prop_oneof![
        comparison.prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
        query(),
        query().prop_map(|query| format!("!{query}")),
        (select(vec!["match", "search"]), value, select(vec!["a", "a.", "[ab]*", "^b"]))
            .prop_map(|(function, text, pattern)| format!("{function}({text}, '{pattern}')")),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left} && {right}")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("{left} || {right}")),
            inner.prop_map(|inner| format!("!({inner})")),
        ]
    })
    .boxed()
}

/// Shorter texts of all that a path is made of, of which few are paths.
fn fragments() -> impl Strategy<Value = String> {
    let pieces = vec![
        "$", "@", ".", "..", "[", "]", "*", "a", "'a'", "\"", "'", "\\", "?", "(", ")", "0", "-1", ":", ",", " ", "==",
        "<", "!", "&&", "||", "count(", "match(", "1.5", "true", "é", "\\u00e9",
    ];
    (vec(select(pieces), 0..9), any::<bool>())
        .prop_map(|(pieces, filter)| format!("{}{}", if filter { "$[?@" } else { "$" }, pieces.concat()))
}

proptest! {
    #[test]
    fn a_path_selects_the_same_nodes_as_the_reference(document in documents(), path in paths()) {
        let reference = serde_json_path::JsonPath::parse(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let value = document.to_serde();
        let expected: Vec<_> = reference.query_located(&value).iter()
            .map(|node| (node.location().to_string(), node.node().to_string())).collect();

        let path = JsonPath::compile(&path).unwrap_or_else(|fault| panic!("{path}: {fault}"));
        let located: Vec<_> = path.locate(&document).expect("little work").iter()
            .map(|node| (node.to_string(), node.json().to_serde().to_string())).collect();
        let selected: Vec<_> = path.select(&document).expect("little work").iter().map(|node| node.to_serde().to_string()).collect();

        assert_eq!(selected, located.iter().map(|(_, json)| json.clone()).collect::<Vec<_>>());
        assert_eq!(located, expected);
    }

    #[test]
    fn a_text_is_a_path_exactly_if_the_reference_accepts_it(text in fragments()) {
        // The reference wants no blank before `..`, which RFC 9535 allows.
        prop_assume!(!text.contains(" .."));

        let fault = JsonPath::compile(&text).err();

        assert_eq!(fault.is_none(), serde_json_path::JsonPath::parse(&text).is_ok(), "{text:?} {fault:?}");
    }
}
