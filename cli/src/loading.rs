//! The thread that reads files: before they are served, and again when they have changed.
//!
//! It is one thread for both. What a thread has let go of stays in pieces with the allocator until that thread asks for more,
//! and many pieces are joined at once where it was another's: the first change of ten thousand stubs took a processor for 17 ms so.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use cannery::check::{self, Catalogue, Loading};
use cannery::formats::{Diagnostic, Streams};
use tokio::sync::oneshot;

use crate::exit::Failure;
use crate::output;
use crate::watch::Fingerprint;

/// What files hold that are to be served.
pub struct LoadedFiles {
    /// What they looked like before they were read.
    pub before: Fingerprint,
    pub loading: Loading,
}

/// Loads files once, and warns of what is passed over.
pub fn load(paths: &[PathBuf]) -> Result<Catalogue, Failure> {
    let Loading { outcome, passed_over, .. } = check::load_fully(paths, Streams::Read);
    warn(&passed_over);
    outcome.map_err(Failure::Scenarios)
}

/// Warns of each thing in a folder that is not a file and is passed over.
pub fn warn(passed_over: &[Diagnostic]) {
    passed_over.iter().for_each(|warning| output::eprint(warning.render(true)));
}

/// The thread, which nobody waits for at the end: reading may take long, or never end where a path is a pipe.
pub struct FileThread {
    next: mpsc::Sender<Box<dyn FnOnce() + Send>>,
}

impl FileThread {
    /// Starts it; it loads, tells what, and waits for what comes next.
    pub fn load(paths: Vec<PathBuf>) -> io::Result<(FileThread, oneshot::Receiver<LoadedFiles>)> {
        let (tell, told) = oneshot::channel();
        let (next, what) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        thread::Builder::new().name("files".to_owned()).spawn(move || {
            let before = Fingerprint::take(&paths, &BTreeSet::new());
            let loading = check::load_fully(&paths, Streams::Read);
            drop(tell.send(LoadedFiles { before, loading }));
            if let Ok(next) = what.recv() {
                next();
            }
        })?;
        Ok((FileThread { next }, told))
    }

    /// What the thread does next; it ends where nobody says.
    pub fn then_run(self, next: impl FnOnce() + Send + 'static) {
        // It waits for this, unless loading has panicked, and then nothing is served.
        let _ = self.next.send(Box::new(next));
    }
}
