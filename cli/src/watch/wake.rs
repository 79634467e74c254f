//! Wakes the watcher, by an event of the file system or after some time.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::args::Watch;
use crate::output::eprint;

use super::mounts::Mounts;

/// How often files are compared if there are no events.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// How often files are compared even without an event, in case an event is lost.
const RECHECK_INTERVAL: Duration = Duration::from_secs(2);

/// How long to collect events that belong together.
const SETTLE_TIME: Duration = Duration::from_millis(10);

/// Waiting takes at least this many times as long as a fingerprint, so that fingerprints take a small part of the time.
const MIN_WAIT_PER_LOOK: u32 = 20;

/// Decides when to take the next fingerprint.
#[derive(Debug)]
pub(super) struct WakeSource {
    /// Whether events may be available.
    by_events: bool,
    events: Option<Events>,
    /// Whether it is known if the current folders cause events.
    armed: bool,
}

/// Receives events of some folders until it is dropped.
#[derive(Debug)]
struct Events {
    arrived: Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl WakeSource {
    pub(super) fn new(how: Watch) -> WakeSource {
        WakeSource { by_events: how == Watch::Auto, events: None, armed: false }
    }

    /// Starts watching these folders, if they cause events.
    pub(super) fn arm(&mut self, folders: impl FnOnce() -> BTreeSet<PathBuf>) {
        if !self.by_events || std::mem::replace(&mut self.armed, true) {
            return;
        }
        let folders = folders();
        let mounts = Mounts::read();
        if folders.iter().any(|folder| mounts.without_events(folder).is_some()) {
            return;
        }
        match Events::watch(&folders) {
            Ok(events) => self.events = Some(events),
            Err(error) => {
                self.by_events = false;
                eprint(format_args!(
                    "files are checked every {POLL_INTERVAL:?}, because the system gives no events: {error}"
                ));
            }
        }
    }

    /// Stops watching folders, because they may have been replaced.
    pub(super) fn disarm(&mut self) {
        (self.events, self.armed) = (None, false);
    }

    /// Waits until the next fingerprint is due. `look` is how long the last one took.
    pub(super) fn wait(&self, look: Duration) {
        let Some(events) = &self.events else { return std::thread::sleep(POLL_INTERVAL.max(look * MIN_WAIT_PER_LOOK)) };
        match events.arrived.recv_timeout(RECHECK_INTERVAL.max(look * MIN_WAIT_PER_LOOK)) {
            Ok(()) => {
                std::thread::sleep(SETTLE_TIME.max(look * MIN_WAIT_PER_LOOK));
                while events.arrived.try_recv().is_ok() {}
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL_INTERVAL.max(look * MIN_WAIT_PER_LOOK)),
        }
    }
}

impl Events {
    fn watch(folders: &BTreeSet<PathBuf>) -> notify::Result<Events> {
        // One pending event is as good as many.
        let (notify_once, arrived) = sync_channel(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading files causes access events, which are ignored.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                let _ = notify_once.try_send(());
            }
        })?;
        for folder in folders {
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Err(error) if !is_gone(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(Events { arrived, _watcher: watcher })
    }
}

/// Returns whether a folder cannot be watched because it does not exist any more, or must not be read.
fn is_gone(error: &notify::Error) -> bool {
    use std::io::ErrorKind::{NotFound, PermissionDenied};
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => matches!(error.kind(), NotFound | PermissionDenied),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_an_event_though_a_folder_is_gone() {
        let folder = std::env::temp_dir().join(format!("cannery-wake-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let events = Events::watch(&BTreeSet::from([folder.clone(), folder.join("gone")])).expect("events");

        std::fs::write(folder.join("a.toml"), "").expect("a file");

        assert_eq!(events.arrived.recv_timeout(Duration::from_secs(10)), Ok(()));
        let _ = std::fs::remove_dir_all(&folder);
    }
}
