//! The arguments of `cannery drift`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::units::{Rate, parse_duration, parse_rate};

use super::path_separator::PATH_SEPARATOR;

/// The arguments of `cannery drift`.
#[derive(Debug, Parser)]
pub struct DriftArgs {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios", env = "CANNERY_SCENARIOS", value_delimiter = PATH_SEPARATOR)]
    pub paths: Vec<PathBuf>,

    /// The real service, such as https://api.example.com/v2; examples' paths go behind its own
    #[arg(long, value_name = "URL", env = "CANNERY_AGAINST")]
    pub against: String,

    /// Send other methods than GET, HEAD and OPTIONS too: the service may change
    #[arg(long)]
    pub r#unsafe: bool,

    // Headers and parameters are parsed later: clap's error would print a value with its credentials.
    /// A header for the requests, with $NAME for a value from the environment; replaces the examples' own
    #[arg(long, value_name = "NAME: VALUE")]
    pub header: Vec<String>,

    /// A query parameter for the requests, with $NAME for a value from the environment; replaces the examples' own
    #[arg(long, value_name = "NAME=VALUE")]
    pub query: Vec<String>,

    /// At most so many requests a second (/s) or minute (/m)
    #[arg(long, value_name = "COUNT/UNIT", default_value = "5/s", value_parser = parse_rate)]
    pub rate: Rate,

    /// How long one request may take
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_duration)]
    pub timeout: Duration,

    /// Certificate authorities to trust beside the public ones, a PEM file
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// How the outcome is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: DriftFormat,
}

/// How the outcome is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriftFormat {
    /// A line an example and a diff a drift, for people
    Text,
    /// One JSON object, for programs
    Json,
    /// JUnit XML, for services that run CI
    Junit,
}
