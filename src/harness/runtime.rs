//! The runtimes in the background, on which all servers of a process live.
//!
//! A server so answers whether its test has a runtime or none, and while that test blocks. Each runtime is one thread, so
//! that nothing is handed from thread to thread; there are as many as processors, and each server goes where the fewest
//! are.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle};

/// More threads than this make mock servers no faster.
const MOST: usize = 4;

static RUNTIMES: [OnceCell<Handle>; MOST] = [const { OnceCell::new() }; MOST];

/// How many servers live on each.
static SERVERS: [AtomicUsize; MOST] = [const { AtomicUsize::new(0) }; MOST];

/// A server's place on one of the runtimes, which is made for the first there and stays until the process ends.
pub(super) struct Home {
    number: usize,
    runtime: &'static Handle,
}

impl Home {
    /// # Errors
    /// Where the system gives no threads.
    pub(super) fn find() -> io::Result<Home> {
        let number = emptiest();
        let runtime = RUNTIMES[number].get_or_try_init(start)?;
        SERVERS[number].fetch_add(1, Ordering::Relaxed);
        Ok(Home { number, runtime })
    }

    pub(super) fn runtime(&self) -> &'static Handle {
        self.runtime
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        SERVERS[self.number].fetch_sub(1, Ordering::Relaxed);
    }
}

/// The first where nobody lives, else where the fewest do. Tests that run one after the other so keep to one thread,
/// whose caches know their way, and ask nobody how many there could be.
fn emptiest() -> usize {
    let servers = |number: &usize| SERVERS[*number].load(Ordering::Relaxed);
    if servers(&0) == 0 {
        0
    } else {
        (0..threads()).min_by_key(servers).unwrap_or(0)
    }
}

fn threads() -> usize {
    // Asked once: the system reads files to tell.
    static THREADS: OnceCell<usize> = OnceCell::new();
    *THREADS.get_or_init(|| available_parallelism().map_or(1, |threads| threads.get().min(MOST)))
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().thread_name("cannery").build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("cannery".to_owned()).spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}

/// One of them, once a server has started.
pub(super) fn any_runtime() -> Option<&'static Handle> {
    RUNTIMES.iter().find_map(OnceCell::get)
}

/// Whether the calling thread is one of theirs, which must not wait for what only it can do.
pub(super) fn is_background() -> bool {
    let current = Handle::try_current().map(|handle| handle.id());
    current.is_ok_and(|id| RUNTIMES.iter().filter_map(OnceCell::get).any(|handle| handle.id() == id))
}
