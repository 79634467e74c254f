//! What is at hand while a scenario is written: the schema, a starter, completions, manual pages.

#![allow(missing_docs)]

mod support;

use std::fs;
use std::process::{Command, Stdio};

use support::{Folder, cannery, repository, run};

#[test]
fn the_schema_that_is_printed_is_the_one_of_the_repository() {
    let folder = Folder::new();

    let ended = run(cannery(&folder.path).arg("schema"));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let schema = fs::read_to_string(repository("schema/scenario.schema.json")).expect("the schema");
    assert_eq!(ended.stdout, schema);
}

#[test]
fn a_starter_checks_without_a_warning() {
    let folder = Folder::new();

    let ended = run(cannery(&folder.path).arg("init"));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.stdout);
    let checked = run(cannery(&folder.path).args(["check", "--deny-warnings"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    assert_eq!(checked.stdout, "1 scenario, 3 stubs, 3 examples: 0 failed\n");
}

#[test]
fn a_starter_goes_where_it_is_asked_to() {
    let folder = Folder::new();

    for (path, file) in [("deep/mocks", "deep/mocks/hello.toml"), ("deep/shop.toml", "deep/shop.toml")] {
        let ended = run(cannery(&folder.path).args(["init", path]));

        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stdout.starts_with(&format!("wrote {file}\n")), "{}", ended.stdout);
        assert!(folder.path.join(file).is_file());
    }
}

#[test]
fn a_starter_never_replaces_a_file() {
    let folder = Folder::new();
    folder.write("scenarios/hello.toml", "# mine\n");

    let ended = run(cannery(&folder.path).arg("init"));

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert_eq!(ended.stderr, "error: scenarios/hello.toml is there already, and is left as it is\n");
    assert_eq!(fs::read_to_string(folder.path.join("scenarios/hello.toml")).expect("a file"), "# mine\n");
}

#[test]
fn every_shell_gets_a_script_that_names_every_command() {
    let folder = Folder::new();

    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = run(cannery(&folder.path).args(["completions", shell]));

        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["serve", "journal", "completions", "--max-body"] {
            let word = if shell == "fish" { word.trim_start_matches('-') } else { word };
            assert!(ended.stdout.contains(word), "{shell} does not know {word}");
        }
    }
    assert_eq!(run(cannery(&folder.path).args(["completions", "cmd"])).code, Some(2));
}

#[test]
fn bash_reads_its_script() {
    let folder = Folder::new();
    folder.write("cannery.bash", &run(cannery(&folder.path).args(["completions", "bash"])).stdout);

    let Ok(read) = Command::new("bash").args(["-n", "cannery.bash"]).current_dir(&folder.path).output() else {
        eprintln!("skipped: there is no bash on this machine");
        return;
    };

    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::new();

    let ended = run(cannery(&folder.path).args(["man", "pages"]));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for (page, held) in [("cannery.1", "cannery\\-serve(1)"), ("cannery-serve.1", "\\-\\-max\\-body")] {
        assert!(ended.stdout.contains(&format!("pages/{page}\n")), "{}", ended.stdout);
        let text = fs::read_to_string(folder.path.join("pages").join(page)).expect("a page");
        assert!(text.contains(".TH ") && text.contains(".SH NAME") && text.contains(held), "{page}:\n{text}");
    }
    let printed = run(cannery(&folder.path).arg("man")).stdout;
    assert_eq!(
        printed.matches("\n.TH ").count() + usize::from(printed.starts_with(".TH ")),
        ended.stdout.lines().count()
    );
}

#[test]
fn man_shows_a_page() {
    let folder = Folder::new();
    run(cannery(&folder.path).args(["man", "."]));

    let mut man = Command::new("man");
    man.args(["-l", "cannery-check.1"]).current_dir(&folder.path).env("MANPAGER", "cat").stdin(Stdio::null());
    let Ok(shown) = man.output() else {
        eprintln!("skipped: there is no man on this machine");
        return;
    };

    let text = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.status.success() && text.contains("cannery-check"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_is_bad_usage() {
    let folder = Folder::new();
    folder.write("file", "");

    for arguments in [["man", "file"], ["init", "file"]] {
        let ended = run(cannery(&folder.path).args(arguments));

        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.starts_with("error: cannot write file/"), "{}", ended.stderr);
    }
}
