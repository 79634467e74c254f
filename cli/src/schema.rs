//! `cannery schema`: prints the JSON Schema of a scenario file, for editors.

use std::process::ExitCode;

use cannery::formats::SCHEMA;

use crate::exit::Failure;
use crate::output::print_text;

/// Prints the schema.
pub fn schema() -> Result<ExitCode, Failure> {
    print_text(&format!("{}\n", SCHEMA.trim_end()));
    Ok(ExitCode::SUCCESS)
}
