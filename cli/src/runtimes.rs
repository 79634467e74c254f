//! The threads that answer requests. Each has its own runtime, because moving work between threads makes a request a fifth
//! slower.

use std::future::pending;
use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle, Runtime};

/// The runtimes that answer requests.
pub struct Runtimes {
    /// The runtime of the thread that starts the others.
    pub this: Runtime,
    /// The runtimes of the other threads, which run until the process ends.
    pub others: Vec<Handle>,
}

/// The maximum number of threads for blocking work of all runtimes together.
const MAX_BLOCKING_THREADS: usize = 512;

/// The name of the other threads.
const THREAD_NAME: &str = "answers";

impl Runtimes {
    /// Starts `count` threads, or half as many as there are processors: clients usually run on the same machine and need the
    /// other half.
    pub fn start(count: Option<u16>) -> io::Result<Runtimes> {
        let half = || thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2));
        let count = count.map_or_else(half, usize::from);
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
