//! Exit codes and the failures behind them.
//!
//! 0 good, 1 an expectation failed, 2 bad usage (clap's own), 3 bad scenario file, 4 could not listen.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use anstream::eprintln;
use cannery::formats::Diagnostics;

/// An expectation failed, such as an example.
pub const EXPECTATION_FAILED: u8 = 1;

/// Why the command could not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// Scenario files that do not load.
    Scenarios(Diagnostics),
    /// The address cannot be bound.
    Listen(SocketAddr, io::Error),
    /// The system refused something else.
    System(io::Error),
}

impl Failure {
    /// Tells people on stderr, and programs by the exit code.
    pub fn report(self) -> ExitCode {
        match self {
            Failure::Scenarios(diagnostics) => {
                eprintln!("{}", diagnostics.render(true).trim_end());
                ExitCode::from(3)
            }
            Failure::Listen(address, error) => {
                eprintln!("error: cannot listen on {address}: {error}");
                if error.kind() == io::ErrorKind::AddrInUse {
                    eprintln!(
                        "  = help: another program listens there. Choose another with `--port`, or any with `--port 0`."
                    );
                }
                ExitCode::from(4)
            }
            Failure::System(error) => {
                eprintln!("error: {error}");
                ExitCode::from(4)
            }
        }
    }
}
