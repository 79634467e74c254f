//! What `cannery completions` and `cannery man` can be told.

use std::path::PathBuf;

use clap::Parser;
use clap_complete::Shell;

/// For which shell.
#[derive(Debug, Parser)]
pub struct CompletionsArgs {
    /// The shell that reads the script
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Where the pages go.
#[derive(Debug, Parser)]
pub struct ManArgs {
    /// A folder for a page a command; without one they are printed one after another
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}
