//! The runtimes in the background, on which all servers of a process live.
//!
//! A server so answers whether its test has a runtime or none, and while that test blocks. Each runtime is one thread, so
//! that nothing is handed from thread to thread; servers are dealt out among as many as there are processors.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle};

/// More threads than this make mock servers no faster.
const MOST: usize = 4;

static RUNTIMES: [OnceCell<Handle>; MOST] = [const { OnceCell::new() }; MOST];

/// How many servers were dealt out.
static DEALT: AtomicUsize = AtomicUsize::new(0);

/// The runtime for one more server, made when it is the first there, and there until the process ends.
///
/// # Errors
/// Where the system gives no threads.
pub(super) fn background() -> io::Result<&'static Handle> {
    // Asked once: the system reads files to tell.
    static THREADS: OnceCell<usize> = OnceCell::new();
    let threads = THREADS.get_or_init(|| available_parallelism().map_or(1, |threads| threads.get().min(MOST)));
    RUNTIMES[DEALT.fetch_add(1, Ordering::Relaxed) % threads].get_or_try_init(start)
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().thread_name("cannery").build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("cannery".to_owned()).spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}

/// Whether the calling thread is one of theirs, which must not wait for what only it can do.
pub(super) fn is_background() -> bool {
    let current = Handle::try_current().map(|handle| handle.id());
    current.is_ok_and(|id| RUNTIMES.iter().filter_map(OnceCell::get).any(|handle| handle.id() == id))
}
