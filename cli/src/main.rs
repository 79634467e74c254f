//! The command `cannery`: serves scenario files, and checks them.
//!
//! What it does is the library's business; here are arguments, signals, exit codes and what people read.

mod args;
mod check;
mod client;
mod drift;
mod exit;
mod explain;
mod health;
mod journal;
mod log;
mod output;
mod ready;
mod report;
mod routes;
mod serve;
mod units;
mod watch;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

fn main() -> ExitCode {
    let ended = match Args::parse().command {
        Command::Serve(args) => serve::serve(args),
        Command::Check(args) => check::check(&args),
        Command::Health(args) => health::health(&args),
        Command::Journal(args) => journal::journal(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Drift(args) => drift::drift(&args),
    };
    ended.unwrap_or_else(|failure| failure.report())
}
