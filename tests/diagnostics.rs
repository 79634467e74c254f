//! What is said about bad files: each `tests/bad/NAME.toml` with its exact complaint in `NAME.stderr`.
//!
//! `BLESS=1 cargo test --test diagnostics` writes the complaints anew; read them before you keep them.

use std::fs;
use std::path::{Path, PathBuf};

use cannery::check::load;

#[test]
fn every_bad_file_gets_its_own_complaint() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();

    for file in bad_files() {
        let told = match load(std::slice::from_ref(&file)) {
            Ok(_) => "it loads\n".to_owned(),
            Err(diagnostics) => format!("{diagnostics}\n"),
        };
        let expected = file.with_extension("stderr");
        if bless {
            fs::write(&expected, told).expect("the complaint can be written");
        } else if fs::read_to_string(&expected).unwrap_or_default() != told {
            wrong.push(format!("{}:\n{told}", file.display()));
        }
    }

    assert!(wrong.is_empty(), "other complaints than expected:\n\n{}", wrong.join("\n"));
}

#[test]
fn every_fault_is_told_with_a_line_of_its_file() {
    for file in bad_files() {
        let diagnostics = load(std::slice::from_ref(&file)).expect_err("a bad file");

        for diagnostic in diagnostics.0 {
            assert_eq!(Path::new(&diagnostic.file), file);
            assert!(diagnostic.line > 0 && diagnostic.column > 0, "{diagnostic}");
            assert!(!diagnostic.message.ends_with('.'), "{diagnostic}");
        }
    }
}

/// The bad files, as they are named from the root of the repository.
fn bad_files() -> Vec<PathBuf> {
    let entries = fs::read_dir("tests/bad").expect("the folder of bad files");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    assert!(files.len() >= 45, "only {} bad files", files.len());
    files
}
