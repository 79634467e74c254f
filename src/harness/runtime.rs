//! The background runtimes of all servers of a process.
//!
//! A server answers even if its test has no runtime, or blocks it. Each runtime has one thread, so that nothing moves between
//! threads. There is at most one per processor, and each server uses the runtime with the fewest servers.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle};

/// More threads do not make mock servers faster.
const MAX_RUNTIMES: usize = 4;

static RUNTIMES: [OnceCell<Handle>; MAX_RUNTIMES] = [const { OnceCell::new() }; MAX_RUNTIMES];

/// The number of servers on each runtime.
static SERVERS: [AtomicUsize; MAX_RUNTIMES] = [const { AtomicUsize::new(0) }; MAX_RUNTIMES];

/// A server's slot on one of the runtimes. The first slot starts the runtime, which runs until the process ends.
pub(super) struct RuntimeSlot {
    number: usize,
    runtime: &'static Handle,
}

impl RuntimeSlot {
    /// # Errors
    /// Returns why no thread can be started.
    pub(super) fn acquire() -> io::Result<RuntimeSlot> {
        let number = least_used();
        let runtime = RUNTIMES[number].get_or_try_init(start)?;
        SERVERS[number].fetch_add(1, Ordering::Relaxed);
        Ok(RuntimeSlot { number, runtime })
    }

    pub(super) fn runtime(&self) -> &'static Handle {
        self.runtime
    }
}

impl Drop for RuntimeSlot {
    fn drop(&mut self) {
        SERVERS[self.number].fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns the first runtime if it is free, else the one with the fewest servers. So tests that run one after another use
/// one thread, whose caches are warm, and do not need the number of processors.
fn least_used() -> usize {
    let servers = |number: &usize| SERVERS[*number].load(Ordering::Relaxed);
    if servers(&0) == 0 {
        0
    } else {
        (0..threads()).min_by_key(servers).unwrap_or(0)
    }
}

fn threads() -> usize {
    // Read once, because the system reads files for it.
    static THREADS: OnceCell<usize> = OnceCell::new();
    *THREADS.get_or_init(|| available_parallelism().map_or(1, |threads| threads.get().min(MAX_RUNTIMES)))
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().thread_name("cannery").build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("cannery".to_owned()).spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}

/// Returns any runtime; `None` before the first server starts.
pub(super) fn any_runtime() -> Option<&'static Handle> {
    RUNTIMES.iter().find_map(OnceCell::get)
}

/// Whether the calling thread is a background runtime, which must not block on its own tasks.
pub(super) fn is_background() -> bool {
    let current = Handle::try_current().map(|handle| handle.id());
    current.is_ok_and(|id| RUNTIMES.iter().filter_map(OnceCell::get).any(|handle| handle.id() == id))
}
