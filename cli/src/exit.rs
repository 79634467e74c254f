//! Exit codes and the failures behind them.
//!
//! 0 good, 1 an expectation failed, 2 bad usage (clap's own), 3 bad scenario file, 4 could not listen, connect or write.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use cannery::formats::Diagnostics;
use cannery::message::{Secrets, visible_lines};

use crate::output::eprint;

/// An expectation failed, such as an example.
pub const EXPECTATION_FAILED: u8 = 1;

/// A scenario file does not load.
pub const BAD_SCENARIO: u8 = 3;
/// A server could not be reached.
pub const UNREACHED: u8 = 4;

/// Ended by a signal: 128 and SIGINT, as a shell has it.
pub const INTERRUPTED: u8 = 130;

/// Why the command could not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for cannot be.
    Usage(String),
    /// Scenario files that do not load.
    Scenarios(Diagnostics),
    /// The address cannot be bound, whose port an option gives.
    Listen(&'static str, SocketAddr, io::Error),
    /// A server could not be reached, or gave no answer that can be used.
    Unreached(String),
    /// What is for programs cannot be written.
    Stdout(io::Error),
    /// The system refused something else.
    System(io::Error),
}

/// What was typed or came from a server, safe for a terminal, and without credentials in URLs.
pub fn safe(text: &str) -> String {
    visible_lines(&Secrets::default().redacted(text)).into_owned()
}

impl Failure {
    /// Tells people on stderr, and programs by the exit code.
    pub fn report(self) -> ExitCode {
        match self {
            Failure::Usage(message) => {
                eprint(format_args!("error: {}", safe(&message)));
                ExitCode::from(2)
            }
            Failure::Scenarios(diagnostics) => {
                eprint(diagnostics.render(true).trim_end());
                ExitCode::from(BAD_SCENARIO)
            }
            Failure::Listen(option, address, error) => {
                eprint(format_args!("error: cannot listen on {address}: {error}"));
                if error.kind() == io::ErrorKind::AddrInUse {
                    eprint(format_args!(
                        "  = help: another program listens there. Choose another with `{option}`, or any with `{option} 0`.",
                    ));
                }
                ExitCode::from(4)
            }
            Failure::Unreached(message) => {
                eprint(format_args!("error: {}", safe(&message)));
                ExitCode::from(UNREACHED)
            }
            Failure::Stdout(error) => {
                eprint(format_args!("error: cannot write to stdout: {error}"));
                ExitCode::from(4)
            }
            Failure::System(error) => {
                eprint(format_args!("error: {error}"));
                ExitCode::from(4)
            }
        }
    }
}
