//! `cannery check` as a process: its output and its exit code.

#![allow(missing_docs)]

mod support;

use support::{Folder, cannery, repository, run};

const GOOD: &str = r#"
[[stub]]
name = "a"
request.path = "/a"
response.json = { a = 1 }

[[example]]
name = "it is one"
request.url = "/a"
response.json = { a = 1 }
"#;

#[test]
fn passing_examples_are_counted() {
    let folder = Folder::new();
    folder.write("scenarios/good.toml", GOOD);
    let ended = run(cannery(&folder.path).arg("check"));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, "1 scenario, 1 stub, 1 example: 0 failed\n");
}

#[test]
fn a_failing_example_is_shown_with_its_difference() {
    let folder = Folder::new();
    let wrong = "\n[[example]]\nname = 'it is two'\nrequest.url = '/a'\nresponse.json = { a = 2, b = 3 }\n\
                 \n[[example]]\nname = 'nobody answers'\nstub = 'a'\nrequest.url = '/b'\nresponse.status = 200\n";
    folder.write("scenarios/wrong.toml", &format!("{GOOD}{wrong}"));
    let ended = run(cannery(&folder.path).arg("check"));
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stdout, "1 scenario, 1 stub, 3 examples: 2 failed\n");
    insta::assert_snapshot!(ended.stderr);
}

#[test]
fn files_that_do_not_load_are_reported_all_at_once() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", "[[stub]]\nrequest.pth = '/'\nresponse.status = 42\n");
    folder.write("scenarios/b.toml", "[[stub]]\nrequest.path.matches = '('\n");
    let ended = run(cannery(&folder.path).arg("check"));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    insta::assert_snapshot!(ended.stderr);
}

#[test]
fn the_examples_of_the_shipped_scenarios_pass() {
    let ended = run(cannery(&repository(".")).args(["check", "scenarios"]));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

/// A good stub, and a stub behind it that never answers.
const SHADOWED: &str = "\n[[stub]]\nname = 'the same again'\nrequest.path = '/a'\nresponse.status = 200\n";

/// Examples that fail in every possible way.
const FAILING: &str = r#"
[request]
method = "GET"

[[stub]]
name = "as text"
request.path = "/text"
response = { headers.X-One = ["1", "2"], text = "one\ntwo\nthree \nfour\n" }

[[stub]]
name = "as XML"
request.path = "/xml"
response.xml = "<order><id>7</id><lines><line n='1'>tea</line></lines></order>"

[[stub]]
name = "as JSON"
then_state = "seen"
request.path = "/json"
response = { status = 201, json = { id = 7, lines = [{ item = "tea" }], note = "a \u0001 b" } }

[[example]]
name = "lines of text"
request.url = "/text"
response = { headers.X-One = "1", text = "one\ntwo\nthree\nand a half\nfour\n" }

[[example]]
name = "elements"
request.url = "/xml"
response.xml = "<order><id>8</id><lines><line n='2'>tea</line><line>milk</line></lines></order>"

[[example]]
name = "members"
request.url = "/json"
state_after = "Started"
[example.response]
status = 200
reason = "Fine"
json = { id = 7, lines = [{ item = "milk", price = 2 }], note = "a b" }

[[example]]
name = "another stub"
stub = "as XML"
request.url = "/text"
response.status = 200

[[example]]
name = "not JSON at all"
request.url = "/xml"
response.json = { a = 1 }

[[example]]
name = "it holds"
request.url = "/text"
response.status = 200
"#;

#[test]
fn each_failure_is_a_difference_by_path() {
    let folder = Folder::new();
    folder.write("scenarios/failing.toml", FAILING);
    let ended = run(cannery(&folder.path).arg("check"));
    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stderr);
}

#[test]
fn a_huge_difference_is_truncated() {
    let folder = Folder::new();
    let lines = |word: &str| (0..500).map(|n| format!("{word} {n}\\n")).collect::<String>();
    let numbers = |from: usize| (from..from + 45).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    folder.write(
        "scenarios/huge.toml",
        &format!(
            "[[stub]]\nrequest.path = '/text'\nresponse.text = \"{}\"\n\
             [[stub]]\nrequest.path = '/json'\nresponse.json = [{}]\n\
             [[example]]\nrequest.url = '/text'\nresponse.text = \"{}\"\n\
             [[example]]\nrequest.url = '/json'\nresponse.json = [{}]\n",
            lines("is"),
            numbers(100),
            lines("was"),
            numbers(200)
        ),
    );
    let ended = run(cannery(&folder.path).arg("check"));
    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stderr);
}

#[test]
fn a_warning_is_printed_and_is_not_a_failure() {
    let folder = Folder::new();
    folder.write("scenarios/good.toml", &format!("{GOOD}{SHADOWED}"));
    let ended = run(cannery(&folder.path).arg("check"));
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.stdout, "1 scenario, 2 stubs, 1 example: 0 failed, 1 warning\n");
    insta::assert_snapshot!(ended.stderr);
}

#[test]
fn denied_warnings_fail_after_the_examples_have_run() {
    let folder = Folder::new();
    folder.write("scenarios/good.toml", &format!("{GOOD}{SHADOWED}"));
    let ended = run(cannery(&folder.path).args(["check", "--deny-warnings"]));
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stdout, "1 scenario, 2 stubs, 1 example: 0 failed, 1 warning\n");
}

#[test]
fn the_shipped_scenarios_have_no_warnings() {
    let ended = run(cannery(&repository(".")).args(["check", "scenarios", "--deny-warnings"]));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn the_json_format_is_one_object() {
    let folder = Folder::new();
    folder.write("scenarios/failing.toml", &format!("{FAILING}{}", SHADOWED.replace("/a", "/text")));
    let ended = run(cannery(&folder.path).args(["check", "--format", "json"]));
    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn the_junit_format_has_a_suite_for_each_scenario() {
    let folder = Folder::new();
    folder.write("scenarios/failing.toml", FAILING);
    folder.write("scenarios/good.toml", &format!("{GOOD}{SHADOWED}"));
    let ended = run(cannery(&folder.path).args(["check", "--format", "junit", "--deny-warnings"]));
    assert_eq!(ended.code, Some(1));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn load_errors_are_in_every_format() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", "[[stub]]\nrequest.pth = '/'\nresponse.status = 42\n");
    folder.write("scenarios/good.toml", GOOD);
    let json = run(cannery(&folder.path).args(["check", "--format", "json"]));
    let junit = run(cannery(&folder.path).args(["check", "--format", "junit"]));
    assert_eq!((json.code, junit.code), (Some(3), Some(3)));
    insta::assert_snapshot!("a_load_error_as_json", json.stdout);
    insta::assert_snapshot!("a_load_error_as_junit", junit.stdout);
}
