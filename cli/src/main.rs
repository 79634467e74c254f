//! The command `cannery`: serves scenario files, and checks them.
//!
//! What it does is the library's business; here are arguments, signals, exit codes and what people read.

mod admin;
mod args;
mod background;
mod bound;
mod check;
mod client;
mod completions;
mod drift;
mod exit;
mod explain;
mod files;
mod fmt;
mod health;
mod init;
mod journal;
mod log;
mod output;
mod ready;
mod report;
mod routes;
mod schema;
mod serve;
mod threads;
mod units;
mod watch;
mod words;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use args::{Args, Command};

fn main() -> ExitCode {
    let ended = match Args::parse().command {
        Command::Serve(args) => serve::serve(args),
        Command::Check(args) => check::check(&args),
        Command::Health(args) => health::health(&args),
        Command::Journal(args) => journal::journal(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Schema => schema::schema(),
        Command::Fmt(args) => fmt::fmt(&args),
        Command::Init(args) => init::init(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => completions::man(&args),
        Command::Drift(args) => drift::drift(&args),
    };
    let code = ended.unwrap_or_else(|failure| failure.report());
    output::finish_telling(Duration::from_secs(2));
    code
}
