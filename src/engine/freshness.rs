//! Whether the stubs are as new as the files that they were loaded from.

use crate::model::Timestamp;

/// Whether the stubs are as new as the files that they were loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// When the files were last loaded, or tried to be.
    pub at: Timestamp,
    /// Why the files do not load, if they do not. The stubs are then older than the files.
    pub problem: Option<String>,
}
