//! Tests what expressions select and compute, and which are refused.

use crate::budget::{Budget, Exceeded, within};

use super::*;

fn compile(path: &str, namespaces: &[(&str, &str)]) -> Result<CompiledXPath, String> {
    let namespaces: Vec<_> = namespaces.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let mut faults = Vec::new();
    CompiledXPath::compile(&path.into(), &namespaces, &KeyPath::top().key(path), &mut faults)
        .ok_or_else(|| faults.remove(0).message)
}

fn select_in(path: &str, namespaces: &[(&str, &str)], xml: &str) -> Vec<String> {
    let document = XmlDocument::parse_text(xml).expect(xml);
    let compiled = compile(path, namespaces).unwrap_or_else(|fault| panic!("{fault}: {path}"));
    compiled.select(&document).iter().map(|value| value.to_string()).collect()
}

#[test]
fn nodes_and_computed_values_are_selected() {
    let xml = "<a xmlns='u'><b x='1'>one</b><b x='2'>two</b></a>";

    assert_eq!(select_in("//n:b", &[("n", "u")], xml), [r#""one""#, r#""two""#]);
    assert_eq!(select_in("/n:a/n:b[2]/@x", &[("n", "u")], xml), [r#""2""#]);
    assert_eq!(select_in("count(//n:b) > 1", &[("n", "u")], xml), ["true"]);
    assert_eq!(select_in("count(//n:b)", &[("n", "u")], xml), ["2"]);
    assert_eq!(select_in("//b", &[], xml), [""; 0]);
    assert_eq!(select_in("1 div 0", &[], xml), [""; 0]);
}

#[test]
fn sets_are_compared_by_the_recommendation() {
    let xml = "<o><p>5</p><p>10</p><e/><q>5</q><q>5</q></o>";
    for (path, truth) in [
        ("//p > 7", true),
        ("//p < 5", false),
        ("7 < //p", true),
        ("//p != 5", true),
        ("//q != 5", false),
        ("//none != 5", false),
        ("//none = //p", false),
        ("//p = //q", true),
        ("//p != //q", true),
        ("//q != //q", false),
        ("//p < //q", false),
        ("//p <= //q", true),
        ("//p > //q", true),
        ("//e < 1", false),
        ("//none = false()", true),
        ("//none < true()", true),
        ("not(//p = 5) = (//p != 5)", false),
    ] {
        assert_eq!(select_in(path, &[], xml), [truth.to_string()], "{path}");
    }
}

#[test]
fn all_kinds_of_nodes_are_selected() {
    let xml = "<?s x?><o xmlns:s='u' xml:lang='en-GB'><!--c--><s:i>t<![CDATA[<u>]]>v</s:i><?s y?></o>";
    for (path, values) in [
        ("//text()", vec!["\"t<u>v\""]),
        ("//comment()", vec!["\"c\""]),
        ("//processing-instruction('s')", vec!["\"x\"", "\"y\""]),
        ("name(/o/*)", vec!["\"s:i\""]),
        ("local-name(/o/*)", vec!["\"i\""]),
        ("//*[lang('en')][2]", vec![]),
        ("//text()[lang('EN-gb')]", vec!["\"t<u>v\""]),
        ("/o/@*", vec!["\"en-GB\""]),
        ("/o/@xml:lang", vec!["\"en-GB\""]),
        ("count(//node())", vec!["6"]),
        ("string(/)", vec!["\"t<u>v\""]),
    ] {
        assert_eq!(select_in(path, &[], xml), values, "{path}");
    }
}

#[test]
fn an_invalid_xpath_is_refused_with_a_reason() {
    for (path, message) in [
        ("", "not an XPath: it is empty"),
        ("//[", "not an XPath 1.0: expected a name or another step, found `[`"),
        ("/a[", "not an XPath 1.0: expected a name or another step, found the end"),
        ("/a b", "not an XPath 1.0: expected an operator, found `b`"),
        ("/a)", "not an XPath 1.0: expected an operator or the end, found `)`"),
        ("'a", "not an XPath 1.0: a text in quotes is not closed"),
        ("#", "not an XPath 1.0: expected a name, found `#`"),
        ("1 | 2", "not an XPath 1.0: `|` must be between sets of nodes"),
        ("'a'[1]", "not an XPath 1.0: only a set of nodes can have predicates and steps"),
        ("/p:a", "the prefix `p` of this XPath is not declared"),
        ("//*[p:f()]", "`p:f` is not a function of XPath 1.0"),
        ("matches(., 'a')", "`matches` is not a function of XPath 1.0"),
        ("count(1)", "the argument of `count()` must be a set of nodes"),
        ("not()", "`not()` takes one argument, found 0"),
        ("$a", "an XPath must not have variables here"),
        ("up::a", "`up` is not an axis of XPath 1.0"),
        ("/a/namespace::*", "the axis `namespace::` is not supported"),
    ] {
        assert_eq!(compile(path, &[]).map(|_| ()), Err(message.to_owned()), "{path}");
    }
}

#[test]
fn the_size_of_an_expression_is_limited() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(compile(&nested(31), &[]).is_ok());
    assert_eq!(compile(&nested(32), &[]).map(|_| ()), Err("the XPath nests deeper than 32 levels".to_owned()));
    assert!(compile(&nested(100_000), &[]).is_err());

    let too_many = "the XPath has more than 256 operators, steps, predicates and calls";
    for piece in ["1=", "1<", "1+", "-", "1 and ", "a|", "a/", "a[1]/"] {
        assert!(compile(&format!("{}a", piece.repeat(100)), &[]).is_ok(), "{piece}");
        assert_eq!(
            compile(&format!("{}a", piece.repeat(100_000)), &[]).map(|_| ()),
            Err(too_many.to_owned()),
            "{piece}"
        );
    }
}

#[test]
fn the_deepest_expression_is_evaluated() {
    let text = format!("{}a", "1=".repeat(255));
    assert_eq!(select_in(&text, &[], "<a/>").len(), 1);
    let nested = format!("{}true(){}", "//a[".repeat(31), "]".repeat(31));
    assert_eq!(select_in(&nested, &[], "<a/>"), ["\"\""]);
}

#[test]
fn each_node_that_is_visited_takes_a_step() {
    let document = XmlDocument::parse_text(&format!("<r>{}</r>", "<a>1</a>".repeat(10_000))).expect("XML");
    let selected_within = |path: &str, steps| {
        let compiled = compile(path, &[]).expect(path);
        within(Budget { steps, rendered: 0 }, || compiled.select(&document).len())
    };

    assert_eq!(selected_within("//a", 100_000), Ok(10_000));
    assert_eq!(selected_within("count(//a[. = //a])", 1_000_000), Err(Exceeded::Steps(1_000_000)));
    for path in [
        "//a",
        "//a/preceding::a",
        "//a/preceding-sibling::a",
        "//a/following::a/..",
        "//a[count(preceding-sibling::*) > 5]",
        "string(/)",
        "//a | //a",
        "sum(//a)",
        "//a = //a",
        "//*[contains(string(/), 'x')]",
        "concat(/, /, /)",
        "//a/ancestor::*",
    ] {
        assert_eq!(selected_within(path, 1000), Err(Exceeded::Steps(1000)), "{path}");
    }
}

#[test]
fn long_texts_take_steps_too() {
    let text = "x".repeat(100_000);
    let document =
        XmlDocument::parse_text(&format!("<r x='{text}'><t>{text}</t>{}</r>", "<a/>".repeat(100))).expect("XML");

    for path in
        ["//a[/r/@x = /r/@x]", "//a[/r/t > 1]", "//a[/r/t = /r/@x]", "//a[contains(/r/t, 'y')]", "//a[lang(/r/t)]"]
    {
        let compiled = compile(path, &[]).expect(path);
        let selected = within(Budget { steps: 100_000, rendered: 0 }, || compiled.select(&document).len());
        assert_eq!(selected, Err(Exceeded::Steps(100_000)), "{path}");
    }
}

#[test]
fn attributes_between_nodes_take_steps_too() {
    let attributes: String = (0..1000).map(|number| format!(" a{number}=''")).collect();
    let open = format!("<a{attributes}>").repeat(100);
    let document = XmlDocument::parse_text(&format!("{open}<b/><b/><b/>{}", "</a>".repeat(100))).expect("XML");

    for path in ["//b[lang('en')]", "//b[ancestor::*/c]", "//b[ancestor::*/@c]", "//b[ancestor::*/descendant::c]"] {
        let compiled = compile(path, &[]).expect(path);
        let selected = within(Budget { steps: 250_000, rendered: 0 }, || compiled.select(&document).len());
        assert_eq!(selected, Err(Exceeded::Steps(250_000)), "{path}");
    }
}

#[test]
fn many_elements_are_found_soon() {
    // A build that is not optimised takes many times as long.
    let count = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
    let document = XmlDocument::parse_text(&format!("<r>{}</r>", "<a/>".repeat(count))).expect("XML");

    for (path, found) in
        [("//a", count), ("//a[last()]", 1), ("//a/..", 1), ("//a/../a[. = '']", count), ("count(//a | //a)", 1)]
    {
        let started = std::time::Instant::now();
        assert_eq!(compile(path, &[]).expect(path).select(&document).len(), found, "{path}");
        assert!(started.elapsed().as_millis() < 1000, "{path} took {:?}", started.elapsed());
    }
}

#[test]
fn nodes_that_are_found_many_times_take_no_memory_each() {
    let document = XmlDocument::parse_text(&format!("<r>{}</r>", "<a/>".repeat(3000))).expect("XML");
    let select = |path: &str| compile(path, &[]).expect(path).select(&document).len();

    assert_eq!(select("//a/following::a"), 2999);
    assert_eq!(select("//a/preceding-sibling::*"), 2999);
}
