//! The arguments of `cannery completions` and `cannery man`.

use std::path::PathBuf;

use clap::Parser;
use clap_complete::Shell;

/// The arguments of `cannery completions`.
#[derive(Debug, Parser)]
pub struct CompletionsArgs {
    /// The shell that reads the script
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The arguments of `cannery man`.
#[derive(Debug, Parser)]
pub struct ManArgs {
    /// A folder for a page a command; without one they are printed one after another
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}
