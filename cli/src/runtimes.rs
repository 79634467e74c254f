//! The threads that answer requests. Each has a runtime of its own, so that nothing is ever handed from one to another: that
//! would cost a request a fifth of its time.

use std::future::pending;
use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime};

/// What requests are answered on.
pub struct Runtimes {
    /// The runtime of the thread that starts the others.
    pub this: Runtime,
    /// Those of the others, which run for as long as the process.
    pub others: Vec<Handle>,
}

/// So many threads at most, beside all of them, do what takes a while.
const MAX_BLOCKING_THREADS: usize = 512;

/// The name of the others, as the system shows it.
const THREAD_NAME: &str = "answers";

impl Runtimes {
    /// As many as are asked for, or as half of the processors: the other half is left to those who ask, who as a rule are on the
    /// same machine.
    pub fn start(asked: Option<u16>) -> io::Result<Runtimes> {
        let half = || thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2));
        let count = asked.map_or_else(half, usize::from);
        let others: io::Result<Vec<Handle>> = (1..count).map(|_| start_thread(count)).collect();
        Ok(Runtimes { this: runtime(count)?, others: others? })
    }
}

fn runtime(count: usize) -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().max_blocking_threads(MAX_BLOCKING_THREADS.div_ceil(count)).build()
}

fn start_thread(count: usize) -> io::Result<Handle> {
    let runtime = runtime(count)?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(handle)
}
