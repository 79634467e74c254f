//! `cannery check` as a process: what it prints, and the exit code that is its verdict.

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
fn examples_that_hold_are_counted() {
    let folder = Folder::new();
    folder.write("scenarios/good.toml", GOOD);
    let ended = run(cannery(&folder.path).arg("check"));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, "1 scenario, 1 stub, 1 example: 0 failed\n");
}

#[test]
fn an_example_that_fails_is_shown_with_its_difference() {
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
fn files_that_do_not_load_are_told_all_at_once() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", "[[stub]]\nrequest.pth = '/'\nresponse.status = 42\n");
    folder.write("scenarios/b.toml", "[[stub]]\nrequest.path.matches = '('\n");
    let ended = run(cannery(&folder.path).arg("check"));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    insta::assert_snapshot!(ended.stderr);
}

#[test]
fn the_shipped_scenarios_hold() {
    let ended = run(cannery(&repository(".")).args(["check", "scenarios"]));
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}
