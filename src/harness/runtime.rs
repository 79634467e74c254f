//! The runtime in the background, on which all servers of a process live.
//!
//! A server so answers whether its test has a runtime or none, and while that test blocks.

use std::io;
use std::thread::available_parallelism;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle, Runtime};

static BACKGROUND: OnceCell<Runtime> = OnceCell::new();

/// More threads than this make mock servers no faster.
const MOST_THREADS: usize = 4;

/// Processors for each of them; the others are for the tests themselves, which mock servers only ever wait for.
const PROCESSORS_A_THREAD: usize = 2;

/// The runtime; made at the first call, and there until the process ends.
///
/// # Errors
/// Where the system gives no threads.
pub(super) fn background() -> io::Result<&'static Runtime> {
    BACKGROUND.get_or_try_init(|| {
        let threads =
            available_parallelism().map_or(1, |threads| (threads.get() / PROCESSORS_A_THREAD).clamp(1, MOST_THREADS));
        Builder::new_multi_thread().worker_threads(threads).thread_name("cannery").enable_all().build()
    })
}

/// Whether the calling thread is one of it, which must not wait for what only it can do.
pub(super) fn is_background() -> bool {
    let current = Handle::try_current().map(|handle| handle.id());
    current.is_ok_and(|id| BACKGROUND.get().is_some_and(|runtime| runtime.handle().id() == id))
}
