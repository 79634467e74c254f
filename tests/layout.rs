//! The layout of scenario files that `cannery fmt` writes. It changes nothing but white space and line breaks.

#![cfg(feature = "check")]
#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use cannery::formats::format_scenario;
use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};
use proptest::sample::select;
use toml::de::{DeTable, DeValue};

fn laid_out(text: &str) -> String {
    format_scenario(text.as_bytes().to_vec(), "f.toml").unwrap_or_else(|diagnostics| panic!("{diagnostics}\n{text}"))
}

#[test]
fn a_file_gets_the_standard_layout() {
    let text = r#"

#:schema x
  # About the file.
name='orders'   # trailing
"description"  =  'it'


[request]

path   =   {template="/orders/{id}",ignore_case=true}
headers . "X-Id"  . matches = '^\d+$'
# About the first stub.
[[stub]]
"name" = 'says "no"'
[ stub . response ]
json = [1,2 , {a=1}, [ ], { } ]
# The cases.
[[stub]]
responses = [ # all of them
{status=503},{ status = 200 # the last


},
  # nearly

  { text = """
  kept   
""" } ]

"#;

    insta::assert_snapshot!(laid_out(text));
}

#[test]
fn line_endings_are_kept_and_a_byte_order_mark_is_removed() {
    let text = "\u{feff}a=1\r\n\r\n\r\nb = [\r\n1 ]\r\nc = '''\r\nx\r\n'''\r\n";

    assert_eq!(laid_out(text), "a = 1\r\n\r\nb = [\r\n  1,\r\n]\r\nc = '''\r\nx\r\n'''\r\n");
}

#[test]
fn an_empty_file_stays_empty() {
    assert_eq!(laid_out("\n \n"), "");
    assert_eq!(laid_out("# only this"), "# only this\n");
}

#[test]
fn every_shipped_scenario_is_laid_out() {
    for folder in ["scenarios/basics", "scenarios/groove"] {
        for file in toml_files(folder) {
            let text = fs::read_to_string(&file).expect("a scenario");
            assert!(laid_out(&text) == text, "`cannery fmt` would change {}", file.display());
        }
    }
}

#[test]
fn laying_out_a_file_changes_no_value() {
    for file in ["tests/bad", "scenarios/basics", "scenarios/groove"].into_iter().flat_map(toml_files) {
        let text = fs::read_to_string(&file).expect("a file");
        if let Ok(before) = DeTable::parse(&text) {
            let after = laid_out(&text);
            let again = DeTable::parse(&after).unwrap_or_else(|fault| panic!("{fault}\n{after}"));
            assert_eq!(table_text(again.get_ref()), table_text(before.get_ref()), "{}", file.display());
        }
    }
}

#[test]
fn invalid_toml_is_reported() {
    let diagnostics = format_scenario(b"a = 1\nb = yes\n".to_vec(), "f.toml").expect_err("not TOML");
    assert_eq!((diagnostics.0[0].line, diagnostics.0[0].column), (2, 5));

    let diagnostics = format_scenario(b"a = '\xff'".to_vec(), "f.toml").expect_err("not UTF-8");
    assert!(diagnostics.to_string().contains("not UTF-8"), "{diagnostics}");
}

#[test]
fn deep_nesting_is_reported_or_laid_out() {
    for depth in [10, 1_000, 100_000] {
        let text = format!("a = {}{}\n", "[".repeat(depth), "]".repeat(depth));
        if let Ok(out) = format_scenario(text.clone().into_bytes(), "f.toml") {
            assert_eq!(out, text);
        }
    }
}

/// White space, with line breaks if `breaks` is true.
fn space(breaks: bool) -> impl Strategy<Value = String> {
    let calm = vec!["", " ", "  ", "\t"];
    let wild = vec!["", " ", "\n", "\r\n", "\n\n\n", " # in\n", "\n  # own\n", "\n\n# apart\n\n"];
    select(if breaks { [calm, wild].concat() } else { calm }).prop_map(str::to_owned)
}

fn key() -> impl Strategy<Value = String> {
    select(vec!["a", "b-1", "'c'", "\"d\"", "\"e f\"", "'g.h'", "\"$.i\"", "\"\\u006a\"", "'k\"'", "\"\""])
        .prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "1",
        "-0x1F",
        "1.5e3",
        "true",
        "inf",
        "''",
        "\"\"",
        "'x'",
        "'\\d'",
        "'\"'",
        "\"it's\"",
        "\"\\n\"",
        "'#'",
        "2031-05-06T07:08:09Z",
        "2031-05-06 07:08:09",
        "'''\n a \n'''",
        "\"\"\"\r\n b\\\n  c\"\"\"",
        "'é'",
        "\"]\"",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let item = (space(true), inner.clone(), space(true))
            .prop_map(|(before, item, after)| format!("{before}{item}{after}"));
        let list = (vec(item, 0..4), select(vec!["", ",", ",\n", ", # end\n"]))
            .prop_map(|(items, end)| format!("[{}{}]", items.join(","), if items.is_empty() { "" } else { end }));
        let entry = (space(true), inner, space(false)).prop_map(|(before, value, after)| (before, value, after));
        let table = vec(entry, 0..3).prop_map(|entries| {
            let entries = entries.iter().enumerate();
            let written: Vec<_> =
                entries.map(|(n, (before, value, after))| format!("{before}k{n}={after}{value}")).collect();
            format!("{{{}}}", written.join(","))
        });
        prop_oneof![list, table]
    })
}

fn line() -> impl Strategy<Value = String> {
    let end = select(vec!["\n", "\r\n", " # end\n", "\n\n\n", "   \n"]);
    let path = || (vec(key(), 1..3), space(false)).prop_map(|(keys, space)| keys.join(&format!("{space}.{space}")));
    let pair = (space(false), path(), space(false), value())
        .prop_map(|(before, path, space, value)| format!("{before}{path}{space}={space}{value}"));
    let header = (path(), space(false)).prop_map(|(path, space)| format!("[{space}{path}{space}]"));
    let list = (path(), space(false)).prop_map(|(path, space)| format!("[[{space}{path}{space}]]"));
    let comment = Just("  # A comment.".to_owned());
    (prop_oneof![4 => pair, 2 => header, 2 => list, 2 => comment, 1 => Just(String::new())], end)
        .prop_map(|(line, end)| format!("{line}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_layout_changes_no_value_and_is_stable(lines in vec(line(), 0..6)) {
        let text = lines.concat();
        let before = DeTable::parse(&text);
        prop_assume!(before.is_ok());

        let once = laid_out(&text);

        let after = DeTable::parse(&once);
        prop_assert!(after.is_ok(), "{text:?}\n{once:?}");
        let tables = before.ok().zip(after.ok()).map(|(before, after)| (table_text(before.get_ref()), table_text(after.get_ref())));
        prop_assert!(tables.is_some_and(|(before, after)| before == after), "{text:?}\n{once:?}");
        prop_assert_eq!(laid_out(&once), once.clone());
        prop_assert_eq!(once.matches('#').count(), text.matches('#').count());
    }
}

fn toml_files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(folder)).expect("a folder");
    let files = entries.map(|entry| entry.expect("an entry").path());
    files.filter(|file| file.extension().is_some_and(|ending| ending == "toml")).collect()
}

/// Returns the contents of a table as text, in the order of the file.
fn table_text(table: &DeTable<'_>) -> String {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let members = entries.iter().map(|(key, value)| format!("{:?}: {}", key.get_ref(), value_text(value.get_ref())));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

fn value_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Array(items) => {
            format!("[{}]", items.iter().map(|item| value_text(item.get_ref())).collect::<Vec<_>>().join(", "))
        }
        DeValue::Table(inner) => table_text(inner),
        other => format!("{other:?}"),
    }
}
