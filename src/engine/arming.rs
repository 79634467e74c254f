//! Which on-demand stubs are armed, and for how many requests.

use super::MountedStub;

/// An armed name. Every request that a stub of that name answers counts, whichever of its stubs that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Armed {
    /// A stub's name, or `scenario/name`.
    pub(super) name: String,
    /// How many requests are left.
    pub(super) times: u64,
}

/// Everything that is armed, in the order in which it was armed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Arming(Vec<Armed>);

impl Arming {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the name by which a stub is armed.
    pub(super) fn name_for(&self, mounted: &MountedStub) -> Option<&str> {
        self.0
            .iter()
            .find(|armed| armed.name == mounted.reference.name || armed.name == mounted.full_name())
            .map(|armed| armed.name.as_str())
    }

    /// Returns the number of requests for which a stub is armed, by any of its names.
    pub(super) fn times_for(&self, mounted: &MountedStub) -> u64 {
        let is_armed = |armed: &&Armed| armed.name == mounted.reference.name || armed.name == mounted.full_name();
        self.0.iter().filter(is_armed).map(|armed| armed.times).sum()
    }

    /// Sets the number of requests for which a name is armed. 0 disarms it.
    pub(super) fn set(&mut self, name: &str, times: u64) {
        self.0.retain(|armed| armed.name != name);
        if times > 0 {
            self.0.push(Armed { name: name.to_owned(), times });
        }
    }

    /// Consumes one of the requests for which a name is armed.
    pub(super) fn consume(&mut self, name: &str) {
        if let Some(armed) = self.0.iter_mut().find(|armed| armed.name == name) {
            armed.times -= 1;
        }
        self.0.retain(|armed| armed.times > 0);
    }
}
