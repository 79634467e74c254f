//! `cannery schema`: the JSON Schema of a scenario file, as editors read it.

use std::process::ExitCode;

use cannery::formats::SCHEMA;

use crate::exit::Failure;
use crate::output::say_text;

/// Prints the schema.
pub fn schema() -> Result<ExitCode, Failure> {
    say_text(&format!("{}\n", SCHEMA.trim_end()));
    Ok(ExitCode::SUCCESS)
}
