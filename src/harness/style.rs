//! Whether a failure is coloured: on a terminal, unless the environment says otherwise.

use std::env::var_os;
use std::io::{IsTerminal as _, stderr};

use crate::engine::Style;

/// How failures are written. `NO_COLOR` switches colours off, `FORCE_COLOR` and `CARGO_TERM_COLOR=always` on.
pub(super) fn style() -> Style {
    let is_set = |name: &str| var_os(name).is_some_and(|value| !value.is_empty());
    let cargo = var_os("CARGO_TERM_COLOR");
    let colour = match &cargo {
        _ if is_set("NO_COLOR") => false,
        _ if is_set("FORCE_COLOR") => true,
        Some(choice) if choice == "always" => true,
        Some(choice) if choice == "never" => false,
        _ => stderr().is_terminal(),
    };
    Style { colour, redact: false }
}
