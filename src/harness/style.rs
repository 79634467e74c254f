//! Decides whether a failure is coloured: on a terminal, unless the environment overrides it.

use std::env::var;
use std::io::{IsTerminal as _, stderr};

use crate::explain::Style;

/// Returns the style of failures. `NO_COLOR` switches colours off; `FORCE_COLOR` and `CARGO_TERM_COLOR=always` switch them on.
pub(super) fn style() -> Style {
    let set = |name: &str| var(name).ok().filter(|value| !value.is_empty());
    Style { colour: is_coloured(set, stderr().is_terminal()), redact: false }
}

fn is_coloured(set: impl Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    let cargo = set("CARGO_TERM_COLOR");
    match cargo.as_deref() {
        _ if set("NO_COLOR").is_some() => false,
        _ if set("FORCE_COLOR").is_some() => true,
        Some("always") => true,
        Some("never") => false,
        _ => is_terminal,
    }
}

#[cfg(test)]
mod tests {
    use super::is_coloured;

    #[test]
    fn the_environment_goes_before_the_terminal() {
        let with = |name: &'static str, value: &'static str| {
            move |variable: &str| (variable == name).then(|| value.to_owned())
        };

        assert!(is_coloured(|_| None, true) && !is_coloured(|_| None, false));
        assert!(!is_coloured(with("NO_COLOR", "1"), true) && !is_coloured(with("CARGO_TERM_COLOR", "never"), true));
        assert!(is_coloured(with("FORCE_COLOR", "1"), false) && is_coloured(with("CARGO_TERM_COLOR", "always"), false));
        assert!(!is_coloured(with("CARGO_TERM_COLOR", "auto"), false));
    }
}
