//! The arguments of `cannery check`.

use std::path::PathBuf;

use clap::Parser;

use crate::report::ReportFormat;

use super::path_separator::PATH_SEPARATOR;

/// The arguments of `cannery check`.
#[derive(Debug, Parser)]
pub struct CheckArgs {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios", env = "CANNERY_SCENARIOS", value_delimiter = PATH_SEPARATOR)]
    pub paths: Vec<PathBuf>,

    /// How the outcome is written to stdout; stderr has it for people in any case
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,

    /// Exit with 1 where there are warnings
    #[arg(long)]
    pub deny_warnings: bool,
}
