//! What makes the watcher look: an event of the file system, or that some time has passed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::args::Watch;
use crate::output::eprint;

use super::mounts::Mounts;

/// Where only looking tells.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Where events tell, for the case that one did not arrive.
const RECHECK_INTERVAL: Duration = Duration::from_secs(2);

/// What follows an event at once belongs to it.
const SETTLE_TIME: Duration = Duration::from_millis(10);

/// Looking takes at most so great a part of the time, whatever it costs.
const MAX_LOOK_SHARE: u32 = 20;

/// When to look again.
#[derive(Debug)]
pub(super) struct WakeSource {
    /// Whether events are to be had as far as is known.
    by_events: bool,
    events: Option<Events>,
    /// Whether the folders of now were looked at for whether they give events.
    armed: bool,
}

/// Events of some folders, until it is dropped.
#[derive(Debug)]
struct Events {
    arrived: Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl WakeSource {
    pub(super) fn new(how: Watch) -> WakeSource {
        WakeSource { by_events: how == Watch::Auto, events: None, armed: false }
    }

    /// Sees to it that what happens in these folders wakes it from now on, where that is possible.
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

    /// Other folders are to be watched, or those under the same names are others.
    pub(super) fn disarm(&mut self) {
        (self.events, self.armed) = (None, false);
    }

    /// Waits until it is worth a look, which took so long the last time.
    pub(super) fn wait(&self, look: Duration) {
        let Some(events) = &self.events else { return std::thread::sleep(POLL_INTERVAL.max(look * MAX_LOOK_SHARE)) };
        match events.arrived.recv_timeout(RECHECK_INTERVAL.max(look * MAX_LOOK_SHARE)) {
            Ok(()) => {
                std::thread::sleep(SETTLE_TIME.max(look * MAX_LOOK_SHARE));
                while events.arrived.try_recv().is_ok() {}
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL_INTERVAL.max(look * MAX_LOOK_SHARE)),
        }
    }
}

impl Events {
    fn watch(folders: &BTreeSet<PathBuf>) -> notify::Result<Events> {
        // One that waits says as much as many.
        let (notify_once, arrived) = sync_channel(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Looking and loading are themselves accesses.
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

/// Whether a folder cannot be watched because it is not there any more, or must not be looked into.
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
