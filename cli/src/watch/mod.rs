//! Watches the files, and reloads them after they have changed and are no longer being written.
//!
//! An event is only a hint to compare the files with their fingerprint. A lost event delays a reload, and an extra one
//! costs one comparison.

mod fingerprint;
mod mounts;
mod report;
mod wake;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cannery::check::{LoadReport, load_with_report};
use cannery::engine::{Engine, Freshness};
use cannery::formats::{Diagnostic, Streams};
use cannery::message::visible;
use cannery::model::Timestamp;

use crate::args::{LogFormat, Watch};
use crate::output::eprint;

pub use fingerprint::Fingerprint;
pub use report::warn_skipped;
use wake::WakeSource;

/// How long files must not change before they are loaded.
const QUIET: Duration = Duration::from_millis(100);

/// How long to wait for files that keep changing.
const LONGEST_BURST: Duration = Duration::from_secs(2);

/// How long to wait between two fingerprints of files that are being written.
const STEP: Duration = Duration::from_millis(20);

/// The watched files, and the engine that serves them.
#[derive(Debug)]
pub struct FileWatch {
    /// The files and folders that are served.
    pub paths: Vec<PathBuf>,
    /// How changes are noticed.
    pub how: Watch,
    /// How the log is written.
    pub log_format: LogFormat,
    /// The engine that serves them.
    pub engine: Arc<Engine>,
    /// The fingerprint of the files before they were loaded.
    pub loaded: Fingerprint,
    /// The other files that the scenarios name.
    pub referenced_files: BTreeSet<PathBuf>,
    /// The warnings about skipped entries of folders that have been reported.
    pub skipped: Vec<Diagnostic>,
}

impl FileWatch {
    /// Returns itself if files can be watched; `None` if watching is off, or is impossible, which is reported.
    pub fn if_possible(self) -> Option<FileWatch> {
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

    /// Watches until the process ends.
    pub fn run(mut self) {
        let mut wake = WakeSource::new(self.how);
        // The files that the scenarios name were known only after loading, so the first fingerprint does not have them.
        // They may have changed since, so everything is loaded again.
        if !self.referenced_files.is_empty() {
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
        Fingerprint::take(&self.paths, &self.referenced_files)
    }

    /// Waits until nothing changes. A file that has become empty is about to be written.
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

    /// Loads the files, whose fingerprint was `seen` before, and serves them if they load. `files` are those that changed.
    fn load(&mut self, mut seen: Fingerprint, files: Vec<PathBuf>) {
        let (outcome, skipped) = loop {
            // A file may have been replaced by a pipe, and reading it would block this thread forever.
            let LoadReport { outcome, referenced_files, skipped } = load_with_report(&self.paths, Streams::Refuse);
            if referenced_files == self.referenced_files {
                break (outcome, skipped);
            }
            // The newly named files had no fingerprint before they were read, so everything is loaded again.
            self.referenced_files = referenced_files;
            seen = self.look();
        };
        self.loaded = seen;
        if skipped != self.skipped {
            report::warn_skipped(self.log_format, &skipped);
            self.skipped = skipped;
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
