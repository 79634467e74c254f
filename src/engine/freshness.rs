//! Whether what is served is as new as the files that it was loaded from.

use crate::model::Timestamp;

/// Whether what is served is as new as the files that it was loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// When the files were last loaded, or tried to be.
    pub at: Timestamp,
    /// Why they do not load, if they do not: what is served is then older than they are.
    pub problem: Option<String>,
}
