//! What separates paths in `CANNERY_SCENARIOS`, as in `PATH`.

/// `:`, and `;` on Windows.
pub const PATH_SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };
