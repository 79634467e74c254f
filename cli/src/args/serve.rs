//! The arguments of `cannery serve`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::units::{parse_duration, parse_size};

use super::admin::AdminArgs;
use super::path_separator::PATH_SEPARATOR;

/// The arguments of `cannery serve`.
#[derive(Debug, Parser)]
pub struct ServeArgs {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios", env = "CANNERY_SCENARIOS", value_delimiter = PATH_SEPARATOR)]
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
