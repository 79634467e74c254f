//! All helpers by name.

use super::call::HelperSpec;
use super::{
    helpers_bytes, helpers_digest, helpers_json, helpers_logic, helpers_number, helpers_random, helpers_text,
    helpers_time,
};

/// Helpers that can only be blocks.
pub(super) const BLOCKS: [&str; 4] = ["if", "unless", "each", "with"];

/// Returns all helpers but those that can only be blocks.
pub(super) fn all() -> impl Iterator<Item = &'static HelperSpec> {
    [
        helpers_text::HELPERS,
        helpers_bytes::HELPERS,
        helpers_digest::HELPERS,
        helpers_json::HELPERS,
        helpers_logic::HELPERS,
        helpers_number::HELPERS,
        helpers_time::HELPERS,
        helpers_random::HELPERS,
    ]
    .into_iter()
    .flatten()
}

/// Whether a name without arguments calls a helper instead of showing a value.
pub(in super::super) fn names_a_helper(name: &str) -> bool {
    all().any(|spec| spec.name == name) || BLOCKS.contains(&name)
}
