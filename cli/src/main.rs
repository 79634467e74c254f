//! The command `cannery`: serves scenario files, and checks them.
//!
//! The library does the work. This crate has the arguments, signals, exit codes and texts.

mod address;
mod args;
mod atomic_file;
mod background;
mod bound;
mod check;
mod client;
mod completions;
mod count;
mod drift;
mod exit;
mod explain;
mod fmt;
mod health;
mod init;
mod journal;
mod loading;
mod log;
mod output;
mod ready;
mod report;
mod routes;
mod runtimes;
mod schema;
mod serve;
mod signals;
mod units;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use args::{Args, Command};
use exit::Failure;

fn main() -> ExitCode {
    let outcome = match Args::try_parse().map(|args| args.command) {
        Err(error) => usage(&error),
        Ok(command) => run(command),
    };
    let code = outcome.unwrap_or_else(Failure::report);
    // Lost output replaces any other exit code, so that the program that reads it does not take the command for a success.
    let code = output::flush_stdout().map_or_else(|error| Failure::Stdout(error).report(), |()| code);
    output::flush_stderr(Duration::from_secs(2));
    code
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
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
    }
}

/// Prints an error of the arguments to stderr, or the help or the version to stdout.
fn usage(error: &clap::Error) -> Result<ExitCode, Failure> {
    if error.use_stderr() {
        // The text repeats what was typed, which may contain control characters.
        let text = error.render();
        let text = if output::shows_colours() { text.ansi().to_string() } else { text.to_string() };
        output::eprint(text.trim_end());
        return Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)));
    }
    output::keep_error(error.print());
    Ok(ExitCode::SUCCESS)
}
