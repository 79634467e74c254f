//! The command line, and the variables `CANNERY_*` of the environment.
//!
//! Plain data for the commands. Only `admin` also checks combinations of its options.

mod admin;
mod check;
mod completions;
mod drift;
mod explain;
mod fmt;
mod init;
mod path_separator;
mod serve;
mod server;

use clap::{Parser, Subcommand};

pub use admin::{AdminAccessArgs, AdminLocation};
pub use check::CheckArgs;
pub use completions::{CompletionsArgs, ManArgs};
pub use drift::{DriftArgs, DriftFormat};
pub use explain::{ExplainArgs, ExplainFormat};
pub use fmt::FmtArgs;
pub use init::InitArgs;
pub use serve::{LogFormat, ReadyLine, ServeArgs, Watch};
pub use server::{HealthArgs, JournalArgs, JournalFormat, ServerArgs};

/// A mock HTTP server: canned responses from scenario files, every request recorded.
#[derive(Debug, Parser)]
#[command(name = "cannery", version, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve scenario files until Ctrl-C or SIGTERM
    Serve(ServeArgs),
    /// Check scenario files and play their examples, without a socket
    Check(CheckArgs),
    /// Ask a server whether it is healthy
    Health(HealthArgs),
    /// Print what a server has received, and what no stub answered
    Journal(JournalArgs),
    /// Say which stub answers a request, with what, and why not those before it
    Explain(ExplainArgs),
    /// Send the examples to the real service, and tell where it has drifted from what the files promise
    Drift(DriftArgs),
    /// Print the JSON Schema of a scenario file, for editors
    Schema,
    /// Lay scenario files out in one way, comments kept
    Fmt(FmtArgs),
    /// Write a scenario file to start from
    Init(InitArgs),
    /// Print a script that completes this command in a shell
    Completions(CompletionsArgs),
    /// Write the manual pages
    Man(ManArgs),
}
