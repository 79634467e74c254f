//! Tools for authors of scenarios: the schema, a starter file, completions, manual pages, formatting.

#![allow(missing_docs)]

mod support;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use support::{Folder, cannery, repository, run};

#[test]
fn the_printed_schema_is_that_of_the_repository() {
    let folder = Folder::new();

    let ended = run(cannery(&folder.path).arg("schema"));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let schema = fs::read_to_string(repository("schema/scenario.schema.json")).expect("the schema");
    assert_eq!(ended.stdout, schema);
}

#[test]
fn a_starter_file_passes_check_without_a_warning() {
    let folder = Folder::new();

    let ended = run(cannery(&folder.path).arg("init"));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.stdout);
    let checked = run(cannery(&folder.path).args(["check", "--deny-warnings"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    assert_eq!(checked.stdout, "1 scenario, 3 stubs, 3 examples: 0 failed\n");
}

#[test]
fn a_starter_file_is_written_to_the_given_path() {
    let folder = Folder::new();

    for (path, file) in [("deep/mocks", "deep/mocks/hello.toml"), ("deep/shop.toml", "deep/shop.toml")] {
        let ended = run(cannery(&folder.path).args(["init", path]));

        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stdout.starts_with(&format!("wrote {file}\n")), "{}", ended.stdout);
        assert!(folder.path.join(file).is_file());
    }
}

#[test]
fn a_starter_file_never_replaces_a_file() {
    let folder = Folder::new();
    folder.write("scenarios/hello.toml", "# mine\n");

    let ended = run(cannery(&folder.path).arg("init"));

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert_eq!(ended.stderr, "error: scenarios/hello.toml exists already, and is not changed\n");
    assert_eq!(fs::read_to_string(folder.path.join("scenarios/hello.toml")).expect("a file"), "# mine\n");
}

#[test]
fn every_shell_gets_a_completion_script_for_every_command() {
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
fn bash_accepts_its_completion_script() {
    let folder = Folder::new();
    folder.write("cannery.bash", &run(cannery(&folder.path).args(["completions", "bash"])).stdout);

    let Ok(read) = Command::new("bash").args(["-n", "cannery.bash"]).current_dir(&folder.path).output() else {
        eprintln!("skipped: bash is not installed");
        return;
    };

    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::new();

    let ended = run(cannery(&folder.path).args(["man", "pages"]));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for (page, expected) in [("cannery.1", "cannery\\-serve(1)"), ("cannery-serve.1", "\\-\\-max\\-body")] {
        assert!(ended.stdout.contains(&format!("pages/{page}\n")), "{}", ended.stdout);
        let text = fs::read_to_string(folder.path.join("pages").join(page)).expect("a page");
        assert!(text.contains(".TH ") && text.contains(".SH NAME") && text.contains(expected), "{page}:\n{text}");
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
    let Ok(output) = man.output() else {
        eprintln!("skipped: man is not installed");
        return;
    };

    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("cannery-check"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_created_is_bad_usage() {
    let folder = Folder::new();
    folder.write("file", "");

    for arguments in [["man", "file"], ["init", "file"]] {
        let ended = run(cannery(&folder.path).args(arguments));

        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.starts_with("error: cannot write file/"), "{}", ended.stderr);
    }
}

const UNTIDY: &str = "# A comment.\nname='a'\n[[stub]]\nrequest.path='/a'\nresponse.text='a' # answer\n";
const TIDY: &str = "# A comment.\nname = \"a\"\n\n[[stub]]\nrequest.path = \"/a\"\nresponse.text = \"a\" # answer\n";

#[test]
fn files_are_laid_out_in_place() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", UNTIDY);
    folder.write("scenarios/b.toml", TIDY);

    let ended = run(cannery(&folder.path).arg("fmt"));

    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.stdout, "changed scenarios/a.toml\n");
    assert_eq!(fs::read_to_string(folder.path.join("scenarios/a.toml")).expect("a file"), TIDY);
    assert_eq!(
        fs::read_dir(folder.path.join("scenarios")).expect("a folder").count(),
        2,
        "nothing is left beside them"
    );
    assert_eq!(run(cannery(&folder.path).arg("fmt")).stdout, "");
}

#[test]
fn fmt_check_changes_no_file() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", UNTIDY);

    let ended = run(cannery(&folder.path).args(["fmt", "--check"]));

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), "would change scenarios/a.toml\n"));
    assert_eq!(fs::read_to_string(folder.path.join("scenarios/a.toml")).expect("a file"), UNTIDY);
    folder.write("scenarios/a.toml", TIDY);
    let ended = run(cannery(&folder.path).args(["fmt", "--check"]));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
}

#[test]
fn a_file_that_is_not_toml_is_unchanged_and_the_others_are_laid_out() {
    let folder = Folder::new();
    folder.write("scenarios/a.toml", "name='a'\nb = yes\n");
    folder.write("scenarios/b.toml", UNTIDY);

    let ended = run(cannery(&folder.path).arg("fmt"));

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), "changed scenarios/b.toml\n"));
    assert!(ended.stderr.contains("scenarios/a.toml:2:5"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(folder.path.join("scenarios/a.toml")).expect("a file"), "name='a'\nb = yes\n");
}

#[test]
fn stdin_is_laid_out_on_stdout() {
    let folder = Folder::new();

    for (arguments, text, code, printed) in [
        (["fmt", "-"].as_slice(), UNTIDY, 0, TIDY),
        (&["fmt", "-", "--check"], UNTIDY, 1, "would change stdin\n"),
        (&["fmt", "-", "--check"], TIDY, 0, ""),
        (&["fmt", "-"], "a = ", 3, ""),
        (&["fmt", "-", "scenarios"], "", 2, ""),
    ] {
        let mut child =
            cannery(&folder.path).args(arguments).stdin(Stdio::piped()).spawn().expect("the command starts");
        // A command with bad arguments does not read stdin.
        let _ = child.stdin.take().expect("stdin").write_all(text.as_bytes());
        let output = child.wait_with_output().expect("the command ends");

        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), printed, "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn permissions_and_links_are_kept() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::new();
    folder.write("shared/a.toml", UNTIDY);
    let file = folder.path.join("shared/a.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("permissions");
    let link = folder.path.join("link.toml");
    symlink(&file, &link).expect("a link");

    let ended = run(cannery(&folder.path).args(["fmt", "link.toml"]));

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "changed link.toml\n"));
    assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
    assert_eq!(fs::read_to_string(&file).expect("a file"), TIDY);
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o640);
}

#[test]
fn the_starter_file_has_the_standard_layout() {
    let folder = Folder::new();
    run(cannery(&folder.path).arg("init"));

    let ended = run(cannery(&folder.path).args(["fmt", "--check"]));

    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
}
