//! What `cannery init` can be told.

use std::path::PathBuf;

use clap::Parser;

/// Where the starter goes.
#[derive(Debug, Parser)]
pub struct InitArgs {
    /// A folder for hello.toml, or a file that ends with .toml
    #[arg(value_name = "PATH", default_value = "scenarios")]
    pub path: PathBuf,
}
