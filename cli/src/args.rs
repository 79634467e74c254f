//! What can be said on the command line, or by `CANNERY_*` in the environment.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use crate::admin::{AdminAccessArgs, AdminArgs};
use crate::completions::{CompletionsArgs, ManArgs};
use crate::drift::DriftArgs;
use crate::explain::ExplainArgs;
use crate::fmt::FmtArgs;
use crate::init::InitArgs;
use crate::report::ReportFormat;
use crate::units::{parse_duration, parse_size};

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

/// What is served, where and how.
#[derive(Debug, Parser)]
pub struct ServeArgs {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios", env = "CANNERY_SCENARIOS", value_delimiter = PATHS)]
    pub paths: Vec<PathBuf>,

    /// The port to listen on; 0 takes any that is free
    #[arg(long, short, default_value_t = 8080, env = "CANNERY_PORT")]
    pub port: u16,

    /// The address to listen on; 0.0.0.0 for all
    #[arg(long, value_name = "IP", default_value = "127.0.0.1", env = "CANNERY_BIND_ADDRESS")]
    pub bind_address: IpAddr,

    /// The largest body that is taken, as it is sent and unpacked; larger ones get 413
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = parse_size, env = "CANNERY_MAX_BODY")]
    pub max_body: usize,

    /// How many bytes templates, batches and documents may render for one answer; more gets 500
    #[arg(long, value_name = "SIZE", default_value = "32MiB", value_parser = parse_size, env = "CANNERY_MAX_RENDERED")]
    pub max_rendered: usize,

    /// How long a request's body may take to arrive; later it gets 408
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_duration, env = "CANNERY_BODY_TIMEOUT")]
    pub body_timeout: Duration,

    /// How many requests the journal keeps
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, env = "CANNERY_JOURNAL_LIMIT")]
    pub journal_limit: usize,

    /// How many bytes the journal keeps
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = parse_size, env = "CANNERY_JOURNAL_BYTES")]
    pub journal_bytes: usize,

    /// Answer preflights and let pages of other origins read answers
    #[arg(long, env = "CANNERY_CORS", value_parser = clap::builder::BoolishValueParser::new())]
    pub cors: bool,

    /// When one JSON line on stdout says that the server is ready
    #[arg(long, value_name = "WHEN", default_value = "auto", env = "CANNERY_READY")]
    pub ready: ReadyLine,

    /// How the log on stderr is written
    #[arg(long, value_name = "FORMAT", default_value = "text", env = "CANNERY_LOG_FORMAT")]
    pub log_format: LogFormat,

    /// What random values and delays follow from
    #[arg(long, value_name = "NUMBER", default_value_t = 0, env = "CANNERY_SEED")]
    pub seed: u64,

    /// Where the admin API is, and who may use it.
    #[command(flatten)]
    pub admin: AdminArgs,

    /// How long requests in flight may take after Ctrl-C or SIGTERM
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_duration, env = "CANNERY_GRACE")]
    pub grace: Duration,

    /// How many threads answer requests [default: half as many as there are processors]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256), env = "CANNERY_THREADS")]
    pub threads: Option<u16>,

    /// How changes of the files are noticed, so that they are served without a restart
    #[arg(long, value_name = "HOW", default_value = "auto", env = "CANNERY_WATCH")]
    pub watch: Watch,
}

/// What is checked.
#[derive(Debug, Parser)]
pub struct CheckArgs {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios", env = "CANNERY_SCENARIOS", value_delimiter = PATHS)]
    pub paths: Vec<PathBuf>,

    /// How the outcome is written to stdout; stderr has it for people in any case
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,

    /// Exit with 1 where there are warnings
    #[arg(long)]
    pub deny_warnings: bool,
}

/// Which server is asked.
#[derive(Debug, Parser)]
pub struct ServerArgs {
    /// The server, such as http://127.0.0.1:8080; else the one that the options name
    #[arg(value_name = "URL", env = "CANNERY_URL")]
    pub url: Option<String>,

    /// The server's port
    #[arg(long, short, default_value_t = 8080, env = "CANNERY_PORT")]
    pub port: u16,

    /// The address that the server listens on
    #[arg(long, value_name = "IP", default_value = "127.0.0.1", env = "CANNERY_BIND_ADDRESS")]
    pub bind_address: IpAddr,

    /// How its admin API is asked.
    #[command(flatten)]
    pub admin: AdminAccessArgs,
}

/// What is asked of a server's health.
#[derive(Debug, Parser)]
pub struct HealthArgs {
    /// Which server is asked.
    #[command(flatten)]
    pub server: ServerArgs,

    /// Only ask whether it listens, for a server without an admin API
    #[arg(long, env = "CANNERY_NO_ADMIN", value_parser = clap::builder::BoolishValueParser::new())]
    pub no_admin: bool,

    /// Ask again and again until it is healthy, at most for so long
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub wait: Option<Duration>,
}

/// What is asked of a server's journal.
#[derive(Debug, Parser)]
pub struct JournalArgs {
    /// Which server is asked.
    #[command(flatten)]
    pub server: ServerArgs,

    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: JournalFormat,

    /// Exit with 0 though no stub answered some requests
    #[arg(long)]
    pub allow_unmatched: bool,
}

/// How a journal is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JournalFormat {
    /// A line a request, and why no stub answered; without secrets
    Text,
    /// One JSON object with every request whole, secrets too
    Json,
}

/// How changes of files are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Watch {
    /// By events, and by looking where a file system gives none
    Auto,
    /// By looking twice a second
    Poll,
    /// Not at all: what was loaded at the start is served
    Off,
}

/// When one JSON line on stdout says that the server is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReadyLine {
    /// If stdout is not a terminal
    Auto,
    /// Always
    Json,
    /// Never
    Off,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line a request, for people
    Text,
    /// A JSON object a request, for programs
    Json,
    /// Nothing of requests, and for people what happens to the server itself
    Off,
}

/// What separates paths in `CANNERY_SCENARIOS`, as in `PATH`.
pub const PATHS: char = if cfg!(windows) { ';' } else { ':' };
