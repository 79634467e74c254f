//! Explains why a pattern matches a request or not, and finds the patterns that came nearest.
//!
//! Matching uses nothing of this room. It asks the compiled conditions themselves whether they hold, so that an explanation
//! never disagrees with a match.

mod difference;
mod near_miss;
mod near_paths;
mod remedy;

pub use difference::{Difference, json_differences, xml_differences};
pub use near_miss::{ConditionReport, Distance};
pub use near_paths::NearPaths;
