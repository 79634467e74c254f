//! The arguments of `cannery explain`.

use std::path::PathBuf;

use cannery::matching::parse_moment;
use cannery::model::Timestamp;
use clap::{ArgGroup, Parser, ValueEnum};

use super::admin::AdminAccessArgs;

/// The arguments of `cannery explain`.
#[derive(Debug, Parser)]
#[command(
    group(ArgGroup::new("source").args(["line", "request", "curl"]).required(true)),
    override_usage = "cannery explain [OPTIONS] [METHOD] <TARGET>\n       \
                      cannery explain [OPTIONS] --request <FILE>\n       \
                      cannery explain [OPTIONS] --curl <COMMAND>"
)]
pub struct ExplainArgs {
    /// Method and target, such as POST '/orders?dry_run=true'; without a method GET, or POST where there is a body
    #[arg(value_name = "TARGET", num_args = 1..=2)]
    pub line: Vec<String>,

    /// A header of the request; may be repeated
    #[arg(long, short = 'H', value_name = "NAME: VALUE", conflicts_with_all = ["request", "curl"])]
    pub header: Vec<String>,

    /// The body of the request
    #[arg(
        long,
        short,
        value_name = "TEXT",
        allow_hyphen_values = true,
        conflicts_with_all = ["request", "curl", "data_file"]
    )]
    pub data: Option<String>,

    /// A file with the body of the request; - is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["request", "curl"])]
    pub data_file: Option<PathBuf>,

    /// A file with the whole request as HTTP/1.1 has it; - is stdin
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,

    /// A curl command; - reads it from stdin
    #[arg(long, value_name = "COMMAND")]
    pub curl: Option<String>,

    /// Scenario files, or folders of them: CANNERY_SCENARIOS, else the folder `scenarios`; may be repeated
    #[arg(long, value_name = "PATH", conflicts_with = "url")]
    pub scenarios: Vec<PathBuf>,

    /// Puts a state machine into a state first; may be repeated
    #[arg(long, value_name = "MACHINE=STATE", conflicts_with = "url", value_parser = state)]
    pub state: Vec<(String, String)>,

    /// The time at which the request comes, such as 2026-01-31T12:00:00Z; else it is now
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub now: Option<Timestamp>,

    /// Asks a running server instead, with its state and the stubs that were added to it
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,

    /// How to reach the admin API of that server.
    #[command(flatten)]
    pub admin: AdminAccessArgs,

    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ExplainFormat,
}

/// How the explanation is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

fn state(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((machine, state)) if !machine.is_empty() => Ok((machine.to_owned(), state.to_owned())),
        _ => Err("must be a machine and its state, such as orders=paid".to_owned()),
    }
}

fn moment(text: &str) -> Result<Timestamp, String> {
    parse_moment(text).ok_or_else(|| "must be a date of RFC 3339, such as 2026-01-31T12:00:00Z".to_owned())
}
