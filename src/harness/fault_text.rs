//! Renders the faults of a stub or a pattern that a test builds.

use crate::model::Fault;

/// Renders a fault on lines of its own.
pub(super) fn fault_text(fault: &Fault) -> String {
    let help = fault.help.as_ref().map(|help| format!("\n    help: {help}")).unwrap_or_default();
    let file = fault.file.as_ref().map(|file| format!("in `{file}`: ")).unwrap_or_default();
    match fault.at.last().is_none() {
        true => format!("\n  {file}{}{help}", fault.message),
        false => format!("\n  {}: {file}{}{help}", fault.at, fault.message),
    }
}
