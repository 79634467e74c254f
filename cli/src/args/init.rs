//! The arguments of `cannery init`.

use std::path::PathBuf;

use clap::Parser;

/// The arguments of `cannery init`.
#[derive(Debug, Parser)]
pub struct InitArgs {
    /// A folder for hello.toml, or a file that ends with .toml
    #[arg(value_name = "PATH", default_value = "scenarios")]
    pub path: PathBuf,
}
