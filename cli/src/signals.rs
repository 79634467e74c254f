//! The signals that ask the process to stop.
//!
//! The first process of a container ignores signals without a handler, so every long-running command sets handlers.

#[cfg(unix)]
pub use unix::{HangUp, StopSignals};

#[cfg(not(unix))]
pub use elsewhere::{HangUp, StopSignals};

#[cfg(unix)]
mod unix {
    use std::future::pending;
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// Ctrl-C and SIGTERM. While this exists they do not end the process.
    pub struct StopSignals {
        interrupt: Signal,
        terminate: Signal,
    }

    impl StopSignals {
        /// Sets the handlers.
        pub fn listen() -> io::Result<StopSignals> {
            Ok(StopSignals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
        }

        /// Completes when the next of them arrives.
        pub async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        }
    }

    /// SIGHUP, unless the process was started with SIGHUP ignored.
    pub struct HangUp(Option<Signal>);

    impl HangUp {
        /// Sets the handler.
        pub fn listen() -> io::Result<HangUp> {
            let handled = if is_hang_up_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
            Ok(HangUp(handled))
        }

        /// Completes when the next one arrives.
        pub async fn next(&mut self) {
            match &mut self.0 {
                Some(hang_up) => drop(hang_up.recv().await),
                None => pending().await,
            }
        }
    }

    /// Returns whether the process was started to outlive its terminal, as `nohup` does. A handler would undo that.
    ///
    /// Only Linux has this file; elsewhere SIGHUP always ends the server.
    fn is_hang_up_ignored() -> bool {
        const SIGHUP: u64 = 1;
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::future::pending;
    use std::io;

    /// Ctrl-C.
    pub struct StopSignals;

    impl StopSignals {
        /// Does nothing: `next` sets the handler.
        pub fn listen() -> io::Result<StopSignals> {
            Ok(StopSignals)
        }

        /// Completes when the next one arrives.
        pub async fn next(&mut self) {
            let _ = tokio::signal::ctrl_c().await;
        }
    }

    /// SIGHUP, which does not exist here.
    pub struct HangUp;

    impl HangUp {
        /// Does nothing.
        pub fn listen() -> io::Result<HangUp> {
            Ok(HangUp)
        }

        /// Never completes.
        pub async fn next(&mut self) {
            pending().await
        }
    }
}
