//! Watches the files that are served, and swaps what is served once they have changed and are still.
//!
//! Whatever wakes it up is only a hint: what counts is whether the files look otherwise than when they were loaded. So
//! no event can be missed for good, and one too many costs a look.

mod fingerprint;
mod mounts;
mod report;
mod wake;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cannery::check::{Loading, load_fully};
use cannery::engine::{Engine, Freshness};
use cannery::formats::{Diagnostic, Streams};
use cannery::message::visible;
use cannery::model::Timestamp;

use crate::args::{LogFormat, Watch};
use crate::output::eprint;

pub use fingerprint::Fingerprint;
pub use report::passed_over;
use wake::WakeSource;

/// Files that have not changed for so long are taken to be written.
const QUIET: Duration = Duration::from_millis(100);

/// A burst of writes that does not end is looked at all the same after so long.
const LONGEST_BURST: Duration = Duration::from_secs(2);

/// How often files are looked at while they are being written.
const STEP: Duration = Duration::from_millis(20);

/// What is watched, for whom.
#[derive(Debug)]
pub struct FileWatch {
    /// The files and folders that are served.
    pub paths: Vec<PathBuf>,
    /// How changes are noticed.
    pub how: Watch,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What serves them.
    pub engine: Arc<Engine>,
    /// What the files looked like before they were loaded.
    pub loaded: Fingerprint,
    /// What the scenarios name beside themselves.
    pub beside: BTreeSet<PathBuf>,
    /// What was passed over, which was told.
    pub passed_over: Vec<Diagnostic>,
}

impl FileWatch {
    /// The same, ready to run; `None` where nobody asks for it, or where that cannot be, which it tells.
    pub fn ready(self) -> Option<FileWatch> {
        if self.how == Watch::Off {
            return None;
        }
        if let Some(path) = self.paths.iter().find(|path| fingerprint::is_read_once(path)) {
            let path = path.display().to_string();
            eprint(format_args!("files are not watched: {} is neither a file nor a folder", visible(&path)));
            return None;
        }
        self.engine.set_freshness(Freshness { at: Timestamp::now(), problem: None });
        Some(self)
    }

    /// Watches for as long as the process runs.
    pub fn run(mut self) {
        let mut wake = WakeSource::new(self.how);
        // The files beside the scenarios were known only when they had been read: whether they are still the same,
        // only another look can tell.
        if !self.beside.is_empty() {
            let seen = self.look();
            self.load(seen, Vec::new());
        }
        loop {
            wake.arm(|| self.look().folders(&self.paths));
            let began = Instant::now();
            let seen = self.look();
            if seen == self.loaded {
                wake.wait(began.elapsed());
            } else {
                let still = self.when_still(seen);
                let files = still.differing(&self.loaded);
                self.load(still, files);
                wake.disarm();
            }
        }
    }

    fn look(&self) -> Fingerprint {
        Fingerprint::take(&self.paths, &self.beside)
    }

    /// Waits until nothing changes any more. A file that was emptied is about to be written.
    fn when_still(&self, seen: Fingerprint) -> Fingerprint {
        let began = Instant::now();
        let (mut last, mut since) = (seen, began);
        while began.elapsed() < LONGEST_BURST && (since.elapsed() < QUIET || last.has_emptied(&self.loaded)) {
            std::thread::sleep(STEP);
            let now = self.look();
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
        last
    }

    /// Loads the files, which looked like this before, and serves them if they load; `files` are those that changed.
    fn load(&mut self, mut seen: Fingerprint, files: Vec<PathBuf>) {
        let (outcome, passed_over) = loop {
            // What was a file when watching began may be a pipe by now, for which nobody would wake this thread.
            let Loading { outcome, beside, passed_over } = load_fully(&self.paths, Streams::Refuse);
            if beside == self.beside {
                break (outcome, passed_over);
            }
            // Nobody has looked at what they name now before it was read, so they are loaded once more.
            self.beside = beside;
            seen = self.look();
        };
        self.loaded = seen;
        if passed_over != self.passed_over {
            report::passed_over(self.log_format, &passed_over);
            self.passed_over = passed_over;
        }
        let at = Timestamp::now();
        match outcome {
            Ok(catalogue) => report::reloaded(self.log_format, at, &files, &self.engine.reload(&catalogue.stubs, at)),
            Err(diagnostics) => {
                self.engine.set_freshness(Freshness { at, problem: report::problem(&diagnostics) });
                report::failed(self.log_format, at, &files, &diagnostics);
            }
        }
    }
}
