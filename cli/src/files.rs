//! The thread that reads files: before they are served, and again when they have changed.
//!
//! It is one thread for both. What a thread has let go of stays in pieces with the allocator until that thread asks for more,
//! and many pieces are joined at once where it was another's: the first change of ten thousand stubs took a processor for 17 ms so.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use cannery::check::{self, Catalogue};
use cannery::formats::Diagnostics;
use tokio::sync::oneshot;

use crate::watch::Fingerprint;

/// What files hold that are to be served.
pub struct Loaded {
    /// What they looked like before they were read.
    pub before: Fingerprint,
    pub outcome: Result<Catalogue, Diagnostics>,
    /// What the scenarios name beside themselves.
    pub beside: BTreeSet<PathBuf>,
}

/// The thread, which nobody waits for at the end: reading may take long, or never end where a path is a pipe.
pub struct Files {
    next: mpsc::Sender<Box<dyn FnOnce() + Send>>,
}

impl Files {
    /// Starts it; it loads, tells what, and waits for what comes next.
    pub fn load(paths: Vec<PathBuf>) -> io::Result<(Files, oneshot::Receiver<Loaded>)> {
        let (tell, told) = oneshot::channel();
        let (next, what) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        thread::Builder::new().name("files".to_owned()).spawn(move || {
            let before = Fingerprint::take(&paths, &BTreeSet::new());
            let (outcome, beside) = check::load_with_beside(&paths);
            drop(tell.send(Loaded { before, outcome, beside }));
            if let Ok(next) = what.recv() {
                next();
            }
        })?;
        Ok((Files { next }, told))
    }

    /// What the thread does next; it ends where nobody says.
    pub fn go_on(self, next: impl FnOnce() + Send + 'static) {
        // It waits for this, unless loading has panicked, and then nothing is served.
        let _ = self.next.send(Box::new(next));
    }
}
