//! The separator of paths in `CANNERY_SCENARIOS`, which is the one of `PATH`.

/// `:`, and `;` on Windows.
pub const PATH_SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };
