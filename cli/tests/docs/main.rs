//! The documentation is true: every file and command of README.md and `docs/` is run, and every link is followed.
//!
//! `BLESS=1 cargo test -p cannery-cli --test docs` writes the real output into the pages; review it before you commit it.
//! `DOCS=xml` runs only the pages with `xml` in their path. CONTRIBUTING.md explains the marks of fences.

#![allow(missing_docs)]
#![cfg(unix)]

mod compare;
mod links;
mod mark;
mod page;
mod play;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mark::Mark;
use page::{Page, pages};
use play::{Played, play};
use support::{cannery, repository, run};

/// The programs that pages may use besides `cannery` and `bash`.
const TOOLS: [&str; 2] = ["curl", "python3"];

#[test]
fn every_file_and_command_of_the_pages_works_as_shown() {
    let root = repository(".");
    let filter = std::env::var("DOCS").unwrap_or_default();
    let missing: Vec<&str> = TOOLS.into_iter().filter(|tool| !exists(tool)).collect();
    let mut chosen: Vec<Page> = pages(&root).iter().map(|path| Page::read(&root, path)).collect();
    chosen.retain(|page| page.path.to_string_lossy().contains(&filter));
    chosen.retain(|page| {
        let needed: Vec<&str> = missing.iter().copied().filter(|tool| needs(page, tool)).collect();
        needed.iter().for_each(|tool| eprintln!("skipped: {}: {tool} is not installed", page.path.display()));
        needed.is_empty()
    });

    let played: Vec<Played> = std::thread::scope(|scope| {
        let threads: Vec<_> = chosen.iter().map(|page| scope.spawn(|| play(page))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a page is played")).collect()
    });

    if std::env::var_os("BLESS").is_some() {
        chosen.iter().zip(&played).for_each(|(page, played)| bless(&root, page, played));
    }
    let faults = chosen.iter().flat_map(|page| &page.faults);
    let complaints: Vec<&String> = faults.chain(played.iter().flat_map(|played| &played.complaints)).collect();
    assert!(
        complaints.is_empty(),
        "\n{}\n",
        complaints.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn fences_that_are_not_run_are_listed() {
    let root = repository(".");
    let mut skipped = String::new();

    for page in pages(&root).iter().map(|path| Page::read(&root, path)) {
        for fence in &page.fences {
            if let Mark::Skip(why) = &fence.mark {
                skipped.push_str(&format!("{}: {}: {why}\n", page.path.display(), fence.language));
            }
        }
    }

    insta::assert_snapshot!(skipped);
}

#[test]
fn every_page_with_rust_is_among_the_doctests() {
    let root = repository(".");
    let doctests = fs::read_to_string(root.join("src/doctests.rs")).expect("the doctests");

    for page in pages(&root).iter().map(|path| Page::read(&root, path)) {
        let name = page.path.file_name().expect("a name").to_string_lossy();
        let how_to = page.path.parent() == Some(Path::new("docs/how-to"));
        let included = if how_to {
            format!("\"{name}\"")
        } else {
            format!("\"../{}\"", page.path.display())
        };
        let exists = doctests.contains(&included);
        let needed = page.fences.iter().any(|fence| fence.mark == Mark::Rust);
        assert!(exists || !needed, "src/doctests.rs does not have {}", page.path.display());
    }
}

#[test]
fn every_link_leads_somewhere() {
    let root = repository(".");
    let mut paths = pages(&root);
    paths.extend(["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(PathBuf::from));
    let pages: Vec<Page> = paths.iter().map(|path| Page::read(&root, path)).collect();

    let broken = links::broken(&root, &pages);

    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_page_is_reached_from_the_index() {
    let root = repository(".");
    let index = Page::read(&root, Path::new("docs/README.md"));
    let reached: BTreeSet<PathBuf> = links::links(&index).into_iter().map(|link| link.file).collect();

    let missing: Vec<PathBuf> =
        pages(&root).into_iter().filter(|page| *page != index.path && !reached.contains(page)).collect();

    assert_eq!(missing, [PathBuf::from("README.md")][..missing.len().min(1)]);
}

#[test]
fn the_picture_of_the_terminal_is_current() {
    if let Some(tool) = TOOLS.into_iter().find(|tool| !exists(tool)) {
        return eprintln!("skipped: {tool} is not installed");
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_cannery")).parent().expect("a folder");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());

    let output = Command::new("python3").arg(repository("docs/picture")).arg("--check").env("PATH", path).output();

    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_command_and_option_is_in_the_reference() {
    let reference = fs::read_to_string(repository("docs/reference/cli.md")).expect("the reference");
    let help = |command: &[&str]| run(cannery(&repository(".")).args(command).arg("--help")).stdout;
    let first = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
    let commands = help(&[]);
    let commands = commands.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());

    for command in commands.map(first).filter(|command| command != "help") {
        let section = reference.split("\n## ").find(|section| section.starts_with(&format!("`cannery {command}")));
        let section = section.unwrap_or_else(|| panic!("the reference has no section on `cannery {command}`"));
        for option in help(&[&command]).split_whitespace().filter(|word| word.starts_with("--")) {
            let option = option.trim_end_matches([',', '.', ';', ')']);
            let exists = option == "--help" || section.contains(&format!("`{option}"));
            assert!(exists, "the section on `cannery {command}` has no `{option}`");
        }
    }
}

#[test]
fn a_page_with_wrong_output_is_reported() {
    for (page, expected) in [
        ("```sh\nexit 3\n```\n", "the commands end with Some(3), not 0"),
        ("```sh exit=1\ntrue\n```\n", "the commands end with Some(0), not 1"),
        ("```sh\necho a\n```\n```text printed\nb\n```\n", "this is printed instead:\na"),
        ("```toml scenario\n[[stub]]\nrequest.pth = '/'\n```\n", "`cannery check` ends with Some(3), not 0"),
        ("```toml scenario check=3\n[[stub]]\nresponse.text = 'a'\n```\n", "`cannery check` ends with Some(0), not 3"),
        ("```toml file=a.toml\n[[stub]]\nstatus = 1\n```\n", "`cannery check` ends with Some(3), not 0"),
        ("```sh serve\ncannery serve nowhere.toml\n```\n", "the server does not get ready"),
        ("```text log\na line\n```\n", "no server runs"),
        ("```toml manifest\n[dev-dependencies]\ncannery = \"9.9\"\n```\n", "there is no line `cannery = "),
    ] {
        let page = Page::parse(Path::new("page.md"), page);
        assert!(page.faults.is_empty(), "{:?}", page.faults);

        let complaints = play(&page).complaints;

        assert!(complaints.len() == 1 && complaints[0].contains(expected), "{complaints:?}");
    }
}

#[test]
fn a_fence_that_is_not_marked_is_reported() {
    for (page, expected) in [
        ("```\nx\n```\n", "a fence marked ``"),
        ("```toml\n```\n", "a fence marked `toml`"),
        ("```sh skip=\"\"\n```\n", "a fence marked `sh skip=\"\"`"),
        ("```json print\n```\n", "a fence marked `json print`"),
        ("```text printed\n```\n", "follows no commands"),
        ("```sh\n", "never closed"),
    ] {
        let faults = Page::parse(Path::new("page.md"), page).faults;

        assert!(faults.len() == 1 && faults[0].contains(expected), "{faults:?}");
    }
}

#[test]
fn times_durations_and_ports_are_not_differences() {
    for (language, shown, printed, is_same) in [
        ("text", "10:30:00 GET / (0.1 ms)", "23:59:59 GET / (12.5 ms)", true),
        ("text", "a\n...\nz", "a\nb\nc\nz", true),
        ("text", "a ... z", "a b z", true),
        ("text", "a ... z", "a b\nz", false),
        ("text", "10:30:00 GET /", "10:30:00 PUT /", false),
        ("json", "{\n  \"a\": [1, \"b c\"]\n}", "{\"a\":[1,\"b c\"]}", true),
        ("json", "{\"a\": \"b c\"}", "{\"a\":\"bc\"}", false),
    ] {
        assert_eq!(compare::is_shown(language, shown, printed), is_same, "{shown}");
    }
}

/// Writes the real output into the fences that show another one.
fn bless(root: &Path, page: &Page, played: &Played) {
    let path = root.join(&page.path);
    let mut lines: Vec<String> = fs::read_to_string(&path).expect("the page").lines().map(str::to_owned).collect();
    for (line, printed) in played.printed.iter().rev() {
        let end = lines[*line..].iter().position(|text| text == "```").expect("the fence is closed") + line;
        lines.splice(*line..end, printed.lines().map(str::to_owned));
    }
    fs::write(path, lines.join("\n") + "\n").expect("the page can be written");
}

fn needs(page: &Page, tool: &str) -> bool {
    page.fences.iter().any(|fence| matches!(fence.mark, Mark::Commands { .. }) && fence.text.contains(tool))
}

fn exists(tool: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().is_ok_and(|found| found.status.success())
}
