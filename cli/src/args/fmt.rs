//! The arguments of `cannery fmt`.

use std::path::PathBuf;

use clap::Parser;

use super::path_separator::PATH_SEPARATOR;

/// The arguments of `cannery fmt`.
#[derive(Debug, Parser)]
pub struct FmtArgs {
    /// Scenario files, or folders of them; `-` lays stdin out on stdout
    #[arg(value_name = "PATH", default_value = "scenarios", env = "CANNERY_SCENARIOS", value_delimiter = PATH_SEPARATOR)]
    pub paths: Vec<PathBuf>,

    /// Write nothing; name the files that would change, and exit with 1 where there are any
    #[arg(long)]
    pub check: bool,
}
