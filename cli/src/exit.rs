//! Exit codes and the failures that cause them.
//!
//! 0 good, 1 an expectation failed, 2 bad usage (clap's own), 3 bad scenario file, 4 could not listen, connect or write.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use cannery::formats::Diagnostics;
use cannery::message::{Secrets, visible_lines};

use crate::output::eprint;

/// The exit code if an expectation failed, such as an example.
pub const EXPECTATION_FAILED: u8 = 1;

/// The exit code if a scenario file does not load.
pub const BAD_SCENARIO: u8 = 3;
/// The exit code if a server could not be reached, or an address or stdout could not be used.
pub const UNREACHED: u8 = 4;

/// The exit code if a signal ended the command: 128 + SIGINT, as in a shell.
pub const INTERRUPTED: u8 = 130;

/// The reason why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The arguments are not valid, or what they refer to is not.
    Usage(String),
    /// Scenario files do not load.
    Scenarios(Diagnostics),
    /// An address cannot be bound. The text is the option for its port.
    Listen(&'static str, SocketAddr, io::Error),
    /// A server could not be reached, or its answer cannot be used.
    Unreached(String),
    /// stdout cannot be written.
    Stdout(io::Error),
    /// Any other error of the system.
    System(io::Error),
}

/// Returns an untrusted text with control characters escaped, and without the credentials in its URLs.
pub fn safe(text: &str) -> String {
    visible_lines(&Secrets::default().redacted(text)).into_owned()
}

impl Failure {
    /// Prints the failure to stderr, and returns the exit code.
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
