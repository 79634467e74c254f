//! The thread that loads scenario files at the start, and again when they change.
//!
//! One thread does both, because the allocator reuses freed memory within a thread. With two threads the first reload took
//! 17 ms more of processor time with ten thousand stubs.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use cannery::check::{self, Catalogue, LoadReport};
use cannery::formats::{Diagnostic, Streams};
use tokio::sync::oneshot;

use crate::exit::Failure;
use crate::output;
use crate::watch::Fingerprint;

/// The loaded files.
pub struct LoadedFiles {
    /// The fingerprint of the files before they were read.
    pub before: Fingerprint,
    pub loading: LoadReport,
}

/// Loads files once, and prints a warning for each skipped entry of a folder.
pub fn load(paths: &[PathBuf]) -> Result<Catalogue, Failure> {
    let LoadReport { outcome, skipped, .. } = check::load_with_report(paths, Streams::Read);
    warn(&skipped);
    outcome.map_err(Failure::Scenarios)
}

/// Prints a warning for each entry of a folder that is skipped because it is not a file.
pub fn warn(skipped: &[Diagnostic]) {
    skipped.iter().for_each(|warning| output::eprint(warning.render(true)));
}

/// The thread. The process does not wait for it at its end, because reading may take long, or never end if a path is a pipe.
pub struct FileThread {
    next: mpsc::Sender<Box<dyn FnOnce() + Send>>,
}

impl FileThread {
    /// Starts the thread. It loads the files, sends them to the receiver, and waits for [`FileThread::then_run`].
    pub fn load(paths: Vec<PathBuf>) -> io::Result<(FileThread, oneshot::Receiver<LoadedFiles>)> {
        let (sender, receiver) = oneshot::channel();
        let (next, work) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        thread::Builder::new().name("files".to_owned()).spawn(move || {
            let before = Fingerprint::take(&paths, &BTreeSet::new());
            let loading = check::load_with_report(&paths, Streams::Read);
            drop(sender.send(LoadedFiles { before, loading }));
            if let Ok(next) = work.recv() {
                next();
            }
        })?;
        Ok((FileThread { next }, receiver))
    }

    /// Gives the thread its next work. It ends if this is dropped instead.
    pub fn then_run(self, next: impl FnOnce() + Send + 'static) {
        // The thread waits for this, unless loading has panicked. Then nothing is served.
        let _ = self.next.send(Box::new(next));
    }
}
