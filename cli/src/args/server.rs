//! The arguments of the client commands of a running server: `cannery health` and `cannery journal`.

use std::net::IpAddr;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::units::parse_duration;

use super::admin::AdminAccessArgs;

/// Which server to ask.
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

    /// How to reach its admin API.
    #[command(flatten)]
    pub admin: AdminAccessArgs,
}

/// The arguments of `cannery health`.
#[derive(Debug, Parser)]
pub struct HealthArgs {
    /// The server.
    #[command(flatten)]
    pub server: ServerArgs,

    /// Only ask whether it listens, for a server without an admin API
    #[arg(long, env = "CANNERY_NO_ADMIN", value_parser = clap::builder::BoolishValueParser::new())]
    pub no_admin: bool,

    /// Ask again and again until it is healthy, at most for so long
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub wait: Option<Duration>,
}

/// The arguments of `cannery journal`.
#[derive(Debug, Parser)]
pub struct JournalArgs {
    /// The server.
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
