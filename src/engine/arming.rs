//! Which on-demand stubs are armed, and for how many requests.

use super::MountedStub;

/// What was asked for by one name, as one: the first request that any stub of that name answers uses it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Armed {
    /// A stub's name, or `scenario/name`.
    pub(super) name: String,
    /// How many requests are left.
    pub(super) times: u64,
}

/// All that is armed, in the order in which it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Arming(Vec<Armed>);

impl Arming {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name by which a stub is armed.
    pub(super) fn name_for(&self, live: &MountedStub) -> Option<&str> {
        self.0
            .iter()
            .find(|armed| armed.name == live.reference.name || armed.name == live.full_name())
            .map(|armed| armed.name.as_str())
    }

    /// How often a stub would still answer.
    pub(super) fn times_for(&self, live: &MountedStub) -> u64 {
        let of_it = |armed: &&Armed| armed.name == live.reference.name || armed.name == live.full_name();
        self.0.iter().filter(of_it).map(|armed| armed.times).sum()
    }

    /// Arms a name for this many requests instead of what it was armed for; 0 disarms it.
    pub(super) fn set(&mut self, name: &str, times: u64) {
        self.0.retain(|armed| armed.name != name);
        if times > 0 {
            self.0.push(Armed { name: name.to_owned(), times });
        }
    }

    /// Uses one request of a name up.
    pub(super) fn spend(&mut self, name: &str) {
        if let Some(armed) = self.0.iter_mut().find(|armed| armed.name == name) {
            armed.times -= 1;
        }
        self.0.retain(|armed| armed.times > 0);
    }
}
