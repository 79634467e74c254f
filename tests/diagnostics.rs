//! The diagnostics of scenario files: each `tests/bad/NAME.toml` has its exact errors in `NAME.stderr`, and each
//! `tests/warnings/NAME.toml`, which loads, its exact warnings.
//!
//! `BLESS=1 cargo test --test diagnostics` rewrites the `.stderr` files; review them before you commit them.

#![cfg(all(feature = "check", feature = "gzip", feature = "templates", feature = "xpath"))]

use std::fs;
use std::path::{Path, PathBuf};

use cannery::check::{load, warnings};
use cannery::formats::{Diagnostics, Severity};

#[test]
fn every_bad_file_gets_exactly_its_errors() {
    compare_with_stderr_files(bad_files(), |file| match load(std::slice::from_ref(file)) {
        Ok(_) => "it loads\n".to_owned(),
        Err(diagnostics) => format!("{diagnostics}\n"),
    });
}

#[test]
fn every_file_that_loads_gets_exactly_its_warnings() {
    let files = files_of("tests/warnings");
    assert!(files.len() >= 20, "only {} files", files.len());

    compare_with_stderr_files(files, |file| {
        let catalogue = load(std::slice::from_ref(file)).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        let found = warnings(&catalogue);
        assert!(found.iter().all(|warning| warning.severity == Severity::Warning && warning.line > 0), "{found:?}");
        format!("{}\n", Diagnostics(found))
    });
}

#[test]
fn the_shipped_scenarios_have_no_warnings() {
    let catalogue = load(&["scenarios".into()]).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));

    assert_eq!(Diagnostics(warnings(&catalogue)).to_string(), "");
}

/// Compares the diagnostics of each file with its `.stderr` file, or rewrites that file if `BLESS` is set.
fn compare_with_stderr_files(files: Vec<PathBuf>, diagnose: impl Fn(&PathBuf) -> String) {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for file in files {
        let found = diagnose(&file);
        let expected = file.with_extension("stderr");
        if bless {
            fs::write(&expected, found).expect("it can be written");
        } else if fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "unexpected diagnostics:\n\n{}", wrong.join("\n"));
}

#[test]
fn every_fault_names_a_line_of_its_file() {
    for file in bad_files() {
        let diagnostics = load(std::slice::from_ref(&file)).expect_err("a bad file");

        for diagnostic in diagnostics.0 {
            let is_beside = Path::new(&diagnostic.file).parent() == Some(Path::new("tests/bad/bodies"));
            let names_both = is_beside && diagnostic.to_string().contains(&format!("::: {}:", file.display()));
            assert!(Path::new(&diagnostic.file) == file || names_both, "{diagnostic}");
            assert!(diagnostic.line > 0 && diagnostic.column > 0, "{diagnostic}");
            assert!(!diagnostic.message.ends_with('.'), "{diagnostic}");
        }
    }
}

#[cfg(feature = "json-schema")]
#[test]
fn a_fault_in_a_schema_is_found_at_its_own_line_in_a_file_and_in_the_scenario() {
    let folder = std::env::temp_dir().join(format!("cannery-schemas-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (scenario, schema) = (folder.join("a.toml"), folder.join("a.json"));
    fs::write(&schema, "{\n  \"properties\": {\n    \"id\": { \"type\": \"strin\" }\n  }\n}\n").expect("a schema");
    let text = "[[stub]]\nrequest.json_schema = 'a.json'\n[[stub]]\nrequest.json_schema.properties.id.type = 'strin'\n";
    fs::write(&scenario, text).expect("a scenario");

    let diagnostics = load(std::slice::from_ref(&scenario)).expect_err("no schema").0;

    let places: Vec<_> = diagnostics.iter().map(|found| (Path::new(&found.file), found.line, found.column)).collect();
    assert_eq!(
        places,
        [(schema.as_path(), 3, 21), (scenario.as_path(), 4, 42)],
        "{}",
        Diagnostics(diagnostics.clone())
    );
    let _ = fs::remove_dir_all(&folder);
}

/// Returns the paths of the bad files, relative to the root of the repository.
fn bad_files() -> Vec<PathBuf> {
    let files = files_of("tests/bad");
    assert!(files.len() >= 45, "only {} bad files", files.len());
    files
}

/// Returns the scenario files of a folder, sorted by name.
fn files_of(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}
